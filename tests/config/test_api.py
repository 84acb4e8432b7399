"""REST: the same services and permissions as the pages."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.authtoken.models import Token

from conduct.models import Violation
from core.models import User
from core.services import accounts

pytestmark = pytest.mark.django_db
RESOURCES = [
    "units",
    "cadres",
    "prohibitions",
    "violations",
    "supervision-letters",
    "projects",
    "milestones",
    "assignments",
    "periods",
    "results",
]


@pytest.fixture
def token(district, client):
    def sign_in(username):
        answer = client.post(
            "/api/token/",
            {"username": username, "password": "Test-Zuofeng-2026"},
            content_type="application/json",
        )
        return {"Authorization": f"Token {answer.json()['token']}"}

    return sign_in


def body(district, **changes):
    return {
        "cadre": district.cadres["clerk"].pk,
        "prohibition": "B7",
        "occurred_on": district.today.isoformat(),
        "place": "大厅",
        "facts": "不在岗。",
        "submission_key": str(uuid4()),
        **changes,
    }


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_resource_is_there_and_closed_to_strangers(district, client, as_role, resource):
    assert client.get(f"/api/v1/{resource}/").status_code in {401, 403}
    assert as_role("chief").get(f"/api/v1/{resource}/").status_code == 200


def test_a_token_carries_the_scope_of_its_owner(district, client, token):
    names = {
        role: {row["name"] for row in client.get("/api/v1/cadres/", headers=token(role)).json()["results"]}
        for role in ("unithead", "cadre")
    }
    assert names["cadre"] == {"曾国平"}
    assert "任青" not in names["unithead"]
    assert (
        client.get(f"/api/v1/cadres/{district.cadres['outsider'].pk}/", headers=token("cadre")).status_code
        == 404
    )


def test_writing_a_violation_goes_through_the_service(district, client, token):
    headers = token("discipline")
    data = body(district)
    first = client.post("/api/v1/violations/", data, content_type="application/json", headers=headers)
    again = client.post("/api/v1/violations/", data, content_type="application/json", headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Violation.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"occurred_on": "2999-01-01"}, "occurred_on"),
        ({"prohibition": "B9"}, "prohibition"),
        ({"cadre": 987654}, "cadre"),
        ({"place": ""}, "place"),
        ({"facts": "x" * 2001}, "facts"),
    ],
)
def test_a_broken_rule_names_its_field(district, client, token, changes, field):
    answer = client.post(
        "/api/v1/violations/",
        body(district, **changes),
        content_type="application/json",
        headers=token("discipline"),
    )
    assert answer.status_code == 400
    assert field in answer.json()
    assert not Violation.objects.exists()


@pytest.mark.parametrize("role", ["unithead", "cadre", "chief", "leader"])
def test_reading_roles_cannot_write(district, client, token, role):
    answer = client.post(
        "/api/v1/violations/", body(district), content_type="application/json", headers=token(role)
    )
    assert answer.status_code == 403


def test_the_dates_of_a_milestone_that_are_not_sent_stay_and_null_clears_them(district, client, token):
    path, headers = f"/api/v1/milestones/{district.milestone().pk}/", token("leader")
    today = str(district.today)

    def patch(**said):
        return client.patch(path, said, content_type="application/json", headers=headers)

    first = patch(progress="30", version=1, started_on=today, forecast_on=today).json()
    assert (first["started_on"], first["forecast_on"], first["state"]) == (today, today, "ACTIVE")
    assert first["baseline_on"] == first["planned_on"] and first["after"] is None
    kept = patch(progress="40", version=2).json()
    assert (kept["started_on"], kept["forecast_on"]) == (today, today)
    assert patch(progress="50", version=3, forecast_on=None).json()["forecast_on"] is None
    late = patch(progress="60", version=4, started_on="2999-01-01")
    assert late.status_code == 400 and "晚于今天" in late.content.decode()


def test_a_milestone_is_reported_with_its_version(district, client, token):
    path = f"/api/v1/milestones/{district.milestone().pk}/"
    headers = token("leader")
    ok = client.patch(
        path, {"progress": "55", "version": 1}, content_type="application/json", headers=headers
    )
    stale = client.patch(
        path, {"progress": "60", "version": 1}, content_type="application/json", headers=headers
    )
    assert (ok.status_code, stale.status_code) == (200, 409)
    assert ok.json()["progress"] == "55.00"
    foreign = district.foreign_project.milestones.first().pk
    assert (
        client.patch(
            f"/api/v1/milestones/{foreign}/",
            {"progress": "1", "version": 1},
            content_type="application/json",
            headers=headers,
        ).status_code
        == 404
    )
    assert (
        client.patch(
            path, {"progress": "60", "version": 2}, content_type="application/json", headers=token("chief")
        ).status_code
        == 403
    )


def test_a_wrong_password_gives_no_token_and_locks_like_the_page(district, client):
    wrong = {"username": "cadre", "password": "nein"}
    codes = [client.post("/api/token/", wrong, content_type="application/json").status_code for _ in range(6)]
    assert codes[0] == 400
    assert codes[-1] in {403, 429}


def test_the_schema_and_its_viewer_are_served_locally(district, as_role):
    client = as_role("chief")  # the schema tells each role what it may use; leadership reads all of these
    schema = client.get("/api/schema/")
    assert schema.status_code == 200
    paths = schema.content.decode()
    assert all(f"/api/v1/{resource}/" in paths for resource in RESOURCES)
    viewer = client.get("/api/docs/").content.decode()
    assert "https://" not in viewer
    assert "//cdn" not in viewer


def test_a_token_ends_with_its_password_its_days_and_its_account(district, client, token, settings):
    def answer(headers):
        return client.get("/api/v1/cadres/", headers=headers).status_code

    user = district.users["cadre"]
    headers = token("cadre")
    assert answer(headers) == 200
    Token.objects.filter(user=user).update(created=timezone.now() - timedelta(days=31))
    assert answer(headers) in {401, 403}
    Token.objects.filter(user=user).delete()
    headers = token("cadre")
    accounts.change_password(user=user, password="Xin-Mima-2026", at=timezone.now())
    assert answer(headers) in {401, 403}
    headers = token("chief")
    settings.DEBUG = False
    User.objects.filter(username="chief").update(is_demo=True)
    assert answer(headers) in {401, 403}
