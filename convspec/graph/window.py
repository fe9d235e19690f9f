"""The arithmetic of a sliding window, and the words for a window that does not fit.

Convolution: (N + 2P - F)/S + 1, where a dilation D makes F into D(F - 1) + 1. Pooling: the same, mostly with P = 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .arguments import Border, Pair
from .node import GraphError, Shape, format_shape

Padding = Literal["valid", "same"]
NO_BORDER: Border = ((0, 0), (0, 0))


def reach(size: int, dilation: int = 1) -> int:
    """How many pixels a dilated filter spans: D(F - 1) + 1."""
    return dilation * (size - 1) + 1


def output_size(size: int | None, window: int, stride: int, padding: Padding) -> int | None:
    """How many windows fit side by side, dropping what is left over; may be below 1."""
    if size is None:
        return None
    return -(-size // stride) if padding == "same" else (size - window) // stride + 1


def left_over(size: int | None, window: int, stride: int, padding: Padding) -> int:
    """Pixels at the far edge that no window covers."""
    if size is None or padding == "same" or size < window:
        return 0
    return (size - window) % stride


@dataclass(slots=True, eq=False)
class Window:
    """A window over height and width: its `size` in pixels (dilation counted in), strides and padding.

    `border` is the zero padding that was already laid around the input by a layer of its own; only messages use it,
    to show the arithmetic as the author wrote it. `word` is what the lectures call the window: filter or window.
    `prefix` is what the author's fields put before the names of stride and padding: `pool_`.
    """

    size: Pair
    strides: Pair
    padding: Padding
    border: Border = NO_BORDER
    word: str = "filter"
    prefix: str = ""

    def output(self, height: int | None, width: int | None) -> tuple[int | None, int | None]:
        """Output height and width. Raises `GraphError` where one is below 1."""
        if self.padding == "valid" and not self._fits(height, width):
            raise self._too_large(height, width)
        rows = output_size(height, self.size[0], self.strides[0], self.padding)
        columns = output_size(width, self.size[1], self.strides[1], self.padding)
        return rows, columns

    def dropped(self, height: int | None, width: int | None) -> Pair:
        """Rows and columns that no window covers."""
        return (
            left_over(height, self.size[0], self.strides[0], self.padding),
            left_over(width, self.size[1], self.strides[1], self.padding),
        )

    def check(self, height: int | None, width: int | None, channels: int) -> None:
        """The strict rule: raise `GraphError` where a window does not divide its input."""
        if self.padding == "valid" and not self._fits(height, width):
            raise self._too_large(height, width, strict=True)
        for axis, (dropped, size) in enumerate(zip(self.dropped(height, width), (height, width), strict=True)):
            if dropped and size is not None:
                bare = _article(self._bare(height, width))
                raise GraphError(
                    f"{self._title()} with stride {self.strides[axis]} does not fit {bare} input: "
                    f"{self._arithmetic(size, axis)}",
                    field=f"{self.prefix}strides",
                    remedy=self._remedy(height, width),
                    assume=(*self.output(height, width), channels),
                )

    def _fits(self, height: int | None, width: int | None) -> bool:
        rows, columns = self.size
        return (height is None or height >= rows) and (width is None or width >= columns)

    def _too_large(self, height: int | None, width: int | None, *, strict: bool = False) -> GraphError:
        axis = 0 if height is not None and height < self.size[0] else 1
        size = (height, width)[axis]
        if size is None:  # the caller found a size below 1, so it is known
            raise ValueError("an unknown size cannot be too small")
        ways = [f"{self.prefix}padding same"]
        if (padding := self._enough(height, width, strict)) is not None:
            ways.append(f"{self.prefix}padding {padding}")
        return GraphError(
            f"{self._title()} is larger than its {format_shape(self._bare(height, width))} input: "
            f"{self._arithmetic(size, axis)}",
            field="kernel_size" if self.word == "filter" else "pool_size",
            remedy=f"fits: {', '.join(ways)}, a larger input, or fewer strides and pools before it",
        )

    def _enough(self, height: int | None, width: int | None, strict: bool) -> int | None:
        """Zeros on each side with which the window fits, and drops nothing if it must not."""
        bare = self._bare(height, width)
        missing = [window - size for window, size in zip(self.size, bare, strict=True) if size is not None]
        least = max(1, *((count + 1) // 2 for count in missing))
        # Strides of at most 1,000 repeat what they drop by then; a window of millions must not take seconds to refuse.
        for padding in range(least, min(max(self.size), least + 1000)):
            padded = [None if size is None else size + 2 * padding for size in bare]
            if self._fits(*padded) and not (strict and any(self.dropped(*padded))):
                return padding
        return None

    def _title(self) -> str:
        return f"{_article(self.size)} {self.word}"

    def _bare(self, height: int | None, width: int | None) -> Shape:
        """The input's size as it was before zeros were laid around it."""
        return tuple(
            None if size is None else size - sum(border)
            for size, border in zip((height, width), self.border, strict=True)
        )

    def _arithmetic(self, size: int, axis: int) -> str:
        (before, after), window, stride = self.border[axis], self.size[axis], self.strides[axis]
        bare = size - before - after
        zeros = f" + 2*{before}" if before == after else f" + {before} + {after}"
        if self.word != "filter" and before == after == 0:
            zeros = ""
        value = (size - window) / stride + 1
        text = f"{value:.2f}" if value != int(value) else str(int(value))
        return f"({bare} - {window}{zeros})/{stride} + 1 = {text}"

    def _remedy(self, height: int | None, width: int | None) -> str:
        """Strides and a padding that would divide along both axes: each with the size it gives."""
        sizes = (height, width)
        rests = [size - window for size, window in zip(sizes, self.size, strict=True) if size is not None]
        name = f"{self.prefix}strides" if self.prefix else "stride"
        fits = [
            f"{name} {stride} ({self._placed(sizes, (stride, stride))})"
            for stride in _nearest(max(self.strides), math.gcd(*rests))
        ]
        if self.word == "filter" and all(before == after for before, after in self.border):
            bare = self._bare(height, width)
            for padding in range(max(before for before, _ in self.border) + 1, max(self.size)):
                padded = [None if size is None else size + 2 * padding for size in bare]
                if not any(self.dropped(*padded)):
                    fits.append(f"padding {padding} ({self._placed(padded, self.strides)})")
                    break
        if not fits:
            return f"fits: {self.prefix}padding same"
        return "fits: " + (", ".join(fits[:-1]) + ", or " + fits[-1] if len(fits) > 1 else fits[0])

    def _placed(self, sizes: Sequence[int | None], strides: Pair) -> str:
        """The map that comes out of these strides."""
        return format_shape(
            tuple(
                output_size(size, window, stride, "valid")
                for size, window, stride in zip(sizes, self.size, strides, strict=True)
            )
        )


def _nearest(stride: int, most: int) -> Sequence[int]:
    """Two other strides that divide `most`: the next smaller ones, or larger where there are no two."""
    # A document may say 2**24: trying every divisor of that would take longer than reading the document.
    dividing = [other for other in range(1, min(most, 4096) + 1) if most % other == 0]
    smaller = [other for other in dividing if other < stride][-2:]
    larger = [other for other in dividing if other > stride]
    return smaller + larger[: 2 - len(smaller)]


def _article(shape: Shape) -> str:
    text = format_shape(shape)
    return f"an {text}" if text.startswith(("8", "11x", "18x")) else f"a {text}"
