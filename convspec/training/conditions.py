"""What decides the numbers of a run or a search beside its spec and its images, for `run.json` and `search.json`.

Those are Keras's settings, and the contents of the files of weights that training starts from.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO

import h5py
import keras
import numpy as np

from ..data.npz import BROKEN
from ..json_files import differences
from ..language.recipe import Recipe, is_official
from .predictor import MODELS
from .saving import ENTRY

CONDITIONS = ("backend", "floatx", "dtype_policy", "epsilon", "image_data_format", "weights")
"""The keys of a file, each of which an earlier version may not have written."""

Settings = dict[str, str | float]
"""What Keras is set to, by the names that `keras.config` has."""

WEIGHTS = "model.weights.h5"
"""The entry of a `.keras` file that Keras writes the weights to."""


def conditions(weights: Iterable[str], recipe: Recipe | None = None) -> dict[str, object]:
    """The conditions of this process: `weights` are files and folders to start from, by the names that a spec has.

    `recipe` says in which numbers a run computes whatever Keras's dtype policy is. Weights that are not there are left
    out: taking them over reports them. Official ones are the same wherever their name is.
    """
    mixed = recipe is not None and recipe.mixed_precision != "none" and f"mixed_{recipe.mixed_precision}"
    digests = {name: digest for name in weights if not is_official(name) and (digest := _digest(name))}
    return {**settings(), **({"dtype_policy": mixed} if mixed else {}), "weights": digests}


def settings() -> Settings:
    """What Keras is set to."""
    return {
        "backend": keras.backend.backend(),
        "floatx": keras.config.floatx(),
        "dtype_policy": keras.config.dtype_policy().name,
        "epsilon": keras.config.epsilon(),
        "image_data_format": keras.config.image_data_format(),
    }


def use_settings(settings: Settings) -> None:
    """Set Keras as another process has it, whose trials this one trains; the backend is one of its versions."""
    for name in ("floatx", "epsilon", "image_data_format", "dtype_policy"):
        getattr(keras.config, f"set_{name}")(settings[name])


def changed(before: Mapping[str, object], now: Mapping[str, object]) -> list[tuple[str, object, object]]:
    """The conditions that differ between two files: the path, what it was, what it is.

    What one of the two does not record is not known to differ: an earlier version wrote fewer, and a search that is
    extended may start from further files.
    """
    return [
        (path, old, new)
        for name in CONDITIONS
        for path, old, new in differences(before.get(name), now.get(name), name)
        if old is not None and new is not None
    ]


def _digest(weights: str) -> str:
    """The SHA-256 of what a file of weights holds, or that in a folder; empty if there is none to read."""
    try:
        place = Path(weights).expanduser()
        path = next(file for file in (place, *(place / name for name in MODELS)) if file.is_file())
        return f"sha256:{_hash_of(path)[:32]}"
    except (OSError, RuntimeError, StopIteration):  # none is there, or it cannot be read: taking it over reports it
        return ""


def _hash_of(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        for piece in _contents(path):
            digest.update(piece)
    except BROKEN:  # another format, or damaged
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    return digest.hexdigest()


def _contents(path: Path) -> Iterator[bytes]:
    """The arrays of a file of weights, and what it says of their images.

    Its bytes are others each time that a network is saved: HDF5 writes dates, and Keras numbers of objects in memory.
    """
    if not zipfile.is_zipfile(path):
        yield from _arrays(path)
        return
    with zipfile.ZipFile(path) as archive:
        # At once: HDF5 goes back and forth, and an archive is read from the start again for each step back.
        yield from _arrays(BytesIO(archive.read(WEIGHTS)))
        if ENTRY in archive.namelist():
            yield archive.read(ENTRY)


def _arrays(place: Path | IO[bytes]) -> Iterator[bytes]:
    with h5py.File(place, "r") as file:
        names: list[str] = []
        file.visit(names.append)
        for name in sorted(names):
            if isinstance(found := file[name], h5py.Dataset):
                yield f"{name} {found.dtype} {found.shape} ".encode() + np.asarray(found).tobytes()
