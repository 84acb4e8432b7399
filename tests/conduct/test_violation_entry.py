"""Several persons in one form, the same finding twice, a round in one form, repeat offences, files, REST."""

import csv
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from conduct.models import Handling, Violation
from conduct.queries.entries import Side
from conduct.queries.violations import file_entries, repeats_of
from conduct.rules.violations import last_day, repeat_count
from conduct.services import handlings
from conduct.services import violations as services
from core.choices import ProposalKind
from core.models import AuditEvent, Cadre, Proposal
from core.services import proposals

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).parent / "data" / "repeats.csv"


def rows_of_table():
    with TABLE.open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


@pytest.mark.parametrize("row", rows_of_table(), ids=lambda row: row["why"])
def test_repeats_are_counted_by_calendar_months(row):
    earlier = [date.fromisoformat(text) for text in row["earlier"].split()]
    assert repeat_count(earlier, date.fromisoformat(row["on"])) == int(row["count"])


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2020-12-15", 6, "2021-06-14"),
        ("2024-03-01", 12, "2025-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2024-05-31", 18, "2025-11-30"),
    ],
)
def test_spans_end_as_in_the_published_examples(start, months, last):
    assert last_day(date.fromisoformat(start), months) == date.fromisoformat(last)


def decide(district, violation, state="CONFIRMED"):
    return services.decide_violation(
        violation_id=violation.pk,
        state=state,
        note="经核实",
        by=district.users["discipline2"],
        at=timezone.now(),
    )


def test_the_decider_is_told_of_earlier_counted_records_only(district, as_role):
    decide(district, district.log(days_ago=30))
    decide(district, district.log(days_ago=20, key="B8"), "PARTLY")
    decide(district, district.log(days_ago=10), "DISMISSED")
    decide(district, district.log(days_ago=400))
    district.log(days_ago=5)
    now = district.log()
    repeats = repeats_of(now)
    assert (repeats.any_rule, repeats.same_rule) == (2, 1)
    shown = as_role("discipline2").get(f"/violations/{now.pk}/").content.decode()
    assert "近 12 个月第 3 次（同一条款第 2 次），依地方办法应从重一档" in shown


def form(district, **changes):
    return {
        "cadre_text": "曾国平",
        "cadre_id": district.cadres["clerk"].pk,
        "prohibition": "B7",
        "occurred_on": district.today.isoformat(),
        "place": "便民服务大厅",
        "project_text": "",
        "project_id": "",
        "found_by": "INSPECTION",
        "facts": "上午九时不在岗。",
        "submission_key": str(uuid4()),
        **changes,
    }


class TestSeveralPersons:
    def test_each_becomes_a_record_of_one_matter(self, district, as_role):
        client = as_role("discipline")
        data = form(district, others="王小川\nT005\n", circumstances=["CONFESSED", "TWICE_A_YEAR"])
        for _ in range(2):  # a double click is the same three records
            assert client.post("/violations/new/", data).status_code == 302
        records = list(Violation.objects.order_by("id"))
        assert [str(v.cadre) for v in records] == ["曾国平", "王小川", "任青"]
        assert {v.matter for v in records} == {records[0].submission_key}
        assert [v.unit for v in records] == [district.bureau, district.station, district.other]
        assert all(v.circumstances == ["CONFESSED", "TWICE_A_YEAR"] for v in records)
        assert AuditEvent.objects.filter(action="登记违规").count() == 3
        shown = client.get(f"/violations/{records[0].pk}/").content.decode()
        assert "王小川（待认定）" in shown and "任青（待认定）" in shown and "从轻：主动交代" in shown

    def test_the_others_are_named_only_to_whom_may_see_them(self, district, as_role):
        as_role("discipline").post("/violations/new/", form(district, others="王小川、任青"))
        for violation in Violation.objects.all():
            decide(district, violation)
        first = Violation.objects.order_by("id").first()
        head = as_role("unithead").get(f"/violations/{first.pk}/").content.decode()
        assert "王小川（属实）" in head and "任青" not in head
        assert "王小川" not in as_role("cadre").get(f"/violations/{first.pk}/").content.decode()

    @pytest.mark.parametrize(
        ("others", "message"),
        [
            ("王小川\n查无此人", "没有找到人员“查无此人”"),
            ("王小川\n王小川", "“王小川”填了两次"),
            ("曾国平", "“曾国平”填了两次"),
            ("覃正", "不能登记本人"),
        ],
    )
    def test_one_wrong_name_and_nobody_is_logged(self, district, as_role, others, message):
        answer = as_role("discipline").post("/violations/new/", form(district, others=others))
        assert message in "".join(answer.context["form"].errors["others"])
        assert others in answer.content.decode()
        assert not Violation.objects.exists()

    def test_an_unknown_circumstance_is_refused(self, district, as_role):
        answer = as_role("discipline").post("/violations/new/", form(district, circumstances=["RICH"]))
        assert "RICH" in "".join(answer.context["form"].errors["circumstances"])


class TestTheSameFindingTwice:
    def test_is_refused_with_the_earlier_record_unless_the_tick_is_set(self, district, as_role):
        client = as_role("discipline")
        plain = client.get("/violations/new/").content.decode()
        assert "确认不是同一件事" not in plain
        client.post("/violations/new/", form(district))
        earlier = Violation.objects.get()
        answer = client.post("/violations/new/", form(district, facts="另一次。"))
        shown = answer.content.decode()
        assert f"已有第 {earlier.pk} 号记录" in shown and f'href="/violations/{earlier.pk}/"' in shown
        assert 'name="distinct"' in shown and "另一次。" in shown
        assert Violation.objects.count() == 1
        assert client.post("/violations/new/", form(district, distinct="on")).status_code == 302
        assert Violation.objects.count() == 2

    @pytest.mark.parametrize("change", ["person", "rule", "day", "withdrawn"])
    def test_is_not_another_person_rule_or_day_or_a_withdrawn_record(self, district, as_role, change):
        client = as_role("discipline")
        client.post("/violations/new/", form(district))
        data = {
            "person": {"cadre_text": "T003", "cadre_id": ""},
            "rule": {"prohibition": "B8"},
            "day": {"occurred_on": (district.today - timedelta(days=1)).isoformat()},
            "withdrawn": {},
        }[change]
        if change == "withdrawn":
            services.withdraw_violation(
                violation_id=Violation.objects.get().pk,
                note="记错",
                by=district.users["discipline"],
                at=timezone.now(),
            )
        assert client.post("/violations/new/", form(district, **data)).status_code == 302
        assert Violation.objects.count() == 2

    def test_of_a_further_person_stops_all(self, district, as_role):
        client = as_role("discipline")
        client.post("/violations/new/", form(district, cadre_text="T003", cadre_id=""))
        answer = client.post("/violations/new/", form(district, others="王小川"))
        assert "王小川" in "".join(answer.context["form"].errors["distinct"])
        assert Violation.objects.count() == 1


def bulk(district, *rows, **head):
    data = {
        "occurred_on": district.today.isoformat(),
        "place": "征迁现场",
        "found_by": "INSPECTION",
        "submission_key": str(uuid4()),
        "rows-TOTAL_FORMS": "8",
        "rows-INITIAL_FORMS": "0",
        **head,
    }
    for number, (person, rule, facts) in enumerate(rows):
        data |= {
            f"rows-{number}-cadre_text": person,
            f"rows-{number}-cadre_id": "",
            f"rows-{number}-prohibition": rule,
            f"rows-{number}-facts": facts,
        }
    return data


class TestARoundInOneForm:
    def test_every_filled_row_is_a_record_blank_ones_are_none(self, district, as_role):
        client = as_role("discipline")
        data = bulk(district, ("曾国平", "B7", "迟到。"), ("", "", ""), ("T003", "B6", "打牌。"))
        for _ in range(2):
            assert client.post("/violations/bulk/", data).status_code == 302
        records = list(Violation.objects.order_by("id"))
        assert [(str(v.cadre), v.prohibition.key, v.place) for v in records] == [
            ("曾国平", "B7", "征迁现场"),
            ("王小川", "B6", "征迁现场"),
        ]
        assert len({v.matter for v in records}) == 2

    def test_all_errors_stand_at_their_rows_and_nothing_is_saved(self, district, as_role):
        data = bulk(
            district,
            ("曾国平", "B7", "迟到。"),
            ("查无此人", "B7", "迟到。"),
            ("王小川", "", "打牌。"),
            ("曾国平", "B7", "又迟到。"),
        )
        answer = as_role("discipline").post("/violations/bulk/", data)
        errors = answer.context["rows"].errors
        assert errors[0] == {}
        assert "没有找到人员“查无此人”" in "".join(errors[1]["cadre"])
        assert "必填" in "".join(errors[2]["prohibition"])
        assert "与第 1 行是同一个人、同一条款" in "".join(errors[3]["cadre"])
        assert "又迟到。" in answer.content.decode()
        assert not Violation.objects.exists()

    def test_what_the_service_refuses_stands_at_its_row_too(self, district, as_role):
        district.log("worker", days_ago=0, distinct=False)
        data = bulk(
            district, ("曾国平", "B7", "迟到。"), ("覃正", "B7", "迟到。"), ("王小川", "B7", "不在岗。")
        )
        client = as_role("discipline")
        answer = client.post("/violations/bulk/", data)
        errors = answer.context["rows"].errors
        assert "不能登记本人" in "".join(errors[1]["cadre"])
        assert "已有第" in "".join(errors[2]["distinct"])
        assert Violation.objects.count() == 1
        data = bulk(district, ("曾国平", "B7", "迟到。"), ("王小川", "B7", "不在岗。"))
        assert client.post("/violations/bulk/", data | {"rows-1-distinct": "on"}).status_code == 302
        assert Violation.objects.count() == 3

    @pytest.mark.parametrize(
        ("head", "message"),
        [
            ({"place": ""}, "必填"),
            ({"occurred_on": "2026-02-30"}, "有效的日期"),
            ({"occurred_on": "2999-01-01"}, "晚于今天"),
        ],
    )
    def test_a_wrong_head_saves_nothing(self, district, as_role, head, message):
        answer = as_role("discipline").post(
            "/violations/bulk/", bulk(district, ("曾国平", "B7", "迟到。"), **head)
        )
        assert message in answer.content.decode()
        assert not Violation.objects.exists()

    def test_an_empty_form_says_so(self, district, as_role):
        answer = as_role("discipline").post("/violations/bulk/", bulk(district))
        assert "一行也没有填" in answer.content.decode()

    @pytest.mark.parametrize("role", ["dhead", "unithead", "cadre", "chief", "assessor", "secadmin"])
    def test_is_for_those_who_log(self, district, as_role, role):
        assert as_role(role).post("/violations/bulk/", bulk(district)).status_code == 403


class TestProposals:
    @pytest.mark.parametrize(
        "role", ["discipline", "leader", "assessor", "unithead", "cadre", "chief", "sysadmin", "auditor"]
    )
    def test_are_for_the_head_alone(self, district, as_role, role):
        decide(district, district.log(), "DISMISSED")
        pk = Proposal.objects.get().pk
        client = as_role(role)
        assert client.get("/proposals/").status_code == 403
        assert client.get(f"/proposals/{pk}/").status_code == 403
        assert client.post(f"/proposals/{pk}/answer/", {"state": "ACCEPTED"}).status_code == 403

    def test_one_about_oneself_does_not_exist(self, district, as_role):
        decide(district, district.log("secretary"), "DISMISSED")
        pk = Proposal.objects.get().pk
        client = as_role("dhead")
        assert client.get(f"/proposals/{pk}/").status_code == 404
        assert "建议澄清正名</a>" not in client.get("/proposals/").content.decode()

    def test_the_proposer_does_not_answer(self, district, as_role):
        violation = district.log()
        services.decide_violation(
            violation_id=violation.pk,
            state="DISMISSED",
            note="查无此事",
            by=district.users["dhead"],
            at=timezone.now(),
        )
        path, client = f"/proposals/{Proposal.objects.get().pk}/", as_role("dhead")
        assert "提出人不能研判自己的建议" in client.get(path).content.decode()
        told = client.post(path + "answer/", {"state": "ACCEPTED", "answer": "x"}, follow=True)
        assert "没有保存：提出人不能研判自己的建议" in told.content.decode()
        assert path not in client.get("/").content.decode()

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({"state": "", "answer": "好"}, "必填"),
            ({"state": "ACCEPTED", "answer": " "}, "必填"),
            ({"state": "MAYBE", "answer": "好"}, "MAYBE"),
        ],
    )
    def test_bad_answers_are_refused(self, district, as_role, data, message):
        decide(district, district.log(), "DISMISSED")
        proposal = Proposal.objects.get()
        answer = as_role("dhead").post(f"/proposals/{proposal.pk}/answer/", data)
        assert message in answer.content.decode()
        proposal.refresh_from_db()
        assert proposal.state == "OPEN"

    def test_the_list_filters_and_costs_the_same_for_15_and_100(
        self, district, as_role, django_assert_max_num_queries
    ):
        client = as_role("dhead")
        client.get("/")
        taken = []
        for more in (15, 85):
            for _ in range(more):
                proposals.propose(
                    kind=ProposalKind.CLEARANCE, source=district.log(), reason="查无此事",
                    cadre=district.cadres["clerk"], unit=district.bureau, by=None, at=district.now,
                )  # fmt: skip
            with django_assert_max_num_queries(15) as captured:
                found = client.get("/proposals/", {"kind": "CLEARANCE", "state": "OPEN"})
            taken.append((found.context["page"].paginator.count, len(captured)))
        assert [count for count, _ in taken] == [15, 100]
        assert taken[0][1] == taken[1][1]
        assert client.get("/proposals/", {"kind": "CASE"}).context["page"].paginator.count == 0
        partial = client.get("/proposals/", headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in partial and "研判建议表" in partial


def test_lines_of_the_file_stand_on_their_side_within_the_readers_scope(district):
    counted, dismissed = (
        decide(district, district.log()),
        decide(district, district.log(key="B8"), "DISMISSED"),
    )
    district.log(key="B6")
    clerk = district.cadres["clerk"]
    lines = file_entries(clerk, user=district.users["cadre"])
    assert {(line.url, line.side) for line in lines} == {
        (f"/violations/{counted.pk}/", Side.BAD),
        (f"/violations/{dismissed.pk}/", Side.PLAIN),
    }
    assert len(file_entries(clerk, user=district.users["discipline"])) == 3
    assert file_entries(district.cadres["outsider"], user=district.users["unithead"]) == []


class TestRest:
    def test_a_record_tells_finding_handlings_and_circumstances(self, district, as_role):
        violation = decide(district, district.log())
        handlings.handle_violation(
            violation_id=violation.pk,
            way="TALK",
            on=district.today,
            by=district.users["discipline"],
            at=timezone.now(),
        )
        client = as_role("chief")
        row = client.get(f"/api/v1/violations/{violation.pk}/").json()
        assert (row["state"], row["finding"], row["circumstances"]) == ("HANDLED", "CONFIRMED", [])
        assert [handling["way"] for handling in row["handlings"]] == ["TALK"]
        assert row["matter"] == str(violation.matter)
        assert "verification" not in row
        found = client.get("/api/v1/violations/", {"finding": "CONFIRMED", "state": "HANDLED"}).json()
        assert found["count"] == 1
        assert client.get("/api/v1/violations/", {"finding": "DISMISSED"}).json()["count"] == 0

    def test_the_same_finding_twice_is_refused_until_said_otherwise(self, district, as_role):
        client = as_role("discipline")
        body = {
            "cadre": district.cadres["clerk"].pk, "prohibition": "B7", "place": "大厅", "facts": "不在岗。",
            "occurred_on": district.today.isoformat(), "circumstances": ["REPAID"],
        }  # fmt: skip

        def send(**more):
            return client.post("/api/v1/violations/", body | more, content_type="application/json")

        assert send().status_code == 201
        refused = send()
        assert refused.status_code == 400 and "已有第" in str(refused.json()["distinct"])
        assert send(distinct=True).status_code == 201
        assert send(distinct=True, circumstances=["RICH"]).status_code == 400

    def test_the_list_costs_the_same_for_15_and_100(self, district, as_role, django_assert_max_num_queries):
        client = as_role("discipline")
        client.get("/")
        taken = []
        for more in (15, 85):
            for _ in range(more):
                district.log()
            with django_assert_max_num_queries(15) as captured:
                client.get("/api/v1/violations/")
            taken.append(len(captured))
        assert taken[0] == taken[1]


class TestTheDatabase:
    def test_refuses_a_state_that_does_not_fit_the_finding(self, district):
        violation = decide(district, district.log(), "DISMISSED")
        for state in ("HANDLED", "CONFIRMED", "LOGGED"):
            with pytest.raises(IntegrityError), transaction.atomic():
                Violation.objects.filter(pk=violation.pk).update(state=state)

    @pytest.mark.parametrize(("way", "shift"), [("TALK", 0), ("PLEDGE", -1)])
    def test_refuses_a_completion_that_cannot_be(self, district, way, shift):
        violation = decide(district, district.log())
        with pytest.raises(IntegrityError), transaction.atomic():
            Handling.objects.create(
                violation=violation,
                way=way,
                on=district.today,
                completed_on=district.today + timedelta(days=shift),
                recorded_by=violation.recorded_by,
                recorded_at=timezone.now(),
            )


def test_a_person_moved_since_keeps_the_unit_of_the_day(district, as_role):
    Cadre.objects.filter(pk=district.cadres["clerk"].pk).update(unit=district.other)
    as_role("discipline").post("/violations/new/", form(district, others="王小川"))
    assert Violation.objects.order_by("id").first().unit == district.bureau
