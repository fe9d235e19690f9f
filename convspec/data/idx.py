"""The IDX format of MNIST and its descendants: a magic number, big-endian sizes, then the numbers."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..spec.faults import Fault, FaultError
from .dataset import Images, shown

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
PARTS = {"train": "train", "validation": "val", "test": "t10k"}  # the names that MNIST gave its files


def find_idx(folder: Path, part: str) -> tuple[Path, Path] | None:
    """The files of images and labels of one part (`train`, `validation`, `test`) in a folder, gzipped or not."""
    stems = {PARTS[part], part}
    found = []
    for kind in ("images", "labels"):
        files = [
            path
            for path in sorted(folder.iterdir())
            if path.name.removesuffix(".gz").replace(".", "-").split(f"-{kind}-idx")[0] in stems
            and f"{kind}-idx" in path.name.replace(".", "-")
        ]
        if not files:
            return None
        found.append(files[0])
    return found[0], found[1]


def read_images(files: tuple[Path, Path]) -> Images:
    """Images and labels from a pair of IDX files; a grey image gains a channel axis."""
    x, y = (read_idx(path) for path in files)
    if x.ndim not in (3, 4):
        raise FaultError(Fault(f"images have 3 or 4 axes, this file {x.ndim}: {list(x.shape)}", file=shown(files[0])))
    if y.ndim != 1 or len(x) != len(y):
        raise FaultError(
            Fault(
                f"{len(x)} images in {shown(files[0])}, but labels of shape {list(y.shape)} here", file=shown(files[1])
            )
        )
    return Images(x if x.ndim == 4 else x[..., None], y.astype(np.int64))


def read_idx(path: Path) -> NDArray[Any]:
    """The array in an IDX file."""
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise FaultError(Fault(f"cannot be read: {error}", file=shown(path))) from error
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in TYPES:
        raise FaultError(
            Fault(f"is no IDX file: it starts with {data[:4].hex(' ')}, not 00 00 and a type", file=shown(path))
        )
    axes, dtype = data[3], np.dtype(TYPES[data[2]])
    start = 4 + 4 * axes
    shape = struct.unpack(f">{axes}I", data[4:start]) if len(data) >= start else ()
    expected = start + math.prod(shape) * dtype.itemsize
    if len(data) != expected or not shape:
        raise FaultError(
            Fault(f"{len(data)} bytes, but its header {list(shape)} asks for {expected}", file=shown(path))
        )
    return np.frombuffer(data, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))
