"""Keras's official weight files: where they lie, and fetching one whole or not at all.

`official.csv` holds the files as the installed keras.applications names them, with MD5 or SHA-256; MobileNet and
MobileNetV2 have no hashes.
"""

from __future__ import annotations

import csv
import hashlib
import os
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError

from ..files import refusals, whole_file
from ..language.diagnostics import Diagnostic, InputError
from ..printing import library_output

SERVER = "https://storage.googleapis.com"
ALPHAS = {
    "mobilenet": {0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1.0: "1_0"},
    "mobilenet_v2": {alpha: str(alpha) for alpha in (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)},
}
"""Width multipliers that have files, as the file names write them."""
SIZES = {"mobilenet": (128, 160, 192, 224), "mobilenet_v2": (96, 128, 160, 192, 224)}
"""Image sizes that have files of their own."""


class OfficialFile(NamedTuple):
    """One file: its address, its name in Keras's cache, its hash ("" where Keras knows none)."""

    url: str
    name: str
    hash: str


def has_official_weights(spec: str) -> bool:
    """Whether Keras publishes weights for this network."""
    return any(key == spec or key.startswith(f"{spec}_1.0") for key in _table())


def find_official(spec: str, arguments: Mapping[str, float], size: int | None, top: bool) -> OfficialFile:
    """The file for these arguments of a constructor and an image size.

    Raises `InputError` where Keras publishes none.
    """
    alpha = float(arguments.get("alpha", 1.0))
    key, words = spec, {}
    if spec.startswith("mobilenet_v3"):
        key = f"{spec}{'_minimalistic' if arguments['minimalistic'] else ''}_{alpha}"
    elif spec in ALPHAS:
        _check_mobilenet(spec, arguments, alpha)
        words = {"alpha": ALPHAS[spec][alpha], "size": size if size in SIZES[spec] else 224}
    if key not in _table():
        remedy = f"there are: {', '.join(sorted(name for name in _table() if name.startswith(spec)))}"
        raise InputError(f"there are no official weights for {key}", path="weights", remedy=remedy)
    row = _table()[key]
    path = row["file"].format(top="" if top else row["without_top"], **words)
    name = path.rpartition("/")[2]
    if spec.startswith("nasnet"):
        name = name.lower().replace("-", "_")
    return OfficialFile(f"{SERVER}/{path}", name, row["hash" if top else "hash_without_top"])


def fetch(file: OfficialFile) -> Path:
    """The file in Keras's cache, downloaded if it is not there yet.

    It is downloaded beside its place, checked, and then moved, so that a file in the cache is always whole. Raises
    `InputError` where that fails; the next call starts over.
    """
    target = _cache() / "models" / file.name
    if target.exists() and _hash(target, file.hash) == file.hash:
        return target
    with refusals(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(target) as part:
        _download(part, target, file)
    return target


def _download(part: Path, target: Path, file: OfficialFile) -> None:
    import keras

    try:
        with library_output():
            folder = str(_cache())
            keras.utils.get_file(part.name, file.url, cache_subdir="models", cache_dir=folder, force_download=True)
        _check(part, file)
    except InputError:
        raise
    except Exception as error:  # Keras raises bare Exceptions
        if isinstance(answer := error.__context__, HTTPError):
            answer.close()
        reason = str(error) or type(error).__name__
        remedy = f"try again, or download it by other means to {target}"
        raise InputError(f"cannot be downloaded: {reason}", file=file.url, remedy=remedy) from None


def _check_mobilenet(spec: str, arguments: Mapping[str, float], alpha: float) -> None:
    diagnostics = []
    if arguments.get("depth_multiplier", 1) != 1:
        message = f"official weights have a depth multiplier of 1, not {arguments['depth_multiplier']}"
        diagnostics.append(Diagnostic(message, path="depth_multiplier"))
    if alpha not in ALPHAS[spec]:
        known = ", ".join(map(str, ALPHAS[spec]))
        diagnostics.append(
            Diagnostic(f"there are no official weights for {alpha}", path="alpha", remedy=f"there are: {known}")
        )
    if diagnostics:
        raise InputError(diagnostics)


@cache
def _table() -> dict[str, dict[str, str]]:
    with (Path(__file__).parent / "official.csv").open(encoding="utf-8", newline="") as file:
        return {row["network"]: row for row in csv.DictReader(file)}


def _cache() -> Path:
    """Keras's cache folder, by Keras's rule; a temporary one where it cannot be written."""
    folder = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / ".keras"
    return folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir()) / ".keras"


def _hash(path: Path, expected: str) -> str:
    """The hash of a file, of the kind that is expected; empty where Keras knows none."""
    if not expected:
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256" if len(expected) == 64 else "md5").hexdigest()


def _check(path: Path, file: OfficialFile) -> None:
    import h5py

    if (found := _hash(path, file.hash)) != file.hash:
        message = f"the download has the hash {found}, not {file.hash}: it is damaged, or another file"
        raise InputError(message, file=file.url, remedy="it was thrown away; try again")
    try:
        h5py.File(path).close()
    except OSError as error:
        raise InputError(f"the download is no whole HDF5 file: {error}", file=file.url) from None
