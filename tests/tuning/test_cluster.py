"""A search on a Ray cluster of nodes that come, go and differ, joined by its address."""

import csv
import os
import signal
import subprocess
import sys
import time

import pytest
import yaml

from convspec import Diagnostic
from convspec.tuning.store import StoreError
from convspec.tuning.workers import _Driver

from ..warm import Command, command as run, succeed
from .specs import document
from .test_search import table

TUNE = {"stages": [{"trials": 4, "epochs": 1}, {"trials": 2, "epochs": 1}]}


@pytest.fixture(scope="module")
def cluster():
    """Two nodes on 127.0.0.1, shut down at the end."""
    patch = pytest.MonkeyPatch()
    patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 1, "include_dashboard": False, "node_ip_address": "127.0.0.1", "node_name": "first"}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    cluster.add_node(num_cpus=1, node_ip_address="127.0.0.1", node_name="second")
    yield cluster
    cluster.shutdown()
    patch.undo()


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The same search in one process."""
    folder = tmp_path_factory.mktemp("alone") / "search"
    succeed(command(folder))
    return folder


def command(folder, *more):
    spec = folder.parent / "tiny.yaml"
    spec.write_text(yaml.safe_dump(document(TUNE), sort_keys=False))
    return ["tune", str(spec), "--data", "digits", "--out", str(folder), *more]


def joined(folder, cluster, *more):
    environment = {**os.environ, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
    return Command(command(folder, "--address", cluster.address, *more), env=environment)


def nodes(folder):
    with (folder / "trials.csv").open() as file:
        return {row.get("node") for row in csv.DictReader(file)}


@pytest.fixture
def other(cluster):
    """A node of the cluster whose Keras has another backend."""
    node = cluster.add_node(
        num_cpus=1, node_ip_address="127.0.0.1", node_name="third", env_vars={"KERAS_BACKEND": "jax"}
    )
    yield node
    cluster.remove_node(node)


def test_nodes_give_the_table_of_one_process_and_one_with_another_version_is_refused(cluster, other, alone, tmp_path):
    search = joined(tmp_path / "search", cluster)
    out, err = search.communicate(timeout=400)
    assert search.returncode == 0, err
    assert table(tmp_path / "search") == table(alone)
    assert nodes(tmp_path / "search") <= {"first", "second"}
    told = next(line for line in out.splitlines() if "refused" in line)
    assert told.startswith("third is refused: backend is jax ")
    assert " there and tensorflow " in told
    assert "KERAS_BACKEND" in told


def test_a_search_goes_on_without_a_node_that_is_lost_and_with_one_that_joins(cluster, alone, tmp_path):
    folder = tmp_path / "search"
    lost = cluster.add_node(num_cpus=1, node_ip_address="127.0.0.1", node_name="lost")
    search = joined(folder, cluster)
    search.wait_for("(1 / ")  # it runs
    raylet = lost.all_processes["raylet"][0].process
    os.kill(raylet.pid, signal.SIGKILL)
    late = cluster.add_node(num_cpus=1, node_ip_address="127.0.0.1", node_name="late")
    out, err = search.communicate(timeout=400)
    assert search.returncode == 0, err
    assert table(folder) == table(alone)
    for word in ("raylet", "Traceback", "logging.cc"):
        assert word not in out + err
    cluster.remove_node(late)


def test_where_all_nodes_are_refused_the_search_ends_with_the_reasons(cluster, tmp_path):
    environment = {**os.environ, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "KERAS_BACKEND": "jax"}
    asked = [sys.executable, "-m", "convspec", *command(tmp_path / "search", "--address", cluster.address)]
    done = subprocess.run(asked, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 1
    assert "no worker is left: first: backend is tensorflow" in done.stderr
    assert "there and jax" in done.stderr
    assert not (tmp_path / "search" / "search.json").exists()  # nothing ran


def test_an_address_where_nothing_answers_is_a_diagnostic(tmp_path):
    start = time.monotonic()
    done = run(command(tmp_path / "out", "--address", "127.0.0.1:1"))
    assert done.returncode == 1
    assert "no Ray answers at 127.0.0.1:1" in done.stderr
    assert time.monotonic() - start < 120


def test_a_diagnostic_of_a_worker_is_told_in_its_own_words(cluster):
    """Ray's exception has the worker's traceback for a text."""
    import ray

    from convspec.tuning.cluster import Cluster
    from convspec.tuning.pool import Worker, WorkerPool
    from convspec.tuning.workers import Task

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
