"""A search on a Ray cluster of nodes that come, go and differ, joined by its address."""

import csv
import os
import signal
import subprocess
import sys
import time

import pytest

from convspec import Diagnostic
from convspec.tuning.ray_driver import _Driver
from convspec.tuning.store import StoreError

from ..warm import Command, command as run
from .crashing import environment
from .specs import tune_command
from .test_search import table

NODE = {"num_cpus": 1, "node_ip_address": "127.0.0.1", "include_log_monitor": False}
HEAD = {
    "include_dashboard": False,
    "no_monitor": True,
    "_system_config": {"health_check_period_ms": 500},
}
"""Without processes that nobody asks anything; whether a node is still there is asked every half second."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A node on 127.0.0.1 whose workers wait before their second trial until there is a file `go`."""
    folder = tmp_path_factory.mktemp("cluster")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        for name, value in environment(folder, wait=folder / "go").items():
            patch.setenv(name, value)
        from ray.cluster_utils import Cluster

        cluster = Cluster(initialize_head=True, head_node_args={**NODE, **HEAD, "node_name": "first"})
        cluster.go = folder / "go"
        yield cluster
        cluster.shutdown()


def address(cluster):
    return ["--address", cluster.address]


@pytest.fixture(scope="module")
def joined(cluster, tmp_path_factory):
    """The folder of a search that had two nodes, refused one, lost one and was joined by one, and what it printed."""
    folder = tmp_path_factory.mktemp("joined") / "search"
    lost = cluster.add_node(**NODE, node_name="lost")
    other = cluster.add_node(**NODE, node_name="other", env_vars={"KERAS_BACKEND": "jax"})
    search = Command(
        tune_command(folder, *address(cluster)), env={**os.environ, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
    )
    search.wait_for("(2 / ")  # one trial on each of the two
    os.kill(lost.all_processes["raylet"][0].process.pid, signal.SIGKILL)
    late = cluster.add_node(**NODE, node_name="late")
    search.wait_for("on late has joined")
    cluster.go.touch()
    out, err = search.communicate(timeout=400)
    for node in (other, late):
        cluster.remove_node(node)
    assert search.returncode == 0, err
    return folder, out, err


def test_nodes_give_the_table_of_one_process(joined, alone):
    folder, _, _ = joined
    assert table(folder) == table(alone)
    with (folder / "trials.csv").open() as file:
        assert {row["node"] for row in csv.DictReader(file)} == {"first", "lost", "late"}


def test_a_node_with_another_version_is_refused(joined):
    _, out, _ = joined
    refusal = next(line for line in out.splitlines() if "refused" in line)
    assert refusal.startswith("other is refused: backend is jax ")
    assert " there and tensorflow " in refusal
    assert "KERAS_BACKEND" in refusal


def test_a_search_goes_on_without_a_node_that_is_lost_and_with_one_that_joins(joined):
    _, out, err = joined
    assert "on lost: its machine is lost" in out
    assert "is given to another worker" in out
    for word in ("raylet", "Traceback", "logging.cc"):
        assert word not in out + err


def test_where_all_nodes_are_refused_the_search_ends_with_the_reasons(cluster, tmp_path):
    environment = {**os.environ, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "KERAS_BACKEND": "jax"}
    asked = [sys.executable, "-m", "convspec", *tune_command(tmp_path / "search", *address(cluster))]
    done = subprocess.run(asked, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 1
    assert "no worker is left: first: backend is tensorflow" in done.stderr
    assert "there and jax" in done.stderr
    assert not (tmp_path / "search" / "search.json").exists()  # nothing ran


def test_an_address_where_nothing_answers_is_a_diagnostic(tmp_path):
    start = time.monotonic()
    done = run(tune_command(tmp_path / "out", "--address", "127.0.0.1:1"))
    assert done.returncode == 1
    assert "no Ray answers at 127.0.0.1:1" in done.stderr
    assert time.monotonic() - start < 120


def test_a_diagnostic_of_a_worker_is_reported_in_its_own_words(cluster):
    """Ray's exception has the worker's traceback for a text."""
    import ray

    from convspec.tuning.cluster import Cluster
    from convspec.tuning.pool import Worker, WorkerPool
    from convspec.tuning.ray_driver import Task

    ray.init(address=cluster.address, log_to_driver=False)
    try:

        @ray.remote
        def work():
            raise StoreError(Diagnostic("the disk is full", file="trials"))

        driver = _Driver.__new__(_Driver)
        driver.pool = WorkerPool(Cluster(ray), 1, {}, lambda line: None)
        worker = Worker("worker0", None, None, None, 0.0, late=False, task=Task(1, "trial 0001", None, None, []))
        worker.result = work.remote()
        with pytest.raises(StoreError) as caught:
            driver._take_back(worker)
        assert str(caught.value) == "trials: the disk is full"
    finally:
        ray.shutdown()
