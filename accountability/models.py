"""Catalogues of accountability: grounds, kinds of measures, rules of combination."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accountability.choices import GroundGroup, Nature
from accountability.rules import book, grounds
from core.models import CatalogueEntry
from core.rules.errors import DomainError


class MeasureKind(CatalogueEntry):
    """A kind of measure: for whom, how long, what it brings. A measure decided in a case is a `Measure`."""

    catalogue_file = "catalogues/measures.yaml"

    nature = models.CharField("性质", max_length=12, choices=Nature)
    months = models.PositiveSmallIntegerField(
        "影响期（月）",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
        help_text="没有影响期的留空。",
    )
    rule = models.JSONField(
        "规则",
        help_text="适用人员、后果的起止、年度考核。写法见 measures.yaml 开头的说明，可从现有版本复制。",
    )

    class Meta(CatalogueEntry.Meta):
        verbose_name = verbose_name_plural = "问责措施"
        constraints = [
            *CatalogueEntry.Meta.constraints,
            models.CheckConstraint(condition=Q(nature__in=Nature.values), name="measurekind_nature_known"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.name}"

    def clean(self) -> None:
        """Refuse a rule that cannot be computed by, with the place at fault."""
        super().clean()
        try:
            self.spec()
        except DomainError as error:
            raise ValidationError({"rule": error.message}) from error

    def spec(self) -> book.KindRule:
        """The entry as data. Raises DomainError naming the place in `rule` that is wrong."""
        return book.parse_kind({name: getattr(self, name) for name in book.ENTRY_KEYS})


class CombinationRule(CatalogueEntry):
    """How influence periods are put together and days counted; what an explanation quotes."""

    catalogue_file = "catalogues/combinations.yaml"

    months = models.PositiveSmallIntegerField(
        "月数",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
        help_text="封顶的月数，或者“一年内”的月数；没有的留空。",
    )

    class Meta(CatalogueEntry.Meta):
        verbose_name = verbose_name_plural = "影响期规则"

    def spec(self) -> book.Combination:
        """The entry as data."""
        return book.Combination(
            key=self.key,
            name=self.name,
            description=self.description,
            months=self.months,
            basis=self.basis,
            effective_from=self.effective_from,
            retired_on=self.retired_on,
        )


class Ground(CatalogueEntry):
    """One of the 33 grounds of accountability, and the measures it suggests; nothing is decided by it."""

    catalogue_file = "catalogues/grounds.yaml"

    group = models.CharField("类别", max_length=8, choices=GroundGroup)
    light = models.CharField("建议（轻）", max_length=60)
    medium = models.CharField("建议（中）", max_length=60)
    heavy = models.CharField("建议（重）", max_length=60)
    prohibition_keys = models.CharField(
        "八不准", max_length=40, blank=True, help_text="涵盖的八不准代码，如 B1、B2。"
    )

    class Meta(CatalogueEntry.Meta):
        verbose_name = verbose_name_plural = "问责情形"
        constraints = [
            *CatalogueEntry.Meta.constraints,
            models.CheckConstraint(condition=Q(group__in=GroundGroup.values), name="ground_group_known"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.name}"

    def clean(self) -> None:
        """Refuse suggestions that name no measure of the catalogue."""
        super().clean()
        ladder = list(MeasureKind.objects.order_by("order", "id").values_list("key", flat=True))
        wrong = {}
        for field in ("light", "medium", "heavy"):
            try:
                grounds.parse_suggestion(getattr(self, field), dict.fromkeys(ladder))
            except DomainError as error:
                wrong[field] = error.message
        try:
            grounds.parse_prohibitions(self.prohibition_keys)
        except DomainError as error:
            wrong["prohibition_keys"] = error.message
        if wrong:
            raise ValidationError(wrong)
