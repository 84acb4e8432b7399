"""八不准 and everything the discipline office does about them."""

from conduct.models.cases import CaseRecord
from conduct.models.violations import Prohibition, Violation

__all__ = ["CaseRecord", "Prohibition", "Violation"]
