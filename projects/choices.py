"""Fixed word lists of the projects."""

from django.db import models


class ProjectKind(models.TextChoices):
    KEY = "KEY", "重点项目"
    LIVELIHOOD = "LIVELIHOOD", "民生实事"
    TASK = "TASK", "目标任务"


class ProjectState(models.TextChoices):
    ACTIVE = "ACTIVE", "推进中"
    SUSPENDED = "SUSPENDED", "已暂停"
    CLOSED = "CLOSED", "已办结"


class MilestoneKind(models.TextChoices):
    """The four key nodes, and the others that published plans name."""

    LAND = "LAND", "交地"
    PERMIT = "PERMIT", "取得施工许可证"
    START = "START", "开工"
    COMPLETE = "COMPLETE", "竣工"
    IN_USE = "IN_USE", "投入使用"
    OTHER = "OTHER", "其他"


class MemberRole(models.TextChoices):
    LEADER = "LEADER", "组长"
    DEPUTY = "DEPUTY", "副组长"
    MEMBER = "MEMBER", "成员"


class Light(models.TextChoices):
    GREEN = "GREEN", "正常"
    YELLOW = "YELLOW", "临期"
    RED = "RED", "逾期"
    GREY = "GREY", "不计时"


class MilestoneState(models.TextChoices):
    ACTIVE = "ACTIVE", "推进中"
    SUSPENDED = "SUSPENDED", "已暂停"
    WITHDRAWN = "WITHDRAWN", "已撤销"


class PlanChangeKind(models.TextChoices):
    """What a leader asks for and somebody else decides."""

    MOVE = "MOVE", "调整计划日期"
    SUSPEND = "SUSPEND", "暂停节点"


class ForecastBasis(models.TextChoices):
    """What a forecast rests on, or why there is none."""

    DONE = "DONE", "已完成"
    STATED = "STATED", "组长预计"
    PACE = "PACE", "按进度推算"
    SUSPENDED = "SUSPENDED", "已暂停，无法推算"
    FULL = "FULL", "进度已 100%，只缺完成日期"
    NO_START = "NO_START", "没有开始日期，无法推算"
    NO_PROGRESS = "NO_PROGRESS", "还没有进度，无法推算"
    TOO_SLOW = "TOO_SLOW", "按目前进度十年内完不成"


class Contradiction(models.TextChoices):
    """What cannot be true at once in what is known of a milestone; pointed out, never swallowed."""

    SUSPENDED_FULL = "SUSPENDED_FULL", "暂停与完成矛盾"
    FULL_WITHOUT_DATE = "FULL_WITHOUT_DATE", "缺完成日期"
    DONE_BEFORE_START = "DONE_BEFORE_START", "完成早于开始"
    PROGRESS_BEFORE_START = "PROGRESS_BEFORE_START", "未开始已有进度"
    IN_FUTURE = "IN_FUTURE", "实际日期晚于今天"
    FORECAST_PAST = "FORECAST_PAST", "预计日期已过"
    DONE_BEFORE_PREDECESSOR = "DONE_BEFORE_PREDECESSOR", "早于前置节点完成"
    PREDECESSOR_OPEN = "PREDECESSOR_OPEN", "前置节点未完成"
    PLANNED_BEFORE_PREDECESSOR = "PLANNED_BEFORE_PREDECESSOR", "计划早于前置节点"
    DONE_OUT_OF_ORDER = "DONE_OUT_OF_ORDER", "完成顺序颠倒"
    PLANNED_OUT_OF_ORDER = "PLANNED_OUT_OF_ORDER", "计划顺序颠倒"


class ChangeState(models.TextChoices):
    """A change of a plan or a task that somebody else approves."""

    PROPOSED = "PROPOSED", "待审批"
    APPROVED = "APPROVED", "已批准"
    DECLINED = "DECLINED", "未批准"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class AssignmentState(models.TextChoices):
    DRAFT = "DRAFT", "拟定中"
    ISSUED = "ISSUED", "待签收"
    SIGNED = "SIGNED", "办理中"
    SUBMITTED = "SUBMITTED", "待验收"
    ACCEPTED = "ACCEPTED", "已验收"
    SUSPENDED = "SUSPENDED", "已暂停"
    WITHDRAWN = "WITHDRAWN", "已撤销"


class PersonRole(models.TextChoices):
    """定人: who answers for a task, down to who does it."""

    ANSWERS = "ANSWERS", "责任领导"
    OWNER = "OWNER", "责任人"
    HANDLER = "HANDLER", "经办人"


class IncentiveKind(models.TextChoices):
    REWARD = "REWARD", "奖励"
    PENALTY = "PENALTY", "惩戒"


class IssueKind(models.TextChoices):
    FINANCE = "FINANCE", "融资难"
    LAND = "LAND", "用地难"
    APPROVAL = "APPROVAL", "审批难"
    CLEARING = "CLEARING", "征拆"
    OTHER = "OTHER", "其他"


class IssueState(models.TextChoices):
    OPEN = "OPEN", "待解决"
    ESCALATED = "ESCALATED", "已提级"
    SOLVED = "SOLVED", "待销号"
    CLOSED = "CLOSED", "已销号"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class SolvedHow(models.TextChoices):
    ON_SITE = "ON_SITE", "现场解决"
    OFFICE = "OFFICE", "会后解决"
    ESCALATED = "ESCALATED", "提级解决"


class SiteLogState(models.TextChoices):
    RECORDED = "RECORDED", "已记录"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class FrontlineState(models.TextChoices):
    RECORDED = "RECORDED", "已安排"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class DispatchKind(models.TextChoices):
    FORTNIGHT = "FORTNIGHT", "半月调度"
    MONTHLY = "MONTHLY", "月检查"


class DispatchState(models.TextChoices):
    PREPARED = "PREPARED", "筹备中"
    HELD = "HELD", "已召开"
    CANCELLED = "CANCELLED", "已取消"


class DecisionState(models.TextChoices):
    OPEN = "OPEN", "待落实"
    DONE = "DONE", "已落实"
    DROPPED = "DROPPED", "不再落实"


class DecisionBecomes(models.TextChoices):
    """What follows from a decision of the meeting."""

    NOTE = "NOTE", "督促落实"
    TASK = "TASK", "转为六定任务"
    LETTER = "LETTER", "建议发督办函"


class OpeningScope(models.TextChoices):
    """From when on the amount brought forward was counted."""

    START = "START", "开工以来累计"
    YEAR = "YEAR", "当年累计"


class InvestmentFact(models.TextChoices):
    """Which figure of the investment was written."""

    PLAN = "PLAN", "年度计划"
    MONTH = "MONTH", "当月完成"
    OPENING = "OPENING", "期初累计"
