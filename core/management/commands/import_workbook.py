"""`manage.py import_workbook`."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.models import User
from core.resources import importing
from core.resources.workbook import MAX_BYTES
from core.rules.errors import DomainError

SHOWN_ERRORS = 50


class Command(BaseCommand):
    help = "导入表格：先全部校验，有一行不合格就一行也不写入；--dry-run 只校验不写入。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=sorted(importing.IMPORTERS), help="导入的种类")
        parser.add_argument("file", type=Path, help=".xlsx 或 .csv 文件")
        parser.add_argument("--dry-run", action="store_true", help="只校验并报告，不写入")
        parser.add_argument("--report", type=Path, help="把完整报告写成 JSON 文件")
        parser.add_argument("--user", help="以哪个账号的名义导入；不写则记为系统")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            report = self._report(path, options)
        except DomainError as error:
            if options["report"]:
                self._save(options["report"], importing.refusal_report(options["kind"], error.message))
            raise CommandError(f"{path.name}：{error.message}") from error
        if options["report"]:
            self._save(options["report"], report)
        self._print(report, dry_run=options["dry_run"])
        if refused := report["totals"]["refused"]:
            raise CommandError(f"有 {refused} 行有误，没有写入任何数据；请改正后重新导入。")

    def _report(self, path: Path, options: dict[str, Any]) -> importing.Report:
        by = None
        if options["user"]:
            by = User.objects.filter(username=options["user"], is_active=True).first()
            if by is None:
                raise CommandError(f"没有账号“{options['user']}”，或该账号已停用。")
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"打不开文件 {path}：{_reason(error)}") from error
        work: dict[str, Any] = {
            "kind": options["kind"],
            "name": path.name,
            "data": data,
            "by": by,
            "at": timezone.now(),
        }
        if options["dry_run"]:
            return importing.run_import(**work, write=False)
        return importing.import_now(**work)

    def _save(self, path: Path, report: importing.Report) -> None:
        try:
            path.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"报告写不到 {path}：{_reason(error)}") from error

    def _print(self, report: importing.Report, *, dry_run: bool) -> None:
        totals = report["totals"]
        self.stdout.write(f"工作表：{'、'.join(report['sheets'])}")
        self.stdout.write(
            f"新增 {totals['new']}，变更 {totals['changed']}，无变化 {totals['same']}，"
            f"有误 {totals['refused']}，跳过 {totals['skipped']}；"
            f"待核实 {len(report['contradictions'])} 处，提示 {len(report['notices'])} 条"
        )
        for item in report["contradictions"]:
            self.stdout.write(f"  待核实 “{item['sheet']}”第 {item['row']} 行：{item['what']}")
        errors = [(row, error) for row in report["rows"] for error in row["errors"]]
        for row, error in errors[:SHOWN_ERRORS]:
            place = f"{error['column']} 列“{error['head']}”" if error["column"] else "整行"
            self.stderr.write(f"  有误 “{row['sheet']}”第 {row['row']} 行 {place}：{error['reason']}")
        if len(errors) > SHOWN_ERRORS:
            self.stderr.write(f"  ……共 {len(errors)} 处有误，完整清单见 --report")
        if not totals["refused"]:
            written = totals["new"] + totals["changed"]
            done = "已导入。" if written else "内容与系统一致，没有需要写入的行。"
            self.stdout.write("只做了校验，没有写入。" if dry_run else done)


def _reason(error: OSError) -> str:
    """Why a file cannot be opened or written, and what to do."""
    if isinstance(error, FileNotFoundError):
        return "文件或目录不存在；请核对路径。"
    if isinstance(error, IsADirectoryError):
        return "这是目录，不是文件；请给出文件的路径。"
    if isinstance(error, PermissionError):
        return "没有权限；请核对文件的读写权限。"
    return f"磁盘或系统错误({type(error).__name__})；请检查磁盘后重试。"
