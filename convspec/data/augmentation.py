"""What is done to training images only: pure functions of a batch of images and of the random numbers drawn for it.

All random numbers come in as an array, so that an epoch is a function of the seed and its number alone: it repeats,
it can be resumed, and every backend draws the same. Images are `(batch, height, width, channels)` from 0 to 1.
`KerasTensor` stands for a tensor of whichever backend computes, as in what Keras says of `keras.ops`.
"""

from __future__ import annotations

import math

import numpy as np
from keras import KerasTensor, ops
from numpy.typing import NDArray

from ..language.recipe import Augmentation
from .adjustments import Pair, affine, blend, grey, mean_grey, per_image
from .draws import Draws
from .rand_augment import rand_augment


def augment(
    x: KerasTensor, numbers: KerasTensor, how: Augmentation, components: NDArray[np.float32] | None = None
) -> KerasTensor:
    """All that the recipe asks for but cutout, which comes after normalisation; the result is from 0 to 1 again.

    `components` are the colours of the training pixels, a column each, as `colour_components` gives them.
    """
    draws = Draws(numbers)
    x = _warp(x, draws, how)
    if how.rand_augment.operations and how.rand_augment.magnitude:
        x = rand_augment(x, draws, how.rand_augment, how.fill_mode)
    x = _colour(x, draws, how)
    if how.pca and components is not None:
        x = x + _along(components, draws) * how.pca
    return ops.clip(x, 0.0, 1.0)


def cut_out(x: KerasTensor, numbers: KerasTensor, side: int) -> KerasTensor:
    """Zeros in a square around a random point; at the border a part of it lies outside."""
    draws = Draws(numbers)
    return x * _outside(x.shape, (draws.uniform("cut_y"), draws.uniform("cut_x")), (side / 2, side / 2))


def mix(x: KerasTensor, y: KerasTensor, numbers: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
    """Mix each image and label with the one before it in the batch (mixup), or paste a rectangle of it (cutmix).

    `numbers` is `(batch, 4)`: the share kept by mixup, the share kept by cutmix (1 does nothing), its centre y and x.
    """
    other_x, other_y = ops.roll(x, 1, axis=0), ops.roll(y, 1, axis=0)
    kept = numbers[:, 0]
    x = _mixture(x, other_x, ops.reshape(kept, (-1, 1, 1, 1)))
    y = _mixture(y, other_y, ops.reshape(kept, (-1, 1)))
    half = 0.5 * ops.sqrt(1.0 - numbers[:, 1])
    mask = _outside(x.shape, (numbers[:, 2], numbers[:, 3]), (half * x.shape[1], half * x.shape[2]))
    pasted_share = 1.0 - ops.mean(mask, axis=(1, 2, 3))
    return _mixture(x, other_x, mask), _mixture(y, other_y, ops.reshape(1.0 - pasted_share, (-1, 1)))


def _mixture(mine: KerasTensor, other: KerasTensor, share: KerasTensor) -> KerasTensor:
    return share * mine + (1.0 - share) * other


def _outside(shape: tuple[int, ...], centre: Pair, half: tuple[KerasTensor | float, ...]) -> KerasTensor:
    """1 outside a rectangle and 0 inside, `(batch, height, width, 1)`: y and x of its centre, and half its sides.

    The centre is in fractions of the image's sides, the half sides are in pixels.
    """

    def inside(size: int, centre: KerasTensor, half: KerasTensor | float) -> KerasTensor:
        pixels = ops.arange(size, dtype="float32")[None, :] + 0.5
        half = ops.reshape(half * ops.ones_like(centre), (-1, 1))
        return ops.cast(ops.abs(pixels - ops.reshape(centre, (-1, 1)) * size) < half, "float32")

    rows, columns = (inside(*given) for given in zip(shape[1:3], centre, half, strict=True))
    return 1.0 - rows[:, :, None, None] * columns[:, None, :, None]


def _warp(x: KerasTensor, draws: Draws, how: Augmentation) -> KerasTensor:
    """One affine step for all that moves pixels; bilinear, and exact where it moves by whole pixels."""
    if not any((how.flip != "none", how.crop, how.rotation, how.translation, how.zoom)):
        return x
    angle, zoom = draws.signed("rotation") * math.radians(how.rotation), 1.0 + draws.signed("zoom") * how.zoom
    flip_x = ops.where(draws.uniform("flip_x") < (0.5 if how.flip in ("horizontal", "both") else 0.0), -1.0, 1.0)
    flip_y = ops.where(draws.uniform("flip_y") < (0.5 if how.flip in ("vertical", "both") else 0.0), -1.0, 1.0)
    cosine, sine = ops.cos(angle) / zoom, ops.sin(angle) / zoom
    shift_x, shift_y = (_shift(draws, axis, how, size) for axis, size in (("x", x.shape[2]), ("y", x.shape[1])))
    return affine(
        x, (cosine * flip_x, -sine * flip_x), (sine * flip_y, cosine * flip_y), (shift_x, shift_y), how.fill_mode
    )


def _shift(draws: Draws, axis: str, how: Augmentation, size: int) -> KerasTensor:
    """Pixels along one axis: whole ones for the crop, fractions for translations."""
    crop = ops.floor(draws.uniform(f"crop_{axis}") * (2 * how.crop + 1)) - how.crop
    return crop + draws.signed(f"shift_{axis}") * how.translation * size


def _colour(x: KerasTensor, draws: Draws, how: Augmentation) -> KerasTensor:
    """Changes of values, each cut off at black and white before the next."""
    if how.brightness:
        x = ops.clip(x + per_image(draws.signed("brightness") * how.brightness), 0.0, 1.0)
    if how.contrast:
        x = blend(x, mean_grey(x), per_image(1.0 + draws.signed("contrast") * how.contrast))
    if how.saturation:
        x = blend(x, grey(x), per_image(1.0 + draws.signed("saturation") * how.saturation))
    if how.hue:
        x = _hue(x, draws.signed("hue") * how.hue / 360.0)
    return x


def _hue(x: KerasTensor, turn: KerasTensor) -> KerasTensor:
    """Turn the colour circle of HSV by so many full turns per image."""
    hsv = ops.image.rgb_to_hsv(ops.clip(x, 0.0, 1.0), data_format="channels_last")
    hue = hsv[..., :1] + per_image(turn)
    turned = ops.concatenate([hue - ops.floor(hue), hsv[..., 1:]], axis=-1)
    return ops.image.hsv_to_rgb(turned, data_format="channels_last")


def _along(components: NDArray[np.float32], draws: Draws) -> KerasTensor:
    """One colour for all pixels of an image: the components, each times a normal number; `(batch, 1, 1, channels)`."""
    factors = ops.stack([draws.normal(f"component_{number}") for number in range(components.shape[1])], axis=1)
    return ops.matmul(factors, ops.convert_to_tensor(components.T, "float32"))[:, None, None, :]
