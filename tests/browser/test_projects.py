"""What a project leader does with a thumb between two meetings."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_leader_updates_a_milestone_from_the_workbench_in_at_most_three_actions(visit, phone, capsys):
    """An action is a press or a value typed; reading and scrolling are none. The page stays its width."""
    here = visit("leader", phone=phone)
    page = here.page
    actions = []

    def press(what, locator):
        actions.append(what)
        locator.click()

    def fits():
        return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    began = time.monotonic()
    line = page.locator(".todo").filter(has=page.get_by_role("link", name=re.compile("^更新："))).last
    name = line.locator("a").first.inner_text().rpartition("·")[2].strip()
    press("open", line.get_by_role("link", name=re.compile("^更新：")))
    assert fits()
    here.check_accessible()
    # What other journeys left may be anywhere: the next quick value is a step forward.
    reached = float(page.get_by_label("进度（%）").input_value())
    wanted = next(value for value in (25, 50, 75, 100) if value > reached)
    press(f"{wanted}%", page.get_by_role("button", name=f"{wanted}%"))
    expect(page.get_by_label("进度（%）")).to_have_value(str(wanted))
    press("save", page.get_by_role("button", name="保存"))
    page.wait_for_url(re.compile(r"/projects/\d+/milestones/$"))
    took = time.monotonic() - began
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=re.compile(f"^{name}")))
    expect(row).to_contain_text(f"{wanted}%")
    assert fits()
    here.check_accessible()
    assert len(actions) <= 3, actions
    with capsys.disabled():
        print(f"\nupdating a milestone: {len(actions)} actions ({', '.join(actions)}), {took:.1f} s")  # noqa: T201


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
