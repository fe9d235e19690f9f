"""Work in processes of its own: what they send, as it comes, until they end or their time is over.

All of them are forked from one process that has imported everything but touched no device, which saves the seconds
that JAX and Keras take to load.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

PRELOADED = tuple(f"{__package__}.{part}" for part in ("hardware", "twins", "searches", "memory", "training"))
"""What the process that all others are forked from imports."""

FULL = ("RESOURCE_EXHAUSTED", "Out of memory", "out of memory", "Failed to allocate", "ALLOC_FAILED")
"""What JAX's errors say when the device has no memory left."""

OUT_OF_MEMORY, OVER = "out of memory", "not measured: the time was over"

scratch: str | None = None
"""Where the processes keep temporary files, which the command removes: they are often killed."""

Message = dict[str, Any]
Send = Callable[[Message], None]


@dataclass(eq=False)
class Job:
    """A function, by the name of its module and its own, called with `send` and the arguments.

    `environment` is set before the device is touched, and `seconds` is what the job may take once it has started.
    """

    work: str
    arguments: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    seconds: float | None = None


def run(jobs: list[Job], deadline: float, log: Path, at_once: int = 1) -> Iterator[tuple[Job, Message]]:
    """The messages of all jobs; the last of each is `{"end": why}`, empty if the work was finished.

    `deadline` is in `time.monotonic()` seconds. What the processes print goes to `log`.
    """
    waiting, running = list(jobs), dict[Connection, _Running]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once and time.monotonic() < deadline:
                one = _start(waiting.pop(0), deadline, log)
                running[one.connection] = one
            if time.monotonic() >= deadline:
                yield from ((job, {"end": OVER}) for job in waiting)
                waiting.clear()
            if not running:
                continue
            soonest = min(one.deadline for one in running.values())
            for connection in wait(list(running), max(0.0, soonest - time.monotonic())):
                one = running[connection]  # type: ignore[index]
                message = one.receive()
                yield one.job, message
                if "end" in message:
                    del running[one.connection]
            for one in [one for one in running.values() if one.deadline <= time.monotonic()]:
                del running[one.connection]
                one.stop()
                yield one.job, {"end": OVER}
    finally:
        for one in running.values():
            one.stop()


@dataclass
class _Running:
    job: Job
    process: Any
    connection: Connection
    deadline: float

    def receive(self) -> Message:
        """The next message; a process that died without one ended, too."""
        try:
            message: Message = self.connection.recv()
        except EOFError:
            self.process.join(5)
            return {"end": f"the process ended with exit code {self.process.exitcode}"}
        if "end" in message:
            self.process.join(5)
            self.stop()  # a device that does not let go must not hold up what comes next
        return message

    def stop(self) -> None:
        self.process.kill()
        self.process.join(5)
        self.connection.close()


def _start(job: Job, deadline: float, log: Path) -> _Running:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(job, theirs, str(log), os.getpid(), scratch), daemon=True)
    process.start()
    theirs.close()
    own = deadline if job.seconds is None else min(deadline, time.monotonic() + job.seconds)
    return _Running(job, process, ours, own)


def _child(job: Job, connection: Connection, log: str, command: int, temporary: str | None) -> None:
    """Do a job in this process, and say how it ended; end with the command, which may be killed."""
    threading.Thread(target=_end_with, args=(command,), daemon=True).start()
    os.environ.update(job.environment)
    tempfile.tempdir = temporary
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    module, _, name = job.work.rpartition(".")
    try:
        getattr(importlib.import_module(module), name)(connection.send, **job.arguments)
    except BaseException as error:
        print(f"--- {job.work} {job.arguments}", file=sys.stderr)
        traceback.print_exc()
        sys.stderr.flush()
        connection.send({"end": reason(error)})
    else:
        connection.send({"end": ""})
    finally:
        print(f"--- {job.work}: {time.process_time():.1f} s of CPU", file=sys.stderr, flush=True)


def _end_with(command: int) -> None:
    """End this process when the command's has ended, so that the device is free."""
    while True:
        try:
            os.kill(command, 0)
        except ProcessLookupError:
            os._exit(1)
        time.sleep(1)


def reason(error: BaseException) -> str:
    """Why something could not be measured, in a line of a table."""
    text = str(error).strip()
    if isinstance(error, MemoryError) or any(word in text for word in FULL):
        return OUT_OF_MEMORY
    first = text.splitlines()[0] if text else ""
    return f"error: {type(error).__name__}: {first[:150]}".replace("|", "/")
