"""八不准 and everything the discipline office does about them."""

from conduct.models.regulations import Citation, Clause, Regulation
from conduct.models.unit_measures import UnitMeasure
from conduct.models.violations import Prohibition, Violation

__all__ = ["Citation", "Clause", "Prohibition", "Regulation", "UnitMeasure", "Violation"]
