"""Key projects, what is fixed for each, and what happens on the site."""

from projects.models.assignments import Assignment, AssignmentChange, AssignmentPerson
from projects.models.catalogue import Incentive, SiteScene
from projects.models.dispatch import DispatchDecision, DispatchMeeting
from projects.models.investment import (
    InvestmentEntry,
    InvestmentOpening,
    InvestmentPlan,
    InvestmentRevision,
)
from projects.models.issues import ProjectIssue
from projects.models.milestones import Milestone, MilestoneUpdate, PlanChange
from projects.models.projects import KeyProject, TaskforceMember
from projects.models.site import FrontlinePosting, SiteLog

__all__ = [
    "Assignment",
    "AssignmentChange",
    "AssignmentPerson",
    "DispatchDecision",
    "DispatchMeeting",
    "FrontlinePosting",
    "Incentive",
    "InvestmentEntry",
    "InvestmentOpening",
    "InvestmentPlan",
    "InvestmentRevision",
    "KeyProject",
    "Milestone",
    "MilestoneUpdate",
    "PlanChange",
    "ProjectIssue",
    "SiteLog",
    "SiteScene",
    "TaskforceMember",
]
