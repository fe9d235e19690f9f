"""The arguments of the constructors, in Keras's order: one template a family. They describe, and are never called."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import keras

COMMON = (
    "include_top", "weights", "input_tensor", "input_shape", "pooling", "classes", "classifier_activation", "name",
)  # fmt: skip
"""The arguments that all constructors have; a family's own are what is left."""

Weights = str | os.PathLike[str] | None
InputShape = tuple[int | None, int | None, int] | None
Pooling = Literal["avg", "max"] | None
Activation = str | Callable[..., object] | None

ARGUMENTS = """
include_top: end in the classifier; without it, in the last feature map.
weights: None for random ones, "imagenet" for Keras's official file where there is one, or the path of a legacy `.h5`,
    a `.weights.h5` or a `.keras` file. Official weights take other numbers of `classes` (the head then starts afresh)
    and inputs of one channel (the first kernels are averaged over the channels).
    Weights of a network with its top load into one without it.
input_tensor: a Keras tensor to build upon, instead of an input of its own. Official weights go into the network alone,
    not into what you put in front of it.
input_shape: (height, width, channels); without the top, height and width may be None. With an `input_tensor`, the
    tensor's shape is taken.
pooling: "avg" or "max" to pool the last feature map globally, where there is no top.
classes: units of the classifier.
classifier_activation: of the classifier, a name or any function; None for logits.
name: the model's name; None for one that Keras makes up.

Raises `InputError`, a ValueError, with everything that is wrong with the arguments, or where Keras is set to
channels_first.
"""
"""What the arguments mean, for `help()`."""


def standard(
    include_top: bool = True,
    weights: Weights = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: InputShape = None,
    pooling: Pooling = None,
    classes: int = 1000,
    classifier_activation: Activation = "softmax",
    name: str | None = None,
) -> keras.Model:
    """The arguments that most networks take."""


def convnext(
    include_top: bool = True,
    include_preprocessing: bool = True,
    weights: Weights = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: InputShape = None,
    pooling: Pooling = None,
    classes: int = 1000,
    classifier_activation: Activation = "softmax",
    name: str | None = None,
) -> keras.Model:
    """include_preprocessing: normalise pixels of 0..255 inside the model."""


def efficientnet_v2(
    include_top: bool = True,
    weights: Weights = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    input_shape: InputShape = None,
    pooling: Pooling = None,
    classes: int = 1000,
    classifier_activation: Activation = "softmax",
    include_preprocessing: bool = True,
    name: str | None = None,
) -> keras.Model:
    """include_preprocessing: normalise pixels of 0..255 inside the model."""


def mobilenet(
    input_shape: InputShape = None,
    alpha: float = 1.0,
    depth_multiplier: int = 1,
    dropout: float = 0.001,
    include_top: bool = True,
    weights: Weights = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    pooling: Pooling = None,
    classes: int = 1000,
    classifier_activation: Activation = "softmax",
    name: str | None = None,
) -> keras.Model:
    """alpha: factor on all widths; depth_multiplier: depthwise filters a channel; dropout: before the classifier."""


def mobilenet_v2(
    input_shape: InputShape = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: Weights = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    pooling: Pooling = None,
    classes: int = 1000,
    classifier_activation: Activation = "softmax",
    name: str | None = None,
) -> keras.Model:
    """alpha: factor on all widths."""


def mobilenet_v3(
    input_shape: InputShape = None,
    alpha: float = 1.0,
    minimalistic: bool = False,
    include_top: bool = True,
    weights: Weights = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    classes: int = 1000,
    pooling: Pooling = None,
    dropout_rate: float = 0.2,
    classifier_activation: Activation = "softmax",
    include_preprocessing: bool = True,
    name: str | None = None,
) -> keras.Model:
    """The arguments of MobileNetV3.

    alpha: factor on all widths; minimalistic: 3x3 kernels, ReLU and no gates throughout; dropout_rate: before the
    classifier; include_preprocessing: scale pixels of 0..255 inside the model.
    """


def nasnet(
    input_shape: InputShape = None,
    include_top: bool = True,
    weights: Weights = "imagenet",
    input_tensor: keras.KerasTensor | None = None,
    pooling: Pooling = None,
    classes: int = 1000,
    classifier_activation: Activation = "softmax",
    name: str | None = None,
) -> keras.Model:
    """Without the top the default shape is that of the training, since the cells depend on it."""
