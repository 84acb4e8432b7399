"""`manage.py chase_red`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from projects.services import chasing


class Command(BaseCommand):
    help = "对逾期节点提出发督办函或启动问责的建议，由人研判。可反复运行，不会重复。"

    def handle(self, *args: Any, **options: Any) -> None:
        made = chasing.propose_for_red(at=timezone.now())
        for proposal in made:
            self.stdout.write(f"{proposal.get_kind_display()}：{proposal.reason}")
        if not made:
            self.stdout.write("没有需要新提出的建议。")
