"""Supervision letters on their way, for the tests of letters and of what they demand."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from conduct.queries import letters
from conduct.queries import rectification as items
from conduct.services import letters as services
from conduct.services import rectification
from core.rules.workdays import add_workdays
from tests.support.waiting import lines


class Office:
    """Letters on their way, each step by the right person."""

    def __init__(self, district, at):
        self.d, self.at = district, at

    def later(self, days):
        return self.at + timedelta(days=days)

    @property
    def due(self):
        return add_workdays(timezone.localdate(self.at), 10, {})

    def draft(self, *, title="", unit=None, demands=None, sources=(), by="discipline", **changes):
        letter, _ = services.draft_letter(
            title=title or f"关于{uuid4().hex}的督办函",
            unit=unit or self.d.bureau,
            matter="明察暗访发现窗口无人在岗。",
            contact="覃正 0000-1234567",
            demands=demands
            or [
                services.Demand("落实替岗安排", "窗口全时有人", self.due, cadre=self.d.cadres["clerk"]),
                services.Demand("公布监督电话", "窗口公布", self.due, unit=self.d.station),
            ],
            submission_key=uuid4(),
            sources=sources,
            by=self.d.users[by],
            at=self.at,
            **changes,
        )
        return letter

    def step(self, name, letter, by, **more):
        getattr(services, f"{name}_letter")(
            letter_id=letter.pk, by=self.d.users[by], at=more.pop("at", self.at), **more
        )
        letter.refresh_from_db()
        return letter

    def issued(self, letter=None, **more):
        letter = letter or self.draft(**more)
        self.step("submit", letter, "discipline")
        self.step("approve", letter, "discipline2")
        return self.step("issue", letter, "dhead")

    def mending(self, letter=None, **more):
        letter = self.issued(letter, **more)
        self.step("receive", letter, "unithead")
        return self.step("plan", letter, "unithead", plan="一周内排好替岗。")

    def todos(self, name, *, days=0):
        """What letters and their items wait for from somebody, so many days later."""
        user, today = self.d.users[name], timezone.localdate(self.later(days))
        return lines([*letters.todos(user, today=today), *items.todos(user, today=today)])

    def item(self, letter, order=1):
        return letter.items.get(order=order)

    def report(self, item, by="unithead", text="已整改。", **more):
        return rectification.report_item(
            item_id=item.pk, text=text, by=self.d.users[by], at=more.pop("at", self.at), **more
        )

    def check(self, item, result="PASSED", note="", by="discipline"):
        rectification.check_item(item_id=item.pk, result=result, note=note, by=self.d.users[by], at=self.at)

    def chase(self, item, days, note="请尽快反馈。", by="discipline"):
        return rectification.chase_item(item_id=item.pk, note=note, by=self.d.users[by], at=self.later(days))

    def ask(self, item, due_on, days=0, by="unithead", reason="需要时间"):
        return rectification.ask_extension(
            item_id=item.pk, due_on=due_on, reason=reason, by=self.d.users[by], at=self.later(days)
        )
