"""`manage.py verify_run ID`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessment.queries import verification
from assessment.queries.periods import finished_run
from core.rules.errors import DomainError


class Command(BaseCommand):
    help = "用冻结的输入和方案重新核算一次，逐人比对，并比对结果摘要。不改动任何数据。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=int, metavar="ID", help="核算编号")

    def handle(self, *args: Any, run: int, **options: Any) -> None:
        found = finished_run(run)
        if found is None:
            raise CommandError(f"没有编号为 {run} 的已完成核算。编号见“考核周期”页或 evaluate 的输出。")
        try:
            outcome = verification.verify_run(found)
        except DomainError as error:
            raise CommandError(f"{found}：冻结的输入已不能核算，被改动过。{error.message}") from error
        if not outcome.agrees:
            lines = [f"{found}：重新核算的结果与保存的不一致。", *outcome.differences]
            lines += [f"保存的摘要 {outcome.expected}", f"重算的摘要 {outcome.recomputed}"]
            raise CommandError("\n".join(lines))
        self.stdout.write(
            self.style.SUCCESS(f"{found}：{outcome.people} 人，重新核算一致。sha256 {outcome.expected}")
        )
