"""Some images of an array on the disk, without copying them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Selection:
    """The rows `indices` of an array, read when they are asked for.

    What is taken out of it is an ordinary array: `selection[3]`, `selection[10:20]`, `selection[[5, 2]]`.
    """

    def __init__(self, array: NDArray[Any], indices: NDArray[np.int64]) -> None:
        self.array, self.indices = array, indices

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of rows, then the shape of one."""
        return (len(self.indices), *self.array.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the array."""
        return self.array.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.array.ndim

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple) or key is None or key is Ellipsis:
            return np.asarray(self)[key]
        return np.asarray(self.array[self.indices[key]])

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[row] for row in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self.array[self.indices], dtype)


def select(array: NDArray[Any] | Selection, indices: NDArray[np.int64]) -> Any:
    """Some rows: a copy of what lies in memory; of what lies on the disk a `Selection`, which leaves it there."""
    if isinstance(array, Selection):
        return Selection(array.array, array.indices[indices])
    return Selection(array, indices) if is_mapped(array) else array[indices]


def is_mapped(array: Any) -> bool:
    """Whether an array, or what it is a view of, is memory-mapped."""
    while array is not None:
        if isinstance(array, np.memmap):
            return True
        array = getattr(array, "base", None)
    return False


def join(first: Any, second: Any) -> Any:
    """The rows of two arrays, one behind the other; selections of one array stay a selection."""
    if isinstance(first, Selection) and isinstance(second, Selection) and first.array is second.array:
        return Selection(first.array, np.concatenate([first.indices, second.indices]))
    return np.concatenate([first, second])
