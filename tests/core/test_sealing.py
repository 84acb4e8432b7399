"""Sealed text opens only with its key, unchanged and in its place; equal contacts meet without being read."""

import base64
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.models import User
from core.rules import sealing
from core.rules.errors import DomainError
from core.services import sealing as service

OLD = f"k1:{base64.b64encode(b'1' * 32).decode()}"
NEW = f"k2:{base64.b64encode(b'2' * 32).decode()}"
PLACE = sealing.place("conduct.Clue", "a", "identity")
ROOT = Path(__file__).resolve().parents[2]


def ring(*keys):
    return sealing.parse_keys(",".join(keys))


def test_what_is_sealed_opens_and_says_nothing():
    sealed = sealing.seal("张某 13800000000", keyring=ring(OLD), at_place=PLACE)
    assert sealed.startswith("k1$") and "张某" not in sealed
    assert sealing.unseal(sealed, keyring=ring(OLD), at_place=PLACE) == "张某 13800000000"


def test_the_same_text_is_sealed_differently_each_time():
    assert len({sealing.seal("甲", keyring=ring(OLD), at_place=PLACE) for _ in range(50)}) == 50


def test_rotation_the_first_key_seals_and_all_open():
    sealed = sealing.seal("甲", keyring=ring(OLD), at_place=PLACE)
    both = ring(NEW, OLD)
    assert sealing.unseal(sealed, keyring=both, at_place=PLACE) == "甲"
    moved = sealing.seal("甲", keyring=both, at_place=PLACE)
    assert moved.startswith("k2$")
    assert sealing.unseal(moved, keyring=ring(NEW), at_place=PLACE) == "甲"
    with pytest.raises(sealing.SealBroken, match="没有编号为“k1”的密封密钥"):
        sealing.unseal(sealed, keyring=ring(NEW), at_place=PLACE)


def test_every_changed_byte_is_refused():
    sealed = sealing.seal("甲乙丙", keyring=ring(OLD), at_place=PLACE)
    raw = base64.b64decode(sealed.partition("$")[2])
    for position in range(len(raw)):
        changed = raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
        with pytest.raises(sealing.SealBroken, match="改动"):
            sealing.unseal(f"k1${base64.b64encode(changed).decode()}", keyring=ring(OLD), at_place=PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [("conduct.Clue", "b", "identity"), ("conduct.Clue", "a", "contact"), ("core.User", "a", "identity")],
)
def test_moved_to_another_row_field_or_model_it_does_not_open(elsewhere):
    sealed = sealing.seal("甲", keyring=ring(OLD), at_place=PLACE)
    with pytest.raises(sealing.SealBroken, match="不属于这条记录"):
        sealing.unseal(sealed, keyring=ring(OLD), at_place=sealing.place(*elsewhere))


@pytest.mark.parametrize("junk", ["", "k1", "k1$", "k1$!!!", "k1$QUJD", "plain text"])
def test_what_was_never_sealed_is_refused(junk):
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(junk, keyring=ring(OLD), at_place=PLACE)


@pytest.mark.parametrize("text", ["k1", "k1:短", "k1:QUJD", f"{OLD},{OLD}", f"键:{OLD[3:]}", f"{OLD},"])
def test_keys_that_are_wrong_are_named_by_position_and_never_repeated(text):
    with pytest.raises(ValueError, match="SEALING_KEYS 第") as error:
        sealing.parse_keys(text)
    assert OLD[3:] not in str(error.value)
    assert OLD[3:] not in repr(ring(OLD))


def test_spellings_of_one_contact_share_an_index_and_others_do_not():
    def index(text, *keys):
        return sealing.blind_indexes(sealing.normal_contact(text), keyring=ring(*(keys or (OLD,))))

    assert index("138-0000 0000") == index("１３８００００００００") == index("13800000000")
    assert index("13800000001") != index("13800000000")
    assert index("13800000000", NEW, OLD)[1:] == index("13800000000")
    assert index(" - ") == ()


def test_without_keys_nothing_is_sealed_and_the_message_says_what_to_do(settings):
    settings.SEALING_KEYS = ""
    with pytest.raises(DomainError, match="没有写入任何内容。请系统管理员设置环境变量 SEALING_KEYS"):
        service.seal(record=User(pk=1), field="identity", text="甲")
    settings.SEALING_KEYS = "nonsense"
    with pytest.raises(DomainError, match="第 1 段"):
        service.keyring()


def start(**environment):
    kept = {k: v for k, v in os.environ.items() if k not in {"SEALING_KEYS", "DEBUG", "PYTEST_VERSION"}}
    code = "import json; from config import settings; print(json.dumps(settings.SEALING_KEYS))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**kept, "SECRET_KEY": "x", **environment},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(run.stdout)


def test_only_development_derives_a_key_production_has_none_of_its_own():
    assert start() == ""
    assert start(DEBUG="1").startswith("dev:")
    assert start(SEALING_KEYS=OLD, DEBUG="1") == OLD


def test_script_run_keeps_its_keys_in_a_file_of_its_own_account(tmp_path):
    code = (
        f"import pathlib, serve; serve.VAR = pathlib.Path({str(tmp_path)!r});"
        "a = serve.environment()['SEALING_KEYS'];"
        "assert a == serve.environment()['SEALING_KEYS']; print(a)"
    )
    kept = {k: v for k, v in os.environ.items() if k != "SEALING_KEYS"}
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "script",
        env=kept,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(sealing.parse_keys(run.stdout.strip()).keys) == 1
    assert stat.S_IMODE((tmp_path / "sealing_keys").stat().st_mode) == 0o600
