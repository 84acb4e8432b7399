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


class LetterState(models.TextChoices):
    """Where a supervision letter stands, from the draft to the last item ticked off."""

    DRAFT = "DRAFT", "拟稿"
    IN_REVIEW = "IN_REVIEW", "待审核"
    APPROVED = "APPROVED", "待签发"
    ISSUED = "ISSUED", "已签发"
    RECEIVED = "RECEIVED", "已签收"
    RECTIFYING = "RECTIFYING", "整改中"
    CLOSED = "CLOSED", "已销号"
    CANCELLED = "CANCELLED", "已作废"


class ItemState(models.TextChoices):
    OPEN = "OPEN", "整改中"
    REPORTED = "REPORTED", "待核验"
    PASSED = "PASSED", "已通过"


class ExtensionState(models.TextChoices):
    ASKED = "ASKED", "待审批"
    GRANTED = "GRANTED", "已同意"
    REFUSED = "REFUSED", "不同意"


class CheckResult(models.TextChoices):
    """What the officer found when checking a feedback."""

    PASSED = "PASSED", "通过"
    RETURNED = "RETURNED", "退回"


class ChaseKind(models.TextChoices):
    """The rungs of chasing an overdue item, each after the one before."""

    FIRST = "FIRST", "第一次催办"
    SECOND = "SECOND", "第二次催办"
    TALK = "TALK", "约谈"
    PROPOSAL = "PROPOSAL", "建议启动问责"
