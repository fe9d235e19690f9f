"""RandAugment (Cubuk et al. 2019, arXiv:1909.13719): a few operations in sequence, drawn anew for each image.

Operations and strengths are those of the paper's code and of torchvision's `RandAugment`: at the magnitude 30, 30
degrees, a shear of 0.3, a shift of 150/331 of the side, factors of 1 +- 0.9, 4 bits and a threshold of 0. Pixels from
outside the image are as `fill_mode` says.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from keras import KerasTensor, ops
from keras.config import backend

from ..language.recipe import RandAugment
from .adjustments import affine, auto_contrast, blend, equalize, grey, mean_grey, per_image, posterize, smooth, solarize
from .draws import Draws

OPERATIONS = (
    "identity", "auto_contrast", "equalize", "rotate", "solarize", "colour", "posterize", "contrast", "brightness",
    "sharpness", "shear_x", "shear_y", "translate_x", "translate_y",
)  # fmt: skip
HIGHEST = 30.0  # magnitude
SHIFT = 150 / 331  # of the side: the paper's 150 pixels of its own 331


def rand_augment(x: KerasTensor, draws: Draws, how: RandAugment, fill_mode: str = "nearest") -> KerasTensor:
    """Images from 0 to 1, each through its own operations one after the other."""
    names, strength = operations(x.shape[-1]), how.magnitude / HIGHEST
    for slot in range(how.operations):
        number = ops.floor(draws.uniform(f"operation_{slot}") * len(names))
        sign = ops.where(draws.uniform(f"sign_{slot}") < 0.5, -1.0, 1.0)
        x = _each_its_own(x, ops.cast(number, "int32"), sign, _functions(names, strength, fill_mode))
    return x


def operations(channels: int) -> tuple[str, ...]:
    """Those that are drawn for images of so many channels: without colours there is no colour to change."""
    return tuple(name for name in OPERATIONS if channels == 3 or name != "colour")


Function = Callable[[KerasTensor, KerasTensor], KerasTensor]  # of images and of a sign for each of them


def _functions(names: tuple[str, ...], strength: float, fill_mode: str) -> list[Function]:
    """The operations of these names at a strength from 0 to 1."""

    def factor(sign: KerasTensor) -> KerasTensor:
        return per_image(1.0 + 0.9 * strength * sign)

    known: dict[str, Function] = {
        "identity": lambda x, sign: x,
        "auto_contrast": lambda x, sign: auto_contrast(x),
        "equalize": lambda x, sign: equalize(x),
        "solarize": lambda x, sign: solarize(x, 1.0 - strength),
        "posterize": lambda x, sign: posterize(x, 8.0 - round(4.0 * strength)),
        "colour": lambda x, sign: blend(x, grey(x), factor(sign)),
        "contrast": lambda x, sign: blend(x, mean_grey(x), factor(sign)),
        "brightness": lambda x, sign: blend(x, 0.0, factor(sign)),
        "sharpness": lambda x, sign: blend(x, smooth(x), factor(sign)),
        "rotate": lambda x, sign: _rotate(x, math.radians(30.0) * strength * sign, fill_mode),
        "shear_x": lambda x, sign: _shear(x, 0.3 * strength * sign, 0.0, fill_mode),
        "shear_y": lambda x, sign: _shear(x, 0.0, 0.3 * strength * sign, fill_mode),
        "translate_x": lambda x, sign: _translate(x, float(int(SHIFT * x.shape[2] * strength)) * sign, 0.0, fill_mode),
        "translate_y": lambda x, sign: _translate(x, 0.0, float(int(SHIFT * x.shape[1] * strength)) * sign, fill_mode),
    }
    return [known[name] for name in names]


def _each_its_own(x: KerasTensor, number: KerasTensor, sign: KerasTensor, functions: list[Function]) -> KerasTensor:
    """Each image through the function of its number.

    TensorFlow parts the batch, so that an image costs what its own function does. The shapes of parts are not known
    before they are there, which a compiled step of JAX does not allow: there all images go through all functions.
    """
    if backend() == "tensorflow":
        import tensorflow as tf

        places, images, signs = (
            tf.dynamic_partition(values, number, len(functions)) for values in (tf.range(tf.shape(x)[0]), x, sign)
        )
        found = [  # TensorFlow moves no images where there are none
            tf.cond(tf.shape(part)[0] > 0, partial(function, part, its), partial(tf.identity, part))
            for function, part, its in zip(functions, images, signs, strict=True)
        ]
        return tf.ensure_shape(tf.dynamic_stitch(places, found), x.shape)
    result = x
    for place, function in enumerate(functions):
        result = ops.where(per_image(ops.equal(number, place)), function(x, sign), result)
    return result


def _rotate(x: KerasTensor, angle: KerasTensor, fill_mode: str) -> KerasTensor:
    cosine, sine, none = ops.cos(angle), ops.sin(angle), ops.zeros_like(angle)
    return affine(x, (cosine, -sine), (sine, cosine), (none, none), fill_mode)


def _shear(x: KerasTensor, along_x: KerasTensor | float, along_y: KerasTensor | float, fill_mode: str) -> KerasTensor:
    """Sheared about the upper left corner."""
    none = ops.zeros_like(along_x + along_y)
    along_x, along_y, one = along_x + none, along_y + none, none + 1.0
    return affine(x, (one, along_x), (along_y, one), (along_x * x.shape[1] / 2, along_y * x.shape[2] / 2), fill_mode)


def _translate(
    x: KerasTensor, along_x: KerasTensor | float, along_y: KerasTensor | float, fill_mode: str
) -> KerasTensor:
    none = ops.zeros_like(along_x + along_y)
    return affine(x, (none + 1.0, none), (none, none + 1.0), (along_x + none, along_y + none), fill_mode)
