"""Images and labels from a NumPy archive."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...files import shown
from ...language.diagnostics import Diagnostic, InputError, did_you_mean
from ..dataset import Images, Source
from ..labels import as_labels, by_name, numbered_names
from ..npz import array_names, read_arrays
from ..pictures import raise_all
from ..pixels import PixelRange, as_range, check_dtype
from . import Kind

PIXELS = ("pixel_range", "highest")
KEYS = ("x", "y", "x_train", "y_train", "x_val", "y_val", "x_test", "y_test", "class_names", *PIXELS)

Part = tuple[NDArray[np.generic], NDArray[np.generic]]  # images, and labels as numbers or strings


def read_npz(path: Path) -> Source:
    """A source from `x_train`, `y_train` (and `_val`, `_test`), or from `x`, `y`.

    Labels are numbers from 0, strings, or one-hot rows. `class_names` (strings) may be in the archive, too, and
    `pixel_range`, the values of black and white, or `highest`, the value of white where black is 0.
    """
    arrays = _arrays(path)
    names = _given_names(path, arrays)
    prefix = "" if "x" in arrays else "_train"
    train = _part(path, arrays, prefix)
    if train is None:
        message = f"has {', '.join(sorted(arrays)) or 'nothing'}, but no x_train and y_train, or x and y"
        raise InputError(Diagnostic(message, file=shown(path)))
    parts = {part: _part(path, arrays, suffix) for part, suffix in (("validation", "_val"), ("test", "_test"))}
    if names is None:
        names = _class_names(path, [train, *parts.values()])
    numbered = {part: _number(path, images, names) for part, images in (("train", train), *parts.items())}
    first = numbered["train"]
    if first is None:
        raise InputError(Diagnostic("has no training images", file=shown(path)))
    pixels = _declared_range(path, arrays)
    return Source(path.stem, shown(path), names, pixels, first, numbered["validation"], numbered["test"])


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
            raise InputError(Diagnostic(message, file=shown(path), remedy="leave one of them out"))
    return read_arrays(path)


def _declared_range(path: Path, arrays: dict[str, NDArray[np.generic]]) -> PixelRange | None:
    """The range that an archive declares, if it does."""
    given = [key for key in PIXELS if key in arrays]
    if len(given) > 1:
        raise InputError(Diagnostic("has pixel_range and highest, which say the same; keep one", file=shown(path)))
    if not given:
        return None
    value = arrays[given[0]].tolist()
    try:
        return as_range(value if given[0] == "pixel_range" else [0, value])
    except InputError as error:
        raise InputError(
            diagnostic._replace(file=shown(path), path=given[0]) for diagnostic in error.diagnostics
        ) from None


def _part(path: Path, arrays: dict[str, NDArray[np.generic]], suffix: str) -> Part | None:
    x, y = arrays.get(f"x{suffix}"), arrays.get(f"y{suffix}")
    if x is None and y is None:
        return None
    if x is None or y is None:
        missing = f"x{suffix}" if x is None else f"y{suffix}"
        raise InputError(Diagnostic(f"has no {missing}", file=shown(path)))
    if x.ndim not in (3, 4) or x.dtype.kind not in "buif" or 0 in x.shape[1:]:
        kind = f"x{suffix} is {x.dtype} of shape {list(x.shape)}"
        message = f"{kind}; images are real numbers (count, height, width, channels)"
        raise InputError(Diagnostic(message, file=shown(path)))
    check_dtype(f"x{suffix}", x, shown(path))
    if y.ndim and len(x) != len(y):
        raise InputError(Diagnostic(f"x{suffix} has {len(x)} images and y{suffix} {len(y)} labels", file=shown(path)))
    return (x if x.ndim == 4 else x[..., None]), as_labels(y, f"y{suffix}", shown(path))


def _given_names(path: Path, arrays: dict[str, NDArray[np.generic]]) -> tuple[str, ...] | None:
    names = arrays.get("class_names")
    if names is None:
        return None
    if names.ndim != 1 or names.dtype.kind not in "USui":
        message = f"class_names is {names.dtype} of shape {list(names.shape)}, not a list of strings"
        raise InputError(Diagnostic(message, file=shown(path)))
    return tuple(str(name) for name in as_labels(names, "class_names", shown(path)).tolist())


def _class_names(path: Path, parts: list[Part | None]) -> tuple[str, ...]:
    labels = [part[1] for part in parts if part is not None]
    if all(part.dtype.kind == "U" for part in labels):
        return tuple(str(name) for name in np.unique(np.concatenate(labels)))
    if any(part.dtype.kind == "U" for part in labels):
        raise InputError(Diagnostic("has labels that are numbers and labels that are strings", file=shown(path)))
    return numbered_names(labels, shown(path))


def _number(path: Path, part: Part | None, names: tuple[str, ...]) -> Images | None:
    if part is None:
        return None
    x, y = part
    return Images(x, by_name(y, names, shown(path)) if y.dtype.kind == "U" else y.astype(np.int64, copy=False))


KIND = Kind("an .npz", lambda request: read_npz(request.path), suffix=".npz", rank=3)
