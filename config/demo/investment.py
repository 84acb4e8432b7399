"""Plans and monthly investment of the demo projects: some late, some brought forward, one corrected."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from config.demo.district import District
from projects.choices import OpeningScope
from projects.models import KeyProject
from projects.rules import investment as rules
from projects.services import investment

LATE = 6
"""Every so many projects one has not reported last month."""


def make(d: District) -> None:
    first = date(d.today.year - 1, 1, 1)
    for number, project in enumerate(d.projects):
        total = project.investment_yuan
        assert total is not None
        yearly = {first.year: _wan(total * 30 / 100), d.today.year: _wan(total * 35 / 100)}
        for year, amount in yearly.items():
            investment.set_plan(
                project_id=project.pk,
                year=year,
                money=rules.money_typed(f"{amount}"),
                version=0,
                by=None,
                at=d.at(max(date(year, 1, 20), first)),
            )
        if number % 5 == 1:
            investment.set_opening(
                project_id=project.pk,
                month=date(first.year - 1, 12, 1),
                scope=OpeningScope.START,
                money=rules.money_typed(f"{_wan(total * d.rng.randint(3, 12) / 100)}"),
                version=0,
                by=None,
                at=d.at(first),
            )
        report(d, project, yearly, is_late=number % LATE == 0)
    correct(d, d.projects[1])


def _wan(yuan: Decimal) -> int:
    return int(yuan / rules.WAN)


def report(d: District, project: KeyProject, yearly: dict[int, int], *, is_late: bool) -> None:
    """The months of last year and this one up to last month; who is late lacks the last."""
    last = rules.month_before(d.today)
    pace = d.rng.uniform(0.75, 1.1)
    for year, plan in yearly.items():
        rows = []
        for number in range(1, 13):
            month = date(year, number, 1)
            share = d.rng.uniform(0.5, 1.5) * pace
            if month > last or (is_late and month == last):
                continue
            rows.append(rules.Typed(month, rules.money_typed(f"{max(1, int(plan / 12 * share))}")))
        if rows:
            day = min(rows[-1].month + timedelta(days=34), d.today)
            investment.save_months(project_id=project.pk, rows=rows, by=None, at=d.at(day))


def correct(d: District, project: KeyProject) -> None:
    """One month was found to be wrong, and says why."""
    month = rules.month_before(rules.month_before(d.today))
    entry = project.investments.get(month=month)
    wrong = entry.amount_yuan / rules.WAN
    investment.save_months(
        project_id=project.pk,
        rows=[
            rules.Typed(
                month,
                rules.money_typed(f"{int(wrong * 9 / 10)}"),
                note="监理核减：设备尚未到场，不计入当月。",
                version=entry.version,
            )
        ],
        by=None,
        at=d.at(d.today - timedelta(days=5)),
    )
