"""`script/run`: programs are restarted, given up, and never left behind."""

import importlib.util
import os
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "script/serve.py"


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """script/serve.py as a module that keeps its files under a temporary folder."""
    spec = importlib.util.spec_from_file_location("serve", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VAR", tmp_path / "var")
    monkeypatch.setattr(module, "STOP_SECONDS", 2)
    (tmp_path / "var").mkdir()
    return module


@pytest.fixture
def start(serve: ModuleType) -> Iterator[object]:
    running = []

    def launch(code: str) -> object:
        running.append(serve.Program("demo", "示例", [sys.executable, "-c", code], dict(os.environ)))
        return running[-1]

    yield launch
    serve.stop(running)


def wait_for(path: Path) -> str:
    end = time.monotonic() + 20
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return path.read_text()


def test_a_program_that_falls_over_is_started_again(serve, start, tmp_path, capsys) -> None:
    program = start("raise SystemExit(3)")
    first = program.process.pid
    program.process.wait()
    program.keep_running()
    assert program.process.pid != first
    assert "[示例] 意外停止（返回 3），正在重启；详见 var/log/demo.log。" in capsys.readouterr().out


def test_a_program_that_keeps_falling_over_is_given_up(serve, start) -> None:
    program = start("raise SystemExit(3)")
    for _ in range(serve.RESTARTS):
        program.process.wait()
        program.keep_running()
    program.process.wait()
    with pytest.raises(SystemExit, match="不再重启"):
        program.keep_running()


def test_a_restart_clears_the_children_of_the_fallen(serve, start, tmp_path) -> None:
    """A web server killed outright leaves workers that still hold the port."""
    program = start(
        "import subprocess, sys, os\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(tmp_path / 'child')!r}, 'a').write(f'{{child.pid}}\\n')\n"
        "os._exit(1)"
    )
    child = int(wait_for(tmp_path / "child").split()[0])
    program.process.wait()
    program.keep_running()
    assert is_gone(child)


def test_stop_leaves_no_process_behind_however_stubborn(serve, start, tmp_path) -> None:
    program = start(
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = os.fork()\n"
        f"child and open({str(tmp_path / 'child')!r}, 'w').write(str(child))\n"
        "time.sleep(60)"
    )
    child = int(wait_for(tmp_path / "child"))
    serve.stop([program])
    assert program.process.returncode == -9
    assert is_gone(child)


def is_gone(pid: int) -> bool:
    """Whether the process ended; one that only waits to be buried has."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state in "ZX":
            return True
        time.sleep(0.02)
    return False


def test_error_lines_of_the_log_are_shown_once(serve, start, capsys) -> None:
    program = start(
        "print('INFO fine'); print('ERROR broken'); print('ValueError: odd'); print('half', end='')"
    )
    program.process.wait()
    program.show_complaints()
    program.show_complaints()
    assert capsys.readouterr().out == "[示例] ERROR broken\n[示例] ValueError: odd\n"


def test_a_port_in_use_is_refused_with_another_one_to_try(serve, monkeypatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(number))
        with pytest.raises(SystemExit, match=f"端口 {number} 已被占用.*PORT={number + 1}"):
            serve.port()


@pytest.mark.parametrize("text", ["", "abc", "0", "70000", "８０００"])
def test_a_port_that_is_no_port_is_refused(serve, monkeypatch, text) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(SystemExit, match="不是端口号"):
        serve.port()


def test_the_secret_key_is_made_once_and_private(serve, monkeypatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.delenv("DEBUG", raising=False)
    first, second = serve.environment(), serve.environment()
    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    assert len(first["SECRET_KEY"]) >= 50
    assert first["DEBUG"] == "1"
    assert stat.S_IMODE((serve.VAR / "secret_key").stat().st_mode) == 0o600


def test_the_callers_environment_wins(serve, monkeypatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "given")
    monkeypatch.setenv("DEBUG", "0")
    assert (serve.environment()["SECRET_KEY"], serve.environment()["DEBUG"]) == ("given", "0")


@pytest.mark.parametrize("variable", ["DATABASE_URL", "CELERY_BROKER_URL"])
def test_fresh_never_touches_a_database_elsewhere(serve, monkeypatch, variable) -> None:
    database = serve.VAR / "cadre.sqlite3"
    database.touch()
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    monkeypatch.setenv(variable, "postgres:///somewhere")
    with pytest.raises(SystemExit, match="--fresh"):
        serve.discard_data()
    assert database.exists()


def test_fresh_removes_the_embedded_data_and_keeps_the_key(serve, monkeypatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    for name in ("cadre.sqlite3", "cadre.sqlite3-wal", "secret_key"):
        (serve.VAR / name).touch()
    for name in ("spool/queue", "media", "audit", "log"):
        (serve.VAR / name).mkdir(parents=True)
    serve.discard_data()
    assert sorted(path.name for path in serve.VAR.iterdir()) == ["log", "secret_key"]


def test_two_runs_share_the_data_but_not_with_a_fresh_one(serve) -> None:
    with (
        serve.hold(fresh=False),
        serve.hold(fresh=False),
        pytest.raises(SystemExit, match="正在使用这份数据"),
    ):
        serve.hold(fresh=True)
