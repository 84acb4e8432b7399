"""The pictures in docs/images, taken from a running demo: `script/screenshots [URL]`.

Every picture is a step of its own: sign in, go there, bring the page into the state worth showing. The import
picture leaves an unconfirmed preview behind; nothing else is written.
"""

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from config.settings import DEMO_PASSWORD

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs/images"
WORKBOOK = ROOT / "tests/data/M1_民生实事进展情况表.xlsx"
DESK, PHONE = 1440, 390
WAIT_SECONDS = 180  # the clock closes last month within two ticks of the first start


def workbench(page: Page) -> None:
    page.wait_for_selector(".todo")


def violation_form(page: Page) -> None:
    """Half filled in, with the candidates of a name typed in pinyin."""
    page.goto("/violations/new/")
    page.get_by_label("违反条款").select_option("B7")
    page.get_by_label("发生地点").fill("便民服务大厅")
    page.get_by_label("违规事实").fill("上午 9 时 20 分不在岗，未办理请假手续。")
    page.get_by_role("combobox", name="违规人员").press_sequentially("wangy")
    page.wait_for_selector("[role=listbox]:not([hidden]) [role=option]")


def violation_list(page: Page) -> None:
    page.goto("/violations/")


def letter(page: Page) -> None:
    """One that is being mended, with everything that happened to it."""
    page.goto("/letters/?state=RECTIFYING")
    page.locator("tbody a").first.click()
    page.wait_for_url("**/letters/*/")


def clue(page: Page) -> None:
    """One that waits for the approval of a head."""
    page.goto("/clues/?state=PROPOSED")
    page.locator("tbody a").first.click()
    page.wait_for_url("**/clues/*/")


def statistics(page: Page) -> None:
    page.goto("/statistics/")


def own_file(page: Page) -> None:
    page.goto("/file/")


def search(page: Page) -> None:
    page.get_by_role("searchbox").fill("窗口")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")


def wall(page: Page) -> None:
    page.goto("/projects/wall/")


def wall_screen(page: Page) -> None:
    page.goto("/projects/wall/screen/")


def red_project(page: Page) -> None:
    """The first project that is late."""
    page.goto("/projects/?light=RED")
    page.locator("tbody th a").first.click()
    page.wait_for_url("**/projects/*/")


def milestone_form(page: Page) -> None:
    page.locator(".todo").filter(has=page.get_by_role("link", name="更新")).locator("a").first.click()
    page.wait_for_url("**/milestones/*/")


def ranking(page: Page) -> None:
    wait_for_rows(page, "/ranking/")


def wait_for_rows(page: Page, path: str) -> None:
    """Until the clock has closed a month, such a page is empty."""
    end = time.monotonic() + WAIT_SECONDS
    page.goto(path)
    while not page.locator("tbody tr").count():
        if time.monotonic() > end:
            sys.exit(f"{WAIT_SECONDS} 秒内没有核算结果。请看 var/log/worker.log。")
        time.sleep(3)
        page.reload()


def result(page: Page) -> None:
    """As the cadre sees it, who lost points: the breakdown names the record behind the deduction."""
    wait_for_rows(page, "/results/mine/")
    page.locator("tbody a").last.click()
    page.wait_for_url("**/results/*/")


def import_preview(page: Page) -> None:
    page.goto("/imports/")
    page.get_by_role("radio", name="项目").check()
    page.get_by_label("表格文件").set_input_files(WORKBOOK)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/imports/*/")


@dataclass(frozen=True)
class Picture:
    """A file of docs/images: whose eyes, how wide and high a window, and how to get there."""

    name: str
    login: str
    width: int
    height: int
    step: Callable[[Page], None]


PICTURES = (
    Picture("workbench", "discipline", DESK, 560, workbench),
    Picture("violation-form", "discipline", DESK, 760, violation_form),
    Picture("violation-list", "discipline", DESK, 820, violation_list),
    Picture("clue", "discipline2", DESK, 900, clue),
    Picture("letter", "discipline2", DESK, 900, letter),
    Picture("statistics", "chief", DESK, 900, statistics),
    Picture("file", "cadre", DESK, 820, own_file),
    Picture("file-phone", "cadre", PHONE, 844, own_file),
    Picture("search", "discipline", DESK, 700, search),
    Picture("wall", "chief", DESK, 900, wall),
    Picture("wall-screen", "chief", 1920, 1080, wall_screen),
    Picture("wall-phone", "chief", PHONE, 844, wall),
    Picture("project-phone", "leader", PHONE, 844, red_project),
    Picture("milestone-phone", "leader", PHONE, 844, milestone_form),
    Picture("ranking", "assessor", DESK, 820, ranking),
    Picture("result", "cadre", DESK, 820, result),
    Picture("import-preview", "assessor", DESK, 820, import_preview),
)


def take(browser: Browser, picture: Picture, url: str) -> None:
    context = browser.new_context(
        base_url=url, viewport={"width": picture.width, "height": picture.height}, locale="zh-CN"
    )
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("账号").fill(picture.login)
    page.get_by_label("密码").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{url}/")
    picture.step(page)
    page.wait_for_load_state("networkidle")
    file = IMAGES / f"{picture.name}.png"
    page.screenshot(path=file, animations="disabled", caret="hide")
    context.close()
    print(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1024} KB")


def main() -> None:
    url = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000").rstrip("/")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("需要 Chromium。请先运行 script/test，或用系统的软件包安装它。")
    IMAGES.mkdir(parents=True, exist_ok=True)
    flags = ["--no-sandbox", "--disable-gpu"]
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=flags) as browser,
    ):
        for picture in PICTURES:
            take(browser, picture, url)


if __name__ == "__main__":
    main()
