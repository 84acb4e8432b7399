"""Writes of investment: months by who leads the project, plan and amount brought forward by the office."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.models import User
from core.permissions import Permission, demand
from core.rules.errors import DomainError, StaleVersion
from core.services import audit
from projects.choices import InvestmentFact, OpeningScope
from projects.models import (
    InvestmentEntry,
    InvestmentOpening,
    InvestmentPlan,
    InvestmentRevision,
    KeyProject,
)
from projects.permissions import check_report_investment
from projects.queries import investment as queries
from projects.rules import investment as rules


class StaleMonths(StaleVersion):
    """Some months were saved by somebody else; `months` are those, nothing of the sheet is saved."""

    def __init__(self, message: str, *, months: Sequence[date]) -> None:
        super().__init__(message, field=f"amount_{months[0].month}")
        self.months = tuple(months)


def _project(*, project_id: int, by: User | None) -> KeyProject:
    """The project within the scope, locked: whoever writes its figures waits here for the other."""
    if by is None:
        return KeyProject.objects.select_for_update(of=("self",)).get(pk=project_id)
    return queries.project_to_report(by, project_id)


def _revise(
    *,
    project: KeyProject,
    fact: InvestmentFact,
    month: date,
    before: str,
    after: str,
    note: str,
    by: User | None,
    at: datetime,
) -> None:
    InvestmentRevision.objects.create(
        project=project,
        fact=fact,
        month=month,
        before_text=before,
        after_text=after,
        note=note,
        recorded_by=by,
        recorded_at=at,
    )


@transaction.atomic
def save_months(*, project_id: int, rows: Sequence[rules.Typed], by: User | None, at: datetime) -> int:
    """Save the typed months of a project, all or nothing; those that say what is stored are left alone.

    `by=None` is the system itself. Returns how many months were written. Raises KeyProject.DoesNotExist
    outside the user's scope, NotAllowed for who does not lead the project, StaleMonths when a month was saved
    since its `version` was read (0: it was not there), SheetWrong by `rules.sheet_problems`.
    """
    project = _project(project_id=project_id, by=by)
    if by is not None:
        is_leader = bool(getattr(project, "is_leader", False))
        check_report_investment(user=by, project=project, is_leader=is_leader)
    stored = {entry.month: entry for entry in project.investments.select_related("recorded_by")}
    changed = [
        row for row in rows if row.month not in stored or stored[row.month].amount_yuan != row.money.yuan
    ]
    _check_versions(changed, stored=stored)
    opening = queries.opening_of(project)
    standing = rules.Standing(
        months={month: entry.amount_yuan for month, entry in stored.items()},
        opening=queries.as_rule(opening),
        total=project.investment_yuan,
    )
    years = {row.month.year for row in changed}
    plans = dict(project.investment_plans.filter(year__in=years).values_list("year", "amount_yuan"))
    problems = []
    for year in sorted(years):
        own = [row for row in changed if row.month.year == year]
        known = rules.Standing(standing.months, standing.opening, standing.total, plans.get(year))
        problems += rules.sheet_problems(own, standing=known, today=timezone.localdate(at))
    if problems:
        raise rules.SheetWrong(problems)
    if not changed:
        return 0
    before, after = {}, {}
    for row in sorted(changed, key=lambda each: each.month):
        entry = stored.get(row.month)
        old = entry.amount_text if entry else ""
        values = {
            "amount_yuan": row.money.yuan,
            "amount_text": row.money.text,
            "note": row.note.strip(),
            "version": entry.version + 1 if entry else 1,
            "recorded_by": by,
            "recorded_at": at,
        }
        InvestmentEntry.objects.update_or_create(project=project, month=row.month, defaults=values)
        _revise(
            project=project,
            fact=InvestmentFact.MONTH,
            month=row.month,
            before=old,
            after=row.money.text,
            note=row.note.strip(),
            by=by,
            at=at,
        )
        name = f"{row.month.year}年{row.month.month}月"
        before[name], after[name] = old, row.money.text
    audit.record(action="填报投资", target=project, by=by, at=at, before=before, after=after)
    return len(changed)


def _check_versions(changed: Sequence[rules.Typed], *, stored: Mapping[date, InvestmentEntry]) -> None:
    """Raises StaleMonths, with both amounts of every month somebody else saved first."""
    stale = [
        row for row in changed if row.version != (stored[row.month].version if row.month in stored else 0)
    ]
    if not stale:
        return
    said = []
    for row in stale:
        entry = stored.get(row.month)
        now = f"{entry.recorded_by or '系统'}填为 {entry.amount_text}" if entry else "撤下"
        said.append(f"{row.month.month}月已被{now}，您填的是 {row.money.text}")
    raise StaleMonths(
        f"您打开页面之后：{'；'.join(said)}。您填的都在，尚未保存。请核对后再次提交，以您最后提交的为准。",
        months=[row.month for row in stale],
    )


@transaction.atomic
def set_plan(
    *,
    project_id: int,
    year: int,
    money: rules.Money,
    reason: str = "",
    sure: bool = False,
    version: int,
    by: User | None,
    at: datetime,
) -> InvestmentPlan:
    """Set or change what a project is to take in a year; `version` is the one read, 0 when there was none.

    Raises KeyProject.DoesNotExist outside the scope, NotAllowed without the permission, StaleVersion, and
    DomainError for a change without a reason, a plan below zero, or one that looks like a wrong unit.
    """
    if by is not None:
        demand(by, Permission.MANAGE_PROJECTS)
    project = _project(project_id=project_id, by=by)
    today = timezone.localdate(at)
    if not rules.FIRST_YEAR <= year <= today.year + 1:
        raise DomainError(f"{year} 年不能定计划，只能定到明年（{today.year + 1} 年）。")
    plan = project.investment_plans.filter(year=year).select_related("recorded_by").first()
    _check_version(plan, version=version, money=money)
    if plan is not None and plan.amount_yuan == money.yuan:
        raise DomainError("与现在的计划相同，没有改动。", field="amount")
    others = list(project.investment_plans.values_list("amount_yuan", flat=True))
    _check_office_amount(
        money=money,
        reason=reason,
        sure=sure,
        is_change=plan is not None,
        what="年度计划",
        project=project,
        others=others,
    )
    old = plan.amount_text if plan else ""
    values = {
        "amount_yuan": money.yuan,
        "amount_text": money.text,
        "version": plan.version + 1 if plan else 1,
        "recorded_by": by,
        "recorded_at": at,
    }
    plan, _ = InvestmentPlan.objects.update_or_create(project=project, year=year, defaults=values)
    _revise(
        project=project,
        fact=InvestmentFact.PLAN,
        month=date(year, 1, 1),
        before=old,
        after=money.text,
        note=reason.strip(),
        by=by,
        at=at,
    )
    audit.record(
        action="修改年度投资计划" if old else "设定年度投资计划",
        target=plan,
        by=by,
        at=at,
        before={"amount_text": old} if old else None,
        after={"project": project, "year": year, "amount_text": money.text, "reason": reason.strip()},
    )
    return plan


@transaction.atomic
def set_opening(
    *,
    project_id: int,
    month: date,
    scope: str,
    money: rules.Money,
    reason: str = "",
    sure: bool = False,
    version: int,
    by: User | None,
    at: datetime,
) -> InvestmentOpening:
    """Bring forward what a project had taken up to and including `month`, or change that with a reason.

    Raises like `set_plan`, and DomainError for a month that is not over.
    """
    if by is not None:
        demand(by, Permission.MANAGE_PROJECTS)
    project = _project(project_id=project_id, by=by)
    month = rules.month_of(month)
    if month >= rules.month_of(timezone.localdate(at)):
        raise DomainError(
            f"{month.year}年{month.month}月还没有结束，期初累计只能截至以前的月份。", field="month"
        )
    opening = queries.opening_of(project)
    _check_version(opening, version=version, money=money)
    same = opening is not None and (opening.amount_yuan, opening.month, opening.scope) == (
        money.yuan, month, scope,
    )  # fmt: skip
    if same:
        raise DomainError("与现在的期初累计相同，没有改动。", field="amount")
    _check_office_amount(
        money=money, reason=reason, sure=sure, is_change=opening is not None, what="期初累计", project=project
    )
    old = _opening_text(opening) if opening else ""
    values = {
        "month": month,
        "scope": scope,
        "amount_yuan": money.yuan,
        "amount_text": money.text,
        "version": opening.version + 1 if opening else 1,
        "recorded_by": by,
        "recorded_at": at,
    }
    opening, _ = InvestmentOpening.objects.update_or_create(project=project, defaults=values)
    _revise(
        project=project,
        fact=InvestmentFact.OPENING,
        month=month,
        before=old,
        after=_opening_text(opening),
        note=reason.strip(),
        by=by,
        at=at,
    )
    audit.record(
        action="修改期初累计投资" if old else "设定期初累计投资",
        target=opening,
        by=by,
        at=at,
        before={"amount_text": old} if old else None,
        after={
            "project": project,
            "month": month,
            "scope": scope,
            "amount_text": money.text,
            "reason": reason.strip(),
        },
    )
    return opening


def _opening_text(opening: InvestmentOpening) -> str:
    scope = OpeningScope(opening.scope).label
    return f"{opening.amount_text}（截至{opening.month.year}年{opening.month.month}月，{scope}）"


def _check_version(
    stored: InvestmentPlan | InvestmentOpening | None, *, version: int, money: rules.Money
) -> None:
    """Raises StaleVersion, with both amounts, when somebody saved since `version` was read."""
    if version == (stored.version if stored else 0):
        return
    now = f"由{stored.recorded_by or '系统'}改为 {stored.amount_text}" if stored else "撤下"
    raise StaleVersion(
        f"您打开页面之后，这里已{now}。您填的是 {money.text}，尚未保存。请核对后再次提交。", field="amount"
    )


def _check_office_amount(
    *,
    money: rules.Money,
    reason: str,
    sure: bool,
    is_change: bool,
    what: str,
    project: KeyProject,
    others: Sequence[Decimal] = (),
) -> None:
    """Raises DomainError for a plan or an amount brought forward that cannot be, or needs a word."""
    if money.yuan < 0:
        raise DomainError(f"{what}不能是负数，请核对。", field="amount")
    if is_change and not reason.strip():
        raise DomainError(f"改动{what}，请写明原因。", field="reason")
    question = rules.doubt(money.yuan, others=others, room=project.investment_yuan, is_month=False)
    if question and not sure:
        raise DomainError(f"{question}确实无误的，请勾选“金额无误”。", field="sure")


def record_export(*, content: bytes, detail: Mapping[str, Any], by: User, at: datetime) -> None:
    """Note an exported workbook with its digest; raises NotAllowed without the permission."""
    demand(by, Permission.VIEW_PROJECTS)
    digest = hashlib.sha256(content).hexdigest()
    audit.note_read(what="导出投资完成", detail={**detail, "sha256": digest}, by=by, at=at)
