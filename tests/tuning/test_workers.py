"""Workers that die, hang, and are refused; searches with workers that are stopped: real processes, with Ray on loopback."""

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from convspec.tuning import versions

from ..warm import Command, command as run, succeed
from .crashing import command_environment
from .specs import tune_command
from .test_killed import finished
from .test_search import table

SIGNALS = int(os.environ.get("CONVSPEC_SIGNALS", "2"))
"""How often a search with workers is stopped by each signal; each time costs the start of a process and of Ray."""


CRASHES = {"space": {"train.batch_size": {"choice": [128, 40]}}, "stages": [{"trials": 2, "epochs": 1}]}
"""A trial for each batch size; the spec as it is written has 128."""


WAYS = ["segfault", "exit", "SIGSTOP"]
"""What the three attempts of the trial with batch size 40 do."""


QUICK = {"convspec.tuning.ray_driver.SILENCE": 8.0}
"""Seconds in place of 30 that a silent worker is waited for."""


def trials(folder):
    return [json.loads(path.read_text()) for path in (folder / "trials").glob("*.json")]


def by_size(folder):
    return {record["values"]["train.batch_size"]: record for record in trials(folder)}


@pytest.fixture(scope="module")
def crashed(tmp_path_factory):
    """A search with a trial that ends its workers, each attempt in another way, and what it printed."""
    folder = tmp_path_factory.mktemp("crashed") / "search"
    process = Command(
        tune_command(folder, "--workers", "2", tune=CRASHES),
        env=command_environment(folder.parent, crashes={"40": WAYS}),
        constants=QUICK,
    )
    out, err = process.communicate(timeout=500)
    assert process.returncode == 0, err
    return folder, out, err


def test_a_trial_that_ends_its_workers_fails_after_three_attempts_and_the_others_are_trained(crashed):
    found = by_size(crashed[0])
    assert {size: record["state"] for size, record in found.items()} == {128: "completed", 40: "failed"}
    ends = [crash.partition(": ")[2] for crash in found[40]["crashes"]]
    assert ends == [
        "its process was ended by SIGSEGV", "its process left with exit code 7", "it did not answer for 8 s",
    ]  # fmt: skip
    assert found[40]["reason"] == f"ended its worker in each of 3 attempts; in the last one {ends[-1]}"
    assert found[128]["crashes"] == []


def test_what_happens_to_workers_is_reported_in_our_words(crashed):
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
    assert "the search is finished: 2 trials; --extend or --widen searches on" in succeed(
        tune_command(folder, "--workers", "2", tune=CRASHES)
    )
    assert {path: path.read_bytes() for path in (folder / "trials").glob("*.json")} == before
    assert time.monotonic() - start < 120


def test_attempts_are_counted_over_restarts_and_a_trial_that_hangs_is_ended(crashed, tmp_path):
    folder = tmp_path / "search"
    shutil.copytree(crashed[0], folder)
    record = by_size(folder)[40]  # as its file was after two attempts
    record |= {"state": "running", "reason": "", "finished": 0.0, "crashes": record["crashes"][:2]}
    (folder / "trials" / f"{record['key']}.json").write_text(json.dumps(record))
    process = Command(
        tune_command(folder, "--workers", "1", "--time-limit", "5", tune=CRASHES),
        env=command_environment(tmp_path, crashes={"40": ["hang"]}),
    )
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert "has ended no epoch within the time limit of 5.0 s" in out
    assert "tried again" not in out
    found = by_size(folder)
    assert [found[size]["state"] for size in (128, 40)] == ["completed", "failed"]
    assert "in the last one trial " in found[40]["reason"]
    assert found[40]["reason"].endswith(" has ended no epoch within the time limit of 5.0 s")


def test_trials_say_where_they_ran_and_with_what(crashed):
    for record in trials(crashed[0]):
        assert record["node"]
        assert record["versions"] == versions.versions()
    with (crashed[0] / "trials.csv").open() as file:
        assert "node" not in next(csv.reader(file))  # one node: no column


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """The folder of a search with workers that was stopped by each signal, half of the times while Ray starts.

    Each time: exit code 130 or 143, nothing of Ray's on the terminal, no process left.
    """
    folder, moments = tmp_path_factory.mktemp("stopped") / "search", random.Random(2)
    for turn in range(2 * SIGNALS):
        number, early = (signal.SIGINT, signal.SIGTERM)[turn % 2], turn // 2 % 2 == 0
        process = Command(tune_command(folder, "--workers", "2" if early else "1"))
        process.wait_for("\n")  # the data; then comes the search
        _wait_for(lambda: (folder / "search.json").exists(), process)
        if not early:
            known = len(list((folder / "trials").glob("*.json")))
            _wait_for(lambda seen=known: len(list((folder / "trials").glob("*.json"))) > seen, process)
        time.sleep(moments.uniform(0.0, 1.0 if early else 0.3))
        started = below(process.pid)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 128 + number, (out, err)
        assert "the same command goes on" in err
        assert "***" not in err
        assert "Traceback" not in err
        _wait_for(lambda ended=started: not any(_alive(pid) for pid in ended))
    return folder


def test_stopped_at_random_moments_then_killed_with_and_without_its_workers_it_ends_as_one_process(stopped, alone):
    """A killed worker and a killed driver change nothing: no finished trial is lost, the table is that of one process."""
    kept = finished(stopped)
    driver = Command(tune_command(stopped, "--workers", "2"), new_group=True)
    _wait_for(lambda: len(finished(stopped)) >= len(kept) + 2, driver)
    workers = [pid for pid, words in below(driver.pid).items() if words.startswith("ray::TrialWorker")]
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    _wait_for(lambda: len(finished(stopped)) >= len(kept) + 5, driver)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.communicate()
    assert kept < finished(stopped)
    assert len(finished(stopped)) < len(table(alone))
    succeed(tune_command(stopped, "--workers", "1"))
    assert table(stopped) == table(alone)


def test_a_folder_that_vanishes_stops_the_search(tmp_path):
    folder = tmp_path / "search"
    process = Command(tune_command(folder, "--workers", "1", tune={"stages": [{"trials": 200, "epochs": 2}]}))
    _wait_for(lambda: list((folder / "trials").glob("*.json")), process)
    folder.rename(tmp_path / "elsewhere")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out
    assert "was removed, renamed or replaced" in err
    assert "Traceback" not in err
    assert not folder.exists()


def test_a_time_limit_needs_a_process_that_can_be_ended(tmp_path):
    done = run(tune_command(tmp_path / "search", "--time-limit", "5"))
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


def below(driver):
    """The processes that a driver has started, directly and by others, with what they call themselves."""
    listing = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    found = [line.split(None, 2) for line in listing.splitlines()[1:]]
    parents = {int(pid): int(parent) for pid, parent, *_ in found}

    def under(pid):
        while pid in parents:
            if pid == driver:
                return True
            pid = parents[pid]
        return False

    return {int(pid): " ".join(words) for pid, _, *words in found if int(pid) != driver and under(int(pid))}


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")
