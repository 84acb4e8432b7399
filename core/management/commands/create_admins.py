"""`manage.py create_admins`: the first three accounts of an empty installation."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from core.choices import RoleCode
from core.models import RoleGrant
from core.services import accounts

FIRST = {
    "sysadmin": RoleCode.SYSTEM_ADMIN,
    "secadmin": RoleCode.SECURITY_ADMIN,
    "auditor": RoleCode.AUDITOR,
}


class Command(BaseCommand):
    help = "在新系统中建立三员账号（系统管理员、安全管理员、审计员），打印一次性临时密码；已有三员时拒绝。"

    def handle(self, *args: Any, **options: Any) -> None:
        if RoleGrant.objects.filter(role__in=FIRST.values(), revoked_at=None).exists():
            raise CommandError("已有三员账号。请由系统管理员建账号、安全管理员授权。")
        now = timezone.now()
        with transaction.atomic():
            for username, role in FIRST.items():
                password = secrets.token_urlsafe(12)
                user = accounts.create_account(
                    username=username, display_name=role.label, password=password, by=None, at=now
                )
                accounts.grant_role(user=user, role=role, starts_on=timezone.localdate(now), by=None, at=now)
                self.stdout.write(f"{role.label}：账号 {username}，临时密码 {password}")
        self.stdout.write("请分别交给三个人，首次登录须修改密码。本密码只显示这一次。")
