"""Which workers a pool starts, takes in and gives up, against a cluster whose answers the test gives."""

import pytest

from convspec import InputError
from convspec.tuning.cluster import Death, Node, Process
from convspec.tuning.pool import Worker
from convspec.tuning.versions import REMEDY, versions

from .fakes import HERE, THERE, listed, pool_of


def test_a_node_is_asked_once_for_its_versions_and_is_given_workers_when_it_has_told_them():
    pool, cluster, _ = pool_of(HERE, THERE)
    late = cluster.values.pop("versions of there")
    assert listed(pool, 1) == {"here": 0, "there": 0}
    pool.list_nodes(pool.now + 0.1)  # the other may answer as soon, and gets its share of the workers then
    assert {host.wanted for host in pool.hosts.values()} == {0}
    assert listed(pool, 1) == {"here": 4, "there": 0}
    cluster.values["versions of there"] = late
    pool.list_nodes(pool.now + 0.1)
    assert [host.wanted for host in pool.hosts.values()] == [4, 2]
    assert listed(pool) == {"here": 4, "there": 2}
    assert cluster.asked == ["here", "there"]


def test_nodes_that_answer_at_once_are_given_workers_at_once_and_listed_again_later():
    pool, cluster, _ = pool_of(HERE)
    assert listed(pool, 1) == {"here": 0}
    cluster.found = [HERE, THERE]
    pool.list_nodes(pool.now + 0.1)
    assert {host.node.name: host.wanted for host in pool.hosts.values()} == {"here": 4}
    assert listed(pool, 1) == {"here": 4, "there": 0}


def test_a_node_that_could_not_say_its_versions_is_asked_again():
    pool, cluster, _ = pool_of(HERE)
    cluster.values["versions of here"] = OSError()
    assert listed(pool) == {"here": 0}
    cluster.values["versions of here"] = versions()
    assert listed(pool) == {"here": 4}
    assert cluster.asked == ["here", "here"]


@pytest.mark.parametrize(("wanted", "started"), [(0, [4, 2]), (1, [1, 0]), (3, [2, 1]), (5, [4, 1]), (6, [4, 2])])
def test_as_many_workers_start_as_are_wanted_and_no_more_while_they_are_there(wanted, started):
    pool, cluster, _ = pool_of(HERE, THERE, wanted=wanted)
    listed(pool)
    pool.start_missing(late=False)
    assert [[one[0] for one in cluster.made].count(name) for name in ("here", "there")] == started
    pool.start_missing(late=False)
    assert len(cluster.made) == sum(started)
    assert [str(one) for one in pool.workers[:1]] == ["worker0 on here"]
    assert len({one.name for one in pool.workers}) == sum(started)


def test_a_worker_whose_node_is_lost_counts_as_one_of_those_wanted_until_it_is_given_up():
    pool, cluster, _ = pool_of(HERE, THERE, wanted=3)
    listed(pool)
    pool.start_missing(late=False)
    cluster.found = [HERE]
    gone = pool.list_nodes(pool.now + 2.0)
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
    listed(pool)
    pool.start_missing(late=False)
    cluster.found = [one, other]
    pool.list_nodes(pool.now + 2.0)
    pool.end(next(worker for worker in pool.workers if worker.node is one))
    pool.start_missing(late=True)
    assert len(pool.workers) == 4


def test_a_worker_is_started_on_its_node_with_its_share_and_never_started_again_by_ray():
    """Ray would run a trial that ends its worker for ever."""
    pool, cluster, _ = pool_of(HERE, wanted=2)
    listed(pool)
    pool.start_missing(late=False)
    place, options, told = cluster.made[0]
    assert (place, told) == ("here", {"name": "tiny"})
    assert (options["max_restarts"], options["max_task_retries"]) == (0, 0)
    assert (options["num_cpus"], options["num_gpus"]) == (2.0, 0.0)


def test_a_worker_that_does_not_start_in_time_is_given_up_and_the_third_in_a_row_ends_its_node():
    pool, _, told = pool_of(HERE, wanted=1)
    listed(pool)
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
    pool.list_nodes(pool.now + 2.0)
    pool.start_missing(late=False)
    assert pool.workers == []
    with pytest.raises(InputError) as caught:
        pool.check_alone(wanted=True)
    assert caught.value.diagnostics[0].message == f"no worker is left: here: {why}"
    assert caught.value.diagnostics[0].remedy == f"{REMEDY}; then the same command goes on"


def test_a_worker_that_starts_has_its_nodes_failures_forgotten_and_a_late_one_is_told_of():
    pool, cluster, told = pool_of(HERE, wanted=2)
    listed(pool)
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
    listed(pool)
    pool.check_alone(wanted=False)
    pool.now += 299.0
    pool.check_alone(wanted=True)
    cluster.found = []
    pool.list_nodes(pool.now)
    with pytest.raises(InputError) as caught:
        pool.check_alone(wanted=True)
    assert caught.value.diagnostics[0].message == "no worker is left, and no node of the cluster answers"
    assert caught.value.diagnostics[0].remedy == "start the nodes again; then the same command goes on"


def test_a_pool_whose_nodes_answer_gives_up_when_no_worker_comes():
    pool, _, _ = pool_of(HERE)
    listed(pool)
    pool.check_alone(wanted=False)
    pool.now += 300.0
    with pytest.raises(InputError, match="no worker is left, and no node of the cluster answers"):
        pool.check_alone(wanted=True)


def test_versions_are_those_of_the_node_and_else_of_this_process():
    pool, cluster, told = pool_of(HERE, THERE)
    other = versions() | {"Keras": "3.0.0"}
    cluster.values["versions of there"] = other
    listed(pool)
    workers = [Worker("worker", node, None, None, 0.0, late=False) for node in (HERE, THERE, Node("3", "x", 1.0, 0.0))]
    assert [pool.versions_of(worker) for worker in workers] == [pool.here, other, pool.here]
    assert told == [f"there is refused: Keras is 3.0.0 there and {pool.here['Keras']} here; {REMEDY}"]
    assert pool.death(workers[2], None) == Death("its machine is lost", machine=True)
    workers[0].process, error = "its process", RuntimeError("why")
    assert pool.death(workers[0], error) == Death("it died")
    assert cluster.ended == [(HERE, "its process", error)]  # the error may say more than what the process left
