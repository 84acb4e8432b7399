"""The measures a ground suggests, as the office writes them: “M01/M06”, “M05+M08”, “M11–M13，移送”."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.rules.errors import DomainError

CODE = r"[A-Z]+\d+[A-Z]?"
EXPRESSION = re.compile(rf"({CODE})(?:(?:[/+]{CODE})*|[–-]({CODE}))(?=$|[，；（])")


@dataclass(frozen=True)
class Suggestion:
    """Codes of measures, light to heavy. `together`: all of them, otherwise one; `transfer`: for an organ
    that may punish, never decided here; `note` is what else was written."""

    codes: tuple[str, ...]
    together: bool
    transfer: bool
    note: str


def parse_suggestion(text: str, ladder: Collection[str]) -> Suggestion:
    """What was written, with ranges spelled out along `ladder` (all codes, light to heavy).

    Raises DomainError when a code is unknown or the writing cannot be read.
    """
    found = EXPRESSION.match(text)
    if found is None:
        raise DomainError(f"“{text}”读不懂：请写成 M01/M06（任选）、M05+M08（合并）或者 M11–M13（一段）。")
    known = list(ladder)
    expression, rest = text[: found.end()], text[found.end() :].strip("，；")
    codes = re.findall(CODE, expression)
    if unknown := [code for code in codes if code not in known]:
        raise DomainError(f"“{text}”：措施目录中没有 {'、'.join(unknown)}。")
    if found.group(2):
        start, end = known.index(codes[0]), known.index(codes[1])
        if start >= end:
            raise DomainError(f"“{text}”：一段措施要从轻写到重。")
        codes = known[start : end + 1]
    note = "" if rest == "移送" else rest
    return Suggestion(tuple(codes), "+" in expression, "移送" in rest, note)


def in_words(text: str, names: Mapping[str, str]) -> str:
    """What was written with the name after each code: “M01 提醒谈话/M06 诫勉”."""
    return re.sub(
        CODE, lambda found: f"{found[0]} {names[found[0]]}" if found[0] in names else found[0], text
    )


def parse_prohibitions(text: str) -> tuple[str, ...]:
    """Keys of the 八不准 a ground covers. Raises DomainError when one is not like B1."""
    keys = tuple(part.strip() for part in text.split("、") if part.strip())
    if wrong := [key for key in keys if not re.fullmatch(r"B\d+", key)]:
        raise DomainError(f"八不准代码“{'、'.join(wrong)}”有误，应当像 B1、B2，用顿号隔开。")
    return keys
