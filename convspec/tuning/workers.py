"""Trials on several processes or machines, by Ray.

The driver holds the oracle and the folder; each worker keeps its compiled networks, and one GPU or a share of it.
Workers come and go: a node that joins is given workers, and the trial of a worker that is gone is given to another. A
driver that dies goes on from the folder as any search does.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from ..data.sized import data_key
from ..printing import first_line
from ..spec import Fault, FaultError
from ..spec.writing import plain
from ..training.progress import duration
from .cluster import Cluster, Death, Node, Process, running, tick
from .planning import Candidate
from .trial import Outcome, Row
from .tuner import TrialRunner, begun, metrics_of
from .versions import REMEDY, difference, versions
from .worker import TrialWorker

Tell = Callable[[str], None]

POLL = 0.1
"""Seconds between two looks at the workers."""

HEARTBEAT = 1.0
"""Seconds between two questions to a worker whether it is there."""

SILENCE = 30.0
"""Seconds without an answer after which a worker counts as gone."""

STARTING = 300.0
"""Seconds that a worker has to start: importing a backend from a network drive takes a while."""

NODES = 2.0
"""Seconds between two looks at the nodes of the cluster."""

ATTEMPTS = 3
"""Workers that a trial may end, or hang, before it has failed."""

STARTS = 3
"""Workers in a row that may end on a node before they have started; it is given no more then."""

SLOWER = 10.0
"""A trial is stuck when it takes so many times as long for an epoch as the slowest known, and longer than `LEAST`."""

LEAST = 300.0
"""Seconds for an epoch before which no trial is stuck, since compiling takes its time too."""

UNKNOWN = 600.0
"""Seconds without an epoch after which a trial is spoken of while no epoch's duration is known."""

HINT = "a smaller train.batch_size or a smaller network needs less memory"


def run_on_ray(
    oracle: Any,
    runner: TrialRunner,
    workers: int,
    address: str | None,
    *,
    time_limit: float | None = None,
    tell: Tell = lambda line: None,
) -> None:
    """Run all trials of an oracle; `tell` is told of workers that come and go.

    Raises `FaultError` without Ray, where the cluster does not answer, or where no worker is left; `KeyboardInterrupt`
    where a stop was asked for.
    """
    oracle.verbose = 0
    oracle._set_project_dir(str(runner.store.folder), "keras_tuner")
    driver = _Driver(oracle, runner, workers, time_limit, tell)
    if not driver.prepare():  # all is known already
        return
    with running(workers, address) as cluster:
        try:
            driver.run(cluster)
        finally:
            driver.close()


@dataclass
class _Task:
    """A trial that has to be trained, and what came of it so far."""

    number: int
    name: str
    trial: Any
    candidate: Candidate
    crashes: list[str]
    begun: float = 0.0
    progress: float = 0.0
    """When it was begun, and when an epoch of it ended last."""
    history: list[Row] = field(default_factory=list)
    """The epochs of this attempt, as far as they are known."""
    warned: int = 0


@dataclass
class _Worker:
    """A worker: starting while its process is unknown, then idle or with a task."""

    name: str
    node: Node
    actor: Any
    greeting: Any
    started: float
    late: bool
    """Whether it came after trials had begun."""
    process: Process | None = None
    task: _Task | None = None
    result: Any = None
    beat: Any = None
    silent: float = 0.0
    """Seconds since it answered last, as far as this process has watched."""
    asked: float = 0.0

    def __str__(self) -> str:
        return f"{self.name} on {self.node.name}"


@dataclass
class _Host:
    """What is known of a node."""

    node: Node
    versions: Any = None
    """A reference while it is asked for them, then the versions."""
    refused: str = ""
    failures: int = 0
    wanted: int = 0
    share: dict[str, float] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        return isinstance(self.versions, dict) and not self.refused


class _Driver:
    """Hands trials to idle workers, takes back what they came to, and notices who is gone."""

    cluster: Cluster

    def __init__(
        self,
        oracle: Any,
        runner: TrialRunner,
        workers: int,
        time_limit: float | None,
        tell: Tell,
    ) -> None:
        self.oracle, self.runner, self.wanted = oracle, runner, workers
        self.time_limit, self.tell = time_limit, tell
        self.here = versions()
        self.document = plain(runner.hyperspec.spec.source) | {"tune": tune_document(runner)}
        self.data: dict[str, Any] = {}
        self.hosts: dict[str, _Host] = {}
        self.workers: list[_Worker] = []
        self.again: list[_Task] = []
        self.names = self.tasks = 0
        self.looked, self.now = -NODES, time.monotonic()
        self.epoch_seconds, self.epoch_macs = 0.0, 0
        self.more, self.training = True, False
        self.alone_since = self.now

    def prepare(self) -> bool:
        """Whether there is anything to train, before anybody is asked to."""
        first = self._next()
        self.again += [first] if first is not None else []
        return bool(self.again) or self.more

    def run(self, cluster: Cluster) -> None:
        """Until the oracle has no more."""
        self.cluster = cluster
        self.now = self.alone_since = time.monotonic()
        while self.more or self.again or any(worker.task for worker in self.workers):
            self._watch()
            self._hand_out()
            references = [worker.result for worker in self.workers if worker.result is not None]
            done = self.cluster.ready(references, POLL)
            for worker in [one for one in self.workers if one.result in done]:
                self._take_back(worker)

    def close(self) -> None:
        """End the workers."""
        for worker in self.workers:
            with suppress(Exception):  # gone already
                self.cluster.ray.kill(worker.actor)

    # --- who is there

    def _watch(self) -> None:
        """Note what has changed since the last look."""
        tick()
        last, self.now = self.now, time.monotonic()
        passed = min(self.now - last, 1.0)  # while this process was stopped itself, nobody could answer it
        if self.now - self.looked >= NODES:
            self.looked = self.now
            self._look_at_nodes()
        for worker in list(self.workers):
            if worker.process is None:
                self._greet(worker)
            else:
                self._listen(worker, passed)
            if worker in self.workers and worker.task is not None:
                self._check_time(worker)
        self._start_workers()
        self._check_alone()

    def _look_at_nodes(self) -> None:
        alive = {node.identity: node for node in self.cluster.nodes()}
        for identity in set(self.hosts) - set(alive):
            for worker in [one for one in self.workers if one.node.identity == identity]:
                self._lose(worker, Death("its machine is lost", machine=True))
            del self.hosts[identity]
        for identity, node in alive.items():
            host = self.hosts.setdefault(identity, _Host(node))
            if host.versions is None:
                host.versions = self.cluster.ask_versions(node)
            elif not isinstance(host.versions, dict) and self.cluster.ready([host.versions]):
                self._compare(host)
        self._share_out()

    def _compare(self, host: _Host) -> None:
        """Take a node that trains with what this process trains with; refuse others."""
        try:
            found = self.cluster.value(host.versions)
        except Exception:  # the node has gone again, or Ray cannot start a process there
            host.versions = None
            return
        host.versions = found
        if told := difference(found, self.here):
            host.refused = told
            self.tell(f"{host.node.name} is refused: {told}; {REMEDY}")

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

    def _start_workers(self) -> None:
        if not self.more and not self.again:
            return
        there = Counter(worker.node.identity for worker in self.workers)
        total = len(self.workers)
        for host in self.hosts.values():
            missing = host.wanted - there[host.node.identity]
            if self.wanted:
                missing = min(missing, self.wanted - total)
            for _ in range(missing):
                self.workers.append(self._started(host))
                total += 1

    def _started(self, host: _Host) -> _Worker:
        name = f"worker{self.names}"
        self.names += 1
        made = self.cluster.ray.remote(
            max_restarts=0, max_task_retries=0, concurrency_groups={"heartbeat": 1}, **host.share
        )(TrialWorker)
        actor = made.options(scheduling_strategy=self.cluster.on(host.node)).remote(self.document)
        greeting = actor.hello.options(concurrency_group="heartbeat").remote()
        return _Worker(name, host.node, actor, greeting, self.now, late=self.training)

    def _greet(self, worker: _Worker) -> None:
        """Take a worker in that has started."""
        host = self.hosts.get(worker.node.identity)
        if not self.cluster.ready([worker.greeting]):
            if self.now - worker.started > STARTING:
                self._end(worker)
                self._say_no_start(host, worker, f"it did not start within {STARTING:.0f} s")
            return
        try:
            worker.process = self.cluster.value(worker.greeting)
        except Exception as error:
            self._end(worker)
            self._say_no_start(host, worker, _in_words(error))
            return
        worker.asked = self.now
        if host is not None:
            host.failures = 0
        if worker.late:
            joined = sum(one.process is not None for one in self.workers)
            self.tell(f"{worker} has joined: {joined} worker{'s' if joined > 1 else ''}")

    def _say_no_start(self, host: _Host | None, worker: _Worker, why: str) -> None:
        if host is None:
            return
        host.failures += 1
        if host.failures == STARTS:
            host.refused = f"{STARTS} workers in a row ended before they had started: {why}"
            self.tell(f"{host.node.name} is given no more workers: {host.refused}")

    def _check_alone(self) -> None:
        """Raise where nobody is left to train, and nobody is coming."""
        if self.workers or not (self.more or self.again):
            self.alone_since = self.now
            return
        asked = any(not host.refused and host.failures < STARTS for host in self.hosts.values())
        if asked and self.now - self.alone_since < STARTING:
            return
        reasons = "; ".join(f"{host.node.name}: {host.refused}" for host in self.hosts.values() if host.refused)
        message = f"no worker is left{f': {reasons}' if reasons else ', and no node of the cluster answers'}"
        remedy = f"{REMEDY if reasons else 'start the nodes again'}; then the same command goes on"
        raise FaultError(Fault(message, remedy=remedy))

    def _end(self, worker: _Worker) -> None:
        """Give a worker up."""
        self.workers.remove(worker)
        with suppress(Exception):
            self.cluster.ray.kill(worker.actor)

    # --- is it alive

    def _listen(self, worker: _Worker, passed: float) -> None:
        """Ask a worker for its epochs; one that does not answer for long is gone."""
        worker.silent += passed
        if worker.beat is not None and self.cluster.ready([worker.beat]):
            beat, worker.beat = worker.beat, None
            try:
                number, rows = self.cluster.value(beat)
            except Exception as error:
                self._lose(worker, self._death(worker, error))
                return
            worker.silent = 0.0
            if worker.task is not None and number == worker.task.number:
                self._epochs(worker.task, rows)
        if worker.beat is None and self.now - worker.asked >= HEARTBEAT:
            worker.asked = self.now
            worker.beat = worker.actor.alive.options(concurrency_group="heartbeat").remote()
        if worker.silent > SILENCE:
            death = self._death(worker, None)
            words = "its machine did not answer" if death.machine else "it did not answer"
            self._lose(worker, replace(death, words=f"{words} for {SILENCE:.0f} s", memory=False))

    def _epochs(self, task: _Task, rows: list[Row]) -> None:
        """Write the epochs of a running trial into its file."""
        if len(rows) <= len(task.history):
            return
        self._learn(task.candidate, rows[len(task.history) :])
        task.history, task.progress = list(rows), self.now
        begin = begun(task.candidate)
        self.runner.report(task.candidate, replace(begin, history=rows, crashes=list(task.crashes)))

    def _learn(self, candidate: Candidate, rows: list[Row]) -> None:
        """Remember how long the slowest epoch took, and of how large a network."""
        slowest = max((row.get("seconds", 0.0) for row in rows), default=0.0)
        if slowest > self.epoch_seconds:
            self.epoch_seconds = slowest
        self.epoch_macs = max(self.epoch_macs, _macs(candidate))

    def _check_time(self, worker: _Worker) -> None:
        """End a trial that takes longer than it may; speak of one of which nobody knows."""
        task = worker.task
        assert task is not None
        if self.time_limit is not None:
            if self.now - task.begun > self.time_limit:
                self._stop_slow(worker, task)
            return
        waited = self.now - task.progress
        if self.epoch_seconds:
            limit = max(LEAST, SLOWER * self.epoch_seconds * max(1.0, _macs(task.candidate) / max(1, self.epoch_macs)))
            if waited > limit:
                words = f"{task.name} has ended no epoch for {duration(limit)}"
                self._lose(worker, replace(self._death(worker, None), words=words, machine=False, memory=False))
        elif waited > UNKNOWN * 2**task.warned:
            task.warned += 1
            self.tell(
                f"{task.name} on {worker} has ended no epoch for {duration(waited)}; --time-limit ends such trials"
            )

    def _stop_slow(self, worker: _Worker, task: _Task) -> None:
        """A trial that is over `--time-limit`: slow where it has got on, stuck where it has not."""
        limit = duration(self.time_limit or 0.0)
        if not task.history:
            words = f"{task.name} has ended no epoch within the time limit of {limit}"
            self._lose(worker, replace(self._death(worker, None), words=words, machine=False, memory=False))
            return
        self._end(worker)
        self._death(worker, None)
        reason = f"takes longer than the time limit of {limit}: {len(task.history)} epochs are done"
        self._finish(worker, task, self._failed(task, reason))

    # --- who is gone

    def _death(self, worker: _Worker, error: BaseException | None) -> Death:
        """How a worker ended; it is ended if it has not."""
        host = self.hosts.get(worker.node.identity)
        if host is None or worker.process is None:
            return Death("its machine is lost", machine=True)
        return self.cluster.how_it_ended(worker.node, worker.process, error)

    def _lose(self, worker: _Worker, death: Death) -> None:
        """Give a worker up, and its trial to another, unless the trial ended as many as it may."""
        joined = sum(one.process is not None for one in self.workers)
        self._end(worker)
        self.tell(f"1 of {joined} worker{'s' if joined > 1 else ''} is gone: {worker}: {death.words}")
        task = worker.task
        if task is None:
            return
        if death.machine:  # a machine's end is not the trial's doing
            self.again.append(task)
            self.tell(f"{task.name} is given to another worker")
            return
        task.crashes.append(f"{worker}: {death.words}")
        if len(task.crashes) < ATTEMPTS:
            self.runner.store.put(replace(begun(task.candidate), crashes=list(task.crashes)))
            self.again.append(task)
            self.tell(f"{task.name} is tried again, attempt {len(task.crashes) + 1} of {ATTEMPTS}")
            return
        hint = f"; {HINT}" if death.memory else ""
        reason = f"ended its worker in each of {ATTEMPTS} attempts; in the last one {death.words}{hint}"
        self._finish(worker, task, self._failed(task, reason))

    def _failed(self, task: _Task, reason: str) -> Outcome:
        """What a trial came to that did not get to its end: the epochs that are known, and the time it took."""
        return Outcome("failed", reason, seconds=self.now - task.begun, history=task.history)

    # --- trials

    def _hand_out(self) -> None:
        """Give every idle worker a trial."""
        for worker in self.workers:
            if worker.process is None or worker.task is not None:
                continue
            task = self.again.pop(0) if self.again else self._next()
            if task is None:
                return
            self._begin(worker, task)

    def _next(self) -> _Task | None:
        """The next trial that has to be trained; those that are known, or forbidden, end at once."""
        from .oracle import HOPELESS

        metric = self.runner.metric
        while self.more:
            tick()
            trial = self.oracle.create_trial(f"task{self.tasks}")  # one that asked before gets the same again
            if trial.status == "STOPPED":
                self.more = False
                return None
            if trial.status == "IDLE":
                return None
            try:
                candidate = self.runner.candidate(trial.hyperparameters.values)
            except FaultError:
                self._report(trial, {metric.name: HOPELESS[metric.direction], "aborted": 1.0})
                continue
            known = self.runner.known(candidate)
            if known is not None:
                self._report(trial, metrics_of(known, metric))
                continue
            self.tasks += 1
            before = self.runner.store.unfinished(candidate.key)
            name = f"trial {self.runner.store.number(candidate.key):04d}"
            return _Task(self.tasks, name, trial, candidate, list(before.crashes) if before else [])
        return None

    def _begin(self, worker: _Worker, task: _Task) -> None:
        candidate = task.candidate
        key = data_key(candidate.spec)
        if key not in self.data:
            self.data[key] = self.cluster.ray.put(self.runner.load(candidate.spec))
        rule, bar = self.runner.rule(candidate), self.runner.bar()
        self.tasks += 1
        task.number, task.history, task.warned = self.tasks, [], 0
        task.begun = task.progress = self.now = time.monotonic()
        worker.task, self.training = task, True
        worker.result = worker.actor.run.remote(
            task.number, self.data[key], candidate.stage, candidate.epochs, candidate.values, rule, bar
        )

    def _take_back(self, worker: _Worker) -> None:
        """What a worker came to. Raises its error as its own: Ray's has a worker's traceback for a text."""
        task = worker.task
        assert task is not None
        try:
            outcome: Outcome = self.cluster.value(worker.result)
        except FaultError as error:
            raise getattr(error, "cause", error) from None
        except self.cluster.ray.exceptions.RayTaskError as error:  # an error in the worker, which is alive
            outcome = self._failed(task, _in_words(error))
        except Exception as error:
            self._lose(worker, self._death(worker, error))
            return
        worker.task = worker.result = None
        self._learn(task.candidate, outcome.history)
        self._finish(worker, task, outcome)

    def _finish(self, worker: _Worker, task: _Task, outcome: Outcome) -> None:
        host = self.hosts.get(worker.node.identity)
        told = host.versions if host is not None and isinstance(host.versions, dict) else self.here
        record = self.runner.finish(
            task.candidate, outcome, node=worker.node.name, trained_with=told, crashes=list(task.crashes)
        )
        self._report(task.trial, metrics_of(record, self.runner.metric))

    def _report(self, trial: Any, metrics: dict[str, float]) -> None:
        self.oracle.update_trial(trial.trial_id, metrics)
        trial.status = "COMPLETED"
        self.oracle.end_trial(trial)


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


def tune_document(runner: TrialRunner) -> dict[str, Any]:
    """The `tune:` section as a document has it, with ranges that were moved."""
    return runner.tune.model_dump(mode="json", exclude_defaults=True)


def _macs(candidate: Candidate) -> int:
    return sum(node.macs or 0 for node in candidate.spec.graph.nodes)


def _in_words(error: BaseException) -> str:
    """What failed in a worker, without Ray's frame: the cause's own words."""
    cause = getattr(error, "cause", None) or error.__cause__ or error
    name, words = type(cause).__name__, first_line(cause)
    return name if words == name else f"{name}: {words[:200]}"
