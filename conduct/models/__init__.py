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
from conduct.models.inspections import (
    Inspection,
    InspectionFinding,
    InspectionPlan,
    PlanUnit,
    PublicSupervisor,
)
from conduct.models.notices import CaseNotice
from conduct.models.violations import Prohibition, Violation

__all__ = [
    "Campaign",
    "CampaignRound",
    "CaseNotice",
    "CaseRecord",
    "CheckItem",
    "CheckPoints",
    "Clue",
    "ClueHandover",
    "ClueNotice",
    "ClueSubject",
    "FileStatement",
    "Inspection",
    "InspectionFinding",
    "InspectionPlan",
    "PlanUnit",
    "ProblemTag",
    "Prohibition",
    "PublicSupervisor",
    "RoundCheck",
    "RoundReport",
    "SealOpening",
    "Violation",
]
