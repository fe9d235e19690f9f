"""A file is written whole or not at all."""

from __future__ import annotations

import errno
import os
import resource
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from convspec import files
from convspec.files import PREFIX, whole_file, write_text
from convspec.language.diagnostics import InputError

PACKAGE = Path(files.__file__).parent


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


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
    with pytest.raises(InputError, match=r"^.*result: cannot be written: "):
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
    assert left.startswith("."), "listings leave out what is hidden"

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


@pytest.mark.parametrize("other", ["gpu-2", "gpu", "other"])
def test_a_machine_whose_name_begins_alike_or_is_the_same_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    """Two containers may have one name, and a number of a process here says nothing there."""
    monkeypatch.setattr(files, "_host", lambda: other)
    files._machine.cache_clear()
    name = f"{PREFIX}{files._machine()}-{2**30}-0"  # no such process is here
    files._machine.cache_clear()
    monkeypatch.setattr(files, "_host", lambda: "gpu")
    (tmp_path / name).write_text("half")
    write_text(tmp_path / "b", "1")
    assert names(tmp_path) == ({"b"} if other == "gpu" else {"b", name})
    files._machine.cache_clear()


def test_a_container_of_the_same_name_is_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "readlink", lambda path: Path("pid:[1]"))
    files._machine.cache_clear()
    one = files._machine()
    monkeypatch.setattr(Path, "readlink", lambda path: Path("pid:[2]"))
    files._machine.cache_clear()
    assert files._machine() != one
    files._machine.cache_clear()


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "a").write_text("old")
    for link, target in (("link", "there/a"), ("dangling", "there/b")):
        (tmp_path / link).symlink_to(target)
        write_text(tmp_path / link, "new")
        assert (tmp_path / link).is_symlink()
        assert (tmp_path / target).read_text() == "new"
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(InputError, match=f"loop: cannot be written: {os.strerror(errno.ELOOP)}"):
        write_text(tmp_path / "loop", "new")
    assert (tmp_path / "loop").is_symlink()
    assert names(tmp_path) == {"there", "link", "dangling", "loop"}
    assert names(tmp_path / "there") == {"a", "b"}


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_a_file_keeps_its_mode_and_nobody_else_reads_it_meanwhile(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(mode)
    with whole_file(path) as beside:
        beside.write_text("new")
        assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text() == "new"


def test_a_pipe_stays_one_and_gets_the_file(tmp_path: Path) -> None:
    path, found = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: found.append(path.read_text()), daemon=True)
    reader.start()
    write_text(path, "new")
    reader.join(10)
    assert found == ["new"]
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert names(tmp_path) == {"pipe"}


def test_a_device_stays_one() -> None:
    with whole_file(Path("/dev/null")) as beside:
        assert beside.parent != Path("/dev"), "or it would be replaced by a file"
        beside.write_text("new")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path: Path) -> None:
    for name in ("a" * 240, "a." + "b" * 238, "a" * 235 + ".keras"):
        write_text(tmp_path / name, "1")
        assert (tmp_path / name).read_text() == "1"


def test_what_is_unfinished_is_removed_also_while_somebody_holds_the_lock(tmp_path: Path) -> None:
    """A signal's handler may run, and end the process, in the middle of what the main thread does."""
    with whole_file(tmp_path / "a") as beside:
        beside.write_text("half")
        with files._mutex:
            thread = threading.Thread(target=files.remove_unfinished, daemon=True)
            thread.start()
            thread.join(10)
            assert not thread.is_alive()
            assert names(tmp_path) == set()
        beside.write_text("whole")
