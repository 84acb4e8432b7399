"""Catalogues of the projects: 七现场 and what a task's reward and penalty may be."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import CatalogueEntry
from projects.choices import IncentiveKind


class SiteScene(CatalogueEntry):
    """七现场: one of the seven kinds of work done on the site."""

    catalogue_file = "catalogues/site_scenes.yaml"

    class Meta(CatalogueEntry.Meta):
        verbose_name = verbose_name_plural = "七现场"


class Incentive(CatalogueEntry):
    """定奖惩: a reward or a penalty a task may carry, worth so many points of a score."""

    catalogue_file = "catalogues/incentives.yaml"

    kind = models.CharField("奖惩", max_length=8, choices=IncentiveKind)
    points = models.DecimalField("分值", max_digits=5, decimal_places=2)
    """How many points it adds (reward) or takes (penalty); never negative."""
    days = models.PositiveSmallIntegerField("起算天数", default=0)
    """Calendar days it takes to earn it: a reward, so many before the baseline; a penalty, more than so many
    after the time limit."""

    class Meta(CatalogueEntry.Meta):
        verbose_name = verbose_name_plural = "奖惩条款"
        constraints = [
            *CatalogueEntry.Meta.constraints,
            models.CheckConstraint(condition=Q(points__gte=0), name="incentive_points_not_negative"),
        ]
