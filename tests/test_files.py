"""A file is written whole or not at all, and a folder has one writer at a time."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from convspec import files
from convspec.files import LOCK, PREFIX, check_unused, locked, whole_file, write_text
from convspec.spec.faults import FaultError

PACKAGE = Path(files.__file__).parent


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_nothing_in_the_package_writes_a_file_in_any_other_way() -> None:
    """What writes opens the name that `whole_file` yields, or memory."""
    ways = (".write_text(", ".write_bytes(", "beside.replace(", "os.replace", "os.rename")
    allowed = {"files.py", "builder.py", "model.py"}  # the last two: into the folder that Keras packs
    found = [
        f"{path.relative_to(PACKAGE)}: {line.strip()}"
        for path in PACKAGE.rglob("*.py")
        if path.name not in allowed
        for line in path.read_text("utf-8").splitlines()
        if any(way in line for way in ways) and not line.strip().startswith(("beside.write", "(folder / name).write"))
    ]
    assert found == []


@pytest.mark.parametrize("before", [None, "old"])
def test_what_fails_while_it_writes_leaves_what_was_there(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "table.csv"
    if before is not None:
        path.write_text(before)

    def fail() -> None:
        with whole_file(path) as beside:
            beside.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert (path.read_text() if path.exists() else None) == before
    assert names(tmp_path) == ({"table.csv"} if before is not None else set())


def test_a_folder_is_written_whole_too(tmp_path: Path) -> None:
    with whole_file(tmp_path / "model") as beside:
        beside.mkdir()
        (beside / "weights").write_text("1")
        assert not (tmp_path / "model").exists()
    assert names(tmp_path) == {"model"}
    assert (tmp_path / "model" / "weights").read_text() == "1"


def write_numpy(path: Path) -> None:
    with whole_file(path) as beside, beside.open("wb") as file:
        np.savez(file, x=np.zeros(100_000))


def write_hdf5(path: Path) -> None:
    with whole_file(path) as beside, h5py.File(beside, "w") as file:
        file["x"] = np.zeros(100_000)


def write_picture(path: Path) -> None:
    with whole_file(path) as beside:
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)).save(beside, format="png")


def write_words(path: Path) -> None:
    write_text(path, "word " * 20_000)


@pytest.fixture
def small_files():
    """No file may grow beyond 10 kB: the disk refuses in the middle of a file, as a full one does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("write", [write_numpy, write_hdf5, write_picture, write_words])
def test_a_disk_that_takes_no_more_is_an_error_that_leaves_nothing(tmp_path: Path, small_files, write) -> None:
    path = tmp_path / "result"
    with pytest.raises(FaultError, match=r"^.*result: cannot be written: "):
        write(path)
    assert names(tmp_path) == set()


def test_what_a_killed_process_left_is_removed_at_the_next_writing(tmp_path: Path) -> None:
    code = (
        "import sys, os, pathlib; from convspec.files import whole_file\n"
        "with whole_file(pathlib.Path(sys.argv[1])) as beside:\n"
        "    beside.write_text('half'); print('begun', flush=True); sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "a"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    (left,) = names(tmp_path)
    assert left.startswith(PREFIX)

    write_text(tmp_path / "b", "1")
    assert names(tmp_path) == {left, "b"}, "of a process that lives"
    process.kill()
    process.communicate()
    files._cleaned.clear()  # as in a new process
    write_text(tmp_path / "b", "2")
    assert names(tmp_path) == {"b"}


def test_a_file_of_another_machine_is_removed_when_it_is_old(tmp_path: Path) -> None:
    young, old = (tmp_path / f"{PREFIX}elsewhere-{number}-0-a" for number in (1, 2))
    for path in (young, old):
        path.write_text("half")
    os.utime(old, (time.time() - 2 * files.OLD,) * 2)
    write_text(tmp_path / "b", "1")
    assert names(tmp_path) == {young.name, "b"}


# one writer at a time


def hold(folder: Path) -> subprocess.Popen[str]:
    """A process that has locked a folder."""
    code = (
        "import sys, pathlib; from convspec.files import locked\n"
        "with locked(pathlib.Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_refused_until_the_first_has_ended_however_it_ends(tmp_path: Path) -> None:
    process = hold(tmp_path)
    with pytest.raises(FaultError) as raised, locked(tmp_path):
        pass
    assert str(raised.value).endswith(
        f": is in use by process {process.pid}\n  wait until it has ended, or name another --out"
    )
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with locked(tmp_path):
        pass


def test_a_second_thread_is_refused_and_the_same_one_is_not(tmp_path: Path) -> None:
    def lock() -> str:
        try:
            with locked(tmp_path):
                return "got it"
        except FaultError:
            return "refused"

    with ThreadPoolExecutor(1) as threads:
        with locked(tmp_path), locked(tmp_path):
            assert threads.submit(lock).result() == "refused"
        assert threads.submit(lock).result() == "got it"


def test_a_folder_that_vanishes_stops_what_writes_to_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()

    def write() -> None:
        with locked(folder):
            write_text(folder / "a", "1")
            folder.rename(tmp_path / "elsewhere")
            folder.mkdir()
            write_text(folder / "b", "1")

    with pytest.raises(FaultError, match="run: was removed, renamed or replaced while convspec was writing to it"):
        write()
    assert names(folder) == set()


@pytest.mark.parametrize("name", ["model.keras", "history.csv", "best.yaml", "checkpoint.npz", "trials/1.json"])
@pytest.mark.parametrize("kind", ["run", "search", "ensemble"])
def test_any_file_of_a_run_protects_its_folder(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("1")
    with pytest.raises(FaultError, match=rf"holds files of an earlier run \({name.split('/')[0]}\), but no "):
        check_unused(tmp_path, kind)


def test_other_files_and_empty_folders_are_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "trials").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / LOCK).write_text("")
    check_unused(tmp_path, "run")


def test_a_search_is_not_mixed_with_a_run(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(FaultError, match=r"holds another kind of result \(run: run.json\), where this is for a search"):
        check_unused(tmp_path, "search")
