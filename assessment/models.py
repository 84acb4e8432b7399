"""Schemes, periods, ratings, and the runs that turn them into results."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from assessment.choices import (
    MAX_RATING,
    WORK_STYLE_FIELDS,
    WORK_STYLE_LABELS,
    ChunkState,
    PeriodKind,
    PeriodState,
    RunState,
)
from assessment.rules import periods
from assessment.rules import scheme as schemes
from core.choices import Establishment
from core.models import Cadre, CatalogueEntry, Unit, User


class WorkStyle(CatalogueEntry):
    """One of the 五干: what a rater gives a mark for."""

    catalogue_file = "catalogues/work_styles.yaml"

    class Meta(CatalogueEntry.Meta):
        verbose_name = verbose_name_plural = "五干作风"


class Scheme(CatalogueEntry):
    """A version of a scoring scheme. A run keeps a frozen copy, so a later version changes no result."""

    catalogue_file = "catalogues/schemes.yaml"

    version = models.PositiveIntegerField("版本", default=1)
    kind = models.CharField("周期类型", max_length=8, choices=PeriodKind)
    definition = models.JSONField("内容")

    class Meta(CatalogueEntry.Meta):
        verbose_name = verbose_name_plural = "考核方案"
        constraints = [
            *CatalogueEntry.Meta.constraints,
            models.UniqueConstraint(fields=["key", "version"], name="scheme_number_once"),
            models.CheckConstraint(condition=Q(kind__in=PeriodKind.values), name="scheme_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（第{self.version}版）"

    def clean(self) -> None:
        """Refuse a definition that cannot be scored by, with the path at fault."""
        super().clean()
        try:
            self.spec()
        except schemes.SchemeError as error:
            raise ValidationError({"definition": error.message}) from error

    def spec(self) -> schemes.SchemeSpec:
        """The scheme as data. Raises SchemeError when the definition is wrong."""
        entry = {name: getattr(self, name) for name in ("key", "definition", *schemes.HEADER)}
        return schemes.parse_scheme(schemes.flat(entry))


class Period(models.Model):
    """One day, month, quarter or year of the district; what is due is read from these rows."""

    kind = models.CharField("类型", max_length=8, choices=PeriodKind)
    first_day = models.DateField("起始日期")
    last_day = models.DateField("截止日期")
    state = models.CharField("状态", max_length=12, choices=PeriodState, default=PeriodState.COLLECTING)
    opened_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = verbose_name_plural = "考核周期"
        ordering = ["-first_day", "kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "first_day"], name="period_once"),
            models.UniqueConstraint(fields=["kind", "last_day"], name="period_ends_once"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="period_ends_after_start"),
            models.CheckConstraint(condition=Q(kind__in=PeriodKind.values), name="period_kind_known"),
            models.CheckConstraint(condition=Q(state__in=PeriodState.values), name="period_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.span.label}{self.get_kind_display()}"

    @property
    def span(self) -> periods.Span:
        return periods.Span(PeriodKind(self.kind), self.first_day, self.last_day)


def _mark(label: str) -> models.PositiveSmallIntegerField[int, int]:
    return models.PositiveSmallIntegerField(
        label, validators=[MinValueValidator(0), MaxValueValidator(MAX_RATING)]
    )


class Rating(models.Model):
    """One superior's five marks for one person and period; whole numbers, so that sums are exact."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="ratings", verbose_name="周期")
    cadre = models.ForeignKey(Cadre, on_delete=models.PROTECT, related_name="ratings", verbose_name="干部")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="时任单位")
    rater = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="评分人")
    swift = _mark(WORK_STYLE_LABELS["swift"])
    bold = _mark(WORK_STYLE_LABELS["bold"])
    tireless = _mark(WORK_STYLE_LABELS["tireless"])
    skilful = _mark(WORK_STYLE_LABELS["skilful"])
    upright = _mark(WORK_STYLE_LABELS["upright"])
    rated_at = models.DateTimeField("评分时间")

    class Meta:
        verbose_name = verbose_name_plural = "五干评分"
        ordering = ["period_id", "cadre_id", "rater_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["period", "cadre", "rater"], name="rating_once"),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{style}__gte": 0, f"{style}__lte": MAX_RATING}),
                    name=f"rating_{style}_0_100",
                )
                for style in WORK_STYLE_FIELDS
            ),
        ]

    def __str__(self) -> str:
        return f"五干评分 {self.cadre_id}"

    @property
    def marks(self) -> tuple[int, ...]:
        """快 猛 苦 巧 净."""
        return tuple(getattr(self, style) for style in WORK_STYLE_FIELDS)


class Run(models.Model):
    """One computation of one period by one frozen scheme, counted per period; all stay readable.

    A provisional run is a look ahead, made before the period has ended: it does not move the period.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="runs", verbose_name="周期")
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="runs", verbose_name="方案")
    number = models.PositiveIntegerField("版本")
    provisional = models.BooleanField("预核算", default=False)
    as_of = models.DateField("人员口径日期")
    definition = models.JSONField("冻结的方案")
    scheme_sha256 = models.CharField("方案摘要", max_length=64)
    subjects = models.PositiveIntegerField("应核算人数")
    state = models.CharField("状态", max_length=8, choices=RunState, default=RunState.RUNNING)
    message = models.CharField("说明", max_length=500, blank=True)
    sha256 = models.CharField("结果摘要", max_length=64, blank=True)
    started_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="发起人"
    )
    started_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "核算"
        ordering = ["-period__first_day", "-number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["period", "number"], name="run_number_once"),
            models.UniqueConstraint(
                fields=["period"], condition=Q(state=RunState.RUNNING), name="run_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state=RunState.RUNNING, sha256="", finished_at=None)
                | Q(state=RunState.DONE, finished_at__isnull=False) & ~Q(sha256="")
                | Q(state=RunState.FAILED, sha256="", finished_at__isnull=False),
                name="run_finished_with_digest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} 第{self.number}次核算"

    @property
    def spec(self) -> schemes.SchemeSpec:
        """The scheme as it was when the run began."""
        return schemes.parse_scheme(self.definition)


class RunChunk(models.Model):
    """A share of a run: whom it scores is settled when the run begins, it is computed in one transaction.

    `roster` holds [cadre id, unit id, establishment] in order of unit and staff number; the two units
    are the first and last of them, for the log.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="chunks", verbose_name="核算")
    ordinal = models.PositiveIntegerField("序号")
    first_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="首个单位")
    last_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="末个单位")
    roster = models.JSONField("名单")
    state = models.CharField("状态", max_length=8, choices=ChunkState, default=ChunkState.PENDING)
    message = models.CharField("说明", max_length=500, blank=True)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "核算分块"
        ordering = ["run_id", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["run", "ordinal"], name="chunk_once"),
            models.CheckConstraint(
                condition=Q(state=ChunkState.DONE, done_at__isnull=False)
                | (~Q(state=ChunkState.DONE) & Q(done_at=None)),
                name="chunk_done_at_with_state",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.ordinal}块"


class Result(models.Model):
    """One person's result in one run, with the unit of that day and the whole breakdown.

    `lines` holds one small array per indicator of the run's frozen scheme, see `rules.digest`: the frozen
    input (amount, base, sample), what it earned, and the records behind it. Ranks come when all are in.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="results", verbose_name="核算")
    cadre = models.ForeignKey(Cadre, on_delete=models.PROTECT, related_name="results", verbose_name="干部")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="时任单位")
    group = models.CharField("组别", max_length=16, blank=True, choices=Establishment)
    total = models.DecimalField("总分", max_digits=9, decimal_places=4, null=True)
    attainable = models.DecimalField("可得分", max_digits=9, decimal_places=4)
    lines = models.JSONField("分项")
    rank_in_unit = models.PositiveIntegerField("单位名次", null=True)
    rank_in_district = models.PositiveIntegerField("全区名次", null=True)
    order = models.PositiveIntegerField("显示次序", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "考核结果"
        ordering = ["run_id", "order", "id"]
        indexes = [models.Index(fields=["run", "unit", "order"], name="result_by_unit")]
        constraints = [
            models.UniqueConstraint(fields=["run", "cadre"], name="result_once"),
            models.UniqueConstraint(fields=["run", "order"], name="result_order_once"),
            models.CheckConstraint(
                condition=~Q(total=None) | Q(rank_in_unit=None, rank_in_district=None),
                name="result_no_rank_without_total",
            ),
            models.CheckConstraint(
                condition=Q(rank_in_district=None) | Q(rank_in_district__gte=1, rank_in_unit__gte=1),
                name="result_ranks_from_one",
            ),
        ]

    def __str__(self) -> str:
        return f"结果 {self.cadre_id}"
