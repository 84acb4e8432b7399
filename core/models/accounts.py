"""Accounts and what they may do: roles are code, grants are data, nobody is a superuser."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.choices import DUTY_OF_ROLE, Duty, RoleCode
from core.models.people import Cadre, Unit


class UserManager(BaseUserManager["User"]):
    """Accounts are made by `core.services.accounts`; there is no superuser to make."""


class User(AbstractBaseUser):
    """A sign-in. Business users stand for one cadre; the three administrators for none."""

    username = models.CharField("账号", max_length=40, unique=True, validators=[UnicodeUsernameValidator()])
    display_name = models.CharField("姓名", max_length=40)
    cadre = models.OneToOneField(
        Cadre, on_delete=models.PROTECT, null=True, blank=True, related_name="user", verbose_name="干部"
    )
    is_active = models.BooleanField("启用", default=True)
    is_demo = models.BooleanField("演示账号", default=False)
    must_change_password = models.BooleanField("首次登录须改密码", default=True)
    created_at = models.DateTimeField("创建时间", default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.display_name

    # Django's admin asks these two; the backend answers from the same roles as everywhere else.
    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return any(
            backend.has_perm(self, perm, obj) for backend in get_backends() if hasattr(backend, "has_perm")
        )

    def has_module_perms(self, app_label: str) -> bool:
        return any(
            backend.has_module_perms(self, app_label)
            for backend in get_backends()
            if hasattr(backend, "has_module_perms")
        )


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def in_force(self, day: date) -> RoleGrantQuerySet:
        return self.filter(revoked_at=None, starts_on__lte=day).filter(Q(ends_on=None) | Q(ends_on__gte=day))


def _duty_matches_role() -> Q:
    condition = Q()
    for duty in Duty:
        condition |= Q(duty=duty.value, role__in=[r.value for r, d in DUTY_OF_ROLE.items() if d is duty])
    return condition


class RoleGrant(models.Model):
    """Who holds which role, where, from when to when.

    三员分立 is kept by database triggers (migration 0002): unrevoked grants of one account all serve
    the same duty.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants", verbose_name="账号")
    role = models.CharField("角色", max_length=24, choices=RoleCode)
    duty = models.CharField("职责类别", max_length=12, choices=Duty, editable=False)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="管辖单位"
    )
    starts_on = models.DateField("生效日期")
    ends_on = models.DateField("失效日期", null=True, blank=True)
    granted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="授权人"
    )
    granted_at = models.DateTimeField("授权时间")
    revoked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="收回人"
    )
    revoked_at = models.DateTimeField("收回时间", null=True, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "授权"
        ordering = ["user_id", "role", "id"]
        constraints = [
            models.CheckConstraint(condition=_duty_matches_role(), name="grant_duty_matches_role"),
            models.CheckConstraint(
                condition=Q(role=RoleCode.UNIT_HEAD.value, unit__isnull=False)
                | (~Q(role=RoleCode.UNIT_HEAD.value) & Q(unit__isnull=True)),
                name="grant_unit_for_unit_head_only",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="grant_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="grant_revoked_at_and_by",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "unit"], condition=Q(revoked_at=None), name="grant_once_per_unit"
            ),
            models.UniqueConstraint(
                fields=["user", "role"], condition=Q(revoked_at=None, unit=None), name="grant_once"
            ),
        ]

    def __str__(self) -> str:
        return self.get_role_display()
