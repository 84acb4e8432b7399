"""A record of any kind rests on the clause in force on its day, under the name it had that day."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from conduct.models import CaseNotice, Citation, Clause, SupervisionLetter, Violation
from conduct.queries import citations as queries
from conduct.services import citations as services
from conduct.services import commendations, letters, notices, unit_measures, violations
from core.models import AuditEvent
from core.rules.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db


def test_a_record_rests_on_a_clause_once_and_takes_it_back_with_a_reason(library):
    violation, clause = library.log(), Clause.objects.get(key="ZF-BBZ-7")
    audits = AuditEvent.objects.count()
    citation = library.cite(violation, clause)
    assert library.cite(violation, clause, by="discipline2") == citation
    assert list(queries.citations_of(violation)) == [citation]
    assert AuditEvent.objects.count() == audits + 1
    with pytest.raises(DomainError, match="原因"):
        services.uncite(citation_id=citation.pk, note=" ", by=library.users["discipline"], at=library.now)
    services.uncite(citation_id=citation.pk, note="引错了", by=library.users["discipline"], at=library.now)
    assert not queries.citations_of(violation).exists()
    assert Citation.objects.get().removed_reason == "引错了"
    assert AuditEvent.objects.count() == audits + 2
    assert library.cite(violation, clause) != citation, "cited again, the first stays as it was"


def test_a_clause_not_in_force_that_day_is_refused_and_the_right_version_named(library):
    violation = library.log(days_ago=3)
    old = Clause.objects.get(key="ZF-BBZ-7")
    new = library.amend(key="ZF-BBZ-7", since=library.today - timedelta(days=1))
    with pytest.raises(DomainError) as refused:
        library.cite(violation, new)
    assert refused.value.field == "clause"
    assert f"{new.effective_from} 起施行" in refused.value.message
    assert f"{old.effective_from} 起施行的版本，请改引" in refused.value.message
    old.refresh_from_db()
    assert library.cite(violation, old).clause == old
    with pytest.raises(DomainError, match=r"起停用.*不在施行期内"):
        library.cite(library.log(days_ago=0), old)


@pytest.mark.parametrize("role", ["unithead", "cadre", "chief", "assessor", "auditor"])
def test_who_may_not_cite(library, as_role, role):
    violation, clause = library.log(), Clause.objects.get(key="ZF-BBZ-7")
    with pytest.raises(NotAllowed):
        library.cite(violation, clause, by=role)
    sent = {"owner_label": "conduct.Violation", "owner_id": violation.pk, "clause": clause.pk}
    assert as_role(role).post(reverse("conduct:citation-add"), sent).status_code == 404
    citation = library.cite(violation, clause)
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
        library.cite(violation, Clause.objects.get(key="ZF-BBZ-7"), by="discipline2")


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


def _letter(library, **more):
    letter, _ = letters.draft_letter(
        title="关于窗口值守的督办函",
        unit=library.bureau,
        matter="窗口无人在岗。",
        contact="覃正 0000-1234567",
        demands=[letters.Demand("落实替岗", "全时有人", library.today + timedelta(days=14))],
        submission_key=uuid4(),
        sources=(),
        **library.by(),
    )
    return letter


def _measure(library):
    return unit_measures.propose_measure(
        unit=library.bureau,
        kind="NO_HONOURS",
        first_day=library.today,
        last_day=library.day(180),
        basis="专题会议",
        reason="逾期未整改。",
        submission_key=uuid4(),
        **library.by(),
    )


def _commendation(library, cadre="clerk"):
    return commendations.propose_commendation(
        kind="REWARD",
        cadre=library.cadres[cadre],
        unit=None,
        on=library.today,
        reason="抢险一线表现突出。",
        issuer="区委",
        submission_key=uuid4(),
        **library.by(),
    )


def _notice(library, cadre="clerk"):
    violation = library.log(cadre)
    violations.decide_violation(violation_id=violation.pk, state="CONFIRMED", note="", **library.by("dhead"))
    Violation.objects.filter(pk=violation.pk).update(state="CLOSED")
    violation.refresh_from_db()
    return notices.draft_notice(
        title="通报", violations=[violation], submission_key=uuid4(), **library.by("discipline")
    )


OWNERS = {
    "conduct.Prohibition": lambda library: library.prohibitions["B7"],
    "conduct.Violation": lambda library: library.log(),
    "conduct.SupervisionLetter": _letter,
    "conduct.UnitMeasure": _measure,
    "conduct.Commendation": _commendation,
    "conduct.CaseNotice": _notice,
}


def test_every_kind_that_may_cite_is_tried_below():
    assert set(OWNERS) == set(queries.CITABLE)


@pytest.mark.parametrize("kind", OWNERS)
def test_each_kind_cites_on_its_page_and_takes_it_back(library, as_role, kind):
    owner, clause = OWNERS[kind](library), Clause.objects.get(key="ZF-BBZ-7")
    client, page = as_role("discipline"), owner.get_absolute_url()
    assert "还没有引用法规条款" in client.get(page).content.decode()
    sent = {"owner_label": kind, "owner_id": owner.pk, "clause": clause.pk}
    answer = client.post(reverse("conduct:citation-add"), sent)
    assert answer.headers["Location"] == f"{page}#citations"
    assert f"“八不准”（默认） {clause}" in client.get(page).content.decode()
    remove = reverse("conduct:citation-remove", args=[Citation.objects.get().pk])
    assert client.post(remove, {"note": "引错了"}).headers["Location"] == f"{page}#citations"
    assert not queries.citations_of(owner).exists()


@pytest.mark.parametrize("kind", OWNERS)
@pytest.mark.parametrize("role", ["unithead", "cadre", "assessor", "auditor"])
def test_no_kind_is_cited_for_by_who_may_not(library, as_role, kind, role):
    owner, clause = OWNERS[kind](library), Clause.objects.get(key="ZF-BBZ-7")
    with pytest.raises(NotAllowed):
        library.cite(owner, clause, by=role)
    sent = {"owner_label": kind, "owner_id": owner.pk, "clause": clause.pk}
    as_role(role).post(reverse("conduct:citation-add"), sent)
    assert not Citation.objects.exists()


@pytest.mark.parametrize(
    ("make", "by"), [(_commendation, "discipline2"), (_notice, "discipline2")], ids=["commendation", "notice"]
)
def test_nobody_cites_for_what_is_about_oneself(library, make, by):
    owner = make(library, "officer2")
    with pytest.raises(NotAllowed):
        library.cite(owner, Clause.objects.get(key="ZF-BBZ-7"), by=by)
    assert library.cite(owner, Clause.objects.get(key="ZF-BBZ-7"))


def test_the_day_of_a_letter_is_that_of_its_issue_else_of_its_draft(library):
    letter = _letter(library)
    assert queries.day_of(letter) == library.today
    late = SupervisionLetter(issued_on=library.day(5), recorded_at=library.now)
    assert queries.day_of(late) == library.day(5)
    notice = CaseNotice(published_on=None, recorded_at=library.now)
    assert queries.day_of(notice) == library.today


def test_a_new_edition_leaves_an_old_record_as_it_was(library, as_role):
    """The blocker: the name of a later edition appeared on a record of an earlier day."""
    before, after = library.log(days_ago=3), library.log("worker", days_ago=0)
    old = Clause.objects.get(key="ZF-BBZ-7")
    library.cite(before, old)
    library.publish(reword={7: "不准迟到早退，不准上班时间办私事。"})
    new = Clause.objects.get(key="ZF-BBZ-7", retired_on=None)
    library.cite(after, new)
    client = as_role("discipline")
    page = client.get(before.get_absolute_url()).content.decode()
    assert f"干部作风“八不准”（默认） {old}" in page and "2026年修订" not in page
    page = client.get(after.get_absolute_url()).content.decode()
    assert f"“八不准”（2026年修订） {new}" in page
    citation = queries.citations_of(before).get()
    clause_page = client.get(old.get_absolute_url(), {"on": str(citation.cited_for)}).content.decode()
    assert old.description in clause_page and "“八不准”（默认）</a> /" in clause_page
    assert "（2026年修订）</a> /" in client.get(new.get_absolute_url()).content.decode()


def test_a_kept_clause_goes_under_the_name_of_the_day_it_is_read_for(library, as_role):
    library.publish(since=library.today, reword={7: "新的第七条。"})
    kept = Clause.objects.get(key="ZF-BBZ-1")
    client = as_role("cadre")
    assert "（2026年修订）</a> /" in client.get(kept.get_absolute_url()).content.decode()
    earlier = client.get(kept.get_absolute_url(), {"on": str(library.day(-1))}).content.decode()
    assert "（默认）</a> /" in earlier


def test_a_citation_left_behind_by_a_backdated_edition_is_pointed_out(library, as_role):
    violation, clause = library.log(days_ago=1), Clause.objects.get(key="ZF-BBZ-7")
    library.cite(violation, clause)
    client = as_role("discipline")
    assert "请核对" not in client.get(violation.get_absolute_url()).content.decode()
    library.publish(since=library.day(-2), reword={7: "新的第七条。"})
    page = client.get(violation.get_absolute_url()).content.decode()
    assert "（请核对）" in page and "不在施行期内，请撤销后改引" in page


def test_a_regulation_in_a_pause_cannot_be_cited(library, as_role):
    from conduct.services import regulations

    violation = library.log(days_ago=1)
    regulations.retire_regulation(key="ZF-BBZ", on=library.day(-5), note="废止", **library.by())
    Clause.objects.filter(key="ZF-BBZ-7").update(retired_on=None)
    with pytest.raises(DomainError, match="没有施行中的版本"):
        library.cite(violation, Clause.objects.get(key="ZF-BBZ-7"))
    for key in ("ZF-MCAF", "ZF-WZ", "ZF-ZRZ"):
        regulations.retire_regulation(key=key, on=library.day(-5), note="废止", **library.by())
    page = as_role("discipline").get(violation.get_absolute_url()).content.decode()
    assert "没有施行中的条款可以引用" in page and 'name="clause"' not in page


def test_the_block_takes_one_line_until_wanted(library, as_role):
    page = as_role("discipline").get(library.log().get_absolute_url()).content.decode()
    block = page[page.index('id="citations"') - 40 :]
    assert block.index("<details") < block.index("<summary>") < block.index('name="clause"')
    assert "open" not in block[: block.index("<summary>")]


def test_a_block_without_citations_is_not_shown_to_who_cannot_cite(library, as_role):
    rule = library.prohibitions["B7"]
    assert 'id="citations"' not in as_role("cadre").get(rule.get_absolute_url()).content.decode()
    library.cite(rule, Clause.objects.get(key="ZF-BBZ-7"))
    page = as_role("cadre").get(rule.get_absolute_url()).content.decode()
    assert 'id="citations"' in page and "撤销这条引用" not in page


@pytest.mark.parametrize("role", ["cadre", "unithead", "sysadmin", "discipline"])
def test_the_eight_rules_are_public_with_points_basis_versions_and_citations(library, as_role, role):
    clause = Clause.objects.get(key="ZF-BBZ-7")
    library.cite(library.prohibitions["B7"], clause)
    client = as_role(role)
    page = client.get(reverse("conduct:prohibition-list"))
    text = page.content.decode()
    assert [rule.key for rule, _ in page.context["rules"]] == [f"B{n}" for n in range(1, 9)]
    assert library.prohibitions["B1"].basis in text and f"“八不准”（默认） {clause}" in text
    library_page = client.get(reverse("conduct:regulation-list")).content.decode()
    assert reverse("conduct:prohibition-list") in library_page
    rule = client.get(library.prohibitions["B7"].get_absolute_url()).content.decode()
    assert "不准迟到早退旷工或擅离职守（本页）" in rule and "未对照官方文本" in rule and str(clause) in rule


def test_the_eight_rules_of_another_day(library, as_role):
    from conduct.models import Prohibition

    old = library.prohibitions["B7"]
    Prohibition.objects.filter(pk=old.pk).update(retired_on=library.today)
    new = Prohibition.objects.create(
        key="B7", name="不准迟到早退", order=7, basis="新文件", deduct_points=3, effective_from=library.today,
        verified=True,
    )  # fmt: skip
    client, url = as_role("cadre"), reverse("conduct:prohibition-list")
    assert [r for r, _ in client.get(url).context["rules"] if r.key == "B7"] == [new]
    then = client.get(url, {"on": str(library.day(-1))})
    assert [r for r, _ in then.context["rules"] if r.key == "B7"] == [old]
    assert "这一天没有施行中的条款" in client.get(url, {"on": "2001-01-01"}).content.decode()
    assert client.get(url, {"on": "2026-99-99"}).status_code == 200
    page = client.get(old.get_absolute_url()).content.decode()
    assert "已停用" in page and new.get_absolute_url() in page
    assert "未对照官方文本" not in client.get(new.get_absolute_url()).content.decode()


def test_the_rule_on_the_page_of_a_violation_leads_to_its_page(library, as_role):
    violation = library.log()
    page = as_role("discipline").get(violation.get_absolute_url()).content.decode()
    assert f'<a href="{violation.prohibition.get_absolute_url()}">' in page


@pytest.mark.parametrize("cited", [1, 6])
def test_the_pages_cost_the_same_whatever_is_cited(library, as_role, cited, django_assert_max_num_queries):
    clauses = Clause.objects.filter(regulation_key="ZF-BBZ").order_by("number")[:cited]
    violation = library.log()
    for clause in clauses:
        library.cite(violation, clause)
        for rule in library.prohibitions.values():
            library.cite(rule, clause)
    client = as_role("discipline")
    with django_assert_max_num_queries(7):
        client.get(reverse("conduct:prohibition-list"))
    with django_assert_max_num_queries(9):
        client.get(library.prohibitions["B7"].get_absolute_url())
    with django_assert_max_num_queries(19):
        client.get(violation.get_absolute_url())
