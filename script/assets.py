"""Lay the front-end files into static/vendor and document fonts into var/fonts: `python script/assets.py`.

npm brings the packages pinned in package-lock.json into a throw-away folder; only the files named below are
kept. Where there is no npm, the one in requirements-assets.txt is installed into the project's own Python
environment, so Python is all a user needs. Nothing is done while neither the lock nor this file changed,
and a machine without internet needs only a copy of both folders. Standard library only.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static/vendor"
STAMP = VENDOR / ".stamp"
FONTS = ROOT / "var/fonts"  # not served: official documents are set with them
NPM_FILES = ("package.json", "package-lock.json", ".npmrc")

# Where a file lies inside node_modules → what it is called in static/vendor.
FILES = {"@tabler/core/dist/css/tabler.min.css": "tabler.min.css"}

# Fonts of official documents, inside node_modules → in var/fonts. What an office puts beside them stays.
FONT_FILES = {
    "@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf": "NotoSerifSC-Regular.ttf",
    "@expo-google-fonts/noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf": "NotoSerifSC-Bold.ttf",
    "@expo-google-fonts/noto-serif-sc/LICENSE_FONT": "NotoSerifSC-OFL.txt",
}

# Icons of the sprite: <svg class="icon"><use href="{% static 'vendor/icons.svg' %}#home"></use></svg>
ICONS = """
    adjustments alert-circle alert-triangle arrow-down arrow-left arrow-right arrow-up arrows-sort award ban
    bell book briefcase building building-bank calendar calendar-event calendar-stats certificate chart-bar
    check chevron-down chevron-left chevron-right chevron-up circle-check circle-dot circle-x
    clipboard-check clipboard-list clipboard-off clipboard-text clock database dots download edit
    external-link eye file-check file-export file-import file-off file-plus file-search file-spreadsheet
    file-text files filter filter-off flag folder gavel help-circle history home hourglass inbox info-circle
    key link list-check list-details lock lock-open login logout mail map-pin menu-2 message minus
    mood-empty notes paperclip phone plus printer refresh report scale search selector send settings
    shield-check shield-lock signature sitemap sort-ascending sort-descending star sum table tags target
    tool traffic-lights trash trending-down trending-up trophy upload user user-check user-off user-plus
    user-search user-x users users-group wifi-off x zoom-exclamation
""".split()


def fingerprint() -> str:
    """Changes when the pinned packages or the lists above do."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    digest.update((ROOT / "package-lock.json").read_bytes())
    return digest.hexdigest()


def npm() -> str:
    """Path of an npm that reads our lock file; installs one where the machine has none."""
    found = shutil.which("npm")
    if found:
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
        if version and int(version.partition(".")[0]) >= 8:
            return found
    ours = Path(sys.prefix) / "bin/npm"
    if not ours.exists():
        print("本机没有可用的 npm，正在从 Python 包安装一个（约 60 MB，只需一次）……", flush=True)
        lock = ROOT / "requirements-assets.txt"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", lock], check=True)
    return str(ours)


def without_source_map(path: Path) -> bytes:
    """The file without its pointer to a source map, which collectstatic would look for in vain."""
    return re.sub(rb"/\*# sourceMappingURL=\S+ \*/", b"", path.read_bytes())


def sprite(icons: Path) -> str:
    """One SVG with a <symbol> per icon; colour and stroke width come from the element that uses it."""
    symbols = []
    for name in ICONS:
        drawing = (icons / f"{name}.svg").read_text(encoding="utf-8")
        shapes = re.findall(r"<(?!svg|path stroke=\"none\")\w[^>]*/>", drawing)
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
            f'stroke-linecap="round" stroke-linejoin="round">{"".join(shapes)}</symbol>\n'
        )
    notice = "<!-- Tabler Icons, MIT licence, copyright Paweł Kuna -->"
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{notice}\n{"".join(symbols)}</svg>\n'


def lay_out(modules: Path, target: Path) -> None:
    for source, name in FILES.items():
        (target / name).write_bytes(without_source_map(modules / source))
    (target / "icons.svg").write_text(sprite(modules / "@tabler/icons/icons/outline"), encoding="utf-8")


def lay_fonts(modules: Path, target: Path) -> None:
    """Each font is written beside its place, then moved: a reader never meets half a file."""
    target.mkdir(parents=True, exist_ok=True)
    for source, name in FONT_FILES.items():
        fresh = target / f".{name}.part"
        shutil.copyfile(modules / source, fresh)
        fresh.replace(target / name)


def is_laid_out() -> bool:
    """Whether both folders are those of the pinned packages; the fonts may have been cleared with var/."""
    return (
        STAMP.exists()
        and STAMP.read_text(encoding="utf-8") == fingerprint()
        and all((FONTS / name).exists() for name in FONT_FILES.values())
    )


def build() -> None:
    """Fetch, lay out beside the old folder, then swap: static/vendor is never half filled."""
    for parent in (ROOT / "var", VENDOR.parent):
        parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="assets-", dir=ROOT / "var") as scratch:
        work, fresh = Path(scratch), Path(scratch) / "vendor"
        fresh.mkdir()
        for name in NPM_FILES:
            shutil.copy(ROOT / name, work)
        program = npm()
        subprocess.run([program, "ci", "--ignore-scripts", "--silent"], cwd=work, check=True)
        lay_out(work / "node_modules", fresh)
        lay_fonts(work / "node_modules", FONTS)
        (fresh / STAMP.name).write_text(fingerprint(), encoding="utf-8")
        if VENDOR.exists():
            shutil.rmtree(VENDOR)
        fresh.rename(VENDOR)


def main() -> None:
    if is_laid_out():
        return
    print("正在准备前端文件……", flush=True)
    try:
        build()
    except subprocess.CalledProcessError as error:
        sys.exit(
            f"前端文件没有下载成功（{Path(error.cmd[0]).name} 返回 {error.returncode}）。"
            "请检查网络或软件源设置后重试；没有外网的机器，请从发布包或另一台机器复制 "
            "static/vendor 和 var/fonts 目录。"
        )


if __name__ == "__main__":
    main()
