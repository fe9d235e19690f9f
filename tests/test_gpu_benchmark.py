"""`python -m benchmarks gpu`, in small sizes, where TensorFlow cannot be imported; and what its rows say on a GPU."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.gpu import command, plan, processes
from benchmarks.gpu.processes import OUT_OF_MEMORY, OVER, Job
from benchmarks.gpu.table import Row, Table

ROOT = Path(__file__).parent.parent

BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tensorflow", "tensorboard", "torch"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocked())
"""


def rows(text):
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return [Row(*cells) for cells in found[2:]]


def small(folder, *arguments):
    (folder / "sitecustomize.py").write_text(BLOCKED)
    environment = {**os.environ, "PYTHONPATH": str(folder), "TMPDIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "gpu", *arguments, "--out", str(folder / "out")],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gpu")
    done = small(folder, "--small")
    assert done.returncode == 0, done.stdout + done.stderr + (folder / "out" / "gpu.log").read_text()
    return done.stdout, folder


def test_every_part_measures_what_a_processor_can(done):
    found = {row.measured: row for row in rows(done[0])}
    assert list(found) == [
        "peak memory of a training step", "`--fit 8MiB`", "images a second", "trials a minute", "inference",
        "training step",
    ]  # fmt: skip
    for name in ("images a second", "trials a minute", "inference", "training step"):
        ours, theirs, ratio = (float(re.sub(r"[,ms ]", "", cell)) for cell in found[name][2:5])
        assert min(ours, theirs, ratio) > 0, found[name]


def test_no_memory_is_told_that_was_not_measured(done):
    peak, fit = rows(done[0])[:2]
    assert (peak.theirs, peak.ratio) == ("not measured on a CPU", "")
    assert re.fullmatch(r"XLA plans [\d,]+ MB", peak.remarks)
    assert (fit.theirs, fit.remarks) == ("", "not measured on a CPU")


def test_a_twin_is_the_same_program(done):
    assert all(row.remarks.startswith("the same program") for row in rows(done[0])[-2:])


def test_the_table_is_saved_with_hardware_and_versions(done):
    stdout, folder = done
    assert (folder / "out" / "gpu.md").read_text() == stdout
    first, second = stdout.splitlines()[:2]
    assert re.fullmatch(r"1 x .+, \d+ cores", first)
    assert re.fullmatch(r"JAX [\d.]+, Keras [\d.]+, KerasTuner [\d.]+, NumPy [\d.]+, Python [\d.]+, cpu", second)


def test_nothing_else_is_left(done):
    assert {path.name for path in done[1].iterdir()} - {"__pycache__"} == {"sitecustomize.py", "out"}


def test_a_part_that_is_not_there_is_an_error(tmp_path):
    done = small(tmp_path, "twin")
    assert done.returncode == 2
    assert "no part is called twin; there are memory, training, searches, twins" in done.stderr


def crash(send):
    send({"row": 1})
    os._exit(3)


def fill(send):
    raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 4.0GiB")


def fail(send):
    raise ValueError("a | b\nc")


def sleep(send):
    time.sleep(600)


@pytest.fixture
def outcomes(tmp_path, monkeypatch):
    """What jobs send, by their names; nothing is imported for them beforehand."""
    monkeypatch.setattr(processes, "PRELOADED", ())

    def run(*names, seconds, at_once=1):
        jobs = [Job(f"{__name__}.{name}") for name in names]
        found = {}
        for job, message in processes.run(jobs, time.monotonic() + seconds, tmp_path / "log", at_once):
            found.setdefault(job.work.rpartition(".")[2], []).append(message)
        return found

    return run


def test_whatever_becomes_of_a_process_is_told(outcomes):
    found = outcomes("crash", "fill", "fail", seconds=60, at_once=2)
    assert found == {
        "crash": [{"row": 1}, {"end": "the process ended with exit code 3"}],
        "fill": [{"end": "out of memory"}],
        "fail": [{"end": "error: ValueError: a / b"}],
    }


def test_processes_end_in_time_and_none_is_started_afterwards(outcomes):
    begun = time.monotonic()
    found = outcomes("sleep", "crash", seconds=2)
    assert (found["sleep"][-1], found["crash"]) == ({"end": OVER}, [{"end": OVER}])
    assert time.monotonic() - begun < 60


class TestRowsOfAGpu:
    """What the processes send there, as rows; nothing here has run on one."""

    ROW = Row("peak memory of a training step", "resnet50, batch 24")

    @pytest.fixture
    def table(self, tmp_path):
        return Table(tmp_path / "gpu.md")

    def row(self, table):
        return Row(*(cell.strip() for cell in table.path.read_text().strip().strip("|").split("|")))

    @pytest.mark.parametrize(
        ("found", "cells"),
        [
            ({"end": "", "before": 1, "after": 4_000_000_000, "planned": 3_900_000_000},
             ("4,200 MB", "4,000 MB", "1.05", "XLA plans 3,900 MB")),
            ({"end": "", "before": 5_000_000_000, "after": 5_000_000_000, "planned": 3_900_000_000},
             ("4,200 MB", "at most 5,000 MB, which compiling took", "", "XLA plans 3,900 MB")),
            ({"end": OUT_OF_MEMORY, "planned": 9_000_000_000}, ("4,200 MB", "", "", "out of memory; XLA plans 9,000 MB")),
            ({"end": OVER}, ("4,200 MB", "", "", OVER)),
        ],
        ids=["measured", "hidden by compiling", "out of memory", "too late"],
    )  # fmt: skip
    def test_peaks(self, table, found, cells):
        command._peak(table, self.ROW, SimpleNamespace(total=4_200_000_000), found)
        assert self.row(table)[2:] == cells
        assert not table.failed

    @pytest.mark.parametrize(
        ("found", "cells"),
        [
            ({"end": "", "limit": 4_294_000_000, "after": 4_000_000_000}, ("fits", "", "peak 4,000 MB of 4,294 MB")),
            ({"end": OUT_OF_MEMORY}, ("does not fit", "", "out of memory")),
            ({"end": "", "limit": 60_000_000_000, "after": 4}, ("", "", "not measured: JAX kept to 60,000 MB instead")),
        ],
        ids=["fits", "does not fit", "not limited"],
    )
    def test_fits(self, table, found, cells):
        command._fit(table, self.ROW, found, 4 * 2**30)
        assert self.row(table)[3:] == cells

    def test_rows_that_never_came_are_told_and_errors_make_it_fail(self, table):
        table.fill([self.ROW], "error: XlaRuntimeError: INTERNAL")
        table.fill([self.ROW], OVER)
        assert self.row(table)[5] == "error: XlaRuntimeError: INTERNAL"
        assert table.failed

    def test_the_whole_plan_is_for_networks_that_there_are(self):
        from convspec import load
        from convspec.analysis.memory import largest_batch, parse_bytes

        whole = plan.full()
        assert len({case.network for group in whole.twins for case in group}) == 5
        assert len(whole.memory) == 7
        assert all((largest_batch(load(name), parse_bytes(whole.budget)) or 0) > 4 for name in whole.memory)
        assert load({**whole.trained, "input": [32, 32, 3]}).graph_fingerprint == load("resnet20").graph_fingerprint
        assert {search.images for search in whole.searches} | {whole.trained_on} == whole.images.keys()


def test_an_earlier_table_keeps_its_figures_under_another_name(tmp_path):
    for number, text in enumerate(("first", "second")):
        (tmp_path / "gpu.md").write_text(text)
        (tmp_path / "gpu.log").write_text(f"{text} log")
        command._keep_earlier(tmp_path)
        assert not (tmp_path / "gpu.md").exists()
        assert (tmp_path / f"gpu.{number + 1}.md").read_text() == text
        assert (tmp_path / f"gpu.{number + 1}.log").read_text() == f"{text} log"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--seconds", "0"], "--seconds 0: more than 0"), (["--out", __file__], "--out: [Errno 17] File exists")],
)
def test_a_wrong_option_is_an_error(arguments, told, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("limited_first", [False, True])
def test_a_peak_that_compiling_hid_is_taken_from_the_process_that_compiles_nothing(
    tmp_path, monkeypatch, capsys, limited_first
):
    def run(jobs, deadline, log, at_once):
        step, limited = jobs if not jobs[0].environment else reversed(jobs)
        messages = [
            (step, {"planned": 10**6}), (step, {"before": 9 * 10**9, "after": 9 * 10**9, "limit": None}),
            (step, {"end": ""}),
        ]  # fmt: skip
        again = [(limited, {"before": 10**6, "after": 8 * 10**6, "limit": 2**23}), (limited, {"end": ""})]
        yield from [*again, *messages] if limited_first else [*messages, *again]

    monkeypatch.setattr(command, "run", run)
    bench = command.Bench(plan.small(), Table(tmp_path / "gpu.md"), tmp_path / "log", tmp_path, 80 * 10**9, "")
    command.memory(bench, 0.0)
    found = {row.measured: row for row in rows("||\n||\n" + capsys.readouterr().out)}
    assert found["peak memory of a training step"].theirs == "8 MB"
    assert found["peak memory of a training step"].ratio
    assert found["`--fit 8MiB`"].theirs == "fits"


def wait_for_the_end(send):
    send({"pid": os.getpid()})
    time.sleep(600)


def test_a_process_ends_with_a_command_that_is_killed(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from benchmarks.gpu import processes; processes.PRELOADED = ()\n"
        f"for _, message in processes.run([processes.Job({f'{__name__}.wait_for_the_end'!r})], time.monotonic() + 60, "
        f"Path({str(tmp_path / 'log')!r})): print(message['pid'], flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    pid = int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists() and "\tZ" not in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
