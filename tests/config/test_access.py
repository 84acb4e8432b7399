"""Deny by default, over every address the resolver knows."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from core.permissions import Permission, Public, declared_rule, may
from core.services import accounts

pytestmark = pytest.mark.django_db

ROLES = [
    "discipline",
    "dhead",
    "leader",
    "assessor",
    "unithead",
    "cadre",
    "chief",
    "sysadmin",
    "secadmin",
    "auditor",
]
SELF_GUARDED = ("admin/",)


def patterns(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry


def address(path):
    """A concrete address: ids that do not exist, so that only the right to be there is tested."""
    plain = re.sub(r"<\w+:\w+>|\(\?P<\w+>[^)]+\)", "987654321", path)
    return "/" + re.sub(r"\^|\$|\\Z", "", plain).replace("\\.", ".")


EVERYTHING = sorted(
    {
        (address(path), declared_rule(entry.callback))
        for path, entry in patterns()
        if not path.startswith(SELF_GUARDED)
    },
    key=lambda pair: pair[0],
)


def test_the_walk_finds_the_pages():
    assert len(EVERYTHING) >= 45
    assert not [path for path, _ in EVERYTHING if "<" in path or "(" in path]


def test_every_address_declares_a_rule():
    assert [path for path, rule in EVERYTHING if rule is None] == []


@pytest.mark.parametrize("role", ROLES)
def test_nobody_gets_in_without_the_declared_permission(district, as_role, role):
    """role × address: 403 exactly where the declared permission is missing, never a server error."""
    client, user = as_role(role), district.users[role]
    checked = 0
    for path, rule in EVERYTHING:
        if path.endswith(("sign-out/", "readyz")):
            continue
        status = client.get(path).status_code
        entitled = isinstance(rule, Public) or may(user, Permission(rule))
        assert status < 500, (path, status)
        assert (status != 403) == entitled, (role, path, status)
        checked += 1
    assert checked >= 40


def test_nobody_signed_in_reaches_only_what_is_public(district, client):
    for path, rule in EVERYTHING:
        answer = client.get(path)
        if rule is Public.ANYONE:
            assert answer.status_code in {200, 302, 405, 503}, path
        elif path.startswith("/api/"):
            assert answer.status_code in {401, 403}, path
        else:
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/sign-in/?next="), path


def test_the_admin_shows_catalogues_and_the_schedule_and_no_business_record(district, as_role):
    for role in ROLES:
        listed = as_role(role).get("/admin/")
        allowed = role in {"discipline", "assessor"}
        assert (listed.status_code == 200) == allowed, role
    content = (
        as_role("discipline").get("/admin/").content.decode()
        + as_role("assessor").get("/admin/").content.decode()
    )
    for label in (
        "violation/",
        "cadre/",
        "user/",
        "rolegrant/",
        "auditevent/",
        "keyproject/",
        "result/",
        "rating/",
        "group/",
    ):
        assert f"/{label}" not in content
    assert "periodictask/" in content
    assert "prohibition/" in content


def test_a_catalogue_change_in_the_admin_is_audited_and_nothing_is_deleted_there(district, as_role):
    from core.models import AuditEvent

    entry = district.prohibitions["B7"]
    client = as_role("discipline")
    page = client.get(f"/admin/conduct/prohibition/{entry.pk}/change/")
    data = {k: ("" if v is None else v) for k, v in page.context["adminform"].form.initial.items()}
    data |= {"description": "本区解释", "deduct_points": "3", "key": "B99"}
    assert client.post(f"/admin/conduct/prohibition/{entry.pk}/change/", data).status_code == 302
    event = AuditEvent.objects.first()
    assert (event.action, event.after) == ("修改目录", {"description": "本区解释"})
    entry.refresh_from_db()
    # What a record was judged by is fixed: other points need a new version.
    assert (entry.key, entry.deduct_points) == ("B7", 2)
    assert client.get(f"/admin/conduct/prohibition/{entry.pk}/delete/").status_code == 403


class TestSessions:
    def test_an_idle_session_ends(self, district, as_role, time_machine):
        client = as_role("cadre")
        assert client.get("/").status_code == 200
        time_machine.move_to(timezone.now() + timedelta(minutes=31))
        assert client.get("/").status_code == 302

    def test_a_session_ends_after_its_hours_however_busy(self, district, as_role, time_machine):
        client, start = as_role("cadre"), timezone.now()
        for minutes in range(0, 8 * 60, 25):
            time_machine.move_to(start + timedelta(minutes=minutes), tick=False)
            assert client.get("/").status_code == 200, minutes
        time_machine.move_to(start + timedelta(hours=8, minutes=2), tick=False)
        assert client.get("/").status_code == 302

    def test_an_expired_session_keeps_what_was_typed(self, district, client):
        typed = {"place": "便民服务大厅", "facts": "写了很久的<事实>", "csrfmiddlewaretoken": "x"}
        page = client.post("/violations/new/", typed)
        assert page.status_code == 401
        content = page.content.decode()
        assert 'name="kept:facts" value="写了很久的&lt;事实&gt;"' in content
        assert "csrfmiddlewaretoken&quot;" not in content
        kept = {f"kept:{k}": v for k, v in typed.items() if k != "csrfmiddlewaretoken"}
        again = client.post(
            "/sign-in/",
            {"username": "discipline", "password": "Test-Zuofeng-2026", "next": "/violations/new/", **kept},
        )
        assert again.status_code == 200
        assert 'name="facts" value="写了很久的&lt;事实&gt;"' in again.content.decode()

    def test_a_partial_swap_sends_the_whole_page_to_sign_in(self, client, db):
        answer = client.get(
            "/violations/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/violations/"}
        )
        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"].startswith("/sign-in/?next=")
        assert not answer.content

    @pytest.mark.parametrize(
        "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
    )
    def test_sign_in_leads_only_to_pages_of_this_site(self, district, client, target):
        answer = client.post(
            "/sign-in/", {"username": "cadre", "password": "Test-Zuofeng-2026", "next": target}
        )
        assert answer.headers["Location"] == "/"

    def test_sign_out_needs_a_post(self, district, as_role):
        client = as_role("cadre")
        assert client.get("/sign-out/").status_code == 405
        client.post("/sign-out/")
        assert client.get("/").status_code == 302

    def test_pages_are_not_kept_by_the_browser(self, district, as_role):
        assert as_role("cadre").get("/").headers["Cache-Control"] == "no-store"


def test_a_view_without_a_declaration_is_refused(district, as_role, settings, monkeypatch):
    """The control: with the declaration gone, the page is gone for everybody."""
    from core.views import people

    monkeypatch.delattr(people.unit_list, "access_rule")
    assert as_role("discipline").get("/units/").status_code == 403


def test_removing_a_unit_scope_would_show_other_units(district, as_role, monkeypatch):
    """The control of the scope tests: with the scope off, a unit head sees what is not theirs."""
    assert as_role("unithead").get(f"/cadres/{district.cadres['outsider'].pk}/").status_code == 404
    monkeypatch.setattr("core.queries.person_scope", lambda *_, **__: None)
    assert as_role("unithead").get(f"/cadres/{district.cadres['outsider'].pk}/").status_code == 200


def test_a_person_moved_to_another_unit_is_out_of_the_old_heads_sight(district, as_role):
    from core.services import people

    clerk = district.cadres["clerk"]
    client = as_role("unithead")
    assert client.get(f"/cadres/{clerk.pk}/").status_code == 200
    people.save_cadre(
        staff_no=clerk.staff_no,
        name=clerk.name,
        unit=district.other,
        establishment=clerk.establishment,
        post=clerk.post,
        joined_on=clerk.joined_on,
        by=None,
        at=timezone.now(),
    )
    assert client.get(f"/cadres/{clerk.pk}/").status_code == 404


def test_only_administrators_of_grants_grant(district, as_role):
    target = district.users["cadre"]
    data = {"role": "LEADERSHIP", "starts_on": district.today.isoformat()}
    for role in ROLES:
        answer = as_role(role).post(f"/accounts/{target.pk}/grant/", data)
        assert answer.status_code == (302 if role == "secadmin" else 403), role
    assert accounts.RoleGrant.objects.filter(user=target, role="LEADERSHIP").count() == 1


def test_passwords_are_never_sent_back_by_an_expired_session(client, db):
    page = client.post(
        "/password/", {"old_password": "alt-geheim", "new_password": "neu-geheim", "again": "neu-geheim"}
    )
    assert page.status_code == 401
    assert "geheim" not in page.content.decode()


@pytest.mark.parametrize("debug", [True, False])
def test_not_found_is_the_sites_own_page(district, as_role, settings, debug):
    settings.DEBUG = debug
    client = as_role("chief")
    for path in ("/gibt-es-nicht/", "/projects/987654321/"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "URLconf" not in answer.content.decode()
        assert "回到首页" in answer.content.decode()


def test_a_rule_broken_outside_a_form_brings_back_with_a_message(district, as_role):
    client = as_role("sysadmin")
    me = district.users["sysadmin"].pk
    answer = client.post(
        f"/accounts/{me}/toggle/", headers={"Referer": "http://testserver/accounts/"}, follow=True
    )
    assert answer.redirect_chain == [("http://testserver/accounts/", 302)]
    assert "不能停用自己的账号" in answer.content.decode()


def test_a_change_of_the_schedule_is_audited(district, as_role):
    from django_celery_beat.models import PeriodicTask

    from core.models import AuditEvent
    from core.services import schedule

    schedule.ensure_ticks()
    tick = PeriodicTask.objects.get(task="assessment.run_due")
    client = as_role("assessor")
    page = client.get(f"/admin/django_celery_beat/periodictask/{tick.pk}/change/")
    data = {k: ("" if v is None else v) for k, v in page.context["adminform"].form.initial.items()}
    data.pop("enabled")
    answer = client.post(f"/admin/django_celery_beat/periodictask/{tick.pk}/change/", data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    event = AuditEvent.objects.first()
    assert (event.action, event.before, event.after) == ("修改目录", {"enabled": True}, {"enabled": False})
    anchor = PeriodicTask.objects.get(task="core.anchor_audit")
    assert client.get(f"/admin/django_celery_beat/periodictask/{anchor.pk}/change/").status_code == 302
