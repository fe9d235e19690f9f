"""What is done to every image; its numbers come from the training images only and are kept beside the model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from keras import KerasTensor, ops
from numpy.typing import NDArray

from ..language.recipe import Preprocessing
from .pixels import BYTES, UNIT, PixelRange, as_range, chunks

SMALLEST = 1e-6  # of the pixel range: a channel that varies less is constant and is not divided by its deviation


@dataclass(frozen=True, eq=False)
class Normalizer:
    """`(pixels / divisor - mean) / deviation`, with the mean and deviation of the training images after division.

    Pixels are in `pixel_range`; where black is not 0, `mean` includes it. With `reverse` the channels come in the
    opposite order first: red, green, blue become blue, green, red.
    """

    divisor: float
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    reverse: bool = False
    pixel_range: PixelRange = BYTES

    @classmethod
    def measure(
        cls, x: NDArray[np.generic], pixel_range: PixelRange, how: Preprocessing, known: PixelRange | None = None
    ) -> Normalizer:
        """Take from training images `(count, height, width, channels)` the numbers that the recipe asks for.

        Without `rescale` pixels stay as they are, or come to `known`, the range that the first weights were trained on.
        """
        target = UNIT if how.rescale else known or pixel_range
        divisor = pixel_range.width / target.width
        per_pixel, squares = np.zeros(x.shape[1:], np.float64), np.zeros(x.shape[-1], np.float64)
        for chunk in chunks(x):
            part = chunk.astype(np.float64) / divisor
            per_pixel += part.sum(axis=0)
            squares += np.square(part).sum(axis=(0, 1, 2))
        per_pixel /= len(x)
        per_channel = per_pixel.mean(axis=(0, 1))
        variance = squares / (len(x) * x.shape[1] * x.shape[2]) - np.square(per_channel)
        deviation = np.sqrt(np.maximum(variance, 0.0))
        deviation[deviation < SMALLEST * pixel_range.width / divisor] = 1.0
        black = pixel_range.low / divisor - target.low
        means = {"none": np.full_like(per_channel, black), "channel": per_channel, "image": per_pixel}
        return cls(
            divisor,
            means[how.subtract_mean].astype(np.float32),
            (deviation if how.standardize else np.ones_like(deviation)).astype(np.float32),
            pixel_range=pixel_range,
        )

    def reading(self, given: PixelRange) -> Normalizer:
        """The same for images in another range: they are brought to this one linearly, black to black, white to white.

        So `normalizer.reading(BYTES)` takes the pixels of image files, whatever the network was trained on.
        """
        if given == self.pixel_range:
            return self
        factor = self.pixel_range.width / given.width
        moved = (self.pixel_range.low - given.low * factor) / self.divisor
        return replace(
            self, divisor=self.divisor / factor, mean=(self.mean - moved).astype(np.float32), pixel_range=given
        )

    def __call__(self, x: KerasTensor) -> KerasTensor:
        """Normalise images of floating-point numbers: an array of NumPy or a tensor of any backend."""
        if self.reverse:
            x = np.flip(x, -1) if isinstance(x, np.ndarray) else ops.flip(x, axis=-1)
        return (x / self.divisor - self.mean) / self.deviation

    def as_dict(self) -> dict[str, object]:
        """Numbers and lists, for a JSON file."""
        numbers = {"divisor": self.divisor, "mean": self.mean.tolist(), "deviation": self.deviation.tolist()}
        pixels = [self.pixel_range.low, self.pixel_range.high]
        return {**numbers, "reverse": self.reverse, "pixel_range": pixels}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Normalizer:
        """The inverse of `as_dict`; older files lack the range and get that of `_old_range`."""
        mean, deviation = (np.asarray(data[name], np.float32) for name in ("mean", "deviation"))
        divisor = float(data["divisor"])
        given = data.get("pixel_range")
        pixels = as_range(given) if given is not None else _old_range(divisor, mean, deviation)
        return cls(divisor, mean, deviation, bool(data.get("reverse", False)), pixels)


def _old_range(divisor: float, mean: NDArray[np.float32], deviation: NDArray[np.float32]) -> PixelRange:
    """Black was 0 and white the divisor; where nothing was divided, white was 1 if mean and deviation are below it."""
    if divisor != 1.0:
        return PixelRange(0, divisor)
    measured = bool(mean.any()) or bool((deviation != 1).any())
    return UNIT if measured and max(np.abs(mean).max(), deviation.max()) <= 1 else BYTES


def colour_components(x: NDArray[np.generic], pixel_range: PixelRange) -> NDArray[np.float32]:
    """The principal components of the colours of training pixels, scaled to 0 to 1: unit columns times their variances.

    `(count, height, width, channels) -> (channels, channels)`. Krizhevsky et al. 2012, section 4.1: an image gains
    `[p1, p2, p3] [a1 l1, a2 l2, a3 l3]^T` with eigenvectors p and eigenvalues l of the covariance of RGB values.
    """
    channels, count = x.shape[-1], math.prod(x.shape[:-1])
    total, products = np.zeros(channels), np.zeros((channels, channels))
    for chunk in chunks(x):
        part = pixel_range.scale(chunk.reshape(-1, channels).astype(np.float64))
        total += part.sum(axis=0)
        products += part.T @ part
    mean = total / count
    variances, directions = np.linalg.eigh(products / count - np.outer(mean, mean))
    scaled: NDArray[np.float32] = (directions * np.maximum(variances, 0.0)).astype(np.float32)
    return scaled
