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
    HANDLED = "HANDLED", "已处理"
    CLOSED = "CLOSED", "已办结"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class Finding(models.TextChoices):
    """What the second person found; it stays while the record is handled and closed."""

    CONFIRMED = "CONFIRMED", "属实"
    PARTLY = "PARTLY", "部分属实"
    DISMISSED = "DISMISSED", "不属实"


class HandlingWay(models.TextChoices):
    """First-level handling, within the discipline office; anything heavier is proposed as a case."""

    CRITICISM = "CRITICISM", "批评教育"
    SELF_REVIEW = "SELF_REVIEW", "责令检查"
    PLEDGE = "PLEDGE", "公开承诺"
    TALK = "TALK", "提醒谈话"
    CIRCULAR = "CIRCULAR", "通报批评"


class Circumstance(models.TextChoices):
    """从轻 and 从重 circumstances; they bear on what is suggested and decide nothing.

    Sources: 政务处分法 11–13, 行政机关公务员处分条例 12–15 and published local rules.
    """

    CONFESSED = "CONFESSED", "从轻：主动交代"
    COOPERATED = "COOPERATED", "从轻：配合核查"
    AVERTED_LOSS = "AVERTED_LOSS", "从轻：主动挽回损失"
    MINOR_PART = "MINOR_PART", "从轻：起次要作用"
    REPAID = "REPAID", "从轻：主动退赔"
    WITHIN_PERIOD = "WITHIN_PERIOD", "从重：影响期内再犯"
    BLOCKED_REPORT = "BLOCKED_REPORT", "从重：阻止检举"
    COLLUDED = "COLLUDED", "从重：串供毁证"
    REFUSED_REPAY = "REFUSED_REPAY", "从重：拒不退赔"
    TWICE_A_YEAR = "TWICE_A_YEAR", "从重：一年内两次以上"
    RETALIATED = "RETALIATED", "从重：打击报复"
