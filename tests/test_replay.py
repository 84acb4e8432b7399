"""The district that is put back row by row is the district that the services make."""

from copy import deepcopy

import pytest
from django.db import transaction

from core.models import AuditEvent, Cadre, RoleGrant, User
from core.services import audit
from tests import conftest
from tests.support import replay

pytestmark = pytest.mark.django_db


def _seen(district):
    return {
        "people": list(Cadre.objects.order_by("staff_no").values_list("staff_no", "name", "unit__code")),
        "accounts": list(User.objects.order_by("username").values_list("username", "cadre__staff_no")),
        "grants": list(RoleGrant.objects.order_by("id").values_list("user__username", "role", "unit__code")),
        "audit": list(AuditEvent.objects.order_by("seq").values_list("action", "target_label")),
        "project": [m.name for m in district.project.milestones.all()],
    }


def _undone(build):
    with transaction.atomic():
        seen = _seen(build())
        assert audit.verify_chain()[1] is None
        transaction.set_rollback(True)
    return seen


def test_what_is_put_back_is_what_was_built(monkeypatch):
    monkeypatch.setattr(replay, "_BUILT", {})
    built = _undone(lambda: replay.built_once("district", conftest._district))
    again = _undone(lambda: replay.built_once("district", conftest._district))
    assert built == again == _undone(conftest._district)
    assert len(replay._BUILT) == 1


def test_it_is_built_anew_in_a_database_that_holds_something_else(monkeypatch):
    kept = {}
    monkeypatch.setattr(replay, "_BUILT", kept)
    _undone(lambda: replay.built_once("district", conftest._district))
    (first,) = map(deepcopy, kept.values())
    User.objects.create(username="somebody", display_name="某人")
    replay.built_once("district", conftest._district)
    (second,) = kept.values()
    assert second.before != first.before


def test_what_a_test_does_to_its_district_does_not_reach_the_next(monkeypatch):
    monkeypatch.setattr(replay, "_BUILT", {})

    def spoil():
        district = replay.built_once("district", conftest._district)
        district.users["leader"].display_name = "改过"
        district.project.name = "改过"
        return district

    _undone(spoil)
    again = replay.built_once("district", conftest._district)
    assert (again.users["leader"].display_name, again.project.name) == ("解明远", "滨江大道项目")
