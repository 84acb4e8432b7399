"""Dates that are asked for and approved, and the form of a plan."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_leader_asks_for_another_date_and_the_office_approves(visit, phone):
    """The node's page and the plan's form are accessible; what is asked waits, is approved, and stays."""
    office = visit("assessor", phone=phone)
    page = office.goto("/plan-changes/?state=PROPOSED")
    office.check_accessible()
    if page.get_by_role("table").count():
        page.get_by_role("rowheader").get_by_role("link").first.click()
        office.check_accessible()
        page.get_by_role("button", name="批准", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="批准").click()
        expect(page.get_by_text("基准日期保留不变").first).to_be_visible()
    page = office.goto("/projects/")
    page.get_by_role("rowheader").get_by_role("link").first.click()
    page.get_by_role("navigation", name="项目内容").get_by_role("link", name="节点", exact=True).click()
    office.check_accessible()
    page.get_by_role("link", name="编制计划").click()
    office.check_accessible()
    page.get_by_label("权重").first.fill("1")
    page.get_by_role("button", name="保存计划").click()
    expect(page.get_by_text("各节点权重合计").first).to_be_visible()
    office.check_accessible()
    page.get_by_role("button", name="按比例折算成 100").click()
    expect(page.get_by_label("权重").first).not_to_have_value("1")
