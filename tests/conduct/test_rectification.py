"""What letters demand: lights and deadlines, feedback, checks, chasing, more time."""

import csv
from datetime import date, datetime, time, timedelta
from itertools import cycle
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from conduct.choices import ChaseKind, ItemState
from conduct.models import Chase, Extension, RectificationItem
from conduct.queries import rectification as queries
from conduct.rules import rectification as rules
from conduct.services import rectification as services
from conduct.services.letters import Demand
from core.choices import RoleCode
from core.models import Proposal
from core.rules.errors import DomainError, NotAllowed
from core.rules.workdays import add_workdays
from core.services.accounts import grant_role
from tests.support.letters import Office
from tests.support.waiting import lines
from tests.support.walking import Course, walk

DATA = Path(__file__).parent / "data"


def rows(name):
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows("letter_lights.csv"), ids=lambda row: row["why"])
def test_the_light_of_an_item(row):
    found = rules.item_light(
        state=row["state"],
        due_on=date.fromisoformat(row["due_on"]),
        reported_on=date.fromisoformat(row["reported_on"]) if row["reported_on"] else None,
        today=date.fromisoformat(row["today"]),
        overrides={},
    )
    assert found.light == row["light"], found


@pytest.mark.parametrize(
    ("state", "days", "light", "said"),
    [
        ("REPORTED", 0, "GREY", "按期反馈，待核验"),
        ("REPORTED", 3, "RED", "逾期 3 天反馈，待核验"),
        ("PASSED", -2, "DONE", "按期反馈，已通过核验"),
        ("PASSED", 3, "DONE", "逾期 3 天反馈，已通过核验"),
    ],
)
def test_a_late_feedback_is_never_silently_in_order(state, days, light, said):
    due = date(2026, 11, 25)
    found = rules.item_light(
        state=state,
        due_on=due,
        reported_on=due + timedelta(days=days),
        today=date(2026, 12, 31),
        overrides={},
    )
    assert (found.light, found.reason, found.late) == (light, said, max(days, 0))


def test_the_most_pressing_item_is_what_nobody_answered_then_the_latest():
    def light(state, due, reported=None):
        return rules.item_light(
            state=state, due_on=due, reported_on=reported, today=date(2026, 11, 25), overrides={}
        )

    passed, green = light("PASSED", date(2026, 11, 1), date(2026, 11, 3)), light("OPEN", date(2026, 12, 20))
    answered = light("REPORTED", date(2026, 11, 1), date(2026, 11, 24))
    one, two = light("OPEN", date(2026, 11, 23)), light("OPEN", date(2026, 11, 20))
    waiting = light("REPORTED", date(2026, 11, 25), date(2026, 11, 24))
    order = [two, one, answered, green, waiting, passed]
    for place, expected in enumerate(order):
        assert rules.most_pressing(reversed(order[place:])) == expected
    assert rules.most_pressing([]) is None


@pytest.mark.parametrize("row", rows("letter_deadlines.csv"), ids=lambda row: row["due_on"])
def test_a_deadline_is_a_working_day_to_come(row):
    day, today = date.fromisoformat(row["due_on"]), date.fromisoformat(row["today"])
    problem = rules.deadline_problem(day, today=today, overrides={})
    if row["next"] == "past":
        assert problem is not None and "早于今天" in problem
    elif row["next"]:
        assert problem is not None and f"下一个工作日 {row['next']}" in problem
    else:
        assert problem is None


def test_the_deadline_table_is_no_sample():
    assert len(rows("letter_deadlines.csv")) >= 40


@pytest.mark.django_db
class TestMending:
    def test_a_feedback_sent_back_can_be_given_again(self, office):
        letter = office.mending()
        item = office.item(letter)
        office.report(item)
        with pytest.raises(DomainError, match="退回原因"):
            office.check(item, "RETURNED")
        office.check(item, "RETURNED", "没有照片")
        office.report(item, text="已补充。")
        office.check(item)
        item.refresh_from_db()
        assert item.state == ItemState.PASSED
        assert list(item.reports.values_list("result", flat=True)) == ["RETURNED", "PASSED"]

    def test_who_is_responsible_does_not_check(self, office):
        letter = office.mending(demands=[Demand("甲", "乙", office.due)])
        item = office.item(letter)
        RectificationItem.objects.filter(pk=item.pk).update(cadre=office.d.cadres["officer"])
        office.report(item)
        with pytest.raises(NotAllowed, match="责任人不能"):
            office.check(item)

    def test_files_come_with_the_feedback_and_stay_inside_the_scope(self, office, as_role):
        letter = office.mending()
        item = office.item(letter)
        photo = SimpleUploadedFile("a.pdf", b"%PDF-1.4 x")
        office.report(item, evidence=[photo])
        line = queries.item_lines(letter, office.d.users["discipline"], today=office.due)[0]
        url = reverse("conduct:letter-item-file", args=[item.pk, line.files[0].pk])
        answer = as_role("discipline").get(url)
        assert b"".join(answer.streaming_content).startswith(b"%PDF")
        assert as_role("cadre").get(url).status_code == 403

    @pytest.mark.parametrize(
        ("days", "asked", "said"),
        [
            (20, "2026-12-09", "已过，不能再申请延期"),
            (0, "2026-11-25", "应晚于原时限"),
            (0, "2026-12-05", "下一个工作日 2026-12-07"),
        ],
    )
    def test_an_extension_that_cannot_be_asked(self, office, days, asked, said):
        letter = office.mending()
        with pytest.raises(DomainError, match=said):
            office.ask(office.item(letter), date.fromisoformat(asked), days)

    def test_an_extension_granted_by_another_moves_the_deadline(self, office):
        letter = office.mending()
        item = office.item(letter)
        asked = office.ask(item, date(2026, 12, 9))
        with pytest.raises(DomainError, match="已有一份"):
            office.ask(item, date(2026, 12, 10))
        with pytest.raises(NotAllowed):
            services.decide_extension(
                extension_id=asked.pk, grant=True, by=office.d.users["unithead"], at=office.at
            )
        services.decide_extension(
            extension_id=asked.pk, grant=True, by=office.d.users["discipline"], at=office.at
        )
        item.refresh_from_db()
        assert item.due_on == date(2026, 12, 9)
        with pytest.raises(IntegrityError), transaction.atomic():
            Extension.objects.filter(pk=asked.pk).update(decided_by=asked.recorded_by)

    def test_an_extension_refused_needs_a_reason_and_leaves_the_deadline(self, office):
        item = office.item(office.mending())
        asked = office.ask(item, date(2026, 12, 9))
        call = {"extension_id": asked.pk, "grant": False, "by": office.d.users["discipline"], "at": office.at}
        with pytest.raises(DomainError, match="不同意的理由"):
            services.decide_extension(**call)
        services.decide_extension(note="时间足够", **call)
        item.refresh_from_db()
        assert item.due_on == office.due

    def test_chasing_goes_rung_by_rung_to_a_proposal(self, office):
        item = office.item(office.mending())
        with pytest.raises(DomainError, match="还没有过"):
            office.chase(item, 1)
        assert office.chase(item, 15).kind == ChaseKind.FIRST
        with pytest.raises(DomainError, match="最早明天"):
            office.chase(item, 15)
        assert office.chase(item, 16).kind == ChaseKind.SECOND
        with pytest.raises(DomainError, match="写明约谈"):
            office.chase(item, 17, note="")
        assert office.chase(item, 17).kind == ChaseKind.TALK
        assert not Proposal.objects.exists()
        office.chase(item, 18, note="拒不整改")
        proposal = Proposal.objects.get()
        assert (proposal.kind, proposal.ground, proposal.unit) == ("CASE", "Z07", office.d.bureau)
        with pytest.raises(DomainError, match="等待研判"):
            office.chase(item, 19)
        first = Chase.objects.order_by("id").values_list("on", "by__username").first()
        assert first == (date(2026, 11, 26), "discipline")

    def test_what_was_reported_is_not_chased(self, office):
        item = office.item(office.mending())
        office.report(item)
        with pytest.raises(NotAllowed, match="待核验"):
            office.chase(item, 20)


@pytest.fixture
def past(district):
    """An office whose letters were issued forty days before today, for pages, which know today only."""
    return Office(district, timezone.now() - timedelta(days=40))


@pytest.mark.django_db
class TestLight:
    def shown(self, as_role, letter, role="discipline"):
        """What page, list, interface and the officer's workbench say of the letter's most pressing item."""
        client = as_role(role)
        row = client.get("/api/v1/supervision-letters/").json()["results"][0]
        listed = client.get(reverse("conduct:letter-list"))
        page = client.get(letter.get_absolute_url()).content.decode()
        light = listed.context["page"][0].light
        lit = [block.line.light for block in client.get(letter.get_absolute_url()).context["blocks"]]
        assert light == rules.most_pressing(lit)
        assert [row["light"], row["progress"]] == [light and light.light, light and light.reason]
        assert [(i["light"], i["progress"]) for i in row["items"]] == [(x.light, x.reason) for x in lit]
        if light:
            assert light.reason in page and light.reason in listed.content.decode()
        return light

    def test_feedback_that_came_late_says_so_everywhere_until_the_end(self, past, as_role):
        letter = past.mending(demands=[Demand("甲", "乙", past.due)])
        item = past.item(letter)
        url = reverse("conduct:letter-list")

        def overdue():
            return list(as_role("discipline").get(url, {"pressing": "overdue"}).context["page"])

        assert "已逾期" in self.shown(as_role, letter).reason
        assert overdue() == [letter]
        late = timezone.make_aware(datetime.combine(past.due + timedelta(days=3), time(23, 30)))
        past.report(item, at=late)
        light = self.shown(as_role, letter)
        assert (light.light, light.reason) == ("RED", "逾期 3 天反馈，待核验")
        [todo] = lines(queries.todos(past.d.users["discipline"], today=timezone.localdate()))
        assert (todo.action, todo.due_on) == ("核验", None) and light.reason in todo.detail
        assert overdue() == [letter]
        past.check(item)
        assert self.shown(as_role, letter).reason == "逾期 3 天反馈，已通过核验"
        past.step("close", letter, "discipline")
        assert self.shown(as_role, letter).light == "DONE"
        assert "逾期 3 天反馈" in as_role("discipline").get(url).content.decode()
        assert overdue() == []

    def test_feedback_in_time_waits_for_its_check_without_a_clock(self, past, as_role):
        letter = past.mending(demands=[Demand("甲", "乙", past.due)])
        past.report(past.item(letter))
        light = self.shown(as_role, letter)
        assert (light.light, light.reason) == ("GREY", "按期反馈，待核验")
        [todo] = lines(queries.todos(past.d.users["discipline"], today=timezone.localdate()))
        assert (todo.action, todo.due_on) == ("核验", None) and light.reason in todo.detail
        assert "临期" not in as_role("discipline").get("/").content.decode()

    def test_before_its_issue_an_item_stands_nowhere(self, past, as_role):
        letter = past.draft()
        client = as_role("discipline")
        assert "整改中" not in client.get(letter.get_absolute_url()).content.decode()
        row = client.get(f"/api/v1/supervision-letters/{letter.pk}/").json()
        assert {row["light"], row["progress"]} == {None}
        assert {i[name] for i in row["items"] for name in ("state", "light", "progress")} == {None}
        past.issued(letter)
        assert "整改中" in client.get(letter.get_absolute_url()).content.decode()
        row = client.get(f"/api/v1/supervision-letters/{letter.pk}/").json()
        assert {i["state"] for i in row["items"]} == {"OPEN"}


@pytest.mark.django_db
class TestTold:
    """What the addressee's head reads on the workbench."""

    def test_why_a_feedback_came_back_and_how_late_it_is(self, office):
        letter = office.mending(demands=[Demand("落实替岗安排", "乙", office.due)])
        item = office.item(letter)
        [todo] = office.todos("unithead")
        assert (todo.action, todo.due_on) == ("反馈", office.due)
        office.report(item)
        assert office.todos("unithead") == []
        office.check(item, "RETURNED", "没有照片")
        [todo] = office.todos("unithead", days=20)
        assert todo.action == "重新反馈"
        assert todo.detail.startswith("退回：没有照片；") and todo.due_on == office.due
        office.at = office.later(1)
        office.report(item, text="已补照片。")
        office.at = office.later(1)
        office.check(item, "RETURNED", "照片不清")
        [todo] = office.todos("unithead")
        assert "照片不清" in todo.detail and "没有照片" not in todo.detail

    def test_chases_and_what_was_decided_of_more_time(self, office):
        letter = office.mending(demands=[Demand("落实替岗安排", "乙", office.due)])
        item = office.item(letter)

        def decide(grant, note, days):
            asked = office.ask(item, date(2026, 12, 9), days)
            services.decide_extension(
                extension_id=asked.pk, grant=grant, note=note, by=office.d.users["discipline"],
                at=office.later(days),
            )  # fmt: skip
            return office.todos("unithead", days=days)[0].detail

        assert "不同意延期：时间足够" in decide(False, "时间足够", 1)
        assert "已同意延至 2026-12-09" in decide(True, "", 2)
        office.chase(item, 29, "请今天反馈。")
        [todo] = office.todos("unithead", days=29)
        assert "第一次催办（2026-12-10）：请今天反馈；" in todo.detail and todo.due_on == date(2026, 12, 9)
        office.report(item, at=office.later(30))
        office.at = office.later(31)
        office.check(item, "RETURNED", "不实")
        [todo] = office.todos("unithead")
        assert "退回：不实" in todo.detail and "催办" not in todo.detail and "延" not in todo.detail

    @pytest.mark.parametrize(("received", "action"), [(False, "签收"), (True, "报送方案")])
    def test_a_chase_before_the_letter_was_answered(self, office, received, action):
        letter = office.issued()
        if received:
            office.step("receive", letter, "unithead")
        office.chase(office.item(letter, 2), 15, "请签收。")
        [todo] = office.todos("unithead", days=15)
        assert todo.action == action
        assert "第 2 项第一次催办（2026-11-26）：请签收；" in todo.detail
        assert todo.due_on == office.due


@pytest.mark.django_db
def test_the_letters_history_is_one_time_line_of_all_that_happened(office, as_role):
    letter = office.mending()
    first, second = letter.items.order_by("order")
    users = office.d.users
    asked = office.ask(second, date(2026, 12, 9), days=1)
    services.decide_extension(
        extension_id=asked.pk, grant=False, note="时间足够", by=users["discipline"], at=office.later(2)
    )
    office.report(first, text="详情" * 100, at=office.later(3))
    for days, result, note in ((4, "RETURNED", "没有照片"), (6, "PASSED", "")):
        if result == "PASSED":
            office.report(first, at=office.later(5))
        services.check_item(
            item_id=first.pk, result=result, note=note, by=users["discipline"], at=office.later(days)
        )
    office.chase(second, 15)
    page = as_role("unithead").get(letter.get_absolute_url())
    lines = page.context["course"]
    assert [line.label for line in lines] == [
        "拟制督办函", "送审", "审核通过", "签发", "签收", "报送整改方案",
        "第 2 项：申请延期", "第 2 项延期：不同意", "第 1 项：反馈", "第 1 项：退回整改", "第 1 项：反馈",
        "第 1 项：核验通过", "第 2 项：催办",
    ]  # fmt: skip
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    notes = {line.label: line.note for line in lines}
    assert notes["第 2 项：申请延期"] == "由 2026-11-25 延至 2026-12-09：需要时间"
    assert notes["第 2 项：催办"] == "第一次催办：请尽快反馈。"
    long = next(line.note for line in lines if line.label == "第 1 项：反馈")
    assert long.endswith("…") and len(long) == 81
    assert "没有照片" in page.content.decode()


@pytest.mark.django_db
def test_the_words_of_the_review_stay_in_the_office(office, as_role):
    letter = office.draft()
    office.step("submit", letter, "discipline")
    office.step("return", letter, "discipline2", note="措辞太软")
    office.issued(letter)
    page = letter.get_absolute_url()
    assert "措辞太软" in as_role("discipline").get(page).content.decode()
    for role in ("unithead", "chief"):
        told = as_role(role).get(page).content.decode()
        assert "退回修改" in told and "措辞太软" not in told


@pytest.mark.django_db
class TestWalks:
    ROLES = ("discipline", "dhead", "unithead", "chief")

    def test_an_item(self, office):
        d = office.d
        days = iter(range(15, 100_000))

        def make():
            return office.item(office.mending())

        def check(result):
            def step(record, user, pick):
                services.check_item(
                    item_id=record.pk, result=result, note="看过" * (pick % 3 > 0), by=user, at=office.at
                )

            return step

        def report(record, user, pick):
            services.report_item(item_id=record.pk, text="已办" * (pick % 3 > 0), by=user, at=office.at)

        def chase(record, user, pick):
            at = office.later(next(days) % 5000 if pick % 3 else 0)
            services.chase_item(item_id=record.pk, note="催", by=user, at=at)

        def rungs(record):
            taken = list(record.chases.order_by("id").values_list("kind", flat=True))
            assert taken == list(rules.RUNGS[: len(taken)])
            for report in record.reports.all():
                assert report.checked_by_id != report.reported_by_id

        walk(
            Course(
                workflow=rules.ITEM,
                people={name: d.users[name] for name in self.ROLES},
                make=make,
                steps={
                    "report": report,
                    "pass": check("PASSED"),
                    "return": check("RETURNED"),
                    "chase": chase,
                },
                parts=queries.parts_in_item,
                invariants=[rungs],
                extra_audit=frozenset({"chase"}),
            )
        )

    def test_a_request_for_more_time(self, office):
        """The second officer is also head of the addressee: whoever asked does not decide."""
        d = office.d
        grant_role(
            user=d.users["discipline2"],
            role=RoleCode.UNIT_HEAD,
            unit=d.bureau,
            starts_on=d.today,
            by=None,
            at=timezone.now(),
        )
        askers, item = cycle(["unithead", "discipline2"]), office.item(office.mending())

        def make():
            item.refresh_from_db()
            return office.ask(item, add_workdays(item.due_on, 1, {}), by=next(askers))

        def decide(grant):
            def step(record, user, pick):
                services.decide_extension(
                    extension_id=record.pk, grant=grant, note="理由" * (pick % 3), by=user, at=office.at
                )

            return step

        def deadline(record):
            item.refresh_from_db()
            assert record.decided_by_id not in (None, record.recorded_by_id)
            assert item.due_on == (record.due_on if record.state == "GRANTED" else record.old_due_on)

        walk(
            Course(
                workflow=rules.EXTENSION,
                people={name: d.users[name] for name in ("discipline", "discipline2", "unithead", "chief")},
                make=make,
                steps={"grant": decide(True), "refuse": decide(False)},
                parts=queries.parts_in_extension,
                invariants=[deadline],
            )
        )
