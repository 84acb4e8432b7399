"""Units, people, accounts, grants, the audit chain, catalogues, jobs, imports and attachments."""

from core.models.accounts import RoleGrant, User
from core.models.audit import AuditEvent, AuditHead
from core.models.catalogue import CatalogueEntry, WorkdayOverride
from core.models.course import FactChange, NumberSeries, Proposal, StepTaken
from core.models.people import Cadre, Posting, Unit
from core.models.work import Attachment, Heartbeat, ImportBatch, Job

__all__ = [
    "Attachment",
    "AuditEvent",
    "AuditHead",
    "Cadre",
    "CatalogueEntry",
    "FactChange",
    "Heartbeat",
    "ImportBatch",
    "Job",
    "NumberSeries",
    "Posting",
    "Proposal",
    "RoleGrant",
    "StepTaken",
    "Unit",
    "User",
    "WorkdayOverride",
]
