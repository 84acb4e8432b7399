"""The district's own rules, clause by clause, and which record rests on which clause."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from conduct.choices import RegulationKind
from core.models import CatalogueEntry, User


class Regulation(CatalogueEntry):
    """One version of a regulation: 两办法一制度 and the district's other rules."""

    catalogue_file = "catalogues/regulations.yaml"

    doc_no = models.CharField("文号", max_length=60, blank=True)
    issuer = models.CharField("制定机关", max_length=80)
    kind = models.CharField("类别", max_length=10, choices=RegulationKind)

    class Meta(CatalogueEntry.Meta):
        verbose_name = verbose_name_plural = "法规制度"

    def get_absolute_url(self) -> str:
        return reverse("conduct:regulation-detail", args=[self.pk])


class Clause(CatalogueEntry):
    """One version of one clause; `name` is its heading, `description` its text."""

    catalogue_file = "catalogues/clauses.yaml"

    regulation_key = models.CharField("法规代码", max_length=40)
    number = models.PositiveIntegerField("第几条")

    class Meta(CatalogueEntry.Meta):
        verbose_name = verbose_name_plural = "法规条款"
        ordering = ["regulation_key", "number", "-effective_from", "id"]
        indexes = [models.Index(fields=["regulation_key", "number"], name="clause_by_regulation")]
        constraints = [
            *CatalogueEntry.Meta.constraints,
            models.UniqueConstraint(
                fields=["regulation_key", "number", "effective_from"], name="clause_number_once"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="clause_number_from_one"),
        ]

    def __str__(self) -> str:
        return f"第{self.number}条 {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("conduct:clause-detail", args=[self.pk])


class Citation(models.Model):
    """A record rests on a clause, in the version in force on the record's day.

    One taken back stays, with who and why; `owner_label` and `owner_id` name a record of any kind.
    """

    owner_label = models.CharField("所属类型", max_length=60)
    owner_id = models.CharField("所属编号", max_length=64)
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="+", verbose_name="条款")
    cited_for = models.DateField("适用日期")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="引用人")
    at = models.DateTimeField("引用时间")
    removed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤销人"
    )
    removed_at = models.DateTimeField("撤销时间", null=True, blank=True)
    removed_reason = models.CharField("撤销原因", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "引用依据"
        ordering = ["owner_label", "owner_id", "id"]
        indexes = [models.Index(fields=["owner_label", "owner_id"], name="citation_by_owner")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner_label", "owner_id", "clause"],
                condition=Q(removed_at=None),
                name="citation_once",
            ),
            models.CheckConstraint(
                condition=Q(removed_by=None, removed_at=None, removed_reason="")
                | (Q(removed_by__isnull=False, removed_at__isnull=False) & ~Q(removed_reason="")),
                name="citation_removal_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"引用{self.clause}"
