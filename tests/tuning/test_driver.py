"""What a driver and its pool decide of workers and trials, against a cluster whose answers the test gives."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from convspec import InputError, load
from convspec.tuning.cluster import Death, Node, Process, explained
from convspec.tuning.hypermodel import HyperSpec
from convspec.tuning.oracle import WORST_SCORE, make_oracle
from convspec.tuning.pool import Worker, WorkerPool
from convspec.tuning.store import Store
from convspec.tuning.tuner import TrialRunner, begun
from convspec.tuning.versions import REMEDY, versions
from convspec.tuning.workers import HINT, _Driver

from .specs import document
from .test_runner import working


class Cluster:
    """Nodes and values as a test sets them; what was started, asked and ended is noted."""

    def __init__(self, *nodes):
        self.found = list(nodes)
        self.values, self.killed, self.made, self.asked, self.calls, self.ended = {}, [], [], [], [], []
        self.death = Death("it died")
        self.ray = SimpleNamespace(remote=self.remote, kill=self.killed.append, put=lambda value: ["put", value])

    def nodes(self):
        return self.found

    def on(self, node):
        return node.name

    def ask_versions(self, node):
        self.asked.append(node.name)
        return f"versions of {node.name}"

    def ready(self, references, timeout=0.0):
        return [one for one in references if one in self.values]

    def value(self, reference):
        found = self.values[reference]
        if isinstance(found, Exception):
            raise found
        return found

    def how_it_ended(self, node, process, error):
        self.ended.append((node, process, error))
        return self.death

    def remote(self, **options):
        def actor_class(cls):
            def start(document, scheduling_strategy):
                self.made.append((scheduling_strategy, options, document))
                return Actor(self, f"actor{len(self.made) - 1}", options.get("concurrency_groups", {}))

            return SimpleNamespace(
                options=lambda scheduling_strategy: SimpleNamespace(
                    remote=lambda document: start(document, scheduling_strategy)
                )
            )

        return actor_class


class Actor:
    """As Ray's: a method runs in a group that the actor has, and `remote` gives a reference."""

    def __init__(self, cluster, name, groups):
        self.cluster, self.name, self.groups = cluster, name, groups

    def __getattr__(self, method):
        def remote(*arguments):
            self.cluster.calls.append((method, *arguments))
            return f"{method} of {self.name}"

        def options(concurrency_group):
            assert concurrency_group in self.groups
            return SimpleNamespace(remote=remote)

        return SimpleNamespace(remote=remote, options=options)


HERE, THERE = Node("1", "here", 4.0, 0.0), Node("2", "there", 2.0, 0.0)


def pool_of(*nodes, wanted=0):
    cluster, told = Cluster(*nodes), []
    pool = WorkerPool(cluster, wanted, {"name": "tiny"}, told.append)
    cluster.values |= {f"versions of {node.name}": versions() for node in nodes}
    return pool, cluster, told


def looked(pool, times=2):
    """The nodes are asked for their versions at the first look, and have answered at the second."""
    for _ in range(times):
        pool.look(pool.now + 2.0)
    return {pool.hosts[one].node.name: pool.hosts[one].wanted for one in pool.hosts}


def test_a_node_is_asked_once_for_its_versions_and_is_given_workers_when_it_has_told_them():
    pool, cluster, _ = pool_of(HERE, THERE)
    assert looked(pool, 1) == {"here": 0, "there": 0}
    pool.look(pool.now + 1.9)  # too soon: nothing is looked at
    assert {host.wanted for host in pool.hosts.values()} == {0}
    assert looked(pool) == {"here": 4, "there": 2}
    assert looked(pool) == {"here": 4, "there": 2}
    assert cluster.asked == ["here", "there"]


def test_a_node_that_could_not_say_its_versions_is_asked_again():
    pool, cluster, _ = pool_of(HERE)
    cluster.values["versions of here"] = OSError()
    assert looked(pool) == {"here": 0}
    cluster.values["versions of here"] = versions()
    assert looked(pool) == {"here": 4}
    assert cluster.asked == ["here", "here"]


@pytest.mark.parametrize(("wanted", "started"), [(0, [4, 2]), (1, [1, 0]), (3, [2, 1]), (5, [4, 1]), (6, [4, 2])])
def test_as_many_workers_start_as_are_wanted_and_no_more_while_they_are_there(wanted, started):
    pool, cluster, _ = pool_of(HERE, THERE, wanted=wanted)
    looked(pool)
    pool.start_missing(late=False)
    assert [[one[0] for one in cluster.made].count(name) for name in ("here", "there")] == started
    pool.start_missing(late=False)
    assert len(cluster.made) == sum(started)
    assert [str(one) for one in pool.workers[:1]] == ["worker0 on here"]
    assert len({one.name for one in pool.workers}) == sum(started)


def test_a_worker_whose_node_is_lost_counts_as_one_of_those_wanted_until_it_is_given_up():
    pool, cluster, _ = pool_of(HERE, THERE, wanted=3)
    looked(pool)
    pool.start_missing(late=False)
    cluster.found = [HERE]
    gone = pool.look(pool.now + 2.0)
    assert [worker.node.name for worker in gone] == ["there"]
    pool.start_missing(late=True)
    assert len(pool.workers) == 3
    pool.end(gone[0])
    assert cluster.killed == [gone[0].actor]
    pool.start_missing(late=True)
    assert [worker.node.name for worker in pool.workers] == ["here"] * 3


def test_while_a_lost_worker_counts_no_more_are_started_than_are_wanted_in_all():
    one, other, lost = (Node(str(number), name, 2.0, 0.0) for number, name in enumerate("abc"))
    pool, cluster, _ = pool_of(one, other, lost, wanted=4)
    looked(pool)
    pool.start_missing(late=False)
    cluster.found = [one, other]
    pool.look(pool.now + 2.0)
    pool.end(next(worker for worker in pool.workers if worker.node is one))
    pool.start_missing(late=True)
    assert len(pool.workers) == 4


def test_a_worker_is_started_on_its_node_with_its_share_and_never_started_again_by_ray():
    """Ray would run a trial that ends its worker for ever."""
    pool, cluster, _ = pool_of(HERE, wanted=2)
    looked(pool)
    pool.start_missing(late=False)
    place, options, told = cluster.made[0]
    assert (place, told) == ("here", {"name": "tiny"})
    assert (options["max_restarts"], options["max_task_retries"]) == (0, 0)
    assert (options["num_cpus"], options["num_gpus"]) == (2.0, 0.0)


def test_a_worker_that_does_not_start_in_time_is_given_up_and_the_third_in_a_row_ends_its_node():
    pool, _, told = pool_of(HERE, wanted=1)
    looked(pool)
    for turn in range(3):
        pool.start_missing(late=False)
        worker = pool.workers[0]
        pool.now = worker.started + 300.0
        pool.greet(worker)
        assert pool.workers == [worker]
        pool.now += 0.1
        pool.greet(worker)
        assert pool.workers == []
        assert bool(told) == (turn == 2)
    why = "3 workers in a row ended before they had started: it did not start within 300 s"
    assert told == [f"here is given no more workers: {why}"]
    pool.look(pool.now + 2.0)
    pool.start_missing(late=False)
    assert pool.workers == []
    with pytest.raises(InputError) as caught:
        pool.check_alone(wanted=True)
    assert caught.value.diagnostics[0].message == f"no worker is left: here: {why}"
    assert caught.value.diagnostics[0].remedy == f"{REMEDY}; then the same command goes on"


def test_a_worker_that_starts_has_its_nodes_failures_forgotten_and_a_late_one_is_told_of():
    pool, cluster, told = pool_of(HERE, wanted=2)
    looked(pool)
    pool.start_missing(late=False)
    cluster.values["hello of actor0"] = RuntimeError("no backend")
    pool.greet(pool.workers[0])
    assert pool.hosts["1"].failures == 1
    pool.start_missing(late=True)
    early, late = pool.workers
    cluster.values |= {"hello of actor1": Process(7, "", "", 0), "hello of actor2": Process(8, "", "", 0)}
    pool.now += 5.0
    pool.greet(early)
    assert (early.asked, pool.hosts["1"].failures, told) == (pool.now, 0, [])
    pool.greet(late)
    assert told == ["worker2 on here has joined: 2 workers"]


def test_a_pool_waits_for_a_worker_to_start_while_a_node_is_there_and_not_without_any():
    pool, cluster, _ = pool_of(HERE)
    looked(pool)
    pool.check_alone(wanted=False)
    pool.now += 299.0
    pool.check_alone(wanted=True)
    cluster.found = []
    pool.look(pool.now)
    with pytest.raises(InputError) as caught:
        pool.check_alone(wanted=True)
    assert caught.value.diagnostics[0].message == "no worker is left, and no node of the cluster answers"
    assert caught.value.diagnostics[0].remedy == "start the nodes again; then the same command goes on"


def test_a_pool_whose_nodes_answer_gives_up_when_no_worker_comes():
    pool, _, _ = pool_of(HERE)
    looked(pool)
    pool.check_alone(wanted=False)
    pool.now += 300.0
    with pytest.raises(InputError, match="no worker is left, and no node of the cluster answers"):
        pool.check_alone(wanted=True)


def test_versions_are_those_of_the_node_and_else_of_this_process():
    pool, cluster, told = pool_of(HERE, THERE)
    other = versions() | {"Keras": "3.0.0"}
    cluster.values["versions of there"] = other
    looked(pool)
    workers = [Worker("worker", node, None, None, 0.0, late=False) for node in (HERE, THERE, Node("3", "x", 1.0, 0.0))]
    assert [pool.versions_of(worker) for worker in workers] == [pool.here, other, pool.here]
    assert told == [f"there is refused: Keras is 3.0.0 there and {pool.here['Keras']} here; {REMEDY}"]
    assert pool.death(workers[2], None) == Death("its machine is lost", machine=True)
    workers[0].process, error = "its process", RuntimeError("why")
    assert pool.death(workers[0], error) == Death("it died")
    assert cluster.ended == [(HERE, "its process", error)]  # the error may say more than what the process left


@pytest.fixture
def driven(tmp_path, digits):
    """A driver with one worker on a trial of which two epochs are known, the cluster, and what was told."""
    driver, worker, rows = working(tmp_path, digits, limit=None)
    cluster, told = Cluster(HERE), []
    driver.pool = WorkerPool(cluster, 1, {}, told.append)
    driver.tell = told.append
    cluster.values["versions of here"] = versions()
    looked(driver.pool)
    worker.node, worker.actor = HERE, Actor(cluster, "actor", ("heartbeat",))
    driver.pool.workers.append(worker)
    return driver, worker, rows, cluster, told


def stored(driver, task):
    again = Store(driver.runner.store.folder)
    again.open()
    return again.unfinished(task.candidate.key) or again.records[task.candidate.key]


def test_a_trial_is_tried_again_on_another_worker_and_fails_after_three_attempts(driven):
    driver, worker, rows, _, told = driven
    task = worker.task
    for attempt in (2, 3):
        driver._lose(worker, Death("it died", memory=True))
        assert told == [
            "1 of 1 worker is gone: worker0 on here: it died",
            f"{task.name} is tried again, attempt {attempt} of 3",
        ]
        assert driver.again.pop() is task
        assert stored(driver, task).crashes == ["worker0 on here: it died"] * (attempt - 1)
        assert not stored(driver, task).done
        told.clear()
        driver.pool.workers.append(worker)
    driver._lose(worker, Death("it died", memory=True))
    record = stored(driver, task)
    assert told == ["1 of 1 worker is gone: worker0 on here: it died"]
    assert driver.again == []
    assert record.reason == f"ended its worker in each of 3 attempts; in the last one it died; {HINT}"
    assert (record.crashes, record.node, record.history) == (["worker0 on here: it died"] * 3, "here", rows)
    assert record.versions == versions()


def test_a_trial_whose_machine_is_lost_is_given_to_another_worker_and_has_lost_no_attempt(driven):
    driver, worker, _, cluster, told = driven
    cluster.found = [THERE]
    driver.pool.looked = -10.0
    driver._watch()
    assert told == [
        "1 of 1 worker is gone: worker0 on here: its machine is lost",
        f"{worker.task.name} is given to another worker",
    ]
    assert driver.again == [worker.task]
    assert worker.task.crashes == []


@pytest.mark.parametrize(
    ("death", "words"),
    [(Death("?", memory=True), "it did not answer for 30 s"), (Death("?", machine=True), "its machine did not answer for 30 s")],
)  # fmt: skip
def test_a_worker_is_given_up_when_it_has_not_answered_for_half_a_minute(driven, death, words):
    """What was found of it is that it was ended for being silent: no word of memory."""
    driver, worker, rows, cluster, told = driven
    cluster.death = death
    worker.task.crashes += ["once", "twice"]
    for _ in range(30):
        driver._listen(worker, 1.0)
    assert told == []
    cluster.values["alive of actor"] = (worker.task.number, rows)
    driver._listen(worker, 1.0)  # it answers, so that the count starts again
    assert worker.silent == 0.0
    del cluster.values["alive of actor"]
    for _ in range(30):
        driver._listen(worker, 1.0)
    assert told == []
    driver._listen(worker, 0.1)
    assert told[0] == f"1 of 1 worker is gone: worker0 on here: {words}"
    if not death.machine:
        assert stored(driver, worker.task).reason.endswith(f"in the last one {words}")


def test_a_worker_is_asked_once_a_second_and_not_while_it_owes_an_answer(driven):
    driver, worker, _, cluster, _ = driven
    worker.asked = driver.now
    driver.now += 0.9
    driver._listen(worker, 0.9)
    assert cluster.calls == []
    driver.now += 0.1
    driver._listen(worker, 0.1)
    driver.now += 5.0
    driver._listen(worker, 1.0)
    assert cluster.calls == [("alive",)]


def test_epochs_of_a_former_trial_are_not_taken_for_those_of_this_one(driven):
    driver, worker, rows, cluster, _ = driven
    worker.beat = "alive of actor"
    cluster.values[worker.beat] = (worker.task.number + 1, [*rows, rows[-1] | {"epoch": 3}])
    driver._listen(worker, 0.1)
    assert worker.task.history == rows


@pytest.mark.parametrize(("seconds", "limit"), [(2.5, 300.0), (40.0, 400.0)])
def test_a_trial_is_stuck_after_ten_of_the_slowest_epochs_and_at_least_five_minutes(driven, seconds, limit):
    driver, worker, _, cluster, told = driven
    cluster.death = Death("?", machine=True, memory=True)
    driver.epoch_seconds = seconds
    worker.task.crashes += ["once", "twice"]
    driver.now = worker.task.progress + limit - 0.05  # a sum of floats may be off by their last digit
    driver._check_time(worker)
    assert told == []
    driver.now += 0.1
    driver._check_time(worker)
    words = f"{worker.task.name} has ended no epoch for {int(limit) // 60} min {int(limit) % 60} s"
    assert told == [f"1 of 1 worker is gone: worker0 on here: {words}"]
    assert stored(driver, worker.task).reason == (
        f"ended its worker in each of 3 attempts; in the last one {words}"
    )  # no word of memory: it was ended for its time


def test_a_larger_network_may_take_longer_in_proportion(driven):
    driver, worker, _, _, told = driven
    driver.epoch_seconds = 40.0
    driver.epoch_macs //= 3
    driver.now = worker.task.progress + 1199.0
    driver._check_time(worker)
    assert told == []
    driver.now += 2.0
    driver._check_time(worker)
    assert len(told) == 2


def test_while_no_epochs_duration_is_known_a_slow_trial_is_spoken_of_ever_more_rarely(driven):
    driver, worker, _, _, told = driven
    driver.epoch_seconds, name = 0.0, worker.task.name
    for waited in (600, 601, 1200, 1201, 2400, 2401, 4000):
        driver.now = worker.task.progress + waited
        driver._check_time(worker)
    assert told == [
        f"{name} on worker0 on here has ended no epoch for {words}; --time-limit ends such trials"
        for words in ("10 min 1 s", "20 min 1 s", "40 min 1 s")
    ]
    assert driver.pool.workers == [worker]


def test_the_slowest_epoch_is_remembered(driven):
    driver, worker, rows, _, _ = driven
    assert driver.epoch_seconds == 2.5
    macs = sum(node.macs or 0 for node in worker.task.candidate.spec.graph.nodes)
    assert driver.epoch_macs == macs
    driver._learn(worker.task.candidate, [{"epoch": 1}, rows[0] | {"seconds": 7.0}, rows[0]])
    assert driver.epoch_seconds == 7.0
    driver._learn(worker.task.candidate, [])
    assert driver.epoch_seconds == 7.0


def test_a_trial_begins_with_its_images_values_rule_and_bar_and_the_images_are_put_once(driven, digits):
    driver, worker, _, cluster, _ = driven
    task = worker.task
    task.warned = 3
    for _ in range(2):
        driver._begin(worker, task)
    first, second = [call for call in cluster.calls if call[0] == "run"]
    candidate = task.candidate
    assert first[1] + 1 == second[1] == task.number
    assert second[2][1] is digits
    assert first[2] is second[2]
    assert second[3:6] == (candidate.stage, candidate.epochs, candidate.values)
    assert second[7] is None
    assert (task.history, task.warned, task.begun, task.progress) == ([], 0, driver.now, driver.now)
    assert worker.result == "run of actor"
    assert driver.training


def test_a_result_is_finished_with_its_worker_and_the_worker_is_free(driven):
    driver, worker, rows, cluster, _ = driven
    task, worker.result = worker.task, "run of actor"
    task.crashes.append("once")
    cluster.values[worker.result] = driver._failed(task, "it would not")
    driver._take_back(worker)
    record = stored(driver, task)
    assert (worker.task, worker.result) == (None, None)
    assert (record.state, record.reason, record.node, record.crashes, record.history) == (
        "failed", "it would not", "here", ["once"], rows,
    )  # fmt: skip


def test_an_idle_worker_behind_busy_and_starting_ones_is_given_the_trial_that_waits(driven):
    driver, busy, _, cluster, _ = driven
    waiting = replace(busy.task, name="trial 0009")
    starting = replace(busy, name="worker1", task=None, process=None)
    idle = replace(busy, name="worker2", task=None)
    driver.pool.workers[:] = [starting, busy, idle]
    driver.again, driver.more = [waiting], False
    driver._hand_out()
    assert [one.task and one.task.name for one in (starting, busy, idle)] == [None, busy.task.name, "trial 0009"]
    assert [call[0] for call in cluster.calls] == ["run"]


def taking(tmp_path, digits):
    """A driver of a random search over three heads, of which the constraint forbids one."""
    tune = {
        "strategy": "random",
        "stages": [{"trials": 3, "epochs": 1}],
        "space": {"head.fc": {"choice": [[16], [8], [900]]}},
        "constraints": {"parameters": "< 10k"},
    }
    hyperspec, store = HyperSpec(load(document(tune))), Store(tmp_path)
    store.open()
    oracle = make_oracle(hyperspec, store)
    oracle._set_project_dir(str(tmp_path), "keras_tuner")
    return _Driver(oracle, TrialRunner(hyperspec, store, lambda spec: digits), 1, None, lambda line: None)


def test_a_trial_that_is_known_or_forbidden_ends_at_once_and_one_that_was_interrupted_keeps_its_crashes(
    tmp_path, digits
):
    driver = taking(tmp_path, digits)
    runner = driver.runner
    tasks = []
    while (task := driver._next()) is not None:
        tasks.append(task)
    assert not driver.more
    assert sorted(task.candidate.values["head.fc"] for task in tasks) == [[8], [16]]
    ended = [trial for trial in driver.oracle.trials.values() if trial.status == "COMPLETED"]
    assert [trial.score for trial in ended] == [WORST_SCORE["max"]]
    assert ended[0].metrics.get_best_value("aborted") == 1.0

    first, second = tasks
    runner.store.put(replace(begun(first.candidate), state="completed", score=0.75))
    runner.store.put(replace(begun(second.candidate), crashes=["worker0 on here: it died"]))
    again = taking(tmp_path / "again", digits)
    again.runner.store = runner.store
    task = again._next()
    while task is not None and task.candidate.key != second.candidate.key:
        task = again._next()
    assert task.crashes == ["worker0 on here: it died"]
    assert task.name == f"trial {runner.store.number(second.candidate.key):04d}"
    assert again._next() is None
    scores = sorted(trial.score for trial in again.oracle.trials.values() if trial.status == "COMPLETED")
    assert scores == sorted([WORST_SCORE["max"], 0.75])


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("*** SIGSEGV received at x\n*** SIGABRT received at y", "its process was ended by SIGABRT"),
        ("convspec: exit code 3\nconvspec: exit code 7\n", "its process left with exit code 7"),
        ("Fatal Python error: Segmentation error", "its process was ended by Segmentation error"),
        ("ran Out of memory\n*** SIGABRT received", "its process was ended by SIGABRT (ran Out of memory)"),
    ],
)
def test_the_last_that_a_process_said_counts(told, words):
    assert explained(told, 0, "").words == words
