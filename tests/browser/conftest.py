"""The whole product as a newcomer starts it: web, worker and beat, a fresh demo district, a real browser."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import environ
import psycopg2
import pytest
import redis
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page, Request, Response, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """The URL of an empty database beside the one the tests run on, on the same engine."""
    url = os.environ.get("DATABASE_URL", "sqlite:///")
    if url.startswith("sqlite"):
        yield f"sqlite:///{folder / 'site.sqlite3'}"
        return
    parts = environ.Env.db_url_config(url)
    name = f"cadre_site_{uuid4().hex}"

    def on_server(statement: str) -> None:
        connection = psycopg2.connect(
            dbname="postgres", user=parts["USER"] or None, password=parts["PASSWORD"] or None,
            host=parts["HOST"] or None, port=parts["PORT"] or None,
        )  # fmt: skip
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    on_server(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


@dataclass
class Site:
    """A running product."""

    url: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """The output of a management command against the running product's database."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def answers(url: str) -> bool:
    with suppress(URLError, OSError), urllib.request.urlopen(url, timeout=3) as response:  # noqa: S310 - our own server
        return bool(response.status == 200)
    return False


def surroundings(folder: Path, database: str, broker: str) -> dict[str, str]:
    """The environment of a product with a database, a broker and folders of its own."""
    return os.environ | {
        "DATABASE_URL": database,
        "CELERY_BROKER_URL": broker,
        "SPOOL_DIR": str(folder / "spool"),
        "MEDIA_DIR": str(folder / "media"),
        "AUDIT_ANCHOR_FILE": str(folder / "anchors.log"),
        "DEBUG": "1",
        "HTTPS": "0",
        "PORT": str(free_port()),
        "PYTHONWARNINGS": "ignore",
    }


def own_broker() -> str:
    """The broker the tests run on, emptied; the spool directory where none is named."""
    broker = os.environ.get("CELERY_BROKER_URL", "filesystem://")
    if broker.startswith("redis"):
        redis.Redis.from_url(broker).flushdb()
    return broker


@contextmanager
def running(environment: dict[str, str], folder: Path) -> Iterator[Site]:
    """The product, started by the very program that `script/run` starts, and stopped by Ctrl-C."""
    with (folder / "serve.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "script/serve.py"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{environment['PORT']}"
            end = time.monotonic() + 300  # the demo district has grown, and other work may share the machine
            while not answers(f"{url}/healthz"):
                assert server.poll() is None, (folder / "serve.log").read_text()
                assert time.monotonic() < end, "the product did not start"
                time.sleep(0.3)
            yield Site(url, environment)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with (
        own_database(folder) as database,
        running(surroundings(folder, database, own_broker()), folder) as product,
    ):
        yield product


@pytest.fixture
def without_broker(tmp_path: Path) -> Iterator[Site]:
    """A prepared district whose broker nobody answers for: only commands, no web, no worker."""
    with own_database(tmp_path) as database:
        environment = surroundings(tmp_path, database, "redis://127.0.0.1:1/0")
        product = Site("", environment)
        product.manage("migrate", "--verbosity", "0")
        product.manage("sync_catalogues")
        product.manage("seed_demo", "--scale", "60")
        yield product


@pytest.fixture
def broker_is_back(tmp_path: Path) -> Callable[[Site], AbstractContextManager[Site]]:
    """The same district, now with web, worker, beat and a broker that answers."""
    return lambda product: running(product.environment | {"CELERY_BROKER_URL": own_broker()}, tmp_path)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "Chromium is missing: script/test installs it from the system's packages"
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS) as chromium,
    ):
        yield chromium


@dataclass
class Visit:
    """One person at one browser window; what went wrong on the way is collected."""

    page: Page
    site: Site
    troubles: list[str] = field(default_factory=list)

    def goto(self, path: str) -> Page:
        self.page.goto(self.site.url + path)
        return self.page

    def check_accessible(self) -> None:
        """No serious or critical violation of the axe rules on the page now shown."""
        found = Axe().run(self.page).response["violations"]
        grave = [violation for violation in found if violation["impact"] in {"serious", "critical"}]
        serious = [f"{violation['id']}: {violation['nodes'][0]['html'][:120]}" for violation in grave]
        assert not serious, f"{self.page.url}: {serious}"


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Sign in as one of the demo logins; at the end nothing may have broken the content security policy,
    gone to another host, or ended in a server error."""
    visits: list[Visit] = []

    def sign_in(username: str, *, javascript: bool = True, phone: bool = False) -> Visit:
        context = browser.new_context(
            viewport=PHONE if phone else WIDE,
            java_script_enabled=javascript,
            locale="zh-CN",
            accept_downloads=True,
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        here = Visit(page, site)

        def note_request(request: Request) -> None:
            if not request.url.startswith((site.url, "data:", "blob:")):
                here.troubles.append(f"left the site: {request.url}")

        page.on("request", note_request)
        page.on("pageerror", lambda error: here.troubles.append(f"script error: {error}"))
        page.on(
            "console",
            lambda message: (
                here.troubles.append(f"console: {message.text}")
                if "Content Security Policy" in message.text
                else None
            ),
        )

        def note_response(response: Response) -> None:
            if response.status >= 500:
                here.troubles.append(f"{response.status} {response.url}")

        page.on("response", note_response)
        here.goto("/sign-in/")
        page.get_by_label("账号").fill(username)
        page.get_by_label("密码").fill(settings.DEMO_PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(site.url + "/")
        visits.append(here)
        return here

    yield sign_in
    for here in visits:
        here.page.context.close()
    assert [trouble for here in visits for trouble in here.troubles] == []
