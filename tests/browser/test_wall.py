"""挂图作战 in a real browser: readable for all on a desk and a phone, a big screen that minds itself."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.looks]

REFRESH = """() => {
  const to = {source: '#live', target: '#live', swap: 'innerHTML'};
  htmx.ajax('GET', location.pathname, to).catch(() => {});
}"""
"""What the clock does every minute; a promise that fails is the page's business, not the test's."""
SHOWN = "[data-picture]:not([hidden])"


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.looks
@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("path", ["/projects/wall/", "/projects/wall/screen/"])
def test_both_walls_are_accessible_and_never_scroll_sideways(visit, path, phone):
    here = visit("chief", phone=phone)
    page = here.goto(path)
    here.check_accessible()
    assert overflow(page) <= 1


def test_the_wall_is_narrowed_by_keyboard_and_leads_to_the_project(visit):
    page = visit("chief").goto("/projects/wall/")
    name = page.locator("tbody .wall-name a").first.text_content()
    page.get_by_label("项目名称或编号").fill(name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/wall/?q=**")
    page.locator(".wall-row").nth(1).wait_for(state="detached")
    page.locator("tbody .wall-name a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/*/")
    assert name in page.locator("h1").text_content()


def test_the_screen_turns_pauses_and_keeps_its_place_when_refreshed(visit):
    page = visit("chief").goto("/projects/wall/screen/")
    assert page.locator(SHOWN).count() == 1
    first = page.locator(SHOWN + " tbody tr").first.text_content()
    page.keyboard.press("ArrowRight")
    second = page.locator(SHOWN + " tbody tr").first.text_content()
    assert second != first
    page.keyboard.press("Space")
    pause = page.get_by_role("button", name="继续翻页")
    assert pause.get_attribute("aria-pressed") == "true"
    assert "已暂停翻页" in page.locator("[data-pages]").text_content()
    page.evaluate("document.querySelector('[data-picture]').setAttribute('data-old', '')")
    page.evaluate(REFRESH)
    page.locator("[data-old]").wait_for(state="detached")
    assert page.locator(SHOWN).count() == 1
    assert page.locator(SHOWN + " tbody tr").first.text_content() == second
    assert pause.get_attribute("aria-pressed") == "true"


def test_a_screen_that_lost_its_server_says_how_old_its_figures_are(visit):
    page = visit("chief").goto("/projects/wall/screen/")
    page.context.set_offline(True)
    page.evaluate(REFRESH)
    page.get_by_role("alert").get_by_text("没有连上服务器").wait_for()
    assert page.locator(SHOWN).count() == 1
    page.context.set_offline(False)
    page.evaluate(REFRESH)
    page.get_by_text("没有连上服务器").wait_for(state="hidden")


def test_without_script_every_picture_of_the_screen_can_be_read(visit):
    page = visit("chief", javascript=False).goto("/projects/wall/screen/")
    assert page.locator("[data-picture]").count() == 3
    last = page.locator("[data-picture] tbody tr").last
    last.scroll_into_view_if_needed()
    assert last.is_visible()
    assert page.get_by_role("button", name="暂停翻页").is_hidden()
