"""八不准 and everything the discipline office does about them."""

from conduct.models.campaigns import (
    Campaign,
    CampaignRound,
    CheckItem,
    CheckPoints,
    ProblemTag,
    RoundCheck,
    RoundReport,
)
from conduct.models.cases import CaseRecord
from conduct.models.clues import Clue, ClueHandover, ClueNotice, ClueSubject, SealOpening
from conduct.models.dossier import FileStatement
from conduct.models.education import Attendance, Commendation, EducationEvent, StudyPlan, Test, TestResult
from conduct.models.inspections import (
    Inspection,
    InspectionFinding,
    InspectionPlan,
    PlanUnit,
    PublicSupervisor,
)
from conduct.models.letters import (
    Chase,
    Extension,
    ItemReport,
    LetterMatter,
    RectificationItem,
    SupervisionLetter,
)
from conduct.models.notices import CaseNotice
from conduct.models.regulations import Citation, Clause, Regulation
from conduct.models.unit_measures import UnitMeasure
from conduct.models.violations import Handling, Prohibition, Violation

__all__ = [
    "Attendance",
    "Campaign",
    "CampaignRound",
    "CaseNotice",
    "CaseRecord",
    "Chase",
    "CheckItem",
    "CheckPoints",
    "Citation",
    "Clause",
    "Clue",
    "ClueHandover",
    "ClueNotice",
    "ClueSubject",
    "Commendation",
    "EducationEvent",
    "Extension",
    "FileStatement",
    "Handling",
    "Inspection",
    "InspectionFinding",
    "InspectionPlan",
    "ItemReport",
    "LetterMatter",
    "PlanUnit",
    "ProblemTag",
    "Prohibition",
    "PublicSupervisor",
    "RectificationItem",
    "Regulation",
    "RoundCheck",
    "RoundReport",
    "SealOpening",
    "StudyPlan",
    "SupervisionLetter",
    "Test",
    "TestResult",
    "UnitMeasure",
    "Violation",
]
