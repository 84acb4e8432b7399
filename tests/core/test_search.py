"""The search: what it finds, for whom, in how many statements, and that its words stand nowhere."""

from __future__ import annotations

import logging
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conduct.models import Clause, Clue, ClueSubject, Regulation, SupervisionLetter
from core.choices import Establishment
from core.filters import search as finder
from core.filters.search import SHOWN
from core.services import catalogues, people
from tests.config.test_access import ROLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(district):
    """Something of each kind: an issued letter and a draft, a clue about a clerk, a violation, the rules."""
    officer, head = district.users["discipline"], district.users["dhead"]
    common = {
        "unit": district.bureau, "matter": "x", "contact": "覃正", "recorded_by": officer,
        "recorded_at": district.now,
    }  # fmt: skip
    district.letter = SupervisionLetter.objects.create(
        title="关于窗口服务的督办函", number="区纪督〔2026〕7号", number_year=2026, serial=7, state="ISSUED",
        approved_by=head, issued_by=head, issued_on=district.today, submission_key=uuid4(), **common,
    )  # fmt: skip
    district.draft = SupervisionLetter.objects.create(
        title="关于窗口排队的督办函", submission_key=uuid4(), **common
    )
    district.clue = Clue.objects.create(
        channel="LETTER", received_on=district.today, title="反映窗口收费", content="x",
        submission_key=uuid4(), recorded_by=officer, recorded_at=district.now,
    )  # fmt: skip
    ClueSubject.objects.create(clue=district.clue, cadre=district.cadres["officer2"])
    district.violation = district.log("clerk")
    for model in (Regulation, Clause):
        catalogues.sync(model=model, by=None, at=district.now)
    return district


def found(client, words):
    """Kind → titles of what the page shows."""
    answer = client.post("/search/", {"q": words}, follow=True)
    assert answer.status_code == 200
    results = answer.context["found"]
    return {group.label: [hit.title for hit in group.hits] for group in results.groups}


class TestWhatIsFound:
    @pytest.mark.parametrize("words", ["曾国平", "国平", "zengguoping", "zgp", "ZGP", " 曾国平 "])
    def test_people_by_name_pinyin_and_initials(self, filled, as_role, words):
        assert "曾国平" in found(as_role("dhead"), words)["人员"]

    def test_units_projects_and_regulations_by_name(self, filled, as_role):
        client = as_role("dhead")
        assert found(client, "征迁")["单位"] == ["征迁服务中心"]
        assert found(client, "滨江")["项目"] == ["滨江大道项目"]
        name = Regulation.objects.order_by("pk").first().name
        assert name in found(client, name)["法规制度"]

    def test_letters_clues_and_violations(self, filled, as_role):
        client = as_role("dhead")
        by_title = found(client, "窗口")
        assert set(by_title["督办函"]) == {filled.letter.title, filled.draft.title}
        assert by_title["线索"] == ["反映窗口收费"]
        assert found(client, "曾国平")["违规记录"] == [f"曾国平 · {filled.violation.prohibition}"]
        assert found(client, filled.clue.number[:8].lower())["线索"] == ["反映窗口收费"]

    @pytest.mark.parametrize("typed", ["〔2026〕7", "[2026]7", "(2026)7", "（2026）7"])
    def test_a_letters_number_in_the_brackets_of_any_keyboard(self, filled, as_role, typed):
        assert found(as_role("dhead"), typed)["督办函"] == [filled.letter.title]

    def test_at_most_eight_of_a_kind_and_the_list_behind_has_all(self, filled, as_role):
        for number in range(SHOWN + 4):
            people.save_cadre(
                staff_no=f"W{number:03}", name=f"吴{number}", unit=filled.bureau, post="",
                establishment=Establishment.CIVIL_SERVANT, joined_on=filled.today, by=None, at=filled.now,
            )  # fmt: skip
        client = as_role("dhead")
        answer = client.post("/search/", {"q": "吴"}, follow=True)
        (group,) = answer.context["found"].groups
        assert (len(group.hits), group.total) == (SHOWN, SHOWN + 4)
        assert f"全部 {SHOWN + 4} 条人员" in answer.content.decode()
        assert client.get(group.url).context["page"].paginator.count == group.total

    @pytest.mark.parametrize("words", ["窗口", "曾国平", "项目", "局", "制", "T00", "P"])
    def test_every_total_is_the_count_of_its_list(self, filled, as_role, words):
        client = as_role("dhead")
        groups = client.post("/search/", {"q": words}, follow=True).context["found"].groups
        assert groups
        for group in groups:
            assert client.get(group.url).context["page"].paginator.count == group.total, group.label

    def test_nothing_and_no_words(self, filled, as_role):
        client = as_role("dhead")
        assert "没有找到" in client.post("/search/", {"q": "毫无此物"}, follow=True).content.decode()
        for blank in ("", "   "):
            page = client.post("/search/", {"q": blank}, follow=True)
            assert "输入要找的内容" in page.content.decode()

    @pytest.mark.parametrize(
        "words", ["%", "_", "'; DROP", "字" * 500, "\x00", "\x00王\x07", "9" * 40, "<b>"]
    )
    def test_odd_words_are_words(self, filled, as_role, words):
        answer = as_role("dhead").post("/search/", {"q": words}, follow=True)
        assert answer.status_code == 200
        assert "<b>" not in answer.content.decode()


class TestStraight:
    def test_a_whole_number_leads_to_its_page(self, filled, as_role):
        client = as_role("dhead")
        clerk = filled.cadres["clerk"]
        for words, url in (
            (clerk.staff_no.lower(), f"/cadres/{clerk.pk}/"),
            (filled.letter.number, f"/letters/{filled.letter.pk}/"),
            ("区纪督[2026]7号", f"/letters/{filled.letter.pk}/"),
            (filled.clue.number.lower(), f"/clues/{filled.clue.number}/"),
            (filled.project.code, f"/projects/{filled.project.pk}/"),
        ):
            answer = client.post("/search/", {"q": words}, follow=True)
            assert answer.request["PATH_INFO"] == url, words
            assert answer.status_code == 200

    def test_a_bare_figure_lists_what_it_may_mean(self, filled, as_role):
        labels = found(as_role("dhead"), str(filled.violation.pk))
        assert labels["违规记录"] == [f"曾国平 · {filled.violation.prohibition}"]

    def test_two_records_of_one_number_are_listed(self, filled, as_role):
        staff_no = filled.cadres["clerk"].staff_no
        type(filled.project).objects.filter(pk=filled.project.pk).update(code=staff_no)
        assert {"项目", "人员"} <= set(found(as_role("dhead"), staff_no))

    def test_coming_back_to_the_page_leads_nowhere(self, filled, as_role):
        """The last words stand in the box; only sending them jumps."""
        client = as_role("dhead")
        client.post("/search/", {"q": filled.letter.number}, follow=True)
        again = client.get("/search/")
        assert again.status_code == 200
        assert f'value="{filled.letter.number}"' in again.content.decode()


class TestScope:
    def test_each_sees_the_own_scope_only(self, filled, as_role):
        assert "人员" in found(as_role("unithead"), "曾国平")
        assert found(as_role("unithead"), "任青") == {}
        assert found(as_role("cadre"), "王小川") == {}
        assert found(as_role("unithead"), "财政") == {}

    def test_drafts_clues_and_undecided_records_do_not_exist_for_others(self, filled, as_role):
        assert found(as_role("chief"), "窗口") == {"督办函": [filled.letter.title]}
        assert found(as_role("cadre"), "窗口") == {}
        assert "违规记录" not in found(as_role("cadre"), "曾国平")
        assert "违规记录" not in found(as_role("chief"), "曾国平")

    def test_whom_a_clue_is_about_finds_nothing_of_it_not_even_by_its_number(self, filled, as_role):
        assert "线索" in found(as_role("discipline"), "窗口")
        assert "线索" not in found(as_role("discipline2"), "窗口")
        assert found(as_role("discipline2"), filled.clue.number) == {}

    def test_a_foreign_number_is_not_found_rather_than_refused(self, filled, as_role):
        outsider = filled.cadres["outsider"]
        answer = as_role("unithead").post("/search/", {"q": outsider.staff_no}, follow=True)
        assert answer.request["PATH_INFO"] == "/search/"
        assert "没有找到" in answer.content.decode()

    @pytest.mark.parametrize("role", ["sysadmin", "secadmin", "auditor"])
    def test_who_has_no_business_there_finds_public_rules_only(self, filled, as_role, role):
        assert set(found(as_role(role), "曾国平")) == set()
        assert set(found(as_role(role), "制")) <= {"法规制度"}

    @pytest.mark.parametrize("role", ROLES)
    def test_every_hit_opens(self, filled, as_role, role):
        client = as_role(role)
        for words in ("窗口", "曾国平", "项目", "局", "制"):
            for group in client.post("/search/", {"q": words}, follow=True).context["found"].groups:
                for hit in group.hits:
                    assert client.get(hit.url).status_code == 200, (role, hit)

    def test_nobody_signed_in_is_asked_to_sign_in(self, client, db):
        assert client.get("/search/").status_code == 302


class TestCost:
    @pytest.mark.parametrize(("role", "scope"), [("dhead", 0), ("chief", 0), ("unithead", 1), ("cadre", 0)])
    def test_one_statement_a_kind(self, filled, role, scope):
        """Beside them only the tree under the own units, once; none for kinds out of reach."""
        user = type(filled.users[role]).objects.get(pk=filled.users[role].pk)
        finder.search(user, "毫无此物")  # the grants of the account
        user = type(user).objects.get(pk=user.pk)
        for words in ("窗口", "毫无此物", "曾国平"):
            user._subtrees = {}
            with CaptureQueriesContext(connection) as captured:
                finder.search(user, words)
            grants = [q for q in captured if "core_rolegrant" in q["sql"]]
            assert len(captured) - len(grants) <= len(finder.labels()) + scope, [q["sql"] for q in captured]
        with CaptureQueriesContext(connection) as captured:
            finder.search(user, "")
        assert len(captured) == 0

    def test_the_page_adds_only_session_and_account(self, filled, as_role):
        client = as_role("dhead")
        client.post("/search/", {"q": "窗口"}, follow=True)
        with CaptureQueriesContext(connection) as captured:
            client.get("/search/")
        assert len(captured) <= len(finder.labels()) + 2


class TestWordsStandNowhere:
    WORDS = "反映窗口收费"

    def test_no_address_holds_them(self, filled, as_role):
        client = as_role("dhead")
        answer = client.post("/search/", {"q": self.WORDS})
        assert answer.headers["Location"] == "/search/?go"
        page = client.get("/search/?go")
        assert self.WORDS in page.content.decode()
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert page.headers["Cache-Control"] == "no-store"
        assert 'method="post" action="/search/"' in page.content.decode()

    def test_no_log_line_holds_them(self, filled, as_role, caplog):
        client = as_role("dhead")
        caplog.set_level(logging.DEBUG)
        logging.getLogger("django.db.backends").setLevel(logging.INFO)  # statements are told on request only
        client.post("/search/", {"q": self.WORDS}, follow=True)
        client.get("/search/", {"q": self.WORDS})
        client.get("/clues/", {"q": self.WORDS})
        assert self.WORDS not in caplog.text

    def test_they_go_with_the_session(self, filled, as_role):
        client = as_role("dhead")
        client.post("/search/", {"q": self.WORDS})
        client.post("/sign-out/")
        assert not [s for s in Session.objects.all() if self.WORDS in str(s.get_decoded())]

    def test_searching_leaves_no_audit_row(self, filled, as_role):
        from core.models import AuditEvent

        client = as_role("dhead")
        before = AuditEvent.objects.count()
        client.post("/search/", {"q": self.WORDS}, follow=True)
        assert AuditEvent.objects.count() == before

    def test_the_server_keeps_no_access_log(self):
        from pathlib import Path

        root = Path(__file__).resolve().parents[2]
        assert "access-log" not in (root / "script/serve.py").read_text(encoding="utf-8")


def test_every_page_has_the_box(district, as_role):
    for role in ROLES:
        page = as_role(role).get("/").content.decode()
        assert page.count("data-search") == 1, role
        assert 'href="/search/"' in page, role
    assert as_role("dhead").get("/search/").content.decode().count("data-search") == 1


def test_a_unit_closed_is_not_among_the_units(filled, as_role):
    filled.station.closed_on = timezone.localdate()
    filled.station.save()
    assert "单位" not in found(as_role("dhead"), "征迁服务中心")
