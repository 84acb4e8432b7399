"""The frame of every page and the workbench, in a real browser at both widths."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.looks]
WIDTHS = pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@WIDTHS
@pytest.mark.parametrize("username", ["discipline2", "leader", "chief", "unithead"])
def test_the_workbench_is_accessible(visit, username, phone):
    here = visit(username, phone=phone)
    here.check_accessible()
    assert overflow(here.page) <= 1
    expect(here.page.get_by_role("heading", name="我的待办")).to_be_visible()


def test_the_search_by_keyboard(visit):
    """Slash, words, Enter; the words are in no address, and going back finds the results again."""
    here = visit("discipline2")
    page = here.page
    page.keyboard.press("/")
    box = page.get_by_role("searchbox")
    expect(box).to_be_focused()
    page.keyboard.type("l")
    page.keyboard.press("/")  # typed in the box it is a letter
    expect(box).to_have_value("l/")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search/\?go$"))
    here.check_accessible()
    first = page.locator(".hits a").first
    for _ in range(60):
        if first.evaluate("link => link === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/cadres/\d+/$"))
    page.go_back()
    expect(page.locator(".hits").first).to_be_visible()
    page.get_by_role("link", name=re.compile("^全部 .* 条人员")).click()
    page.wait_for_url(re.compile(r"/cadres/\?q=l"))
    expect(page.locator("#result-count")).to_be_visible()


def test_the_search_on_a_phone(visit):
    here = visit("discipline2", phone=True)
    page = here.page
    page.get_by_role("link", name="查找", exact=True).click()
    here.check_accessible()
    page.get_by_role("searchbox").fill("毫无此物")
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_text("没有找到", exact=True)).to_be_visible()
    here.check_accessible()
    assert overflow(page) <= 1
    page.get_by_role("searchbox").fill("窗口")
    page.get_by_role("button", name="查找").click()
    expect(page.locator(".hits a").first).to_be_visible()
    page.wait_for_load_state("load")
    assert overflow(page) <= 1


def test_the_search_without_script(visit):
    page = visit("discipline2", javascript=False).page
    page.get_by_role("searchbox").fill("滨江")
    page.get_by_role("button", name="查找").click()
    expect(page.locator(".hits a").first).to_be_visible()


def test_the_menu_folds_and_remembers(visit):
    here = visit("discipline2")
    page = here.page
    group = page.locator("details[data-nav=基础数据]")
    assert page.locator("nav.sidebar").evaluate("nav => nav.scrollHeight <= nav.clientHeight")
    expect(group).not_to_have_attribute("open", "")
    group.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="导入表格")).to_be_visible()
    here.goto("/clues/")
    expect(page.locator("details[data-nav=基础数据]")).to_have_attribute("open", "")
    expect(page.locator("nav [aria-current=page]")).to_have_text(re.compile("线索"))
    # What was folded away opens again for its own page.
    page.locator("details[data-nav=作风监督] summary").click()
    here.goto("/regulations/")
    expect(page.locator("details[data-nav=作风监督]")).not_to_have_attribute("open", "")
    here.goto("/letters/")
    expect(page.locator("details[data-nav=作风监督]")).to_have_attribute("open", "")
    here.check_accessible()


def test_the_menu_on_a_phone(visit):
    here = visit("discipline2", phone=True)
    page = here.page
    expect(page.get_by_role("button", name="退出")).to_be_visible()
    page.get_by_role("checkbox", name="显示导航菜单").check()
    here.check_accessible()
    page.locator("details[data-nav=基础数据] summary").click()
    page.get_by_role("link", name="我的档案").click()
    page.wait_for_url(re.compile(r"/cadres/\d+/file/$"))
    expect(page.locator("nav [aria-current=page]")).to_have_text(re.compile("我的档案"))


@WIDTHS
@pytest.mark.parametrize("path", ["/accounts/", "/gibt-es-nicht/", "/citations/add/"])
def test_error_pages_keep_the_menu(visit, path, phone):
    here = visit("discipline", phone=phone)
    page = here.goto(path)
    here.check_accessible()
    assert overflow(page) <= 1
    if not phone:
        expect(page.get_by_role("navigation", name="主导航")).to_be_visible()


def test_the_audit_log_fits_a_phone(visit):
    here = visit("auditor", phone=True)
    page = here.goto("/audit/?action=新增")
    expect(page.locator("tbody tr").first).to_be_visible()
    assert overflow(page) <= 1
    clipped = page.locator("tbody td").evaluate_all(
        "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth + 1).length"
    )
    assert clipped == 0
    here.check_accessible()


def test_the_viewer_of_the_api_breaks_no_policy(visit):
    here = visit("discipline")
    page = here.goto("/api/docs/")
    expect(page.get_by_text("/api/v1/violations/").first).to_be_visible()
