"""`manage.py reseal [--dry-run]`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from conduct.services.resealing import reseal_identities
from core.rules.errors import DomainError


class Command(BaseCommand):
    help = "更换密封密钥之后：把全部举报人身份改用最新的密钥密封。可以重复运行，中断后再运行即接着做。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="只逐条试开并计数，不写入")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run: bool = options["dry_run"]
        try:
            found = reseal_identities(dry_run=dry_run, by=None, at=timezone.now())
        except DomainError as error:
            raise CommandError(error.message) from error
        verb = "需要重新密封" if dry_run else "已重新密封"
        self.stdout.write(
            f"密钥 {found.key}：{verb} {found.resealed} 条，原已用它密封 {found.already} 条，"
            f"打不开 {len(found.broken)} 条。"
        )
        if found.broken:
            ids = "\n".join(f"  {pk}" for pk in found.broken)
            raise CommandError(
                f"有 {len(found.broken)} 条打不开，保持原样，其余不受影响。线索标识：\n{ids}\n"
                "请核对 SEALING_KEYS 是否缺少旧密钥，或用备份比对这几条；在此之前不要取走任何密钥。"
            )
