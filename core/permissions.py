"""Who may do what: permissions and roles are this file, grants are rows.

A role has one scope. `Access` answers two questions for the rest of the code: has the account this
permission at all, and over whom does it reach. Views only declare (`@requires`); the middleware and
the API's permission class enforce, so nothing is reachable that declares nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils import timezone

from core.choices import RoleCode
from core.models import RoleGrant, User
from core.rules.errors import NotAllowed


class Permission(StrEnum):
    VIEW_CADRES = "查看干部"
    IMPORT_ROSTER = "维护单位和花名册"
    IMPORT_TABLES = "导入表格"
    VIEW_PROJECTS = "查看项目"
    IMPORT_PROJECTS = "导入项目"
    MANAGE_PROJECTS = "维护重点项目"
    UPDATE_MILESTONES = "更新节点"
    APPROVE_CHANGES = "审批计划变更"
    ASSIGN_TASKS = "下达六定任务"
    WORK_TASKS = "签收和办理任务"
    REPORT_INVESTMENT = "填报投资"
    REPORT_ISSUES = "填报项目问题"
    LOG_SITE_WORK = "记录现场工作"
    POST_FRONTLINE = "安排下沉一线"
    HOLD_DISPATCH = "组织调度"
    VIEW_CANDIDATES = "查看重用候选"
    VIEW_VIOLATIONS = "查看违规记录"
    LOG_VIOLATIONS = "登记违规"
    CONFIRM_VIOLATIONS = "认定违规"
    REOPEN_DECISIONS = "撤销认定和勘误"
    EDIT_REGULATIONS = "维护法规制度"
    HANDLE_CLUES = "办理线索"
    APPROVE_CLUES = "审批线索处置"
    VIEW_INSPECTIONS = "查看明察暗访"
    RECORD_INSPECTIONS = "记录明察暗访"
    VIEW_LETTERS = "查看督办函"
    DRAFT_LETTERS = "拟制督办函"
    ISSUE_LETTERS = "签发督办函"
    ANSWER_LETTERS = "办理督办函"
    VIEW_UNIT_MEASURES = "查看单位处理"
    RECORD_UNIT_MEASURES = "登记单位处理"
    VIEW_EDUCATION = "查看教育关爱"
    RECORD_EDUCATION = "登记教育关爱"
    REVIEW_PAPERS = "调阅试卷"
    VIEW_CAMPAIGNS = "查看专项活动"
    MANAGE_CAMPAIGNS = "组织专项活动"
    REPORT_CAMPAIGNS = "填报专项活动"
    VIEW_NOTICES = "查看典型案例通报"
    DRAFT_NOTICES = "拟制典型案例通报"
    APPROVE_NOTICES = "审批典型案例通报"
    VIEW_DOSSIERS = "查看一人一档"
    ANSWER_DOSSIERS = "答复档案异议"
    VIEW_STATISTICS = "查看作风统计"
    VIEW_OVERVIEW = "查看全区一览"
    IMPORT_VIOLATIONS = "导入违规和案例"
    ANSWER_PROPOSALS = "研判建议"
    VIEW_RESULTS = "查看考核结果"
    RATE_STAFF = "五干评分"
    RUN_ASSESSMENT = "管理考核周期"
    EXPORT_RANKING = "导出排名"
    EDIT_CATALOGUES = "维护目录"
    EDIT_SCHEDULE = "维护定时计划"
    MANAGE_ACCOUNTS = "管理账号"
    GRANT_ROLES = "授予角色"
    READ_AUDIT = "查看审计日志"


P = Permission


class Scope(StrEnum):
    """How far a role's permissions reach."""

    GLOBAL = "全区"
    UNIT = "本单位及下级"
    PROJECTS = "所负责的项目"
    SELF = "本人"


@dataclass(frozen=True)
class Role:
    code: RoleCode
    description: str
    scope: Scope
    permissions: frozenset[Permission]


_DISCIPLINE = frozenset(
    {
        P.VIEW_CADRES,
        P.VIEW_PROJECTS,
        P.VIEW_VIOLATIONS,
        P.HANDLE_CLUES,
        P.VIEW_INSPECTIONS,
        P.RECORD_INSPECTIONS,
        P.VIEW_LETTERS,
        P.DRAFT_LETTERS,
        P.VIEW_UNIT_MEASURES,
        P.RECORD_UNIT_MEASURES,
        P.VIEW_EDUCATION,
        P.RECORD_EDUCATION,
        P.REVIEW_PAPERS,
        P.VIEW_CAMPAIGNS,
        P.MANAGE_CAMPAIGNS,
        P.VIEW_NOTICES,
        P.DRAFT_NOTICES,
        P.VIEW_DOSSIERS,
        P.ANSWER_DOSSIERS,
        P.VIEW_STATISTICS,
        P.IMPORT_TABLES,
        P.IMPORT_VIOLATIONS,
    }
)
"""What everybody of the discipline office does; who records or drafts never confirms or issues."""

_READS_CONDUCT = frozenset(
    {
        P.VIEW_CADRES,
        P.VIEW_PROJECTS,
        P.VIEW_VIOLATIONS,
        P.VIEW_RESULTS,
        P.VIEW_LETTERS,
        P.VIEW_UNIT_MEASURES,
        P.VIEW_EDUCATION,
        P.VIEW_CAMPAIGNS,
        P.VIEW_NOTICES,
        P.VIEW_DOSSIERS,
        P.VIEW_STATISTICS,
    }
)
"""What those answering for units or the district read, each within the own scope."""

_WORKS_ON_PROJECTS = frozenset(
    {
        P.VIEW_PROJECTS,
        P.UPDATE_MILESTONES,
        P.ASSIGN_TASKS,
        P.WORK_TASKS,
        P.REPORT_INVESTMENT,
        P.REPORT_ISSUES,
        P.LOG_SITE_WORK,
    }
)
"""What somebody of a taskforce does. Which project, and in which part, the appointment decides, not the role:
who is appointed leader may lead at once."""

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role(
            RoleCode.DISCIPLINE_OFFICER,
            "受理线索，开展明察暗访，登记、核实八不准违规，拟制督办函；登记人与认定人必须是两个人。",
            Scope.GLOBAL,
            _DISCIPLINE | {P.LOG_VIOLATIONS, P.CONFIRM_VIOLATIONS, P.EDIT_CATALOGUES, P.EDIT_REGULATIONS},
        ),
        Role(
            RoleCode.DISCIPLINE_HEAD,
            "审批线索处置，签发督办函和典型案例通报，研判建议，撤销他人的认定；不签发自己拟的文书。",
            Scope.GLOBAL,
            _DISCIPLINE
            | {
                P.CONFIRM_VIOLATIONS,
                P.REOPEN_DECISIONS,
                P.APPROVE_CLUES,
                P.ISSUE_LETTERS,
                P.APPROVE_NOTICES,
                P.ANSWER_PROPOSALS,
            },
        ),
        Role(
            RoleCode.PROJECT_LEADER,
            "更新自己负责项目的节点、投资和问题，下达和验收六定任务。",
            Scope.PROJECTS,
            _WORKS_ON_PROJECTS,
        ),
        Role(
            RoleCode.ASSESSMENT_OFFICER,
            "维护单位、花名册和重点项目，审批计划变更，组织调度，管理考核周期，查看和导出排名，维护定时计划。",
            Scope.GLOBAL,
            frozenset(
                {
                    P.VIEW_CADRES,
                    P.VIEW_VIOLATIONS,
                    P.IMPORT_ROSTER,
                    P.IMPORT_TABLES,
                    P.VIEW_PROJECTS,
                    P.IMPORT_PROJECTS,
                    P.MANAGE_PROJECTS,
                    P.APPROVE_CHANGES,
                    P.ASSIGN_TASKS,
                    P.POST_FRONTLINE,
                    P.HOLD_DISPATCH,
                    P.VIEW_CANDIDATES,
                    P.VIEW_RESULTS,
                    P.RUN_ASSESSMENT,
                    P.EXPORT_RANKING,
                    P.EDIT_SCHEDULE,
                }
            ),
        ),
        Role(
            RoleCode.UNIT_HEAD,
            "查看本单位（含二层机构）的人员、违规记录和结果，给本单位人员作五干评分，初阅试卷，签收和办理督办函。",
            Scope.UNIT,
            _READS_CONDUCT
            | {
                P.RATE_STAFF,
                P.ANSWER_LETTERS,
                P.REPORT_CAMPAIGNS,
                P.REVIEW_PAPERS,
                P.WORK_TASKS,
                P.REPORT_ISSUES,
                P.LOG_SITE_WORK,
                P.POST_FRONTLINE,
            },
        ),
        Role(
            RoleCode.CADRE,
            "查看本人的记录和每一分的来历，对本人的档案作出说明、提出异议；办理所在项目的工作。",
            Scope.SELF,
            _WORKS_ON_PROJECTS
            | frozenset(
                {
                    P.VIEW_CADRES,
                    P.VIEW_VIOLATIONS,
                    P.VIEW_RESULTS,
                    P.VIEW_NOTICES,
                    P.VIEW_EDUCATION,
                    P.VIEW_DOSSIERS,
                }
            ),
        ),
        Role(
            RoleCode.LEADERSHIP,
            "查看全区项目、违规和考核情况，给直接下属作五干评分。",
            Scope.GLOBAL,
            _READS_CONDUCT | {P.RATE_STAFF, P.VIEW_INSPECTIONS, P.VIEW_OVERVIEW, P.VIEW_CANDIDATES},
        ),
        Role(
            RoleCode.SYSTEM_ADMIN,
            "建立和停用账号，重置密码；不能授权，看不到业务数据。",
            Scope.GLOBAL,
            frozenset({P.MANAGE_ACCOUNTS}),
        ),
        Role(
            RoleCode.SECURITY_ADMIN,
            "授予和收回角色；不能建账号，看不到业务数据。",
            Scope.GLOBAL,
            frozenset({P.GRANT_ROLES}),
        ),
        Role(
            RoleCode.AUDITOR,
            "查看审计日志并校验审计链；不能改动任何数据，看不到业务页面。",
            Scope.GLOBAL,
            frozenset({P.READ_AUDIT}),
        ),
    )
}

# What Django's own admin serves, by permission: catalogues and the schedule, no business record.
ADMIN_MODELS: dict[Permission, frozenset[str]] = {
    P.EDIT_CATALOGUES: frozenset(
        {
            "accountability.combinationrule",
            "accountability.ground",
            "accountability.measurekind",
            "conduct.problemtag",
            "conduct.prohibition",
            "core.workdayoverride",
        }
    ),
    P.MANAGE_PROJECTS: frozenset({"projects.incentive", "projects.sitescene"}),
    P.EDIT_SCHEDULE: frozenset(
        {
            "django_celery_beat.periodictask",
            "django_celery_beat.crontabschedule",
            "django_celery_beat.intervalschedule",
            "assessment.workstyle",
            "core.workdayoverride",
        }
    ),
}


# 三员分立: the auditor sees who did what to which record, and the content only of what is not business.
AUDITOR_READS = frozenset(
    {
        "accountability.CombinationRule",
        "accountability.Ground",
        "accountability.MeasureKind",
        "assessment.Run",
        "assessment.Scheme",
        "assessment.WorkStyle",
        "conduct.Clause",
        "conduct.ProblemTag",
        "conduct.Prohibition",
        "conduct.Regulation",
        "core.ImportBatch",
        "core.User",
        "core.WorkdayOverride",
        "projects.Incentive",
        "projects.SiteScene",
    }
)

AUDITOR_NAMES = AUDITOR_READS | {"assessment.Period", "core.Cadre", "core.Unit"}
"""Of whom a row speaks: a name that by itself tells nothing of what happened."""


@dataclass(frozen=True)
class Reach:
    """Over whom one permission reaches: everybody, some unit subtrees, own projects, oneself."""

    everywhere: bool = False
    unit_ids: frozenset[int] = frozenset()
    own_projects: bool = False
    own_self: bool = False


@dataclass(frozen=True)
class Access:
    """Everything an account may do, from its grants in force."""

    cadre_id: int | None
    roles: frozenset[str]
    reaches: dict[Permission, Reach] = field(default_factory=dict)

    @classmethod
    def of(cls, *, cadre_id: int | None, grants: Iterable[RoleGrant]) -> Access:
        reaches: dict[Permission, Reach] = {}
        codes = set()
        for grant in grants:
            role = ROLES[grant.role]
            codes.add(grant.role)
            for permission in role.permissions:
                old = reaches.get(permission, Reach())
                reaches[permission] = Reach(
                    everywhere=old.everywhere or role.scope is Scope.GLOBAL,
                    unit_ids=old.unit_ids | ({grant.unit_id} if grant.unit_id else set()),
                    own_projects=old.own_projects or role.scope is Scope.PROJECTS,
                    own_self=old.own_self or role.scope is Scope.SELF,
                )
        return cls(cadre_id=cadre_id, roles=frozenset(codes), reaches=reaches)

    def has(self, permission: Permission) -> bool:
        return permission in self.reaches

    def reach(self, permission: Permission) -> Reach:
        """An account without the permission reaches nobody."""
        return self.reaches.get(permission, Reach())

    @property
    def admin_models(self) -> frozenset[str]:
        return frozenset().union(*(models for p, models in ADMIN_MODELS.items() if self.has(p)))


def access_of(user: User) -> Access:
    """The account's access from its grants in force today; read once per user object, so once per request.

    `config.auth.Backend` leaves the grants on the user in the query that loads it.
    """
    # Attributes, not __dict__: the request's user is a lazy proxy with a __dict__ of its own.
    cached: Access | None = getattr(user, "_access", None)
    if cached is None:
        grants = getattr(user, "grants_in_force", None)
        if grants is None:
            grants = user.grants.in_force(timezone.localdate()) if user.pk else []
        cached = Access.of(cadre_id=user.cadre_id, grants=grants if user.is_active else [])
        user._access = cached  # type: ignore[attr-defined]
    return cached


def permission_names(user: User) -> frozenset[str]:
    """The names of the permissions an account holds, as workflows declare them in `Step.needs`."""
    return frozenset(permission.name for permission in access_of(user).reaches)


def may(user: User, permission: Permission) -> bool:
    return access_of(user).has(permission)


def demand(user: User, permission: Permission) -> None:
    """Raises NotAllowed, naming the permission, when the user does not hold it."""
    if not may(user, permission):
        raise NotAllowed(f"您的角色没有{permission}的权限。")


def reach(user: User, permission: Permission) -> Reach:
    """Over whom the user holds the permission; the only input of every `visible_to`."""
    return access_of(user).reach(permission)


class SignedInRequest(HttpRequest):
    """A request behind `@requires`: the middleware has already seen to the user."""

    user: User


class Public(StrEnum):
    """Access rules that need no permission."""

    ANYONE = "无需登录"
    SIGNED_IN = "登录即可"


AccessRule = Permission | Public


V = TypeVar("V", bound=Callable[..., Any])


def requires(rule: AccessRule) -> Callable[[V], V]:
    """Declare who may use a view or API class; without a declaration it answers 403 to everybody."""

    def declare(view: V) -> V:
        view.access_rule = rule  # type: ignore[attr-defined]
        return view

    return declare


def declared_rule(view: Any) -> AccessRule | None:
    """The rule a resolved view callable (function, class-based, viewset) declares, if any."""
    for holder in (view, getattr(view, "view_class", None), getattr(view, "cls", None)):
        rule = getattr(holder, "access_rule", None)
        if isinstance(rule, Permission | Public):
            return rule
    return None


def allows(rule: AccessRule | None, user: Any) -> bool:
    """Whether `user` (a `User` or Django's anonymous user) satisfies the rule."""
    if rule is Public.ANYONE:
        return True
    if rule is None or not isinstance(user, User) or not user.is_active:
        return False
    return rule is Public.SIGNED_IN or may(user, Permission(rule))
