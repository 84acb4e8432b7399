"""A month to close: the default scheme, last month's ratings, milestones and violations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from assessment.choices import PeriodKind
from assessment.models import Period, Rating, Run, Scheme, WorkStyle
from assessment.rules import periods as calendar
from assessment.services import periods, runs
from conduct.models import Violation
from conduct.services import violations as conduct
from core.choices import Establishment
from core.models import Cadre, Posting, Unit, User
from core.rules.names import search_keys
from core.services import catalogues
from projects.choices import MemberRole, MilestoneKind, ProjectKind
from projects.models import KeyProject, Milestone, TaskforceMember
from projects.services import milestones


@dataclass
class Month:
    """Last month of the test district, ended and not computed yet."""

    district: object
    period: Period
    scheme: Scheme

    @property
    def first(self) -> date:
        return self.period.first_day

    @property
    def last(self) -> date:
        return self.period.last_day

    @property
    def now(self) -> datetime:
        return self.district.now  # type: ignore[attr-defined,no-any-return]

    @staticmethod
    def noon(day: date) -> datetime:
        return timezone.make_aware(datetime.combine(day, time(12)))

    def cadre(self, key: str) -> Cadre:
        return self.district.cadres[key]  # type: ignore[attr-defined,no-any-return]

    def user(self, key: str) -> User:
        return self.district.users[key]  # type: ignore[attr-defined,no-any-return]

    def rate(self, cadre: Cadre, marks: Sequence[int], *, rater: str = "unithead") -> Rating:
        """A stored rating, whoever the rater is."""
        names = ("swift", "bold", "tireless", "skilful", "upright")
        return Rating.objects.create(
            period=self.period,
            cadre=cadre,
            unit=cadre.unit,
            rater=self.user(rater),
            rated_at=self.now,
            **dict(zip(names, marks, strict=True)),
        )

    def milestone(
        self,
        project: KeyProject,
        name: str,
        planned_on: date,
        *,
        done_on: date | None = None,
        progress: int = 0,
    ) -> Milestone:
        return milestones.save_milestone(
            project=project,
            name=name,
            by=None,
            at=self.now,
            values={
                "kind": MilestoneKind.OTHER,
                "planned_on": planned_on,
                "done_on": done_on,
                "progress": Decimal(100 if done_on else progress),
            },
        )

    def violation(
        self, cadre: Cadre, key: str = "B6", *, state: str = "CONFIRMED", on: date | None = None
    ) -> Violation:
        """A violation of last month, decided on a day of it (its last one when none is given)."""
        day = on or self.last
        violation, _ = conduct.log_violation(
            prohibition=self.district.prohibitions[key],  # type: ignore[attr-defined]
            cadre=cadre,
            unit_id=cadre.unit_id,
            occurred_on=self.first,
            place="工地",
            project=None,
            found_by="INSPECTION",
            facts="现场打牌。",
            submission_key=uuid4(),
            distinct=True,
            by=self.user("discipline"),
            at=self.noon(day),
        )
        return conduct.decide_violation(
            violation_id=violation.pk,
            state=state,
            note="已核实",
            by=self.user("discipline2"),
            at=self.noon(day),
        )

    def run(self, *, chunk_size: int = 1000, again: bool = False) -> Run:
        """The whole computation, in this process."""
        run = runs.start_run(
            period=self.period, by=None, at=self.now, chunk_size=chunk_size, dispatch=False, again=again
        )
        return runs.work_off(run_id=run.pk, at=self.now)


@pytest.fixture
def schemes(db: None) -> Scheme:
    at = timezone.now()
    catalogues.sync(model=Scheme, by=None, at=at)
    catalogues.sync(model=WorkStyle, by=None, at=at)
    return Scheme.objects.get(key="MONTH-DEFAULT")


@pytest.fixture
def month(district: object, schemes: Scheme) -> Month:
    today: date = district.today  # type: ignore[attr-defined]
    span = calendar.span_before(calendar.span_containing(PeriodKind.MONTH, today))
    at: datetime = district.now  # type: ignore[attr-defined]
    period = periods.open_period(kind=PeriodKind.MONTH, on=span.first_day, by=None, at=at)
    return Month(district=district, period=period, scheme=schemes)


@pytest.fixture
def filled(month: Month) -> Month:
    """Marks, milestones and violations that make every kind of line appear."""
    month.rate(month.cadre("clerk"), (90, 80, 70, 60, 50))
    month.rate(month.cadre("clerk"), (95, 85, 75, 65, 60), rater="chief")
    month.rate(month.cadre("clerk"), (80, 80, 80, 80, 81), rater="assessor")
    month.rate(month.cadre("leader"), (88, 88, 88, 88, 88))
    month.rate(month.cadre("worker"), (88, 88, 88, 88, 88))
    month.rate(month.cadre("outsider"), (70, 71, 72, 73, 74), rater="chief")
    project = month.district.project  # type: ignore[attr-defined]
    month.milestone(project, "交地", month.first, done_on=month.first)
    month.milestone(project, "施工许可", month.last, done_on=month.last + timedelta(days=1))
    month.milestone(project, "临设", month.first - timedelta(days=3), progress=35)
    month.violation(month.cadre("clerk"), "B6")
    month.violation(month.cadre("clerk"), "B7", state="PARTLY")
    month.violation(month.cadre("worker"), "B1", state="DISMISSED")
    month.violation(month.cadre("outsider"), "B1")
    return month


@pytest.fixture
def crowd(month: Month) -> Callable[..., list[Cadre]]:
    """Many people at once, with a mixture of marks, projects and violations, the same for the same number."""

    def make(
        count: int, *, start: int = 0, units: Sequence[Unit] | None = None, facts: bool = True
    ) -> list[Cadre]:
        homes = units or [month.district.bureau, month.district.station, month.district.other]  # type: ignore[attr-defined]
        joined = month.first - timedelta(days=400)
        rows = []
        for number in range(start, start + count):
            name = f"张{'一二三四五六七八九'[number % 9]}{number}"
            pinyin, initials = search_keys(name)
            rows.append(
                Cadre(
                    staff_no=f"N{number:05}",
                    name=name,
                    pinyin=pinyin,
                    initials=initials,
                    unit=homes[number % len(homes)],
                    joined_on=joined,
                    establishment=Establishment.values[number % 3],
                )
            )
        cadres = Cadre.objects.bulk_create(rows)
        Posting.objects.bulk_create(
            Posting(cadre=cadre, unit=cadre.unit, establishment=cadre.establishment, start_on=joined)
            for cadre in cadres
        )
        if facts:
            _facts(month, cadres, start)
        return cadres

    return make


def _facts(month: Month, cadres: list[Cadre], start: int) -> None:
    raters = [month.user(key) for key in ("unithead", "chief", "assessor")]
    Rating.objects.bulk_create(
        Rating(
            period=month.period,
            cadre=cadre,
            unit=cadre.unit,
            rater=rater,
            rated_at=month.now,
            swift=(7 * number + 11 * place) % 101,
            bold=(13 * number + place) % 101,
            tireless=60 + number % 41,
            skilful=(17 * number) % 101,
            upright=100 - (number + place) % 30,
        )
        for number, cadre in enumerate(cadres, start)
        for place, rater in enumerate(raters[: number % 4])
    )
    project = KeyProject.objects.create(
        code=f"X{start}", name=f"项目 {start}", kind=ProjectKind.KEY, recorded_at=month.now
    )
    for place, (due, done, progress) in enumerate(
        (
            (month.first, month.first, 100),
            (month.first, month.last, 100),
            (month.last, None, 40),
            (month.first, None, 90),
        )
    ):
        Milestone.objects.create(
            project=project,
            name=f"节点{place}",
            kind=MilestoneKind.OTHER,
            planned_on=due,
            done_on=done,
            progress=Decimal(progress),
        )
    TaskforceMember.objects.bulk_create(
        TaskforceMember(project=project, cadre=cadre, role=MemberRole.MEMBER, start_on=month.first)
        for number, cadre in enumerate(cadres, start)
        if number % 3
    )
    prohibitions = list(month.district.prohibitions.values())  # type: ignore[attr-defined]
    Violation.objects.bulk_create(
        Violation(
            prohibition=prohibitions[number % len(prohibitions)],
            cadre=cadre,
            unit=cadre.unit,
            occurred_on=month.first,
            place="街面",
            facts="脱岗",
            state="PARTLY" if number % 2 else "CONFIRMED",
            finding="PARTLY" if number % 2 else "CONFIRMED",
            matter=uuid4(),
            recorded_by=month.user("discipline"),
            recorded_at=month.now,
            decided_by=month.user("discipline2"),
            decided_at=month.now,
            decided_on=month.last,
            distinct=True,
            submission_key=uuid4(),
        )
        for number, cadre in enumerate(cadres, start)
        for _ in range(number % 5 % 3)
    )
