"""Images and labels from a NumPy archive."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...files import shown
from ...language.diagnostics import Diagnostic, InputError, did_you_mean
from ..labelled_images import Part, Source, as_part, source_of
from ..labels import as_names
from ..npz import array_names, read_arrays
from ..pictures import raise_all
from ..pixels import PixelRange, as_range
from . import Kind

PIXELS = ("pixel_range", "highest")
KEYS = ("x", "y", "x_train", "y_train", "x_val", "y_val", "x_test", "y_test", "class_names", *PIXELS)


def read_npz(path: Path) -> Source:
    """A source from `x_train`, `y_train` (and `_val`, `_test`), or from `x`, `y`.

    Labels are numbers from 0, strings, or one-hot rows. `class_names` (strings) may be in the archive, too, and
    `pixel_range`, the values of black and white, or `highest`, the value of white where black is 0.
    """
    arrays = _arrays(path)
    names = as_names(arrays.get("class_names", ()), shown(path))

    def part(suffix: str) -> Part | None:
        keys = f"x{suffix}", f"y{suffix}"
        return as_part(arrays.get(keys[0]), arrays.get(keys[1]), keys, shown(path))

    train = part("" if "x" in arrays else "_train")
    if train is None:
        message = f"has {', '.join(sorted(arrays)) or 'nothing'}, but no x_train and y_train, or x and y"
        raise InputError(message, file=shown(path))
    parts = train, part("_val"), part("_test")
    return source_of(path.stem, shown(path), parts, names, _declared_range(path, arrays))


def _arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    names = array_names(path)
    raise_all(
        Diagnostic(f"has an array {name!r} that nothing reads{did_you_mean(name, KEYS)}", file=shown(path))
        for name in names
        if name not in KEYS
    )
    for name, other in (("x", "x_train"), ("y", "y_train")):
        if name in names and other in names:
            message = f"has both {name} and {other}, which are the training images or labels"
            raise InputError(message, file=shown(path), remedy="leave one of them out")
    return read_arrays(path)


def _declared_range(path: Path, arrays: dict[str, NDArray[np.generic]]) -> PixelRange | None:
    """The range that an archive declares, if it does."""
    given = [key for key in PIXELS if key in arrays]
    if len(given) > 1:
        raise InputError("has pixel_range and highest, which say the same; keep one", file=shown(path))
    if not given:
        return None
    value = arrays[given[0]].tolist()
    try:
        return as_range(value if given[0] == "pixel_range" else [0, value])
    except InputError as error:
        raise InputError(
            diagnostic._replace(file=shown(path), path=given[0]) for diagnostic in error.diagnostics
        ) from None


KIND = Kind("an .npz", lambda request: read_npz(request.path), suffix=".npz", rank=3)
