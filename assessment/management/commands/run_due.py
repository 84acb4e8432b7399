"""`manage.py run_due`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from assessment.queries import periods
from assessment.services import runs
from core.rules.errors import DomainError


class Command(BaseCommand):
    help = "核算到期的周期：补建漏开的周期、接续中断的核算、按先后核算到期的周期。可反复运行，不会重复。"

    def handle(self, *args: Any, **options: Any) -> None:
        runs.run_due(at=timezone.now())
        under_way = periods.runs_under_way()
        for run_id in under_way:
            try:
                run = runs.work_off(run_id=run_id, at=timezone.now())
            except DomainError as error:
                self.stderr.write(f"核算 {run_id} 未完成：{error.message}")
            else:
                self.stdout.write(f"{run}：{run.get_state_display()}，{run.subjects} 人 {run.sha256}")
        if not under_way:
            self.stdout.write("没有到期未核算的周期。")
