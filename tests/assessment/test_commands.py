"""The commands tools outside rely on: run_due, evaluate, verify_run, export_ranking."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.management import CommandError, call_command

from assessment.choices import PeriodState, RunState
from assessment.models import Period, Run
from assessment.queries import periods as period_queries
from core.models import AuditEvent


def call(name: str, *arguments: str) -> str:
    output = io.StringIO()
    call_command(name, *arguments, stdout=output, stderr=output)
    return output.getvalue()


def test_evaluate_computes_a_month_in_place(filled: Any) -> None:
    output = call("evaluate", "--kind", "month", "--on", str(filled.last))
    run = Run.objects.get()
    assert run.state == RunState.DONE
    assert f"核算编号 {run.pk}" in output
    assert run.sha256 in output
    filled.period.refresh_from_db()
    assert filled.period.state == PeriodState.REVIEW


def test_evaluate_again_does_nothing_unless_asked_for_a_new_version(filled: Any) -> None:
    arguments = ("evaluate", "--kind", "month", "--on", str(filled.first))
    assert call(*arguments) == call(*arguments)
    call(*arguments, "--again")
    assert list(Run.objects.order_by("number").values_list("number", "sha256").distinct()) != []
    assert [run.number for run in Run.objects.order_by("number")] == [1, 2]
    assert len({run.sha256 for run in Run.objects.all()}) == 1


def test_evaluate_opens_the_period_when_needed_and_says_provisional(month: Any) -> None:
    output = call("evaluate", "--kind", "month", "--on", str(month.district.today))
    assert "预核算" in output
    assert Period.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--kind", "quarter", "--on", "2026-10-31"], "还没有季督"),
        (["--kind", "day", "--on", "2026-10-31"], "还没有日清"),
        (["--kind", "year", "--on", "2026-10-31"], "还没有年考"),
        (["--kind", "month", "--on", "2026-10-31", "--scheme", "NONE"], "没有代码为“NONE”的月评方案"),
        (["--kind", "month", "--on", "2199-01-01"], "尚未开始"),
    ],
)
def test_evaluate_explains_what_is_missing(month: Any, arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call("evaluate", *arguments)
    assert not Run.objects.exists()


def test_evaluate_refuses_a_date_that_is_none() -> None:
    with pytest.raises(CommandError):
        call("evaluate", "--kind", "month", "--on", "十月")


def test_run_due_closes_what_is_due_and_only_once(filled: Any) -> None:
    due = period_queries.due_day(filled.period)
    with time_machine.travel(filled.noon(due), tick=False):
        output = call("run_due")
        assert "已完成，10 人" in output
        assert call("run_due").strip() == "没有到期未核算的周期。"
    assert Run.objects.get().state == RunState.DONE


def test_run_due_before_the_day_does_nothing(filled: Any) -> None:
    due = period_queries.due_day(filled.period)
    with time_machine.travel(filled.noon(due - timedelta(days=1)), tick=False):
        assert "没有到期" in call("run_due")
    assert not Run.objects.exists()


def test_run_due_tells_of_a_run_that_could_not_be_finished(filled: Any) -> None:
    for indicator in filled.scheme.definition["indicators"][:6]:
        indicator["missing"] = "REFUSE"
    filled.scheme.save()
    with time_machine.travel(filled.noon(period_queries.due_day(filled.period)), tick=False):
        assert "未完成" in call("run_due")
    assert Run.objects.get().state == RunState.FAILED


def test_verify_run_agrees_and_disagrees(filled: Any) -> None:
    run = filled.run()
    assert "重新核算一致" in call("verify_run", str(run.pk))
    clerk = run.results.get(cadre=filled.cadre("clerk"))
    clerk.lines[0][0] = "266"
    clerk.save()
    with pytest.raises(CommandError, match=clerk.cadre.staff_no):
        call("verify_run", str(run.pk))
    clerk.lines[0][0] = "2660"
    clerk.save()
    with pytest.raises(CommandError, match="被改动过"):
        call("verify_run", str(run.pk))
    with pytest.raises(CommandError, match="没有编号为 999"):
        call("verify_run", "999")


def test_export_ranking_writes_the_workbook(filled: Any, tmp_path: Path) -> None:
    run = filled.run()
    out = tmp_path / "排名.xlsx"
    assert "10 人" in call("export_ranking", "--kind", "month", "--on", str(filled.first), "--out", str(out))
    sheet = openpyxl.load_workbook(out).active
    assert sheet is not None
    assert sheet["A1"].value == f"{run.period}排名"
    event = AuditEvent.objects.get(action="导出排名")
    assert event.after["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()


def test_export_ranking_explains_what_is_missing(filled: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="还没有核算结果"):
        call(
            "export_ranking", "--kind", "month", "--on", str(filled.first), "--out", str(tmp_path / "a.xlsx")
        )
    filled.run()
    with pytest.raises(CommandError, match="不能写入"):
        call(
            "export_ranking",
            "--kind",
            "month",
            "--on",
            str(filled.first),
            "--out",
            str(tmp_path / "no" / "a.xlsx"),
        )
