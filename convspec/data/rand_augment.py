"""RandAugment (Cubuk et al. 2019, arXiv:1909.13719): a few operations in sequence, drawn anew for each image.

Operations and strengths are those of the paper's code and of torchvision's `RandAugment`: at the magnitude 30, 30
degrees, a shear of 0.3, a shift of 150/331 of the side, factors of 1 +- 0.9, 4 bits and a threshold of 0. Pixels from
outside the image repeat its edge.
"""

from __future__ import annotations

import math
from typing import Any

from keras import ops

from ..spec.recipe import RandAugment
from .adjustments import (
    affine,
    auto_contrast,
    blend,
    equalize,
    grey,
    mean_grey,
    per_image,
    posterize,
    smooth,
    solarize,
)  # fmt: skip
from .draws import Draws

OPERATIONS = (
    "identity", "auto_contrast", "equalize", "rotate", "solarize", "colour", "posterize", "contrast", "brightness",
    "sharpness", "shear_x", "shear_y", "translate_x", "translate_y",
)  # fmt: skip
GEOMETRIC = ("rotate", "shear_x", "shear_y", "translate_x", "translate_y")
HIGHEST = 30.0  # magnitude


def rand_augment(x: Any, draws: Draws, how: RandAugment) -> Any:
    """Images from 0 to 1, each through its own operations one after the other."""
    names = operations(x.shape[-1])
    strength = how.magnitude / HIGHEST
    for slot in range(how.operations):
        number = ops.minimum(ops.floor(draws.uniform(f"operation_{slot}") * len(names)), len(names) - 1.0)
        sign = ops.where(draws.uniform(f"sign_{slot}") < 0.5, -1.0, 1.0)
        drawn = {name: ops.equal(number, float(place)) for place, name in enumerate(names)}
        x = _values(_moved(x, drawn, sign * strength), drawn, sign, strength)
    return x


def operations(channels: int) -> tuple[str, ...]:
    """Those that are drawn for images of so many channels: without colours there is no colour to change."""
    return tuple(name for name in OPERATIONS if channels == 3 or name != "colour")


def _moved(x: Any, drawn: dict[str, Any], strength: Any) -> Any:
    """The operations that move pixels, each without effect on images that did not draw it."""

    def of(name: str, value: Any) -> Any:
        return ops.where(drawn[name], value, 0.0)

    height, width = x.shape[1], x.shape[2]
    angle = of("rotate", strength * math.radians(30.0))
    shear_x, shear_y = (of(f"shear_{axis}", 0.3 * strength) for axis in "xy")
    shift_x, shift_y = (
        of(f"translate_{axis}", _whole(150 / 331 * size * strength)) for axis, size in (("x", width), ("y", height))
    )
    cosine, sine = ops.cos(angle), ops.sin(angle)
    corner = (shift_x + shear_x * height / 2, shift_y + shear_y * width / 2)  # a shear leaves the upper left one
    moved = affine(x, (cosine, shear_x - sine), (shear_y + sine, cosine), corner)
    any_of = per_image(sum(ops.cast(drawn[name], "float32") for name in GEOMETRIC))
    return ops.where(any_of > 0, moved, x)


def _values(x: Any, drawn: dict[str, Any], sign: Any, strength: float) -> Any:
    """The operations that change values, each without effect on images that did not draw it."""
    factor = per_image(1.0 + 0.9 * sign * strength)
    bits, threshold = 8.0 - round(4.0 * strength), 1.0 - strength
    changed = {
        "auto_contrast": auto_contrast(x),
        "equalize": equalize(x),
        "solarize": solarize(x, threshold),
        "posterize": posterize(x, bits),
        "contrast": blend(x, mean_grey(x), factor),
        "brightness": blend(x, 0.0, factor),
        "sharpness": blend(x, smooth(x), factor),
    }
    if "colour" in drawn:
        changed["colour"] = blend(x, grey(x), factor)
    result = x
    for name, values in changed.items():
        result = ops.where(per_image(drawn[name]), values, result)
    return result


def _whole(pixels: Any) -> Any:
    """Whole pixels, towards 0."""
    return ops.sign(pixels) * ops.floor(ops.abs(pixels))
