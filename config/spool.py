"""A broker without a server: Celery messages as files in a folder of one host's local disk.

kombu's own filesystem transport opens the final file name before it writes, so that a worker can read half
a message and die of it (kombu #1551), and it deletes a message on delivery, so that late acknowledgement
protects nothing. This transport keeps its folders and its routing, and changes how a message moves:

    parts/ ──written whole, then renamed──▶ queue/ ──renamed by one consumer──▶ inflight/ ──ack──▶ deleted
                                              ▲                                     │
                                              └── rejected, or its holder is gone ──┘    unreadable ──▶ bad/

- *At least once.* A message leaves the disk when it is acknowledged. What a dead process held goes back to
  the queue; a process is known by its id and start time, so a reused id is not mistaken for it.
- *Oldest first*, by the time in the file name; a returned message takes its old place.
- *No message kills the consumer.* What cannot be decoded is set aside in bad/ and logged.

One host, one process namespace, one local disk (not NFS), POSIX. Files are not fsynced: a power cut can
lose the last second, so follow-up work must also be readable from the database (`core.services.jobs`).
"""

import fcntl
import logging
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any, ClassVar

from kombu import Connection
from kombu.exceptions import InconsistencyError
from kombu.transport import filesystem, virtual
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)

#: Seconds between two looks for messages whose holder is gone.
SWEEP_SECONDS = 5.0


def _start_of(pid: int) -> str | None:
    """When the process started, in clock ticks; None if it is gone or only waits to be buried."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else fields[18]


def _me() -> str:
    """Name of this process, as it stands before the ~ of a file it holds."""
    pid = os.getpid()
    return f"{pid}-{_start_of(pid) or 0}"


def _is_alive(holder: str) -> bool:
    """Whether the process that `_me()` named so still runs; without /proc, whether its id is in use."""
    pid, _, start = holder.partition("-")
    if not (pid.isdigit() and start.isdigit()):
        return False
    if os.path.isdir("/proc/self"):
        return _start_of(int(pid)) == start
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Channel(filesystem.Channel):
    """Moves messages by renaming files; routing and the list of bindings stay kombu's."""

    #: Delivered and not yet acknowledged by this process: delivery tag → file.
    _held: ClassVar[dict[str, Path]] = {}
    _next_sweep: ClassVar[float] = 0.0

    def __init__(self, connection: virtual.Transport, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        self._waiting = Path(self.data_folder_in)
        spool = self._waiting.parent
        self._parts, self._inflight, self._bad = spool / "parts", spool / "inflight", spool / "bad"
        for folder in (self._waiting, self._parts, self._inflight, self._bad, self.control_folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._no_ack: set[str] = set()
        self._sweep()

    # Sending

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override] # as in kombu
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        self._write(self._waiting / name, dumps(payload))

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str] | set[str]:
        """Queues bound for this message.

        A task that no queue is bound to receive is refused instead of dropped. Celery then connects and
        declares anew, so a folder emptied under a running process mends itself with the next message.
        """
        queues = super()._lookup(exchange, routing_key, default)
        if not queues and self.typeof(exchange).type == "direct":
            raise InconsistencyError(f"no queue is bound to {exchange!r} with key {routing_key!r}")
        return queues

    def _write(self, path: Path, text: str) -> None:
        """Appear under the final name only when complete."""
        part = self._parts / f"{_me()}~{uuid.uuid4().hex}"
        part.write_text(text, encoding="utf-8")
        part.rename(path)

    # Receiving

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Take the oldest message of the queue; raises `Empty` if there is none."""
        for name in sorted(os.listdir(self._waiting)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            held = self._inflight / f"{_me()}~{name}"
            try:
                (self._waiting / name).rename(held)
            except FileNotFoundError:  # another consumer was faster
                continue
            try:
                payload = loads(held.read_text(encoding="utf-8"))
                tag = self.Message(payload, channel=self).delivery_tag  # what the consumer will decode
            except (ValueError, KeyError, TypeError, AttributeError):
                log.exception("消息文件无法解读，已移到 %s", self._bad / name)
                held.rename(self._bad / name)
                continue
            if queue in self._no_ack:
                held.unlink()
            else:
                self._held[str(tag)] = held
            return payload
        self._sweep()
        raise Empty

    def basic_consume(self, queue: str, no_ack: bool, *args: Any, **kwargs: Any) -> Any:
        (self._no_ack.add if no_ack else self._no_ack.discard)(queue)
        return super().basic_consume(queue, no_ack, *args, **kwargs)

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> virtual.Message | None:
        message = super().basic_get(queue, no_ack=no_ack, **kwargs)
        if message and no_ack:
            self._release(str(message.delivery_tag))
        return message

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        super().basic_ack(delivery_tag, multiple)
        self._release(delivery_tag)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        super().basic_reject(delivery_tag, requeue=requeue)
        self._release(delivery_tag)

    def _release(self, delivery_tag: str) -> None:
        if held := self._held.pop(delivery_tag, None):
            held.unlink(missing_ok=True)

    def _restore(self, message: virtual.Message) -> None:
        """Put an unacknowledged message back in its old place."""
        if held := self._held.pop(str(message.delivery_tag), None):
            held.rename(self._waiting / held.name.partition("~")[2])
        else:
            super()._restore(message)

    def _sweep(self) -> None:
        """Return what dead processes held, and drop what they had only half written."""
        if time.monotonic() < Channel._next_sweep:
            return
        Channel._next_sweep = time.monotonic() + SWEEP_SECONDS
        for path in (*self._inflight.iterdir(), *self._parts.iterdir()):
            holder, known, name = path.name.partition("~")
            if not known or _is_alive(holder):
                continue
            try:
                if path.parent == self._inflight:
                    path.rename(self._waiting / name)
                else:
                    path.unlink()
            except FileNotFoundError:  # another process swept it first
                continue

    # Bindings: kombu rewrites the table in place; here it is replaced whole, under one lock.

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        with self._bindings(exchange) as rows:
            row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
            if row not in rows:
                rows.insert(0, row)

    def _delete(self, queue: str, *args: Any, **kwargs: Any) -> None:
        exchange, routing_key, pattern = args[:3]
        virtual.Channel._delete(self, queue)
        with self._bindings(exchange) as rows:
            row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
            rows[:] = [kept for kept in rows if kept != row]

    @contextmanager
    def _bindings(self, exchange: str) -> Iterator[list[filesystem.exchange_queue_t]]:
        with (self.control_folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            rows = self.get_table(exchange)
            before = list(rows)
            yield rows
            if rows != before:
                file = self._exchange_file(exchange)  # type: ignore[attr-defined] # missing in the stubs
                self._write(file, dumps(rows))


class Transport(filesystem.Transport):
    """Named in the settings as `config.spool:Transport`."""

    Channel = Channel
    # A full or missing disk is to Celery what an unreachable server is: retried, then reported as such.
    connection_errors = (*filesystem.Transport.connection_errors, OSError)

    def __init__(self, client: Connection, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.state = virtual.base.BrokerState()  # what this connection declared, not any before it
