"""Files that users name: what has no size, or is larger than its kind may be, is refused before it is read."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from .diagnostics import Diagnostic, InputError


def as_text(source: str | Path, is_name: Callable[[str], bool]) -> str:
    """What a user gave as text: a `str` may be a name; a `Path` is a place, written here so that it is no name."""
    text = str(source)
    return text if isinstance(source, str) or not is_name(text) else f".{os.sep}{text}"


def open_regular(path: Path) -> BinaryIO:
    """A file to read bytes from.

    Raises `InputError` where it cannot be read, or is a device or pipe: /dev/zero never ends, and opening a named pipe
    waits for a writer that may never come.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise _unreadable(path, error.strerror) from None
    except ValueError:  # a zero in a name
        raise _unreadable(path, "no file can have such a name") from None
    kind = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(kind):
        os.close(descriptor)
        if stat.S_ISDIR(kind):
            raise _unreadable(path, os.strerror(errno.EISDIR))
        raise InputError(_device(path))
    return os.fdopen(descriptor, "rb")


def device_diagnostic(path: Path) -> Diagnostic | None:
    """The error of a device or pipe, found without opening it; None of a file, a folder, or what is not there."""
    try:
        kind = path.stat().st_mode
    except (OSError, ValueError):
        return None
    return None if stat.S_ISREG(kind) or stat.S_ISDIR(kind) else _device(path)


def read_bytes(path: Path, most: int, what: str = "a spec") -> bytes:
    """A file's content, of at most so many bytes. Raises `InputError` as `open_regular` does, or where it is larger."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        try:
            data = file.read(most + 1) if size <= most else b""
        except OSError as error:
            raise _unreadable(path, error.strerror) from None
    if max(size, len(data)) > most:
        raise InputError(Diagnostic(f"is {max(size, len(data)):,} bytes; {what} has at most {most:,}", file=str(path)))
    return data


def _device(path: Path) -> Diagnostic:
    message, remedy = "is a device or pipe, whose size is not known", "write its content to a file first"
    return Diagnostic(message, remedy=remedy, file=str(path))


def _unreadable(path: Path, reason: str | None) -> InputError:
    return InputError(Diagnostic(f"cannot be read: {reason}", file=str(path)))
