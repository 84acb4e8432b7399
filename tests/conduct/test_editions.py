"""The library is kept in the app: new regulations, editions that follow without overlap, clauses, the end."""

import html
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from conduct.choices import ClauseChange
from conduct.models import Clause, Regulation
from conduct.queries import regulations as queries
from conduct.rules import regulations as rules
from conduct.rules.regulations import Change, Standing, Wording
from conduct.services import clauses, regulations
from core.models import AuditEvent
from core.rules.errors import DomainError, NotAllowed
from core.services import catalogues
from tests.conduct.conftest import TEXT

pytestmark = pytest.mark.django_db

OLD = "不准迟到、早退、旷工，不准擅离职守。"
NEW = "不准迟到早退，\n不准上班时间办私事。"


# ---- Rules ----


@pytest.mark.parametrize(
    ("retired_on", "effective_from", "told"),
    [
        (None, date(2026, 5, 1), ""),
        (date(2026, 5, 1), date(2026, 5, 1), ""),
        (date(2026, 6, 1), date(2026, 5, 1), ""),
        (date(2026, 4, 30), date(2026, 5, 1), "2026-04-30 没有施行中的版本"),
        (date(2026, 4, 1), date(2026, 5, 1), "2026-04-01 至 2026-04-30 没有施行中的版本"),
    ],
)
def test_a_pause_is_named_by_its_days(retired_on, effective_from, told):
    assert rules.gap_between(retired_on=retired_on, effective_from=effective_from).startswith(told)
    assert bool(rules.gap_between(retired_on=retired_on, effective_from=effective_from)) is bool(told)


@pytest.mark.parametrize(
    ("today", "shown"),
    [
        (date(2019, 1, 1), date(2020, 1, 1)),
        (date(2020, 1, 1), date(2020, 1, 1)),
        (date(2025, 12, 31), date(2025, 12, 31)),
        (date(2026, 1, 1), date(2025, 12, 31)),
    ],
)
def test_a_version_is_shown_as_of_a_day_it_is_in_force(today, shown):
    day = rules.day_shown(effective_from=date(2020, 1, 1), retired_on=date(2026, 1, 1), today=today)
    assert day == shown


def test_codes_are_the_next_free_ones():
    assert rules.next_key([]) == "ZF-1"
    assert rules.next_key(["ZF-1", "ZF-2", "ZF-4", "ZF-BBZ"]) == "ZF-3"
    assert rules.next_clause_key("ZF-1", 3, ["ZF-1-1"]) == "ZF-1-3"
    assert rules.next_clause_key("ZF-1", 3, ["ZF-1-3", "ZF-1-3-2"]) == "ZF-1-3-3"


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [
        (Wording(1, "标题", "一\n二"), ClauseChange.KEPT),
        (Wording(1, "标题 ", "一\r\n二 "), ClauseChange.KEPT),
        (Wording(2, "标题", "一\n二"), ClauseChange.REWORDED),
        (Wording(1, "新标题", "一\n二"), ClauseChange.REWORDED),
        (Wording(1, "标题", "一\n三"), ClauseChange.REWORDED),
        (None, ClauseChange.DROPPED),
    ],
)
def test_what_becomes_of_a_clause_is_read_off_its_words(wanted, kind):
    old = Standing(1, Wording(1, "标题", "一\n二"), date(2020, 1, 1), None)
    assert rules.change_of(old, wanted) == Change(kind, old, wanted)


# ---- A new edition ----


def test_a_new_edition_follows_on_exactly_its_day(library):
    audits = AuditEvent.objects.count()
    since = library.day(10)
    edition = library.publish(
        since=since, reword={7: NEW}, drop={8}, added=[Wording(9, "新增", "新的一条。")]
    )
    old = Regulation.objects.get(key="ZF-BBZ", effective_from=date(2020, 1, 1))
    assert (old.retired_on, edition.effective_from, edition.retired_on) == (since, since, None)
    assert queries.edition_on("ZF-BBZ", since - timedelta(days=1)) == old
    assert queries.edition_on("ZF-BBZ", since) == edition
    before = {c.number: c.description for c in queries.clauses_on("ZF-BBZ", since - timedelta(days=1))}
    after = {c.number: c.description for c in queries.clauses_on("ZF-BBZ", since)}
    assert sorted(before) == [1, 2, 3, 4, 5, 6, 7, 8] and before[7] == OLD
    assert sorted(after) == [1, 2, 3, 4, 5, 6, 7, 9] and after[7] == NEW and after[9] == "新的一条。"
    assert Clause.objects.filter(key="ZF-BBZ-1").count() == 1, "a kept clause goes on as it is"
    new = Clause.objects.get(key="ZF-BBZ-7", retired_on=None)
    assert (new.basis, new.verified) == ("干部作风“八不准”（2026年修订）（区委发〔2026〕12号）", True)
    assert Clause.objects.get(number=9, regulation_key="ZF-BBZ").key == "ZF-BBZ-9"
    assert AuditEvent.objects.count() == audits + 1, "one row for the whole step"
    told = AuditEvent.objects.order_by("-seq").first()
    assert told.action == "修订法规制度"
    assert told.after["clauses"] == [
        "修订 第7条 不准迟到早退旷工或擅离职守", "删去 第8条 不准态度蛮横对待群众", "新增 第9条 新增",
    ]  # fmt: skip


def test_a_later_sync_of_the_defaults_undoes_nothing(library):
    library.publish(reword={7: NEW}, drop={8})
    for model in (Regulation, Clause):
        assert not catalogues.sync(model=model, by=None, at=library.now).drifted
    assert sorted(c.number for c in queries.clauses_on("ZF-BBZ", library.today)) == [1, 2, 3, 4, 5, 6, 7]


def test_the_same_edition_sent_twice_is_one(library):
    said = library.words()
    change = {**said, next(iter(said)): Wording(1, "不准插手", "改了。")}
    first = library.publish(clauses=change)
    audits = AuditEvent.objects.count()
    assert library.publish(clauses=change) == first
    assert (Regulation.objects.filter(key="ZF-BBZ").count(), AuditEvent.objects.count()) == (2, audits)
    with pytest.raises(DomainError, match="两个版本会重叠"):
        library.publish(reword={2: "又改了一条。"})


@pytest.mark.parametrize(
    ("arguments", "field", "told"),
    [
        ({"since": date(2020, 1, 1)}, "effective_from", r"施行日期 2020-01-01.*重叠.*之后的日期"),
        ({"since": date(2019, 1, 1)}, "effective_from", "重叠"),
        ({"doc_no": " ", "basis": ""}, "doc_no", "请填文号"),
        ({"clauses": {}}, None, "条款有变动"),
        ({"drop": set(range(1, 9))}, None, "一条条款也没有"),
        ({"added": [Wording(7, "又一条", "内容")]}, None, "第7条有 2 条：.*又一条"),
    ],
)
def test_an_edition_that_cannot_stand_is_refused_whole(library, arguments, field, told):
    with pytest.raises(DomainError, match=told) as refused:
        library.publish(**arguments)
    assert refused.value.field == field
    assert Regulation.objects.filter(key="ZF-BBZ").count() == 1
    assert not Regulation.objects.filter(key="ZF-BBZ").exclude(retired_on=None).exists()


def test_a_clause_that_begins_later_can_be_kept_but_not_changed(library):
    library.amend(key="ZF-BBZ-7", name="不准迟到", text="后天起的新条文。", since=library.day(2))
    with pytest.raises(DomainError, match=rf"第7条 不准迟到.*{library.day(2)} 起施行.*重叠"):
        library.publish(since=library.day(1), reword={7: "再改。"})
    library.publish(since=library.day(1), reword={1: "改第一条。"})
    assert queries.version_in_force("ZF-BBZ-7", library.day(1)).description == OLD
    assert queries.version_in_force("ZF-BBZ-7", library.day(2)).description == "后天起的新条文。"


def test_numbers_move_up_when_a_clause_comes_between(library):
    said = library.words()
    moved = {pk: replace(w, number=w.number + 1) if w.number > 7 else w for pk, w in said.items()}
    library.publish(clauses=moved, added=[Wording(8, "不准酒驾", "不准酒后驾驶。")])
    names = {c.number: c.name for c in queries.clauses_on("ZF-BBZ", library.today)}
    assert (names[8], names[9]) == ("不准酒驾", "不准态度蛮横对待群众")
    assert set(Clause.objects.filter(number=8).values_list("key", flat=True)) == {"ZF-BBZ-8", "ZF-BBZ-8-2"}


def test_a_pause_is_refused_until_accepted_and_its_clauses_come_back(library):
    stop = library.day(-30)
    regulations.retire_regulation(key="ZF-BBZ", on=stop, note="废止", **library.by())
    assert not queries.clauses_on("ZF-BBZ", stop).exists()
    with pytest.raises(DomainError, match=f"{stop} 至 {library.day(-1)} 没有施行中的版本") as refused:
        library.publish(reword={7: NEW})
    assert refused.value.field == "effective_from"
    library.publish(reword={7: NEW}, gap_accepted=True)
    assert queries.clauses_on("ZF-BBZ", library.today).count() == 8
    assert not queries.clauses_on("ZF-BBZ", library.day(-1)).exists(), "the pause stays a pause"
    assert queries.edition_on("ZF-BBZ", library.day(-1)) is None
    assert queries.clauses_on("ZF-BBZ", library.today).get(number=7).description == NEW


def test_an_end_set_too_early_is_taken_up_by_the_next_edition(library):
    regulations.retire_regulation(key="ZF-BBZ", on=library.day(30), note="替代", **library.by())
    library.publish(since=library.day(10), reword={7: NEW}, drop={8})
    rows = Clause.objects.filter(regulation_key="ZF-BBZ")
    assert Regulation.objects.get(key="ZF-BBZ", effective_from=date(2020, 1, 1)).retired_on == library.day(10)
    assert rows.filter(retired_on=library.day(30)).count() == 0
    assert rows.filter(retired_on=None).count() == 7
    assert queries.clauses_on("ZF-BBZ", library.day(40)).count() == 7


@pytest.mark.parametrize("role", ["cadre", "unithead", "dhead", "assessor", "sysadmin"])
def test_only_editors_change_the_library(library, as_role, role):
    edition, clause = queries.latest_edition("ZF-BBZ"), Clause.objects.get(key="ZF-BBZ-7")
    by = library.by(role)
    attempts = [
        lambda: library.publish(by=role, reword={7: NEW}),
        lambda: regulations.create_regulation(text=TEXT, effective_from=library.today, clauses=[], **by),
        lambda: regulations.retire_regulation(key="ZF-BBZ", on=library.day(1), note="x", **by),
        lambda: regulations.correct_regulation(regulation_id=edition.pk, text=TEXT, note="x", **by),
        lambda: clauses.correct_clause(
            clause_id=clause.pk, name="n", description="d", basis="b", verified=True, note="x", **by
        ),
        lambda: clauses.add_clause(
            regulation_key="ZF-BBZ", wording=Wording(9, "n", "d"), basis="b", verified=False,
            effective_from=library.today, **by,
        ),
    ]  # fmt: skip
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    client = as_role(role)
    pages = [("regulation-create", [])]
    pages += [(f"regulation-{x}", [edition.pk]) for x in ("revise", "correct", "retire")]
    pages += [("clause-create", [edition.pk]), ("clause-amend", [clause.pk]), ("clause-correct", [clause.pk])]
    seen = client.get(edition.get_absolute_url()).content.decode()
    seen += client.get(reverse("conduct:regulation-list")).content.decode()
    for name, args in pages:
        url = reverse(f"conduct:{name}", args=args)
        assert client.get(url).status_code == client.post(url).status_code == 403, name
        assert url not in seen


# ---- New regulations, clauses, corrections, the end ----


def test_a_new_regulation_gets_its_code_and_clauses(library):
    text = replace(TEXT, name="请示报告制度", kind="SYSTEM")
    words = [Wording(1, "范围", "适用于全区。"), Wording(2, "时限", "当日报告。")]
    made = regulations.create_regulation(
        text=text, effective_from=library.today, clauses=words, **library.by()
    )
    assert (made.key, made.basis, made.order) == ("ZF-1", "区委发〔2026〕12号", 5)
    assert [c.key for c in queries.clauses_on("ZF-1", library.today)] == ["ZF-1-1", "ZF-1-2"]
    audits = AuditEvent.objects.count()
    again = regulations.create_regulation(
        text=text, effective_from=library.today, clauses=words, **library.by()
    )
    assert (again, AuditEvent.objects.count()) == (made, audits)
    with pytest.raises(DomainError, match="请打开它点“修订”") as refused:
        regulations.create_regulation(text=text, effective_from=library.day(5), clauses=words, **library.by())
    assert refused.value.field == "name"
    with pytest.raises(DomainError, match=r"ZF-WZ.*已被使用"):
        regulations.create_regulation(
            text=replace(text, name="别的"),
            effective_from=library.today,
            key="ZF-WZ",
            clauses=[],
            **library.by(),
        )
    with pytest.raises(DomainError, match="第1条有 2 条"):
        regulations.create_regulation(
            text=replace(text, name="别的"),
            effective_from=library.today,
            clauses=[words[0], words[0]],
            **library.by(),
        )
    own = regulations.create_regulation(
        text=replace(text, name="别的"), effective_from=library.today, key="QW-7", clauses=[], **library.by()
    )
    assert own.key == "QW-7"


def add(library, number=9, *, key="ZF-BBZ", since=None, name="新增"):
    return clauses.add_clause(
        regulation_key=key,
        wording=Wording(number, name, "新的一条。"),
        basis="文件",
        verified=False,
        effective_from=since or library.today,
        **library.by(),
    )


def test_a_clause_is_added_once_under_a_free_number(library):
    clause = add(library)
    audits = AuditEvent.objects.count()
    assert add(library) == clause and AuditEvent.objects.count() == audits
    for number in (9, 7):
        with pytest.raises(DomainError, match=f"第{number}条已有") as refused:
            add(library, number, name="另一条")
        assert refused.value.field == "number"
    with pytest.raises(DomainError, match=r"没有施行中的版本.*改日期"):
        add(library, 10, since=date(2019, 1, 1))
    with pytest.raises(DomainError, match="没有这部法规"):
        add(library, 10, key="NONE")
    regulations.retire_regulation(key="ZF-BBZ", on=library.day(5), note="废止", **library.by())
    with pytest.raises(DomainError, match="不再增改条款"):
        add(library, 10)
    with pytest.raises(DomainError, match="已停用"):
        library.amend(key="ZF-BBZ-7", name="x", text="y")


def test_a_regulation_ends_with_its_clauses(library):
    audits = AuditEvent.objects.count()
    for day in (date(2020, 1, 1), date(2019, 1, 1)):
        with pytest.raises(DomainError, match="停用日期须在此之后") as refused:
            regulations.retire_regulation(key="ZF-BBZ", on=day, note="废止", **library.by())
        assert refused.value.field == "on"
    add(library, since=library.day(3))
    with pytest.raises(DomainError, match=rf"第9条.*{library.day(3)} 起施行"):
        regulations.retire_regulation(key="ZF-BBZ", on=library.day(2), note="废止", **library.by())
    regulations.retire_regulation(key="ZF-BBZ", on=library.day(10), note="被新规定替代", **library.by())
    assert AuditEvent.objects.count() == audits + 2
    assert queries.clauses_on("ZF-BBZ", library.day(9)).count() == 9
    assert not queries.clauses_on("ZF-BBZ", library.day(10)).exists()
    assert AuditEvent.objects.order_by("-seq").first().after["note"] == "被新规定替代"
    with pytest.raises(DomainError, match="已定于"):
        regulations.retire_regulation(key="ZF-BBZ", on=library.day(11), note="废止", **library.by())


def test_a_slip_is_put_right_with_a_reason_but_no_cited_words(library):
    edition = queries.latest_edition("ZF-BBZ")
    with pytest.raises(DomainError, match="更正的原因"):
        regulations.correct_regulation(regulation_id=edition.pk, text=TEXT, note=" ", **library.by())
    regulations.correct_regulation(regulation_id=edition.pk, text=TEXT, note="补文号", **library.by())
    edition.refresh_from_db()
    assert (edition.name, edition.doc_no, edition.verified) == (TEXT.name, TEXT.doc_no, True)
    told = AuditEvent.objects.order_by("-seq").first()
    assert told.before["doc_no"] == "" and told.after["note"] == "补文号"
    with pytest.raises(DomainError, match="没有需要更正"):
        regulations.correct_regulation(regulation_id=edition.pk, text=TEXT, note="再来", **library.by())

    def correct(description, verified=False):
        clause = Clause.objects.get(key="ZF-BBZ-7")
        return clauses.correct_clause(
            clause_id=clause.pk, name=clause.name, description=description, basis=clause.basis,
            verified=verified, note="录入差错", **library.by(),
        )  # fmt: skip

    assert correct("不准迟到。").description == "不准迟到。"
    library.cite(library.log(), Clause.objects.get(key="ZF-BBZ-7"))
    with pytest.raises(DomainError, match=r"已被引用 1 次.*请用“修订”"):
        correct("不准早退。")
    assert correct("不准迟到。", verified=True).verified, "that it was compared can still be said"


def test_what_was_not_compared_is_labelled_and_an_edition_of_the_office_is_not(library, as_role):
    label, client = "未对照官方文本，以本区正式文件为准", as_role("cadre")
    edition, kept = queries.latest_edition("ZF-BBZ"), Clause.objects.get(key="ZF-BBZ-1")
    for record in (edition, kept):
        assert label in client.get(record.get_absolute_url()).content.decode()
    new = library.publish(reword={7: NEW})
    changed = Clause.objects.get(key="ZF-BBZ-7", retired_on=None)
    for record in (new, changed, kept):
        assert label not in client.get(record.get_absolute_url()).content.decode(), record
    earlier = client.get(kept.get_absolute_url(), {"on": str(library.day(-1))})
    assert label in earlier.content.decode()
    other = library.publish(key="ZF-WZ", name="问责办法", verified=False)
    assert label in client.get(other.get_absolute_url()).content.decode()


# ---- Pages ----


def sent_by(page):
    """Every value of the one main form of a page, as a browser sends it."""
    form = re.search(r'<form class="(?:card|no-print)[^"]*" method="post".*?</form>', page, re.DOTALL).group()
    values = {}
    for tag in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if found.get("type") != "checkbox" or " checked" in tag:
            values[found["name"]] = unescaped(found.get("value", "on" if "checkbox" in tag else ""))
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        values[name] = unescaped(text)
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        values[name] = re.search(r'value="([^"]*)" selected', options).group(1)
    values.pop("csrfmiddlewaretoken")
    return values


def unescaped(text):
    """A value as a browser sends it: lines end with CRLF."""
    return html.unescape(text).replace("\r\n", "\n").replace("\n", "\r\n")


def test_a_clerk_publishes_an_edition_through_the_pages(library, as_role):
    client, old = as_role("discipline"), queries.latest_edition("ZF-BBZ")
    Clause.objects.filter(key="ZF-BBZ-2").update(description="第一款。\n第二款。")
    url = reverse("conduct:regulation-revise", args=[old.pk])
    values = sent_by(client.get(url).content.decode())
    assert values["name"] == old.name and values["clauses-1-description"] == "第一款。\r\n第二款。"
    values |= {"name": TEXT.name, "doc_no": TEXT.doc_no, "effective_from": "2019-05-01"}
    values |= {"verified": "on", "clauses-6-description": "新的第七条。", "clauses-7-drop": "on"}
    wrong = client.post(url, values).content.decode()
    assert "两个版本会重叠" in wrong and "新的第七条。" in wrong and TEXT.doc_no in wrong
    values["effective_from"] = str(library.day(1))
    preview = client.post(url, values)
    assert Regulation.objects.filter(key="ZF-BBZ").count() == 1, "nothing is saved before it is confirmed"
    plan = preview.context["plan"]
    assert plan.told == ["修订 第7条 不准迟到早退旷工或擅离职守", "删去 第8条 不准态度蛮横对待群众"]
    assert [w.number for w in plan.kept] == [1, 2, 3, 4, 5, 6]
    text = preview.content.decode()
    assert OLD in text and "新的第七条。" in text and "确认发布" in text
    carried = sent_by(text)
    back = client.post(url, {**carried, "back": "1"}).content.decode()
    assert "新的第七条。" in back and "没有保存，请改正" not in back and sent_by(back)["verified"] == "on"
    page = client.post(url, {**carried, "publish": "1"}, follow=True)
    assert "原版本留存可查" in page.content.decode()
    new = queries.latest_edition("ZF-BBZ")
    assert (new.name, new.effective_from, new.verified) == (TEXT.name, library.day(1), True)
    assert Clause.objects.filter(key="ZF-BBZ-2").count() == 1, "line ends make no new version"
    assert Clause.objects.filter(key="ZF-BBZ-8", retired_on=None).count() == 0
    assert client.post(url, {**carried, "publish": "1"}).status_code == 302, "sent twice, one version"
    assert Regulation.objects.filter(key="ZF-BBZ").count() == 2


def test_the_preview_names_a_pause_and_what_is_left_behind(library, as_role):
    violation = library.log(days_ago=0)
    library.cite(violation, Clause.objects.get(key="ZF-BBZ-7"))
    client = as_role("discipline")
    url = reverse("conduct:regulation-revise", args=[queries.latest_edition("ZF-BBZ").pk])
    values = sent_by(client.get(url).content.decode())
    values |= {"name": TEXT.name, "doc_no": TEXT.doc_no, "effective_from": str(library.day(-1))}
    values |= {"clauses-6-description": "新的第七条。"}
    preview = client.post(url, values).content.decode()
    assert "已有 1 处引用" in preview and violation.get_absolute_url() in preview
    assert "施行日期早于今天" in preview and 'name="gap_accepted"' not in preview

    regulations.retire_regulation(key="ZF-WZ", on=library.day(-9), note="废止", **library.by())
    url = reverse("conduct:regulation-revise", args=[queries.latest_edition("ZF-WZ").pk])
    values = sent_by(client.get(url).content.decode())
    values |= {"name": "新问责办法", "doc_no": "1号", "effective_from": str(library.day(0))}
    assert "没有施行中的版本" in client.post(url, {**values, "publish": "1"}).content.decode()
    preview = client.post(url, values).content.decode()
    assert f"{library.day(-9)} 至 {library.day(-1)} 没有施行中的版本" in preview and "仍然发布" in preview
    assert client.post(url, {**sent_by(preview), "publish": "1"}).status_code == 302
    assert queries.latest_edition("ZF-WZ").name == "新问责办法"


def test_bad_rows_come_back_with_what_was_typed(library, as_role):
    client = as_role("discipline")
    url = reverse("conduct:regulation-revise", args=[queries.latest_edition("ZF-BBZ").pk])
    values = sent_by(client.get(url).content.decode())
    values |= {"doc_no": "1号", "effective_from": str(library.today)}
    for change, told in (
        ({"clauses-0-description": ""}, "请填条款内容"),
        ({"clauses-0-number": "0"}, "不能小于 1"),
        ({"clauses-0-name": "长" * 1000}, "80"),
        ({"clauses-8-name": "只有标题"}, "请填条款内容"),
        ({"clauses-0-number": "2"}, "第2条有 2 条"),
        ({"clauses-0-clause": "x"}, "没有保存"),
        ({"clauses-0-clause": "999999"}, "条款有变动"),
        ({"clauses-TOTAL_FORMS": "x"}, "没有保存"),
        ({"effective_from": ""}, "施行日期"),
        ({"effective_from": "2026-02-30"}, "有效的日期"),
        ({"doc_no": ""}, "请填文号"),
    ):
        page = client.post(url, {**values, **change}).content.decode()
        assert told in page and "确认发布" not in page, change
    more = client.post(url, {**values, "clauses-8-name": "写了一半", "more": "1"}).content.decode()
    assert "写了一半" in more and "没有保存，请改正" not in more and 'name="clauses-11-number"' in more
    assert Regulation.objects.filter(key="ZF-BBZ").count() == 1


def test_a_clerk_adds_regulations_and_clauses_corrects_and_ends_them(library, as_role):
    client, create = as_role("discipline"), reverse("conduct:regulation-create")
    assert create in client.get(reverse("conduct:regulation-list")).content.decode()
    values = sent_by_create(client.get(create).content.decode())
    values |= {
        "name": "请示报告制度",
        "kind": "SYSTEM",
        "issuer": "区委",
        "effective_from": str(library.today),
    }
    values |= {"clauses-0-name": "范围", "clauses-0-description": "适用于全区。"}
    assert "请填文号" in client.post(create, values).content.decode()
    assert "代码只用" in client.post(create, {**values, "doc_no": "1号", "key": "小写"}).content.decode()
    page = client.post(create, {**values, "doc_no": "1号"}, follow=True).content.decode()
    assert "代码 ZF-1" in page and "适用于全区。" in page
    made = Regulation.objects.get(key="ZF-1")
    add_url = reverse("conduct:clause-create", args=[made.pk])
    form = client.get(add_url).context["form"]
    assert (form.initial["number"], form.initial["basis"]) == (2, "请示报告制度（1号）")
    words = {
        "number": 1,
        "name": "时限",
        "description": "当日报告。",
        "effective_from": library.today,
        "basis": "1号",
    }
    assert "第1条已有" in client.post(add_url, words).content.decode()
    page = client.post(add_url, {**words, "number": 2}, follow=True).content.decode()
    assert "条款已新增" in page and "当日报告。" in page
    clause = Clause.objects.get(key="ZF-1-2")
    fixed = {"name": "时限", "description": "次日报告。", "basis": "1号", "note": "录入差错"}
    correct = reverse("conduct:clause-correct", args=[clause.pk])
    assert "次日报告。" in client.post(correct, fixed, follow=True).content.decode()
    correct = reverse("conduct:regulation-correct", args=[made.pk])
    said = {"name": "请示报告制度", "doc_no": "2号", "kind": "SYSTEM", "issuer": "区委", "note": "文号有误"}
    assert "2号" in client.post(correct, said, follow=True).content.decode()
    retire = reverse("conduct:regulation-retire", args=[made.pk])
    assert "2 条现行条款" in client.get(retire).content.decode()
    end = {"on": str(library.today), "note": "废止"}
    assert "停用日期须在此之后" in client.post(retire, end).content.decode()
    page = client.post(retire, {**end, "on": str(library.day(1))}, follow=True).content.decode()
    assert "停用日期已登记" in page
    assert reverse("conduct:regulation-retire", args=[made.pk]) not in page


def sent_by_create(page):
    page = page.replace('<option value="METHOD">', '<option value="METHOD" selected>')
    return sent_by(page)


def test_the_page_of_an_earlier_version_shows_its_own_clauses_and_leads_to_the_newest(library, as_role):
    old = queries.latest_edition("ZF-BBZ")
    new = library.publish(reword={7: NEW})
    client = as_role("discipline")
    page = client.get(old.get_absolute_url())
    assert page.context["day"] == library.day(-1) and OLD in page.content.decode()
    assert reverse("conduct:regulation-revise", args=[old.pk]) not in page.content.decode()
    later = client.get(old.get_absolute_url(), {"on": str(library.today)}).content.decode()
    assert "这一天施行的是" in later and new.get_absolute_url() in later
    coming = library.publish(key="ZF-WZ", since=library.day(20), reword={1: "新的原则。"})
    page = client.get(coming.get_absolute_url())
    assert page.context["day"] == library.day(20) and "新的原则。" in page.content.decode()
    early = client.get(coming.get_absolute_url(), {"on": "2001-01-01"}).content.decode()
    assert "这一天没有施行中的版本" in early


def test_the_admin_no_longer_edits_regulations(library, as_role):
    client = as_role("discipline")
    assert client.get("/admin/conduct/prohibition/").status_code == 200
    assert client.get("/admin/conduct/regulation/").status_code == 404


@pytest.mark.parametrize("count", [8, 80])
def test_the_pages_cost_the_same_for_many_clauses(library, as_role, count, django_assert_max_num_queries):
    Clause.objects.filter(regulation_key="ZF-BBZ").exclude(number=1).delete()
    Clause.objects.bulk_create(
        Clause(
            key=f"ZF-BBZ-{n}", regulation_key="ZF-BBZ", number=n, name=f"条{n}", description="文", basis="试",
            effective_from=date(2020, 1, 1),
        )
        for n in range(2, count + 1)
    )  # fmt: skip
    client, edition = as_role("discipline"), queries.latest_edition("ZF-BBZ")
    revise = reverse("conduct:regulation-revise", args=[edition.pk])
    with django_assert_max_num_queries(9):
        client.get(edition.get_absolute_url())
    with django_assert_max_num_queries(6):
        page = client.get(revise).content.decode()
    values = sent_by(page) | {"doc_no": "1号", "effective_from": str(library.today)}
    values |= {"clauses-0-description": "改了。"}
    with django_assert_max_num_queries(8):
        assert "确认发布" in client.post(revise, values).content.decode()
