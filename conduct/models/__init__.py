"""八不准 and everything the discipline office does about them."""

from conduct.models.dossier import FileStatement
from conduct.models.notices import CaseNotice
from conduct.models.violations import Prohibition, Violation

__all__ = ["CaseNotice", "FileStatement", "Prohibition", "Violation"]
