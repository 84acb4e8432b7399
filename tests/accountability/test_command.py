"""`manage.py impact_periods`: the shape of the answer, and bad input that names its place."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from accountability import queries
from core.models import AuditEvent

CASE = {
    "person": "civil_servant",
    "measures": [
        {"code": "P01", "effective": "2025-01-10", "decided": "2025-01-08", "ended": None, "batch": None},
        {"code": "P02", "effective": "2025-08-10", "decided": None, "ended": None, "batch": "甲"},
    ],
}


def run(tmp_path, content, *arguments):
    """What the command prints for a file with this content."""
    path = tmp_path / "MEASURES.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    out = StringIO()
    call_command("impact_periods", str(path), *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_promised_shape(tmp_path, django_assert_num_queries):
    with django_assert_num_queries(2):
        data = json.loads(run(tmp_path, CASE, "--on", "2026-01-10"))
    assert [(p["code"], p["first_day"], p["last_day"]) for p in data["periods"]] == [
        ("P01", "2025-01-10", "2026-01-09"),
        ("P02", "2025-08-10", "2027-07-09"),
    ]
    assert "原剩余 5 个月 + 新 18 个月" in data["periods"][1]["rule"]
    (promotion,) = [e for e in data["effects"] if e["effect"] == "不得提拔"]
    assert (promotion["first_day"], promotion["last_day"]) == ("2025-01-10", "2027-07-09")
    assert [(g["year"], g["limit"]) for g in data["annual_grades"]] == [(2025, "不定等次")]
    assert data["border_days"] == ["2026-01-10", "2027-07-10"]
    assert all(isinstance(warning, str) for warning in data["warnings"])
    assert all(row["rule"] for name in ("periods", "effects", "annual_grades") for row in data[name])
    assert data["on"]["periods"] == ["P02"]
    assert {"effect": "不得提拔", "until": "2027-07-09"} in data["on"]["effects"]
    assert len(data["on"]["border"]) == 1
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_the_answer_goes_into_the_file(tmp_path):
    target = tmp_path / "R.json"
    said = run(tmp_path, CASE, "--out", str(target))
    assert "影响期 2 段" in said
    assert len(json.loads(target.read_text(encoding="utf-8"))["periods"]) == 2


def test_without_a_database_the_defaults_are_used_and_it_says_so(tmp_path, monkeypatch):
    def gone():
        raise DatabaseError("no such table")

    monkeypatch.setattr(queries, "book", gone)
    data = json.loads(run(tmp_path, CASE))
    assert data["periods"][1]["last_day"] == "2027-07-09"
    assert "按默认目录试算" in data["warnings"][-1]


def measure(**changed):
    return {"person": "civil_servant", "measures": [{"code": "M06", "effective": "2024-03-01", **changed}]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "第 1 行第 1 列"),
        (b'{"person": "contract",\n "measures": [}', "第 2 行"),
        (b"\xff\xfe{}", "UTF-8"),
        ([], "最外层"),
        ({"person": "civil_servant"}, "measures：应当是措施的列表"),
        ({"person": "teacher", "measures": []}, "person："),
        ({"measures": []}, "person：null"),
        ({"person": "contract", "measures": [], "name": "某人"}, "没有“name”"),
        ({"person": "contract", "measures": ["M06"]}, "第 1 项：应当是一项措施"),
        (measure(code=""), "第 1 项 code"),
        (measure(code=None), "第 1 项 code"),
        (measure(code="M99"), "目录中没有措施“M99”"),
        (measure(effective=None), "第 1 项 effective：没有生效日"),
        (measure(effective="2024-02-30"), "第 1 项 effective"),
        (measure(effective="20240301"), "第 1 项 effective"),
        (measure(effective=20240301), "第 1 项 effective"),
        (measure(decided="昨天"), "第 1 项 decided"),
        (measure(ended="2024-02-01"), "第 1 项：终止日 2024-02-01 早于生效日"),
        (measure(batch=["a"]), "第 1 项 batch"),
        (measure(months="12"), "第 1 项 months"),
        (measure(term=True), "第 1 项 term"),
        (measure(wages="-500"), "没有“wages”"),
        ({**measure(code="ZW5"), "person": "contract"}, "编外聘用人员的政务处分"),
        ({"person": "contract", "measures": [{}] * 201}, "最多 200 项"),
        (b"[" * 100_000, "嵌套太深"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_its_place_and_nothing_is_written(tmp_path, content, message):
    target = tmp_path / "R.json"
    with pytest.raises(CommandError) as caught:
        run(tmp_path, content, "--out", str(target))
    assert message in str(caught.value)
    assert caught.value.returncode == 1
    assert not target.exists()


@pytest.mark.django_db
def test_a_bad_day_a_missing_file_and_an_unwritable_answer(tmp_path):
    with pytest.raises(CommandError, match="--on"):
        run(tmp_path, CASE, "--on", "2026-13-01")
    with pytest.raises(CommandError, match="读不到"):
        call_command("impact_periods", str(tmp_path / "gone.json"))
    with pytest.raises(CommandError, match="写不了"):
        run(tmp_path, CASE, "--out", str(tmp_path / "no" / "R.json"))


@pytest.mark.django_db
def test_nobody_has_nothing(tmp_path):
    data = json.loads(run(tmp_path, {"person": "contract", "measures": []}))
    assert [data[name] for name in ("periods", "effects", "annual_grades", "border_days")] == [[], [], [], []]
