"""When something cannot be shown: in Chinese, with the menu for who is signed in, and with a way on."""

from __future__ import annotations

import pytest

from core.models import User
from core.rules.errors import NotAllowed

pytestmark = pytest.mark.django_db
MENU = 'aria-label="主导航"'


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/gibt-es-nicht/", 404, "没有找到这个页面"),
        ("/projects/987654321/", 404, "没有找到这个页面"),
        ("/accounts/", 403, "您的角色没有这项权限"),
        ("/citations/add/", 405, "这个地址只用于提交"),
        ("/sign-out/", 405, "这个地址只用于提交"),
    ],
)
@pytest.mark.parametrize("debug", [True, False])
def test_the_menu_stays_and_the_next_step_is_named(district, as_role, settings, debug, path, status, said):
    settings.DEBUG = debug
    answer = as_role("discipline").get(path)
    page = answer.content.decode()
    assert answer.status_code == status
    assert said in page
    assert MENU in page and "违规记录" in page
    assert "回到首页" in page and 'href="/search/"' in page
    assert page.count("<h1>") == 1


def test_a_403_names_the_roles_one_has(district, as_role):
    page = as_role("cadre").get("/accounts/").content.decode()
    assert "您现在的角色：干部" in page


def test_nobody_signed_in_sees_no_menu_and_one_heading(client, db):
    answer = client.get("/gibt-es-nicht/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert MENU not in page and "回到首页" in page
    assert page.count("<h1>") == 1


def test_who_must_change_the_password_first_sees_no_menu(district, as_role):
    client = as_role("cadre")
    User.objects.filter(username="cadre").update(must_change_password=True)
    answer = client.get("/gibt-es-nicht/")
    assert answer.status_code == 404
    assert MENU not in answer.content.decode()


class TestSendOnlyAddresses:
    def test_it_leads_back_to_where_one_came_from(self, district, as_role):
        came_from = "http://testserver/violations/?page=2"
        answer = as_role("discipline").get("/citations/add/", headers={"Referer": came_from})
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "POST"
        assert f'href="{came_from}">返回原来的页面' in answer.content.decode()

    @pytest.mark.parametrize("came_from", ["", "https://evil.example/", "javascript:alert(1)"])
    def test_it_leads_nowhere_else(self, district, as_role, came_from):
        page = as_role("discipline").get("/citations/add/", headers={"Referer": came_from}).content.decode()
        assert "返回原来的页面" not in page and "回到首页" in page

    def test_who_may_not_send_there_is_told_that_first(self, district, as_role):
        assert as_role("auditor").get("/accounts/1/toggle/").status_code == 403

    def test_the_api_keeps_its_own_answer(self, district, as_role):
        answer = as_role("discipline").get("/api/token/")
        assert answer.status_code == 405
        assert answer.headers["Content-Type"].startswith("application/json")


def test_a_rule_broken_in_a_view_keeps_the_menu_too(district, as_role, monkeypatch):
    from core.views import people

    def refuse(*_):
        raise NotAllowed("这一条不行。")

    monkeypatch.setattr(people, "unit_outline", refuse)
    answer = as_role("discipline").get("/units/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "这一条不行" in page and MENU in page
