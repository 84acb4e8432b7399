"""Official documents as PDF (typst) and editable Word (docxtpl), from templates an office can change.

What a person typed is data, never markup: typst gets JSON and shows strings, Word gets escaped text.
Fonts lie in `settings.FONT_DIR` (`script/assets.py` lays Noto Serif SC there); an office that is licensed for
方正小标宋 and 仿宋 puts the files beside it, and the templates, which name those first, use them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import typst
from django.conf import settings
from docxtpl import DocxTemplate, RichText

HEAD_FONT = "方正小标宋简体"
FONT_KINDS = frozenset({".ttf", ".otf", ".ttc"})
HEAD_SIZE, TEXT_WIDTH = 34, 440
"""Points: of the red head, and of a line between the margins; a longer name is set smaller to fit on one."""
_one_at_a_time = Lock()


def chinese_date(day: date) -> str:
    """2026年11月25日; GB/T 9704-2012 7.3.5.4: Arabic figures, no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def paper(*, title: str, on: date | None, number: str = "") -> dict[str, Any]:
    """What the head and the foot of every official document say; without a day it is marked as a draft."""
    issuer: str = settings.ISSUING_ORGAN
    return {
        "draft": on is None,
        "mark": "" if on else "草稿",
        "issuer": issuer,
        "head_size": min(HEAD_SIZE, TEXT_WIDTH // len(issuer)),
        "number": number,
        "title": title,
        "date": chinese_date(on) if on else "    年  月  日",
    }


def own_fonts(folder: Path) -> list[Path]:
    """The font files an installation carries; with none, the system's own are used."""
    found = folder.rglob("*") if folder.is_dir() else ()
    return sorted(path for path in found if path.suffix.lower() in FONT_KINDS)


@lru_cache(maxsize=8)
def _compiler(template: Path, folder: Path, fonts: tuple[Path, ...]) -> typst.Compiler:
    """Kept, because finding the fonts takes a second and setting a page some milliseconds."""
    return typst.Compiler(
        template, root=template.parent, font_paths=[folder] if fonts else [], ignore_system_fonts=bool(fonts)
    )


def render_pdf(template: Path, data: Mapping[str, Any]) -> bytes:
    """A PDF of a typst template, which reads `data` from `sys.inputs.data`."""
    folder: Path = settings.FONT_DIR
    with _one_at_a_time:
        compiler = _compiler(template, folder, tuple(own_fonts(folder)))
        made = compiler.compile(format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)})
    assert isinstance(made, bytes)
    return made


def render_word(template: Path, data: Mapping[str, Any]) -> bytes:
    """A Word file of a docxtpl template; what the data says is escaped and never read as a template.

    `{{r head }}` is the red head: a template cannot say a size that hangs on a name's length.
    """
    document = DocxTemplate(template)
    head = RichText(
        data["issuer"], font=f"eastAsia:{HEAD_FONT}", size=2 * data["head_size"], bold=True, color="D7000F"
    )
    document.render({**data, "head": head}, autoescape=True)
    made = BytesIO()
    document.save(made)
    return made.getvalue()
