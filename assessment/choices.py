"""Fixed word lists of the assessment app."""

from django.db import models


class PeriodKind(models.TextChoices):
    """日清 月评 季督 年考."""

    DAY = "DAY", "日清"
    MONTH = "MONTH", "月评"
    QUARTER = "QUARTER", "季督"
    YEAR = "YEAR", "年考"


class PeriodState(models.TextChoices):
    COLLECTING = "COLLECTING", "收集"
    COMPUTING = "COMPUTING", "核算"
    REVIEW = "REVIEW", "复核"


class RunState(models.TextChoices):
    RUNNING = "RUNNING", "核算中"
    DONE = "DONE", "已完成"
    FAILED = "FAILED", "未完成"


class ChunkState(models.TextChoices):
    PENDING = "PENDING", "待核算"
    DONE = "DONE", "已核算"
    FAILED = "FAILED", "有误"


class Source(models.TextChoices):
    """Where an indicator's readings come from; one query module answers for each."""

    WORK_STYLE_RATING = "WORK_STYLE_RATING", "五干评分"
    MILESTONE_PROGRESS = "MILESTONE_PROGRESS", "节点进度"
    VIOLATION_DEDUCTION = "VIOLATION_DEDUCTION", "违规扣分"


class Effect(models.TextChoices):
    """How an indicator moves the total."""

    SCORE = "SCORE", "计分"
    DEDUCTION = "DEDUCTION", "扣分"


class MissingPolicy(models.TextChoices):
    """What happens to a subject that has no reading; missing is never zero."""

    REDISTRIBUTE = "REDISTRIBUTE", "权重按比例归一到其余指标"
    LEAVE_OUT = "LEAVE_OUT", "本项不予评价，满分相应减少"
    REFUSE = "REFUSE", "不得缺项，缺则不予核算"


class TieRule(models.TextChoices):
    STANDARD = "STANDARD", "标准竞赛名次（1,2,2,4）"
    DENSE = "DENSE", "密集名次（1,2,2,3）"


class Rounding(models.TextChoices):
    HALF_UP = "HALF_UP", "四舍五入"
    TRUNCATE = "TRUNCATE", "截断"


class GroupBy(models.TextChoices):
    """Within which people a district rank is counted."""

    ALL = "ALL", "全体干部"
    ESTABLISHMENT = "ESTABLISHMENT", "按编制类型"


class LineNote(models.TextChoices):
    """Why a line of the breakdown is not simply weight × score."""

    NONE = "", ""
    REWEIGHTED = "REWEIGHTED", "含他项缺项归一的权重"
    MISSING = "MISSING", "缺项"
    TOO_FEW = "TOO_FEW", "样本不足"
    CAPPED = "CAPPED", "已扣至上限"
    FLOORED = "FLOORED", "总分已到下限，不再扣"


WORK_STYLE_LABELS = {
    "swift": "快干",
    "bold": "猛干",
    "tireless": "苦干",
    "skilful": "巧干",
    "upright": "净干",
}
"""The five rating columns in order; the keys of the catalogue are these in capitals."""

WORK_STYLE_FIELDS = tuple(WORK_STYLE_LABELS)

MAX_RATING = 100
"""Full mark of one work style."""

CATCH_UP = {PeriodKind.DAY: 31, PeriodKind.MONTH: 24, PeriodKind.QUARTER: 8, PeriodKind.YEAR: 3}
"""After days off, at most so many of the most recent ended periods are closed on their own, oldest first."""
