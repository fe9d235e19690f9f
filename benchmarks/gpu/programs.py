"""Models without weights, and the programs that Keras runs for them: traced, compared, compiled, timed.

`keras.Model.train_step` and `stateless_call` are functions of all variables' values with JAX, so that a model needs no
weights of its own for them. Drawing first weights would cost a compilation for each shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import keras
import numpy as np

State = tuple[list[Any], list[Any], list[Any], list[Any]]
"""Values of trainable and other variables, of the optimizer's and of the metrics'."""


def outline(build: Callable[[], keras.Model]) -> keras.Model:
    """A model whose variables have shapes and no values."""
    with keras.StatelessScope(initialize_variables=False):
        return build()


def compiled_with(model: keras.Model, optimizer: keras.optimizers.Optimizer, loss: Any) -> keras.Model:
    """Compile an outline for training, the optimizer's slots without values, too."""
    model.compile(optimizer=optimizer, loss=loss)
    with keras.StatelessScope(initialize_variables=False):
        optimizer.build(model.trainable_variables)
    return model


def variables(model: keras.Model) -> tuple[Sequence[Any], ...]:
    """The variables of a state, in the order of Keras's `train_step`."""
    return (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
        model.metrics_variables,
    )


def trace_training(model: keras.Model, batch: tuple[Any, Any]) -> Any:
    """The program of a training step, which gives its memory back to the next one."""
    return jax.jit(model.train_step, donate_argnums=0).lower(_shapes(model), batch)


def trace_inference(model: keras.Model, x: Any) -> Any:
    """The program of an inference."""

    def infer(trainable: Any, others: Any, x: Any) -> Any:
        return model.stateless_call(trainable, others, x, training=False)[0]

    return jax.jit(infer).lower(*_shapes(model)[:2], x)


def numbers(model: keras.Model, seed: int = 0) -> list[list[np.ndarray]]:
    """Values for all variables, of the size of usual first ones: zeros would take a GPU less current and time."""
    random = np.random.default_rng(seed)
    return [[_number(variable, random) for variable in part] for part in variables(model)]


def on_device(values: Any) -> Any:
    """A copy of nested arrays in the device's memory."""
    return jax.block_until_ready(jax.device_put(values))


def images(shape: tuple[int, ...], classes: int) -> tuple[np.ndarray, np.ndarray]:
    """A batch of random images of shape (batch, height, width, channels), and one-hot labels."""
    x = np.random.default_rng(1).random(shape, dtype=np.float32)
    return x, np.eye(classes, dtype=np.float32)[np.arange(shape[0]) % classes]


def _shapes(model: keras.Model) -> tuple[list[Any], ...]:
    return tuple(
        [jax.ShapeDtypeStruct(tuple(variable.shape), variable.dtype) for variable in part] for part in variables(model)
    )


def _number(variable: Any, random: np.random.Generator) -> np.ndarray:
    name, shape = variable.path.rsplit("/")[-1], tuple(variable.shape)
    if name in ("gamma", "moving_variance", "variance"):
        return np.ones(shape, variable.dtype)
    if len(shape) < 2 or "optimizer" in variable.path or "int" in str(variable.dtype):
        return np.zeros(shape, variable.dtype)
    spread = np.float32(np.sqrt(2 / np.prod(shape[:-1])))
    return spread * random.standard_normal(shape, dtype=np.float32)
