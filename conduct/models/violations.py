"""八不准 and the violations of it."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from conduct.choices import Circumstance, Finding, FoundBy, HandlingWay, ViolationState
from core.models import Cadre, CatalogueEntry, Unit, User
from projects.models import KeyProject


class Prohibition(CatalogueEntry):
    """One of the 八不准, in the version of its day."""

    catalogue_file = "catalogues/prohibitions.yaml"

    deduct_points = models.DecimalField(
        "每次扣分", max_digits=5, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )

    class Meta(CatalogueEntry.Meta):
        verbose_name = verbose_name_plural = "八不准"
        constraints = [
            *CatalogueEntry.Meta.constraints,
            models.CheckConstraint(condition=Q(deduct_points__gte=0), name="prohibition_points_not_negative"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("conduct:prohibition-detail", args=[self.pk])


UNDECIDED = (ViolationState.LOGGED, ViolationState.REOPENED, ViolationState.WITHDRAWN)
"""States without a finding."""


class Violation(models.Model):
    """One person's breach of one rule on one day; it keeps the rule's version and the unit of that day."""

    prohibition = models.ForeignKey(
        Prohibition, on_delete=models.PROTECT, related_name="+", verbose_name="违反条款"
    )
    cadre = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, related_name="violations", verbose_name="违规人员"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="时任单位")
    occurred_on = models.DateField("发生日期")
    place = models.CharField("发生地点", max_length=120)
    project = models.ForeignKey(
        KeyProject, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及项目"
    )
    found_by = models.CharField("发现方式", max_length=12, choices=FoundBy, default=FoundBy.INSPECTION)
    facts = models.TextField("违规事实", max_length=2000)
    circumstances = models.JSONField("情节", default=list, blank=True)
    """Codes of `Circumstance`."""
    distinct = models.BooleanField("确认不是同一件事", default=False)
    """The recorder's word that another record of the same person, rule and day is another thing."""
    matter = models.UUIDField("同一事项", db_index=True, editable=False)
    """Shared by the records of several persons that were logged together."""
    origin_label = models.CharField("来源类型", max_length=60, blank=True)
    origin_id = models.CharField("来源编号", max_length=64, blank=True)
    """The clue or finding it came from, by label and id; blank for one logged by itself."""
    state = models.CharField("状态", max_length=10, choices=ViolationState, default=ViolationState.LOGGED)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")
    finding = models.CharField("认定结论", max_length=10, choices=Finding, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="认定人"
    )
    decided_at = models.DateTimeField("认定时间", null=True, blank=True)
    decided_on = models.DateField("认定日期", null=True, blank=True)
    decision_note = models.CharField("认定说明", max_length=500, blank=True)
    verification = models.TextField("核实情况", max_length=2000, blank=True)
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "违规记录"
        ordering = ["-occurred_on", "-id"]
        indexes = [
            models.Index(fields=["-occurred_on", "-id"], name="violation_by_day"),
            models.Index(fields=["state", "-occurred_on", "-id"], name="violation_by_state"),
            models.Index(fields=["unit", "-occurred_on", "-id"], name="violation_by_unit"),
            models.Index(fields=["decided_on", "cadre"], name="violation_by_decision"),
            models.Index(fields=["cadre", "-occurred_on", "-id"], name="violation_by_person"),
            models.Index(fields=["origin_label", "origin_id"], name="violation_by_origin"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cadre", "prohibition", "occurred_on"],
                condition=Q(distinct=False) & ~Q(state=ViolationState.WITHDRAWN),
                name="violation_same_finding_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("recorded_by")), name="violation_two_people"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=UNDECIDED, finding="", decided_by=None, decided_at=None, decided_on=None
                )
                | (
                    ~Q(state__in=UNDECIDED)
                    & ~Q(finding="")
                    & Q(decided_by__isnull=False, decided_at__isnull=False, decided_on__isnull=False)
                ),
                name="violation_decision_complete",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(*UNDECIDED, ViolationState.CLOSED))
                | Q(state=F("finding"))
                | Q(state=ViolationState.HANDLED, finding__in=(Finding.CONFIRMED, Finding.PARTLY)),
                name="violation_state_fits_finding",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occurred_on} 违规记录"

    def get_absolute_url(self) -> str:
        return reverse("conduct:violation-detail", args=[self.pk])

    def get_circumstances_display(self) -> str:
        """The circumstances in words, in the order of the list."""
        return "、".join(label for code, label in Circumstance.choices if code in self.circumstances)


AWAITS_PERSON = (HandlingWay.SELF_REVIEW, HandlingWay.PLEDGE)
"""Forms that are complete only when the person has done something: written a review, made a pledge."""


class Handling(models.Model):
    """First-level handling of a violation; kept, and revoked, when the record is reopened."""

    violation = models.ForeignKey(
        Violation, on_delete=models.PROTECT, related_name="handlings", verbose_name="违规记录"
    )
    way = models.CharField("处理方式", max_length=12, choices=HandlingWay)
    on = models.DateField("处理日期")
    note = models.CharField("处理说明", max_length=500, blank=True)
    completed_on = models.DateField("完成日期", null=True, blank=True)
    revoked_at = models.DateTimeField("撤销时间", null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "第一形态处理"
        ordering = ["on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(completed_on=None) | Q(way__in=AWAITS_PERSON, completed_on__gte=F("on")),
                name="handling_completed_after_start",
            ),
            models.UniqueConstraint(
                fields=["violation", "way", "on"],
                condition=Q(revoked_at=None),
                name="handling_once_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.get_way_display()}"

    @property
    def is_open(self) -> bool:
        """Whether something is still expected of the person."""
        return self.way in AWAITS_PERSON and self.completed_on is None and self.revoked_at is None
