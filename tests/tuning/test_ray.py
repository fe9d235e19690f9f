"""How convspec uses Ray, and how it describes the end of a process."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from convspec import InputError
from convspec.tuning import cluster
from convspec.tuning.cluster import Death, Process, explained, traces


def test_all_values_that_have_arrived_are_told_of_at_once():
    arrived = {"first", "third"}

    def wait(references, num_returns, timeout):
        done = [one for one in references if one in arrived][:num_returns]
        return done, [one for one in references if one not in done]

    here = SimpleNamespace(ray=SimpleNamespace(wait=wait))
    assert cluster.Cluster.ready(here, ["first", "second", "third"]) == ["first", "third"]
    assert cluster.Cluster.ready(here, ["second"]) == []


def test_without_ray_it_is_said_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError) as caught, cluster.running(2, None):
        pass
    assert str(caught.value) == "several workers need Ray\n  pip install 'convspec[distributed]'"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1:1", "Connection refused"),
        ("127.0.0.1:port", "invalid literal for int() with base 10: 'port'"),
        ("127.0.0.1", "invalid literal"),
    ],
)
def test_an_address_where_nothing_listens_is_named_with_what_starts_a_ray(address, why):
    with pytest.raises(InputError) as caught:
        cluster._reach(address)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.message.startswith(f"no Ray answers at {address}: ")
    assert why in diagnostic.message
    assert diagnostic.remedy == "`ray start --head --port=6379` starts one; see docs/tuning.md"


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


def test_a_process_that_has_the_number_of_one_that_ended_is_left_alone():
    """A node ends what it was asked to end, known by its number and the moment when it started."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        status = Path(f"/proc/{process.pid}/stat").read_text()
        started = status.rpartition(")")[2].split()[19]
        for other in (str(int(started) + 1), ""):
            traces()(process.pid, "", other)
            time.sleep(0.2)
            assert process.poll() is None
        traces()(process.pid, "", started)
        assert process.wait(10) == -signal.SIGKILL
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("*** SIGSEGV received at x\n*** SIGABRT received at y", "its process was ended by SIGABRT"),
        ("convspec: exit code 3\nconvspec: exit code 7\n", "its process left with exit code 7"),
        ("Fatal Python error: Segmentation error", "its process was ended by Segmentation error"),
        ("ran Out of memory\n*** SIGABRT received", "its process was ended by SIGABRT (ran Out of memory)"),
    ],
)
def test_the_last_that_a_process_said_counts(told, words):
    assert explained(told, 0, "").words == words


def test_how_a_worker_of_this_machine_ended_is_read_without_asking_a_node(tmp_path):
    """The node would start a process for the answer, which takes a busy machine long."""
    (tmp_path / "log").write_text("\nconvspec: exit code 3\n")
    nobody = Process(2**22 + 1, "", str(tmp_path / "log"), kills=0)  # no process has such a number
    here = cluster.Cluster(SimpleNamespace(remote=lambda **options: lambda function: None), local=True)
    assert here.how_it_ended(None, nobody, None) == Death("its process left with exit code 3")
