"""Counts of clues: sums that agree, limits met and missed, and nobody's own clue in any number."""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from conduct.choices import ClueMethod, Timeliness
from conduct.models import Clue
from conduct.queries import clue_statistics as queries
from conduct.rules import clues as rules
from conduct.services import clue_entry, handovers
from conduct.services import clues as services
from core.models import Cadre

pytestmark = pytest.mark.django_db

SINCE, UNTIL = date(2026, 5, 1), date(2026, 8, 31)
TODAY = date(2026, 8, 31)


def on(text):
    return datetime.fromisoformat(f"{text}T10:00").replace(tzinfo=ZoneInfo("Asia/Shanghai"))


# What happened to each clue, written by hand: channel, real name, received, then day and step in order.
HEARD = (
    ("LETTER", False, "2026-05-06", []),
    ("LETTER", True, "2026-05-06", [("05-26", "told")]),
    ("CALL", True, "2026-05-20", [("05-21", "assign"), ("06-10", "told"), ("06-19", "TALK"),
                                  ("06-22", "approve"), ("07-10", "report"), ("07-13", "conclude"),
                                  ("08-03", "feedback")]),
    ("CALL", False, "2026-06-01", [("06-02", "assign"), ("07-20", "CHECK"), ("07-21", "approve")]),
    ("VISIT", True, "2026-06-01", [("06-02", "assign"), ("06-05", "CHECK"), ("06-08", "approve"),
                                   ("06-20", "unreachable"), ("08-20", "report")]),
    ("MAILBOX", False, "2026-06-15", [("06-16", "assign"), ("06-17", "STORE"), ("06-18", "approve")]),
    ("MEDIA", False, "2026-07-01", [("07-02", "assign"), ("07-03", "CONCLUDE"), ("07-06", "approve")]),
    ("LETTER", False, "2026-07-02", [("07-03", "assign"), ("07-06", "TALK")]),
    ("LETTER", False, "2026-07-02", [("07-03", "transfer")]),
    ("ASSIGNED", False, "2026-08-03", [("08-04", "merge")]),
    ("PATROL", True, "2026-08-28", []),
)  # fmt: skip
# Limits by the official calendar of 2026: Labour Day to 5-5, Dragon Boat 6-19 to 6-21.
EXPECTED_CLOCKS = {
    # 5-6 twice: due 6-8 (6-6 is a Saturday), never proposed. 5-20: due 6-22, on 6-19. 6-1: due 7-1, on 7-20.
    # Then in time: 6-5, 6-17, 7-3, 7-6. Gone without one: two. 8-28: due 9-28, still running.
    "提出处置意见": {"ON_TIME": 5, "LATE": 1, "RUNNING": 1, "OVERDUE": 2, "UNTIMED": 2},
    # Talk approved 6-22: 15 working days end 7-13, reported 7-10. Check of 7-21 runs to 9-21.
    # Check of 6-8 ended 8-10 (8-8 is a Saturday), reported 8-20.
    "办理": {"ON_TIME": 1, "LATE": 1, "RUNNING": 1, "OVERDUE": 0, "UNTIMED": 8},
    # Received 5-6: 15 working days, with 5-9 made up, end 5-26: told that day. 5-20: end 6-10. 6-1: end 6-23,
    # nobody reached on 6-20. 8-28: end 9-18.
    "实名受理告知": {"ON_TIME": 3, "LATE": 0, "RUNNING": 1, "OVERDUE": 0, "UNTIMED": 0},
    # Concluded 7-13: 15 working days end 8-3.
    "实名结果反馈": {"ON_TIME": 1, "LATE": 0, "RUNNING": 0, "OVERDUE": 0, "UNTIMED": 0},
    "上级管辖的移交": {"ON_TIME": 1, "LATE": 1, "RUNNING": 1, "OVERDUE": 1, "UNTIMED": 0},
}
EXPECTED_DISPOSALS = {
    "谈话函询": 1, "初步核实": 2, "暂存待查": 1, "予以了结": 1, "处置意见待审批": 1, "尚未提出处置意见": 3,
    "已移送": 1, "已并案": 1,
}  # fmt: skip
HANDED = (("CITY", "2026-06-01", "06-08"), ("CITY", "2026-06-01", "06-09"), ("PROVINCE", "2026-07-01", None),
          ("COUNTY", "2026-08-31", None))  # fmt: skip


def heard(district, channel, is_named, received_on, *, about="clerk", by="discipline"):
    return clue_entry.register_clue(
        channel=channel, received_on=date.fromisoformat(received_on), title=f"反映事项{uuid4()}",
        content="内容", cadres=[district.cadres[about]], is_named=is_named,
        complainant="诸葛鸣冤" if is_named else "", submission_key=uuid4(),
        by=district.users[by], at=on(received_on),
    )[0]  # fmt: skip


def take(district, clue, step, at):
    officer, head = district.users["discipline"], district.users["dhead"]
    if step == "assign":
        services.assign(clue_id=clue.pk, handler=officer, by=head, at=at)
    elif step in ClueMethod.values:
        services.dispose(clue_id=clue.pk, method=step, opinion="意见", by=officer, at=at)
    elif step == "approve":
        services.approve(clue_id=clue.pk, by=head, at=at)
    elif step == "report":
        services.report(clue_id=clue.pk, result="结果", by=officer, at=at)
    elif step == "conclude":
        services.conclude(clue_id=clue.pk, by=head, at=at)
    elif step == "transfer":
        services.transfer(clue_id=clue.pk, to="市公安局", note="不属本级管辖", by=head, at=at)
    elif step == "merge":
        other = Clue.objects.exclude(pk=clue.pk).order_by("received_on", "recorded_at").first()
        services.merge(clue_id=clue.pk, number=other.number, note="同一件", by=head, at=at)
    else:
        kind = "FEEDBACK" if step == "feedback" else "ACCEPTANCE"
        services.fulfil_notice(
            notice_id=clue.notices.get(kind=kind).pk, done_on=timezone.localdate(at),
            how="NONE" if step == "unreachable" else "PHONE", by=head, at=at,
        )  # fmt: skip


@pytest.fixture
def office(district, time_machine):
    """The clues of the table, seen on the last of August; everybody has served since long before."""
    Cadre.objects.update(joined_on=date(2020, 1, 1))
    for user in district.users.values():
        user.grants.update(starts_on=date(2026, 1, 1))
    for channel, is_named, received_on, steps in HEARD:
        clue = heard(district, channel, is_named, received_on)
        for day, step in steps:
            take(district, clue, step, on(f"2026-{day}"))
    heard(district, "LETTER", True, "2026-04-30")
    for level, received_on, handed in HANDED:
        handovers.count_handover(
            received_on=date.fromisoformat(received_on), channel="LETTER", level=level, handed_to="CITY",
            handed_on=date.fromisoformat(f"2026-{handed}") if handed else None, submission_key=uuid4(),
            by=district.users["discipline"], at=on("2026-08-31"),
        )  # fmt: skip
    time_machine.move_to(on("2026-08-31"))
    return district


def of(district, name="discipline", since=SINCE, until=UNTIL):
    user = district.users[name]
    vars(user).pop("_access", None)
    return queries.clue_statistics(user, since, until)


def clocks(found):
    return {row.label: dict(zip(Timeliness.values, row.counts, strict=True)) for row in found.clocks}


def test_every_limit_is_met_or_missed_as_worked_out_by_hand(office):
    found = of(office)
    assert clocks(found) == EXPECTED_CLOCKS
    assert {row.label: str(row.on_time) for row in found.clocks} == {
        "提出处置意见": "62.5", "办理": "50.0", "实名受理告知": "100.0", "实名结果反馈": "100.0",
        "上级管辖的移交": "33.3",
    }  # fmt: skip
    assert found.unreachable == 1


def test_channels_months_and_ways_each_add_up_to_all(office):
    found = of(office)
    by_hand = Counter((channel, received[:7]) for channel, _, received, _ in HEARD)
    labels = dict(Clue._meta.get_field("channel").flatchoices)
    counted = {
        (row.label, f"{year}-{month:02}"): n
        for row in found.channels
        for (year, month), n in zip(found.months, row.months, strict=True)
        if n
    }
    assert counted == {(labels[channel], month): n for (channel, month), n in by_hand.items()}
    assert dict(found.disposals) == EXPECTED_DISPOSALS
    assert (found.counted, found.sum_of_months, found.named) == (len(HEARD), len(HEARD), 4)
    assert str(found.named_share) == "36.4" and found.agrees
    assert dict(found.handovers) == {"中管": 0, "省管": 1, "市管": 2, "上级县（市）管": 1}
    parts = [
        of(office, since=date(2026, m, 1), until=date(2026, m + 1, 1) - timedelta(days=1))
        for m in range(5, 9)
    ]
    assert sum(part.counted for part in parts) == found.counted
    assert all(part.agrees for part in parts)


def test_a_range_without_a_clue_has_no_shares(office):
    found = of(office, since=date(2025, 1, 1), until=date(2025, 1, 31))
    assert (found.counted, found.named_share, found.agrees) == (0, None, True)
    assert {row.on_time for row in found.clocks} == {None}


def test_a_limit_set_by_the_approver_stays_after_the_conclusion(office):
    before = clocks(of(office))["办理"]
    clue = heard(office, "CALL", False, "2026-06-01")
    take(office, clue, "assign", on("2026-06-02"))
    take(office, clue, "CHECK", on("2026-06-03"))
    head, officer = office.users["dhead"], office.users["discipline"]
    services.approve(clue_id=clue.pk, due_on=date(2026, 6, 30), by=head, at=on("2026-06-04"))
    services.report(clue_id=clue.pk, result="结果", by=officer, at=on("2026-07-01"))
    services.redo(clue_id=clue.pk, note="补充", by=head, at=on("2026-07-02"))
    assert clocks(of(office))["办理"] == {**before, "OVERDUE": before["OVERDUE"] + 1}
    services.report(clue_id=clue.pk, result="结果", by=officer, at=on("2026-07-03"))
    services.conclude(clue_id=clue.pk, by=head, at=on("2026-07-06"))
    clue.refresh_from_db()
    assert (clue.due_on, clue.handle_by) == (None, date(2026, 6, 30))
    assert clocks(of(office))["办理"] == {**before, "LATE": before["LATE"] + 1}


@pytest.mark.parametrize(
    ("state", "method", "approved", "place"),
    [
        ("REGISTERED", "", False, "ASSIGNED"),
        ("ASSIGNED", "TALK", False, "ASSIGNED"),
        ("PROPOSED", "TALK", False, "PROPOSED"),
        ("IN_HAND", "CHECK", True, "CHECK"),
        ("CONCLUDED", "TALK", True, "TALK"),
        ("TRANSFERRED", "CHECK", True, "TRANSFERRED"),
        ("MERGED", "", False, "MERGED"),
    ],
)
def test_a_clue_counts_in_one_place(state, method, approved, place):
    assert rules.disposal(state=state, method=method, approved=approved) == place
    assert place in rules.DISPOSALS


@pytest.mark.parametrize(
    ("due", "done", "today", "stands"),
    [(None, 1, 9, "UNTIMED"), (5, 5, 9, "ON_TIME"), (5, 6, 9, "LATE"), (5, None, 5, "RUNNING"),
     (5, None, 6, "OVERDUE")],
)  # fmt: skip
def test_the_last_day_is_still_in_time(due, done, today, stands):
    day = {n: date(2026, 7, n) for n in range(1, 10)}
    assert rules.timeliness(due_on=day.get(due), done_on=day.get(done), today=day[today]) == stands


# Who sees which number


@pytest.mark.parametrize("name", ["discipline", "discipline2", "dhead"])
def test_the_office_reads_counts_and_no_name(office, as_role, name):
    page = as_role(name).get("/statistics/clues/", {"since": SINCE, "until": UNTIL}).content.decode()
    main = page.split("<main", 1)[1]
    assert "相符" in main and "36.4%" in main and "反映本人的不在其中" in main
    for words in ("曾国平", "覃正", "宓远", "反映事项", "诸葛鸣冤", "市公安局", "XS"):
        assert words not in main


@pytest.mark.parametrize("name", ["chief", "unithead", "assessor", "leader", "cadre", "sysadmin", "auditor"])
def test_nobody_else_reads_a_count_of_clues(office, as_role, name):
    client = as_role(name)
    assert client.get("/statistics/clues/").status_code == 403
    if name in ("chief", "unithead"):
        assert "/statistics/clues/" not in client.get("/statistics/").content.decode()


def test_whom_a_clue_is_about_has_the_same_numbers_as_without_it(office, as_role):
    """The control: a colleague's numbers change; the own list and the own sums go together."""
    client = as_role("discipline2")

    def numbers():
        page = client.get("/statistics/clues/", {"since": SINCE, "until": UNTIL}).content.decode()
        return re.sub(r"[A-Za-z0-9]{64}|nonce=\"[^\"]+\"", "", page)

    before, beside = of(office, "discipline2"), of(office)
    page = numbers()
    clue = heard(office, "VISIT", True, "2026-07-20", about="officer2")
    for day, step in [("07-21", "assign"), ("07-22", "CHECK"), ("07-23", "approve"), ("07-24", "told")]:
        take(office, clue, step, on(f"2026-{day}"))
    assert of(office, "discipline2") == before and numbers() == page
    after = of(office)
    assert (after.counted, after.named, after.agrees) == (beside.counted + 1, beside.named + 1, True)
    assert clocks(after)["实名受理告知"]["ON_TIME"] == clocks(beside)["实名受理告知"]["ON_TIME"] + 1
    listed = client.get("/clues/", {"since": SINCE, "until": UNTIL}).context["page"].paginator.count
    assert listed == before.counted


def test_a_wrong_range_is_told_and_the_page_swaps_its_table(office, as_role):
    client = as_role("dhead")
    page = client.get("/statistics/clues/", {"since": "2026-02-30"}).content.decode()
    assert "收到日期起" in page and "notice-error" in page
    partial = client.get("/statistics/clues/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in partial and "按来源渠道逐月" in partial


def test_the_page_costs_the_same_for_many(office, as_role, django_assert_max_num_queries):
    client = as_role("discipline")
    client.get("/clues/")
    taken = []
    for more in (0, 60):
        for number in range(more):
            clue = heard(office, "LETTER", number % 2 == 0, "2026-06-02")
            take(office, clue, "assign", on("2026-06-03"))
            take(office, clue, "CHECK", on("2026-06-04"))
        with django_assert_max_num_queries(15) as captured:
            page = client.get("/statistics/clues/", {"since": SINCE, "until": UNTIL})
        taken.append((page.context["found"].counted, len(captured)))
    assert [n for n, _ in taken] == [len(HEARD), len(HEARD) + 60]
    assert taken[0][1] == taken[1][1]
