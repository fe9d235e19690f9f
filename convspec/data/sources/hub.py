"""Data sets of TensorFlow Datasets and of the Hugging Face hub: `tfds:NAME` and `huggingface:NAME`, both extras.

Options follow after commas: `huggingface:uoft-cs/cifar100,label=fine_label`, `tfds:mnist,image=image`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...language.diagnostics import Diagnostic, InputError, did_you_mean
from ...packages import is_installed, missing
from ...printing import first_line, library_output
from ..labelled_images import PARTS, Images, Source
from ..large_arrays import allocate
from ..pictures import RESIZE, channels_of, fit, raise_all, reason, to_pixels
from ..pixels import BYTES
from . import Kind, Request

if TYPE_CHECKING:
    import datasets
    from PIL import Image

HUBS = {"tfds": "tensorflow_datasets", "huggingface": "datasets"}  # the prefix and extra, and the package for it
OPTIONS = ("image", "label", "config")


def read_hub(request: Request) -> Source:
    """A data set of images with one label each; downloaded at its first use. Raises `InputError`.

    `data_dir` is where the hub's own files are kept, else where its package keeps them.
    """
    source, data_dir = request.text, request.data_dir
    hub, _, rest = source.partition(":")
    name, options = _options(source, rest)
    if not is_installed(HUBS[hub]):
        raise missing(f"needs {HUBS[hub]}, not installed", hub, file=source)
    splits, features = (_tfds if hub == "tfds" else _huggingface)(source, name, options, data_dir)
    image, label = (_column(source, features, kind, options.get(kind)) for kind in ("image", "label"))
    splits_by = {split.lower(): split for split in splits}
    found = {
        part: next((splits_by[name] for name in names if name in splits_by), None) for part, names in PARTS.items()
    }
    if found["train"] is None:
        raise InputError(f"has no split called train; it has {', '.join(splits) or 'none'}", file=source)
    images = {
        part: _read(f"{source}, split {split}", splits[split](image, label), request)
        for part, split in found.items()
        if split is not None
    }
    if len({part.x.shape[3] for part in images.values()}) > 1:  # one part is grey, another is not
        images = {
            part: Images(_in_colour(read.x.astype(np.uint8, copy=False), len(read.x)), read.y)
            for part, read in images.items()
        }
    if "test" in images and (images["test"].y == -1).all():  # the hubs' sign for labels that are kept secret
        del images["test"]
    names = tuple(str(given) for given in features[label][1])
    train, title = images["train"], name.rstrip("/").rpartition("/")[2]
    return Source(title, source, names, BYTES, train, images.get("validation"), images.get("test"))


Rows = Iterator[tuple["Image.Image | Diagnostic | None", int | None]]  # an image or why there is none, and its label
Splits = dict[str, Callable[[str, str], tuple[int, Rows]]]  # given the columns of images and labels: a count, and rows
Features = dict[str, tuple[str, list[str]]]  # of each column its kind (image, label or another), and the classes


def _options(source: str, rest: str) -> tuple[str, dict[str, str]]:
    name, *pairs = rest.split(",")
    options = dict(pair.partition("=")[::2] for pair in pairs)
    raise_all(
        Diagnostic(f"no option is called {key!r}{did_you_mean(key, OPTIONS)}", file=source, remedy="such as label=NAME")
        for key in options
        if key not in OPTIONS
    )
    return name, options


def _column(source: str, features: Features, kind: str, asked: str | None) -> str:
    """The one column of this kind, or the one that was asked for."""
    columns = [name for name, (its_kind, _) in features.items() if its_kind == kind]
    if asked is not None and asked not in columns:
        message = f"has no column of {kind}s called {asked!r}{did_you_mean(asked, columns)}"
    elif asked is not None or len(columns) == 1:
        return asked or columns[0]
    else:
        message = f"has {len(columns)} columns of {kind}s, not one"
    has = ", ".join(f"{name} ({its_kind})" for name, (its_kind, _) in features.items())
    remedy = f"`{source.split(',')[0]},{kind}={columns[0]}` takes one" if columns else f"its columns: {has}"
    raise InputError(message, file=source, remedy=remedy)


def _read(place: str, counted: tuple[int, Rows], request: Request) -> Images:
    """All images of a split in one array, brought to one size as those of files are."""
    (count, rows), size, resize = counted, request.size, request.resize
    pixels: NDArray[np.uint8] | None = None
    labels, diagnostics = np.zeros(count, np.int64), []
    for number, (image, label) in enumerate(rows):
        if image is None or label is None:
            missing, row = "image" if image is None else "label", f"{place}, image {number}"
            diagnostics.append(Diagnostic(f"has no {missing}", file=row, remedy="leave such rows out of the data set"))
            continue
        if isinstance(image, Diagnostic):
            diagnostics.append(image._replace(file=f"{place}, image {number}"))
            continue
        labels[number] = label
        channels = size[2] or max(channels_of([image.mode]), 1 if pixels is None else pixels.shape[3])
        found = to_pixels(image, channels, f"{place}, image {number}")
        if isinstance(found, Diagnostic):
            diagnostics.append(found)
            continue
        if pixels is None:
            pixels = allocate((count, size[0] or found.shape[0], size[1] or found.shape[1], channels), np.uint8)
        if pixels.shape[3] < channels:  # the first image that is not grey: those before it become colour images
            pixels = _in_colour(pixels, number)
        height, width = pixels.shape[1:3]
        if resize == "none" and found.shape[:2] != (height, width):
            message = f"is {found.shape[0]}x{found.shape[1]}, where {height}x{width} are read"
            diagnostics.append(Diagnostic(message, file=f"{place}, image {number}", remedy=RESIZE))
            continue
        pixels[number] = fit(found, height, width, resize)
    raise_all(diagnostics)
    if pixels is None:
        raise InputError("has no images", file=place)
    return Images(pixels, labels)


def _in_colour(pixels: NDArray[np.generic], known: int) -> NDArray[np.uint8]:
    """An array of three channels, with the grey images that are known so far in each of them."""
    wider = allocate((*pixels.shape[:3], 3), np.uint8)
    for number in range(known):
        wider[number] = pixels[number]
    return wider


def _tfds(source: str, name: str, options: Mapping[str, str], data_dir: Path | None) -> tuple[Splits, Features]:
    import tensorflow_datasets as tfds

    try:
        if (Path(name) / "dataset_info.json").is_file():
            builder = tfds.builder_from_directory(name)
        else:
            config = f"{name}/{options['config']}" if "config" in options else name
            builder = tfds.builder(config, data_dir=str(data_dir) if data_dir else None)
        with library_output():
            builder.download_and_prepare()
    except tfds.core.registered.DatasetNotFoundError as error:
        hint = did_you_mean(name, tfds.list_builders(with_community_datasets=False))
        raise InputError(f"TensorFlow Datasets has no {name!r}{hint}", file=source) from error
    except Exception as error:  # whatever a network, a disk or a builder raises
        raise InputError(f"cannot be prepared: {first_line(error)}", file=source) from error
    kinds = {tfds.features.Image: "image", tfds.features.ClassLabel: "label"}
    features: Features = {}
    for column, feature in builder.info.features.items():
        kind = next((kind for its_class, kind in kinds.items() if isinstance(feature, its_class)), "another")
        features[column] = (kind, feature.names if kind == "label" else [])

    def rows(split: str, image: str, label: str) -> Rows:
        from PIL import Image

        for row in tfds.as_numpy(builder.as_dataset(split=split)):
            pixels = row[image]
            yield Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels), int(row[label])

    def opened(split: str) -> Callable[[str, str], tuple[int, Rows]]:
        return lambda image, label: (builder.info.splits[split].num_examples, rows(split, image, label))

    return {split: opened(split) for split in builder.info.splits}, features


def _huggingface(source: str, name: str, options: Mapping[str, str], data_dir: Path | None) -> tuple[Splits, Features]:
    import datasets

    try:
        if any((Path(name) / file).is_file() for file in ("dataset_dict.json", "state.json")):
            found = datasets.load_from_disk(name)
        else:
            cache = str(data_dir) if data_dir else None
            with library_output():
                found = datasets.load_dataset(name, options.get("config"), cache_dir=cache)
    except Exception as error:  # whatever a network, a disk or a builder raises
        raise InputError(f"cannot be loaded: {first_line(error)}", file=source) from error
    parts = dict(found) if isinstance(found, datasets.DatasetDict) else {"train": found}
    kinds = {datasets.Image: "image", datasets.ClassLabel: "label"}
    features: Features = {}
    for column, feature in next(iter(parts.values())).features.items():
        kind = kinds.get(type(feature), "another")
        features[column] = (kind, feature.names if kind == "label" else [])

    def rows(part: datasets.Dataset, image: str, label: str) -> Rows:
        decode = part.features[image].decode_example
        files = part.select_columns([image, label]).cast_column(image, datasets.Image(decode=False))
        for row in files:
            yield None if row[image] is None else _decoded(decode, row[image]), row[label]

    def opened(part: datasets.Dataset) -> Callable[[str, str], tuple[int, Rows]]:
        return lambda image, label: (len(part), rows(part, image, label))

    return {split: opened(part) for split, part in parts.items()}, features


def _decoded(decode: Callable[[dict[str, object]], Image.Image], value: dict[str, object]) -> Image.Image | Diagnostic:
    """A Pillow image from the path or the bytes of a row, or why there is none.

    Files are read first: by their names Pillow misreads some TIFFs (see `pictures`).
    """
    try:
        if value["bytes"] is None and Path(str(value["path"])).is_file():
            value = {"path": None, "bytes": Path(str(value["path"])).read_bytes()}
        return decode(value)
    except Exception as error:  # Pillow's readers raise whatever a broken file makes them raise
        return Diagnostic(f"cannot be read as an image: {reason(error)}")


KIND = Kind(
    "tfds:NAME or huggingface:NAME",
    read_hub,
    is_called=lambda text: text.startswith(tuple(f"{hub}:" for hub in HUBS)),
    uses_data_dir=True,
    rank=10,
)
