"""Run web, worker and beat together, for one person on one machine: `script/run [--fresh]`.

The database is prepared first, in a process that ends. The three programs then live and die with this one:
each is started in a session of its own, restarted when it falls over, and stopped by a signal to its main
process only (to signal a whole group makes Celery's main process wait for children that are already gone).
Standard library only; the settings are read by the programs themselves.
"""

import argparse
import base64
import contextlib
import ctypes
import fcntl
import io
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
HOST = "127.0.0.1"
STOP_SECONDS = 20  # a task under way may finish; after that it is cut off and runs again at the next start
RESTARTS = 5  # a program that falls over more often than this within a minute is given up
READY_SECONDS = 90
COMPLAINT = re.compile(r"\b(ERROR|CRITICAL)\b|^\w*(Error|Exception)\b")

LOGINS = {
    "discipline": "纪检工作人员：登记八不准违规，认定他人登记的记录",
    "discipline2": "纪检负责人：认定、审批、签发 discipline 登记和拟制的",
    "discipline3": "另一名纪检负责人：研判、撤销 discipline2 提出或认定的",
    "leader": "项目组长：更新所负责项目的节点和进度",
    "assessor": "考核办：导入花名册和项目、看月评、导出排名",
    "unithead": "单位负责人：本单位人员、五干评分",
    "cadre": "干部：本人记录和得分明细",
    "chief": "区领导：全区项目、违规、排名，给直接下属评分",
    "sysadmin": "系统管理员：建立、停用账号，重置密码",
    "secadmin": "安全管理员：角色授权",
    "auditor": "审计员：查阅审计日志，校验审计链",
}


def say(text: str) -> None:
    print(text, flush=True)


def refuse(reason: str) -> None:
    sys.exit(f"\n错误：{reason}")


# Before the start


def kept(name: str, fresh: str) -> str:
    """What the file var/NAME holds; made of `fresh`, for this account only, on the first start."""
    path = VAR / name
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(fresh)
    return path.read_text(encoding="ascii")


def environment() -> dict[str, str]:
    """What the programs see: the caller's environment, completed for the embedded default."""
    VAR.mkdir(exist_ok=True)
    secret = kept("secret_key", secrets.token_urlsafe(50))
    # Back this file up apart from the database: without it no complainant's identity opens again.
    sealing = kept("sealing_keys", f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}")
    defaults = {
        "DEBUG": "1",
        "HTTPS": "0",  # this address is reached by plain HTTP, with DEBUG off as well
        "SECRET_KEY": secret,
        "SEALING_KEYS": sealing,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
    }
    return {**defaults, **os.environ, "PYTHONPATH": str(ROOT)}


def port() -> int:
    text = os.environ.get("PORT", "8000")
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        refuse(f"PORT={text} 不是端口号。请用 1 到 65535 的数字，例如 PORT=8001 script/run。")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except PermissionError:
            refuse(f"没有使用端口 {text} 的权限。请换一个 1024 以上的端口：PORT=8001 script/run。")
        except OSError:
            refuse(
                f"端口 {text} 已被占用。请停止占用它的程序，或换一个端口：PORT={int(text) + 1} script/run。"
            )
    return int(text)


def hold(fresh: bool) -> Any:
    """The open lock file of this copy of the project; a fresh database needs it alone."""
    lock = (VAR / "run.lock").open("w")
    try:
        fcntl.flock(lock, (fcntl.LOCK_EX if fresh else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        refuse("另一个 script/run 正在使用这份数据。请先在它的窗口按 Ctrl-C，再试一次。")
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def discard_data() -> None:
    """Remove the embedded database, its spool, its files and the anchors of its audit chain."""
    if os.environ.get("DATABASE_URL") or os.environ.get("CELERY_BROKER_URL"):
        refuse(
            "--fresh 只清空内置的 SQLite 数据。当前设置了 DATABASE_URL 或 CELERY_BROKER_URL，"
            "请自行建一个空数据库，或先取消这两个环境变量。"
        )
    for path in VAR.glob("cadre.sqlite3*"):
        path.unlink()
    for folder in ("spool", "media", "audit"):
        shutil.rmtree(VAR / folder, ignore_errors=True)
    say("已清空内置数据。")


def prepare() -> None:
    """In a process of its own: bring the database up to date. Prints the demo password as JSON."""
    import django  # noqa: PLC0415 - only this short-lived process pays for Django
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word; the parent says the rest
    django.setup()
    with contextlib.redirect_stdout(sys.stderr):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("sync_catalogues", stdout=io.StringIO())  # says nothing unless it fails
        if settings.DEBUG:
            call_command("seed_demo", scale="district", if_empty=True)
        else:
            call_command("collectstatic", verbosity=0, interactive=False)
    json.dump(settings.DEMO_PASSWORD if settings.DEBUG else None, sys.stdout)


# The programs


class Program:
    """One long-running program, its log file and how often it fell over."""

    def __init__(self, name: str, title: str, command: list[str], env: dict[str, str]) -> None:
        self.name, self.title, self.command, self.env = name, title, command, env
        self.log = VAR / "log" / f"{name}.log"
        self.log.parent.mkdir(exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > 5_000_000:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.shown = self.log.stat().st_size if self.log.exists() else 0
        self.falls: list[float] = []
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def show_complaints(self) -> None:
        """Print the error lines that were added to the log since the last look."""
        with self.log.open("rb") as log:
            log.seek(self.shown)
            text, end, _rest = log.read().rpartition(b"\n")
        self.shown += len(text) + len(end)
        for line in text.decode(errors="replace").splitlines():
            if COMPLAINT.search(line):
                say(f"[{self.title}] {line}")

    def keep_running(self) -> None:
        """Start it again if it ended; raises `SystemExit` if it keeps falling over."""
        if (code := self.process.poll()) is None:
            return
        self.show_complaints()
        now = time.monotonic()
        self.falls = [*(fall for fall in self.falls if now - fall < 60), now]
        where = self.log.relative_to(ROOT)
        if len(self.falls) > RESTARTS:
            refuse(f"{self.title}一分钟内停了 {len(self.falls)} 次，不再重启。原因见 {where}。")
        say(f"[{self.title}] 意外停止（返回 {code}），正在重启；详见 {where}。")
        self.signal_group(signal.SIGKILL)  # children it left behind would still hold the port
        self.start()

    def signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def die_with_parent() -> None:
    """In the child: have Linux end it when this script is killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1 = PR_SET_PDEATHSIG


def programs(number: int, env: dict[str, str]) -> Iterator[Program]:
    """Start one after the other."""
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "config"]
    web = [*python, "granian", "--interface", "wsgi", "--host", HOST, "--port", str(number), "--workers", "2",
           "--blocking-threads", "4", "--workers-kill-timeout", "5", "config.wsgi:application"]  # fmt: skip
    worker = [*celery, "worker", "--concurrency", "2", "--without-mingle", "--without-gossip",
              "--loglevel", "INFO"]  # fmt: skip
    beat = [*celery, "beat", "--loglevel", "INFO"]
    yield Program("web", "网页", web, env)
    yield Program("worker", "后台任务", worker, env)
    yield Program("beat", "定时", beat, env)


def stop(running: list[Program]) -> None:
    """Ask each main process to end, wait, then make sure that nothing of its group is left."""
    for program in running:
        with contextlib.suppress(ProcessLookupError):
            program.process.terminate()
    end = time.monotonic() + STOP_SECONDS
    for program in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.process.wait(timeout=max(0, end - time.monotonic()))
        program.signal_group(signal.SIGKILL)
        program.process.wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def welcome(url: str, password: str | None, seconds: float) -> None:
    say(f"\n干部作风管理系统已启动（{seconds:.1f} 秒）：{url}\n")
    if password:
        say(f"演示账号（密码都是 {password}）：")
        for login, duty in LOGINS.items():
            say(f"  {login:<11} {duty}")
    say("\n运行日志在 var/log/。按 Ctrl-C 全部停止。")


def watch(running: list[Program]) -> None:
    for program in running:
        program.keep_running()
        program.show_complaints()


def on_stop(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def serve(fresh: bool) -> None:
    began = time.monotonic()
    running: list[Program] = []
    on_stop(interrupt)
    try:
        number, env = port(), environment()
        _lock = hold(fresh)  # released when this process ends
        if fresh:
            discard_data()
        say("正在准备数据库……")
        prepared = subprocess.run(
            [sys.executable, __file__, "--prepare"], cwd=ROOT, env=env, stdout=subprocess.PIPE, check=False
        )
        if prepared.returncode:
            refuse("数据库没有准备好，原因见上。")
        url = f"http://{HOST}:{number}"
        running.extend(programs(number, env))
        deadline = time.monotonic() + READY_SECONDS
        while not answers(f"{url}/healthz"):
            watch(running)
            if time.monotonic() > deadline:
                refuse(f"网页在 {READY_SECONDS} 秒内没有应答。原因见 var/log/web.log。")
            time.sleep(0.1)
        welcome(url, json.loads(prepared.stdout), time.monotonic() - began)
        while True:
            watch(running)
            time.sleep(0.5)
    except KeyboardInterrupt:
        say(f"\n正在停止（最多 {STOP_SECONDS} 秒）……")
    finally:
        on_stop(signal.SIG_IGN)
        stop(running)
    say("已全部停止。")


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/run", description="启动网页、后台任务和定时程序。")
    parser.add_argument("--fresh", action="store_true", help="清空内置数据，重新开始")
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare:
        prepare()
    else:
        serve(options.fresh)


if __name__ == "__main__":
    main()
