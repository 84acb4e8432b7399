"""The roster of 群众监督员."""

from datetime import timedelta
from uuid import uuid4

import pytest

from conduct.services import supervisors as services
from core.models import AuditEvent
from core.rules.errors import DomainError
from tests.support.inspecting import finding, running, visit

pytestmark = pytest.mark.django_db


def test_the_roster_names_who_is_on_it_already_and_wrong_days(district):
    user = district.users["discipline"]

    def appoint(name="石长青", on=district.today - timedelta(days=3)):
        return services.appoint_supervisor(
            name=name,
            organisation="临江社区",
            phone="13900000001",
            appointed_on=on,
            submission_key=uuid4(),
            by=user,
            at=district.now,
        )

    made = appoint()
    with pytest.raises(DomainError, match="已在名册中"):
        appoint()
    with pytest.raises(DomainError, match="晚于今天"):
        appoint("另一人", district.today + timedelta(days=1))
    with pytest.raises(DomainError, match="不在聘期内"):
        visit(district, supervisors=[made], on=district.today - timedelta(days=4))
    with pytest.raises(DomainError, match="解聘日期应在"):
        services.end_supervisor(
            supervisor_id=made.pk, ended_on=made.appointed_on - timedelta(days=1), by=user, at=district.now
        )
    services.end_supervisor(supervisor_id=made.pk, ended_on=district.today, by=user, at=district.now)
    with pytest.raises(DomainError, match=r"已于 .* 解聘"):
        services.end_supervisor(supervisor_id=made.pk, ended_on=district.today, by=user, at=district.now)
    assert appoint() != made
    assert "13900000001" not in str(list(AuditEvent.objects.values_list("after", flat=True)))


def test_leadership_reads_and_writes_nothing_and_sees_no_phone_number(district, as_role):
    services.appoint_supervisor(
        name="石长青",
        organisation="",
        phone="13900000001",
        appointed_on=district.today,
        submission_key=uuid4(),
        by=district.users["discipline"],
        at=district.now,
    )
    found, plan = finding(district), running(district)
    client = as_role("chief")
    assert "月度暗访" in client.get("/inspections/plans/").content.decode()
    assert client.get("/inspections/new/").status_code == 403
    assert client.post(f"/inspections/plans/{plan.pk}/finish/").status_code == 403
    assert client.post(f"/inspections/findings/{found.pk}/settle/").status_code == 403
    roster = client.get("/inspections/supervisors/").content.decode()
    assert "石长青" in roster
    assert "13900000001" not in roster
    assert "13900000001" in as_role("discipline").get("/inspections/supervisors/").content.decode()
