"""Rules about files: nothing comes from elsewhere, nothing is inline, every dependency has its reason."""

import re
from pathlib import Path

import pytest

from config.navigation import MENU

ROOT = Path(__file__).resolve().parents[2]
LOCKS = [*ROOT.glob("requirements*.txt"), ROOT / "package-lock.json"]
TEMPLATES = [path for path in (ROOT / "templates").glob("**/*") if path.is_file()]
OWN_STATIC = [
    path
    for path in (ROOT / "static").glob("**/*")
    if path.suffix in {".css", ".js", ".svg"} and "vendor" not in path.parts
]
PAGES = [*TEMPLATES, *OWN_STATIC]


def offences(files: list[Path], pattern: str) -> list[str]:
    """`path:line: text` of every match."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(pattern, line)
    ]


ADDRESS = r"https?://(?!www\.w3\.org/)|(?<=[\"'(])//\w"
INLINE = r"<[^>]*\s(?:style|on[a-z]+)=[\"']|<style\b|<script\b(?![^>]*\bsrc=)|href=[\"']javascript:"


def test_there_is_something_to_check() -> None:
    assert len(LOCKS) == 4
    assert len(TEMPLATES) >= 20


def test_lock_files_name_no_address() -> None:
    assert offences(LOCKS, r"://|git\+|\bresolved\b") == []


def test_pages_fetch_nothing_from_elsewhere() -> None:
    assert offences(PAGES, ADDRESS) == []


def test_pages_hold_no_inline_code_or_style() -> None:
    assert offences(TEMPLATES, INLINE) == []


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (ADDRESS, '<script src="https://cdn.example/x.js">', True),
        (ADDRESS, '<link href="//cdn.example/x.css">', True),
        (ADDRESS, '<svg xmlns="http://www.w3.org/2000/svg">', False),
        (INLINE, '<div style="color: red">', True),
        (INLINE, '<button onclick="go()">', True),
        (INLINE, "<script>go()</script>", True),
        (INLINE, '<script src="/static/app.js" defer></script>', False),
        (INLINE, '<script type="module" src="/static/app.js"></script>', False),
        (INLINE, '<div class="style" data-one="1">', False),
    ],
)
def test_the_patterns_find_what_they_should(pattern: str, text: str, found: bool) -> None:
    assert bool(re.search(pattern, text)) is found


def requirements(source: Path) -> list[str]:
    """The lines of an .in file that ask for a package."""
    lines = source.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


def test_every_direct_requirement_says_why() -> None:
    listed = [line for source in ROOT.glob("requirements*.in") for line in requirements(source)]
    assert len(listed) >= 40
    assert [line for line in listed if not re.search(r"\s#\s+\S.{5,}$", line)] == []


def test_every_direct_requirement_is_locked_with_hashes() -> None:
    for source in ROOT.glob("requirements*.in"):
        lock = source.with_suffix(".txt").read_text(encoding="utf-8")
        hashed = re.findall(r"^([\w.-]+)==[^\n]*\\\n +--hash=sha256:", lock, re.MULTILINE)
        assert hashed == re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)
        direct = {re.split(r"[\[<>=]", line)[0].lower() for line in requirements(source)}
        assert direct <= {name.lower() for name in hashed}


def test_every_icon_used_is_in_the_sprite() -> None:
    sprite = (ROOT / "static/vendor/icons.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'<symbol id="([\w-]+)"[^>]*>(?=<)', sprite))
    assert len(drawn) == sprite.count("<symbol "), "a symbol without shapes"
    pages = "".join(page.read_text(encoding="utf-8") for page in TEMPLATES)
    in_templates = re.findall(r"\{% icon [\"']([\w-]+)", pages)
    in_menu = [entry.icon for _, entries in MENU for entry in entries]
    assert in_templates
    assert {*in_templates, *in_menu} <= drawn
