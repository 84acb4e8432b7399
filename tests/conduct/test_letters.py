"""Supervision letters: drafted, reviewed, issued by different people; answered, checked, chased, closed."""

import json
import re
from datetime import date, datetime, time, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
import typst
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from docx import Document

from conduct.choices import ItemState, LetterState
from conduct.models import Extension, LetterMatter, RectificationItem, SupervisionLetter
from conduct.queries import letters as queries
from conduct.resources.letters import letter_data, letter_pdf, letter_word
from conduct.rules import letters as rules
from conduct.services import letters as services
from conduct.services.violations import decide_violation
from core.models import AuditEvent, NumberSeries, WorkdayOverride
from core.rules.errors import DomainError, NotAllowed, StaleVersion
from core.rules.workdays import add_workdays
from tests.support.letters import Office
from tests.support.walking import Course, walk

DATA = Path(__file__).parent / "data"
MARKUP = r"#strong[x] {{ 7*7 }} {% if x %} *b* _i_ $x^2$ \n @ref <t> & `c` // x"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("关于窗口脱岗问题的督办函", "关于便民窗口脱岗问题的督办函", True),
        ("关于窗口脱岗问题的督办函", "关于窗口脱岗问题的督办函", True),
        ("关于窗口脱岗问题的督办函", "关于征地补偿资料归档问题的督办函", False),
        ("关于问题的督办函", "关于情况的督办函", False),
    ],
)
def test_titles_are_alike_in_what_they_say_not_in_their_frame(one, other, alike):
    assert rules.alike(one, other) is alike


def test_the_number_is_written_as_the_standard_says():
    assert rules.number_text(series="区纪督", year=2026, serial=1) == "区纪督〔2026〕1号"


@pytest.mark.django_db
class TestIssue:
    def test_from_the_draft_to_the_closed_letter_with_one_audit_row_a_step(self, office):
        before = AuditEvent.objects.count()
        letter = office.mending()
        for item in letter.items.order_by("order"):
            office.report(item)
            office.check(item)
        office.step("close", letter, "discipline")
        assert letter.state == LetterState.CLOSED
        assert letter.number == "区纪督〔2026〕1号"
        assert AuditEvent.objects.count() - before == 11

    def test_numbers_have_no_gaps_even_when_an_issue_fails(self, office):
        first = office.issued()
        blocked = office.draft(title=first.title)
        office.step("submit", blocked, "discipline")
        office.step("approve", blocked, "discipline2")
        with pytest.raises(DomainError, match="同类督办函"):
            office.step("issue", blocked, "dhead")
        assert office.issued().number == "区纪督〔2026〕2号"
        office.step("issue", blocked, "dhead", not_a_repeat=True)
        assert blocked.number == "区纪督〔2026〕3号"
        assert NumberSeries.objects.get().last == 3

    def test_the_number_begins_anew_with_the_year(self, office, start):
        office.issued()
        office.at = timezone.make_aware(datetime.combine(date(2027, 1, 11), time(10)))
        assert office.issued().number == "区纪督〔2027〕1号"

    def test_another_code_of_the_installation_begins_at_one_of_its_own(self, office, settings):
        assert office.issued().number == "区纪督〔2026〕1号"
        settings.LETTER_SERIES = "江纪督"
        assert [office.issued().number for _ in range(2)] == ["江纪督〔2026〕1号", "江纪督〔2026〕2号"]
        settings.LETTER_SERIES = "区纪督"
        assert office.issued().number == "区纪督〔2026〕2号"

    def test_a_contact_that_nobody_can_call_is_refused(self, office):
        letter = office.draft()
        for write in (
            partial(services.draft_letter, submission_key=uuid4()),
            partial(services.edit_letter, letter_id=letter.pk, version=1),
        ):
            with pytest.raises(DomainError, match="请写上联系电话") as refused:
                write(
                    title="t", unit=office.d.bureau, matter="m", contact="覃正",
                    demands=[services.Demand("甲", "乙", office.due)],
                    by=office.d.users["discipline"], at=office.at,
                )  # fmt: skip
            assert refused.value.field == "contact"

    def test_a_cancelled_letter_takes_no_number(self, office):
        letter = office.draft()
        office.step("cancel", letter, "discipline", note="重复")
        assert (letter.number, letter.state) == ("", "CANCELLED")
        assert not NumberSeries.objects.exists()

    @pytest.mark.parametrize("step", ["approve", "return", "issue"])
    def test_the_drafter_neither_reviews_nor_issues(self, office, step):
        letter = office.draft(by="dhead")
        office.step("submit", letter, "dhead")
        if step == "issue":
            office.step("approve", letter, "discipline")
        more = {"note": "改"} if step == "return" else {}
        with pytest.raises(NotAllowed, match="拟稿人不能"):
            office.step(step, letter, "dhead", **more)

    def test_the_database_refuses_it_too(self, office):
        letter = office.issued()
        for name in ("approved_by", "issued_by"):
            with pytest.raises(IntegrityError), transaction.atomic():
                SupervisionLetter.objects.filter(pk=letter.pk).update(**{name: letter.recorded_by})
        with pytest.raises(IntegrityError), transaction.atomic():
            SupervisionLetter.objects.filter(pk=letter.pk).update(number="")

    def test_an_officer_does_not_issue(self, office):
        letter = office.draft()
        office.step("submit", letter, "discipline")
        office.step("approve", letter, "discipline2")
        with pytest.raises(NotAllowed, match="没有签发的权限"):
            office.step("issue", letter, "discipline2")

    def test_returned_with_a_reason_it_is_edited_and_sent_again(self, office):
        letter = office.draft()
        office.step("submit", letter, "discipline")
        with pytest.raises(DomainError, match="退回原因"):
            office.step("return", letter, "discipline2", note=" ")
        office.step("approve", letter, "discipline2")
        office.step("return", letter, "dhead", note="完成标准不清")
        assert (letter.state, letter.approved_by) == ("DRAFT", None)
        edit = {
            "title": "关于窗口的督办函",
            "unit": office.d.bureau,
            "matter": "新",
            "contact": "仇磊 0000",
            "demands": [services.Demand("甲", "乙", office.due)],
        }
        office.step("edit", letter, "discipline", version=1, **edit)
        assert (letter.version, letter.items.count()) == (2, 1)
        with pytest.raises(StaleVersion, match="没有覆盖"):
            office.step("edit", letter, "discipline", version=1, **edit)
        with pytest.raises(NotAllowed, match="只有拟稿人"):
            office.step("edit", letter, "discipline2", version=2, **edit)

    @pytest.mark.parametrize(
        ("demands", "said"),
        [
            ([], "至少填写一项"),
            ([("2026-11-10", None)], "整改事项“甲1”：时限 2026-11-10 早于今天"),
            ([("2026-11-25", None), ("2026-11-28", None)], "整改事项“甲2”：.*下一个工作日 2026-11-30"),
            ([("2026-11-25", "other")], "不属于主送单位"),
        ],
    )
    def test_bad_items_are_refused_and_named(self, office, demands, said):
        made = [
            services.Demand(
                f"甲{number}", "乙", date.fromisoformat(day), getattr(office.d, unit) if unit else None
            )
            for number, (day, unit) in enumerate(demands, start=1)
        ]
        with pytest.raises(DomainError, match=said):
            services.draft_letter(
                title="t", unit=office.d.bureau, matter="m", contact="覃正 0", demands=made,
                submission_key=uuid4(), by=office.d.users["discipline"], at=office.at,
            )  # fmt: skip
        assert not SupervisionLetter.objects.exists()

    def test_the_office_calendar_wins(self, office):
        WorkdayOverride.objects.create(day=office.due, is_workday=False)
        with pytest.raises(DomainError, match="节假日或休息日"):
            office.draft()

    def test_deadlines_that_passed_while_waiting_stop_the_issue(self, office):
        letter = office.draft()
        office.step("submit", letter, "discipline")
        office.step("approve", letter, "discipline2")
        with pytest.raises(DomainError, match=r"早于今天.*退回或修改"):
            office.step("issue", letter, "dhead", at=office.later(40))

    def test_the_same_form_twice_is_one_letter(self, office):
        key = uuid4()
        made = [
            services.draft_letter(
                title="t",
                unit=office.d.bureau,
                matter="m",
                contact="覃正 0000",
                demands=[services.Demand("甲", "乙", office.due)],
                submission_key=key,
                by=office.d.users["discipline"],
                at=office.at,
            )
            for _ in range(2)
        ]
        assert [new for _, new in made] == [True, False]
        assert RectificationItem.objects.count() == 1

    def test_letters_about_the_same_source_are_found_whatever_their_title(self, office):
        violation = office.d.log()
        first = office.draft(sources=[violation])
        second = office.draft(sources=[violation])
        elsewhere = office.draft(sources=[violation], unit=office.d.other, demands=[
            services.Demand("甲", "乙", office.due)])  # fmt: skip
        today = timezone.localdate(office.at)
        assert queries.similar_to(second, today=today) == [first]
        assert queries.similar_to(elsewhere, today=today) == []
        assert queries.similar_to(second, today=today + timedelta(days=400)) == []
        office.step("cancel", first, "discipline", note="不发了")
        assert queries.similar_to(second, today=today) == []


@pytest.mark.django_db
class TestMending:
    def test_only_the_addressee_receives(self, office):
        letter = office.issued(unit=office.d.other, demands=[services.Demand("甲", "乙", office.due)])
        with pytest.raises(SupervisionLetter.DoesNotExist):
            office.step("receive", letter, "unithead")
        with pytest.raises(NotAllowed):
            office.step("receive", office.issued(), "chief")

    def test_no_feedback_before_the_plan(self, office):
        letter = office.issued()
        with pytest.raises(DomainError, match="先签收"):
            office.report(office.item(letter))
        office.step("receive", letter, "unithead")
        with pytest.raises(DomainError, match="先报送整改方案"):
            office.report(office.item(letter))
        with pytest.raises(DomainError, match="写明整改方案"):
            office.step("plan", letter, "unithead", plan=" ")

    def test_closing_names_the_open_items(self, office):
        letter = office.mending()
        office.report(office.item(letter))
        with pytest.raises(DomainError, match=r"第 1 项（待核验）、第 2 项（整改中）"):
            office.step("close", letter, "discipline")


@pytest.mark.django_db
class TestScope:
    @pytest.mark.parametrize(
        ("role", "draft", "issued", "foreign"),
        [
            ("discipline", 200, 200, 200),
            ("dhead", 200, 200, 200),
            ("chief", 404, 200, 200),
            ("unithead", 404, 200, 404),
            ("cadre", 403, 403, 403),
            ("leader", 403, 403, 403),
            ("assessor", 403, 403, 403),
            ("sysadmin", 403, 403, 403),
            ("secadmin", 403, 403, 403),
            ("auditor", 403, 403, 403),
        ],
    )
    def test_who_sees_what(self, office, as_role, role, draft, issued, foreign):
        letters = [
            office.draft(),
            office.issued(unit=office.d.station, demands=[services.Demand("甲", "乙", office.due)]),
            office.issued(unit=office.d.other, demands=[services.Demand("甲", "乙", office.due)]),
        ]
        client = as_role(role)
        for name in ("letter-detail", "letter-pdf", "letter-word"):
            seen = [client.get(reverse(f"conduct:{name}", args=[x.pk])).status_code for x in letters]
            assert seen == [draft, issued, foreign]
        api = [client.get(f"/api/v1/supervision-letters/{x.pk}/").status_code for x in letters]
        assert api == [draft, issued, foreign]
        if issued == 200:
            titles = {x["title"] for x in client.get("/api/v1/supervision-letters/").json()["results"]}
            shown = client.get(reverse("conduct:letter-list")).content.decode()
            for letter, status in zip(letters, (draft, issued, foreign), strict=True):
                assert (letter.title in shown) is (letter.title in titles) is (status == 200)

    def test_a_foreign_item_is_not_there(self, office, as_role):
        letter = office.issued(unit=office.d.other, demands=[services.Demand("甲", "乙", office.due)])
        item = office.item(letter)
        for name in ("report", "extend"):
            assert as_role("unithead").post(
                reverse("conduct:letter-item-step", args=[item.pk, name])
            ).status_code == 404  # fmt: skip

    def test_the_file_of_a_person_and_of_a_unit(self, office):
        office.draft()
        letter = office.issued()
        clerk = office.d.cadres["clerk"]
        entries = queries.file_entries(clerk, user=office.d.users["discipline"])
        assert [(e.title, e.on) for e in entries] == [(str(letter), date(2026, 11, 11))]
        assert queries.file_entries(clerk, user=office.d.users["cadre"]) == []
        assert len(queries.unit_file_entries(office.d.bureau, user=office.d.users["unithead"])) == 1
        assert queries.unit_file_entries(office.d.other, user=office.d.users["unithead"]) == []

    def test_what_waits_for_whom(self, office):
        def actions(name, day=0):
            return [todo.action for todo in office.todos(name, days=day)]

        letter = office.draft()
        assert (actions("discipline"), actions("dhead")) == (["送审"], [])
        office.step("submit", letter, "discipline")
        assert (actions("discipline"), actions("dhead")) == ([], ["审核"])
        office.step("approve", letter, "discipline2")
        assert (actions("discipline2"), actions("dhead")) == ([], ["签发"])
        office.step("issue", letter, "dhead")
        assert actions("unithead") == ["签收"]
        office.step("receive", letter, "unithead")
        assert actions("unithead") == ["报送方案"]
        office.step("plan", letter, "unithead", plan="x")
        assert actions("unithead") == ["反馈", "反馈"]
        assert actions("discipline", 20) == ["催办", "催办"]
        office.report(office.item(letter))
        assert actions("discipline") == ["核验"]
        office.ask(office.item(letter, 2), date(2026, 12, 9))
        assert actions("discipline") == ["核验", "审批延期"]
        assert actions("cadre") == actions("chief") == []

    def test_own_drafts_wait_on_ones_own_workbench_and_say_why_they_came_back(self, office, as_role):
        letter = office.draft()
        [todo] = office.todos("discipline")
        assert (todo.title, todo.action, todo.detail) == (str(letter), "送审", "您的草稿，还没有送审")
        assert letter.title in as_role("discipline").get("/").content.decode()
        assert letter.title not in as_role("discipline2").get("/").content.decode()
        office.step("submit", letter, "discipline")
        for note in ("完成标准不清", "时限太短"):
            office.step("return", letter, "discipline2", note=note)
            [todo] = office.todos("discipline")
            assert (todo.action, todo.detail) == ("修改后送审", f"退回修改：{note}")
            office.step("submit", letter, "discipline")
        assert office.todos("discipline") == []


@pytest.mark.django_db
class TestPages:
    def form(self, district, **changes):
        due = add_workdays(timezone.localdate(), 10, {}).isoformat()
        data = {
            "title": "关于窗口的督办函",
            "unit": district.bureau.pk,
            "matter": "无人在岗",
            "contact": "覃正 0000-1234567",
            "submission_key": str(uuid4()),
            "items-TOTAL_FORMS": "5",
            "items-INITIAL_FORMS": "5",
            "items-0-what": "替岗",
            "items-0-standard": "有人",
            **{f"items-{row}-due_on": due for row in range(5)},
        }
        return data | changes

    def test_drafted_from_a_violation_without_typing_it_again(self, district, as_role):
        violation = district.log()
        about, client = f"conduct.Violation:{violation.pk}", as_role("discipline")
        blank = client.get(reverse("conduct:letter-create") + f"?about={about}").context["form"]
        assert blank["matter"].value() is None  # undecided: nothing is put into words as a fact
        decide_violation(
            violation_id=violation.pk,
            state="CONFIRMED",
            note="",
            by=district.users["discipline2"],
            at=timezone.now(),
        )
        form = client.get(reverse("conduct:letter-create") + f"?about={about}").context["form"]
        assert form["unit"].value() == district.bureau.pk
        assert "曾国平" in form["matter"].value() and violation.facts in form["matter"].value()
        answer = client.post(reverse("conduct:letter-create"), self.form(district, about=about), follow=True)
        letter = SupervisionLetter.objects.get()
        assert answer.status_code == 200 and "草稿已保存" in answer.content.decode()
        assert letter.items.count() == 1
        assert LetterMatter.objects.get().source_id == str(violation.pk)
        assert f"/violations/{violation.pk}/" in answer.content.decode()
        assert letter.get_absolute_url() in client.get(violation.get_absolute_url()).content.decode()

    @pytest.mark.parametrize("about", ["conduct.Violation:987654", "conduct.Clue:x", "core.User:1", "x"])
    def test_a_source_that_is_not_there_is_refused(self, district, as_role, about):
        page = as_role("discipline").post(reverse("conduct:letter-create"), self.form(district, about=about))
        assert "来源记录不存在" in page.content.decode()
        assert not SupervisionLetter.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"title": "字" * 1000}, "80"),
            ({"unit": "987654"}, "所选单位不存在或已撤销"),
            ({"items-0-what": ""}, "请写明要整改什么"),
            ({"items-0-standard": ""}, "做到什么程度"),
            ({"items-0-due_on": "2020-01-01"}, "早于今天"),
            ({"items-0-due_on": "x"}, "日期"),
            ({"contact": "覃正"}, "请写上联系电话"),
            ({"items-0-what": "", "items-0-standard": ""}, "至少填写一项"),
            ({"items-0-cadre_text": "没有这个人", "items-0-cadre_0": "没有这个人"}, "没有找到人员"),
        ],
    )
    def test_bad_input_is_refused_and_nothing_typed_is_lost(self, district, as_role, changes, said):
        page = as_role("discipline").post(reverse("conduct:letter-create"), self.form(district, **changes))
        assert page.status_code == 200
        assert said in page.content.decode()
        assert "无人在岗" in page.content.decode()
        assert not SupervisionLetter.objects.exists()

    def test_what_is_wrong_in_a_row_stands_on_top_and_leads_to_it(self, district, as_role):
        data = self.form(
            district, **{"items-2-what": "补档案", "items-2-due_on": "2020-01-01", "items-4-standard": "齐全"}
        )
        page = as_role("discipline").post(reverse("conduct:letter-create"), data).content.decode()
        top = page[page.index('id="errors"') : page.index("整改事项清单")]
        for field, said in (
            ("items-2-standard", "第 3 项完成标准</a>：请写明做到什么程度算完成"),
            ("items-2-due_on", "第 3 项时限</a>：时限 2020-01-01 早于今天"),
            ("items-4-what", "第 5 项整改事项</a>：请写明要整改什么"),
        ):
            assert f'<a href="#id_{field}">{said}' in top
            assert f'id="id_{field}"' in page
        assert top.count("<li>") == 3

    def test_the_contact_is_the_one_given_last(self, office, as_role):
        client = as_role("discipline")

        def offered():
            return client.get(reverse("conduct:letter-create")).context["form"]["contact"].value()

        assert offered() == "覃正"
        office.draft()
        assert offered() == "覃正 0000-1234567"
        office.draft(by="discipline2")
        assert offered() == "覃正 0000-1234567"

    def test_more_rows_keep_what_was_typed_and_complain_of_nothing(self, district, as_role):
        page = as_role("discipline").post(
            reverse("conduct:letter-create"), self.form(district, title="", more="1")
        )
        text = page.content.decode()
        assert "第 8 项" in text and "替岗" in text and "没有保存" not in text

    def test_edited_and_a_save_in_between_is_not_overwritten(self, office, as_role):
        letter = office.draft()
        client = as_role("discipline")
        url = reverse("conduct:letter-edit", args=[letter.pk])
        assert "落实替岗安排" in client.get(url).content.decode()
        data = self.form(office.d, version=1, title="新标题")
        assert client.post(url, data).status_code == 302
        again = client.post(url, data)
        assert again.status_code == 409 and "没有覆盖" in again.content.decode()
        assert as_role("discipline2").post(url, data | {"version": 2}).status_code == 302
        letter.refresh_from_db()
        assert (letter.title, letter.version) == ("新标题", 2)

    def test_every_step_through_its_page(self, district, as_role):
        office = Office(district, timezone.now())
        letter = office.draft()

        def press(role, name, data=None, key=None, told=""):
            kind, _, step = name.rpartition("-")
            route = {"": "letter", "item": "letter-item", "extension": "letter-extension"}[kind]
            url = reverse(f"conduct:{route}-step", args=[key or letter.pk, step])
            page = as_role(role).post(url, data or {}, follow=True)
            assert page.status_code == 200
            assert told in page.content.decode(), (name, told)

        press("discipline", "submit", told="已送审")
        press("discipline2", "approve", told="审核通过")
        press("dhead", "issue", told="已签发，文号")
        press("unithead", "receive", told="已签收")
        press("unithead", "plan", {"plan": ""}, told="没有保存")
        press("unithead", "plan", {"plan": "一周"}, told="已报送")
        first, second = letter.items.order_by("order")
        press("unithead", "item-report", {"text": "已办"}, first.pk, told="已反馈")
        press("discipline", "item-pass", {"result": "RETURNED", "note": ""}, first.pk, told="退回原因")
        press("discipline", "item-pass", {"result": "PASSED"}, first.pk, told="核验结果已保存")
        press("discipline", "item-chase", {"note": ""}, second.pk, told="还没有过")
        later = add_workdays(second.due_on, 3, {}).isoformat()
        press("unithead", "item-extend", {"due_on": later, "reason": "需要"}, second.pk, told="待审批")
        asked = Extension.objects.get()
        press("discipline", "extension-grant", {"grant": "0"}, asked.pk, told="不同意的理由")
        press("discipline", "extension-grant", {"grant": "1"}, asked.pk, told="审批结果已保存")
        press("discipline", "close", told="第 2 项（整改中）")
        press("unithead", "item-report", {"text": "已办"}, second.pk)
        press("discipline", "item-pass", {"result": "PASSED"}, second.pk)
        press("discipline", "close", told="已销号")

    def test_the_tick_is_asked_for_when_a_similar_letter_is_open(self, district, as_role):
        office = Office(district, timezone.now())
        office.issued(title="关于窗口脱岗问题的督办函")
        letter = office.draft(title="关于窗口脱岗问题的督办函")
        page = as_role("discipline").get(reverse("conduct:letter-detail", args=[letter.pk]))
        assert "未办结的同类督办函" in page.content.decode()
        office.step("submit", letter, "discipline")
        office.step("approve", letter, "discipline2")
        url = reverse("conduct:letter-step", args=[letter.pk, "issue"])
        refused = as_role("dhead").post(url)
        assert "已核对，不是重复督办" in refused.content.decode()
        as_role("dhead").post(url, {"not_a_repeat": "on"})
        letter.refresh_from_db()
        assert letter.state == LetterState.ISSUED

    def test_the_list_filters(self, office, as_role):
        late = office.issued(title="关于甲的督办函")
        RectificationItem.objects.filter(letter=late).update(due_on=timezone.localdate() - timedelta(days=1))
        office.draft(title="关于乙的督办函")
        client = as_role("discipline")

        def shown(**query):
            page = client.get(reverse("conduct:letter-list"), query, headers={"HX-Request": "true"})
            assert "<html" not in page.content.decode()
            return [letter.title[2] for letter in page.context["page"]]

        assert shown() == ["乙", "甲"]
        assert shown(q="〔2026〕1号") == shown(pressing="overdue") == shown(state="ISSUED") == ["甲"]
        assert shown(unit=office.d.other.pk) == []
        assert client.get(reverse("conduct:letter-list")).context["page"][1].light.light == "RED"

    @pytest.mark.parametrize("count", [15, 100])
    @pytest.mark.parametrize("path", ["/letters/", "/api/v1/supervision-letters/"])
    def test_the_list_costs_the_same_for_many(
        self, office, as_role, django_assert_max_num_queries, count, path
    ):
        made = SupervisionLetter.objects.bulk_create(
            SupervisionLetter(
                title=f"关于{n}的督办函", unit=office.d.bureau, matter="m", contact="c",
                submission_key=uuid4(), recorded_by=office.d.users["discipline"], recorded_at=office.at,
            )
            for n in range(count)
        )  # fmt: skip
        RectificationItem.objects.bulk_create(
            RectificationItem(
                letter=letter, order=order, what="w", unit=office.d.bureau, standard="s", due_on=office.due,
                recorded_by=office.d.users["discipline"], recorded_at=office.at,
            )
            for letter in made for order in (1, 2)
        )  # fmt: skip
        client = as_role("discipline")
        with django_assert_max_num_queries(15):
            client.get(path)

    @pytest.mark.parametrize("count", [2, 20])
    def test_a_letter_costs_the_same_for_many_items(
        self, office, as_role, django_assert_max_num_queries, count
    ):
        letter = office.mending(demands=[services.Demand(f"事项{n}", "乙", office.due) for n in range(count)])
        for item in letter.items.all():
            office.report(item)
        client = as_role("discipline")
        with django_assert_max_num_queries(18):
            client.get(reverse("conduct:letter-detail", args=[letter.pk]))


def word_text(content):
    document = Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [p.text for p in document.paragraphs], cells


@pytest.mark.django_db
class TestDocuments:
    def test_word_shows_number_items_and_slip(self, office):
        letter = office.issued()
        lines, cells = word_text(letter_word(letter))
        assert "区纪督〔2026〕1号" in lines and "2026年11月11日" in lines and "送达回证" in lines
        assert [line for line in lines if line.startswith(("一、", "二、", "三、", "四、"))] == [
            "一、问题", "二、督办要求", "三、反馈要求", "四、逾期后果",
        ]  # fmt: skip
        for item in letter.items.all():
            assert {item.what, item.standard, item.unit.name, "2026年11月25日"} <= set(cells)
        assert "草稿" not in lines
        assert not any("{" in text for text in [*lines, *cells])

    def test_the_pdf_has_letter_and_slip_with_fonts_embedded(self, office):
        made = letter_pdf(office.issued())
        assert made.startswith(b"%PDF")
        assert len(made) > 10_000
        pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", made))
        assert pages >= 2
        assert b"/FontFile" in made

    @pytest.mark.parametrize(("count", "pages"), [(1, 2), (3, 3), (12, 3)])
    def test_the_page_breaks_where_it_should(self, office, count, pages):
        """One item fits on the letter's page, the slip follows; twelve need one more."""
        items = [services.Demand(f"事项{n}", "标准", office.due) for n in range(count)]
        letter = office.issued(
            title="关于窗口脱岗问题的督办函", demands=items, basis="八不准第七条", cc="党政办公室"
        )
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", letter_pdf(letter))) == pages

    def test_the_paper_names_the_organ_in_full(self, office, settings):
        settings.ISSUING_ORGAN = "测试区纪检监察工作委员会"
        letter = office.issued()
        lines, cells = word_text(letter_word(letter))
        assert lines.count("测试区纪检监察工作委员会") == 2 and "测试区纪检监察工作委员会" in cells
        data = letter_data(letter)
        assert (data["issuer"], data["head_size"]) == ("测试区纪检监察工作委员会", 34)
        settings.ISSUING_ORGAN = "很长的名字" * 6
        data = letter_data(letter)
        assert data["head_size"] * len(data["issuer"]) <= 440
        assert letter_pdf(letter).startswith(b"%PDF")

    def test_markup_is_text_in_both(self, office):
        letter = office.issued(
            title=f"关于{MARKUP}"[:80],
            demands=[services.Demand(MARKUP, MARKUP, office.due)],
            cc=MARKUP,
            basis=MARKUP,
        )
        SupervisionLetter.objects.filter(pk=letter.pk).update(matter=MARKUP)
        letter.refresh_from_db()
        lines, cells = word_text(letter_word(letter))
        assert letter.title in lines and letter.title in cells
        assert MARKUP in lines and f"抄送：{MARKUP}" in lines and f"依据：{MARKUP}" in lines
        assert cells.count(MARKUP) == 2
        assert letter_pdf(letter).startswith(b"%PDF")

    def test_typst_sets_the_text_and_does_not_run_it(self, office, settings):
        letter = office.issued(demands=[services.Demand(MARKUP, MARKUP, office.due)])
        data = letter_data(letter)
        assert data["items"][0]["what"] == MARKUP
        told = typst.query(
            b"#let d = json(bytes(sys.inputs.data))\n#metadata(d.items.first().what) <said>",
            "<said>",
            field="value",
            one=True,
            sys_inputs={"data": json.dumps(data)},
        )
        assert json.loads(told) == MARKUP

    def test_a_draft_says_so(self, office):
        lines, _ = word_text(letter_word(office.draft()))
        assert "草稿" in lines

    def test_each_download_is_audited_and_named_by_its_number(self, office, as_role):
        letter = office.issued()
        for name, kind in (("letter-pdf", "pdf"), ("letter-word", "docx")):
            before = AuditEvent.objects.count()
            answer = as_role("unithead").get(reverse(f"conduct:{name}", args=[letter.pk]))
            assert answer.headers["Content-Disposition"].startswith("attachment")
            event = AuditEvent.objects.order_by("-seq").first()
            assert AuditEvent.objects.count() == before + 1
            assert (event.action, event.after) == ("导出督办函", {"format": kind})
            assert (event.target_label, event.target_id) == (letter._meta.label, str(letter.pk))

    def test_a_cancelled_letter_is_not_handed_out(self, office, as_role):
        letter = office.draft()
        office.step("cancel", letter, "discipline", note="不发了")
        assert as_role("discipline").get(reverse("conduct:letter-pdf", args=[letter.pk])).status_code == 403


@pytest.mark.django_db
class TestWalks:
    ROLES = ("discipline", "dhead", "unithead", "chief")

    def test_a_letter(self, office):
        d = office.d
        call = {"at": office.at}

        def edit(record, user, pick):
            services.edit_letter(
                letter_id=record.pk, version=record.version - pick % 2, title="改", unit=d.bureau,
                matter="m", contact="0", demands=[services.Demand("甲", "乙", office.due)], by=user, **call,
            )  # fmt: skip

        def plain(name, rare=False, **choose):
            """`rare` gives its reason seldom, so that walks come far."""

            def step(record, user, pick):
                given = pick % 8 == 0 if rare else pick % 4 > 0
                more = {key: value * given for key, value in choose.items()}
                getattr(services, f"{name}_letter")(letter_id=record.pk, by=user, **call, **more)

            return step

        def close(record, user, pick):
            if pick % 4:
                record.items.update(state=ItemState.PASSED)
            services.close_letter(letter_id=record.pk, by=user, **call)

        def two_people(record):
            assert record.recorded_by_id not in (record.approved_by_id, record.issued_by_id)
            assert bool(record.number) is (record.state in rules.SENT)

        walk(
            Course(
                workflow=rules.LETTER,
                people={name: d.users[name] for name in self.ROLES},
                make=office.draft,
                steps={
                    "edit": edit,
                    "submit": plain("submit"),
                    "approve": plain("approve"),
                    "return": plain("return", rare=True, note="改"),
                    "issue": plain("issue", not_a_repeat=True),
                    "receive": plain("receive"),
                    "plan": plain("plan", plan="方案"),
                    "close": close,
                    "cancel": plain("cancel", rare=True, note="不发"),
                },
                parts=queries.parts_in,
                invariants=[two_people],
            )
        )
