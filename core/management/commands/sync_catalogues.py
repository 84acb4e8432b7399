"""`manage.py sync_catalogues [--check]`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.rules.errors import DomainError
from core.services import catalogues, schedule


class Command(BaseCommand):
    help = "把 YAML 目录同步进数据库：只增加新版本、停用旧版本，不删除，不覆盖本区已修改的内容。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="只检查是否需要同步；需要时以 1 退出")

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        drifted = False
        for model in catalogues.catalogue_models():
            try:
                result = catalogues.sync(model=model, check=check, by=None, at=timezone.now())
            except DomainError as error:
                raise CommandError(error.message) from error
            drifted = drifted or result.drifted
            verb = "待新增" if check else "新增"
            self.stdout.write(
                f"{model._meta.verbose_name}:{verb} {len(result.added)}，停用 {len(result.retired)}"
            )
        if not check:
            self.stdout.write(f"定时计划：新增 {schedule.ensure_ticks()}")
        if check and drifted:
            raise CommandError("目录与数据库不一致，请运行 manage.py sync_catalogues。")
