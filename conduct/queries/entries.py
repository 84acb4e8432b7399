"""One line of a person's or unit's file, as every kind of record tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Model


class Side(StrEnum):
    """Which side of the file a line stands on."""

    GOOD = "good"
    BAD = "bad"
    PLAIN = "plain"


@dataclass(frozen=True)
class FileEntry:
    """What one record says of a person or unit on one day; `state` is its state in words, `url` its page.

    Each kind of record answers `file_entries(cadre, user=...)` within what the reader may see.
    """

    on: date
    kind: str
    title: str
    detail: str = ""
    state: str = ""
    url: str = ""
    side: Side = Side.PLAIN
    record: Model | None = None
    """What a request for correction may point at."""

    @property
    def reference(self) -> str:
        """`conduct.Violation:7`, "" for a line that is no record of its own."""
        return f"{self.record._meta.label}:{self.record.pk}" if self.record else ""

    @property
    def words(self) -> str:
        """The line in one sentence."""
        return f"{self.on} {self.kind}：{self.title}"[:200]
