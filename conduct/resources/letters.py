"""A supervision letter as an official document: what stands on the paper, for PDF and Word alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils import timezone

from conduct.models import SupervisionLetter
from conduct.rules import letters as rules
from core.resources.documents import chinese_date, render_pdf, render_word

FOLDER = Path(__file__).resolve().parent.parent / "documents"


def letter_data(letter: SupervisionLetter) -> dict[str, Any]:
    """Everything the templates show, as text; a letter without a number is marked 草稿."""
    items = [
        {
            "order": str(item.order),
            "what": item.what,
            "unit": item.unit.name,
            "cadre": item.cadre.name if item.cadre else "—",
            "standard": item.standard,
            "due": chinese_date(item.due_on),
        }
        for item in letter.items.select_related("unit", "cadre").order_by("order")
    ]
    return {
        "draft": not letter.number,
        "mark": "" if letter.number else "草稿",
        "issuer": rules.ISSUER,
        "number": letter.number or f"{rules.SERIES}〔    〕    号",
        "title": letter.title,
        "unit": letter.unit.name,
        "matter": [line for line in letter.matter.splitlines() if line.strip()],
        "basis": letter.basis,
        "items": items,
        "contact": letter.contact,
        "date": chinese_date(letter.issued_on) if letter.issued_on else "    年  月  日",
        "cc": letter.cc,
        "received_by": letter.received_by.display_name if letter.received_by else "",
        "received_at": f"{timezone.localtime(letter.received_at):%Y-%m-%d %H:%M}"
        if letter.received_at
        else "",
    }


def letter_pdf(letter: SupervisionLetter) -> bytes:
    """The letter with its receipt slip as PDF."""
    return render_pdf(FOLDER / "letter.typ", letter_data(letter))


def letter_word(letter: SupervisionLetter) -> bytes:
    """The letter with its receipt slip as a Word file."""
    return render_word(FOLDER / "letter.docx", letter_data(letter))
