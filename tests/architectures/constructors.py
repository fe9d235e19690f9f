"""The constructors of the installed keras.applications, and building without a network or values."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import keras
from keras.src.legacy.saving import legacy_h5_format

KERAS = {name: value for name, value in vars(keras.applications).items() if inspect.isfunction(value)}
"""Read from the installed Keras, so that a new one there is missed here."""

SMALLEST = {
    "VGG16": {"include_top": False, "input_shape": (32, 32, 3)},
    "ResNet50": {"input_shape": (40, 40, 3)},
    "ResNet50V2": {"input_shape": (40, 40, 3)},
    "DenseNet121": {"input_shape": (40, 40, 3)},
    "InceptionV3": {"input_shape": (80, 80, 3)},
    "InceptionResNetV2": {"input_shape": (80, 80, 3)},
    "Xception": {"input_shape": (72, 72, 3)},
    "MobileNet": {"input_shape": (64, 64, 3), "alpha": 0.5},
    "MobileNetV2": {"input_shape": (63, 64, 3), "alpha": 0.35},
    "MobileNetV3Small": {"input_shape": (64, 64, 3)},
    "NASNetMobile": {"input_shape": (64, 64, 3)},
    "EfficientNetB0": {"input_shape": (63, 64, 3)},
    "EfficientNetV2B0": {"input_shape": (64, 64, 3)},
    "ConvNeXtTiny": {"input_shape": (64, 64, 3)},
}
"""The smallest of each family, and a size that keeps it quick."""

QUICK = {KERAS[name].__module__: arguments for name, arguments in SMALLEST.items()}
QUICK[KERAS["VGG19"].__module__] = SMALLEST["VGG16"]
SMALL = {name: QUICK[constructor.__module__] for name, constructor in KERAS.items()}
"""Every constructor, with the arguments of its family's smallest."""


@contextmanager
def official_weights_of_keras() -> Iterator[list[tuple[str, str, str | None]]]:
    """keras.applications with weights="imagenet" but without the download: (name, address, hash) of each file."""
    wanted: list[tuple[str, str, str | None]] = []

    def get_file(name: str, origin: str, cache_subdir: str = "", file_hash: str | None = None) -> str:
        wanted.append((name, origin, file_hash))
        return name

    with (
        mock.patch("keras.src.utils.file_utils.get_file", get_file),
        mock.patch.object(keras.Model, "load_weights", return_value=None),
    ):
        yield wanted


def write_legacy_file(model: keras.Model, path: Path) -> Path:
    """The weights in the format of Keras's official files, by Keras's own writer."""
    import h5py

    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    return path


def signature_of(function: Any) -> list[tuple[str, Any, Any]]:
    """Names, kinds and defaults of the arguments, in order."""
    return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]
