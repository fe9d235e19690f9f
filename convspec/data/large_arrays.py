"""Arrays of images that may be larger than the memory: in temporary files, or read where they lie on the disk."""

from __future__ import annotations

import gzip
import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from types import EllipsisType
from typing import IO, TypeVar, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..language.diagnostics import InputError

IN_MEMORY = 2 * 2**30  # bytes; more pixels than that lie in a temporary file, memory-mapped
PIECE = 2**22  # bytes of a large file that are read at once
EXPANSION = 200  # times the size of a packed file: images of more than one colour shrink less
SMALL = 2**28  # bytes that any packed file may hold

Number = TypeVar("Number", bound=np.generic)
Rows = int | slice | EllipsisType | Sequence[int] | NDArray[np.integer]


def allocate(shape: tuple[int, ...], dtype: np.dtype[Number] | type[Number]) -> NDArray[Number]:
    """An array to fill: in memory, or in a temporary file where it is large. Raises `InputError` for a full disk."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size <= IN_MEMORY:
        return np.empty(shape, dtype)
    with tempfile.TemporaryFile() as file:
        try:
            if hasattr(os, "posix_fallocate"):  # else a full disk ends the process as soon as a page is written
                os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            message = f"has no room for the {size:,} bytes of these images: {error.strerror}"
            remedy = "the environment variable TMPDIR names another folder"
            raise InputError(message, file=tempfile.gettempdir(), remedy=remedy) from error
        return np.memmap(file, dtype, "r+", shape=shape)


def fill(file: IO[bytes] | gzip.GzipFile, data: NDArray[np.uint8]) -> int:
    """Read a file's bytes into an array; how many there were, counting those too many as far as one piece goes."""
    count = 0
    while piece := file.read(PIECE):
        if count + len(piece) > len(data):
            return count + len(piece)
        data[count : count + len(piece)] = np.frombuffer(piece, np.uint8)
        count += len(piece)
    return count


class Selection:
    """The rows `indices` of an array, read when they are asked for.

    What is taken out of it is an ordinary array: `selection[3]`, `selection[10:20]`, `selection[[5, 2]]`.
    """

    def __init__(self, array: NDArray[np.generic], indices: NDArray[np.int64]) -> None:
        self.array, self.indices = array, indices

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of rows, then the shape of one."""
        return (len(self.indices), *self.array.shape[1:])

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The type of the array."""
        return self.array.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.array.ndim

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, key: Rows | tuple[Rows, ...] | None) -> NDArray[np.generic]:
        if isinstance(key, tuple) or key is None or key is Ellipsis:
            return np.asarray(self)[key]
        return np.asarray(self.array[self.indices[key]])

    def __iter__(self) -> Iterator[NDArray[np.generic]]:
        return (self[row] for row in range(len(self)))

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[np.generic]:
        return np.asarray(self.array[self.indices], dtype)


def select(array: NDArray[np.generic] | Selection, indices: NDArray[np.int64]) -> NDArray[np.generic]:
    """Some rows: a copy of what lies in memory; of what lies on the disk a `Selection`, which leaves it there."""
    if isinstance(array, Selection):
        return _as_array(Selection(array.array, array.indices[indices]))
    return _as_array(Selection(array, indices)) if is_mapped(array) else array[indices]


def is_mapped(array: object) -> bool:
    """Whether an array, or what it is a view of, is memory-mapped."""
    while array is not None:
        if isinstance(array, np.memmap):
            return True
        array = getattr(array, "base", None)
    return False


def join(first: NDArray[np.generic] | Selection, second: NDArray[np.generic] | Selection) -> NDArray[np.generic]:
    """The rows of two arrays, one after the other; selections of one array stay a selection."""
    if isinstance(first, Selection) and isinstance(second, Selection) and first.array is second.array:
        return _as_array(Selection(first.array, np.concatenate([first.indices, second.indices])))
    return np.concatenate([first, second])


def _as_array(selection: Selection) -> NDArray[np.generic]:
    """For type checkers: whoever reads images asks of an array nothing that a selection does not have."""
    return cast("NDArray[np.generic]", selection)
