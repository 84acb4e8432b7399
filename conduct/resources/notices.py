"""A public notice as an official document, for PDF and Word alike."""

from __future__ import annotations

from typing import Any

from conduct.models import CaseNotice
from conduct.resources.letters import FOLDER
from core.resources.documents import paper, render_pdf, render_word


def notice_data(notice: CaseNotice) -> dict[str, Any]:
    """Everything the templates show, as text; a notice not published yet is marked 草稿."""
    return {
        **paper(title=notice.title, on=notice.published_on),
        "body": [line.strip() for line in notice.body.splitlines() if line.strip()] or [""],
    }


def notice_pdf(notice: CaseNotice) -> bytes:
    """The notice as PDF."""
    return render_pdf(FOLDER / "notice.typ", notice_data(notice))


def notice_word(notice: CaseNotice) -> bytes:
    """The notice as a Word file."""
    return render_word(FOLDER / "notice.docx", notice_data(notice))
