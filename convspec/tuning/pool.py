"""The workers of a search: which nodes the cluster has, how many workers each is given, which have started."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..language import InputError
from ..printing import counted, kind_and_words
from ..training.conditions import settings
from .cluster import Cluster, Death, Node, Process
from .versions import REMEDY, difference, versions
from .worker import TrialWorker

if TYPE_CHECKING:
    import ray
    from ray.actor import ActorHandle

    from .ray_driver import Task

Notify = Callable[[str], None]

STARTING = 300.0
"""Seconds that a worker has to start: importing a backend from a network drive takes a while."""

NODES = 2.0
"""Seconds after which the nodes of the cluster are listed again."""

STARTS = 3
"""Workers in a row that may end on a node before they have started; it is given no more then."""

LONGEST_REASON = 250
"""Characters of an error of a worker's that are shown."""


@dataclass
class Worker:
    """A worker: starting while its process is unknown, then idle or with a task."""

    name: str
    node: Node
    actor: ActorHandle
    greeting: ray.ObjectRef
    started: float
    late: bool
    """Whether it came after trials had begun."""
    process: Process | None = None
    task: Task | None = None
    result: ray.ObjectRef | None = None
    heartbeat: ray.ObjectRef | None = None
    silent: float = 0.0
    """Seconds since it answered last, as far as this process has watched."""
    asked: float = 0.0

    def __str__(self) -> str:
        return f"{self.name} on {self.node.name}"


@dataclass
class Host:
    """What is known of a node."""

    node: Node
    versions: ray.ObjectRef | dict[str, str] | None = None
    """A reference while it is asked for them, then the versions."""
    refused: str = ""
    failures: int = 0
    wanted: int = 0
    share: dict[str, float] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether it has told its versions."""
        return isinstance(self.versions, dict)

    @property
    def usable(self) -> bool:
        """Whether it trains with the versions of this process."""
        return self.known and not self.refused


class WorkerPool:
    """Starts workers on the nodes of a cluster, takes in those that have started, and ends those that are given up.

    `wanted` is the number of all workers, 0 for one per GPU, or per CPU where no node has a GPU.
    """

    def __init__(self, cluster: Cluster, wanted: int, document: dict[str, object], notify: Notify) -> None:
        self.cluster, self.wanted, self.document, self.notify = cluster, wanted, document, notify
        self.here = versions()
        self.hosts: dict[str, Host] = {}
        self.workers: list[Worker] = []
        self.names = 0
        self.now = self.alone_since = time.monotonic()
        self.listed = -NODES

    def close(self) -> None:
        """End the workers."""
        for worker in self.workers:
            with suppress(Exception):  # gone already
                self.cluster.ray.kill(worker.actor)

    def list_nodes(self, now: float) -> list[Worker]:
        """Take in what nodes have answered, and list them, unless that was done a moment ago.

        A node that answers soon waits for the others a moment, else it would be given their workers. Returns the
        workers of nodes that are lost.
        """
        self.now, due = now, now - self.listed >= NODES
        asked = [host for host in self.hosts.values() if host.versions is not None and not host.known]
        answered = [host for host in asked if self.cluster.ready([host.versions])]
        if not due and (not asked or len(answered) < len(asked)):
            return []
        for host in answered:
            self._compare(host)
        gone = self._list() if due else set()
        self._share_out()
        return [worker for worker in self.workers if worker.node.identity in gone]

    def _list(self) -> set[str]:
        """Note which nodes there are, and ask new ones for their versions; returns those that are lost."""
        self.listed = self.now
        alive = {node.identity: node for node in self.cluster.nodes()}
        gone = set(self.hosts) - set(alive)
        for identity in gone:
            del self.hosts[identity]
        for identity, node in alive.items():
            host = self.hosts.setdefault(identity, Host(node))
            if host.versions is None:
                host.versions = self.cluster.ask_versions(node)
        return gone

    def _compare(self, host: Host) -> None:
        """Accept a node with the versions of this process; refuse others."""
        try:
            found = self.cluster.value(host.versions)
        except Exception:  # the node has gone again, or Ray cannot start a process there
            host.versions = None
            return
        host.versions = found
        if difference_found := difference(found, self.here):
            host.refused = difference_found
            self.notify(f"{host.node.name} is refused: {difference_found}; {REMEDY}")

    def _share_out(self) -> None:
        """How many workers each node has, and what each takes: a GPU or a share where there are any."""
        hosts = [host for host in self.hosts.values() if host.usable and host.failures < STARTS]
        gpus = any(host.node.gpus for host in hosts)
        capacity = {id(host): host.node.gpus if gpus else host.node.cpus for host in hosts}
        hosts = [host for host in hosts if capacity[id(host)] > 0]
        for host in self.hosts.values():
            host.wanted = 0
        for host in hosts:
            host.wanted = 0 if self.wanted else int(capacity[id(host)]) or 1
        for _ in range(self.wanted if hosts else 0):
            least = min(hosts, key=lambda host: ((host.wanted + 1) / capacity[id(host)], host.node.name))
            least.wanted += 1
        for host in hosts:
            if host.wanted:
                host.share = share(host.node.cpus, host.node.gpus, host.wanted)

    def start_missing(self, *, late: bool) -> None:
        """Start the workers that the nodes are short of; `late` says that trials have begun already."""
        there = Counter(worker.node.identity for worker in self.workers)
        total = len(self.workers)
        for host in self.hosts.values():
            missing = host.wanted - there[host.node.identity]
            if self.wanted:
                missing = min(missing, self.wanted - total)
            for _ in range(missing):
                self.workers.append(self._started(host, late))
                total += 1

    def _started(self, host: Host, late: bool) -> Worker:
        name = f"worker{self.names}"
        self.names += 1
        made = self.cluster.ray.remote(
            max_restarts=0, max_task_retries=0, concurrency_groups={"heartbeat": 1}, **host.share
        )(TrialWorker)
        actor = made.options(scheduling_strategy=self.cluster.on(host.node)).remote(self.document, settings())
        greeting = actor.hello.options(concurrency_group="heartbeat").remote()
        return Worker(name, host.node, actor, greeting, self.now, late=late)

    def greet(self, worker: Worker) -> None:
        """Take a worker in that has started."""
        host = self.hosts.get(worker.node.identity)
        if not self.cluster.ready([worker.greeting]):
            if self.now - worker.started > STARTING:
                self.end(worker)
                self._say_no_start(host, worker, f"it did not start within {STARTING:.0f} s")
            return
        try:
            worker.process = self.cluster.value(worker.greeting)
        except Exception as error:
            self.end(worker)
            self._say_no_start(host, worker, in_words(error))
            return
        worker.asked = self.now
        if host is not None:
            host.failures = 0
        if worker.late:
            joined = sum(one.process is not None for one in self.workers)
            self.notify(f"{worker} has joined: {counted(joined, 'worker')}")

    def _say_no_start(self, host: Host | None, worker: Worker, why: str) -> None:
        if host is None:
            return
        host.failures += 1
        if host.failures == STARTS:
            host.refused = f"{STARTS} workers in a row ended before they had started: {why}"
            self.notify(f"{host.node.name} is given no more workers: {host.refused}")

    def check_alone(self, *, wanted: bool) -> None:
        """Raise `InputError` where nobody is left to train what is `wanted`, and nobody is coming."""
        if self.workers or not wanted:
            self.alone_since = self.now
            return
        asked = any(not host.refused and host.failures < STARTS for host in self.hosts.values())
        if asked and self.now - self.alone_since < STARTING:
            return
        reasons = "; ".join(f"{host.node.name}: {host.refused}" for host in self.hosts.values() if host.refused)
        message = f"no worker is left{f': {reasons}' if reasons else ', and no node of the cluster answers'}"
        remedy = f"{REMEDY if reasons else 'start the nodes again'}; then the same command goes on"
        raise InputError(message, remedy=remedy)

    def end(self, worker: Worker) -> None:
        """Give a worker up."""
        self.workers.remove(worker)
        with suppress(Exception):
            self.cluster.ray.kill(worker.actor)

    def death(self, worker: Worker, error: BaseException | None) -> Death:
        """How a worker ended; it is ended if it has not."""
        host = self.hosts.get(worker.node.identity)
        if host is None or worker.process is None:
            return Death("its machine is lost", machine=True)
        return self.cluster.how_it_ended(worker.node, worker.process, error)

    def versions_of(self, worker: Worker) -> dict[str, str]:
        """What a worker trains with."""
        host = self.hosts.get(worker.node.identity)
        return host.versions if host is not None and isinstance(host.versions, dict) else self.here


def share(cpus: float, gpus: float, workers: int) -> dict[str, float]:
    """What each of some workers of a node is given, such that Ray can place them all.

    Whole CPUs, or a share of one where there are too few; one GPU, or a share of one: Ray does not make up a share from
    two GPUs. It counts in ten-thousandths.
    """
    per_gpu = math.ceil(workers / gpus) if gpus else 0
    return {
        "num_cpus": float(cpus // workers) if cpus >= workers else _floored(cpus / workers),
        "num_gpus": _floored(1 / per_gpu) if per_gpu else 0.0,
    }


def _floored(part: float) -> float:
    return math.floor(part * 10_000) / 10_000


def in_words(error: BaseException) -> str:
    """What failed in a worker, without Ray's frame: the cause's own words."""
    return kind_and_words(getattr(error, "cause", None) or error.__cause__ or error)[:LONGEST_REASON]
