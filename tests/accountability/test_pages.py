"""The calculator and the catalogue page: who sees them, what they say, what a mistake costs."""

from __future__ import annotations

from datetime import date

import pytest

from accountability.choices import PersonKind
from accountability.models import CombinationRule, Ground, MeasureKind
from accountability.queries import default_book
from accountability.rules.impact import assess
from accountability.rules.measures import Imposed
from accountability.rules.timeline import YEAR, timeline
from core.models import AuditEvent
from core.services import catalogues
from tests.config.test_access import ROLES

CALCULATOR, CATALOGUE = "/accountability/calculator/", "/accountability/catalogue/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def library(district):
    for model in (MeasureKind, CombinationRule, Ground):
        catalogues.sync(model=model, by=None, at=district.now)
    return district


def typed(*rows, person="civil_servant", on="", **more):
    """What the browser sends for these rows; a row is a dict of its fields."""
    data = {"person": person, "on": on, "rows-TOTAL_FORMS": str(max(len(rows), 3)), "rows-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"rows-{number}-{name}": value for name, value in row.items()}
    return data | more


P01 = {"code": "P01", "effective": "2025-01-10"}
P02 = {"code": "P02", "effective": "2025-08-10"}


@pytest.mark.parametrize("role", ROLES)
def test_everybody_signed_in_may_read_and_try(library, as_role, role):
    client = as_role(role)
    assert client.get(CATALOGUE).status_code == 200
    assert client.get(CALCULATOR).status_code == 200
    assert client.post(CALCULATOR, typed(P01)).status_code == 200


def test_nobody_else_does(library, client):
    for path in (CATALOGUE, CALCULATOR):
        assert client.get(path).headers["Location"].startswith("/sign-in/")


class TestCalculator:
    def test_it_answers_and_stores_nothing(self, library, as_role):
        client = as_role("cadre")
        before = AuditEvent.objects.count()
        page = client.post(CALCULATOR, typed(P01, P02, on="2026-03-01"))
        text = page.content.decode()
        assert "最晚到 <b>2027-07-09</b> 止" in text
        assert "2026-03-01 这一天" in text
        assert "2027-07-10" in text  # the day a person has to decide on
        assert "规则 B" in text
        assert 'name="rows-1-effective" value="2025-08-10"' in text  # may be changed and tried again
        assert AuditEvent.objects.count() == before

    def test_rows_left_empty_are_no_measures_and_keep_their_numbers(self, library, as_role):
        page = as_role("chief").post(CALCULATOR, typed({}, P01, {}, P02))
        assert [number for number, _, _ in page.context["typed"]] == [2, 4]
        assert [period.numbers for period in page.context["outcome"].periods] == [(2,), (4,)]

    @pytest.mark.parametrize(
        ("row", "field", "message"),
        [
            ({"code": "P01"}, "effective", "没有填生效日"),
            ({"effective": "2025-01-10"}, "code", "没有选措施"),
            ({"code": "ZZ9", "effective": "2025-01-10"}, "code", "ZZ9"),
            ({"code": "P01", "effective": "2025-02-30"}, "effective", ""),
            ({**P01, "ended": "2024-01-01"}, "ended", "早于生效日"),
            ({**P01, "cancelled": "2024-01-01"}, "cancelled", "早于生效日"),
            ({**P01, "term": "12"}, "term", "只有留党察看"),
            ({**P01, "months": "18"}, "months", "规则 E"),
            ({**P01, "months": "-3"}, "months", ""),
            ({**P01, "batch": "甲" * 21}, "batch", ""),
            ({"code": "P01", "effective": "0001-01-01"}, "effective", "请核对年份"),
        ],
    )
    def test_a_mistake_is_told_at_its_field_and_costs_nothing(self, library, as_role, row, field, message):
        page = as_role("discipline").post(CALCULATOR, typed({}, row, person="institution"))
        rows = page.context["rows"]
        assert message in " ".join(rows.forms[1].errors[field])
        text = page.content.decode()
        assert "没有试算，请改正后再算" in text
        assert f'href="#id_rows-1-{field}">第 2 项' in text
        assert "outcome" not in page.context
        for name, value in row.items():
            if name != "code" or value == "P01":
                assert str(value) in text
        assert '<option value="institution" selected>' in text

    def test_a_measure_not_for_such_a_person_names_the_rule(self, library, as_role):
        page = as_role("discipline").post(
            CALCULATOR, typed({"code": "ZW5", "effective": "2025-01-10"}, person="contract")
        )
        assert "政务处分法第二十二、二十三条" in page.content.decode()

    def test_nothing_filled_in_says_what_to_do(self, library, as_role):
        assert "至少选一项措施" in as_role("discipline").post(CALCULATOR, typed()).content.decode()

    @pytest.mark.parametrize("total", ["", "x", "9" * 40, "-1", "31"])
    def test_a_broken_count_of_rows_is_no_accident(self, library, as_role, total):
        client = as_role("discipline")
        data = {**typed(P01), "rows-TOTAL_FORMS": total}
        assert client.post(CALCULATOR, data).status_code == 200
        assert client.post(CALCULATOR, {**data, "more": "1"}).status_code == 200

    def test_more_rows_keep_what_was_typed_and_complain_of_nothing(self, library, as_role):
        page = as_role("discipline").post(CALCULATOR, typed({"code": "P01"}, more="1"))
        assert len(page.context["rows"].forms) == 6
        text = page.content.decode()
        assert '<option value="P01" selected>' in text
        assert 'id="errors"' not in text

    def test_the_statements_do_not_grow_with_the_rows(self, library, as_role, django_assert_max_num_queries):
        client = as_role("discipline")
        with django_assert_max_num_queries(7):
            client.post(CALCULATOR, typed(P01))
        rows = [{"code": "M05", "effective": f"2025-01-{day:02}"} for day in range(1, 31)]
        with django_assert_max_num_queries(7):
            assert "outcome" in client.post(CALCULATOR, typed(*rows)).context

    def test_other_methods_are_refused(self, library, as_role):
        assert as_role("discipline").put(CALCULATOR).status_code == 405


class TestCatalogue:
    def test_it_shows_grounds_measures_and_rules_as_defaults(
        self, library, as_role, django_assert_max_num_queries
    ):
        client = as_role("unithead")
        with django_assert_max_num_queries(9):
            text = client.get(CATALOGUE).content.decode()
        assert "默认目录，以本区正式文件为准" in text
        for shown in (
            "W01 政令不畅",
            "Z07 对抗监督拒不整改",
            "M06 诫勉",
            "当年不称职<br>第二年不定等次",
            "轻：M01 提醒谈话/M06 诫勉",
            "未对照",
        ):
            assert shown in text
        assert "维护目录" not in text
        assert "维护目录" in as_role("discipline").get(CATALOGUE).content.decode()

    def test_on_another_day(self, library, as_role):
        client = as_role("unithead")
        assert "这一天没有施行中的措施" in client.get(f"{CATALOGUE}?on=2019-12-31").content.decode()
        for wrong in ("2026-13-40", "gestern", ""):
            assert "M06 诫勉" in client.get(f"{CATALOGUE}?on={wrong}").content.decode()

    def test_a_checked_entry_says_so(self, library, as_role):
        MeasureKind.objects.filter(key="M06").update(verified=True)
        assert as_role("unithead").get(CATALOGUE).content.decode().count(">已对照<") == 1


class TestTimeline:
    def drawn(self, *measures, on=None):
        return timeline(assess(default_book(), PersonKind.CIVIL_SERVANT, measures), on)

    def test_a_year_is_as_wide_as_any_other(self):
        found = self.drawn(Imposed("P01", date(2024, 1, 1)), on=date(2024, 7, 1))
        assert (found.years, found.width) == (("2024",), YEAR)
        assert (found.bars[0].x, found.bars[0].width, found.bars[0].open) == (0, YEAR, False)
        assert 490 <= found.marker <= 500

    def test_an_open_end_runs_to_the_edge_and_a_long_one_is_cut_there(self):
        found = self.drawn(Imposed("ZW6", date(2020, 3, 1)), Imposed("P01", date(2040, 1, 1)))
        assert len(found.years) == 12
        assert found.years[0] == "20"
        (bar,) = found.bars
        assert bar.open
        assert bar.x + bar.width == found.width

    def test_nothing_to_draw(self):
        assert self.drawn(Imposed("M01", date(2024, 1, 1))) is None

    def test_a_day_outside_is_not_marked(self):
        assert self.drawn(Imposed("P01", date(2024, 1, 1)), on=date(2030, 1, 1)).marker is None
