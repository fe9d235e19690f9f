"""Image files: read, turned upright, brought to one size."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ..files import shown
from ..interrupts import raise_if_stopped
from ..language.diagnostics import Diagnostic, InputError
from ..language.input_files import device_diagnostic
from .large_arrays import Number, allocate

MODES = {1: "L", 3: "RGB"}
GREY = frozenset({"1", "L", "LA"})
DEEP = frozenset({"I", "F", "I;16", "I;16B", "I;16L"})  # more than 8 bits, which a conversion would cut off
DEEP_REMEDY = "save it with 8 bits, or give the images as an .npz"
PIXELS = 2**31 // 24  # of one image: Pillow's own limit, beyond which it suspects a file made to fill the memory
SHOWN = 20  # errors of one kind that are printed; the rest is counted
RESIZE = "--set train.preprocessing.resize=crop scales and crops all images (or stretch, or pad)"
RESIZE_TRAINED = "--resize crop scales and crops all images (or stretch, or pad)"  # where a network was trained already

Size = tuple[int | None, int | None, int | None]


def read_pictures(paths: Sequence[Path], size: Size, resize: str) -> NDArray[np.uint8]:
    """All images as bytes `(count, height, width, channels)`, resized as the recipe says.

    `None` in `size` stands for what the images have in common. Every file that cannot be read or does not have the
    size is an error of its own.
    """
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as threads:
        headers = list(threads.map(_header, paths))
        known = [header for header in headers if not isinstance(header, Diagnostic)]
        if len(known) < len(paths):
            raise_all(threads.map(_readable, paths, headers))
        channels = size[2] or channels_of(mode for *_, mode in known)
        height, width = size[0] or known[0][0], size[1] or known[0][1]
        if resize == "none":
            found = zip(paths, known, strict=True)
            raise_all(_wrong_size(path, header[:2], (height, width), size) for path, header in found)
        pixels = allocate((len(paths), height, width, channels), np.uint8)

        def read(number: int) -> Diagnostic | None:
            raise_if_stopped()
            image = decode(paths[number], channels)
            if isinstance(image, Diagnostic):
                return image
            if resize == "none" and image.shape[:2] != (height, width):  # its header says something else
                return _wrong_size(paths[number], image.shape[:2], (height, width), size)
            pixels[number] = fit(image, height, width, resize)
            return None

        raise_all(threads.map(read, range(len(paths))))
    return pixels


def channels_of(modes: Iterable[str]) -> int:
    """1 for images of which all are grey, else 3; a palette counts as colour."""
    return 1 if all(mode in GREY for mode in modes) else 3


def read_picture(path: Path, size: Size, resize: str, remedy: str = RESIZE) -> NDArray[np.uint8] | Diagnostic:
    """One image as bytes `(height, width, channels)`, resized as the recipe says; with `None` in `size` as it is."""
    image = decode(path, size[2] or 3)
    if isinstance(image, Diagnostic):
        return image
    height, width = size[0] or image.shape[0], size[1] or image.shape[1]
    if resize == "none" and image.shape[:2] != (height, width):
        return _wrong_size(path, image.shape[:2], (height, width), size, remedy) or image
    return fit(image, height, width, resize)


def decode(path: Path, channels: int) -> NDArray[np.uint8] | Diagnostic:
    """One image as bytes `(height, width, channels)`, turned as its EXIF data say, without its transparency."""
    if diagnostic := device_diagnostic(path):
        return diagnostic
    try:
        with _opened(path) as image:
            return to_pixels(image, channels, shown(path))
    except Exception as error:  # Pillow's readers raise whatever a broken file makes them raise
        return Diagnostic(f"cannot be read as an image: {reason(error)}", file=shown(path))


def to_pixels(image: Image.Image, channels: int, place: str) -> NDArray[np.uint8] | Diagnostic:
    """An opened image as bytes `(height, width, channels)`, turned upright, without its transparency."""
    if channels not in MODES:
        return Diagnostic(f"the network reads {channels} channels, but an image has 1 or 3", file=place)
    if image.mode in DEEP:
        return Diagnostic(f"has pixels of more than 8 bits ({image.mode})", file=place, remedy=DEEP_REMEDY)
    if diagnostic := _too_large(image, place):
        return diagnostic
    if image.mode == "P" and "transparency" in image.info:  # else Pillow warns that this is what it should be
        image = image.convert("RGBA")
    pixels = np.asarray(ImageOps.exif_transpose(image).convert(MODES[channels]))
    return pixels[..., None] if channels == 1 else pixels


def fit(image: NDArray[Number], height: int, width: int, resize: str, black: float = 0.0) -> NDArray[Number]:
    """One image `(h, w, c)` brought to `(height, width, c)`; of the size already, it stays as it is.

    `black` fills what is padded. Raises `InputError` where `resize` is `none` and the sizes differ.
    """
    h, w = image.shape[:2]
    if (h, w) == (height, width):
        return image
    if resize == "none":
        raise InputError(f"an image is {h}x{w}, where {height}x{width} are read", remedy=RESIZE)
    if resize == "stretch":
        return _scale(image, height, width)
    if resize == "crop":
        factor = max(height / h, width / w)
        image = _scale(image, max(height, round(h * factor)), max(width, round(w * factor)))
        top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
        return image[top : top + height, left : left + width]
    factor = min(1.0, height / h, width / w)
    image = _scale(image, max(1, round(h * factor)), max(1, round(w * factor))) if factor < 1 else image
    top, left = (height - image.shape[0]) // 2, (width - image.shape[1]) // 2
    around = ((top, height - image.shape[0] - top), (left, width - image.shape[1] - left), (0, 0))
    return np.pad(image, around, constant_values=black)


def raise_all(found: Iterable[Diagnostic | None]) -> None:
    """Raise the errors among these, the first few in full."""
    diagnostics = [diagnostic for diagnostic in found if diagnostic is not None]
    if len(diagnostics) > SHOWN:
        diagnostics = [*diagnostics[:SHOWN], Diagnostic(f"and {len(diagnostics) - SHOWN} more of this kind")]
    if diagnostics:
        raise InputError(diagnostics)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """An image, opened from a file object: by its name Pillow maps uncompressed TIFFs and takes lines for columns."""
    with path.open("rb") as file, Image.open(file) as image:
        yield image


def _header(path: Path) -> tuple[int, int, str] | Diagnostic:
    if diagnostic := device_diagnostic(path):
        return diagnostic
    try:
        with _opened(path) as image:
            width, height = image.size
            mode = image.mode if image.mode != "P" else "RGB"
            exif = image.getexif()
            if image.format == "TIFF":  # as stored: whether `size` is upright already depends on Pillow's release
                width, height = exif.get(256, width), exif.get(257, height)
            turned = exif.get(0x0112, 1) >= 5  # the orientations that lie on their side
            if diagnostic := _too_large(image, shown(path)):
                return diagnostic
    except Exception as error:  # as in decode
        return Diagnostic(f"cannot be read as an image: {reason(error)}", file=shown(path))
    if mode in DEEP:
        message = f"has pixels of more than 8 bits ({mode})"
        return Diagnostic(message, file=shown(path), remedy=DEEP_REMEDY)
    return (width, height, mode) if turned else (height, width, mode)


def _too_large(image: Image.Image, place: str) -> Diagnostic | None:
    """An error for an image of very many pixels: Pillow only warns, and warning filters are the whole process's."""
    pixels = image.width * image.height
    return Diagnostic(f"has {pixels:,} pixels; at most {PIXELS:,} are read", file=place) if pixels > PIXELS else None


def _readable(path: Path, header: tuple[int, int, str] | Diagnostic) -> Diagnostic | None:
    found = header if isinstance(header, Diagnostic) else decode(path, 3)
    return found if isinstance(found, Diagnostic) else None


def _wrong_size(
    path: Path, found: tuple[int, ...], want: tuple[int, int], size: Size, remedy: str = RESIZE
) -> Diagnostic | None:
    h, w = found
    if (h, w) == want:
        return None
    who = "the network reads" if size[0] else "the first image is"
    return Diagnostic(f"is {h}x{w}, but {who} {want[0]}x{want[1]}", file=shown(path), remedy=remedy)


def _scale(image: NDArray[Number], height: int, width: int) -> NDArray[Number]:
    """Bilinear, with antialiasing when it shrinks; each channel by itself, in the type of the image."""
    planes = [
        np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.BILINEAR))
        for plane in np.moveaxis(image if image.dtype == np.uint8 else image.astype(np.float32), 2, 0)
    ]
    return np.stack(planes, axis=2).astype(image.dtype)


def reason(error: Exception) -> str:
    """Why Pillow did not read a file, without the name of the object that it read from."""
    return "it is empty or of no known format" if type(error).__name__ == "UnidentifiedImageError" else str(error)
