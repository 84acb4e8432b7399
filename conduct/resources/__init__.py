"""Tables of conduct: own violations and the public case ledger in, figures read, statistics out."""

from conduct.resources.cases import CaseResource
from conduct.resources.violations import ViolationResource

__all__ = ["CaseResource", "ViolationResource"]
