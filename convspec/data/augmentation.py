"""What is done to training images only: pure functions of a batch of images and of the random numbers drawn for it.

All random numbers come in as an array, so that an epoch is a function of the seed and its number alone: it repeats,
it can be resumed, and every backend draws the same. Images are `(batch, height, width, channels)` from 0 to 1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from keras import ops

from ..spec.recipe import Augmentation

SLOTS = 12  # the most operations of RandAugment
NAMES = (
    "flip_x", "flip_y", "crop_x", "crop_y", "rotation", "shift_x", "shift_y", "zoom", "brightness", "contrast",
    "saturation", "hue", "cut_x", "cut_y",
    *(f"operation_{slot}" for slot in range(SLOTS)),
    *(f"sign_{slot}" for slot in range(SLOTS)),
    *(f"component_{number}" for number in range(3)),
)  # fmt: skip
COLUMNS = {name: column for column, name in enumerate(NAMES)}
OPERATIONS = (  # RandAugment's, but for histogram equalisation, which no operation of Keras does batch-wise
    "identity", "auto_contrast", "rotate", "solarize", "colour", "posterize", "contrast", "brightness", "sharpness",
    "shear_x", "shear_y", "translate_x", "translate_y",
)  # fmt: skip
GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601
YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]], np.float32)


class Draws:
    """The random numbers of a batch by their names, one an image, uniform from 0 to 1 or from -1 to 1."""

    def __init__(self, numbers: Any) -> None:
        self._numbers = numbers

    def uniform(self, name: str) -> Any:
        """From 0 to 1, shape `(batch,)`."""
        return self._numbers[:, COLUMNS[name]]

    def signed(self, name: str) -> Any:
        """From -1 to 1, shape `(batch,)`."""
        return 2.0 * self.uniform(name) - 1.0

    def normal(self, name: str) -> Any:
        """Of mean 0 and deviation 1, shape `(batch,)`: the inverse of the normal distribution at a uniform number."""
        return math.sqrt(2.0) * ops.erfinv(ops.clip(self.signed(name), -1.0 + 1e-6, 1.0 - 1e-6))


def augment(x: Any, numbers: Any, how: Augmentation, components: Any = None) -> Any:
    """All that the recipe asks for but cutout, which comes after normalisation; the result is from 0 to 1 again.

    `components` are the colours of the training pixels, a column each, as `colour_components` gives them.
    """
    draws = Draws(numbers)
    strengths = _rand_augment(draws, how)
    x = _warp(x, draws, how, strengths)
    x = _rand_colour(x, strengths) if strengths else x
    x = _colour(x, draws, how)
    if how.pca and components is not None:
        x = x + _along(components, draws) * how.pca
    return ops.clip(x, 0.0, 1.0)


def cut_out(x: Any, numbers: Any, side: int) -> Any:
    """Zeros in a square around a random point; at the border a part of it lies outside."""
    draws = Draws(numbers)
    return x * _outside(x.shape, draws.uniform("cut_y"), draws.uniform("cut_x"), side / 2, side / 2)


def mix(x: Any, y: Any, numbers: Any) -> tuple[Any, Any]:
    """Mix each image and label with the one before it in the batch (mixup), or paste a rectangle of it (cutmix).

    `numbers` is `(batch, 4)`: the share kept by mixup, the share kept by cutmix (1 does nothing), its centre y and x.
    """
    other_x, other_y = ops.roll(x, 1, axis=0), ops.roll(y, 1, axis=0)
    kept = numbers[:, 0]
    x = _blend(x, other_x, ops.reshape(kept, (-1, 1, 1, 1)))
    y = _blend(y, other_y, ops.reshape(kept, (-1, 1)))
    half = 0.5 * ops.sqrt(1.0 - numbers[:, 1])
    mask = _outside(x.shape, numbers[:, 2], numbers[:, 3], half * x.shape[1], half * x.shape[2])
    pasted_share = 1.0 - ops.mean(mask, axis=(1, 2, 3))
    return _blend(x, other_x, mask), _blend(y, other_y, ops.reshape(1.0 - pasted_share, (-1, 1)))


def _blend(mine: Any, other: Any, share: Any) -> Any:
    return share * mine + (1.0 - share) * other


def _outside(shape: Any, centre_y: Any, centre_x: Any, half_height: Any, half_width: Any) -> Any:
    """1 outside a rectangle and 0 inside, `(batch, height, width, 1)`; centres are fractions of the sides."""

    def inside(size: int, centre: Any, half: Any) -> Any:
        pixels = ops.arange(size, dtype="float32")[None, :] + 0.5
        half = ops.reshape(half * ops.ones_like(centre), (-1, 1))
        return ops.cast(ops.abs(pixels - ops.reshape(centre, (-1, 1)) * size) < half, "float32")

    rows, columns = inside(shape[1], centre_y, half_height), inside(shape[2], centre_x, half_width)
    return 1.0 - rows[:, :, None, None] * columns[:, None, :, None]


def _warp(x: Any, draws: Draws, how: Augmentation, strengths: dict[str, Any]) -> Any:
    """One affine step for all that moves pixels; bilinear, and exact where it moves by whole pixels."""
    moves = (how.flip != "none", how.crop, how.rotation, how.translation, how.zoom, strengths)
    if not any(moves):
        return x
    height, width = x.shape[1], x.shape[2]
    angle = draws.signed("rotation") * math.radians(how.rotation) + math.radians(30.0) * strengths.get("rotate", 0.0)
    zoom = 1.0 + draws.signed("zoom") * how.zoom
    flip_x = ops.where(draws.uniform("flip_x") < (0.5 if how.flip in ("horizontal", "both") else 0.0), -1.0, 1.0)
    flip_y = ops.where(draws.uniform("flip_y") < (0.5 if how.flip in ("vertical", "both") else 0.0), -1.0, 1.0)
    cosine, sine = ops.cos(angle) / zoom, ops.sin(angle) / zoom
    shear_x, shear_y = 0.3 * strengths.get("shear_x", 0.0), 0.3 * strengths.get("shear_y", 0.0)
    a0, a1 = (cosine - sine * shear_y) * flip_x, (cosine * shear_x - sine) * flip_x
    b0, b1 = (sine + cosine * shear_y) * flip_y, (sine * shear_x + cosine) * flip_y
    shift_x = _shift(draws, "x", how, width, strengths.get("translate_x", 0.0))
    shift_y = _shift(draws, "y", how, height, strengths.get("translate_y", 0.0))
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    a2 = middle_x + shift_x - a0 * middle_x - a1 * middle_y
    b2 = middle_y + shift_y - b0 * middle_x - b1 * middle_y
    none = ops.zeros_like(a0)
    transform = ops.stack([a0, a1, a2, b0, b1, b2, none, none], axis=1)
    return ops.image.affine_transform(
        x, transform, interpolation="bilinear", fill_mode=how.fill_mode, data_format="channels_last"
    )


def _shift(draws: Draws, axis: str, how: Augmentation, size: int, strength: Any) -> Any:
    """Pixels along one axis: whole ones for the crop, fractions for translations."""
    crop = ops.floor(draws.uniform(f"crop_{axis}") * (2 * how.crop + 1)) - how.crop
    return crop + draws.signed(f"shift_{axis}") * how.translation * size + 0.45 * size * strength


def _colour(x: Any, draws: Draws, how: Augmentation) -> Any:
    if how.brightness:
        x = x + _image(draws.signed("brightness") * how.brightness)
    if how.contrast:
        x = _contrast(x, _image(1.0 + draws.signed("contrast") * how.contrast))
    if how.saturation:
        x = _saturation(x, _image(1.0 + draws.signed("saturation") * how.saturation))
    if how.hue:
        x = _hue(x, draws.signed("hue") * math.radians(how.hue))
    return x


def _along(components: Any, draws: Draws) -> Any:
    """One colour for all pixels of an image: the components, each times a normal number; `(batch, 1, 1, channels)`."""
    factors = ops.stack([draws.normal(f"component_{number}") for number in range(components.shape[1])], axis=1)
    return ops.matmul(factors, ops.convert_to_tensor(components.T, "float32"))[:, None, None, :]


def _image(numbers: Any) -> Any:
    """One number an image, shaped to meet `(batch, height, width, channels)`."""
    return ops.reshape(numbers, (-1, 1, 1, 1))


def _contrast(x: Any, factor: Any) -> Any:
    middle = ops.mean(x, axis=(1, 2, 3), keepdims=True)
    return middle + (x - middle) * factor


def _saturation(x: Any, factor: Any) -> Any:
    if x.shape[-1] != 3:
        return x
    grey = ops.sum(x * ops.convert_to_tensor(GREY, "float32"), axis=-1, keepdims=True)
    return grey + (x - grey) * factor


def _hue(x: Any, angle: Any) -> Any:
    """Turn the colour plane of YIQ by an angle an image."""
    cosine, sine, one, none = ops.cos(angle), ops.sin(angle), ops.ones_like(angle), ops.zeros_like(angle)
    turn = ops.reshape(ops.stack([one, none, none, none, cosine, -sine, none, sine, cosine], axis=1), (-1, 3, 3))
    matrix = ops.matmul(ops.matmul(np.linalg.inv(YIQ).astype(np.float32), turn), YIQ)
    return ops.einsum("bdc,bhwc->bhwd", matrix, x)


def _rand_augment(draws: Draws, how: Augmentation) -> dict[str, Any]:
    """The signed strength of each operation for each image, 0 where it was not drawn; empty where switched off."""
    rand = how.rand_augment
    if not rand.operations or not rand.magnitude:
        return {}
    strengths: dict[str, Any] = {}
    for slot in range(rand.operations):
        drawn = ops.floor(draws.uniform(f"operation_{slot}") * len(OPERATIONS))
        sign = ops.where(draws.uniform(f"sign_{slot}") < 0.5, -1.0, 1.0)
        for number, name in enumerate(OPERATIONS):
            strength = ops.where(drawn == number, sign * rand.magnitude / 30.0, 0.0)
            strengths[name] = strengths.get(name, 0.0) + strength
    return strengths


def _rand_colour(x: Any, strengths: dict[str, Any]) -> Any:
    """RandAugment's operations on values, in a fixed order, each without effect on images that did not draw it."""
    strength = {name: _image(value) for name, value in strengths.items()}
    drawn = {name: ops.cast(value != 0.0, "float32") for name, value in strength.items()}
    low, high = ops.min(x, axis=(1, 2), keepdims=True), ops.max(x, axis=(1, 2), keepdims=True)
    x = _blend((x - low) / ops.maximum(high - low, 1e-3), x, drawn["auto_contrast"])
    x = _saturation(x, 1.0 + 0.9 * strength["colour"])
    x = _contrast(x, 1.0 + 0.9 * strength["contrast"])
    x = ops.clip(x * (1.0 + 0.9 * strength["brightness"]), 0.0, 1.0)
    blurred = ops.average_pool(x, 3, strides=1, padding="same", data_format="channels_last")
    x = ops.clip(blurred + (x - blurred) * (1.0 + 0.9 * strength["sharpness"]), 0.0, 1.0)
    levels = 2.0 ** ops.round(8.0 - 4.0 * ops.minimum(ops.abs(strength["posterize"]), 1.0)) - 1.0
    x = _blend(ops.floor(x * levels) / levels, x, drawn["posterize"])
    inverted = ops.where(x >= 1.0 - ops.minimum(ops.abs(strength["solarize"]), 1.0), 1.0 - x, x)
    return _blend(inverted, x, drawn["solarize"])
