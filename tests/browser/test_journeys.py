"""The four daily jobs, four logins, one running product: web, worker, beat, a real browser."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.conf import settings
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook

pytestmark = pytest.mark.browser

DATA = Path(__file__).resolve().parents[1] / "data"
# The server's day, whatever zone the browser and the host are in.
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
LAST_MONTH = (TODAY.replace(day=1) - timedelta(days=1)).replace(day=1)


def choose_person(page, label, typed):
    """Type into a picker and take the first candidate, by keyboard alone; the candidate's name comes back."""
    box = page.get_by_role("combobox", name=label)
    box.focus()
    page.keyboard.type(typed)
    expect(page.locator("[role=listbox]:not([hidden]) [role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    return box.input_value().split()[0]


def test_1_a_discipline_officer_logs_a_violation_by_keyboard(visit):
    here = visit("discipline")
    page = here.page
    page.get_by_role("link", name="登记违规").first.click()
    name = choose_person(page, "违规人员", "w")
    page.keyboard.press("Tab")
    page.keyboard.press("7")
    expect(page.get_by_label("违反条款")).to_have_value("B7")
    page.get_by_label("发生地点").focus()
    page.keyboard.type("便民服务大厅三号窗口")
    choose_person(page, "涉及项目", "滨江")
    page.get_by_label("违规事实").focus()
    page.keyboard.type("上午九时二十分不在岗，无请假手续。")
    here.check_accessible()
    page.get_by_role("button", name="保存", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/violations/\d+/$"))
    expect(page.get_by_text("待另一名纪检人员认定").first).to_be_visible()
    expect(page.get_by_text("登记人不能认定，请由另一名")).to_be_visible()
    here.check_accessible()
    here.goto("/violations/")
    page.get_by_label("姓名、拼音或工号").fill(name)
    page.get_by_label("姓名、拼音或工号").press("Enter")
    page.wait_for_url(re.compile("q="))  # before that the unfiltered list is still on the page
    expect(page.get_by_role("cell", name="便民服务大厅三号窗口")).to_be_visible()
    here.check_accessible()


def test_2_a_second_officer_confirms_it_from_the_workbench(visit):
    here = visit("discipline2")
    page = here.page
    waiting = page.get_by_role("listitem").filter(has_text="便民服务大厅三号窗口")
    expect(waiting).to_have_count(1)
    waiting.get_by_role("link", name="认定").last.click()
    page.get_by_label("属实", exact=True).check()
    page.get_by_role("button", name="提交认定").click()
    page.get_by_role("dialog").get_by_role("button", name="提交认定").click()
    expect(page.get_by_text(re.compile("自今天起计入考核"))).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_3_a_leader_updates_a_milestone_and_the_light_turns(visit, phone, capsys):
    """From the workbench in at most three actions, on a phone too. Late is red; done is green.

    An action is a press or a value typed; reading and scrolling are none. The page stays its width.
    """
    here = visit("leader", phone=phone)
    page = here.page
    actions = []

    def press(what, locator):
        actions.append(what)
        locator.click()

    def fits():
        return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    began = time.monotonic()
    first = page.locator(".todo").filter(has=page.get_by_role("link", name="更新")).first
    before = first.locator(".todo-due").inner_text()
    title = first.locator("a").first.inner_text()
    assert re.search("还有|今天" if phone else "逾期", before), before
    press("open", first.get_by_role("link", name="更新"))
    assert fits()
    press("100%", page.get_by_role("button", name="100%"))
    here.check_accessible()
    press("save", page.get_by_role("button", name="保存"))
    page.wait_for_url(re.compile(r"/projects/\d+/milestones/$"))
    took = time.monotonic() - began
    milestone = title.rpartition("·")[2].strip()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=re.compile(f"^{milestone}")))
    expect(row.locator(".light")).to_have_text(re.compile("正常"))
    expect(row).to_contain_text("100%")
    assert fits()
    here.check_accessible()
    assert len(actions) <= 3, actions
    with capsys.disabled():
        print(f"\nupdating a milestone: {len(actions)} actions ({', '.join(actions)}), {took:.1f} s")  # noqa: T201


def test_4_two_leaders_at_once_the_later_sees_both(visit):
    """The page was opened before another device saved: nothing is overwritten, nothing typed is lost."""
    first, second = visit("leader").page, visit("leader").page
    here = first.url
    first.goto(f"{here}projects/?light=GREEN")
    first.get_by_role("table").get_by_role("link").first.click()
    first.get_by_role("link", name=re.compile("^更新")).last.click()
    second.goto(first.url)
    for page, value, note in ((first, "97", "甲的说明"), (second, "96", "乙的说明")):
        page.get_by_label("进度（%）").fill(value)
        # Whatever the milestone was before, it is open again.
        page.get_by_label("完成日期", exact=True).fill("")
        page.get_by_label("进展说明").fill(note)
    first.get_by_role("button", name="保存").click()
    first.wait_for_url(re.compile(r"/projects/\d+/milestones/$"))
    second.get_by_role("button", name="保存").click()
    expect(second.get_by_text("已被更新为 97%").first).to_be_visible()
    expect(second.get_by_label("进展说明")).to_have_value("乙的说明")


def test_5_the_clock_closes_last_month_and_every_score_explains_itself(visit):
    """Nobody presses a button: beat ticks, a worker computes."""
    here = visit("assessor")
    page = here.page
    end = time.monotonic() + 180
    label = f"{LAST_MONTH.year}年{LAST_MONTH.month}月"
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=re.compile(label)))
    while True:
        here.goto("/periods/")
        if row.get_by_role("link", name=re.compile("排名")).count():
            break
        assert time.monotonic() < end, "the month was not closed by the clock"
        time.sleep(2)
    here.check_accessible()
    row.get_by_role("link", name=re.compile("排名")).click()
    expect(page.get_by_role("table")).to_be_visible()
    here.check_accessible()
    score = page.get_by_role("row").nth(2).get_by_role("link", name=re.compile("得分说明"))
    total = score.inner_text()
    score.click()
    expect(page.get_by_role("heading", name=re.compile(f"总分 {re.escape(total)}"))).to_be_visible()
    points = [cell.inner_text() for cell in page.locator("td[data-label=得分]").all()]
    parts = [float(text) for text in points if re.fullmatch(r"-?[\d.]+", text.strip())]
    assert abs(sum(parts) - float(total)) <= 0.01 * len(parts)
    here.check_accessible()
    assert "一致" in here.site.manage("verify_run", "1")


def test_6_the_assessor_exports_a_ranking_an_office_would_print(visit, tmp_path):
    here = visit("assessor")
    page = here.page
    here.goto("/ranking/")
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 Excel").click()
    path = tmp_path / "ranking.xlsx"
    download.value.save_as(path)
    sheet = openpyxl.load_workbook(path).active
    assert f"{LAST_MONTH.year}年{LAST_MONTH.month}月" in "".join(str(sheet.cell(r, 1).value) for r in (1, 2))
    assert sheet.merged_cells.ranges
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.print_title_rows
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert sum(cell.data_type == "n" for cell in cells) > 100
    rows = CalamineWorkbook.from_filelike(BytesIO(path.read_bytes())).get_sheet_by_index(0).to_python()
    assert sum(isinstance(row[0], float) for row in rows) >= 100


def test_7_an_assessor_imports_the_projects_with_preview(visit):
    here = visit("assessor")
    page = here.page
    here.goto("/imports/")
    here.check_accessible()
    page.get_by_role("radio", name="项目").check()
    page.get_by_label("表格文件").set_input_files(DATA / "M1_民生实事进展情况表.xlsx")
    page.get_by_role("button", name=re.compile("预览|上传")).click()
    page.get_by_text(re.compile("^跳过的行")).click()
    expect(page.get_by_text("“区县完成情况”第 6 行：合计行")).to_be_visible()
    here.check_accessible()
    page.get_by_role("button", name="确认导入").click()
    page.get_by_role("dialog").get_by_role("button", name="确认导入").or_(
        page.get_by_role("dialog").get_by_role("button", name="确定")
    ).click()
    expect(page.get_by_text(re.compile("已导入")).first).to_be_visible()
    here.goto("/projects/?q=人行天桥")
    expect(page.get_by_role("link", name="新建2座人行天桥", exact=True)).to_be_visible()


def test_8_a_cadre_sees_own_points_and_nobody_else(visit):
    here = visit("cadre", phone=True)
    page = here.page
    here.goto("/results/mine/")
    here.check_accessible()
    assert page.goto(f"{here.site.url}/ranking/").status == 200
    assert page.locator("tbody tr").count() <= 1
    here.goto("/violations/")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert page.goto(f"{here.site.url}/periods/").status == 403
    here.check_accessible()


def test_9_lists_filter_and_page_without_javascript(visit):
    here = visit("chief", javascript=False)
    page = here.page
    here.goto("/violations/")
    page.get_by_label("状态").select_option("CONFIRMED")
    page.get_by_role("button", name="查询").click()
    assert "state=CONFIRMED" in page.url
    states = page.locator("tbody td[data-label=状态]").all_inner_texts()
    assert states
    assert {state.strip() for state in states} == {"属实"}
    here.goto("/cadres/")
    page.get_by_role("link", name="下一页").click()
    assert "page=2" in page.url


@pytest.mark.menus
@pytest.mark.looks
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize(
    "username",
    ["discipline", "leader", "assessor", "unithead", "cadre", "chief", "sysadmin", "secadmin", "auditor"],
)
def test_every_page_of_every_menu_is_sound(visit, username, phone):
    """No policy breach, foreign host, server error, serious accessibility fault or sideways scrolling."""
    here = visit(username, phone=phone)
    page = here.page
    addresses = {link.get_attribute("href") for link in page.locator("nav a[href^='/']").all()}
    assert len(addresses) >= 2
    for address in sorted(addresses - {None, "/admin/"}):
        assert page.goto(here.site.url + address).status == 200, address
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 1, f"{address} scrolls sideways by {overflow}"
        here.check_accessible()


def test_an_expired_session_keeps_what_was_typed(visit):
    here = visit("discipline")
    page = here.page
    here.goto("/violations/new/")
    page.get_by_label("违规事实").fill("写了很久的事实。")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("登录已过期").first).to_be_visible()
    page.get_by_label("账号").fill("discipline")
    page.get_by_label("密码").fill(settings.DEMO_PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="继续提交").click()
    expect(page.get_by_label("违规事实")).to_have_value("写了很久的事实。")


def test_the_audit_chain_of_the_day_verifies(site):
    assert "审计链完整" in site.manage("verify_audit")
