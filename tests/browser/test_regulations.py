"""A clerk brings a new edition into force; records of before and after cite it each by its day."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def log(page, day):
    """A violation of the seventh rule on a day; ends on its page."""
    person = page.get_by_role("combobox", name="违规人员")
    person.press_sequentially("张")
    page.locator("[role=listbox]:not([hidden]) [role=option]").first.click()
    page.get_by_label("违反条款").select_option("B7")
    page.get_by_label("发生日期").fill(day.isoformat())
    page.get_by_label("发生地点").fill("办公楼三楼")
    page.get_by_label("违规事实").fill(f"{day} 上午十时不在岗。")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(re.compile(r"/violations/\d+/$"))


def test_a_new_edition_is_published_and_each_record_cites_the_one_of_its_day(visit):
    here = visit("discipline")
    page = here.goto("/regulations/")
    page.get_by_role("link", name="干部作风“八不准”（默认）").click()
    page.get_by_role("link", name="修订").click()
    here.check_accessible()
    page.get_by_label("名称").fill("干部作风“八不准”（2026年修订）")
    page.get_by_label("文号", exact=True).fill("区委发〔2026〕12号")
    today = timezone.localdate()
    page.get_by_role("textbox", name="施行日期").fill(today.isoformat())
    page.get_by_label("已对照官方文本").check()
    page.get_by_text("第7条 不准迟到早退旷工或擅离职守").click()
    page.locator("[name=clauses-6-description]").fill("不准迟到、早退、旷工，不准上班时间办私事。")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("保留 7 条")).to_be_visible()
    here.check_accessible()
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_text("原版本留存可查")).to_be_visible()
    here.check_accessible()

    for day, edition in ((today, "2026年修订"), (today - timedelta(days=31), "默认")):
        log(here.goto("/violations/new/"), day)
        block = page.locator("#citations")
        assert block.bounding_box()["height"] < 80, "one line until it is wanted"
        block.locator("> summary").click()
        seventh = block.locator("option", has_text="八不准").filter(has_text="第7条")
        assert seventh.count() == 1
        block.locator("select").select_option(seventh.get_attribute("value"))
        block.get_by_role("button", name="引用这一条").click()
        expect(page.get_by_text("已引用")).to_be_visible()
        expect(block.locator("> summary")).to_contain_text(f"干部作风“八不准”（{edition}） 第7条")
        here.check_accessible()
    page = here.goto("/prohibitions/")
    here.check_accessible()
    page.get_by_role("link", name="不准迟到早退旷工或擅离职守", exact=False).first.click()
    here.check_accessible()
