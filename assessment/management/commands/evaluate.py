"""`manage.py evaluate --kind day|month|quarter|year --on YYYY-MM-DD [--scheme CODE]`."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assessment.choices import PeriodKind
from assessment.services import runs
from core.rules.errors import DomainError


class Command(BaseCommand):
    help = "立即核算一个周期，在本进程内完成。本期未结束的为预核算；已核算过的不重复，另出新版本用 --again。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", required=True, choices=[kind.value.lower() for kind in PeriodKind])
        parser.add_argument("--on", required=True, type=date.fromisoformat, help="周期内任意一天，YYYY-MM-DD")
        parser.add_argument("--scheme", default=None, help="方案代码；不填用当日有效的方案")
        parser.add_argument("--again", action="store_true", help="已核算过的周期另出一个新版本")

    def handle(
        self, *args: Any, kind: str, on: date, scheme: str | None, again: bool, **options: Any
    ) -> None:
        try:
            run = runs.evaluate(
                kind=PeriodKind(kind.upper()), on=on, code=scheme, by=None, at=timezone.now(), again=again
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        provisional = "（预核算，本期尚未结束）" if run.provisional else ""
        self.stdout.write(
            f"核算编号 {run.pk}：{run}{provisional}，{run.get_state_display()}，{run.subjects} 人"
        )
        self.stdout.write(f"sha256 {run.sha256}")
