"""`manage.py export_ranking --kind month --on YYYY-MM-DD --out F.xlsx`."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assessment.choices import PeriodKind
from assessment.queries import periods, results
from assessment.resources import ranking_workbook
from assessment.services import exports


class Command(BaseCommand):
    help = "把一个周期最新一次核算的全区排名导出为 Excel。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", required=True, choices=[kind.value.lower() for kind in PeriodKind])
        parser.add_argument("--on", required=True, type=date.fromisoformat, help="周期内任意一天，YYYY-MM-DD")
        parser.add_argument("--out", required=True, type=Path, help="输出文件，.xlsx")

    def handle(self, *args: Any, kind: str, on: date, out: Path, **options: Any) -> None:
        period = periods.period_on(PeriodKind(kind.upper()), on)
        run = periods.latest_run(period) if period else None
        if run is None:
            raise CommandError(
                f"{on} 所在的周期还没有核算结果。请先运行 manage.py evaluate --kind {kind} --on {on}。"
            )
        at = timezone.now()
        rows = list(results.whole_ranking(run))
        content = ranking_workbook(run=run, results=rows, filters={}, by_name="系统", at=at)
        digest = hashlib.sha256(content).hexdigest()
        exports.record_export(run=run, rows=len(rows), sha256=digest, filters={}, by=None, at=at)
        try:
            out.write_bytes(content)
        except OSError as error:
            raise CommandError(f"不能写入 {out}：{error.strerror}。请换一个位置。") from error
        self.stdout.write(f"{run}：{len(rows)} 人，已导出到 {out}")
