"""八不准 and everything the discipline office does about them."""

from conduct.models.dossier import FileStatement
from conduct.models.violations import Prohibition, Violation

__all__ = ["FileStatement", "Prohibition", "Violation"]
