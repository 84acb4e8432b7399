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
