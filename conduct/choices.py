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


class RegulationKind(models.TextChoices):
    """What sort of rule a regulation is."""

    METHOD = "METHOD", "办法"
    SYSTEM = "SYSTEM", "责任制度"
    CONDUCT = "CONDUCT", "纪律要求"
    OTHER = "OTHER", "其他规定"


class UnitMeasureKind(models.TextChoices):
    """What can be done to a unit."""

    NO_HONOURS = "NO_HONOURS", "取消评优资格"
    NO_POSTS = "NO_POSTS", "停止增人增编"
    CIRCULAR = "CIRCULAR", "通报批评（单位）"


class UnitMeasureState(models.TextChoices):
    """Where a measure stands; that its last day has passed is computed, not a state."""

    PROPOSED = "PROPOSED", "待批准"
    IN_FORCE = "IN_FORCE", "生效中"
    LIFTED = "LIFTED", "已解除"
    DECLINED = "DECLINED", "未批准"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class MeasureStanding(models.TextChoices):
    """What a unit's measure is on one day, its period included."""

    PROPOSED = "PROPOSED", "待批准"
    COMING = "COMING", "已批准，未到起始日"
    IN_FORCE = "IN_FORCE", "生效中"
    ANNOUNCED = "ANNOUNCED", "已通报"
    EXPIRED = "EXPIRED", "已期满"
    LIFTED = "LIFTED", "已解除"
    DECLINED = "DECLINED", "未批准"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class EducationKind(models.TextChoices):
    PARTY_CLASS = "PARTY_CLASS", "党课"
    TOPIC = "TOPIC", "专题教育"
    PRE_POST = "PRE_POST", "任前廉政谈话"
    GROUP_TALK = "GROUP_TALK", "集体约谈"
    HEART_TALK = "HEART_TALK", "谈心谈话"


class CommendationKind(models.TextChoices):
    REWARD = "REWARD", "一事一嘉奖"
    PROMOTION = "PROMOTION", "重用提拔"
    HONOUR = "HONOUR", "表彰"


class CommendationState(models.TextChoices):
    PROPOSED = "PROPOSED", "待确认"
    CONFIRMED = "CONFIRMED", "已确认"
    DECLINED = "DECLINED", "未确认"
    WITHDRAWN = "WITHDRAWN", "已撤回"
