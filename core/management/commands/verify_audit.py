"""`manage.py verify_audit`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.services import audit


class Command(BaseCommand):
    help = "校验审计链：逐条重算哈希，对照链头和库外锚点，报告第一处断开。"

    def handle(self, *args: Any, **options: Any) -> None:
        count, broken = audit.verify_chain()
        if broken is not None:
            raise CommandError(f"审计链在第 {broken.seq} 条处断开：{broken.reason}（共 {count} 条）")
        self.stdout.write(self.style.SUCCESS(f"审计链完整，共 {count} 条。"))
