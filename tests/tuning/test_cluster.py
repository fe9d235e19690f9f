"""A search on a Ray cluster of two nodes, joined by its address."""

import os
import subprocess
import sys

import pytest
import yaml

from convspec import Fault
from convspec.tuning.store import StoreError
from convspec.tuning.workers import _Driver

from .specs import document
from .test_search import table

TUNE = {"stages": [{"trials": 4, "epochs": 1}, {"trials": 2, "epochs": 1}]}


@pytest.fixture(scope="module")
def address():
    """Two nodes on 127.0.0.1, shut down at the end."""
    patch = pytest.MonkeyPatch()
    patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, "node_ip_address": "127.0.0.1"}
    )
    cluster.add_node(num_cpus=1, node_ip_address="127.0.0.1")
    yield cluster.address
    cluster.shutdown()
    patch.undo()


def test_two_nodes_give_the_table_of_one_process(address, tmp_path):
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(document(TUNE), sort_keys=False))
    command = [sys.executable, "-m", "convspec", "tune", str(tmp_path / "tiny.yaml"), "--data", "digits", "--out"]
    subprocess.run([*command, str(tmp_path / "alone")], check=True, stdout=subprocess.DEVNULL)
    environment = {**os.environ, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
    joined = [*command, str(tmp_path / "joined"), "--address", address]
    subprocess.run(joined, check=True, stdout=subprocess.DEVNULL, env=environment)
    assert table(tmp_path / "joined") == table(tmp_path / "alone")


def test_an_address_where_nothing_answers_is_a_fault(tmp_path):
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(document(TUNE), sort_keys=False))
    command = [sys.executable, "-m", "convspec", "tune", str(tmp_path / "tiny.yaml"), "--data", "digits"]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "out"), "--address", "127.0.0.1:1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "no Ray answers at 127.0.0.1:1" in done.stderr


def test_a_fault_of_a_worker_is_told_in_its_own_words(address):
    """A disk that takes no more, say; Ray's exception has the worker's traceback for a text."""
    import ray

    ray.init(address=address, log_to_driver=False)
    try:

        @ray.remote
        def work():
            raise StoreError(Fault("the disk is full", file="trials"))

        driver = _Driver.__new__(_Driver)
        driver.ray = ray
        with pytest.raises(StoreError) as caught:
            driver._outcome(work.remote())
        assert str(caught.value) == "trials: the disk is full"
    finally:
        ray.shutdown()
