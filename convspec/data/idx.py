"""The IDX format of MNIST and its descendants: a magic number, big-endian sizes, then the numbers."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ..files import shown
from ..language.diagnostics import InputError
from ..language.input_files import device_diagnostic
from .labelled_images import Images
from .labels import as_numbers
from .large_arrays import EXPANSION, SMALL, allocate, fill

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
PARTS = {"train": "train", "validation": "val", "test": "t10k"}  # the names that MNIST gave its files


def find_idx(folder: Path, part: str) -> tuple[Path, Path] | None:
    """The files of images and labels of one part (`train`, `validation`, `test`) in a folder, gzipped or not."""
    stems = {PARTS[part], part}
    try:  # some programs unpack each file into a folder of its name
        paths = sorted(path for path in folder.iterdir() if not path.is_dir())
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=shown(folder)) from error
    found = []
    for kind in ("images", "labels"):
        files = [
            path
            for path in paths
            if path.name.removesuffix(".gz").replace(".", "-").split(f"-{kind}-idx")[0] in stems
            and f"{kind}-idx" in path.name.replace(".", "-")
        ]
        if not files:
            return None
        found.append(files[0])
    return found[0], found[1]


def read_parts(folder: Path) -> dict[str, Images | None]:
    """The images of the parts (`train`, `validation`, `test`) in a folder of IDX files; none at all without `train`."""
    files = {part: find_idx(folder, part) for part in PARTS}
    if files["train"] is None:
        return {}
    return {part: read_images(pair) if pair else None for part, pair in files.items()}


def read_images(files: tuple[Path, Path]) -> Images:
    """Images and labels from a pair of IDX files; a grey image gains a channel axis."""
    x, y = (read_idx(path) for path in files)
    if x.ndim not in (3, 4):
        raise InputError(f"images have 3 or 4 axes, this file {x.ndim}: {list(x.shape)}", file=shown(files[0]))
    if y.ndim != 1 or len(x) != len(y):
        message = f"{len(x)} images in {shown(files[0])}, but labels of shape {list(y.shape)} here"
        raise InputError(message, file=shown(files[1]))
    labels = as_numbers(y, "labels", shown(files[1]))
    return Images(x if x.ndim == 4 else x[..., None], labels)


def read_idx(path: Path) -> NDArray[np.generic]:
    """The array in an IDX file. One of more than 2 GiB stays on the disk. Raises `InputError`."""
    if diagnostic := device_diagnostic(path):
        raise InputError(diagnostic)
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return _read(path, file)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"cannot be read: {error}", file=shown(path)) from error


def _read(path: Path, file: IO[bytes] | gzip.GzipFile) -> NDArray[np.generic]:
    start = file.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in TYPES:
        raise InputError(f"is not an IDX file: it starts with {start.hex(' ')}, not 00 00 and a type", file=shown(path))
    axes, dtype = start[3], np.dtype(TYPES[start[2]])
    lengths = file.read(4 * axes)
    shape = struct.unpack(f">{axes}I", lengths) if len(lengths) == 4 * axes else ()
    header, size = 4 + 4 * axes, math.prod(shape) * dtype.itemsize
    packed = path.stat().st_size
    largest = EXPANSION * packed if path.suffix == ".gz" else packed - header  # before any memory is taken
    data = allocate((size,), np.uint8) if shape and size <= max(largest, SMALL) else None
    found = header + (fill(file, data) if data is not None else packed - header)
    if data is None or found != header + size:
        raise InputError(f"{found} bytes, but its header {list(shape)} asks for {header + size}", file=shown(path))
    array = data.view(dtype).reshape(shape)
    return array if dtype.itemsize == 1 else array.astype(dtype.newbyteorder("="))
