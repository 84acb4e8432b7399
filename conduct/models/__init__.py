"""八不准 and everything the discipline office does about them."""

from conduct.models.education import (
    Attendance,
    Commendation,
    EducationEvent,
    StudyPlan,
    Test,
    TestResult,
)
from conduct.models.regulations import Citation, Clause, Regulation
from conduct.models.unit_measures import UnitMeasure
from conduct.models.violations import Prohibition, Violation

__all__ = [
    "Attendance",
    "Citation",
    "Clause",
    "Commendation",
    "EducationEvent",
    "Prohibition",
    "Regulation",
    "StudyPlan",
    "Test",
    "TestResult",
    "UnitMeasure",
    "Violation",
]
