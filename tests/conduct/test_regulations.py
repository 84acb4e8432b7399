"""Regulations are public and versioned; a record rests on the clause in force on its day."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from conduct.models import Clause, Regulation
from conduct.queries import regulations as queries
from core.models import AuditEvent
from core.rules.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db


def test_the_default_set_says_that_it_is_a_default(library):
    assert Regulation.objects.count() == 4
    assert set(Regulation.objects.values_list("verified", flat=True)) == {False}
    assert not Clause.objects.filter(verified=True).exists()
    assert not Regulation.objects.exclude(description__contains="默认目录，以本区正式文件为准").exists()
    names = set(Regulation.objects.values_list("key", flat=True))
    assert set(Clause.objects.values_list("regulation_key", flat=True)) == names
    rules = [(p.order, p.name) for p in library.prohibitions.values()]
    clauses = Clause.objects.filter(regulation_key="ZF-BBZ").values_list("number", "name")
    assert sorted(rules) == sorted(clauses)


@pytest.mark.parametrize("role", ["cadre", "unithead", "discipline", "assessor", "sysadmin", "auditor"])
def test_everybody_signed_in_reads_and_only_officers_amend(library, as_role, role):
    client = as_role(role)
    regulation, clause = Regulation.objects.get(key="ZF-WZ"), Clause.objects.get(key="ZF-WZ-3")
    assert "干部作风问责" in client.get(reverse("conduct:regulation-list")).content.decode()
    assert (
        clause.description
        in client.get(reverse("conduct:regulation-detail", args=[regulation.pk])).content.decode()
    )
    page = client.get(reverse("conduct:clause-detail", args=[clause.pk])).content.decode()
    amend_url = reverse("conduct:clause-amend", args=[clause.pk])
    assert (amend_url in page) is (role == "discipline")
    assert client.get(amend_url).status_code == (200 if role == "discipline" else 403)


def test_nobody_reads_without_signing_in(library, client):
    assert client.get(reverse("conduct:regulation-list")).status_code == 302


def test_a_new_version_retires_the_open_one_and_both_stay(library):
    old = Clause.objects.get(key="ZF-WZ-3")
    audits = AuditEvent.objects.count()
    new = library.amend()
    old.refresh_from_db()
    assert (old.retired_on, new.effective_from, new.number) == (library.today, library.today, 3)
    assert AuditEvent.objects.count() == audits + 1
    yesterday = library.today - timedelta(days=1)
    assert queries.version_in_force("ZF-WZ-3", yesterday) == old
    assert queries.version_in_force("ZF-WZ-3", library.today) == new
    assert library.amend() == new, "the same form sent twice is one version"
    assert AuditEvent.objects.count() == audits + 1


def test_a_version_that_overlaps_or_changes_nothing_is_refused(library):
    library.amend()
    for day in (library.today, library.today - timedelta(days=9)):
        with pytest.raises(DomainError, match=r"两个版本会重叠.*之后的日期"):
            library.amend(since=day, text="又一条文。")
    with pytest.raises(DomainError, match="没有需要修订的内容"):
        library.amend(since=library.today + timedelta(days=1))
    Clause.objects.filter(key="ZF-WZ-4").update(retired_on=library.today)
    with pytest.raises(DomainError, match="已停用"):
        library.amend(key="ZF-WZ-4", since=library.today + timedelta(days=1))
    with pytest.raises(NotAllowed):
        library.amend(by="dhead", key="ZF-WZ-5")


def test_the_amend_page_saves_and_keeps_what_was_typed(library, as_role):
    client, clause = as_role("discipline"), Clause.objects.get(key="ZF-MCAF-2")
    url = reverse("conduct:clause-amend", args=[clause.pk])
    sent = {"name": "人员", "description": "不少于三人。", "basis": "文件", "effective_from": library.today}
    wrong = client.post(url, {**sent, "effective_from": "2019-01-01"})
    assert "两个版本会重叠" in wrong.content.decode() and "不少于三人。" in wrong.content.decode()
    long = client.post(url, {**sent, "name": "长" * 1000}).content.decode()
    assert "80" in long and Clause.objects.filter(key=clause.key).count() == 1
    saved = client.post(url, sent, follow=True).content.decode()
    assert "原版本留存可查" in saved and "不少于三人。" in saved
    old = reverse("conduct:clause-detail", args=[clause.pk])
    assert old in saved, "the earlier version stays readable"
    assert "已停用" in client.get(old).content.decode()


def test_the_page_of_a_regulation_shows_the_clauses_of_a_day(library, as_role):
    clause = Clause.objects.get(key="ZF-WZ-3")
    library.amend(text="修订后的条文。")
    url = reverse("conduct:regulation-detail", args=[Regulation.objects.get(key="ZF-WZ").pk])
    client = as_role("cadre")
    assert "修订后的条文。" in client.get(url).content.decode()
    earlier = client.get(url, {"on": library.today - timedelta(days=1)}).content.decode()
    assert clause.description in earlier and "修订后的条文。" not in earlier
    assert client.get(url, {"on": "2026-13-45"}).status_code == 200
    assert "没有施行的条款" in client.get(url, {"on": "2001-01-01"}).content.decode()
    Clause.objects.filter(key="ZF-WZ-3").exclude(retired_on__lte=library.today).delete()
    assert "已停用的条款" in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({"q": "问责"}, {"ZF-WZ", "ZF-ZRZ"} - {"ZF-ZRZ"}),
        ({"q": "扑克"}, {"ZF-BBZ"}),
        ({"kind": "SYSTEM"}, {"ZF-ZRZ"}),
        ({"on": "2010-01-01"}, set()),
        ({"on": "2021-01-01"}, {"ZF-MCAF", "ZF-WZ", "ZF-ZRZ", "ZF-BBZ"}),
        ({"standing": "gone"}, {"OLD"}),
    ],
)
def test_the_library_is_searched_by_word_kind_and_day(library, as_role, conditions, found):
    Regulation.objects.create(
        key="OLD", name="旧规定", issuer="区", kind="OTHER", basis="旧", effective_from=date(2019, 1, 1),
        retired_on=date(2020, 6, 1),
    )  # fmt: skip
    response = as_role("cadre").get(reverse("conduct:regulation-list"), conditions)
    assert {row.key for row in response.context["page"]} == found
    assert "已停用" in as_role("cadre").get(reverse("conduct:regulation-list")).content.decode()


@pytest.mark.parametrize("rows", [15, 100])
def test_the_library_costs_the_same_for_many(library, as_role, rows, django_assert_max_num_queries):
    Regulation.objects.bulk_create(
        Regulation(
            key=f"R{n}",
            name=f"规定{n}",
            issuer="区",
            kind="OTHER",
            basis="试",
            effective_from=date(2020, 1, 1),
        )
        for n in range(rows)
    )
    client = as_role("discipline")
    with django_assert_max_num_queries(7):
        assert client.get(reverse("conduct:regulation-list")).status_code == 200
