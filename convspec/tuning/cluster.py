"""Ray as a search uses it: started or joined, its nodes, and what can be asked of a node.

Ray's own output is off: the driver reports the end of a worker in words that a user of convspec understands.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from ..interrupts import raise_if_stopped, reinstall
from ..language import InputError
from ..packages import missing
from ..private_names import LOOPBACK, silent_ray
from ..process import environment
from .versions import probe

if TYPE_CHECKING:
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

ANSWER = 10.0
"""Seconds that a node has to answer a question about a process that ended."""

LEAVING = 1.5
"""Seconds that Ray has to shut down before the search stops without waiting for it."""


def tick() -> None:
    """Raise `KeyboardInterrupt` where the search has to stop. Called several times a second while it waits.

    The handlers are installed anew: while it connects, Ray's C++ part puts one of its own in the place of that of
    SIGTERM, which prints a stack trace and aborts; Python does not see that it has lost it.
    """
    raise_if_stopped()
    if threading.current_thread() is threading.main_thread():
        reinstall()


@dataclass(frozen=True)
class Node:
    """A machine of the cluster, or a part of one."""

    identity: str
    name: str
    cpus: float
    gpus: float


@dataclass(frozen=True)
class Process:
    """A worker's process: its number, which another may have after it; when it started, in the kernel's clock ticks."""

    pid: int
    started: str
    """Empty where the system does not say."""
    log: str
    kills: int
    """How often its machine's kernel had ended processes for memory."""


class Cluster:
    """A running Ray, which is `local` if this process started it here.

    Nothing here waits for longer than it says, or than until a stop is asked for.
    """

    def __init__(self, ray: ModuleType, *, local: bool = False) -> None:
        self.ray, self.local = ray, local
        self._versions = ray.remote(num_cpus=0, max_retries=0)(probe())
        self._traces = ray.remote(num_cpus=0, max_retries=0)(traces())

    def nodes(self) -> list[Node]:
        """The nodes that are alive, in a fixed order."""
        found = []
        for one in self.ray.nodes():
            if one["Alive"]:
                address, resources = one["NodeManagerAddress"], one["Resources"]
                given = one.get("NodeName") or address  # `ray start --node-name`; else it is the address
                name = given if given != address else one.get("NodeManagerHostname") or address
                found.append(Node(one["NodeID"], name, resources.get("CPU", 0.0), resources.get("GPU", 0.0)))
        return sorted(found, key=lambda node: (node.name, node.identity))

    def on(self, node: Node) -> NodeAffinitySchedulingStrategy:
        """The scheduling strategy of what has to run on one node."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        return NodeAffinitySchedulingStrategy(node.identity, soft=False)

    def ask_versions(self, node: Node) -> ray.ObjectRef:
        """A reference to the versions that a node trains with."""
        return self._versions.options(scheduling_strategy=self.on(node)).remote()

    def ready(self, references: list[ray.ObjectRef], timeout: float = 0.0) -> list[ray.ObjectRef]:
        """Those of some references whose value, or error, has arrived."""
        if not references:
            time.sleep(timeout)
            return []
        done, _ = self.ray.wait(references, num_returns=1, timeout=timeout)
        if done:  # the others that have arrived by now, too
            done, _ = self.ray.wait(references, num_returns=len(references), timeout=0)
        return list(done)

    def value(self, reference: ray.ObjectRef) -> Any:
        """What has arrived. Raises Ray's error, or the worker's own."""
        return self.ray.get(reference, timeout=ANSWER)

    def how_it_ended(self, node: Node, process: Process, error: BaseException | None) -> Death:
        """How a worker's process ended, by what its node still knows; the process is ended if it is still there."""
        if self.local:  # a busy machine may need longer than `ANSWER` to start the process that would answer
            _, log, kills = traces()(process.pid, process.log, process.started)
            return explained(log, kills - process.kills, str(error or ""))
        reference = self._traces.options(scheduling_strategy=self.on(node)).remote(
            process.pid, process.log, process.started
        )
        deadline = time.monotonic() + ANSWER
        while not self.ready([reference], 0.1):
            tick()
            if time.monotonic() > deadline:
                return Death("its machine does not answer", machine=True)
        try:
            _, log, kills = self.value(reference)
        except Exception:  # whatever Ray raises where a node is lost
            return Death("its machine is lost", machine=True)
        return explained(log, kills - process.kills, str(error or ""))


@dataclass(frozen=True)
class Death:
    """How a worker ended: in words; whether it was the whole machine, and whether memory may have run out."""

    words: str
    machine: bool = False
    memory: bool = False


def explained(log: str, kills: int, message: str) -> Death:
    """How a process ended, from the end of its log, the kernel's count of kills for memory, and Ray's own message."""
    if found := re.findall(r"^convspec: exit code (\d+)$", log, re.MULTILINE):
        return Death(f"its process left with exit code {found[-1]}")
    if found := re.findall(r"\*\*\* (SIG\w+) received", log) or re.findall(r"Fatal Python error: ([\w ]+)", log):
        check = re.findall(r"(Check failed: .*|.*[Oo]ut of memory.*|.*RESOURCE_EXHAUSTED.*)", log)
        why = f" ({check[-1].strip()[:200]})" if check else ""
        return Death(f"its process was ended by {found[-1]}{why}", memory=bool(check))
    if "low on memory" in message or "memory pressure" in message:
        return Death("Ray ended its process, since the machine's memory was nearly used up", memory=True)
    if found := re.findall(r"exit code (\d+)", message):
        return Death(f"its process left with exit code {found[-1]}")
    if "SIGTERM" in message:
        return Death("its process was ended by SIGTERM")
    if kills > 0:
        return Death("its process was ended by SIGKILL, from the kernel: memory ran out", memory=True)
    return Death("its process was ended by SIGKILL, as the kernel does where memory runs out", memory=True)


def traces() -> Callable[[int, str, str], tuple[str, str, int]]:
    """A function that needs the standard library alone, for a node: ends a process, and reads what it left.

    It gives when the process started, the end of its log, and how often the kernel has ended processes for memory. A
    process that started at another time than was noted is somebody else's, with the number of one that has ended.
    """

    def found(pid: int, log: str, started: str) -> tuple[str, str, int]:
        since, text, kills = "", "", 0
        with suppress(OSError, IndexError):  # the fields come after the name, which may hold anything
            since = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
            if since == started:
                os.kill(pid, signal.SIGKILL)
        with suppress(OSError):
            text = Path(log).read_bytes()[-20_000:].decode(errors="replace")
        with suppress(OSError, IndexError, ValueError):
            counters = Path("/proc/vmstat").read_text().split()
            kills = int(counters[counters.index("oom_kill") + 1])
        return since, text, kills

    return found


@contextmanager
def running(workers: int, address: str | None) -> Iterator[Cluster]:
    """A Ray that this process starts on 127.0.0.1 alone, or a cluster that it joins; leaves others' Rays be.

    Raises `InputError` without Ray, or where the cluster does not answer or is another version.
    """
    if address is not None:
        _reach(address)
    with _environment(local=address is None):
        try:
            import ray
        except ImportError:
            raise missing("several workers need Ray", "distributed") from None
        if ray.is_initialized():
            yield Cluster(ray)
            return
        options: dict[str, object] = {"logging_level": "CRITICAL", "log_to_driver": False}
        if address is None:
            cpus = max(workers, os.cpu_count() or 1)
            # "local": one of its own, whatever other Ray runs on this machine, a killed search's for instance
            options |= {"address": "local", "num_cpus": cpus, "include_dashboard": False, **LOOPBACK}
        else:
            options |= {"address": address}
        thread = _RayThread(ray, options)
        try:
            thread.connect(address)
            yield Cluster(ray, local=address is None)
        finally:
            thread.leave()


class _RayThread(threading.Thread):
    """Connects, waits, and shuts Ray down: all in one thread, which is not the main one.

    Ray's processes are tied to the life of the thread that starts them; and in the main thread, Ray would replace the
    process's handler of SIGTERM, and a Ctrl-C would land anywhere inside it.
    """

    def __init__(self, ray: ModuleType, options: dict[str, object]) -> None:
        super().__init__(name="convspec-ray", daemon=True)
        self.ray, self.options = ray, options
        self.connected, self.leaving = threading.Event(), threading.Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        """Connect; wait until `leave`; shut down."""
        try:
            with silent_ray():
                self.ray.init(**self.options)
        except BaseException as error:
            self.error = error
        finally:
            self.connected.set()
        self.leaving.wait()
        with suppress(Exception):
            self.ray.shutdown()

    def connect(self, address: str | None) -> None:
        """Wait until Ray runs. Raises `InputError` where it does not."""
        self.start()
        while not self.connected.wait(0.02):
            tick()
        tick()
        if self.error is not None:
            words = " ".join(str(self.error).split()) or type(self.error).__name__
            where = f"the Ray at {address} cannot be joined" if address else "Ray does not start"
            remedy = "the same versions of Ray and Python on every machine; see docs/tuning.md"
            raise InputError(f"{where}: {words[:300]}", remedy=remedy)

    def leave(self) -> None:
        """Shut Ray down; where that takes long, it goes on in its thread."""
        self.leaving.set()
        self.join(LEAVING)


def _environment(*, local: bool) -> AbstractContextManager[None]:
    """What Ray reads from the environment when it is imported and started."""
    wanted = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    if local:
        # Ray turns 127.0.0.1 into the machine's own address, unless it believes that it cannot span machines.
        wanted["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    return environment(wanted, override=local)


def _reach(address: str) -> None:
    """Raise where nothing listens at an address: Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=10):
            return
    except (OSError, ValueError) as error:
        message = f"no Ray answers at {address}: {getattr(error, 'strerror', None) or error}"
        raise InputError(message, remedy="`ray start --head --port=6379` starts one; see docs/tuning.md") from None


def note_exits() -> None:
    """Have this process, a worker, write the code into its log with which something in it calls `os._exit`."""
    leave = os._exit

    def noted(status: int) -> NoReturn:
        sys.stderr.write(f"\nconvspec: exit code {status}\n")
        sys.stderr.flush()
        leave(status)

    os._exit = noted
