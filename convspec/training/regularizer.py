"""An L2 penalty whose strength can change between runs of one compiled model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("convspec")
class AdjustableL2(keras.regularizers.Regularizer):  # type: ignore[misc]
    """`strength * sum(square(weights))`, as `keras.regularizers.L2`, with the strength in a variable.

    Keras reads the attribute of its own L2 once, when the training step is traced; a later change is ignored without
    a word. Here `regularizer.strength.assign(value)` holds from the next step on. With the JAX backend the value is
    taken at tracing too.
    """

    def __init__(self, l2: float = 0.0) -> None:
        self.strength = keras.Variable(float(l2), trainable=False, dtype="float32", name="l2")

    def __call__(self, x: Any) -> Any:
        """The penalty of one weight array."""
        return ops.cast(self.strength, x.dtype) * ops.sum(ops.square(x))

    def get_config(self) -> dict[str, float]:
        """The strength as a number."""
        return {"l2": float(self.strength.numpy())}


@contextmanager
def plain_for_saving(model: keras.Model) -> Iterator[None]:
    """Put Keras's own L2 and a plain `weight_decay` in the place of the adjustable ones while a model is saved.

    The file then loads in any process, without this package. The traced training step is not touched.
    """
    held = [
        (layer, name, getattr(layer, name))
        for layer in model._flatten_layers()
        for name in ("kernel_regularizer", "depthwise_regularizer", "pointwise_regularizer")
        if isinstance(getattr(layer, name, None), AdjustableL2)
    ]
    outer: Any = getattr(model, "optimizer", None)
    optimizer: Any = getattr(outer, "inner_optimizer", outer)
    decay = getattr(optimizer, "weight_decay", None)
    try:
        for layer, name, regularizer in held:
            setattr(layer, name, keras.regularizers.L2(**regularizer.get_config()))
        if isinstance(decay, keras.Variable):
            optimizer.weight_decay = float(decay.numpy())
        yield
    finally:
        for layer, name, regularizer in held:
            setattr(layer, name, regularizer)
        if isinstance(decay, keras.Variable):
            object.__setattr__(optimizer, "weight_decay", decay)  # as it was set: not among the optimizer's variables
