"""Writing to disk: a file appears whole or not at all, and a folder has one writer at a time."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

from .language.diagnostics import InputError

PREFIX = ".convspec-"
"""How the name of an unfinished file begins; then come the machine, the process, and a number."""

LOCK = ".lock"
"""The file that is locked while a process writes to a folder. It stays in a folder that holds anything else."""

# Whether a process of another machine is still alive cannot be seen from here, and no file takes a day to write.
OLD = 24 * 3600.0
"""Seconds after which an unfinished file is removed that another machine of a shared folder wrote."""

REMEDY = "free some space, or name another place"

_numbers = count()
_unfinished: set[Path] = set()
_cleaned: set[Path] = set()
_mutex = threading.Lock()


@contextmanager
def whole_file(
    path: Path, *, remedy: str = REMEDY, error: type[InputError] = InputError, replace_folder: bool = False
) -> Iterator[Path]:
    """Yield another name, to write a file or a folder under; at the end it is moved to `path` in one step.

    If anything fails, what was written is removed and `path` stays as it was. A link stays, and what it leads to is
    replaced; a file keeps its mode. To a device or a pipe the file is written at the end. A folder takes the place of
    another one only with `replace_folder`. The first writing into a folder removes what killed processes left there.
    Raises `error` for what the disk refuses.
    """
    with refusals(path, remedy=remedy, error=error):
        _check_locked(path, error)
        before = _status(path)
        special = before is not None and not stat.S_ISREG(before.st_mode) and not stat.S_ISDIR(before.st_mode)
        target = path if special else Path(os.path.realpath(path))  # the real path of a pipe may be no path
        folder = Path(tempfile.gettempdir()) if special else target.parent
        _clean(folder)
        # Keras, NumPy and Matplotlib choose a format by the ending; a long one is none, and a name has 255 bytes
        ending = path.suffix if len(path.suffix) < 20 else ""
        beside = folder / f"{PREFIX}{_machine()}-{os.getpid()}-{next(_numbers)}{ending}"
        with _mutex:
            _unfinished.add(beside)
        try:
            if before is not None and stat.S_ISREG(before.st_mode):
                # made for its owner alone, since perhaps nobody else may read the file that it replaces
                os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            yield beside
            if special:
                _copy(beside, target)
                return
            if beside.is_file():
                # a name that is moved before its content is on the disk leads to an empty file after a power cut; and
                # some file systems report a full disk only here
                _flush(beside)
                if before is not None:
                    _keep_mode(beside, before)
            if replace_folder and target.is_dir():
                _replace_folder(target, beside)
            else:
                beside.replace(target)
        finally:
            _remove(beside)
            with _mutex:
                _unfinished.discard(beside)


def _replace_folder(target: Path, new: Path) -> None:
    """Put a folder in the place of another one, which comes back if that fails."""
    old = new.with_name(f"{new.name}-old")
    target.replace(old)
    try:
        new.replace(target)
    except BaseException:
        old.replace(target)
        raise
    _remove(old)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _keep_mode(path: Path, before: os.stat_result) -> None:
    """Give a file the owner, where the system lets us, and the mode that another had."""
    found = path.stat()
    if (found.st_uid, found.st_gid) != (before.st_uid, before.st_gid) and hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(path, before.st_uid, before.st_gid)
    path.chmod(stat.S_IMODE(before.st_mode))


def _copy(path: Path, target: Path) -> None:
    with path.open("rb") as file, target.open("wb") as out:
        shutil.copyfileobj(file, out)


def write_text(path: Path, text: str, *, remedy: str = REMEDY, error: type[InputError] = InputError) -> None:
    """Write a text in UTF-8, whole or not at all. Raises `error`."""
    with whole_file(path, remedy=remedy, error=error) as beside:
        beside.write_bytes(text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes, whole or not at all. Raises `InputError`."""
    with whole_file(path) as beside:
        beside.write_bytes(content)


@contextmanager
def refusals(path: Path, *, remedy: str = REMEDY, error: type[InputError] = InputError) -> Iterator[None]:
    """Raise `error` for what the disk refuses inside, in one sentence."""
    try:
        yield
    except BrokenPipeError:  # of what the reader of our output closed
        raise
    except OSError as refused:
        raise error(f"cannot be written: {refused.strerror or refused}", file=shown(path), remedy=remedy) from refused
    except RuntimeError:  # HDF5's, of a file that it could not write to the end
        if not _is_full(path.parent):
            raise
        raise error(f"cannot be written: {os.strerror(errno.ENOSPC)}", file=shown(path), remedy=remedy) from None


def remove_unfinished() -> None:
    """Remove what this process has not written to its end: it is about to exit without unwinding."""
    for path in list(_unfinished):  # without the lock: this may run in a signal's handler of the thread that holds it
        _remove(path)


@dataclass
class _Held:
    """A folder that this process has locked, and the thread that has."""

    thread: int
    inode: int


_held: dict[Path, _Held] = {}


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make a folder, and keep other processes and threads from writing to it; inside, the same thread may lock again.

    The operating system holds the lock, so that it ends with the process, however that ends. What fails inside before
    it has left a file leaves no folder either. Raises `InputError` if the folder is in use or cannot be made.
    """
    from filelock import FileLock, Timeout  # imported here: it takes a quarter of a second

    place, me = folder.resolve(), threading.get_ident()
    with _mutex:
        held = _held.get(place)
    if held is not None and held.thread == me:
        yield
        return
    made = [one for one in (place, *place.parents) if not one.exists()]
    with refusals(folder):
        place.mkdir(parents=True, exist_ok=True)
        before = {one.name for one in place.iterdir()}
    lock = FileLock(place / LOCK, timeout=0, thread_local=False)
    with refusals(place / LOCK):
        try:
            lock.acquire()
        except Timeout:  # an OSError, too
            message, remedy = f"is in use by {_owner(place)}", "wait until it has ended, or name another --out"
            raise InputError(message, file=shown(folder), remedy=remedy) from None
    try:
        with suppress(OSError):  # only for the message above
            (place / LOCK).write_text(f"{os.getpid()} {_host()}\n", encoding="utf-8")
        with _mutex:
            _held[place] = _Held(me, place.stat().st_ino)
        yield
    except BaseException:
        with suppress(OSError):  # the first failure is the one to report
            _remove_empty(place, before, made)
        raise
    finally:
        with _mutex:
            _held.pop(place, None)
        lock.release()


def _remove_empty(place: Path, before: set[str], made: list[Path]) -> None:
    """Remove what is new in a folder if that is only the lock and empty folders, and then the folders that were made.

    Who opens the lock at this moment finds, once it is his, that it was removed, and opens a new one.
    """
    new = [one for one in place.iterdir() if one.name not in before]
    if any(any(one.iterdir()) if one.is_dir() else one.name != LOCK for one in new):
        return
    for one in new:
        one.rmdir() if one.is_dir() else one.unlink()
    for one in made:
        one.rmdir()


def _owner(place: Path) -> str:
    """Who holds the lock of a folder."""
    try:
        number, host = (place / LOCK).read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return "another process"
    return f"process {number}" + ("" if host == _host() else f" on {host}")


def _check_locked(path: Path, error: type[InputError]) -> None:
    """Raise where the folder that this process has locked is no longer the one it was."""
    if not _held:
        return
    place = Path(os.path.realpath(path))
    with _mutex:
        found = [(folder, held.inode) for folder, held in _held.items() if folder in place.parents]
    for folder, inode in found:
        try:
            same = folder.stat().st_ino == inode
        except FileNotFoundError:
            same = False
        if not same:
            message = "was removed, renamed or replaced while convspec was writing to it"
            raise error(message, file=shown(folder), remedy="put it back and resume, or start again")


def _clean(folder: Path) -> None:
    """Remove what processes that are no more left unfinished in a folder; once in a process."""
    with _mutex:
        if folder in _cleaned:
            return
        _cleaned.add(folder)
    for path in folder.glob(f"{PREFIX}*"):
        if _is_left_over(path):
            _remove(path)


def _is_left_over(path: Path) -> bool:
    own = f"{PREFIX}{_machine()}-"
    if not path.name.startswith(own):
        with suppress(OSError):
            return time.time() - path.stat().st_mtime > OLD
        return False
    number = path.name[len(own) :].partition("-")[0]
    with _mutex:
        return number.isdecimal() and path not in _unfinished and not _lives(int(number))


def _lives(process: int) -> bool:
    """Whether another process of this number is running."""
    if process == os.getpid():
        return False
    if sys.platform == "win32":  # signal 0 would end it there, and what it still writes cannot be removed anyway
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


@cache
def _machine() -> str:
    """16 digits for what has its own numbers of processes: this machine since it was started, or this container."""
    parts = [_host()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii"))
    with suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    if len(parts) == 1:  # no Linux
        parts.append(f"{uuid.getnode()}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _host() -> str:
    """The name of this machine."""
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "here")


def _remove(path: Path) -> None:
    with suppress(OSError):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < 2**20
    except OSError:
        return False


def shown(path: Path) -> str:
    """A path relative to the current folder, if that is shorter."""
    with suppress(ValueError):
        relative = str(Path(os.path.realpath(path)).relative_to(Path.cwd()))
        return min((relative, str(path)), key=len)
    return str(path)
