"""The data sets of `keras.datasets`, or files of them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...keras_import import import_keras
from ...language.diagnostics import Diagnostic, InputError
from ..idx import read_parts
from ..labelled_images import Images, Source
from ..pixels import BYTES
from . import Kind, Request
from .npz_file import read_npz

DEBIAN = Path("/usr/share/datasets")  # where Debian's dataset-* packages put their files
CIFAR100 = (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can "
    "castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin "
    "elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard "
    "lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear "
    "pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark "
    "shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone "
    "television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm"
)
CLASS_NAMES = {
    "mnist": tuple("0123456789"),
    "fashion_mnist": (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ),
    "cifar10": ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    "cifar100": tuple(CIFAR100.split()),
}  # fmt: skip


def read_named(request: Request) -> Source:
    """A data set by its name: from a folder that has its files, else from `keras.datasets`, which downloads it.

    It is read from `data_dir` alone where that is given: other images than those that were asked for would do harm.
    """
    name, data_dir = request.text, request.data_dir
    folders = _folders(name, data_dir)
    for folder in folders:
        source = _from_folder(name, folder)
        if source is not None:
            return source
    if data_dir is not None:
        raise InputError(_not_there(name, data_dir))
    return _from_keras(name, [str(folder) for folder in folders])


def _folders(name: str, data_dir: Path | None) -> list[Path]:
    place = data_dir or os.environ.get("CONVSPEC_DATA")
    given = [Path(place)] if place else []
    spellings = (name, name.replace("_", "-"))
    folders = [folder / spelling for folder in given for spelling in dict.fromkeys(spellings)]
    return [*folders, *given, *([] if data_dir is not None else [DEBIAN / spellings[1]])]


def _not_there(name: str, data_dir: Path) -> Diagnostic:
    """Why a folder that was named is not read."""
    if not data_dir.is_dir():
        message = "is a file, not a folder" if data_dir.exists() else "there is no such folder"
        return Diagnostic(f"--data-dir {data_dir}: {message}", remedy=f"name the folder that has the files of {name}")
    files = f"{name}.npz, IDX files" + (" or CIFAR's binary version" if name in ("cifar10", "cifar100") else "")
    remedy = f"put them there or into a folder {name} in it; without --data-dir they are looked for elsewhere"
    return Diagnostic(f"--data-dir {data_dir}: has no files of {name} ({files})", remedy=remedy)


def _from_folder(name: str, folder: Path) -> Source | None:
    if not folder.is_dir():
        return None
    place, names = str(folder), CLASS_NAMES[name]
    if (folder / f"{name}.npz").is_file():
        return replace(read_npz(folder / f"{name}.npz"), name=name, class_names=names)
    if (parts := read_parts(folder)) and (train := parts["train"]) is not None:
        return Source(name, place, names, None, train, parts["validation"], parts["test"])
    if name in ("cifar10", "cifar100"):
        return _from_binaries(name, folder)
    return None


def _from_binaries(name: str, folder: Path) -> Source | None:
    """CIFAR's binary version: each row is the label (in CIFAR-100 the coarse one before it) and 3x32x32 bytes."""
    unpacked = folder / ("cifar-10-batches-bin" if name == "cifar10" else "cifar-100-binary")
    folder = unpacked if unpacked.is_dir() else folder
    train = sorted(folder.glob("data_batch_*.bin")) if name == "cifar10" else sorted(folder.glob("train.bin"))
    test = sorted(folder.glob("test_batch.bin" if name == "cifar10" else "test.bin"))
    if not train:
        return None
    labels = 1 if name == "cifar10" else 2

    def read(paths: list[Path]) -> Images:
        rows = np.concatenate([_rows(path, labels + 3072) for path in paths])
        x = rows[:, labels:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return Images(np.ascontiguousarray(x), rows[:, labels - 1].astype(np.int64))

    return Source(name, str(folder), CLASS_NAMES[name], BYTES, read(train), None, read(test) if test else None)


def _rows(path: Path, length: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    data = np.fromfile(path, np.uint8)
    if data.size == 0 or data.size % length:
        raise InputError(f"{data.size} bytes are not a whole number of images of {length} bytes", file=str(path))
    return data.reshape(-1, length)


def _from_keras(name: str, looked_for: list[str]) -> Source:
    import_keras()
    import keras

    try:
        (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    except Exception as error:  # whatever the network, the proxy or a broken download raise
        raise InputError(
            f"its files are in none of {', '.join(looked_for)}, and keras.datasets.{name} failed: {error}",
            file=name,
            remedy=f"put the IDX files or {name}.npz into a folder and name it by --data-dir or CONVSPEC_DATA",
        ) from error
    train, test = (
        Images(x if x.ndim == 4 else x[..., None], y.reshape(-1).astype(np.int64))
        for x, y in ((x_train, y_train), (x_test, y_test))
    )
    return Source(name, f"keras.datasets.{name}", CLASS_NAMES[name], BYTES, train, None, test)


KIND = Kind(", ".join(CLASS_NAMES), read_named, names=tuple(CLASS_NAMES), uses_data_dir=True, rank=1)
