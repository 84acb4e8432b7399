"""八不准 and everything the discipline office does about them."""

from conduct.models.inspections import (
    Inspection,
    InspectionFinding,
    InspectionPlan,
    PlanUnit,
    PublicSupervisor,
)
from conduct.models.violations import Prohibition, Violation

__all__ = [
    "Inspection",
    "InspectionFinding",
    "InspectionPlan",
    "PlanUnit",
    "Prohibition",
    "PublicSupervisor",
    "Violation",
]
