"""Pure rules of regulations: when a version applies, which may follow, what becomes of clauses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from conduct.choices import ClauseChange

KEY_STEM = "ZF"
"""What the code of a regulation begins with when nobody chooses one."""


@dataclass(frozen=True)
class Wording:
    """What one clause says: its number, heading and text."""

    number: int
    name: str
    description: str

    def __str__(self) -> str:
        return f"第{self.number}条 {self.name}"


@dataclass(frozen=True)
class EditionText:
    """What an edition says of itself, its dates and clauses apart."""

    name: str
    doc_no: str
    kind: str
    issuer: str
    basis: str
    description: str
    verified: bool

    @property
    def source(self) -> str:
        """What its clauses name as their basis."""
        return f"{self.name}（{self.doc_no}）" if self.doc_no else self.basis


@dataclass(frozen=True)
class Standing:
    """A clause that a new edition finds: its words, since when, and until when if an end is set."""

    id: int
    wording: Wording
    effective_from: date
    retired_on: date | None


@dataclass(frozen=True)
class Change:
    """What becomes of one clause when a new edition begins; `old` or `new` is None where there is none."""

    kind: ClauseChange
    old: Standing | None
    new: Wording | None


def applies(*, effective_from: date, retired_on: date | None, day: date) -> bool:
    """Whether a version is in force on a day; the day it is retired is the first without it."""
    return effective_from <= day and (retired_on is None or day < retired_on)


def period_text(*, effective_from: date, retired_on: date | None) -> str:
    """A version's period in words."""
    return (
        f"{effective_from} 起施行" if retired_on is None else f"{effective_from} 起施行、{retired_on} 起停用"
    )


def day_shown(*, effective_from: date, retired_on: date | None, today: date) -> date:
    """The day a version's page speaks of: today, or the nearest day on which it is in force."""
    if today < effective_from:
        return effective_from
    return today if retired_on is None or today < retired_on else retired_on - timedelta(days=1)


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same, however their lines end: browsers send CRLF."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


def is_reworded(old: Wording, new: Wording) -> bool:
    return (
        old.number != new.number
        or not same_words(old.name, new.name)
        or not same_words(old.description, new.description)
    )


def change_of(old: Standing, wanted: Wording | None) -> Change:
    """What a clause becomes when an edition wants it to say this, or wants it no more."""
    if wanted is None:
        return Change(ClauseChange.DROPPED, old, None)
    kind = ClauseChange.REWORDED if is_reworded(old.wording, wanted) else ClauseChange.KEPT
    return Change(kind, old, wanted)


def amendment_problem(*, effective_from: date, latest_from: date, open_from: date | None) -> str | None:
    """Why a new version cannot start that day, or None. `latest_from` is the last version's first day."""
    if open_from is None:
        return "这一条已停用，没有可修订的现行版本。如需恢复，请在法规页面新增条款。"
    return overlap_problem(effective_from=effective_from, latest_from=latest_from)


def overlap_problem(*, effective_from: date, latest_from: date) -> str | None:
    """Why a version cannot follow one that begins on `latest_from`, or None."""
    if effective_from <= latest_from:
        return (
            f"新版本自 {effective_from} 起施行，不晚于已有版本的施行日期 {latest_from}，两个版本会重叠。"
            f"请填 {latest_from} 之后的日期。"
        )
    return None


def gap_between(*, retired_on: date | None, effective_from: date) -> str:
    """What a pause between two editions means, or "" where there is none."""
    if retired_on is None or retired_on >= effective_from:
        return ""
    last = effective_from - timedelta(days=1)
    span = f"{retired_on}" if retired_on == last else f"{retired_on} 至 {last}"
    return f"{span} 没有施行中的版本：这段时间发生的事不能引用本法规。请核对施行日期。"


def changes_problem(changes: Iterable[Change], *, effective_from: date) -> str | None:
    """Why the clauses of a new edition cannot stand as they are wanted, or None."""
    standing = [change for change in changes if change.new is not None]
    if not standing:
        return "新版本一条条款也没有。请至少保留或新增一条；整部法规不再施行的，请用“停用”。"
    if problem := numbers_problem([change.new for change in standing if change.new is not None]):
        return problem
    for change in changes:
        if change.kind in (ClauseChange.REWORDED, ClauseChange.DROPPED) and change.old is not None:
            since = change.old.effective_from
            if effective_from <= since:
                return (
                    f"“{change.old.wording}”的现有版本自 {since} 起施行，新版本自 {effective_from} 起修订或"
                    f"删去它，两个版本会重叠。请保留这一条，或者把施行日期填在 {since} 之后。"
                )
    return None


def numbers_problem(clauses: Sequence[Wording]) -> str | None:
    """Why clauses cannot stand side by side, or None: each number once."""
    for number, times in sorted(Counter(clause.number for clause in clauses).items()):
        if times > 1:
            names = "、".join(f"“{clause.name}”" for clause in clauses if clause.number == number)
            return f"第{number}条有 {times} 条：{names}。请改条次，每个条次只能有一条。"
    return None


def basis_problem(*, doc_no: str, basis: str) -> str | None:
    """Why an edition does not say where it comes from, or None."""
    if doc_no.strip() or basis.strip():
        return None
    return "请填文号；没有文号的，在“依据”写明由哪次会议或者哪个文件通过。"


def tidied(text: EditionText) -> EditionText:
    """The text without blanks around it; its number is its basis where no other is named."""
    doc_no = text.doc_no.strip()
    return replace(
        text,
        name=text.name.strip(),
        doc_no=doc_no,
        issuer=text.issuer.strip(),
        basis=text.basis.strip() or doc_no,
        description=text.description.strip(),
    )


def next_key(taken: Collection[str]) -> str:
    """The first free code of a regulation: ZF-1, ZF-2, …"""
    return _free(f"{KEY_STEM}-", taken, first=1)


def next_clause_key(regulation_key: str, number: int, taken: Collection[str]) -> str:
    """The code of a new clause: ZF-1-3; where an earlier clause had it, ZF-1-3-2."""
    own = f"{regulation_key}-{number}"
    return own if own not in taken else _free(f"{own}-", taken, first=2)


def _free(stem: str, taken: Collection[str], *, first: int) -> str:
    while f"{stem}{first}" in taken:
        first += 1
    return f"{stem}{first}"
