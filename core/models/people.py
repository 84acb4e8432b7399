"""The unit tree and the people in it, with their moves."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from tree_queries.fields import TreeNodeForeignKey
from tree_queries.models import TreeNode

from core.choices import Establishment, UnitKind


class Unit(TreeNode):
    """A unit of the district: organ, second-tier body, township; a closed unit keeps its records."""

    parent = TreeNodeForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="上级单位",
    )
    code = models.CharField("单位代码", max_length=32, unique=True)
    name = models.CharField("单位名称", max_length=80)
    kind = models.CharField("类别", max_length=16, choices=UnitKind)
    order = models.PositiveIntegerField("排序", default=0)
    closed_on = models.DateField("撤销日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="unit_name_once_per_parent"),
            models.UniqueConstraint(fields=["name"], condition=Q(parent=None), name="unit_root_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


def person_matches(text: str, *, path: str = "") -> Q:
    """Name contains `text`, or staff number, full pinyin or initials begin with it.

    Blank text fits everybody. `path` leads from the queried model to the cadre, as in `cadre__`.
    """
    key = text.strip().lower().replace(" ", "")
    if not key:
        return Q()
    return (
        Q(**{f"{path}name__contains": text.strip()})
        | Q(**{f"{path}staff_no__startswith": key.upper()})
        | Q(**{f"{path}pinyin__startswith": key})
        | Q(**{f"{path}initials__startswith": key})
    )


class CadreQuerySet(models.QuerySet["Cadre"]):
    def serving_on(self, day: date) -> CadreQuerySet:
        """Cadres who had joined and not left on `day`."""
        return self.filter(joined_on__lte=day).filter(Q(left_on=None) | Q(left_on__gte=day))

    def with_posting_on(self, day: date) -> CadreQuerySet:
        """Adds `unit_id_on`: the unit of that day, so that a record keeps it without a second query."""
        posting = Posting.objects.filter(cadre=models.OuterRef("pk")).covering(day)
        return self.annotate(
            unit_id_on=models.Subquery(posting.order_by("-start_on", "-id").values("unit_id")[:1])
        )

    def posted_to(self, unit: Unit, day: date) -> CadreQuerySet:
        """Cadres with a posting in the unit that covers `day`."""
        return self.filter(pk__in=Posting.objects.covering(day).filter(unit=unit).values("cadre"))

    def units_on(self, day: date) -> dict[int, int]:
        """Cadre id → unit id of that day; who was not in service is left out."""
        found = Posting.objects.covering(day).filter(cadre__in=self.serving_on(day).values("pk"))
        return dict(found.order_by("start_on", "id").values_list("cadre_id", "unit_id"))

    def numbers_by_unit(self, day: date) -> dict[int, int]:
        """Unit id → how many were in service there on that day; counted by the database."""
        found = Posting.objects.covering(day).filter(cadre__in=self.serving_on(day).values("pk"))
        counted = found.order_by().values("unit").annotate(n=models.Count("cadre", distinct=True))
        return dict(counted.values_list("unit", "n"))

    def matching(self, text: str) -> CadreQuerySet:
        return self.filter(person_matches(text))


class Cadre(models.Model):
    """A person of the district. The post columns mirror the open posting; services write both."""

    staff_no = models.CharField("工号", max_length=32, unique=True)
    name = models.CharField("姓名", max_length=40)
    pinyin = models.CharField("拼音", max_length=120, db_index=True, editable=False)
    initials = models.CharField("拼音首字母", max_length=40, db_index=True, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cadres", verbose_name="单位")
    establishment = models.CharField("编制类型", max_length=16, choices=Establishment)
    post = models.CharField("职务", max_length=80, blank=True)
    rank = models.CharField("职级", max_length=40, blank=True)
    supervisor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="staff", verbose_name="直接上级"
    )
    joined_on = models.DateField("到岗日期")
    left_on = models.DateField("离任日期", null=True, blank=True)

    objects = CadreQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "干部"
        ordering = ["pinyin", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")), name="cadre_leaves_after_joining"
            ),
            models.CheckConstraint(
                condition=Q(supervisor=None) | ~Q(supervisor=F("id")), name="cadre_not_own_supervisor"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PostingQuerySet(models.QuerySet["Posting"]):
    def covering(self, day: date | models.OuterRef) -> PostingQuerySet:
        return self.filter(start_on__lte=day).filter(Q(end_on=None) | Q(end_on__gte=day))


class Posting(models.Model):
    """One stretch of a cadre's service in one post; both days count. Moves are kept, never rewritten."""

    cadre = models.ForeignKey(Cadre, on_delete=models.PROTECT, related_name="postings", verbose_name="干部")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="postings", verbose_name="单位")
    establishment = models.CharField("编制类型", max_length=16, choices=Establishment)
    post = models.CharField("职务", max_length=80, blank=True)
    rank = models.CharField("职级", max_length=40, blank=True)
    supervisor = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="直接上级"
    )
    start_on = models.DateField("起始日期")
    end_on = models.DateField("截止日期", null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职经历"
        ordering = ["-start_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["cadre"], condition=Q(end_on=None), name="posting_one_open"),
            models.UniqueConstraint(fields=["cadre", "start_on"], name="posting_one_start_a_day"),
            models.CheckConstraint(
                condition=Q(end_on=None) | Q(end_on__gte=F("start_on")), name="posting_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start_on}起"
