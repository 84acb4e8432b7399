"""八不准 and everything the discipline office does about them."""

from conduct.models.clues import Clue, ClueHandover, ClueNotice, ClueSubject, SealOpening
from conduct.models.violations import Prohibition, Violation

__all__ = ["Clue", "ClueHandover", "ClueNotice", "ClueSubject", "Prohibition", "SealOpening", "Violation"]
