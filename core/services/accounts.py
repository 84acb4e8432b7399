"""Accounts and grants: the system administrator makes accounts, the security administrator grants roles."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from rest_framework.authtoken.models import Token

from core.choices import DUTY_OF_ROLE, RoleCode
from core.models import Cadre, RoleGrant, Unit, User
from core.rules.accounts import username_problem
from core.rules.errors import DomainError
from core.services import audit

WEAK = {
    "password_too_short": "至少 10 位。",
    "password_too_common": "过于常见。",
    "password_entirely_numeric": "不能全是数字。",
    "password_too_similar": "与账号或姓名太相似。",
}
"""Django's reasons in our words; its own translation lacks some."""


@transaction.atomic
def create_account(
    *,
    username: str,
    display_name: str,
    password: str | None,
    cadre: Cadre | None = None,
    is_demo: bool = False,
    by: User | None,
    at: datetime,
) -> User:
    """A new account, which must change its password at first sign-in unless it is a demo account.

    Without a password nobody can sign in to it until the system administrator sets one. Raises DomainError
    for a name nobody could type or that is taken, a cadre who already has an account, or a weak password.
    """
    if problem := username_problem(username):
        raise DomainError(problem, field="username")
    if User.objects.filter(username=username).exists():
        raise DomainError(f"账号“{username}”已存在，请换一个。", field="username")
    if cadre is not None and User.objects.filter(cadre=cadre).exists():
        raise DomainError(f"“{cadre}”已有账号，一人一号。", field="cadre")
    user = User(
        username=username,
        display_name=display_name,
        cadre=cadre,
        is_demo=is_demo,
        must_change_password=not is_demo,
        created_at=at,
    )
    if password is None:
        user.set_unusable_password()
    else:
        _set_password(user=user, password=password)
    user.save()
    audit.record(action="新建账号", target=user, by=by, at=at, after={"username": username, "cadre": cadre})
    return user


@transaction.atomic
def set_active(*, user: User, active: bool, by: User, at: datetime) -> None:
    """Enable or disable an account; disabling ends its sessions at once. Raises DomainError for oneself."""
    if user.pk == by.pk:
        raise DomainError("不能停用自己的账号。请由另一名系统管理员操作。")
    if user.is_active == active:
        return
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        end_sessions(user=user)
    audit.record(
        action="启用账号" if active else "停用账号", target=user, by=by, at=at, after={"is_active": active}
    )


@transaction.atomic
def reset_password(*, user: User, password: str, by: User, at: datetime) -> User:
    """A temporary password set by the system administrator; the person changes it at the next sign-in."""
    _set_password(user=user, password=password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    end_sessions(user=user)
    audit.record(action="重置密码", target=user, by=by, at=at)
    return user


@transaction.atomic
def change_password(*, user: User, password: str, at: datetime) -> User:
    """The person's own new password. Raises DomainError when it is the old one: somebody else may know it."""
    if user.check_password(password):
        raise DomainError("新密码不能与当前密码相同。", field="new_password")
    _set_password(user=user, password=password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    Token.objects.filter(user=user).delete()
    audit.record(action="修改密码", target=user, by=user, at=at)
    return user


def _set_password(*, user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        told = [WEAK.get(str(one.code), one.messages[0]) for one in error.error_list]
        raise DomainError("密码不合要求：" + "".join(told), field="password") from error
    user.set_password(password)


def end_sessions(*, user: User) -> None:
    """Delete every live session and token of the account."""
    Token.objects.filter(user=user).delete()
    stale = [s.pk for s in Session.objects.iterator() if s.get_decoded().get("_auth_user_id") == str(user.pk)]
    Session.objects.filter(pk__in=stale).delete()


@transaction.atomic
def grant_role(
    *,
    user: User,
    role: str,
    unit: Unit | None = None,
    starts_on: date,
    ends_on: date | None = None,
    by: User | None,
    at: datetime,
) -> RoleGrant:
    """Give a role. Raises DomainError when it is held already, mixes duties (三员分立), is one's own, or
    lacks the unit that a unit head needs."""
    code = RoleCode(role)
    if by is not None and by.pk == user.pk:
        raise DomainError("不能给自己授权。请由另一名安全管理员操作。")
    if (code is RoleCode.UNIT_HEAD) != (unit is not None):
        raise DomainError("“单位负责人”必须指定管辖单位，其他角色不指定单位。", field="unit")
    if ends_on is not None and ends_on < starts_on:
        raise DomainError("失效日期早于生效日期，请核对。", field="ends_on")
    User.objects.select_for_update().get(pk=user.pk)
    held = RoleGrant.objects.filter(user=user, revoked_at=None)
    duty = DUTY_OF_ROLE[code]
    if held.filter(role=code, unit=unit).exists():
        raise DomainError(f"“{user}”已持有角色“{code.label}”。", field="role")
    clash = held.exclude(duty=duty).first()
    if clash is not None:
        raise DomainError(
            f"三员分立：“{user}”已是{clash.get_role_display()}，不能兼任{code.label}。请先收回原角色，或另建账号。",
            field="role",
        )
    grant = RoleGrant.objects.create(
        user=user,
        role=code,
        duty=duty,
        unit=unit,
        starts_on=starts_on,
        ends_on=ends_on,
        granted_by=by,
        granted_at=at,
    )
    audit.record(
        action="授予角色",
        target=user,
        by=by,
        at=at,
        after={"role": code.label, "unit": unit, "starts_on": starts_on, "ends_on": ends_on},
    )
    return grant


@transaction.atomic
def revoke_role(*, grant: RoleGrant, by: User, at: datetime) -> None:
    """Take a role back; the next request on an old session already lacks it."""
    if grant.user_id == by.pk:
        raise DomainError("不能收回自己的角色。请由另一名安全管理员操作。")
    if grant.revoked_at is not None:
        return
    grant.revoked_at, grant.revoked_by = at, by
    grant.save(update_fields=["revoked_at", "revoked_by"])
    audit.record(
        action="收回角色", target=grant.user, by=by, at=at, before={"role": grant.get_role_display()}
    )
