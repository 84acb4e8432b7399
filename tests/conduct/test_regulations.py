"""Regulations are public and versioned; a record rests on the clause in force on its day."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from conduct.models import Citation, Clause, Regulation
from conduct.queries import regulations as queries
from conduct.services import regulations as services
from core.models import AuditEvent
from core.rules.errors import DomainError, NotAllowed
from core.services import catalogues

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(district):
    for model in (Regulation, Clause):
        catalogues.sync(model=model, by=None, at=district.now)
    return district


def amend(district, *, by="discipline", since=None, key="ZF-WZ-3", text="新的条文。", name="从重"):
    return services.amend_clause(
        key=key,
        name=name,
        description=text,
        basis="本区修订文件",
        verified=True,
        effective_from=since or district.today,
        by=district.users[by],
        at=district.now,
    )


def cite(district, violation, clause, *, by="discipline", on=None):
    return services.cite(
        owner=violation,
        clause=clause,
        on=on or violation.occurred_on,
        by=district.users[by],
        at=district.now,
    )


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
    new = amend(library)
    old.refresh_from_db()
    assert (old.retired_on, new.effective_from, new.number) == (library.today, library.today, 3)
    assert AuditEvent.objects.count() == audits + 1
    yesterday = library.today - timedelta(days=1)
    assert queries.version_in_force("ZF-WZ-3", yesterday) == old
    assert queries.version_in_force("ZF-WZ-3", library.today) == new
    assert amend(library) == new, "the same form sent twice is one version"
    assert AuditEvent.objects.count() == audits + 1


def test_a_version_that_overlaps_or_changes_nothing_is_refused(library):
    amend(library)
    for day in (library.today, library.today - timedelta(days=9)):
        with pytest.raises(DomainError, match=r"两个版本会重叠.*之后的日期"):
            amend(library, since=day, text="又一条文。")
    with pytest.raises(DomainError, match="没有需要修订的内容"):
        amend(library, since=library.today + timedelta(days=1))
    Clause.objects.filter(key="ZF-WZ-4").update(retired_on=library.today)
    with pytest.raises(DomainError, match="已停用"):
        amend(library, key="ZF-WZ-4", since=library.today + timedelta(days=1))
    with pytest.raises(NotAllowed):
        amend(library, by="dhead", key="ZF-WZ-5")


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
    amend(library, text="修订后的条文。")
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


def test_a_record_rests_on_a_clause_once_and_takes_it_back_with_a_reason(library):
    violation, clause = library.log(), Clause.objects.get(key="ZF-BBZ-7")
    audits = AuditEvent.objects.count()
    citation = cite(library, violation, clause)
    assert cite(library, violation, clause, by="discipline2") == citation
    assert list(queries.citations_of(violation)) == [citation]
    assert AuditEvent.objects.count() == audits + 1
    with pytest.raises(DomainError, match="原因"):
        services.uncite(citation_id=citation.pk, note=" ", by=library.users["discipline"], at=library.now)
    services.uncite(citation_id=citation.pk, note="引错了", by=library.users["discipline"], at=library.now)
    assert not queries.citations_of(violation).exists()
    assert Citation.objects.get().removed_reason == "引错了"
    assert AuditEvent.objects.count() == audits + 2
    assert cite(library, violation, clause) != citation, "cited again, the first stays as it was"


def test_a_clause_not_in_force_that_day_is_refused_and_the_right_version_named(library):
    violation = library.log(days_ago=3)
    old = Clause.objects.get(key="ZF-BBZ-7")
    new = amend(library, key="ZF-BBZ-7", since=library.today - timedelta(days=1))
    with pytest.raises(DomainError) as refused:
        cite(library, violation, new)
    assert refused.value.field == "clause"
    assert f"{new.effective_from} 起施行" in refused.value.message
    assert f"{old.effective_from} 起施行的版本，请改引" in refused.value.message
    old.refresh_from_db()
    assert cite(library, violation, old).clause == old
    with pytest.raises(DomainError, match=r"起停用.*不在施行期内"):
        cite(library, library.log(days_ago=0), old)


@pytest.mark.parametrize("role", ["unithead", "cadre", "chief", "assessor", "auditor"])
def test_who_may_not_cite(library, as_role, role):
    violation, clause = library.log(), Clause.objects.get(key="ZF-BBZ-7")
    with pytest.raises(NotAllowed):
        cite(library, violation, clause, by=role)
    sent = {"owner_label": "conduct.Violation", "owner_id": violation.pk, "clause": clause.pk}
    assert as_role(role).post(reverse("conduct:citation-add"), sent).status_code == 404
    citation = cite(library, violation, clause)
    url = reverse("conduct:citation-remove", args=[citation.pk])
    assert as_role(role).post(url, {"note": "不"}).status_code == 404
    assert queries.citations_of(violation).count() == 1


def test_nobody_cites_for_a_record_about_oneself(library):
    violation = library.log("officer2", by="discipline")
    from_self = library.users["discipline2"]
    violation.state, violation.finding = "CONFIRMED", "CONFIRMED"
    violation.decided_by, violation.decided_at = library.users["dhead"], library.now
    violation.decided_on = library.today
    violation.save()
    assert queries.citable_owner("conduct.Violation", str(violation.pk), from_self) == violation
    with pytest.raises(NotAllowed, match="回避"):
        cite(library, violation, Clause.objects.get(key="ZF-BBZ-7"), by="discipline2")


def test_the_block_on_the_page_of_a_violation(library, as_role):
    violation, clause = library.log(), Clause.objects.get(key="ZF-BBZ-7")
    client, page = as_role("discipline"), reverse("conduct:violation-detail", args=[violation.pk])
    assert "还没有引用法规条款" in client.get(page).content.decode()
    sent = {"owner_label": "conduct.Violation", "owner_id": violation.pk, "clause": clause.pk}
    cited = client.post(reverse("conduct:citation-add"), sent, follow=True).content.decode()
    assert "已引用" in cited and str(clause) in cited
    for wrong in ({"clause": ""}, {"clause": "9" * 6}, {"clause": "x"}):
        answer = client.post(reverse("conduct:citation-add"), {**sent, **wrong}, follow=True)
        assert "没有保存" in answer.content.decode()
    for owner in ({"owner_label": "core.User"}, {"owner_id": "0"}, {"owner_id": "x"}):
        assert client.post(reverse("conduct:citation-add"), {**sent, **owner}).status_code == 404
    remove = reverse("conduct:citation-remove", args=[Citation.objects.get().pk])
    assert "没有保存" in client.post(remove, {"note": ""}, follow=True).content.decode()
    assert "引用已撤销" in client.post(remove, {"note": "引错了"}, follow=True).content.decode()
    assert client.post(remove, {"note": "再来"}).status_code == 404


def test_the_database_keeps_one_standing_citation_and_complete_removals(library):
    violation, clause = library.log(), Clause.objects.get(key="ZF-BBZ-7")
    row = {
        "owner_label": "conduct.Violation", "owner_id": str(violation.pk), "clause": clause,
        "cited_for": library.today, "by": library.users["discipline"], "at": timezone.now(),
    }  # fmt: skip
    Citation.objects.create(**row)
    for wrong in (row, {**row, "removed_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Citation.objects.create(**wrong)


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
