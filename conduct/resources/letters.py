"""A supervision letter as an official document: what stands on the paper, for PDF and Word alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from conduct.models import SupervisionLetter
from core.resources.documents import chinese_date, paper, render_pdf, render_word

FOLDER = Path(__file__).resolve().parent.parent / "documents"


def letter_data(letter: SupervisionLetter) -> dict[str, Any]:
    """Everything the templates show, as text; a letter not issued yet is marked 草稿."""
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
        **paper(title=letter.title, on=letter.issued_on),
        "number": letter.number or f"{settings.LETTER_SERIES}〔    〕    号",
        "unit": letter.unit.name,
        "matter": [line for line in letter.matter.splitlines() if line.strip()],
        "basis": letter.basis,
        "items": items,
        "contact": letter.contact,
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
