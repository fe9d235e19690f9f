"""Workers that die, hang, and are refused; searches with workers that are stopped: real processes, with Ray on loopback."""

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from convspec.tuning import versions
from convspec.tuning.cluster import Death, _traces, explained
from convspec.tuning.worker import TrialWorker

from ..warm import Command, command as run, succeed
from .crashing import environment
from .specs import document
from .test_search import table

SIGNALS = int(os.environ.get("CONVSPEC_SIGNALS", "2"))
"""How often a search with workers is stopped by each signal; each time costs the start of a process and of Ray."""

SIZES = {"40": "segfault", "80": "exit", "160": "SIGSTOP"}
CRASHES = {
    "space": {"train.batch_size": {"choice": [128, *map(int, SIZES)]}},
    "stages": [{"trials": 4, "epochs": 1}],
}
"""Each batch size once, and the spec's own as trial 0."""


def command(folder, tune, *more):
    spec = folder.parent / "tiny.yaml"
    spec.write_text(yaml.safe_dump(document(tune), sort_keys=False))
    return ["tune", str(spec), "--data", "digits", "--out", str(folder), *more]


def crashing(folder, *more, crashes):
    """The same from nothing, since Python's start installs what crashes."""
    asked = [sys.executable, "-m", "convspec", *command(folder, CRASHES, *more)]
    changed = environment(folder.parent, crashes)
    return subprocess.run(asked, capture_output=True, text=True, env=changed, check=False, timeout=500)


def trials(folder):
    return [json.loads(path.read_text()) for path in (folder / "trials").glob("*.json")]


@pytest.fixture(scope="module")
def crashed(tmp_path_factory):
    """A search in which four trials take their workers along, each in another way, and what it printed."""
    folder = tmp_path_factory.mktemp("crashed") / "search"
    done = crashing(folder, "--workers", "2", crashes=SIZES)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout, done.stderr


def test_a_trial_that_ends_its_workers_fails_after_three_attempts_and_the_others_are_trained(crashed):
    folder, _, _ = crashed
    found = {record["values"]["train.batch_size"]: record for record in trials(folder)}
    assert {size: record["state"] for size, record in found.items()} == {
        128: "completed", 40: "failed", 80: "failed", 160: "failed",
    }  # fmt: skip
    assert found[40]["reason"].startswith(
        "ended its worker in each of 3 attempts; in the last one its process was ended by SIGSEGV"
    )
    assert "its process left with exit code 7" in found[80]["reason"]
    assert "it did not answer for 8 s" in found[160]["reason"]
    assert [len(found[size]["crashes"]) for size in (128, 40, 80, 160)] == [0, 3, 3, 3]


def test_what_happens_to_workers_is_told_in_our_words(crashed):
    _, out, err = crashed
    assert "is gone: worker" in out
    assert "is tried again, attempt 2 of 3" in out
    assert "is tried again, attempt 3 of 3" in out
    assert "attempt 4" not in out
    for word in ("raylet", "ActorDied", "Lease ID", "Traceback", "logging.cc", "***"):
        assert word not in out + err


def test_a_failed_trial_stays_failed_when_the_command_is_given_again(crashed):
    folder, _, _ = crashed
    before = {path: path.read_bytes() for path in (folder / "trials").glob("*.json")}
    start = time.monotonic()
    assert "the search is finished: 4 trials; --extend or --widen searches on" in succeed(
        command(folder, CRASHES, "--workers", "2")
    )
    assert {path: path.read_bytes() for path in (folder / "trials").glob("*.json")} == before
    assert time.monotonic() - start < 120


def test_attempts_are_counted_over_restarts_and_a_trial_that_hangs_is_ended(crashed, tmp_path):
    folder = tmp_path / "search"
    shutil.copytree(crashed[0], folder)
    for path in (folder / "trials").glob("*.json"):
        record = json.loads(path.read_text())
        if record["values"]["train.batch_size"] == 40:  # as it stood after two attempts
            record |= {"state": "running", "reason": "", "finished": 0.0, "crashes": record["crashes"][:2]}
            path.write_text(json.dumps(record))
    shutil.copy(crashed[0].parent / "tiny.yaml", tmp_path)
    done = crashing(folder, "--workers", "1", "--time-limit", "10", crashes={"40": "hang"})
    assert done.returncode == 0, done.stderr
    assert "has ended no epoch within the time limit of 10 s" in done.stdout
    assert "tried again" not in done.stdout
    found = {record["values"]["train.batch_size"]: record for record in trials(folder)}
    assert [found[size]["state"] for size in (128, 40, 80, 160)] == ["completed", "failed", "failed", "failed"]
    assert "in the last one trial " in found[40]["reason"]
    assert found[40]["reason"].endswith(" has ended no epoch within the time limit of 10 s")


def test_trials_say_where_they_ran_and_with_what(crashed):
    for record in trials(crashed[0]):
        assert record["node"]
        assert record["versions"] == versions.versions()
    with (crashed[0] / "trials.csv").open() as file:
        assert "node" not in next(csv.reader(file))  # one node: no column


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_at_random_moments_it_ends_its_workers_and_goes_on(number, tmp_path):
    """Exit code 130 or 143, nothing of Ray's on the terminal, no process left; the table in the end is that of one process."""
    folder, moments = tmp_path / "search", random.Random(int(number))
    tune = {"stages": [{"trials": 4, "epochs": 2}, {"trials": 3, "epochs": 3, "narrow_to": 3}]}
    alone = tmp_path / "alone"
    succeed(command(alone, tune))
    for turn in range(SIGNALS):
        process = Command(command(folder, tune, "--workers", "2"))
        process.wait_for("\n")  # the data; then comes the search
        _wait_for(lambda: (folder / "search.json").exists(), process)
        if turn % 2:
            done = len([one for one in trials(folder) if one["state"] == "completed"])
            _wait_for(lambda seen=done: len(list((folder / "trials").glob("*.json"))) > seen, process)
        time.sleep(moments.uniform(0.0, 1.0))
        below = _below(process.pid)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 128 + number, (out, err)
        assert "the same command goes on" in err
        assert "***" not in err
        assert "Traceback" not in err
        _wait_for(lambda ended=below: not any(_alive(pid) for pid in ended))
    succeed(command(folder, tune, "--workers", "2"))
    assert table(folder) == table(alone)


def test_a_folder_that_vanishes_stops_the_search(tmp_path):
    folder = tmp_path / "search"
    tune = {"stages": [{"trials": 200, "epochs": 2}]}
    process = Command(command(folder, tune, "--workers", "1"))
    _wait_for(lambda: list((folder / "trials").glob("*.json")), process)
    folder.rename(tmp_path / "elsewhere")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out
    assert "was removed, renamed or replaced" in err
    assert "Traceback" not in err
    assert not folder.exists()


def test_a_time_limit_needs_a_process_that_can_be_ended(tmp_path):
    done = run(command(tmp_path / "search", {}, "--time-limit", "5"))
    assert done.returncode == 1
    assert done.stderr == (
        "--time-limit needs --workers or --address\n  --workers 1 trains in a process of its own, which can be ended\n"
    )


def _wait_for(condition, process=None):
    deadline = time.monotonic() + 300
    while not condition():
        assert process is None or process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _below(driver):
    """The processes that a driver has started, directly and by others."""
    listing = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout
    parents = dict(tuple(map(int, line.split())) for line in listing.splitlines()[1:])

    def under(pid):
        while pid in parents:
            if pid == driver:
                return True
            pid = parents[pid]
        return False

    return [pid for pid in parents if pid != driver and under(pid)]


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


@pytest.mark.parametrize(
    ("log", "kills", "told", "words"),
    [
        ("convspec: exit code 7\n", 0, "", "its process left with exit code 7"),
        ("*** SIGABRT received at time=1 on cpu 0 ***\n", 0, "", "its process was ended by SIGABRT"),
        ("F Check failed: x == y (1 vs. 2)\n*** SIGABRT received at time=1", 0, "",
         "its process was ended by SIGABRT (Check failed: x == y (1 vs. 2))"),
        ("", 0, "Worker exits with an exit code 3.", "its process left with exit code 3"),
        ("", 0, "The process receives a SIGTERM.", "its process was ended by SIGTERM"),
        ("", 1, "", "its process was ended by SIGKILL, from the kernel: memory ran out"),
        ("", 0, "", "its process was ended by SIGKILL, as the kernel does where memory runs out"),
        ("", 0, "the node was running low on memory",
         "Ray ended its process, since the machine's memory was nearly used up"),
    ],
)  # fmt: skip
def test_how_a_process_ended(log, kills, told, words):
    death = explained(log, kills, told)
    assert death.words == words
    assert death == Death(words, memory="memory" in words or "Check" in words)


def test_versions_differ_with_both_sides_named():
    here = versions.versions()
    assert versions.difference(here, here) == ""
    there = {**here, "Keras": "3.0.0"}
    assert versions.difference(there, here) == f"Keras is 3.0.0 there and {here['Keras']} here"
    del there["Keras"]
    assert versions.difference(there, here) == f"Keras is unknown there and {here['Keras']} here"


def test_versions_of_a_process_are_told_without_importing_keras():
    code = (
        "import json, sys; from convspec.tuning.versions import versions; told = versions();"
        "assert not {'keras', 'tensorflow'} & set(sys.modules); print(json.dumps(told))"
    )
    told = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert told == versions.versions()


def test_a_process_that_has_the_number_of_one_that_ended_is_left_alone():
    """A node ends what it was asked to end, known by its number and the moment when it started."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        status = Path(f"/proc/{process.pid}/stat").read_text()
        started = status.rpartition(")")[2].split()[19]
        for other in (str(int(started) + 1), ""):
            _traces()(process.pid, other, "")
            time.sleep(0.2)
            assert process.poll() is None
        _traces()(process.pid, started, "")
        assert process.wait(10) == -signal.SIGKILL
    finally:
        process.kill()
        process.wait()


def test_a_worker_says_when_it_started():
    process = TrialWorker.hello(TrialWorker.__new__(TrialWorker))
    status = Path(f"/proc/{os.getpid()}/stat").read_text()
    assert (process.pid, process.started) == (os.getpid(), status.rpartition(")")[2].split()[19])
