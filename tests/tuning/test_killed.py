"""A search that is killed with SIGKILL at any moment ends with the table of one that was not; with workers: test_workers."""

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


TOGETHER = """
import os, sys, time
from pathlib import Path
import convspec.training.train  # with TensorFlow, without gRPC, with which these talk: it does not outlive a fork

assert "tensorflow" in sys.modules and "grpc" not in sys.modules

def start(name):
    if process := os.fork():
        return process
    os.environ["KERASTUNER_TUNER_ID"] = name
    from convspec.cli import main
    sys.exit(main(sys.argv[2:]))

def end(process):
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

chief = start("chief")
while not Path(sys.argv[1]).exists():
    assert os.waitpid(chief, os.WNOHANG) == (0, 0)
    time.sleep(0.05)
assert [end(process) for process in (start("first"), start("second"), chief)] == [0, 0, 0]
"""
"""A chief, and two workers as soon as there is a file, the first argument; the others are those of each."""


def test_keras_tuners_own_chief_and_workers_give_the_same_table(alone, tmp_path):
    folder, port = tmp_path / "search", str(_free_port())
    shared = {**os.environ, "KERASTUNER_ORACLE_IP": "127.0.0.1", "KERASTUNER_ORACLE_PORT": port}
    asked = [sys.executable, "-c", TOGETHER, str(folder / "search.json"), *tune_command(folder)]
    done = subprocess.run(asked, env=shared, capture_output=True, text=True, check=False, timeout=420)
    assert done.returncode == 0, done.stderr
    assert table(folder) == table(alone)


def _free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
