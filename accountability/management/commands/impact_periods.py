"""`manage.py impact_periods MEASURES.json [--on DATE] [--out R.json]`."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from accountability import queries
from accountability.resources import read_measures
from accountability.rules.book import Book
from accountability.rules.impact import as_data, assess
from core.rules.errors import DomainError


class Command(BaseCommand):
    help = "影响期试算：按目录和合并规则算出影响期、后果、年度考核和须由人确认的日子。不读写任何业务数据。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="MEASURES.json", help="措施清单，人员类别和各项措施")
        parser.add_argument("--on", metavar="日期", help="另外列出这一天有哪些影响期和后果")
        parser.add_argument("--out", metavar="R.json", help="把结果写进文件；不写则打印")

    def handle(self, *args: Any, file: str, on: str | None, out: str | None, **options: Any) -> None:
        try:
            day = date.fromisoformat(on) if on else None
        except ValueError:
            raise CommandError(f"--on：“{on}”不是日期，请写成 2025-01-31 的样子。") from None
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            raise CommandError(f"{file}：读不到这个文件（{error.strerror}）。") from error
        book, warning = self._book()
        try:
            person, measures = read_measures(content)
            data = as_data(assess(book, person, measures), day)
        except DomainError as error:
            raise CommandError(f"{file}：{error.message}") from error
        data["warnings"] += warning
        text = json.dumps(data, ensure_ascii=False, indent=2)
        if out is None:
            self.stdout.write(text)
            return
        try:
            Path(out).write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{out}：写不了这个文件（{error.strerror}）。") from error
        self.stdout.write(f"{len(measures)} 项措施，影响期 {len(data['periods'])} 段，结果写入 {out}。")

    def _book(self) -> tuple[Book, list[str]]:
        """The office's catalogues; the defaults, and a word about it, where there is no database."""
        try:
            return queries.book(), []
        except DatabaseError:
            return queries.default_book(), ["数据库还没有建立，按默认目录试算。"]
