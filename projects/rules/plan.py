"""Courses of a milestone and of a request to change its plan: who may do what, and when."""

from __future__ import annotations

from core.rules.workflow import Step, Workflow
from projects.choices import ChangeState, MilestoneState

M, S = MilestoneState, ChangeState

MILESTONE = Workflow(
    name="节点",
    begin="新增节点",
    initial=M.ACTIVE,
    states=dict(M.choices),
    parts={"office": "维护重点项目的人员", "leader": "项目组长、副组长", "planner": "可以编制计划的人员"},
    steps=(
        # A leader asks for it (PlanChange): what is suspended is neither timed nor counted in the assessment.
        Step("suspend", "暂停", frozenset({M.ACTIVE}), (M.SUSPENDED,), only=("office",), note="暂停原因"),
        Step("resume", "恢复", frozenset({M.SUSPENDED}), (M.ACTIVE,), only=("office", "leader"),
             note="恢复说明"),
        Step("withdraw", "撤销", frozenset({M.ACTIVE}), (M.WITHDRAWN,), only=("planner",), note="撤销原因"),
    ),
)  # fmt: skip

PLAN_CHANGE = Workflow(
    name="计划变更",
    begin="申请计划变更",
    initial=S.PROPOSED,
    states=dict(S.choices),
    parts={"asker": "申请人", "decider": "审批人"},
    steps=(
        Step("approve", "批准", frozenset({S.PROPOSED}), (S.APPROVED,), needs="APPROVE_CHANGES",
             never=("asker",)),
        Step("decline", "不予批准", frozenset({S.PROPOSED}), (S.DECLINED,), needs="APPROVE_CHANGES",
             never=("asker",), note="不予批准的理由"),
        Step("withdraw", "撤回", frozenset({S.PROPOSED}), (S.WITHDRAWN,), only=("asker",), note="撤回原因"),
    ),
)  # fmt: skip
