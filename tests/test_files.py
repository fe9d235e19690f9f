"""A file is written whole or not at all, and a folder has one writer at a time."""

from __future__ import annotations

import ast
import errno
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from convspec import files
from convspec.files import LOCK, PREFIX, locked, whole_file, write_text
from convspec.language.diagnostics import InputError
from convspec.output_paths import check_unused

PACKAGE = Path(files.__file__).parent


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_nothing_in_the_package_writes_a_file_in_any_other_way() -> None:
    """What writes opens the name that `whole_file` yields, or memory."""
    found = [
        f"{path.relative_to(PACKAGE).as_posix()}: {call}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "files.py"
        for call in writing(path.read_text("utf-8"))
    ]
    assert set(found) - INSIDE == set()
    assert INSIDE - set(found) == set(), "no longer there"


INSIDE = {
    "tuning/store.py: path.replace",  # puts a damaged file aside
    "model.py: (Path(directory) / SPEC_ASSET).write_text",  # the folder that Keras packs
    "diagram/comparison.py: _figure(rows).savefig(content)",  # memory
    # functions that are given the name which whole_file yields, or write to a temporary folder
    "training/exporting.py: network.save(file)",
    "training/exporting.py: (folder / name).write_text",
    "training/exporting.py: zipfile.ZipFile(path, 'a')",
    "training/exporting.py: onnx.save(model, path)",
    "report/network_sections.py: small.resize((width * factor, height * factor), Image.Resampling.NEAREST)"
    ".save(content)",  # memory
}

WRITERS = {"savez", "savez_compressed", "savetxt", "savefig", "save", "save_weights", "to_csv", "dump", "tofile",
           "imsave", "save_img"}  # fmt: skip
MOVERS = {"write_text", "write_bytes", "touch", "rename", "renames", "replace", "copy", "copyfile", "copytree", "move",
          "symlink", "link"}  # fmt: skip
MODULES = {"os", "shutil"}


def writing(source: str) -> Iterator[str]:
    """Calls that write a file, but to a name of `whole_file` or what was opened from one."""
    tree = ast.parse(source)
    own = {"beside", *opened(tree)}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and (shown := _written(call)) and not _names(call) & own:
            yield shown


def opened(tree: ast.AST) -> set[str]:
    """What `with ... beside ... as file` names."""
    return {
        item.optional_vars.id
        for node in ast.walk(tree)
        if isinstance(node, ast.With)
        for item in node.items
        if isinstance(item.optional_vars, ast.Name) and "beside" in _names(item.context_expr)
    }


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _written(call: ast.Call) -> str:
    """A call that writes to a file, as text; empty for another."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    owner = ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""
    whole = ast.unparse(function)
    texts = [one.value for one in [*call.args, *(word.value for word in call.keywords)]
             if isinstance(one, ast.Constant) and isinstance(one.value, str)]  # fmt: skip
    if name in ("open", "ZipFile", "File", "TarFile") and any(set(text) <= set("rwaxbt+") and set(text) & set("wax+")
                                                             for text in texts):  # fmt: skip
        return ast.unparse(call)
    if name in ("write_text", "write_bytes") and owner:
        return whole
    if (name in MOVERS and owner in MODULES) or (name in ("touch", "rename") and owner):
        return whole
    if name == "replace" and owner and len(call.args) == 1 and not call.keywords:  # a path's; a text's has two
        return whole
    if name in WRITERS and owner and len(call.args) > (name == "dump"):
        shown = ", ".join(map(ast.unparse, call.args[:2] if owner == "onnx" else call.args[:1]))
        return f"{whole}({shown})"
    return ""


@pytest.mark.parametrize(
    "line",
    [
        "path.open('w')", "path.open(mode='wb')", "open(path, 'a')", "np.savez(path, x=x)", "figure.savefig(path)",
        "model.save(path)", "model.save_weights(path)", "ZipFile(path, 'w')", "h5py.File(path, 'r+')",
        "path.write_text(text)", "path.replace(other)", "os.replace(a, b)", "shutil.copy(a, b)", "json.dump(a, file)",
        "with path.open('w') as file: json.dump(a, file)",
    ],
)  # fmt: skip
def test_any_other_way_would_be_found(line: str) -> None:
    assert list(writing(line))
    assert not list(writing("with whole_file(path) as beside, beside.open('wb') as file: np.savez(file, x=x)"))
    assert not list(writing("path.open('rb'); path.open(); ZipFile(path); text.replace('a', 'b'); h5py.File(path)"))


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


@pytest.mark.parametrize("name", ["model.keras", "history.csv", "best.yaml", "checkpoint.npz", "trials/1.json"])
@pytest.mark.parametrize("kind", ["run", "search", "ensemble"])
def test_any_file_of_a_run_protects_its_folder(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("1")
    with pytest.raises(InputError, match=rf"holds files of an earlier run \({name.split('/')[0]}\), but no "):
        check_unused(tmp_path, kind)


def test_other_files_and_empty_folders_are_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "trials").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / LOCK).write_text("")
    check_unused(tmp_path, "run")


def test_a_search_is_not_mixed_with_a_run(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(InputError, match=r"holds another kind of result \(run: run.json\), where this is for a search"):
        check_unused(tmp_path, "search")


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
