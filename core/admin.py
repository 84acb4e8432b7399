"""Catalogues in Django's admin: entries are added and retired there, never deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django_celery_beat.admin import PeriodicTaskAdmin
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from core.models import User, WorkdayOverride
from core.services import audit

if TYPE_CHECKING:  # the class takes its model only in the stubs
    _ModelAdmin = admin.ModelAdmin[Model]
else:
    _ModelAdmin = admin.ModelAdmin


class AuditedAdmin(_ModelAdmin):
    """Every change made in the admin goes into the audit chain, in the same transaction."""

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm[Model], change: bool) -> None:
        assert isinstance(request.user, User)
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            audit.record(
                action="修改目录" if change else "新增目录",
                target=form.instance,
                by=request.user,
                at=timezone.now(),
                before={name: form.initial.get(name) for name in form.changed_data} if change else {},
                after={name: form.cleaned_data[name] for name in form.changed_data},
            )

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class CatalogueAdmin(AuditedAdmin):
    """Entries by version: what a record was judged by cannot be rewritten, a change is a new version.

    `judged_by` are the fields that decide; they, the key and the first day are fixed once written.
    """

    judged_by: tuple[str, ...] = ()
    list_display = ("key", "name", "effective_from", "retired_on", "verified")
    list_filter = ("verified", "retired_on")
    search_fields = ("key", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("key", "effective_from", *self.judged_by) if obj is not None else ()


for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(model)


@admin.register(CrontabSchedule, IntervalSchedule)
class ScheduleAdmin(AuditedAdmin):
    """When to tick."""


@admin.register(PeriodicTask)
class TickAdmin(AuditedAdmin, PeriodicTaskAdmin):
    """What ticks when; one entry at a time, so that each change leaves its audit row."""

    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        """Only the assessment's own ticks: heartbeat, sweeper and audit anchor are nobody's to switch off."""
        return super().get_queryset(request).filter(task__startswith="assessment.")


@admin.register(WorkdayOverride)
class WorkdayOverrideAdmin(AuditedAdmin):
    list_display = ("day", "is_workday", "source")
    date_hierarchy = "day"
