"""The file of measures that `impact_periods` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from accountability.choices import PersonKind
from accountability.rules.measures import Imposed
from core.rules.errors import DomainError

MAX_MEASURES = 200
DAYS = {"effective": "生效日", "decided": "决定日", "ended": "终止日", "cancelled": "撤销日"}
COUNTS = {"months": "另定期限（月）", "term": "察看期（月）"}
KEYS = ("code", *DAYS, "batch", *COUNTS)


def read_measures(content: bytes) -> tuple[PersonKind, list[Imposed]]:
    """`{"person": …, "measures": [{"code", "effective", "decided", "ended", "batch", …}]}` as values.

    Days are ISO; everything but `code` and `effective` may be left out or null. Raises DomainError naming the
    place in the file and what should stand there.
    """
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DomainError(f"文件不是 UTF-8 编码（第 {error.start + 1} 个字节），请另存为 UTF-8。") from error
    except json.JSONDecodeError as error:
        place = f"第 {error.lineno} 行第 {error.colno} 列"
        raise DomainError(f"{place}：不是合法的 JSON，请核对逗号、引号和括号。") from error
    except RecursionError as error:
        raise DomainError("文件嵌套太深，不是措施清单。") from error
    if not isinstance(document, dict):
        raise DomainError('最外层应当是 {"person": …, "measures": […]}。')
    if unknown := sorted(set(document) - {"person", "measures"}):
        raise DomainError(f"最外层没有“{'、'.join(unknown)}”这一项，只写 person 和 measures。")
    person = document.get("person")
    if not isinstance(person, str) or person not in PersonKind.values:
        raise DomainError(
            f"person：{_shown(person)} 不是人员类别，应当是 {'、'.join(PersonKind.values)} 之一。"
        )
    rows = document.get("measures")
    if not isinstance(rows, list):
        raise DomainError("measures：应当是措施的列表，没有措施的写 []。")
    if len(rows) > MAX_MEASURES:
        raise DomainError(f"measures：有 {len(rows)} 项，一次最多 {MAX_MEASURES} 项，请分开试算。")
    return PersonKind(person), [_measure(row, number) for number, row in enumerate(rows, start=1)]


def _measure(row: Any, number: int) -> Imposed:
    place = f"第 {number} 项"
    if not isinstance(row, dict):
        raise DomainError(f"{place}：应当是一项措施，至少写 code 和 effective。")
    if unknown := sorted(set(row) - set(KEYS)):
        raise DomainError(f"{place}：没有“{'、'.join(unknown)}”这一项，可以写的是 {'、'.join(KEYS)}。")
    code = row.get("code")
    if not isinstance(code, str) or not code.strip():
        raise DomainError(f"{place} code：应当是措施代码，如 M06。")
    days = {name: _day(row, name, place) for name in DAYS}
    effective = days["effective"]
    if effective is None:
        raise DomainError(f"{place} effective：没有生效日，请写成 2025-01-31 的样子。")
    counts = {name: _count(row, name, place) for name in COUNTS}
    return Imposed(
        code=code.strip(),
        effective=effective,
        decided=days["decided"],
        ended=days["ended"],
        cancelled=days["cancelled"],
        batch=_batch(row, place),
        months=counts["months"],
        term=counts["term"],
    )


def _day(row: Mapping[str, Any], name: str, place: str) -> date | None:
    value = row.get(name)
    if value in (None, ""):
        return None
    try:
        if not isinstance(value, str) or len(value) != len("2025-01-31"):
            raise ValueError  # noqa: TRY301 - date.fromisoformat reads other writings too
        return date.fromisoformat(value)
    except ValueError:
        message = f"{place} {name}：{_shown(value)} 不是日期，{DAYS[name]}请写成 2025-01-31 的样子。"
        raise DomainError(message) from None


def _count(row: Mapping[str, Any], name: str, place: str) -> int | None:
    value = row.get(name)
    if value in (None, ""):
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 240:
        raise DomainError(f"{place} {name}：{_shown(value)} 不是月数，{COUNTS[name]}应当是 1 至 240 的整数。")
    return value


def _batch(row: Mapping[str, Any], place: str) -> str:
    value = row.get("batch")
    if value is None:
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise DomainError(f"{place} batch：{_shown(value)} 不是批次，同一决定的措施写同一个文字或者数字。")
    return str(value).strip()


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"
