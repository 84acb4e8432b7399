"""Who may change a project: decided on the object, after the row scope let it through."""

from __future__ import annotations

from core.models import User
from core.permissions import Permission, may
from core.rules.errors import NotAllowed
from projects.models import KeyProject


def milestone_refusal(*, user: User, project: KeyProject, is_leader: bool) -> str:
    """Why this user may not update the project's milestones, "" when nothing is against it."""
    if not (may(user, Permission.UPDATE_MILESTONES) and is_leader):
        return f"只有项目组长、副组长可以更新“{project}”的节点。如需更正，请联系该项目组长。"
    if project.closed_on is not None:
        return f"“{project}”已于 {project.closed_on} 办结，不能再更新节点。"
    return ""


def check_update_milestones(*, user: User, project: KeyProject, is_leader: bool) -> None:
    """Only the project's own leader or deputy leader updates its milestones. Raises NotAllowed."""
    if refusal := milestone_refusal(user=user, project=project, is_leader=is_leader):
        raise NotAllowed(refusal)


def check_plan_milestones(*, user: User, project: KeyProject, is_planner: bool) -> None:
    """The office, or the leader as long as no date is fixed, sets a project's plan. Raises NotAllowed."""
    if not is_planner:
        raise NotAllowed(
            f"“{project}”的计划已经确定，由维护重点项目的人员修改；项目组长要改日期，请在节点页申请变更。"
        )
    check_open(project)


def check_open(project: KeyProject) -> None:
    """Nothing is planned any more for a closed project. Raises NotAllowed."""
    if project.closed_on is not None:
        raise NotAllowed(f"“{project}”已于 {project.closed_on} 办结，不能再改计划。")


def investment_refusal(*, user: User, project: KeyProject, is_leader: bool) -> str:
    """Why this user may not report the project's investment, "" when nothing is against it."""
    if not (may(user, Permission.REPORT_INVESTMENT) and is_leader):
        return f"只有项目组长、副组长可以填报“{project}”的投资。如需更正，请联系该项目组长。"
    if project.closed_on is not None:
        return f"“{project}”已于 {project.closed_on} 办结，不能再填报投资。"
    return ""


def check_report_investment(*, user: User, project: KeyProject, is_leader: bool) -> None:
    """Only the project's own leader or deputy leader reports its investment. Raises NotAllowed."""
    if refusal := investment_refusal(user=user, project=project, is_leader=is_leader):
        raise NotAllowed(refusal)
