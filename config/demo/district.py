"""What the demo district holds so far, handed from one part to the next."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from core.models import Cadre, Unit, User
from projects.models import KeyProject


@dataclass
class District:
    """What was made so far."""

    rng: random.Random
    today: date
    units: dict[str, Unit] = field(default_factory=dict)
    staff: dict[int, list[Cadre]] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    projects: list[KeyProject] = field(default_factory=list)

    def at(self, day: date, hour: int = 10) -> datetime:
        """That hour of the day, or now: nothing is recorded before it happens."""
        return min(timezone.make_aware(datetime.combine(day, time(hour))), timezone.now())

    def month_before(self) -> tuple[date, date]:
        last = self.today.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last

    def people(self) -> list[Cadre]:
        return [cadre for staff in self.staff.values() for cadre in staff]
