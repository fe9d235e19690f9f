"""What is done to every image; its numbers come from the training images only and are kept beside the model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..spec.recipe import Preprocessing

SMALLEST = 1e-6  # of the pixel range: a channel that varies less is constant and is not divided by its deviation


@dataclass(frozen=True, eq=False)
class Normalizer:
    """`(pixels / divisor - mean) / deviation`, with the mean and deviation of the training images after division.

    With `reverse` the channels come in the opposite order first: red, green, blue become blue, green, red.
    """

    divisor: float
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    reverse: bool = False

    @classmethod
    def measure(cls, x: NDArray[Any], highest: float, how: Preprocessing) -> Normalizer:
        """Take from training images `(count, height, width, channels)` the numbers that the recipe asks for."""
        divisor = highest if how.rescale else 1.0
        per_pixel, squares = np.zeros(x.shape[1:], np.float64), np.zeros(x.shape[-1], np.float64)
        for start in range(0, len(x), 1024):
            part = x[start : start + 1024].astype(np.float64) / divisor
            per_pixel += part.sum(axis=0)
            squares += np.square(part).sum(axis=(0, 1, 2))
        per_pixel /= len(x)
        per_channel = per_pixel.mean(axis=(0, 1))
        variance = squares / (len(x) * x.shape[1] * x.shape[2]) - np.square(per_channel)
        deviation = np.sqrt(np.maximum(variance, 0.0))
        deviation[deviation < SMALLEST * highest / divisor] = 1.0
        means = {"none": np.zeros_like(per_channel), "channel": per_channel, "image": per_pixel}
        return cls(
            divisor,
            means[how.subtract_mean].astype(np.float32),
            (deviation if how.standardize else np.ones_like(deviation)).astype(np.float32),
        )

    def __call__(self, x: Any) -> Any:
        """Normalise images of floating-point numbers: an array of NumPy or a tensor of any backend."""
        if self.reverse:
            x = np.flip(x, -1) if isinstance(x, np.ndarray) else _flipped(x)
        return (x / self.divisor - self.mean) / self.deviation

    def as_dict(self) -> dict[str, Any]:
        """Numbers and lists, for a JSON file."""
        numbers = {"divisor": self.divisor, "mean": self.mean.tolist(), "deviation": self.deviation.tolist()}
        return {**numbers, "reverse": self.reverse}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Normalizer:
        """The inverse of `as_dict`."""
        mean, deviation = (np.asarray(data[name], np.float32) for name in ("mean", "deviation"))
        return cls(float(data["divisor"]), mean, deviation, bool(data.get("reverse", False)))


def _flipped(x: Any) -> Any:
    from keras import ops

    return ops.flip(x, axis=-1)


def colour_components(x: NDArray[Any], highest: float) -> NDArray[np.float32]:
    """The principal components of the colours of training pixels, from 0 to 1: unit columns times their variances.

    `(count, height, width, channels) -> (channels, channels)`. Krizhevsky et al. 2012, section 4.1: an image gains
    `[p1, p2, p3] [a1 l1, a2 l2, a3 l3]^T` with eigenvectors p and eigenvalues l of the covariance of RGB values.
    """
    channels, count = x.shape[-1], math.prod(x.shape[:-1])
    total, products = np.zeros(channels), np.zeros((channels, channels))
    for start in range(0, len(x), 1024):
        part = x[start : start + 1024].reshape(-1, channels).astype(np.float64) / highest
        total += part.sum(axis=0)
        products += part.T @ part
    mean = total / count
    variances, directions = np.linalg.eigh(products / count - np.outer(mean, mean))
    scaled: NDArray[np.float32] = (directions * np.maximum(variances, 0.0)).astype(np.float32)
    return scaled
