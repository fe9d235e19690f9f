"""A folder has one writer at a time."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from convspec.files import LOCK, locked, write_text
from convspec.language.diagnostics import InputError


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


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
    with pytest.raises(InputError) as raised, locked(tmp_path):
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
        except InputError:
            return "refused"

    with ThreadPoolExecutor(1) as threads:
        with locked(tmp_path), locked(tmp_path):
            assert threads.submit(lock).result() == "refused"
        assert threads.submit(lock).result() == "got it"


@pytest.mark.parametrize("there", ["", "a", "a/b", "a/b/notes.txt"])
def test_what_fails_in_a_folder_before_it_has_left_a_file_leaves_no_folder(tmp_path: Path, there: str) -> None:
    path = tmp_path / there
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch() if path.suffix else path.mkdir(exist_ok=True)
    before = sorted(tmp_path.rglob("*"))

    def fail() -> None:
        with locked(tmp_path / "a" / "b"):
            (tmp_path / "a" / "b" / "trials").mkdir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert sorted(tmp_path.rglob("*")) == before


def test_what_fails_later_leaves_what_it_wrote(tmp_path: Path) -> None:
    def fail() -> None:
        with locked(tmp_path / "a"):
            write_text(tmp_path / "a" / "b", "1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert names(tmp_path / "a") == {LOCK, "b"}


def test_a_folder_that_vanishes_stops_what_writes_to_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()

    def write() -> None:
        with locked(folder):
            write_text(folder / "a", "1")
            folder.rename(tmp_path / "elsewhere")
            folder.mkdir()
            write_text(folder / "b", "1")

    with pytest.raises(InputError, match="run: was removed, renamed or replaced while convspec was writing to it"):
        write()
    assert names(folder) == set()


def test_what_fails_after_it_has_left_a_file_in_a_folder_inside_keeps_all_and_the_lock(tmp_path: Path) -> None:
    def fail() -> None:
        with locked(tmp_path / "ensemble"):
            (tmp_path / "ensemble" / "empty").mkdir()
            (tmp_path / "ensemble" / "member_1").mkdir()
            (tmp_path / "ensemble" / "member_1" / "model.keras").write_text("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert names(tmp_path / "ensemble") == {LOCK, "empty", "member_1"}
