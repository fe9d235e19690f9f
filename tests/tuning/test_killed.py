"""A search that is killed with SIGKILL at any moment, its workers too, ends with the table of one that was not."""

import os
import random
import signal
import subprocess
import sys
import time

from ..warm import Command, succeed
from .specs import KILLS, tune_command
from .test_search import table


def finished(folder):
    """The names of the files of trials that have ended; that of a file which is being written is hidden."""
    paths = (folder / "trials").glob("[!.]*.json")
    return {path.name for path in paths if '"state": "running"' not in path.read_text()}


def test_killed_at_random_moments_a_search_loses_no_finished_trial(alone, tmp_path):
    moments, folder, kept = random.Random(1), tmp_path / "search", set()
    for _ in range(KILLS):
        process = Command(tune_command(folder))
        began, deadline = time.monotonic(), time.monotonic() + 240
        while process.poll() is None and time.monotonic() < deadline:
            if len(finished(folder)) > len(kept) or time.monotonic() - began > 60:
                break
            time.sleep(0.05)
        time.sleep(moments.uniform(0.0, 0.5))
        assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        now = finished(folder)
        assert kept <= now
        kept = now
    assert 0 < len(kept) < len(table(alone))
    succeed(tune_command(folder))
    assert table(folder) == table(alone)
    assert kept <= finished(folder)


def test_a_killed_worker_and_a_killed_driver_change_nothing(alone, tmp_path):
    folder = tmp_path / "search"
    driver = Command(tune_command(folder, "--workers", "2"), new_group=True)
    _wait_for(folder, 2, driver)
    workers = _workers(driver.pid)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    _wait_for(folder, 5, driver)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.communicate()
    assert 0 < len(finished(folder)) < len(table(alone))
    succeed(tune_command(folder, "--workers", "1"))
    assert table(folder) == table(alone)


def _wait_for(folder, count, process):
    deadline = time.monotonic() + 300
    while len(finished(folder)) < count:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _workers(driver):
    """The processes of this driver's Ray that train: they call themselves after the actor's class."""
    listing = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    lines = [line.split(None, 2) for line in listing.splitlines()[1:]]
    parents = {int(pid): int(parent) for pid, parent, _ in lines}

    def below(pid):
        while pid in parents:
            if pid == driver:
                return True
            pid = parents[pid]
        return False

    return [int(pid) for pid, _, words in lines if words.startswith("ray::TrialWorker") and below(int(pid))]


def test_keras_tuners_own_chief_and_workers_give_the_same_table(alone, tmp_path):
    folder, port = tmp_path / "search", str(_free_port())
    shared = {**os.environ, "KERASTUNER_ORACLE_IP": "127.0.0.1", "KERASTUNER_ORACLE_PORT": port}

    def start(name):  # gRPC, with which these talk, does not outlive a fork
        asked = [sys.executable, "-m", "convspec", *tune_command(folder)]
        return subprocess.Popen(asked, env={**shared, "KERASTUNER_TUNER_ID": name}, stdout=subprocess.DEVNULL)

    chief = start("chief")
    _wait_for_file(folder / "search.json", chief)
    workers = [start(name) for name in ("first", "second")]
    assert [process.wait(300) for process in (*workers, chief)] == [0, 0, 0]
    assert table(folder) == table(alone)


def _wait_for_file(path, process):
    deadline = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
