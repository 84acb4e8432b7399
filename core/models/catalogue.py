"""Catalogues: versioned by effective date, retired and never deleted."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, OuterRef, Q


class CatalogueQuerySet(models.QuerySet[Any]):
    def in_force(self, day: date | OuterRef) -> Self:
        """The versions that apply to something that happened on `day`."""
        return self.filter(effective_from__lte=day).filter(Q(retired_on=None) | Q(retired_on__gt=day))


class CatalogueEntry(models.Model):
    """One version of one entry. A record is judged by the version in force on its day.

    A subclass names its YAML file, relative to its app, in `catalogue_file`; `sync_catalogues` reads it.
    """

    catalogue_file: ClassVar[str]

    key = models.CharField("代码", max_length=40)
    name = models.CharField("名称", max_length=80)
    description = models.TextField("说明", blank=True)
    order = models.PositiveIntegerField("排序", default=0)
    effective_from = models.DateField("施行日期")
    retired_on = models.DateField("停用日期", null=True, blank=True)
    basis = models.CharField("依据", max_length=200)
    verified = models.BooleanField("已对照官方文本", default=False)

    objects: ClassVar[models.Manager[Any]] = CatalogueQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["order", "key", "-effective_from", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "effective_from"], name="%(app_label)s_%(class)s_version_once"
            ),
            models.UniqueConstraint(
                fields=["key"], condition=Q(retired_on=None), name="%(app_label)s_%(class)s_one_open_version"
            ),
            models.CheckConstraint(
                condition=Q(retired_on=None) | Q(retired_on__gt=F("effective_from")),
                name="%(app_label)s_%(class)s_retired_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WorkdayOverride(models.Model):
    """A day on which the office's calendar differs from the published one, with its source."""

    day = models.DateField("日期", unique=True)
    is_workday = models.BooleanField("上班")
    source = models.CharField("依据", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "工作日调整"
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.is_workday else '休息'}"
