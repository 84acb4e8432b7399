"""八不准 and everything the discipline office does about them."""

from conduct.models.letters import (
    Chase,
    Extension,
    ItemReport,
    LetterMatter,
    RectificationItem,
    SupervisionLetter,
)
from conduct.models.violations import Prohibition, Violation

__all__ = [
    "Chase",
    "Extension",
    "ItemReport",
    "LetterMatter",
    "Prohibition",
    "RectificationItem",
    "SupervisionLetter",
    "Violation",
]
