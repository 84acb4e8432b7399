"""Monthly tests: absence is no zero, nobody enters the own result, papers are read by two people."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from conduct.choices import PaperLevel
from conduct.models import Test, TestResult
from conduct.queries import education as queries
from conduct.rules import education as rules
from conduct.services import testing as services
from conduct.services.testing import Marks
from core.models import AuditEvent, Cadre
from core.rules.errors import DomainError, NotAllowed
from tests.support.educating import enter, exam
from tests.support.waiting import lines

READ, SAMPLED = PaperLevel.READ, PaperLevel.SAMPLED

pytestmark = pytest.mark.django_db


def test_results_makeups_and_the_half_year(district):
    test = exam(district)
    enter(
        district, test,
        {"head": Marks(Decimal("90.5")), "clerk": Marks(None), "leader": Marks(Decimal(40))},
    )  # fmt: skip
    waiting = queries.waiting_for_makeup(district.users["discipline"], test)
    assert {result.cadre.name for result in waiting} == {"曾国平", "解明远"}
    audits = AuditEvent.objects.count()
    marks = {"clerk": Marks(None, Decimal(75)), "leader": Marks(Decimal(40), Decimal(50))}
    assert enter(district, test, marks) == 2
    assert enter(district, test, marks) == 0
    assert AuditEvent.objects.count() == audits + 1
    assert not queries.waiting_for_makeup(district.users["discipline"], test).exists()
    first_day, last_day = rules.half_year(test.on)
    (line,) = queries.review(district.users["discipline"], first_day=first_day, last_day=last_day)
    assert (line.entered, line.tested, line.absent, line.passed, line.passed_after) == (3, 2, 1, 1, 2)
    assert line.average == Decimal("65.25"), "absence is not a zero"
    (own,) = queries.review(district.users["cadre"], first_day=first_day, last_day=last_day)
    assert (own.entered, own.average) == (1, None)


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        (Marks(Decimal("100.01")), "0 到 100 分之间"),
        (Marks(Decimal(-1)), "0 到 100 分之间"),
        (Marks(None, Decimal(101)), "0 到 100 分之间"),
        (Marks(Decimal(80), Decimal(90)), "不需要补考"),
    ],
)
def test_a_wrong_mark_is_refused_whole(district, mark, told):
    with pytest.raises(DomainError, match=told) as refused:
        enter(district, exam(district), {"head": Marks(Decimal(70)), "clerk": mark})
    assert "曾国平" in refused.value.message
    assert not TestResult.objects.exists()


def test_nobody_enters_a_result_of_oneself(district):
    test = exam(district)
    with pytest.raises(NotAllowed, match="本人的成绩"):
        enter(district, test, {"officer": Marks(Decimal(100))}, unit=district.other)
    enter(district, test, {"officer": Marks(Decimal(70))}, unit=district.other, by="discipline2")
    kept = {"officer": Marks(Decimal(70)), "officer2": Marks(Decimal(90))}
    assert enter(district, test, kept, unit=district.other) == 1


def test_a_wrong_test_is_refused(district):
    key = uuid4()
    assert exam(district, key=key) == exam(district, key=key)
    with pytest.raises(DomainError, match="已有同名考试"):
        exam(district)
    for mark in (0, 101):
        with pytest.raises(DomainError, match="不超过满分"):
            exam(district, title="另一场", pass_mark=mark)
    with pytest.raises(DomainError, match="还没有考"):
        enter(district, exam(district, days_ago=-1), {"clerk": Marks(None)})


def test_the_sheet_of_a_unit_names_every_wrong_cell(district, as_role):
    test, client = exam(district), as_role("discipline")
    url = reverse("conduct:test-sheet", args=[test.pk]) + f"?unit={district.bureau.pk}"
    head, clerk, leader = (district.cadres[key].pk for key in ("head", "clerk", "leader"))
    assert "曾国平" in client.get(url).content.decode()
    wrong = client.post(url, {f"score-{head}": "120", f"score-{clerk}": "八十", f"makeup-{leader}": "60"})
    page = wrong.content.decode()
    assert "0 到 100 分之间" in page and "不是成绩" in page and "请先填成绩" in page and "八十" in page
    assert not TestResult.objects.exists()
    saved = client.post(url, {f"score-{head}": "88.5", f"score-{clerk}": "缺考"}, follow=True)
    assert "改动 2 人" in saved.content.decode() and "缺考" in saved.content.decode()
    again = client.get(url).content.decode()
    assert 'value="88.50"' in again and 'value="缺考"' in again
    assert "不能清空" in client.post(url, {f"score-{head}": ""}).content.decode()
    assert client.get(reverse("conduct:test-sheet", args=[test.pk]) + "?unit=x").status_code == 404
    for role in ("unithead", "cadre"):
        assert as_role(role).get(url).status_code == 403
        detail = as_role(role).get(reverse("conduct:test-detail", args=[test.pk])).content.decode()
        assert "待补考" in detail
        review = as_role(role).get(reverse("conduct:test-review"), {"on": test.on}).content.decode()
        assert "建设局" in review
    assert "建设局" not in as_role("leader").get(reverse("conduct:test-review")).content.decode()


# 两级调阅


def sat(district, *, days_ago=0, marks=None, unit=None, by="discipline", title="月度考试"):
    test = exam(district, days_ago=days_ago, title=title)
    marks = marks or {"clerk": Marks(Decimal(80)), "leader": Marks(Decimal(90)), "head": Marks(None)}
    enter(district, test, marks, unit=unit, by=by)
    return test


def review(district, test, level, *names, by, unit=None, remark=""):
    return services.review_papers(
        test_id=test.pk, unit=unit or district.bureau, level=level,
        remarks={district.cadres[name].pk: remark for name in names}, by=district.users[by], at=district.now,
    )  # fmt: skip


def result(test, district, name):
    return TestResult.objects.get(test=test, cadre=district.cadres[name])


def test_the_head_reads_the_office_samples_each_with_who_when_and_remark(district):
    test = sat(district)
    audits = AuditEvent.objects.count()
    assert review(district, test, READ, "clerk", "leader", by="unithead", remark=" 批改规范 ") == 2
    assert review(district, test, SAMPLED, "clerk", by="discipline", remark="错题已订正") == 1
    paper = result(test, district, "clerk")
    assert (paper.read_by, paper.read_at, paper.read_remark) == (
        district.users["unithead"], district.now, "批改规范",
    )  # fmt: skip
    assert (paper.sampled_by, paper.sampled_at, paper.sampled_remark) == (
        district.users["discipline"], district.now, "错题已订正",
    )  # fmt: skip
    assert result(test, district, "leader").sampled_by is None
    written = AuditEvent.objects.order_by("seq").filter(target_label="conduct.Test")
    assert AuditEvent.objects.count() == audits + 2
    assert [event.action for event in written][-2:] == ["初阅试卷", "抽阅试卷"]


@pytest.mark.parametrize(
    ("level", "names", "by", "told"),
    [
        (SAMPLED, ["leader"], "discipline2", "解明远：还没有初阅，请先由单位负责人初阅"),
        (SAMPLED, ["clerk"], "discipline", "曾国平：初阅人不能抽阅，请由另一名纪检人员抽阅"),
        (READ, ["clerk"], "unithead", "曾国平：已经初阅，不用重复登记"),
        (READ, ["leader", "head"], "unithead", "没有可以调阅的试卷"),
        (READ, ["outsider"], "unithead", "没有可以调阅的试卷"),
        (READ, [], "unithead", "至少勾选一份"),
    ],
)
def test_a_wrong_reading_is_refused_whole(district, level, names, by, told):
    test = sat(district)
    review(district, test, READ, "clerk", by="discipline")
    with pytest.raises(DomainError, match=told):
        review(district, test, level, *names, by=by)
    assert result(test, district, "leader").read_by is None
    assert result(test, district, "clerk").sampled_by is None


def test_a_paper_is_sampled_once(district):
    test = sat(district)
    review(district, test, READ, "clerk", by="unithead")
    review(district, test, SAMPLED, "clerk", by="discipline")
    with pytest.raises(DomainError, match="已经抽阅"):
        review(district, test, SAMPLED, "clerk", by="discipline2")


def test_nobody_reads_the_own_paper(district):
    test = sat(district, marks={"head": Marks(Decimal(80)), "clerk": Marks(Decimal(70))})
    with pytest.raises(DomainError, match="单立文：不能调阅本人的试卷"):
        review(district, test, READ, "clerk", "head", by="unithead")
    review(district, test, READ, "head", by="discipline")
    assert review(district, test, SAMPLED, "head", by="discipline2") == 1


def test_who_reads_at_which_level_and_whose_papers(district, as_role):
    """The head of the unit and of the units above it at the first level, the office at both."""
    test = sat(district)
    sat(district, title="另一场", marks={"worker": Marks(Decimal(60))}, unit=district.station)
    foreign = sat(district, title="财政局考试", marks={"outsider": Marks(Decimal(60))}, unit=district.other)
    below = Test.objects.get(title="另一场")
    assert review(district, below, READ, "worker", by="unithead", unit=district.station) == 1
    with pytest.raises(DomainError, match="没有可以调阅的试卷"):
        review(district, foreign, READ, "outsider", by="unithead", unit=district.other)
    with pytest.raises(NotAllowed, match="您的角色没有登记教育关爱的权限"):
        review(district, test, SAMPLED, "clerk", by="unithead")
    path = reverse("conduct:test-papers", args=[test.pk])
    for role in ("cadre", "chief", "leader", "assessor", "auditor"):
        with pytest.raises(NotAllowed, match="您的角色没有调阅试卷的权限"):
            review(district, test, READ, "clerk", by=role)
        assert as_role(role).get(f"{path}?unit={district.bureau.pk}").status_code == 403
    client = as_role("unithead")
    assert client.get(f"{path}?unit={district.other.pk}").status_code == 404
    assert client.get(path).status_code == 404
    assert "登记初阅" in client.get(f"{path}?unit={district.bureau.pk}&level=SAMPLED").content.decode()


def test_the_database_keeps_the_two_readers_apart(district):
    test = sat(district)
    rows = TestResult.objects.filter(test=test, cadre=district.cadres["clerk"])
    first, second = district.users["discipline"], district.users["discipline2"]
    for wrong in (
        {"read_by": first},
        {"read_at": district.now},
        {"sampled_by": second, "sampled_at": district.now},
        {"read_by": first, "read_at": district.now, "sampled_by": first, "sampled_at": district.now},
        {"read_by": first, "read_at": district.now, "sampled_by": second},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_papers_are_ticked_on_one_page(district, as_role):
    test, head = sat(district), as_role("unithead")
    path = reverse("conduct:test-papers", args=[test.pk]) + f"?unit={district.bureau.pk}"
    clerk, leader = district.cadres["clerk"].pk, district.cadres["leader"].pk
    assert f'{path}"' in head.get(reverse("conduct:test-detail", args=[test.pk])).content.decode()
    shown = head.get(path).content.decode()
    assert "曾国平 初阅" in shown and "单立文 初阅" not in shown, "who was absent has no paper"
    sent = {f"remark-{clerk}": "字迹潦草"}
    wrong = head.post(path, sent).content.decode()
    assert "写了意见的请勾选" in wrong and "字迹潦草" in wrong
    assert "200" in head.post(path, {f"paper-{clerk}": "on", f"remark-{clerk}": "长" * 1000}).content.decode()
    assert "至少勾选一份" in head.post(path, {f"remark-{leader}": ""}).content.decode()
    assert "已登记初阅 2 份" in head.post(path, {"every": "on", **sent}, follow=True).content.decode()
    assert result(test, district, "clerk").read_remark == "字迹潦草"
    office = as_role("discipline")
    shown = office.get(path).content.decode()
    assert "登记抽阅" in shown and "字迹潦草" in shown
    done = office.post(f"{path}&level=SAMPLED", {f"paper-{leader}": "on"}, follow=True).content.decode()
    assert "已登记抽阅 1 份" in done
    assert result(test, district, "leader").sampled_by == district.users["discipline"]


def test_the_half_year_shows_which_units_were_not_sampled(district, as_role):
    """Only that half-year's tests count, and a unit in which everybody was absent has nothing to sample."""
    first_day, last_day = rules.half_year(district.today)
    before = exam(district, days_ago=(district.today - first_day).days + 5, title="上半年考试")
    enter(district, before, {"clerk": Marks(Decimal(80))})
    review(district, before, READ, "clerk", by="unithead")
    review(district, before, SAMPLED, "clerk", by="discipline")
    test = sat(district)
    enter(district, test, {"worker": Marks(None)}, unit=district.station)
    enter(district, test, {"outsider": Marks(Decimal(70))}, unit=district.other)
    review(district, test, READ, "outsider", by="discipline", unit=district.other)
    review(district, test, SAMPLED, "outsider", by="discipline2", unit=district.other)
    lines = queries.review(district.users["discipline"], first_day=first_day, last_day=last_day)
    assert {line.unit: (line.papers, line.read, line.sampled, line.unsampled) for line in lines} == {
        "建设局": (2, 0, 0, True), "征迁服务中心": (0, 0, 0, False), "财政局": (1, 1, 1, False),
    }  # fmt: skip
    path, client = reverse("conduct:test-review"), as_role("discipline")
    shown = client.get(path).content.decode()
    assert "有 1 个单位的试卷还没有抽阅过" in shown and "财政局" in shown and "未抽阅" in shown
    only = client.get(path, {"unsampled": "on"}).content.decode()
    assert "建设局" in only and "财政局" not in only


@pytest.mark.parametrize("rows", [15, 100])
def test_papers_and_the_half_year_cost_the_same_for_many(
    district, as_role, rows, django_assert_max_num_queries
):
    test, client = exam(district), as_role("discipline")
    person = district.cadres["clerk"]
    made = Cadre.objects.bulk_create(
        Cadre(
            staff_no=f"N{n:03}", name=f"新人{n}", pinyin=f"xinren{n}", initials="xr", unit=district.bureau,
            establishment=person.establishment, joined_on=person.joined_on,
        )
        for n in range(rows)
    )  # fmt: skip
    TestResult.objects.bulk_create(
        TestResult(
            test=test, cadre=cadre, unit=district.bureau, score=80, entered_by=district.users["discipline"],
            entered_at=district.now,
        )
        for cadre in made
    )  # fmt: skip
    for path in (
        reverse("conduct:test-papers", args=[test.pk]) + f"?unit={district.bureau.pk}",
        reverse("conduct:test-review"),
        reverse("conduct:test-detail", args=[test.pk]),
    ):
        with django_assert_max_num_queries(12):
            assert client.get(path).status_code == 200


def test_the_head_is_told_of_papers_to_read_until_they_are_read(district):
    test = sat(district, marks={"clerk": Marks(Decimal(80)), "head": Marks(Decimal(70))})
    old = exam(district, days_ago=400, title="去年考试")
    enter(district, old, {"clerk": Marks(Decimal(80))})

    def waiting(role):
        return lines(queries.todos(district.users[role], today=district.today))

    (line,) = waiting("unithead")
    assert (line.title, line.who, "1 份未初阅" in line.detail) == ("月度考试", "建设局", True)
    assert line.url == reverse("conduct:test-papers", args=[test.pk]) + f"?unit={district.bureau.pk}"
    assert waiting("discipline") == waiting("cadre") == waiting("chief") == waiting("auditor") == []
    review(district, test, READ, "clerk", by="unithead")
    assert waiting("unithead") == []
