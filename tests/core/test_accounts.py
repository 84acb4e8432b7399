"""Accounts, grants and 三员分立, in the services and in the database."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.choices import DUTY_OF_ROLE, Duty, RoleCode
from core.models import RoleGrant, User
from core.permissions import ROLES, Permission, access_of, may
from core.rules.errors import DomainError
from core.services import accounts

pytestmark = pytest.mark.django_db
ADMINS = (RoleCode.SYSTEM_ADMIN, RoleCode.SECURITY_ADMIN, RoleCode.AUDITOR)
BUSINESS_PERMISSIONS = set(Permission) - {
    Permission.MANAGE_ACCOUNTS,
    Permission.GRANT_ROLES,
    Permission.READ_AUDIT,
}


def test_no_account_can_be_a_superuser():
    assert not hasattr(User(), "is_superuser")
    assert not hasattr(User.objects, "create_superuser")


@pytest.mark.parametrize("role", ADMINS)
def test_an_administrator_role_carries_no_business_permission(role):
    assert not ROLES[role].permissions & BUSINESS_PERMISSIONS


@pytest.mark.parametrize("held", RoleCode.values)
@pytest.mark.parametrize("added", RoleCode.values)
def test_duties_exclude_each_other_in_the_service_and_in_the_database(district, held, added):
    """81 pairs of roles: an account may combine them only within one duty."""
    user = accounts.create_account(
        username="twofold", display_name="二任", password=None, by=None, at=timezone.now()
    )
    unit = {code: district.bureau if code == RoleCode.UNIT_HEAD else None for code in (held, added)}
    day = district.today
    accounts.grant_role(user=user, role=held, unit=unit[held], starts_on=day, by=None, at=timezone.now())
    row = RoleGrant(
        user=user,
        role=added,
        duty=DUTY_OF_ROLE[RoleCode(added)],
        unit=unit[added],
        starts_on=day,
        granted_at=timezone.now(),
    )
    if held == added:
        with pytest.raises(DomainError, match="已持有"):
            accounts.grant_role(
                user=user, role=added, unit=unit[added], starts_on=day, by=None, at=timezone.now()
            )
    elif DUTY_OF_ROLE[RoleCode(held)] == DUTY_OF_ROLE[RoleCode(added)] == Duty.BUSINESS:
        accounts.grant_role(
            user=user, role=added, unit=unit[added], starts_on=day, by=None, at=timezone.now()
        )
        return
    else:
        with pytest.raises(DomainError, match="三员分立"):
            accounts.grant_role(
                user=user, role=added, unit=unit[added], starts_on=day, by=None, at=timezone.now()
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_the_database_refuses_to_turn_a_grant_into_another_duty(district):
    grant = district.users["unithead"].grants.get(role=RoleCode.CADRE)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.filter(pk=grant.pk).update(role=RoleCode.AUDITOR, duty=Duty.AUDIT)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.filter(pk=grant.pk).update(duty=Duty.AUDIT)


def test_nobody_grants_or_revokes_for_oneself(district):
    admin = district.users["secadmin"]
    with pytest.raises(DomainError, match="不能给自己授权"):
        accounts.grant_role(
            user=admin, role=RoleCode.SECURITY_ADMIN, starts_on=district.today, by=admin, at=timezone.now()
        )
    with pytest.raises(DomainError, match="不能收回自己的"):
        accounts.revoke_role(grant=admin.grants.get(), by=admin, at=timezone.now())


def test_a_revoked_role_is_gone_on_the_next_request(district, as_role):
    client = as_role("discipline")
    assert client.get("/violations/new/").status_code == 200
    grant = district.users["discipline"].grants.get(role=RoleCode.DISCIPLINE_OFFICER)
    accounts.revoke_role(grant=grant, by=district.users["secadmin"], at=timezone.now())
    assert client.get("/violations/new/").status_code == 403


def test_a_disabled_account_is_out_at_once(district, as_role):
    client = as_role("discipline")
    accounts.set_active(
        user=district.users["discipline"], active=False, by=district.users["sysadmin"], at=timezone.now()
    )
    assert client.get("/violations/").status_code == 302
    assert not access_of(User.objects.get(username="discipline")).reaches


def test_a_grant_not_yet_or_no_longer_in_force_gives_nothing(district):
    user = accounts.create_account(
        username="later", display_name="以后", password=None, by=None, at=timezone.now()
    )
    tomorrow = district.today.replace(year=district.today.year + 1)
    accounts.grant_role(user=user, role=RoleCode.LEADERSHIP, starts_on=tomorrow, by=None, at=timezone.now())
    assert not may(user, Permission.VIEW_PROJECTS)


def test_a_weak_password_is_refused_with_the_reason(district):
    with pytest.raises(DomainError, match="密码不合要求"):
        accounts.create_account(
            username="weak", display_name="弱", password="12345678901", by=None, at=timezone.now()
        )
    assert not User.objects.filter(username="weak").exists()


def test_a_demo_account_cannot_sign_in_when_debug_is_off(district, client, settings):
    User.objects.filter(username="chief").update(is_demo=True)
    credentials = {"username": "chief", "password": "Test-Zuofeng-2026"}
    settings.DEBUG = True
    assert client.post("/sign-in/", credentials).status_code == 302
    client.post("/sign-out/")
    settings.DEBUG = False
    assert client.post("/sign-in/", credentials).status_code == 200


def test_a_temporary_password_confines_the_account_to_changing_it(district, as_role, client):
    accounts.reset_password(
        user=district.users["cadre"],
        password="Linshi-Mima-9",
        by=district.users["sysadmin"],
        at=timezone.now(),
    )
    client.post("/sign-in/", {"username": "cadre", "password": "Linshi-Mima-9"})
    for path in ("/", "/violations/", "/cadres/"):
        assert client.get(path).headers["Location"] == "/password/"
    answer = client.post(
        "/password/",
        {"old_password": "Linshi-Mima-9", "new_password": "Xin-Mima-2026", "again": "Xin-Mima-2026"},
    )
    assert answer.headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_five_wrong_passwords_lock_the_account_from_that_address(district, client):
    wrong = {"username": "cadre", "password": "nein"}
    codes = [client.post("/sign-in/", wrong).status_code for _ in range(5)]
    assert codes[-1] == 429
    assert client.post("/sign-in/", {"username": "cadre", "password": "Test-Zuofeng-2026"}).status_code == 429
    other = {"username": "chief", "password": "Test-Zuofeng-2026"}
    assert client.post("/sign-in/", other).status_code == 302


def test_the_first_three_accounts_of_an_empty_installation(db, capsys, client):
    call_command("create_admins")
    lines = capsys.readouterr().out.splitlines()
    password = lines[0].rpartition("临时密码 ")[2]
    client.post("/sign-in/", {"username": "sysadmin", "password": password})
    assert client.get("/accounts/").headers["Location"] == "/password/"
    with pytest.raises(CommandError, match="已有三员账号"):
        call_command("create_admins")


def test_a_temporary_password_opens_neither_the_admin_nor_the_api(district, client):
    by = district.users["sysadmin"]
    accounts.reset_password(
        user=district.users["assessor"], password="Linshi-Mima-9", by=by, at=timezone.now()
    )
    client.post("/sign-in/", {"username": "assessor", "password": "Linshi-Mima-9"})
    assert client.get("/admin/").status_code == 302
    assert client.get("/api/v1/cadres/").status_code == 403


def test_the_temporary_password_is_no_new_password(district):
    with pytest.raises(DomainError, match="不能与当前密码相同"):
        accounts.change_password(
            user=district.users["cadre"], password="Test-Zuofeng-2026", at=timezone.now()
        )


def test_an_account_carries_the_name_of_the_roster(district, as_role):
    client = as_role("sysadmin")
    worker = district.cadres["worker"]
    data = {"username": "wxc", "cadre": worker.staff_no.lower(), "password": "Linshi-Mima-9"}
    wrong = client.post("/accounts/new/", {**data, "display_name": "张冠李戴"})
    assert "与填的姓名不符" in wrong.content.decode()
    assert client.post("/accounts/new/", data).status_code == 302
    assert User.objects.get(username="wxc").display_name == "王小川"


@pytest.mark.parametrize("username", ["测试账号", "测试1", "a b", "-a", "ａｂｃ", "a@b", "名"])
def test_a_name_that_cannot_be_typed_everywhere_is_refused_with_the_reason(district, as_role, username):
    sent = {"username": username, "display_name": "张三", "password": "Ein-Langes-Wort-7"}
    page = as_role("sysadmin").post("/accounts/new/", sent).content.decode()
    assert "账号只能用英文字母、数字" in page
    assert "请改用姓名拼音或工号" in page
    assert not User.objects.filter(display_name="张三").exists()
    with pytest.raises(DomainError, match="账号只能用") as error:
        accounts.create_account(
            username=username, display_name="张三", password=None, by=None, at=district.now
        )
    assert error.value.field == "username"


@pytest.mark.parametrize("username", ["wxc", "WXC2", "head-J1-1", "w.xc", "w_x", "2026001"])
def test_names_of_letters_and_figures_are_taken(district, username):
    accounts.create_account(username=username, display_name="张三", password=None, by=None, at=district.now)
    assert User.objects.filter(username=username).exists()
