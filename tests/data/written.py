"""Files of images for the tests of sources, and the errors of reading them."""

import gzip
import struct

import numpy as np
import pytest
from PIL import Image

from convspec.data import load_data
from convspec.language.diagnostics import InputError

RANDOM = np.random.default_rng(0)


def write_idx(path, array):
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    data = header + array.astype(">u1").tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def write_images(folder, classes=("cat", "dog"), count=4, size=(6, 5), mode="RGB"):
    for name in classes:
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = RANDOM.integers(0, 256, (*size, 3), np.uint8)
            Image.fromarray(pixels).convert(mode).save(folder / name / f"{number}.png")
    return folder


def diagnostics(*args, **options):
    with pytest.raises(InputError) as raised:
        load_data(*args, **options)
    return str(raised.value)
