"""A district with its library of regulations and its letters, each step by the right person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from conduct.models import Citation, Clause, Regulation
from conduct.queries import citations as citation_queries
from conduct.queries import regulations as queries
from conduct.rules.regulations import EditionText, Wording
from conduct.services import citations, clauses, regulations
from core.services import catalogues
from tests.conftest import District
from tests.support.letters import Office

TEXT = EditionText(
    name="干部作风“八不准”（2026年修订）",
    doc_no="区委发〔2026〕12号",
    kind="CONDUCT",
    issuer="区委",
    basis="",
    description="",
    verified=True,
)


class Library:
    """The district, and the library's services with what most tests do not care for filled in."""

    def __init__(self, district: District) -> None:
        self.district = district

    def __getattr__(self, name: str) -> Any:
        return getattr(self.district, name)

    def day(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def by(self, username: str = "discipline") -> dict[str, Any]:
        return {"by": self.users[username], "at": self.now}

    def amend(self, *, by="discipline", since=None, key="ZF-WZ-3", text="新的条文。", name="从重") -> Clause:
        return clauses.amend_clause(
            key=key,
            name=name,
            description=text,
            basis="本区修订文件",
            verified=True,
            effective_from=since or self.today,
            **self.by(by),
        )

    def cite(self, owner, clause, *, by="discipline", on=None) -> Citation:
        day = on or citation_queries.day_of(owner)
        return citations.cite(owner=owner, clause=clause, on=day, **self.by(by))

    def words(self, key="ZF-BBZ") -> dict[int, Wording | None]:
        """What the clauses of a regulation say, by id: a new edition that changes nothing."""
        rows = queries.continuing_clauses(queries.latest_edition(key))
        return {row.pk: queries.wording_of(row) for row in rows}

    def publish(self, *, key="ZF-BBZ", since=None, reword=None, drop=(), added=(), by="discipline", **more):
        """A new edition: `reword` is number → new text, `drop` numbers that end."""
        text = replace(TEXT, **{name: more.pop(name) for name in list(more) if name in vars(TEXT)})
        said = self.words(key)
        for pk, wording in said.items():
            if wording.number in drop:
                said[pk] = None
            elif wording.number in (reword or {}):
                said[pk] = replace(wording, description=reword[wording.number])
        return regulations.publish_edition(
            key=key,
            text=text,
            effective_from=since or self.today,
            clauses=more.pop("clauses", said),
            added=added,
            **self.by(by),
            **more,
        )


@pytest.fixture
def library(district: District) -> Library:
    for model in (Regulation, Clause):
        catalogues.sync(model=model, by=None, at=district.now)
    return Library(district)


@pytest.fixture
def start():
    """A Wednesday morning without holidays near it; services take their moment as an argument."""
    return timezone.make_aware(datetime.combine(date(2026, 11, 11), time(10)))


@pytest.fixture
def office(district, start):
    return Office(district, start)
