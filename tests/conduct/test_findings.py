"""Findings go on without retyping; nobody deals with one about oneself."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from conduct.choices import FindingState
from conduct.models import InspectionFinding, Prohibition, Violation
from conduct.queries import inspections as queries
from conduct.rules import inspections as rules
from conduct.services import findings as services
from conduct.services import violations
from conduct.services.letters import Demand, draft_letter
from core.models import Proposal
from core.rules.errors import DomainError, NotAllowed
from core.rules.workdays import next_workday
from core.services import people
from tests.support.inspecting import finding, turn
from tests.support.walking import Course, walk

pytestmark = pytest.mark.django_db


def test_nobody_records_a_finding_about_oneself_or_about_who_was_not_there(district):
    with pytest.raises(DomainError, match="不能记录本人的问题"):
        finding(district, cadre="officer")
    with pytest.raises(DomainError, match="不在岗，请核对"):
        finding(district, on=district.today - timedelta(days=1000))


def test_the_database_refuses_the_same_finding_twice(district):
    found = finding(district)
    found.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        found.save(force_insert=True)


def test_who_moved_since_is_kept_in_the_unit_of_that_day(district):
    found = finding(district, on=district.today - timedelta(days=9))
    clerk = district.cadres["clerk"]
    people.save_cadre(
        staff_no=clerk.staff_no,
        name=clerk.name,
        unit=district.other,
        establishment=clerk.establishment,
        post=clerk.post,
        joined_on=clerk.joined_on,
        effective_on=district.today - timedelta(days=3),
        by=None,
        at=district.now,
    )
    turned = turn(district, found)
    clerk.refresh_from_db()
    assert clerk.unit == district.other
    assert (found.unit, turned.violation.unit) == (district.bureau, district.bureau)


def test_a_finding_names_its_rule_as_of_the_day_of_the_visit(district):
    found = finding(district)
    old = district.prohibitions["B7"]
    old.retired_on = district.today
    old.save()
    Prohibition.objects.create(
        key="B7", name="改后的名称", order=7, effective_from=district.today, basis="测试", deduct_points=1
    )
    assert queries.rule_name(found) == old.name
    found.inspection.on = district.today
    assert queries.rule_name(found) == "改后的名称"


def test_a_finding_becomes_a_violation_without_retyping_and_another_person_decides(district):
    found = finding(district, project=district.project)
    turned = turn(district, found)
    made = turned.violation
    assert (turned.state, made.state) == (FindingState.TURNED_VIOLATION, "LOGGED")
    assert (made.cadre, made.prohibition.key, made.occurred_on) == (
        district.cadres["clerk"],
        "B7",
        found.inspection.on,
    )
    assert (made.place, made.project, made.facts) == ("便民服务大厅", district.project, found.what)
    assert (made.origin_label, made.origin_id) == ("conduct.InspectionFinding", str(found.pk))
    assert made.found_by == "INSPECTION"
    with pytest.raises(NotAllowed, match="登记人不能认定"):
        violations.decide_violation(
            violation_id=made.pk,
            state="CONFIRMED",
            note="",
            by=district.users["discipline"],
            at=district.now,
        )
    with pytest.raises(NotAllowed, match="当前状态"):
        turn(district, found)
    assert Violation.objects.count() == 1


def test_an_accepted_proposal_of_a_letter_leads_to_the_letter(district, as_role):
    found, clerk, head = finding(district), as_role("discipline"), as_role("dhead")
    clerk.post(f"/inspections/findings/{found.pk}/to_letter/")
    proposal = Proposal.objects.get()
    address = f"/letters/new/?about=conduct.InspectionFinding:{found.pk}"
    assert address not in clerk.get("/").content.decode()
    head.post(f"/proposals/{proposal.pk}/answer/", {"state": "ACCEPTED", "answer": "同意"})
    for page in ("/", found.get_absolute_url()):
        assert address in clerk.get(page).content.decode(), page
    assert address in head.get(f"/proposals/{proposal.pk}/").content.decode()
    form = clerk.get(address).context["form"]
    assert found.what in form["matter"].value() and form["unit"].value()
    letter, _ = draft_letter(
        title="关于检查发现问题的督办函",
        unit=district.bureau,
        matter=form["matter"].value(),
        contact="办公室 0000-1234567",
        demands=[Demand("整改", "到位", next_workday(district.today + timedelta(days=14), {}))],
        sources=[found],
        submission_key=uuid4(),
        by=district.users["discipline"],
        at=timezone.now(),
    )
    assert address not in clerk.get("/").content.decode()
    assert letter.get_absolute_url() in clerk.get(found.get_absolute_url()).content.decode()


def test_only_what_is_missing_is_asked_for(district, as_role):
    found = finding(district, cadre=None, rule="")
    with pytest.raises(DomainError, match="请选择涉及人员") as refused:
        turn(district, found)
    assert refused.value.field == "cadre"
    with pytest.raises(DomainError, match="请选择条款") as refused:
        turn(district, found, cadre=district.cadres["clerk"])
    assert refused.value.field == "prohibition_key"
    with pytest.raises(DomainError, match="不能登记本人"):
        turn(district, found, cadre=district.cadres["officer"], prohibition_key="B7")
    found.refresh_from_db()
    assert found.state == FindingState.OPEN
    client = as_role("discipline")
    url = f"/inspections/findings/{found.pk}/"
    assert 'name="cadre_text"' in client.get(url).content.decode()
    data = {"cadre_text": "T002", "cadre_id": "", "prohibition_key": "B7"}
    assert client.post(f"{url}to_violation/", data).status_code == 302
    found.refresh_from_db()
    assert (found.cadre, found.unit) == (district.cadres["clerk"], district.bureau)
    whole = finding(district)
    page = client.get(f"/inspections/findings/{whole.pk}/").content.decode()
    assert 'name="cadre_text"' not in page
    again = client.post(f"/inspections/findings/{whole.pk}/to_violation/")
    assert "违反同一条款已有第" in again.content.decode()
    data = {"distinct": "on"}
    assert client.post(f"/inspections/findings/{whole.pk}/to_violation/", data).status_code == 302


def test_a_letter_is_proposed_to_the_unit_it_was_found_in(district):
    found = finding(district, cadre=None, rule="")
    done = services.finding_to_letter(finding_id=found.pk, by=district.users["dhead"], at=district.now)
    proposal = Proposal.objects.get()
    assert done.state == FindingState.TURNED_LETTER
    assert (proposal.kind, proposal.unit, proposal.source_id) == ("LETTER", district.bureau, str(found.pk))


def test_a_word_on_the_spot_needs_what_was_done(district):
    found, user = finding(district), district.users["discipline"]
    with pytest.raises(DomainError, match="请写明现场纠正情况"):
        services.settle_finding(finding_id=found.pk, note=" ", by=user, at=district.now)
    done = services.settle_finding(finding_id=found.pk, note="已纠正", by=user, at=district.now)
    assert done.state == FindingState.NOTED


def test_a_finding_about_oneself_is_hidden_until_it_is_a_decided_violation(district, as_role):
    found = finding(district, cadre="officer2")
    client = as_role("discipline2")
    assert client.get(f"/inspections/findings/{found.pk}/").status_code == 404
    page = client.get(f"/inspections/{found.inspection_id}/").content.decode()
    assert found.what not in page
    with pytest.raises(InspectionFinding.DoesNotExist):
        turn(district, found, by="discipline2")
    turned = turn(district, found)
    assert client.get(f"/inspections/findings/{found.pk}/").status_code == 404
    violations.decide_violation(
        violation_id=turned.violation_id,
        state="CONFIRMED",
        note="",
        by=district.users["dhead"],
        at=district.now,
    )
    assert client.get(f"/inspections/findings/{found.pk}/").status_code == 200


def test_two_thousand_steps_of_a_finding(district):
    people_ = {name: district.users[name] for name in ("discipline", "dhead", "unithead", "chief")}

    def settle(record, user, pick):
        services.settle_finding(finding_id=record.pk, note="理由" * (pick % 2), by=user, at=timezone.now())

    def violation(record, user, pick):
        services.finding_to_violation(
            finding_id=record.pk,
            cadre=district.cadres["clerk"] if pick % 3 else None,
            prohibition_key="B6" if pick % 2 else "",
            by=user,
            at=timezone.now(),
        )

    def letter(record, user, pick):
        services.finding_to_letter(finding_id=record.pk, by=user, at=timezone.now())

    def linked(record):
        assert (record.state == FindingState.TURNED_VIOLATION) is (record.violation_id is not None)

    walk(
        Course(
            workflow=rules.FINDING,
            people=people_,
            make=lambda: finding(district, cadre=None, rule=""),
            steps={
                "to_violation": violation,
                "to_letter": letter,
                "settle": settle,
            },
            parts=queries.finding_parts,
            invariants=[linked],
            extra_audit=frozenset({"to_violation", "to_letter"}),
        )
    )
