"""The arrays of a NumPy archive, read without trusting it: its sizes are checked before any memory is taken.

The formats: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, inside a ZIP archive.
"""

from __future__ import annotations

import math
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..files import shown, whole_file
from ..language.diagnostics import InputError
from .large_arrays import EXPANSION, IN_MEMORY, PIECE, SMALL, allocate, fill

LOCAL_HEADER = 30  # bytes of a ZIP entry before its name and extra field, whose lengths are at 26 and 28
BROKEN = (OSError, ValueError, EOFError, KeyError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What damaged, encrypted or unusual archives make zipfile and NumPy raise."""

WRONG = "is not a NumPy archive of plain arrays"


@contextmanager
def damage_reported(path: Path, wrong: str) -> Iterator[None]:
    """Raise `InputError`, with `wrong` before the reason, for what a damaged archive makes its readers raise."""
    try:
        yield
    except InputError:  # a ValueError, too
        raise
    except BROKEN as error:
        raise InputError(f"{wrong}: {error}", file=shown(path)) from error


def array_names(path: Path) -> list[str]:
    """The names of the arrays in an archive. Raises `InputError` where it is none."""
    with damage_reported(path, WRONG), zipfile.ZipFile(path) as archive:
        return [name.removesuffix(".npy") for name in archive.namelist()]


def read_arrays(path: Path, names: Iterable[str] | None = None) -> dict[str, NDArray[np.generic]]:
    """The arrays of an archive, or those that are named.

    One of more than 2 GiB stays on the disk: memory-mapped where it lies, or, if it is compressed, in a temporary file.
    Raises `InputError` for objects, for damage, and for sizes that are not what the file has or that no disk holds.
    """
    wanted = None if names is None else set(names)
    found: dict[str, NDArray[np.generic]] = {}
    with damage_reported(path, WRONG), zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        check_sizes(path, entries)
        for entry in entries:
            name = entry.filename.removesuffix(".npy")
            if name in found:
                raise InputError(f"has two arrays called {name!r}", file=shown(path))
            if wanted is None or name in wanted:
                found[name] = _read(path, archive, entry)
    return found


def check_sizes(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """Raise `InputError` for an archive that was made to fill the memory or the disk."""
    size, packed = sum(entry.file_size for entry in entries), path.stat().st_size
    if size > max(SMALL, EXPANSION * packed):
        message = f"unpacks from {packed:,} to {size:,} bytes, more than {EXPANSION} times its size"
        raise InputError(message, file=shown(path))
    large = sum(entry.file_size for entry in entries if entry.compress_type != zipfile.ZIP_STORED)
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if large > max(IN_MEMORY, free):
        remedy = "save it with numpy.savez, not savez_compressed: it is then read where it lies; or set TMPDIR"
        message = f"unpacks to {large:,} bytes, but {tempfile.gettempdir()} has {free:,} free"
        raise InputError(message, file=shown(path), remedy=remedy)


def _read(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> NDArray[np.generic]:
    with archive.open(entry) as file:
        shape, fortran, dtype = _header(path, entry.filename, file)
        start, size = file.tell(), math.prod(shape) * dtype.itemsize
        if size != entry.file_size - start:
            message = f"has {entry.file_size - start:,} bytes of data, but its shape {list(shape)} of {dtype} asks for"
            raise InputError(f"{message} {size:,}", file=f"{shown(path)}, {entry.filename}")
        if fortran:
            shape = shape[::-1]
        if size > IN_MEMORY and entry.compress_type == zipfile.ZIP_STORED:
            while file.read(PIECE):  # to the end, where its checksum is compared
                pass
            array: NDArray[np.generic] = np.memmap(path, dtype, "r", _data_start(path, entry) + start, shape)
        else:
            array = allocate(shape, dtype)
            found = fill(file, array.reshape(-1).view(np.uint8) if size else np.empty(0, np.uint8))
            if found < size:
                raise EOFError(f"{entry.filename} ends after {found:,} of {size:,} bytes")
    return array.T if fortran else array


def _header(path: Path, name: str, file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    # NumPy's own reader would take the memory before it compares the sizes.
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    elif version == (2, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(file)
    else:
        raise ValueError(f"version {version[0]}.{version[1]} of the format, for fields whose names are not ASCII")
    if any(length < 0 for length in shape):
        raise ValueError(f"a negative length in the shape {list(shape)}")
    if dtype.hasobject or dtype.names is not None:
        kind = "Python objects, which could be any code" if dtype.hasobject else "records"
        raise InputError(f"holds {kind}, not numbers or strings", file=f"{shown(path)}, {name}")
    return shape, fortran, dtype


def _data_start(path: Path, entry: zipfile.ZipInfo) -> int:
    """Where an entry that is not compressed begins in the file."""
    with path.open("rb") as file:
        file.seek(entry.header_offset)
        header = file.read(LOCAL_HEADER)
    lengths = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
    return entry.header_offset + LOCAL_HEADER + sum(lengths)


def write_arrays(
    path: Path,
    arrays: Iterable[NDArray[np.generic]],
    *,
    remedy: str,
    error: type[InputError] = InputError,
    **named: NDArray[np.generic],
) -> None:
    """Write arrays under their numbers, and others under names, whole or not at all. Raises `error`."""
    content: dict[str, Any] = {**named, **{f"{number:06d}": array for number, array in enumerate(arrays)}}
    with whole_file(path, remedy=remedy, error=error) as beside, beside.open("wb") as file:
        np.savez(file, **content)
