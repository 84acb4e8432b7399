"""Words of tables, read as the hand-worked tables beside this file say."""

import csv
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.rules import contradictions
from core.rules.amounts import Amount, Percent, parse_amount, parse_percent, parse_quantities
from core.rules.phrases import (
    PhraseError,
    PhraseUnknown,
    as_of,
    compact,
    is_blank,
    parse_date,
    parse_due,
    parse_dues,
    report_year,
    split_names,
    tidy,
    tidy_line,
    tidy_name,
)

DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_tables_are_long_enough_to_mean_something() -> None:
    assert len(rows("due_phrases.csv")) + len(rows("wrong_due_phrases.csv")) >= 60
    assert len(rows("amounts.csv")) >= 40
    assert len(rows("percents.csv")) + len(rows("quantities.csv")) >= 30


@pytest.mark.parametrize("row", rows("due_phrases.csv"), ids=lambda row: row["text"])
def test_a_deadline_in_words_is_the_last_day_still_in_time(row: dict[str, str]) -> None:
    due = parse_due(row["text"], year=int(row["year"]))
    assert (due.due_on.isoformat() if due.due_on else "", due.node) == (row["due_on"], row["node"])
    assert bool(due.note) is bool(row["note"])
    assert due.rule, "every reading says how it was found"


@pytest.mark.parametrize("row", rows("wrong_due_phrases.csv"), ids=lambda row: row["text"])
def test_a_deadline_that_cannot_be_read_is_not_guessed(row: dict[str, str]) -> None:
    with pytest.raises(PhraseError, match=row["reason"]) as caught:
        parse_due(row["text"], year=int(row["year"]) if row["year"] else None)
    assert isinstance(caught.value, PhraseUnknown) is not bool(row["known"])


def test_a_date_cell_that_shows_only_the_month_means_its_end() -> None:
    first = datetime(2025, 12, 1)  # noqa: DTZ001 - as a spreadsheet stores it
    assert parse_due(first, year=None, number_format='yyyy"年"m"月"').due_on == date(2025, 12, 31)
    assert parse_due(first, year=None, number_format="yyyy-mm-dd").due_on == date(2025, 12, 1)


def test_a_number_that_lost_its_zero_is_marked_for_checking() -> None:
    assert parse_due(2019.1, year=None).note
    assert parse_due(2019.6, year=None).due_on == date(2019, 6, 30)


def test_several_deadlines_in_a_cell_keep_their_order_and_share_the_year() -> None:
    dues = parse_dues("2025年6月底前开工,12月底前竣工;2026年6月投入使用", year=2020)
    assert [(d.due_on, d.node) for d in dues] == [
        (date(2025, 6, 30), "开工"),
        (date(2025, 12, 31), "竣工"),
        (date(2026, 6, 30), "投入使用"),
    ]


def test_a_part_without_a_date_belongs_to_the_one_before() -> None:
    (due,) = parse_dues("12月底前完成,并长期坚持", year=2025)
    assert due.due_on == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-05-15", date(2025, 5, 15)),
        ("2025/5/15", date(2025, 5, 15)),
        ("2025.5.15", date(2025, 5, 15)),
        ("20250515", date(2025, 5, 15)),
        (20250515, date(2025, 5, 15)),
        ("2025年5月15日", date(2025, 5, 15)),
        (" 2025 年 5 月 15 日 ", date(2025, 5, 15)),
        ("２０２５年５月１５日", date(2025, 5, 15)),
        ("2025-05-15 00:00:00", date(2025, 5, 15)),
        (date(2025, 5, 15), date(2025, 5, 15)),
        (datetime(2025, 5, 15), date(2025, 5, 15)),  # noqa: DTZ001 - as a spreadsheet stores it
        ("2024-02-29", date(2024, 2, 29)),
    ],
)
def test_a_calendar_date_is_read_from_every_written_form(value: object, expected: date) -> None:
    assert parse_date(value) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2025-02-30", "2月没有30日"),
        ("2025-02-29", "2月没有29日"),
        ("2025年13月1日", "没有 13 月"),
        ("0000-00-00", "不在"),
        ("2025-05", "不是完整的日期"),
        ("25-05-15", "不是完整的日期"),
        ("昨天", "不是完整的日期"),
        (45792, "是数字"),
        (45792.5, "是数字"),
        ("00/00/0000", "不是完整的日期"),
        ("1825-05-15", "不在"),
    ],
)
def test_what_is_no_calendar_date_says_why(value: object, reason: str) -> None:
    with pytest.raises(PhraseError, match=reason):
        parse_date(value)


@pytest.mark.parametrize(
    ("text", "year", "day"),
    [
        ("2025年5月15日", 2025, date(2025, 5, 15)),
        ("2014年1—6月", 2014, date(2014, 6, 30)),
        ("2016年2月26日印发", 2016, date(2016, 2, 26)),
        ("2025年民生实事项目进展情况表", 2025, None),
        ("2017年1—11月", 2017, date(2017, 11, 30)),
        ("2018年12月", 2018, date(2018, 12, 31)),
        ("2022年2月18日票决", 2022, date(2022, 2, 18)),
        ("2024—2025年度", 2025, None),
        ("2021年", 2021, None),
        ("附件1", None, None),
    ],
)
def test_the_report_year_and_the_day_of_the_figures(text: str, year: int | None, day: date | None) -> None:
    assert (report_year(text), as_of(text)) == (year, day)


def test_a_cut_off_without_a_year_takes_the_title_year() -> None:
    assert as_of("(截至５月１５日)    填报单位:市政府办公室 ", year=2025) == date(2025, 5, 15)
    assert as_of("(截至2月30日)", year=2025) is None


@pytest.mark.parametrize("row", rows("amounts.csv"), ids=lambda row: f"{row['text']} {row['default_unit']}")
def test_an_amount_becomes_yuan_or_says_why_not(row: dict[str, str]) -> None:
    unit = row["default_unit"] or None
    if row["reason"]:
        with pytest.raises(PhraseError, match=row["reason"]):
            parse_amount(row["text"], default_unit=unit)
        return
    amount = parse_amount(row["text"], default_unit=unit)
    assert (str(amount.yuan), amount.approximate) == (row["yuan"], bool(row["approximate"]))


def test_number_cells_are_cut_to_what_a_spreadsheet_keeps() -> None:
    assert parse_amount(0.1 + 0.2, default_unit="万元").yuan == Decimal("3000.00")
    assert parse_amount(-0.0, default_unit="万元").yuan == 0
    for wrong in (float("nan"), float("inf"), True):
        with pytest.raises(PhraseError):
            parse_amount(wrong, default_unit="万元")


@pytest.mark.parametrize("row", rows("percents.csv"), ids=lambda row: f"{row['value']} {row['format']}")
def test_a_percentage_follows_the_cell_format(row: dict[str, str]) -> None:
    value: object = float(row["value"]) if row["kind"] == "number" else row["value"]
    if row["reason"]:
        with pytest.raises(PhraseError, match=row["reason"]):
            parse_percent(value, row["format"])
        return
    percent = parse_percent(value, row["format"])
    assert (percent.value, percent.places) == (Decimal(row["percent"]), int(row["places"]))
    assert (row["note"] in percent.note) if row["note"] else not percent.note


@pytest.mark.parametrize("row", rows("quantities.csv"), ids=lambda row: f"{row['value']} {row['units']}")
def test_quantities_go_with_their_units(row: dict[str, str]) -> None:
    if row["reason"]:
        with pytest.raises(PhraseError, match=row["reason"]):
            parse_quantities(row["value"], row["units"])
        return
    read = "|".join(f"{q.value} {q.unit}" for q in parse_quantities(row["value"], row["units"]))
    assert read == row["read"]


def test_invisible_characters_and_wide_digits_go_blanks_collapse_and_punctuation_stays() -> None:
    assert tidy("\ufeff２０２５\u00a0年\u3000 项目\u200b\u202e ") == "2025 年 项目"
    assert tidy("甲\uff0c乙\uff1b丙\uff08丁\uff09\uff1a戊") == "甲\uff0c乙\uff1b丙\uff08丁\uff09\uff1a戊"
    assert tidy("完成４５\uff05") == "完成45%"
    assert tidy("甲局\r\n\r\n 乙局 ") == "甲局\n乙局"
    assert tidy("\u2f08民\uf9b4") == tidy("人民領"), (
        "radicals and compatibility forms are the ordinary character"
    )
    assert tidy("𠮷野") == "𠮷野", "a character beyond the first plane is kept"


def test_a_wrapped_head_is_one_word_and_a_comparison_key_has_no_blanks() -> None:
    assert tidy_line("牵头\n市领导") == "牵头市领导"
    assert tidy_line("A\nB") == "A B"
    assert compact("形象进度\n\uff08%\uff09") == "形象进度(%)"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("某  甲", "某甲"),
        ("某\u3000甲", "某甲"),
        ("张 三 丰", "张三丰"),
        ("欧阳 某", "欧阳某"),
        ("某甲 某乙", "某甲 某乙"),
        ("阿布都·某", "阿布都·某"),
        ("John Smith", "John Smith"),
    ],
)
def test_blanks_that_fill_a_column_are_not_part_of_a_name(text: str, name: str) -> None:
    assert tidy_name(text) == name


def test_names_in_one_cell_are_split_outside_brackets() -> None:
    assert split_names("县水务局\n县住建局\n县护城河指挥部") == ["县水务局", "县住建局", "县护城河指挥部"]
    assert split_names("高新园(邹区镇、其他)、各街道,市国有公司;甲局;甲局") == [
        "高新园(邹区镇、其他)",
        "各街道",
        "市国有公司",
        "甲局",
    ]
    assert split_names("甲局\uff0c乙局\uff1b丙局\uff08含丁\uff0c戊\uff09") == [
        "甲局",
        "乙局",
        "丙局\uff08含丁\uff0c戊\uff09",
    ]
    assert split_names("某  甲") == ["某甲"]
    assert split_names("—") == []


@pytest.mark.parametrize(
    ("value", "blank"),
    [
        (None, True),
        ("", True),
        (" \u3000", True),
        ("—", True),
        ("/", True),
        ("无", True),
        ("0", False),
        (0, False),
    ],
)
def test_a_mark_for_nothing_is_blank_and_zero_is_not(value: object, blank: bool) -> None:
    assert is_blank(value) is blank


# --- contradictions -----------------------------------------------------------------------------------


def test_a_task_to_be_built_with_a_deadline_to_begin() -> None:
    assert contradictions.task_against_due("建成县残疾人综合服务中心", "开工")
    assert contradictions.task_against_due("完成棚户区改造2836户", "开工")
    assert not contradictions.task_against_due("开工建设县老年养护楼", "开工")
    assert not contradictions.task_against_due("完成前期工作", "开工")
    assert not contradictions.task_against_due("建成县残疾人综合服务中心", "竣工")


def test_parts_of_the_progress_that_add_up_to_another_goal() -> None:
    goal = "建成“宁静小区”5个、“宁静工厂”16家"
    progress = "小区:1家基本完成、4家70%以上、2家30%-50%;工厂:3家基本完成、8家50%以上、7家30%以上"
    assert contradictions.parts_against_goal(goal, progress) == [
        "进展中“小区”分项合计 7，与目标 5 不一致",
        "进展中“工厂”分项合计 18，与目标 16 不一致",
    ]
    assert contradictions.parts_against_goal("建成“宁静小区”7个", progress.partition(";")[0]) == []


def test_parts_in_brackets_against_their_whole() -> None:
    right = "新建改扩建学校12个,计划竣工3个(幼儿园7、小学4、初中1);增加学位5000个(幼儿园420、中小学4580)"
    assert contradictions.breakdown_in_brackets(right) == []
    assert contradictions.breakdown_in_brackets("新建学校12个(幼儿园7、小学4、初中2)")
    assert contradictions.breakdown_in_brackets("新建充电桩350个,其中农村185个") == []
    assert contradictions.breakdown_in_brackets("新建充电桩150个,其中农村185个")


def test_areas_against_the_total() -> None:
    text = "鄞州12/6;海曙江东江北12/9;镇海0/1;北仑0/4(完成/目标)"
    assert contradictions.area_breakdown(text, target=Decimal(20), done=Decimal(24)) == [
        "合计已达目标，但镇海、北仑完成数为0"
    ]
    assert len(contradictions.area_breakdown(text, target=Decimal(21), done=Decimal(23))) == 3
    even = "鄞州1/2;海曙江东江北2/5;镇海0/1;北仑3/2(完成/目标)"
    assert contradictions.area_breakdown(even, target=Decimal(10), done=Decimal(6)) == []


@pytest.mark.parametrize(
    ("name", "target", "done", "published", "agrees"),
    [
        ("城镇新增就业", "350", "99", parse_percent("28%"), True),
        ("城镇新增就业", "26000", "32095", parse_percent(123.4), True),
        ("城镇登记失业率低于(%)", "4.3", "4.17", parse_percent(103.1), True),
        ("城镇登记失业率低于(%)", "4.3", "4.17", parse_percent(97.0), False),
        ("家门口青少年宫", "13", "13", parse_percent("45%"), False),
        ("无目标", "0", "13", parse_percent("45%"), True),
        ("恰在进位处", "1000", "285", parse_percent("28%"), True),
        ("过了进位处", "1000", "286", parse_percent("28%"), False),
    ],
)
def test_a_published_ratio_is_recomputed_within_its_rounding(
    name: str, target: str, done: str, published: Percent, agrees: bool
) -> None:
    found = contradictions.ratio_against_counts(
        name=name, target=Decimal(target), done=Decimal(done), published=published
    )
    assert (not found) is agrees


def test_complete_by_number_and_stopped_by_words() -> None:
    assert contradictions.status_against_percent(percent=parse_percent("已完成"), words="因征迁受阻,暂停施工")
    assert not contradictions.status_against_percent(percent=parse_percent("90%"), words="暂停施工")
    assert not contradictions.status_against_percent(percent=None, words="暂停施工")


def amount(text: str) -> Amount:
    return parse_amount(text)


def test_money_in_words_against_the_number_column() -> None:
    assert not contradictions.amounts_disagree("总投资", amount("1.2亿元"), amount("12000万元"))
    assert contradictions.amounts_disagree("总投资", amount("1.2亿元"), amount("1200万元"))
    assert not contradictions.amounts_disagree("总投资", amount("约1.2亿元"), amount("12300万元"))
    assert contradictions.amounts_disagree("总投资", amount("约1.2亿元"), amount("15000万元"))
    assert contradictions.amounts_out_of_order({"总投资": amount("1亿元"), "累计完成": amount("2亿元")})
    assert not contradictions.amounts_out_of_order({"总投资": None, "累计完成": amount("2亿元")})


def test_a_total_row_against_its_rows_and_figures_from_the_future() -> None:
    parts = [Decimal(1), Decimal(2)]
    assert not contradictions.sum_against_total("就业", total=Decimal(3), parts=parts)
    assert contradictions.sum_against_total("就业", total=Decimal(4), parts=parts)
    assert contradictions.future_report(date(2026, 1, 2), today=date(2026, 1, 1))
    assert not contradictions.future_report(date(2026, 1, 1), today=date(2026, 1, 1))


# --- nothing a cell can hold breaks the reading -------------------------------------------------------

CELL_TEXT = st.text(
    alphabet="0123456789０５.,-—~%:;()年月日底前末初上中下旬半一二三四季度十亿万千百元约余个家其含开工竣完成长期全明次每第"
    "“”\n /Q\u3000\u200b",
    max_size=24,
)


def refusals(readers: list[Callable[[], object]]) -> list[str]:
    """The reasons of the readers that refuse; any other error comes through."""
    reasons = []
    for read in readers:
        try:
            read()
        except PhraseError as error:
            reasons.append(str(error))
    return reasons


@settings(max_examples=400, deadline=None)
@given(text=CELL_TEXT | st.text(max_size=12), year=st.none() | st.integers(min_value=1990, max_value=2060))
def test_any_text_is_read_or_refused_in_words(text: str, year: int | None) -> None:
    readers: list[Callable[[], object]] = [
        lambda: parse_due(text, year=year),
        lambda: parse_dues(text, year=year),
        lambda: parse_date(text),
        lambda: parse_amount(text, default_unit="万元"),
        lambda: parse_percent(text),
        lambda: parse_quantities(text, "个;家"),
    ]
    assert all(refusals(readers))
    report_year(text), as_of(text, year=year), tidy_name(text)
    assert tidy(tidy(text)) == tidy(text), "tidying is done once"
    contradictions.parts_against_goal(text, text)
    contradictions.breakdown_in_brackets(text)
    contradictions.area_breakdown(text, target=Decimal(1), done=Decimal(1))


@settings(max_examples=200, deadline=None)
@given(value=st.floats() | st.integers() | st.booleans())
def test_any_number_is_read_or_refused_in_words(value: object) -> None:
    readers: list[Callable[[], object]] = [
        lambda: parse_amount(value, default_unit="元"),
        lambda: parse_percent(value, "0%"),
        lambda: parse_quantities(value),
        lambda: parse_date(value),
        lambda: parse_due(value, year=2025),
    ]
    assert all(refusals(readers))
