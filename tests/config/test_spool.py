"""The spool keeps every message until it is acknowledged, whoever dies in between."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Consumer, Exchange, Queue
from kombu.exceptions import InconsistencyError, OperationalError

from config import spool

JOBS = Queue("jobs", Exchange("jobs"), routing_key="jobs")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(spool.Channel, "_next_sweep", 0.0)
    return tmp_path / "spool"


@contextmanager
def connect(folder: Path) -> Iterator[Connection]:
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.01,
    }
    with Connection("filesystem://", transport=spool.Transport, transport_options=options) as connection:
        yield connection


def send(connection: Connection, *bodies: object) -> None:
    producer = connection.Producer(serializer="json")
    for body in bodies:
        producer.publish(body, exchange=JOBS.exchange, routing_key="jobs", declare=[JOBS])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.05)


def test_messages_arrive_once_and_in_order(folder: Path) -> None:
    with connect(folder) as connection:
        send(connection, "一", "二", "三")
        queue = JOBS(connection.default_channel)
        received = []
        while message := queue.get():
            received.append(message.payload)
            message.ack()
        assert received == ["一", "二", "三"]
    assert [names(folder / part) for part in ("queue", "inflight", "parts", "bad")] == [[], [], [], []]


def test_a_message_stays_on_disk_until_the_ack(folder: Path) -> None:
    with connect(folder) as connection:
        send(connection, "工作")
        message = JOBS(connection.default_channel).get()
        assert message is not None
        assert not names(folder / "queue")
        assert len(names(folder / "inflight")) == 1
        message.ack()
        assert not names(folder / "inflight")


def test_a_fetch_without_ack_leaves_nothing_behind(folder: Path) -> None:
    with connect(folder) as connection:
        send(connection, "一", "二")
        assert JOBS(connection.default_channel).get(no_ack=True)
        with Consumer(connection, [JOBS], no_ack=True, callbacks=[lambda *received: None]):
            connection.drain_events(timeout=2)
        assert not names(folder / "inflight")
        assert not names(folder / "queue")


@pytest.mark.parametrize("requeue", [True, False])
def test_a_rejected_message_takes_its_old_place_or_goes(folder: Path, requeue: bool) -> None:
    with connect(folder) as connection:
        send(connection, "一", "二")
        before = names(folder / "queue")
        message = JOBS(connection.default_channel).get()
        assert message is not None
        message.reject(requeue=requeue)
        assert names(folder / "queue") == (before if requeue else before[1:])
        assert not names(folder / "inflight")


def test_closing_returns_what_was_not_acknowledged(folder: Path) -> None:
    with connect(folder) as connection:
        send(connection, "一")
        before = names(folder / "queue")
        assert JOBS(connection.default_channel).get()
    assert names(folder / "queue") == before


def test_what_a_dead_process_held_comes_back(folder: Path) -> None:
    with connect(folder) as connection:
        send(connection, "一", "二")
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    first, second = names(folder / "queue")
    (folder / "queue" / first).rename(folder / "inflight" / f"{gone.pid}-1~{first}")
    (folder / "queue" / second).rename(folder / "inflight" / f"{spool._me()}~{second}")
    (folder / "parts" / f"{gone.pid}-1~half").write_text('{"bo')
    spool.Channel._next_sweep = 0.0
    with connect(folder) as connection:
        assert connection.default_channel
        assert names(folder / "queue") == [first], "what a living process holds stays with it"
        assert not names(folder / "parts")


def test_a_reused_process_id_is_not_its_former_holder() -> None:
    assert spool._is_alive(spool._me())
    assert not spool._is_alive(f"{os.getpid()}-1")
    assert not spool._is_alive("no-one")


def test_a_dead_process_that_nobody_buried_counts_as_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    wait_until(lambda: spool._start_of(child.pid) is None)
    child.wait()


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"bo',
        "[]",
        "null",
        '{"body": "x"}',
        '{"properties": {}}',
        '{"body": "eA", "properties": {"delivery_tag": "1", "body_encoding": "base64"}}',
        '{"body": "eA==", "properties": {"delivery_tag": "1", "body_encoding": "rot13"}}',
    ],
)
def test_an_unreadable_message_is_set_aside_and_the_next_one_delivered(folder: Path, text: str) -> None:
    with connect(folder) as connection:
        send(connection, "好的")
        bad = "0.jobs.msg"  # older than any other
        (folder / "queue" / bad).write_text(text)
        message = JOBS(connection.default_channel).get()
        assert message is not None
        assert message.payload == "好的"
        assert names(folder / "bad") == [bad]


def test_bytes_that_are_no_text_are_set_aside_too(folder: Path) -> None:
    with connect(folder) as connection:
        channel = connection.default_channel
        (folder / "queue" / "0.jobs.msg").write_bytes(b"\xff\xfe\x00")
        assert JOBS(channel).get() is None
        assert names(folder / "bad") == ["0.jobs.msg"]


def test_a_task_that_no_queue_is_bound_for_is_refused(folder: Path) -> None:
    with connect(folder) as connection, pytest.raises(InconsistencyError):
        connection.Producer().publish({}, exchange=JOBS.exchange, routing_key="elsewhere", retry=False)


def test_a_spool_emptied_under_a_running_process_mends_itself(folder: Path) -> None:
    with connect(folder) as connection:
        send(connection, "一")
        (folder / "control" / "jobs.exchange").unlink()
        producer = connection.Producer(serializer="json")
        producer.publish("二", "jobs", exchange=JOBS.exchange, declare=[JOBS], retry=True)
        assert len(names(folder / "queue")) == 2


def test_a_broadcast_reaches_every_queue_and_a_deleted_queue_no_more(folder: Path) -> None:
    exchange = Exchange("news", type="fanout")
    with connect(folder) as connection:
        channel = connection.default_channel
        queues = [Queue(f"news.{n}", exchange)(channel) for n in (1, 2)]
        for queue in queues:
            queue.declare()
        connection.Producer().publish("一", exchange=exchange)
        assert [queue.get(no_ack=True).payload for queue in queues] == ["一", "一"]
        queues[0].delete()
        connection.Producer().publish("二", exchange=exchange)
        assert [row.queue for row in channel.get_table("news")] == ["news.2"]
        assert len(names(folder / "queue")) == 1


def test_an_unusable_folder_is_reported_like_an_unreachable_server(folder: Path) -> None:
    with connect(folder) as connection:
        send(connection, "一")
        (folder / "parts").rmdir()
        (folder / "parts").write_text("not a folder")
        policy = {"max_retries": 1, "interval_start": 0}
        with pytest.raises(OperationalError):
            connection.Producer().publish({}, "jobs", exchange=JOBS.exchange, retry=True, retry_policy=policy)


# With real processes: a small Celery application whose one task writes a line when it is done.

APPLICATION = """
import os, time
from celery import Celery

app = Celery("throwaway", broker="filesystem://")
app.conf.update(
    broker_transport="transport:Transport",
    broker_transport_options={
        "data_folder_in": "spool/queue", "data_folder_out": "spool/queue",
        "control_folder": "spool/control", "polling_interval": 0.05,
    },
    task_acks_late=True, task_reject_on_worker_lost=True, task_ignore_result=True,
    worker_prefetch_multiplier=2,
)

@app.task
def work(number, seconds):
    with open("started", "a") as log:
        log.write(f"{number}\\n")
    time.sleep(seconds)
    with open("done", "a") as log:
        log.write(f"{number}\\n")
"""


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A folder with the application and the transport alone: `config` would start Django around them."""
    shutil.copy(spool.__file__, tmp_path / "transport.py")
    (tmp_path / "throwaway.py").write_text(APPLICATION)
    return tmp_path


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "CELERY_"))}
    return {**kept, "PYTHONPATH": "."}


def order(workshop: Path, numbers: range, seconds: float) -> None:
    call = f"from throwaway import work\nfor n in {numbers!r}: work.delay(n, {seconds})"
    subprocess.run([sys.executable, "-c", call], cwd=workshop, env=environment(), check=True, timeout=60)


@contextmanager
def worker(workshop: Path, name: str) -> Iterator[subprocess.Popen[Any]]:
    """A worker in a process group of its own; on leaving, the group is killed whatever happened."""
    options = ["-c", "2", "--without-mingle", "--without-gossip", "--loglevel", "INFO", "-n", name]
    with (workshop / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "throwaway", "worker", *options],
            cwd=workshop, env=environment(), stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def lines(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def test_kill_in_the_middle_of_a_task_loses_nothing(workshop: Path) -> None:
    order(workshop, range(12), 0.3)
    with worker(workshop, "first") as process:
        wait_until(lambda: len(lines(workshop / "started")) >= 4)
        kill(process)
    assert len(lines(workshop / "done")) < 12
    with worker(workshop, "second") as process:
        wait_until(lambda: set(lines(workshop / "done")) == set(range(12)))
        wait_until(lambda: not names(workshop / "spool/inflight"))
        process.terminate()
        assert process.wait(timeout=30) == 0
    assert not names(workshop / "spool/queue")


def test_a_corrupted_message_does_not_stop_the_worker(workshop: Path) -> None:
    order(workshop, range(1), 0)
    queue = workshop / "spool/queue"
    (sound,) = queue.iterdir()
    message = json.loads(sound.read_text())
    (queue / "0.celery.msg").write_text("")
    (queue / "00.celery.msg").write_text(sound.read_text()[:40])
    (queue / "000.celery.msg").write_text(json.dumps({**message, "headers": None}))
    with worker(workshop, "sturdy") as process:
        wait_until(lambda: lines(workshop / "done") == [0])
        order(workshop, range(1, 2), 0)
        wait_until(lambda: lines(workshop / "done") == [0, 1])
        assert process.poll() is None
    assert names(workshop / "spool/bad") == ["0.celery.msg", "00.celery.msg"]


def test_two_workers_do_each_task_once(workshop: Path) -> None:
    with worker(workshop, "left"), worker(workshop, "right"):
        order(workshop, range(60), 0.02)
        wait_until(lambda: len(lines(workshop / "done")) >= 60)
        wait_until(lambda: not names(workshop / "spool/inflight"))
    assert sorted(lines(workshop / "done")) == list(range(60))
