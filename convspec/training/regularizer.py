"""An L2 penalty whose strength can change between runs of one compiled model."""

from __future__ import annotations

import math

import keras
from keras import ops

from ..language.diagnostics import InputError
from ..private_names import inner_layers

REGULARIZERS = ("kernel_regularizer", "depthwise_regularizer", "pointwise_regularizer")
"""The attributes of Keras's layers for penalties of kernels."""


@keras.saving.register_keras_serializable("convspec")
class AdjustableL2(keras.regularizers.Regularizer):
    """`strength * sum(square(weights))`, as `keras.regularizers.L2`, with the strength in a variable.

    Keras reads the attribute of its own L2 once, when the training step is traced; a later change is ignored without
    a word. Here `regularizer.strength.assign(value)` holds from the next step on. With the JAX backend the value is
    taken at tracing too.
    """

    def __init__(self, l2: float = 0.0) -> None:
        self.strength = keras.Variable(float(l2), trainable=False, dtype="float32", name="l2")

    def __call__(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """The penalty of one weight array."""
        return ops.cast(self.strength, x.dtype) * ops.sum(ops.square(x))

    def get_config(self) -> dict[str, float]:
        """The strength as a number."""
        return {"l2": float(self.strength.numpy())}


def apply_penalty(model: keras.Model, l2: float) -> None:
    """Give every kernel of a model the L2 penalty of a recipe, in the place of an earlier recipe's.

    A regularizer that the model was built with stays if it is the same penalty, or if the recipe has none. Raises
    `InputError` for any other: a kernel has one penalty.
    """
    for layer in inner_layers(model):
        for attribute in [name for name in REGULARIZERS if hasattr(layer, name)]:
            own = getattr(layer, attribute, None)
            if own is None or getattr(own, "of_recipe", False):
                _regularize(layer, attribute, l2)
            elif l2 and not _is_same(own, l2):
                message = f"the layer {layer.name!r} has a regularizer of its own, {own.get_config()}, beside {l2:g}"
                remedy = "build the model without regularizers, or set train.l2 to 0"
                raise InputError(message, path="train.l2", remedy=remedy)


def _regularize(layer: keras.Layer, attribute: str, l2: float) -> None:
    """Set what Keras sets where a layer is built with a regularizer: the layer's field and the variable's."""
    penalty = keras.regularizers.L2(l2) if l2 else None
    if penalty is not None:
        penalty.of_recipe = True
    setattr(layer, attribute, penalty)
    stem = attribute.removesuffix("_regularizer")
    kernel = getattr(layer, f"{stem}_kernel", None)
    kernel = kernel if kernel is not None else layer.kernel
    kernel.regularizer = penalty


def _is_same(regularizer: keras.regularizers.Regularizer, l2: float) -> bool:
    known = isinstance(regularizer, (keras.regularizers.L2, keras.regularizers.L1L2))
    return known and not float(getattr(regularizer, "l1", 0)) and math.isclose(float(regularizer.l2), l2, rel_tol=1e-6)
