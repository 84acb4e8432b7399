"""八不准 and everything the discipline office does about them."""

from conduct.models.violations import Handling, Prohibition, Violation, ViolationRevision

__all__ = ["Handling", "Prohibition", "Violation", "ViolationRevision"]
