"""The range of pixels: what black and white are in a source of images, and how one range becomes another.

A range belongs to the source: bytes go from 0 to 255, scikit-learn's digits from 0 to 16. It is declared by the source
or by the user, or else follows from the type of the pixels or from their values by the rules of `find_range`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..language.diagnostics import InputError

if TYPE_CHECKING:
    from keras import KerasTensor

CHUNK = 32 * 2**20  # bytes in float64 of what is read at once, so that memory-mapped images stay on the disk
TOLERANCE = 0.01  # of a range: what rounding and smooth resizing add beyond its ends
RULES = "the types uint8 and bool, values from 0 to 1, from -1 to 1, and from 0 to 255 with some above 127 are known"


@dataclass(frozen=True)
class PixelRange:
    """The values of black and white. Raises `InputError` unless both are finite and `low` is below `high`.

    `origin` says how the range was found if nobody declared it.
    """

    low: float
    high: float
    origin: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", float(self.low))
        object.__setattr__(self, "high", float(self.high))
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            message = f"a pixel range goes from a number up to a larger one, not from {self.low:g} to {self.high:g}"
            raise InputError(message, path="pixel_range", remedy="such as [0, 255]")

    @property
    def width(self) -> float:
        """The distance from black to white."""
        return self.high - self.low

    def scale(self, x: KerasTensor) -> KerasTensor:
        """Images with black at 0 and white at 1: an array of NumPy or a tensor of any backend."""
        return x / self.high if self.low == 0 else (x - self.low) / self.width

    def unscale(self, x: KerasTensor) -> KerasTensor:
        """The inverse of `scale`."""
        return self.high * x if self.low == 0 else self.width * x + self.low

    def check(self, part: str, x: NDArray[np.generic], place: str = "") -> None:
        """Raise `InputError` for images with pixels outside the range."""
        extent = None if _inside(x.dtype, self) else extent_of(x)
        if extent is not None and not _within(extent, self):
            message = f"{part} pixels are from {_span(*extent)}, outside their range, {self}"
            raise InputError(message, file=place, remedy=_remedy(x.dtype, *extent))

    def __str__(self) -> str:
        return _span(self.low, self.high)


BYTES = PixelRange(0, 255)
UNIT = PixelRange(0, 1)
SIGNED = PixelRange(-1, 1)


def as_range(value: PixelRange | Sequence[float]) -> PixelRange:
    """A range from the two numbers that a user gave. Raises `InputError`."""
    if isinstance(value, PixelRange):
        return value
    try:
        low, high = (float(number) for number in value)
    except (TypeError, ValueError):
        message = f"is {value!r}, not two numbers: the value of black and the value of white"
        raise InputError(message, path="pixel_range", remedy="such as [0, 255]") from None
    return PixelRange(low, high)


def find_range(parts: Mapping[str, NDArray[np.generic]], place: str = "") -> PixelRange:
    """The range of images whose source declares none: by their type, else by all their values.

    uint8 is 0 to 255, and bool 0 to 1. Other numbers are 0 to 1 or -1 to 1 if all lie there, 0 to 255 if all lie there
    and some above 127, and 0 to 65,535 if they are uint16 and some lie above 32,767. All parts have to agree. Raises
    `InputError` for any other values: their own largest value is not a scale: other images have another.
    """
    extents = {part: extent for part, x in parts.items() if (extent := _extent(x)) is not None}
    if not extents:
        return UNIT
    dtype = np.result_type(*(x.dtype for x in parts.values()))
    low, high = min(low for low, _ in extents.values()), max(high for _, high in extents.values())
    found = _known(dtype, low, high)
    if found is None:
        message = f"pixels are {dtype} from {_span(low, high)}, and nothing says which values are black and white"
        raise InputError(f"{message}; {RULES}", file=place, remedy=_remedy(dtype, low, high))
    for part, extent in extents.items():
        its = _known(parts[part].dtype, *extent)
        if its not in (None, found):
            message = f"{part} pixels are from {_span(*extent)}, but all together from {_span(low, high)}"
            raise InputError(message, file=place, remedy=_remedy(dtype, low, high))
    return PixelRange(found.low, found.high, _origin(parts, dtype, low, high))


def extent_of(x: NDArray[np.generic]) -> tuple[float, float] | None:
    """The smallest and the largest finite pixel; nothing where there is none."""
    lows, highs = [], []
    for part in chunks(x):
        finite = part[np.isfinite(part)] if np.issubdtype(part.dtype, np.inexact) else part
        if finite.size:
            lows.append(float(finite.min()))
            highs.append(float(finite.max()))
    return (min(lows), max(highs)) if lows else None


def chunks(x: NDArray[np.generic]) -> Iterator[NDArray[np.generic]]:
    """Images in groups of at most `CHUNK` bytes, at least one image each."""
    size = max(1, CHUNK // max(1, 8 * math.prod(x.shape[1:])))
    for start in range(0, len(x), size):
        yield x[start : start + size]


def _extent(x: NDArray[np.generic]) -> tuple[float, float] | None:
    """As `extent_of`; of bytes only as far as it is of interest whether some are above 127."""
    if x.dtype != np.uint8:
        return extent_of(x)
    largest = 0
    for part in chunks(x):
        largest = max(largest, int(part.max(initial=0)))
        if largest > 127:
            break
    return (0.0, float(largest)) if len(x) else None


def _known(dtype: np.dtype[np.generic], low: float, high: float) -> PixelRange | None:
    if dtype == np.uint8:
        return BYTES
    # Values up to 127 may be dark bytes, but also digits of 0 to 16 or percentages: then the user has to say.
    for known in (UNIT, SIGNED, BYTES):
        if _within((low, high), known) and (known is not BYTES or high > 127):
            return known
    return PixelRange(0, 65535) if dtype == np.uint16 and high > 32767 else None


def _origin(parts: Mapping[str, NDArray[np.generic]], dtype: np.dtype[np.generic], low: float, high: float) -> str:
    if dtype.kind == "b":
        return ""
    if dtype != np.uint8:
        return f"taken from their values, {_span(low, high)}"
    return "" if high > 127 else f"that of their type, uint8, though the largest is {high:g}"


def _within(extent: tuple[float, float], given: PixelRange) -> bool:
    slack = TOLERANCE * given.width
    return given.low - slack <= extent[0] and extent[1] <= given.high + slack


def _inside(dtype: np.dtype[np.generic], given: PixelRange) -> bool:
    """Whether no number of this type lies outside a range."""
    if dtype.kind == "b":
        return given.low <= 0 and given.high >= 1
    if dtype.kind not in "ui":
        return False
    numbers = np.iinfo(dtype.name)
    return _within((float(numbers.min), float(numbers.max)), given)


def _remedy(dtype: np.dtype[np.generic], low: float, high: float) -> str:
    """How to declare the range, with numbers that would do for these pixels."""
    if low >= 0 and high > 255 and np.issubdtype(dtype, np.integer):
        low, high = 0, 2 ** int(high).bit_length() - 1  # cameras and scanners use 10, 12 or 14 bits of 16
    else:
        low, high = min(0, math.floor(low)), math.ceil(high)
    return (
        f"declare the values of black and white, such as pixel_range=[{low}, {high}] in the .npz or in Python, "
        f"or --pixel-range={low},{high}"
    )


def _span(low: float, high: float) -> str:
    return f"{low:.6g} to {high:.6g}"
