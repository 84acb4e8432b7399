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


class HandlingForm(models.IntegerChoices):
    """四种形态: how heavily a matter was handled."""

    FIRST = 1, "第一种形态"
    SECOND = 2, "第二种形态"
    THIRD = 3, "第三种形态"
    FOURTH = 4, "第四种形态"
