"""Fixed word lists of conduct."""

from django.db import models


class FoundBy(models.TextChoices):
    INSPECTION = "INSPECTION", "明察暗访"
    DAILY = "DAILY", "日常检查"
    REPORT = "REPORT", "群众反映"
    ASSIGNED = "ASSIGNED", "上级交办"
    OTHER = "OTHER", "其他"


class ViolationState(models.TextChoices):
    """Where a violation stands; what was found is kept apart in `Finding`."""

    LOGGED = "LOGGED", "待认定"
    CONFIRMED = "CONFIRMED", "属实"
    PARTLY = "PARTLY", "部分属实"
    DISMISSED = "DISMISSED", "不属实"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class Finding(models.TextChoices):
    """What the second person found; it stays while the record is handled and closed."""

    CONFIRMED = "CONFIRMED", "属实"
    PARTLY = "PARTLY", "部分属实"
    DISMISSED = "DISMISSED", "不属实"


class PlanOccasion(models.TextChoices):
    HOLIDAY = "HOLIDAY", "节假日"
    TERM = "TERM", "换届"
    POST = "POST", "岗位变动"
    PROJECT = "PROJECT", "项目全程监督"
    DAILY = "DAILY", "日常"


class SamplingMethod(models.TextChoices):
    RANDOM = "RANDOM", "随机抽取"
    RISK = "RISK", "按风险加权抽取"
    CHOSEN = "CHOSEN", "指定单位"


class PlanState(models.TextChoices):
    DRAFT = "DRAFT", "待启动"
    RUNNING = "RUNNING", "进行中"
    FINISHED = "FINISHED", "已结束"
    CANCELLED = "CANCELLED", "已取消"


class VisitKind(models.TextChoices):
    OPEN = "OPEN", "明察"
    COVERT = "COVERT", "暗访"


class InspectionOutcome(models.TextChoices):
    """Recorded also when nothing was found, so that rates have a denominator."""

    NOTHING = "NOTHING", "未发现问题"
    FOUND = "FOUND", "发现问题"


class FindingSeverity(models.TextChoices):
    MINOR = "MINOR", "轻微"
    COMMON = "COMMON", "一般"
    GRAVE = "GRAVE", "严重"


class FindingState(models.TextChoices):
    OPEN = "OPEN", "待处理"
    TURNED_VIOLATION = "TURNED_VIOLATION", "已转违规"
    TURNED_LETTER = "TURNED_LETTER", "已转督办"
    NOTED = "NOTED", "已教育提醒"
