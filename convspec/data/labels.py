"""Labels and the names of classes, in whatever form they come, made into numbers from 0."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..language.diagnostics import Diagnostic, InputError, did_you_mean
from ..printing import counted

NUMBERED = "number the classes from 0 without gaps, or give their names"
MOST_NAMED = 5  # classes that one message names


def as_array(values: object, name: str, place: str, dtype: type | None = None) -> NDArray[np.generic]:
    """An array from a list or a tensor. Raises `InputError`, as for lists of several lengths and masked values."""
    if np.ma.is_masked(values):
        raise InputError(f"{name} has masked values", file=place, remedy="leave out what is not there")
    try:
        return np.asarray(values, dtype)
    except Exception as error:  # whatever the tensors of any library raise
        raise InputError(f"{name} cannot be made an array: {error}", file=place) from error


def label_array(y: object, name: str, place: str) -> NDArray[np.generic]:
    """Labels as an array; strings among objects, as columns of pandas have them, become an array of strings.

    Raises `InputError` for numbers and strings together, of which NumPy would make strings.
    """
    array = as_array(y, name, place, None if hasattr(y, "dtype") else object)
    if array.dtype.kind not in "OT":
        return array
    if len({isinstance(label, (str, bytes)) for label in array.ravel().tolist()}) > 1:
        raise InputError(f"{name} holds both strings and what is none", file=place)
    return as_array(array.tolist(), name, place)


def as_labels(y: NDArray[np.generic], name: str, place: str) -> NDArray[np.generic]:
    """Labels `(count,)` as int64 or as strings, from whole numbers, strings or one-hot rows. Raises `InputError`."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 2 and y.dtype.kind in "buif" and _is_one_hot(y):
        y = y.argmax(axis=1)
    if y.ndim == 1 and y.dtype.kind in "US":
        return _strings(y, name, place)
    if y.ndim == 1 and y.dtype.kind in "bui":
        return _int64(y, name, place)
    if y.ndim == 1 and y.dtype.kind == "f":
        numbers = y.astype(np.float64)
        wrong = np.flatnonzero(numbers != np.round(numbers))  # NaN differs from itself
        if not wrong.size:
            return _int64(y, name, place)
        message = f"{name} is {y.dtype} and holds {y[wrong[0]]}, of image {wrong[0]}"
    else:
        message = f"{name} is {y.dtype} of shape {list(y.shape)}"
    raise InputError(f"{message}; labels are whole numbers, strings or one-hot rows", file=place)


def as_numbers(y: NDArray[np.generic], name: str, place: str) -> NDArray[np.int64]:
    """Labels `(count,)` as int64, from whole numbers or one-hot rows. Raises `InputError` also for strings."""
    labels = as_labels(y, name, place)
    if labels.dtype.kind == "U":
        raise InputError(f"{name} holds strings, but no names of classes", file=place, remedy=NUMBERED)
    return labels.astype(np.int64, copy=False)


def as_names(given: object, place: str) -> tuple[str, ...]:
    """The names of classes that were given as a list or an array of strings or whole numbers. Raises `InputError`."""
    names = label_array(() if given is None else given, "class_names", place)
    if names.shape == (0,):
        return ()
    if names.ndim != 1 or names.dtype.kind not in "USui":
        message = f"class_names is {names.dtype} of shape {list(names.shape)}, not a list of strings"
        raise InputError(message, file=place)
    return tuple(str(name) for name in as_labels(names, "class_names", place).tolist())


def names_of(labels: Sequence[NDArray[np.generic]], place: str) -> tuple[str, ...]:
    """The names of the classes of all parts, where nothing else tells them. Raises `InputError`."""
    if all(part.dtype.kind == "U" for part in labels):
        return tuple(str(name) for name in np.unique(np.concatenate(labels)))
    if any(part.dtype.kind == "U" for part in labels):
        raise InputError("has labels that are numbers and labels that are strings", file=place)
    return numbered_names(labels, place)


def numbered(y: NDArray[np.generic], names: Sequence[str], place: str) -> NDArray[np.int64]:
    """Labels as numbers of classes, from these or from names. Raises `InputError` for a name that is none of them."""
    if y.dtype.kind != "U":
        return y.astype(np.int64, copy=False)
    if unknown := sorted(set(y.tolist()) - set(names)):
        raise InputError(
            Diagnostic(f"label {label!r} is not in class_names{did_you_mean(label, names)}", file=place)
            for label in unknown
        )
    order = {name: number for number, name in enumerate(names)}
    return np.array([order[label] for label in y.tolist()], np.int64)


def numbered_names(labels: Sequence[NDArray[np.generic]], place: str) -> tuple[str, ...]:
    """The names `0`, `1`, ... up to the largest label. Raises `InputError` for more classes than there are images."""
    together = np.concatenate(labels) if labels else np.empty(0, np.int64)
    largest = int(together.max(initial=-1))
    if largest > len(together):
        several = f"{counted(len(together), 'image')} with {counted(len(np.unique(together)), 'different label')}"
        raise InputError(f"labels go up to {largest:,}, but there are {several}", file=place, remedy=NUMBERED)
    return tuple(str(label) for label in range(largest + 1))


def missing_classes(labels: NDArray[np.int64], names: Sequence[str], place: str) -> Iterator[Diagnostic]:
    """An error for classes without a training image: each by name, or the number of them if they are many."""
    counts = np.bincount(labels, minlength=len(names))
    missing = [names[int(label)] for label in np.flatnonzero(counts == 0)]
    remedy = NUMBERED if tuple(names) == tuple(str(label) for label in range(len(names))) else ""
    if len(missing) <= MOST_NAMED:
        yield from (Diagnostic(f"class {name!r} has no training images", file=place, remedy=remedy) for name in missing)
    else:
        shown = ", ".join(repr(name) for name in missing[:MOST_NAMED])
        message = f"{len(missing)} of {len(names)} classes have no training images: {shown}, ..."
        yield Diagnostic(message, file=place, remedy=remedy)


def check_names(names: Sequence[str], place: str) -> Iterator[Diagnostic]:
    """Errors for names of classes that are empty, longer than a line, equal, or so alike that one is a slip.

    `A` and `a` may be two letters; `Cat` and `cat` are one class.
    """
    written: dict[str, list[str]] = {}
    for name, count in Counter(names).items():
        if not name.strip():
            yield Diagnostic("a class has an empty name", file=place)
        elif not _is_text(name):
            yield Diagnostic(f"the class {name!r} has a name that is not UTF-8", file=place, remedy="rename it")
        elif name.splitlines() != [name]:  # files such as labels.txt have one name per line
            message = f"the class {name!r} has a line break in its name"
            yield Diagnostic(message, file=place, remedy="rename it: the name of a class is one line")
        elif count > 1:
            yield Diagnostic(f"{count} classes are called {name!r}", file=place, remedy="merge them, or rename one")
        key = unicodedata.normalize("NFC", name).strip()
        written.setdefault(key.casefold() if len(key) > 1 else key, []).append(name)
    for alike in written.values():
        if len(alike) > 1:
            message = f"the classes {', '.join(map(repr, alike))} differ only in how they are written"
            yield Diagnostic(message, file=place, remedy="merge them, or rename one")


def _is_text(name: str) -> bool:
    """Whether a name can be written; that of a folder may be any bytes, which Python then has as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_one_hot(y: NDArray[np.generic]) -> bool:
    return bool(y.shape[1] and np.isin(y, (0, 1)).all() and np.all(np.count_nonzero(y, axis=1) == 1))


def _strings(y: NDArray[np.generic], name: str, place: str) -> NDArray[np.generic]:
    if y.dtype.kind == "U":
        return y
    try:
        return np.char.decode(y.astype(np.bytes_), "utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} holds bytes that are not UTF-8 text: {error}", file=place) from error


def _int64(y: NDArray[np.generic], name: str, place: str) -> NDArray[np.int64]:
    """Whole numbers of any type; one that int64 cannot hold would become another number."""
    limit = 2**53  # up to here floats hold every whole number
    if y.dtype.kind in "uf" and y.size and (float(y.max()) > limit or float(y.min()) < -limit):
        raise InputError(f"{name} holds {y.max()}; labels are numbers of classes, from 0", file=place)
    return y.astype(np.int64)
