"""Monthly tests of 考阅炼评: made, their results entered unit by unit, their papers read at two levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conduct.choices import PaperLevel
from conduct.models import Test, TestResult
from conduct.queries import education as queries
from conduct.rules import education as rules
from core.models import Unit, User
from core.permissions import Permission, demand
from core.rules.errors import DomainError, NotAllowed
from core.services import audit


@transaction.atomic
def record_test(
    *,
    title: str,
    on: date,
    full_mark: Decimal,
    pass_mark: Decimal,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> Test:
    """Make a test, whose results are then entered unit by unit. The same form sent twice is one record."""
    demand(by, Permission.RECORD_EDUCATION)
    if earlier := Test.objects.filter(submission_key=submission_key, recorded_by=by).first():
        return earlier
    if not 0 < pass_mark <= full_mark:
        raise DomainError(
            f"合格分应大于 0，不超过满分 {full_mark.normalize():f} 分，请核对。", field="pass_mark"
        )
    if Test.objects.filter(title=title.strip(), on=on).exists():
        raise DomainError(
            f"{on} 已有同名考试“{title.strip()}”，请直接录入成绩，或换一个名称。", field="title"
        )
    values = {"title": title.strip(), "on": on, "full_mark": full_mark, "pass_mark": pass_mark}
    test = Test.objects.create(**values, submission_key=submission_key, recorded_by=by, recorded_at=at)
    audit.record(action="新建考试", target=test, by=by, at=at, after=values)
    return test


@dataclass(frozen=True)
class Marks:
    """What a sheet says of one person; without a score the person was absent."""

    score: Decimal | None
    makeup: Decimal | None = None


@transaction.atomic
def save_results(*, test_id: int, unit: Unit, marks: Mapping[int, Marks], by: User, at: datetime) -> int:
    """Enter the results of a unit, by cadre id; who is not named stays as is. Returns how many changed.

    Raises NotAllowed without the permission or for oneself; DomainError before the test's day, for a
    mark over the full mark, a make-up after a pass, somebody who did not serve in the unit that day.
    """
    demand(by, Permission.RECORD_EDUCATION)
    test = Test.objects.select_for_update(of=("self",)).get(pk=test_id)
    if test.on > timezone.localdate(at):
        raise DomainError(f"考试日期是 {test.on}，还没有考，请在考试之后录入成绩。")
    rows = {row.cadre.pk: row for row in queries.sheet(test, unit)}
    if set(marks) - set(rows):
        raise DomainError(f"名单中有人在 {test.on} 不在“{unit}”，请刷新页面按最新名单录入。")
    changed: dict[str, object] = {}
    for pk, mark in sorted(marks.items()):
        for score in (mark.score, mark.makeup):
            if problem := rules.score_problem(score=score, full_mark=test.full_mark):
                raise DomainError(f"{rows[pk].cadre}：{problem}")
        if problem := rules.makeup_problem(score=mark.score, makeup=mark.makeup, pass_mark=test.pass_mark):
            raise DomainError(f"{rows[pk].cadre}：{problem}")
        old = rows[pk].result
        if old is not None and mark == Marks(old.score, old.makeup_score):
            continue
        if pk == by.cadre_id:
            raise NotAllowed("不能录入本人的成绩，应当回避，请由其他人员录入。")
        values = {
            "score": mark.score,
            "makeup_score": mark.makeup,
            "entered_by": by,
            "entered_at": at,
        }
        TestResult.objects.update_or_create(
            test=test, cadre_id=pk, defaults=values, create_defaults={"unit": unit, **values}
        )
        changed[str(pk)] = [mark.score, mark.makeup]
    if changed:
        audit.record(
            action="录入考试成绩", target=test, by=by, at=at, after={"unit": unit, "results": changed}
        )
    return len(changed)


@transaction.atomic
def review_papers(
    *, test_id: int, unit: Unit, level: PaperLevel, remarks: Mapping[int, str], by: User, at: datetime
) -> int:
    """Note that papers of a unit were read, by cadre id with a remark or ""; returns how many.

    The unit head reads, then somebody else of the discipline office samples. Raises NotAllowed without the
    level's permission; DomainError, naming the person, by `rules.paper_problem`, for who has no paper within
    the user's scope, and when none is named. All or none.
    """
    demand(by, Permission[rules.PAPER_NEEDS[level]])
    test = Test.objects.get(pk=test_id)
    if not remarks:
        raise DomainError("请至少勾选一份试卷。")
    papers = queries.papers(by, level, test=test, unit=unit)
    results = {result.cadre_id: result for result in papers.select_for_update(of=("self",))}
    if set(remarks) - set(results):
        raise DomainError("名单中有人在这个单位没有可以调阅的试卷，请刷新页面按最新名单登记。")
    done = []
    for pk, remark in sorted(remarks.items()):
        result = results[pk]
        if problem := queries.paper_problem(result, level, by):
            raise DomainError(f"{result.cadre}：{problem}")
        if level == PaperLevel.READ:
            result.read_by, result.read_at, result.read_remark = by, at, remark.strip()
        else:
            result.sampled_by, result.sampled_at, result.sampled_remark = by, at, remark.strip()
        done.append(result)
    prefix = level.lower()
    TestResult.objects.bulk_update(done, [f"{prefix}_by", f"{prefix}_at", f"{prefix}_remark"])
    after = {"unit": unit, "papers": {str(pk): remark.strip() for pk, remark in remarks.items()}}
    audit.record(action=f"{level.label}试卷", target=test, by=by, at=at, after=after)
    return len(done)
