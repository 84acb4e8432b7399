"""What happened to a record, what is proposed because of it, and what later readers must know changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.choices import ProposalKind, ProposalState
from core.models.accounts import User
from core.models.people import Cadre, Unit


class StepTaken(models.Model):
    """One step of one record's workflow, written by `core.services.steps` only; the history people read.

    `old` is what a correction replaced, label → text as the page showed it; rows are only ever added.
    """

    owner_label = models.CharField("所属类型", max_length=60)
    owner_id = models.CharField("所属编号", max_length=64)
    step = models.CharField("步骤代码", max_length=40)
    label = models.CharField("步骤", max_length=40)
    from_state = models.CharField("原状态", max_length=16, blank=True)
    to_state = models.CharField("新状态", max_length=16)
    note = models.TextField("说明", max_length=2000, blank=True)
    old = models.JSONField("原内容", default=dict, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "办理经过"
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["owner_label", "owner_id", "at", "id"], name="step_by_owner")]

    def __str__(self) -> str:
        return self.label


class Proposal(models.Model):
    """What a record suggests and a person decides: nothing follows by itself.

    `source_*` names the record it comes from, `ground` the accountability ground where there is one.
    """

    kind = models.CharField("类别", max_length=12, choices=ProposalKind)
    key = models.CharField("去重键", max_length=160, unique=True)
    source_label = models.CharField("来源类型", max_length=60)
    source_id = models.CharField("来源编号", max_length=64)
    source_name = models.CharField("来源", max_length=200)
    cadre = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及人员"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及单位"
    )
    ground = models.CharField("情形代码", max_length=40, blank=True)
    reason = models.TextField("理由", max_length=2000)
    state = models.CharField("状态", max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="提出人"
    )
    proposed_at = models.DateTimeField("提出时间")
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="研判人"
    )
    answered_at = models.DateTimeField("研判时间", null=True, blank=True)
    answer = models.TextField("研判意见", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "研判建议"
        ordering = ["-proposed_at", "-id"]
        indexes = [
            models.Index(fields=["state", "-proposed_at", "-id"], name="proposal_by_state"),
            models.Index(fields=["source_label", "source_id"], name="proposal_by_source"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ProposalState.OPEN, answered_by=None, answered_at=None)
                | (~Q(state=ProposalState.OPEN) & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="proposal_answer_complete",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | Q(proposed_by=None) | ~Q(answered_by=models.F("proposed_by")),
                name="proposal_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.source_name}"


class FactChange(models.Model):
    """A fact that periods may already have counted was changed: what, about whom, since which day.

    Written by the app that owns the fact; assessment reads it and computes the periods it touches anew.
    """

    source_label = models.CharField("来源类型", max_length=60)
    source_id = models.CharField("来源编号", max_length=64)
    cadre = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及人员"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及单位"
    )
    what = models.CharField("变动", max_length=200)
    since = models.DateField("自何日起")
    noted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="记录人"
    )
    noted_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "事实变动"
        ordering = ["-id"]
        indexes = [models.Index(fields=["since", "id"], name="fact_change_by_day")]

    def __str__(self) -> str:
        return self.what


class NumberSeries(models.Model):
    """The last number given out in a series of official numbers, one row per series and year."""

    series = models.CharField("字号", max_length=40)
    year = models.PositiveIntegerField("年度")
    last = models.PositiveIntegerField("末号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号"
        ordering = ["series", "-year"]
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.series}〔{self.year}〕{self.last}号"
