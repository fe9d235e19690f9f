"""A worker of a search, without Ray."""

import os
from pathlib import Path

import pytest

from convspec.training.conditions import settings
from convspec.tuning import cluster
from convspec.tuning.trial import Outcome
from convspec.tuning.worker import TrialWorker

from .specs import document


@pytest.fixture
def worker(monkeypatch):
    monkeypatch.setattr(os, "_exit", os._exit)  # a worker replaces it for its whole process
    return TrialWorker(document(), settings())


def test_a_worker_tells_its_epochs_while_it_trains(worker):
    """`alive` is asked beside `run`."""
    seen = []

    class Trainer:
        def run(self, spec, report, worse, keep_above, keep):
            seen.append((worker.alive(), spec.train.epochs, keep_above, keep))
            report([{"epoch": 1}])
            seen.append(worker.alive())
            return Outcome(score=0.5)

    worker.trainer = Trainer()
    data = object()
    values = {"head.dropout": 0.1}
    assert worker.run(7, data, 3, values, None, 0.25).score == 0.5
    assert seen == [((7, []), 3, 0.25, True), (7, [{"epoch": 1}])]
    assert list(worker.datasets.values()) == [data]


def kernels_kills():
    lines = dict(line.split() for line in Path("/proc/vmstat").read_text().splitlines())
    return int(lines["oom_kill"])


def test_how_often_the_kernel_ended_processes_for_memory_is_read_from_its_counters(worker, tmp_path, monkeypatch):
    (tmp_path / "log").write_text("the end")
    low, pid = kernels_kills(), 2**22 + 1  # no process has such a number
    _, log, kills = cluster.traces()(pid, str(tmp_path / "log"), "")
    assert log == "the end"
    assert low <= kills <= worker.hello().kills <= kernels_kills()
    read = Path.read_text
    counters = {"/proc/vmstat": "nr_free_pages 3\noom_kill 5\ndrop_pagecache 7\n"}
    monkeypatch.setattr(
        Path, "read_text", lambda path, *how, **more: counters.get(str(path)) or read(path, *how, **more)
    )
    assert cluster.traces()(pid, str(tmp_path / "log"), "")[2] == worker.hello().kills == 5
    counters["/proc/vmstat"] = "a kernel that does not count them 7\n"
    assert cluster.traces()(pid, str(tmp_path / "log"), "")[2] == worker.hello().kills == 0


def test_a_worker_says_when_it_started(worker):
    process = worker.hello()
    status = Path(f"/proc/{os.getpid()}/stat").read_text()
    assert (process.pid, process.started) == (os.getpid(), status.rpartition(")")[2].split()[19])
