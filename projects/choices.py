"""Fixed word lists of the projects."""

from django.db import models


class ProjectKind(models.TextChoices):
    KEY = "KEY", "重点项目"
    LIVELIHOOD = "LIVELIHOOD", "民生实事"
    TASK = "TASK", "目标任务"


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
