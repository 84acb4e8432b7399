"""`script/assets.py`: fonts of documents are laid beside what an office put there, and missed when gone."""

import importlib.util
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "script/assets.py"


def test_fonts_are_laid_out_and_an_offices_own_stay(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("assets", SOURCE)
    assert spec is not None and spec.loader is not None
    assets = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(assets)
    modules, fonts, stamp = tmp_path / "modules", tmp_path / "fonts", tmp_path / ".stamp"
    for source in assets.FONT_FILES:
        (modules / source).parent.mkdir(parents=True, exist_ok=True)
        (modules / source).write_text(source)
    fonts.mkdir()
    (fonts / "FangSong_GB2312.ttf").write_text("own")
    monkeypatch.setattr(assets, "FONTS", fonts)
    monkeypatch.setattr(assets, "STAMP", stamp)
    stamp.write_text(assets.fingerprint())
    assert not assets.is_laid_out()
    assets.lay_fonts(modules, fonts)
    assert assets.is_laid_out()
    assert {path.name for path in fonts.iterdir()} == {*assets.FONT_FILES.values(), "FangSong_GB2312.ttf"}
    (fonts / "NotoSerifSC-Bold.ttf").unlink()
    assert not assets.is_laid_out()
