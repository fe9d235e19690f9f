"""One function that finds, reads, checks and splits the images that a user named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..language.arguments import checked
from ..language.diagnostics import Diagnostic, InputError, did_you_mean
from ..language.input_files import as_text, device_diagnostic
from .dataset import Dataset, as_split
from .labelled_images import Images, Source, check_source
from .large_arrays import allocate
from .pictures import Size, fit
from .pixels import PixelRange, as_range
from .sources import Kind, Request, find_kind, is_name, kinds
from .splits import split_source


@checked
def load_data(
    source: str | Path,
    *,
    validation_split: float = 0.1,
    seed: int = 1,
    data_dir: str | Path | None = None,
    input_shape: Size = (None, None, None),
    resize: str = "none",
    pixel_range: PixelRange | Sequence[float] | None = None,
) -> Dataset:
    """Read labelled images, checked and split; the same call gives the same split on every machine.

    `source` is `digits`, `mnist`, `fashion_mnist`, `cifar10`, `cifar100`, a folder of images by class or of IDX files
    (with `train`, `val` and `test` folders, or one that is split), an `.npz`, a `.csv`, or a data set of a hub:
    `tfds:NAME` of TensorFlow Datasets, `huggingface:NAME` of the Hugging Face hub. A `Path` is always a file or a
    folder: `Path("digits")` is the folder of this name. Where the source has no validation images, `validation_split`
    of each class becomes them. `input_shape` and `resize` bring images to one size, as the recipe's
    `preprocessing.resize` says. `pixel_range`, the values of black and white, is for sources that do not declare it and
    whose values do not show it (the rules: `convspec.data.pixels.find_range`). Raises InputError.
    """
    split = as_split((validation_split, seed), str(source))
    declared = as_range(pixel_range) if pixel_range is not None else None
    folder = Path(data_dir) if data_dir is not None else None
    found = _read(Request(as_text(source, is_name), folder, input_shape, resize))
    pixels = check_source(replace(found, pixel_range=declared or found.pixel_range))
    found = _resized(found, input_shape, resize, pixels.low)
    name = found.name.encode(errors="backslashreplace").decode()  # a folder's may not be UTF-8, and files record it
    return split_source(replace(found, name=name), pixels, split)


def _read(request: Request) -> Source:
    kind = find_kind(request)
    if request.data_dir is not None and (kind is None or not kind.uses_data_dir):
        raise InputError(_without_use(request.text, request.data_dir, kind))
    if kind is None:
        raise InputError(_unknown(request.text))
    return kind.read(request)


def _unknown(source: str) -> Diagnostic:
    """What may be named instead of a text that means nothing."""
    path = Path(source).expanduser()
    if diagnostic := device_diagnostic(path):
        return diagnostic
    if path.is_file():
        suffixes = " or ".join(kind.suffix for kind in kinds() if kind.suffix)
        return Diagnostic(f"a file of images ends in {suffixes}, not {path.suffix!r}", file=source)
    hint = did_you_mean(source, [name for kind in kinds() for name in kind.names])
    known = ", ".join(kind.words for kind in kinds())
    return Diagnostic(f"there is no such data set, file or folder{hint}", file=source, remedy=f"known are {known}")


def _without_use(source: str, data_dir: Path, kind: Kind | None) -> Diagnostic:
    """Images that come from elsewhere than where they are asked for."""
    within = data_dir / source
    remedy = f"did you mean --data {within}?" if within.exists() and not Path(source).exists() else "leave it out"
    known = ", ".join(name for kind in kinds() if kind.uses_data_dir for name in kind.names)
    origin = Kind.origin if kind is None else kind.origin
    message = f"--data-dir {data_dir}: says where the files of {known} and of hubs are; {source} {origin}"
    return Diagnostic(message, remedy=remedy)


def _resized(source: Source, size: Size, resize: str, black: float) -> Source:
    """The same source with images of the wanted height and width, where the recipe asks for that."""
    height, width = (want or have for want, have in zip(size[:2], source.train.x.shape[1:3], strict=True))
    if resize == "none" or source.train.x.shape[1:3] == (height, width):
        return source

    def bring(images: Images) -> Images:
        pixels = allocate((len(images.x), height, width, images.x.shape[3]), images.x.dtype)
        for number, image in enumerate(images.x):
            pixels[number] = fit(image, height, width, resize, black)
        return Images(pixels, images.y)

    validation, test = (images and bring(images) for images in (source.validation, source.test))
    return replace(source, train=bring(source.train), validation=validation, test=test)
