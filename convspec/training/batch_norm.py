"""Batch normalisation's statistics, computed from training images instead of followed by moving averages.

A moving average of momentum m still holds the share m^n of its initial value after n updates, and lags behind weights
that change fast. Precise statistics are those of the present weights (Wu & Johnson 2021, section 3, arXiv:2105.07576;
pycls: `BN.USE_PRECISE_STATS`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import keras
import numpy as np
from numpy.typing import NDArray

from ..data.pipeline import Pipeline
from ..language.recipe import Recipe
from ..language.short_runs import initial_share
from ..private_names import inner_layers, replace_call, restore_call

IMAGES = 1024
"""Training images that statistics are computed from unless the recipe says how many; pycls's `NUM_SAMPLES_PRECISE`."""

Statistics = list[NDArray[np.float32]]
Values = list[keras.KerasTensor]
Moments = Callable[[keras.KerasTensor], Sequence[keras.KerasTensor]]
"""From a batch of images to the mean and variance that each layer saw."""


def normalizations(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    """The layers whose statistics training changes: batch normalisation that is not frozen, inner models included."""
    return [
        layer
        for layer in inner_layers(model)
        if isinstance(layer, keras.layers.BatchNormalization)
        and layer.trainable
        and not getattr(layer, "renorm", False)  # 3.8 has none
    ]


def momentum_of(model: keras.Model) -> float | None:
    """The momentum of the slowest moving average in a model; None if no layer has one."""
    return max((layer.momentum for layer in normalizations(model)), default=None)


class PreciseStatistics:
    """Computes batch normalisation's means and variances over training images, with the weights that a model has.

    Each layer normalises by the statistics of its batch, as in training; everything else, such as dropout, works as in
    inference, and images are neither augmented nor mixed, because that is how the statistics will be used.
    """

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self._layers: list[keras.layers.BatchNormalization] = []
        self._moments: Moments | None = None

    def compute(self, pipeline: Pipeline, images: int) -> None:
        """Put the statistics of so many training images into the model: the same images for the same seed.

        `pipeline` is one without augmentation over the training images. More images than one batch are rounded down to
        whole batches. A variance is that of all images: the mean square minus the square of the mean.
        """
        layers = normalizations(self.model)
        if not layers:
            return
        if self._moments is None or layers != self._layers:  # other layers are frozen than before
            self._layers, self._moments = layers, _moments(self.model, layers)
        total = [np.zeros(()) for _ in range(2 * len(layers))]
        count = 0
        with _batch_statistics(layers):
            for x in _batches(pipeline, images):
                found = [np.array(keras.ops.convert_to_numpy(value), np.float64) for value in self._moments(x)]
                for place, (mean, variance) in enumerate(zip(found[::2], found[1::2], strict=True)):
                    total[2 * place] = total[2 * place] + mean
                    total[2 * place + 1] = total[2 * place + 1] + variance + np.square(mean)
                count += 1
        for layer, mean, square in zip(layers, total[::2], total[1::2], strict=True):
            layer.moving_mean.assign(mean / count)
            layer.moving_variance.assign(np.maximum(square / count - np.square(mean / count), 0.0))


def read_statistics(model: keras.Model) -> Statistics:
    """Copies of all statistics in a model."""
    return [np.array(variable.numpy()) for layer in normalizations(model) for variable in _variables(layer)]


def assign_statistics(model: keras.Model, values: Statistics) -> None:
    """The inverse of `read_statistics`."""
    variables = [variable for layer in normalizations(model) for variable in _variables(layer)]
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def is_due(recipe: Recipe, model: keras.Model, updates: int) -> bool:
    """Whether a validation after so many updates needs precise statistics instead of moving averages.

    `auto` needs them while the moving averages hold a noticeable share of their initial values. That depends on the
    updates so far, not on those to come: a longer run begins with the epochs of a shorter one.
    """
    if recipe.precise_batch_norm == "auto":
        momentum = momentum_of(model)
        return momentum is not None and initial_share(momentum, updates) > 0
    return bool(recipe.precise_batch_norm)


def images_of(recipe: Recipe) -> int:
    """From how many training images statistics are computed."""
    return recipe.precise_batch_norm if isinstance(recipe.precise_batch_norm, int) else IMAGES


def _variables(layer: keras.layers.BatchNormalization) -> tuple[keras.Variable, keras.Variable]:
    return layer.moving_mean, layer.moving_variance


def _batches(pipeline: Pipeline, images: int) -> Iterator[keras.KerasTensor]:
    """The images of the statistics in batches of one size, so that a compiled function sees one shape."""
    count = min(images, len(pipeline.y))
    size = min(pipeline.recipe.batch_size, count)
    # Stream 3: `Pipeline.plan` draws from 0, 1 and 2, and neither may change the numbers of the other.
    order = np.random.default_rng([pipeline.recipe.seed, 3]).permutation(len(pipeline.y))
    for start in range(0, count - size + 1, size):
        chosen = np.sort(order[start : start + size])  # in the order of the file where pixels are memory-mapped
        yield pipeline.finish(pipeline.x[chosen], pipeline.y[chosen])[0]


@contextmanager
def _batch_statistics(layers: list[keras.layers.BatchNormalization]) -> Iterator[None]:
    """Inside, these layers use the statistics of a batch in inference, too, and keep them as they are."""
    momentums = [layer.momentum for layer in layers]
    try:
        for layer in layers:
            layer.momentum = 0.0
            replace_call(layer, _as_in_training(layer.call))
        yield
    finally:
        for layer, momentum in zip(layers, momentums, strict=True):
            layer.momentum = momentum
            restore_call(layer)


def _as_in_training(call: Callable[..., keras.KerasTensor]) -> Callable[..., keras.KerasTensor]:
    def called(
        inputs: keras.KerasTensor, training: bool | None = None, mask: keras.KerasTensor | None = None
    ) -> keras.KerasTensor:
        return call(inputs, training=True, mask=mask)

    return called


def _moments(model: keras.Model, layers: list[keras.layers.BatchNormalization]) -> Moments:
    """A compiled function of the batch."""
    variables = [variable for layer in layers for variable in _variables(layer)]

    def moments(x: keras.KerasTensor) -> Sequence[keras.KerasTensor]:
        model(x, training=False)
        return [keras.ops.copy(variable.value) for variable in variables]

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        compiled: Moments = tf.function(partial(moments), autograph=False, reduce_retracing=True)
        return compiled
    if keras.backend.backend() == "jax":
        import jax

        places = {id(variable): place for place, variable in enumerate(model.non_trainable_variables)}
        wanted = [places[id(variable)] for variable in variables]

        @jax.jit
        def stateless(trained: Values, others: Values, x: keras.KerasTensor) -> Values:
            _, updated = model.stateless_call(trained, others, x, training=False)
            return [updated[place] for place in wanted]

        return lambda x: stateless(
            [variable.value for variable in model.trainable_variables],
            [variable.value for variable in model.non_trainable_variables],
            x,
        )
    return moments
