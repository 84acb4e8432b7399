"""What the discipline office does all day, by keyboard alone."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_violation_is_logged_from_the_workbench_in_at_most_8_inputs(visit, capsys):
    """An input is what a person does at one place: open, pick, choose, type, save. Only keys are pressed."""
    page = visit("discipline").page
    inputs = []

    def press(what, *keys, times=1):
        inputs.append(what)
        for _ in range(times):
            for key in keys:
                page.keyboard.press(key)

    def tab_to(locator):
        """Walk with Tab, as a person does; walking is no input."""
        for _ in range(60):
            if locator.evaluate("field => field === document.activeElement"):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {locator}")

    began = time.monotonic()
    tab_to(page.get_by_role("link", name="登记违规").first)
    press("open", "Enter")
    person = page.get_by_role("combobox", name="违规人员")
    expect(person).to_be_focused()
    page.keyboard.type("w")
    expect(page.locator("[role=listbox]:not([hidden]) [role=option]").first).to_be_visible()
    press("person", "ArrowDown", "Enter")
    tab_to(page.get_by_label("违反条款"))
    press("rule", "8")
    expect(page.get_by_label("违反条款")).to_have_value("B8")
    tab_to(page.get_by_label("发生地点"))
    page.keyboard.type("便民服务大厅五号窗口")
    inputs.append("place")
    tab_to(page.get_by_label("违规事实"))
    page.keyboard.type("对来访群众言语粗暴。")
    inputs.append("facts")
    tab_to(page.get_by_role("button", name="保存", exact=True))
    press("save", "Enter")
    page.wait_for_url(re.compile(r"/violations/\d+/$"))
    took = time.monotonic() - began
    expect(page.get_by_text("待另一名纪检人员认定").first).to_be_visible()
    assert len(inputs) <= 8, inputs
    with capsys.disabled():
        print(f"\nlogging a violation: {len(inputs)} inputs ({', '.join(inputs)}), {took:.1f} s")  # noqa: T201


def test_a_round_of_findings_is_entered_and_one_is_carried_to_its_end(visit):
    """Several in one form; the second officer decides, handles and closes; the pages are accessible."""
    here = visit("discipline")
    page = here.goto("/violations/bulk/")
    here.check_accessible()
    page.locator("#id_place").fill("河湾片区征迁现场")
    for row, rule in ((0, "B6"), (1, "B7")):
        box = page.get_by_role("combobox", name="违规人员").nth(row)
        box.focus()
        page.keyboard.type("lz"[row])
        expect(page.locator("[role=listbox]:not([hidden]) [role=option]").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.get_by_label("违反条款").nth(row).select_option(rule)
        page.get_by_label("违规事实").nth(row).fill("检查时发现。")
    page.get_by_role("button", name="全部登记").click()
    page.wait_for_url(re.compile(r"/violations/$"))
    expect(page.get_by_role("cell", name="河湾片区征迁现场")).to_have_count(2)

    second = visit("discipline2")
    page = second.goto("/violations/?state=LOGGED")
    row = page.get_by_role("row").filter(has_text="河湾片区征迁现场").first
    row.get_by_role("link").first.click()
    page.get_by_label("属实", exact=True).check()
    page.get_by_role("button", name="提交认定").click()
    page.get_by_role("dialog").get_by_role("button", name="提交认定").click()
    page.get_by_label("提醒谈话").check()
    page.get_by_role("button", name="登记处理").click()
    expect(page.get_by_text("处理已登记")).to_be_visible()
    second.check_accessible()
    page.get_by_role("button", name="办结").click()
    page.get_by_role("dialog").get_by_role("button", name="办结").click()
    expect(page.get_by_text("已办结").first).to_be_visible()
    second.check_accessible()
    second.goto("/proposals/")
    second.check_accessible()


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_letters_are_accessible_from_the_list_to_an_item_that_came_back(visit, phone):
    here = visit("discipline", phone=phone)
    page = here.goto("/letters/")
    here.check_accessible()
    page.get_by_role("link", name="关于档案移交不全问题的督办函").click()
    expect(page.get_by_text(re.compile(r"逾期 \d+ 天反馈，待核验")).first).to_be_visible()
    page.locator("summary", has_text="核验").click()
    here.check_accessible()
    page = here.goto("/letters/new/")
    here.check_accessible()
    page.get_by_label("标题").fill("关于窗口缺岗问题的督办函")
    page.get_by_label("整改事项").nth(1).fill("落实替岗安排")
    page.get_by_role("button", name="保存草稿").click()
    here.check_accessible()
    page.get_by_role("link", name="第 2 项完成标准").click()
    expect(page.locator("#id_items-1-standard")).to_be_focused()

    head = visit("unithead", phone=phone)
    page = head.page
    told = page.get_by_role("listitem").filter(has_text="退回：缺少移交清单，请补齐后再报")
    told.get_by_role("link", name=re.compile("重新反馈")).click()
    page.locator("summary", has_text="提交反馈").first.click()
    head.check_accessible()


def test_a_notice_is_saved_before_it_is_sent_and_both_pages_are_accessible(visit):
    here = visit("discipline")
    page = here.goto("/notices/new/")
    here.check_accessible()
    page.locator("input[name=violations]").first.check()
    page.get_by_role("button", name="成文").click()
    page.get_by_label("正文").fill("现将1起典型案例通报如下：\n改过的文字。")
    page.get_by_role("button", name="保存修改").click()
    expect(page.locator("p.longtext", has_text="改过的文字。")).to_be_visible()
    here.check_accessible()
    page.get_by_role("button", name="送审").click()
    expect(page.locator("p.longtext", has_text="改过的文字。")).to_be_visible()
    here.check_accessible()
