"""我的待办: one list by urgency, whatever the app; beside it what one begins, above it the figures."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.core.paginator import Paginator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conduct.models import RectificationItem, SupervisionLetter, Violation
from config.navigation import MOST_STARTS
from core.queries import todos
from core.queries.todos import MOST, SHOWN, Todo, Urgency, listed, urgency
from core.services import accounts
from projects.models import Milestone
from tests.config.test_access import ROLES

pytestmark = pytest.mark.django_db


def agenda(district, role):
    return {s.urgency: s for s in todos.agenda(district.users[role], today=district.today)}


def letter_with_items(district, *days):
    """An issued letter to the bureau with one open item due so many days from today each."""
    officer, head = district.users["discipline"], district.users["dhead"]
    letter = SupervisionLetter.objects.create(
        title="关于窗口服务的督办函", unit=district.bureau, matter="窗口无人。", contact="覃正",
        number=f"区纪督〔2026〕{SupervisionLetter.objects.count() + 1}号", number_year=2026,
        serial=SupervisionLetter.objects.count() + 1, state="RECTIFYING", recorded_by=officer,
        recorded_at=district.now, approved_by=head, issued_by=head, issued_on=district.today,
        submission_key=uuid4(),
    )  # fmt: skip
    for order, offset in enumerate(days, start=1):
        RectificationItem.objects.create(
            letter=letter, order=order, what=f"整改事项{order}", unit=district.bureau, standard="到位",
            due_on=district.today + timedelta(days=offset), recorded_by=officer, recorded_at=district.now,
        )  # fmt: skip
    return letter


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(None, Urgency.OTHER), (-1, Urgency.OVERDUE), (0, Urgency.TODAY), (3, Urgency.SOON), (4, Urgency.OTHER)],
)
def test_how_pressing_something_is(offset, expected):
    today = timezone.localdate()
    due = None if offset is None else today + timedelta(days=offset)
    assert urgency(due, today=today, soon=today + timedelta(days=3)) is expected


def test_one_list_the_longest_overdue_first_then_today_then_near_then_the_rest(district, as_role):
    """Items of a letter and milestones, of two apps, in one order."""
    letter_with_items(district, -2, -9, 0, 1, 40)
    leader = district.users["leader"]
    unit_head = {"user": leader, "role": "UNIT_HEAD", "unit": district.bureau, "starts_on": district.today}
    accounts.grant_role(**unit_head, by=None, at=district.now)
    Milestone.objects.filter(pk=district.milestone().pk).update(planned_on=district.today - timedelta(days=5))
    client = as_role("leader")
    page = unescape(client.get("/").content.decode())
    found = {s.urgency: s for s in client.get("/").context["sections"]}
    overdue = [todo.title for todo in found[Urgency.OVERDUE].lines]
    assert overdue == ["整改事项2", "滨江大道项目 · 开工", "整改事项1"]
    assert [todo.title for todo in found[Urgency.TODAY].lines] == ["整改事项3"]
    assert [todo.title for todo in found[Urgency.SOON].lines] == ["整改事项4"]
    assert "整改事项5" in [todo.title for todo in found[Urgency.OTHER].lines]
    heads = re.findall(r"<h2 id=\"todo-\w+\"[^>]*>([^<]+) <small>(\d+) 件", page)
    assert [head for head, _ in heads] == ["已逾期", "今天到期", "即将到期", "其他"]
    assert heads[0][1] == "3"
    assert "逾期 9 天" in page and "今天</b>" in page and "还有 1 天" in page


def test_every_line_says_what_whose_and_one_action_and_no_two_are_alike(district):
    for _ in range(2):
        letter_with_items(district, -2, 5)
    for key in ("B3", "B7", "B8"):
        district.log("clerk", key=key)
        district.log("worker", key=key)
    lines = [
        todo for role in ("dhead", "unithead") for s in agenda(district, role).values() for todo in s.lines
    ]
    assert len(lines) >= 10
    for todo in lines:
        assert todo.title and todo.who and todo.action
        assert re.search("[\u4e00-\u9fff]{2}", todo.title), f"a bare number: {todo.title}"
    alike = Counter((todo.title, todo.who, todo.detail, todo.due_on, todo.action) for todo in lines)
    assert [line for line, times in alike.items() if times > 1] == []


def many_violations(district, count):
    first = district.log("clerk", days_ago=200)
    rows = [
        Violation(
            prohibition=first.prohibition, cadre=first.cadre, unit=first.unit, place=f"窗口{n}",
            occurred_on=first.occurred_on + timedelta(days=1), facts="x", matter=uuid4(), distinct=True,
            submission_key=uuid4(), recorded_by=first.recorded_by, recorded_at=first.recorded_at,
        )
        for n in range(count - 1)
    ]  # fmt: skip
    Violation.objects.bulk_create(rows)


@pytest.mark.parametrize("count", [SHOWN, SHOWN + 1, MOST, MOST + 25])
def test_a_long_list_is_cut_and_the_rest_is_counted_and_linked(district, as_role, count):
    many_violations(district, count)
    section = agenda(district, "dhead")[Urgency.OTHER]
    assert section.total == count
    assert len(section.lines) == min(count, SHOWN)
    assert [rest.count for rest in section.rest] == ([count - SHOWN] if count > SHOWN else [])
    page = as_role("dhead").get("/").content.decode()
    assert f"其他 <small>{count} 件" in page
    for rest in section.rest:
        assert f'href="{rest.url}">还有 {rest.count} 条待认定的违规记录' in page
        assert as_role("dhead").get(rest.url).context["page"].paginator.count == count


def test_of_much_the_first_of_each_urgency_are_shown(district):
    """With more than are read at once, what is due today is still found behind all that is late."""
    letter_with_items(district, *(-offset for offset in range(1, MOST + 5)), 0, 0, 1)
    found = agenda(district, "unithead")
    late = found[Urgency.OVERDUE]
    assert (late.total, len(late.lines)) == (MOST + 4, SHOWN)
    assert late.lines[0].due_on == district.today - timedelta(days=MOST + 4)
    assert [todo.title for todo in found[Urgency.TODAY].lines] == [
        f"整改事项{MOST + 5}",
        f"整改事项{MOST + 6}",
    ]
    assert found[Urgency.SOON].total == 1


def test_what_has_no_list_of_its_own_says_so():
    line = Todo("说明", "某人", "/x/", "答复")
    kind = listed([line] * (SHOWN + 3), label="待答复的档案说明", url="", today=timezone.localdate())
    assert len(kind.lines) == SHOWN
    assert kind.counts[Urgency.OTHER] == SHOWN + 3


@pytest.mark.parametrize(("role", "most"), [("dhead", 45), ("unithead", 29), ("leader", 11), ("cadre", 11)])
def test_the_statements_do_not_grow_with_what_waits(district, as_role, role, most):
    client = as_role(role)
    client.get("/")
    taken = []
    for more in (2, 20):
        for _ in range(more):
            letter_with_items(district, -3, 0, 2)
        many_violations(district, more)
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/").status_code == 200
        taken.append(len(captured))
    # Where more waits than is read at once, its days are read too: two statements a kind.
    kinds = 3
    assert taken[1] - taken[0] <= 2 * kinds, taken
    assert max(taken) <= most, taken


@pytest.mark.parametrize("role", ROLES)
def test_what_one_begins_is_short_and_opens(district, as_role, role):
    client = as_role(role)
    starts = client.get("/").context["starts"]
    assert 1 <= len(starts) <= MOST_STARTS
    for start in starts:
        assert client.get(start["url"], follow=True).status_code == 200, start


def test_an_account_of_nobody_is_not_sent_to_a_file_it_has_not(district, as_role):
    user = district.users["chief"]
    type(user).objects.filter(pk=user.pk).update(cadre=None)
    client = as_role("chief")
    page = client.get("/").content.decode()
    assert "/file/" not in page
    assert client.get("/file/").status_code == 404


class TestFigures:
    def prepared(self, district):
        letter_with_items(district, -2, 9)
        letter_with_items(district, 9)
        Milestone.objects.filter(pk=district.milestone().pk).update(
            planned_on=district.today - timedelta(days=5)
        )
        first = district.today.replace(day=1)
        months = {"clerk": district.today, "worker": first - timedelta(days=1), "outsider": first}
        for cadre, day in months.items():
            violation = district.log(cadre)
            Violation.objects.filter(pk=violation.pk).update(
                state="CONFIRMED", finding="CONFIRMED", decided_by=district.users["discipline2"],
                decided_at=district.now, decided_on=day,
            )  # fmt: skip
        dismissed = district.log("leader", key="B3")
        Violation.objects.filter(pk=dismissed.pk).update(
            state="DISMISSED", finding="DISMISSED", decided_by=district.users["discipline2"],
            decided_at=district.now, decided_on=district.today,
        )  # fmt: skip

    def test_each_figure_is_the_count_of_the_list_behind_it(self, district, as_role):
        self.prepared(district)
        client = as_role("chief")
        shown = client.get("/").context["figures"]
        counts = {figure.label: figure.count for figure in shown}
        assert counts == {
            "红灯项目": 1,
            "黄灯项目": 1,
            "上月投资未填": 0,
            "逾期任务": 0,
            "逾期的项目问题": 0,
            "有逾期整改项的督办函": 1,
            "本月认定属实的违规": 2,
            "有单位欠账的专项活动": 0,
        }
        (decided,) = [figure for figure in shown if figure.before]
        assert (decided.before.label, decided.before.count) == ("上月", 1)
        for figure in [*shown, decided.before]:
            assert self.listed(client, figure.url) == figure.count, figure.label

    def listed(self, client: Client, url: str) -> int:
        page = client.get(url)
        assert page.status_code == 200, url
        assert not page.context["filter"].form.errors
        paginator: Paginator = page.context["page"].paginator
        return paginator.count

    def test_only_leadership_has_them_and_each_costs_one_statement(self, district, as_role):
        self.prepared(district)
        for role in set(ROLES) - {"chief"}:
            assert as_role(role).get("/").context["figures"] == [], role
        client = as_role("chief")
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            figures = client.get("/").context["figures"]
        # One more figure compares with the month before; the rest is who asks, and each kind of what waits.
        assert len(captured) <= len(figures) + 1 + 13
