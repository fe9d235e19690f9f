"""The random numbers of augmentation: one uniform number for each image and name, drawn before anything is done.

So an epoch is a function of the seed and its number, on every backend.
"""

from __future__ import annotations

import math

from keras import KerasTensor, ops

SLOTS = 12  # the most operations of RandAugment
NAMES = (
    "flip_x", "flip_y", "crop_x", "crop_y", "rotation", "shift_x", "shift_y", "zoom", "brightness", "contrast",
    "saturation", "hue", "cut_x", "cut_y",
    *(f"operation_{slot}" for slot in range(SLOTS)),
    *(f"sign_{slot}" for slot in range(SLOTS)),
    *(f"component_{number}" for number in range(3)),
)  # fmt: skip
COLUMNS = {name: column for column, name in enumerate(NAMES)}


class Draws:
    """The random numbers of a batch by their names, one per image, uniform from 0 to 1 or from -1 to 1."""

    def __init__(self, numbers: KerasTensor) -> None:
        self._numbers = numbers

    def uniform(self, name: str) -> KerasTensor:
        """From 0 to below 1, shape `(batch,)`."""
        return self._numbers[:, COLUMNS[name]]

    def signed(self, name: str) -> KerasTensor:
        """From -1 to 1, shape `(batch,)`."""
        return 2.0 * self.uniform(name) - 1.0

    def normal(self, name: str) -> KerasTensor:
        """Of mean 0 and deviation 1, shape `(batch,)`: the inverse of the normal distribution at a uniform number."""
        return math.sqrt(2.0) * ops.erfinv(ops.clip(self.signed(name), -1.0 + 1e-6, 1.0 - 1e-6))
