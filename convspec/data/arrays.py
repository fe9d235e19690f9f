"""Images and labels from a NumPy archive."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..spec.faults import Fault, FaultError, did_you_mean
from .dataset import Images, Source, shown
from .pixels import PixelRange, as_range

PIXELS = ("pixel_range", "highest")
KEYS = ("x", "y", "x_train", "y_train", "x_val", "y_val", "x_test", "y_test", "class_names", *PIXELS)


def read_npz(path: Path) -> Source:
    """A source from `x_train`, `y_train` (and `_val`, `_test`), or from `x`, `y`.

    Labels are numbers from 0, strings, or one-hot rows. `class_names` (strings) may be in the archive, too, and
    `pixel_range`, the values of black and white, or `highest`, the value of white where black is 0.
    """
    arrays = _arrays(path)
    names = [str(name) for name in arrays["class_names"]] if "class_names" in arrays else None
    prefix = "" if "x" in arrays else "_train"
    train = _part(path, arrays, prefix)
    if train is None:
        raise FaultError(
            Fault(
                f"has {', '.join(sorted(arrays)) or 'nothing'}, but no x_train and y_train, or x and y",
                file=shown(path),
            )
        )
    parts = {part: _part(path, arrays, suffix) for part, suffix in (("validation", "_val"), ("test", "_test"))}
    names = names or _class_names([train, *parts.values()])
    numbered = {part: _number(path, images, names) for part, images in (("train", train), *parts.items())}
    first = numbered["train"]
    if first is None:
        raise FaultError(Fault("has no training images", file=shown(path)))
    pixels = _declared_range(path, arrays)
    return Source(path.stem, shown(path), tuple(names), pixels, first, numbered["validation"], numbered["test"])


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            unknown = [key for key in archive.files if key not in KEYS]
            if unknown:
                raise FaultError(
                    Fault(f"has an array {key!r} that nothing reads{did_you_mean(key, KEYS)}", file=shown(path))
                    for key in unknown
                )
            return {key: archive[key] for key in archive.files}
    except FaultError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        raise FaultError(Fault(f"is no NumPy archive of plain arrays: {error}", file=shown(path))) from error


def _declared_range(path: Path, arrays: dict[str, NDArray[Any]]) -> PixelRange | None:
    """The range that an archive declares, if it does."""
    given = [key for key in PIXELS if key in arrays]
    if len(given) > 1:
        raise FaultError(Fault("has pixel_range and highest, which say the same; keep one", file=shown(path)))
    if not given:
        return None
    value = arrays[given[0]].tolist()
    try:
        return as_range(value if given[0] == "pixel_range" else [0, value])
    except FaultError as error:
        raise FaultError(fault._replace(file=shown(path), path=given[0]) for fault in error.faults) from None


def _part(path: Path, arrays: dict[str, NDArray[Any]], suffix: str) -> tuple[NDArray[Any], NDArray[Any]] | None:
    x, y = arrays.get(f"x{suffix}"), arrays.get(f"y{suffix}")
    if x is None and y is None:
        return None
    if x is None or y is None:
        missing = f"x{suffix}" if x is None else f"y{suffix}"
        raise FaultError(Fault(f"has no {missing}", file=shown(path)))
    if x.ndim not in (3, 4) or not (np.issubdtype(x.dtype, np.number) or x.dtype == bool):
        raise FaultError(
            Fault(
                f"x{suffix} is {x.dtype} of shape {list(x.shape)}; images are numbers (count, height, width, channels)",
                file=shown(path),
            )
        )
    if len(x) != len(y):
        raise FaultError(Fault(f"x{suffix} has {len(x)} images and y{suffix} {len(y)} labels", file=shown(path)))
    return (x if x.ndim == 4 else x[..., None]), _labels(path, y, f"y{suffix}")


def _labels(path: Path, y: NDArray[Any], name: str) -> NDArray[Any]:
    """Labels as one axis of whole numbers or strings."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 2 and np.array_equal(np.sort(y, axis=1), np.eye(1, y.shape[1], y.shape[1] - 1).repeat(len(y), 0)):
        y = y.argmax(axis=1)
    if y.ndim == 1 and np.issubdtype(y.dtype, np.floating) and np.array_equal(y, np.round(y)):
        y = y.astype(np.int64)
    if y.ndim == 1 and (np.issubdtype(y.dtype, np.integer) or y.dtype.kind in "US"):
        return y.astype(str) if y.dtype.kind in "US" else y.astype(np.int64)
    raise FaultError(
        Fault(
            f"{name} is {y.dtype} of shape {list(y.shape)}; labels are whole numbers, strings or one-hot rows",
            file=shown(path),
        )
    )


def _class_names(parts: list[tuple[NDArray[Any], NDArray[Any]] | None]) -> list[str]:
    labels = np.concatenate([part[1] for part in parts if part is not None])
    if labels.dtype.kind == "U":
        return [str(name) for name in np.unique(labels)]
    return [str(label) for label in range(int(labels.max(initial=-1)) + 1)]


def _number(path: Path, part: tuple[NDArray[Any], NDArray[Any]] | None, names: list[str]) -> Images | None:
    if part is None:
        return None
    x, y = part
    if y.dtype.kind == "U":
        unknown = sorted(set(y.tolist()) - set(names))
        if unknown:
            raise FaultError(
                Fault(f"label {label!r} is not in class_names{did_you_mean(label, names)}", file=shown(path))
                for label in unknown
            )
        order = {name: number for number, name in enumerate(names)}
        y = np.array([order[label] for label in y.tolist()], np.int64)
    return Images(x, y.astype(np.int64))
