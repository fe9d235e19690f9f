"""What a driver decides of workers and trials, against a cluster whose answers the test gives."""

from dataclasses import replace

import pytest

from convspec import load
from convspec.tuning.cluster import Death
from convspec.tuning.hypermodel import HyperSpec
from convspec.tuning.pool import WorkerPool
from convspec.tuning.ray_driver import HINT, _Driver
from convspec.tuning.store import Store
from convspec.tuning.strategies import WORST_SCORE, make_oracle
from convspec.tuning.tuner import TrialRunner, begun
from convspec.tuning.versions import versions

from .fakes import HERE, THERE, Actor, Cluster, listed
from .specs import document
from .test_runner import working


@pytest.fixture
def driven(tmp_path, digits):
    """A driver with one worker on a trial of which two epochs are known, the cluster, and what was told."""
    driver, worker, rows = working(tmp_path, digits, limit=None)
    cluster, told = Cluster(HERE), []
    driver.pool = WorkerPool(cluster, 1, {}, told.append)
    driver.notify = told.append
    cluster.values["versions of here"] = versions()
    listed(driver.pool)
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
    driver.pool.listed = -10.0
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
    worker.heartbeat = "alive of actor"
    cluster.values[worker.heartbeat] = (worker.task.number + 1, [*rows, rows[-1] | {"epoch": 3}])
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
    assert second[3:5] == (candidate.epochs, candidate.values)
    assert second[6] is None
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
