"""Tables and documents of conduct: violations and public cases in, figures, statistics and letters out."""

from conduct.resources.cases import CaseResource
from conduct.resources.violations import ViolationResource

__all__ = ["CaseResource", "ViolationResource"]
