"""An epoch of training or validation as a loop inside one graph of TensorFlow.

For small networks most of Keras's time goes into the steps of Python between two updates; inside the graph there are
none. Each update is the one of `model.fit`: the same losses, gradients, optimizer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from ..interrupts import listen, raise_if_stopped
from ..language.recipe import Recipe
from ..training.compiling import make_losses
from .data_cache import PreparedData
from .epochs import Sums, Watch
from .reusable_model import ReusableModel

if TYPE_CHECKING:
    from tensorflow.types.experimental import PolymorphicFunction as TracedFunction

Inputs = tuple[tf.Tensor, ...]
"""A batch as Keras takes it: images, labels, weights."""

Losses = tuple[tf.Tensor, tf.Tensor, tf.Tensor]
"""The loss with penalties, that of the data alone, and the number of right predictions."""


class GraphEpochs:
    """Passes of one network over images, with TensorFlow."""

    def __init__(self, network: ReusableModel, recipe: Recipe, *, jit_compile: bool = False) -> None:
        self.network, self.recipe, self.jit_compile = network, recipe, jit_compile
        self.step = self._function("step", self._make_step)
        self.score = self._function("score", lambda: _graph(self._score, jit_compile=jit_compile))

    def train(self, data: PreparedData, rates: NDArray[np.float32], watch: Watch) -> Sums:
        """One epoch, an update's learning rate each; stops after the update that breaks the rule of `watch`."""
        sums, watch.first = self._pass(data, rates, watch)
        return sums

    def validate(self, data: PreparedData) -> Sums:
        """The losses and the accuracy on validation images."""
        return self._pass(data, np.zeros(len(data.pipeline), np.float32), Watch(math.inf))[0]

    def _pass(self, data: PreparedData, rates: NDArray[np.float32], watch: Watch) -> tuple[Sums, float]:
        """What a pass saw, and the first loss above 0."""
        loop = self._function(f"pass {data.key}", lambda: self._make_loop(data))
        size = tf.constant(data.pipeline.recipe.batch_size, tf.int64)
        first, factor = tf.constant(watch.first, tf.float32), tf.constant(watch.factor, tf.float32)
        *measured, fine, batches = loop(*tensors_of(data), *data.pipeline.plan(), rates, size, first, factor)
        loss, data_loss, hits, seen, found, last = (float(number) for number in measured)
        _check_whole(bool(fine) and int(batches) < len(rates))
        return Sums(_mean(loss, seen), _mean(data_loss, seen), _mean(hits, seen), last, int(batches)), found

    def _function(self, name: str, make: Callable[[], TracedFunction]) -> TracedFunction:
        if name not in self.network.functions:
            self.network.functions[name] = make()
        return self.network.functions[name]

    def _losses(self, inputs: Inputs, training: bool) -> Losses:
        """The loss with penalties, the loss of the data alone, and the number of right predictions."""
        x, y, weights = keras.utils.unpack_x_y_sample_weight(inputs)
        model = self.network.model
        predicted = keras.tree.flatten(model(x, training=training))
        wanted = keras.tree.flatten(y)
        weighted = keras.tree.flatten(weights) if weights is not None else [None] * len(wanted)
        losses = make_losses(model, self.recipe)
        shares = [float(self.network.loss_weights.get(name, 1.0)) for name in model.output_names]
        data_loss = sum(
            share * loss(label, output, sample_weight=weight)
            for share, loss, label, output, weight in zip(shares, losses, wanted, predicted, weighted, strict=True)
        )
        penalties = model.losses
        total = ops.sum([data_loss, *penalties]) if penalties else data_loss  # as Keras adds them, to the last bit
        right = ops.equal(ops.argmax(wanted[0], axis=-1), ops.argmax(predicted[0], axis=-1))
        return total, data_loss, ops.sum(ops.cast(right, "float32"))

    def _make_step(self) -> TracedFunction:
        model = self.network.model

        def step(inputs: Inputs, rate: tf.Tensor) -> Losses:
            self.network.optimizer.learning_rate = rate
            with tf.GradientTape() as tape:
                total, data_loss, hits = self._losses(inputs, training=True)
                scaled = model.optimizer.scale_loss(total)
            gradients = tape.gradient(scaled, model.trainable_variables)
            model.optimizer.apply(gradients, model.trainable_variables)
            return total, data_loss, hits

        return _graph(step, jit_compile=self.jit_compile)

    def _score(self, inputs: Inputs) -> Losses:
        return self._losses(inputs, training=False)

    def _make_loop(self, data: PreparedData) -> TracedFunction:
        def loop(
            images: tf.Tensor, labels: tf.Tensor, order: tf.Tensor, numbers: tf.Tensor, mixing: tf.Tensor,
            rates: tf.Tensor, size: tf.Tensor, first: tf.Tensor, factor: tf.Tensor,
        ) -> tuple[tf.Tensor, ...]:  # fmt: skip
            updates = tf.shape(rates, tf.int64)[0]
            stop = _stop_switch()

            def unfinished(index: tf.Tensor, fine: tf.Tensor, *sums: tf.Tensor) -> tf.Tensor:
                return tf.logical_and(index < updates, tf.logical_and(fine, tf.logical_not(stop)))

            def update(
                index: tf.Tensor, fine: tf.Tensor, loss: tf.Tensor, data_loss: tf.Tensor, hits: tf.Tensor,
                seen: tf.Tensor, first: tf.Tensor, last: tf.Tensor,
            ) -> tuple[tf.Tensor, ...]:  # fmt: skip
                part = slice(index * size, (index + 1) * size)
                chosen = order[part]
                inputs = data.pipeline.finish(
                    take(data, images, chosen), tf.gather(labels, chosen), numbers[part], mixing[part]
                )
                found = self.step(inputs, rates[index]) if data.pipeline.training else self.score(inputs)
                step_loss, step_data_loss, step_hits = found
                first = tf.where(tf.logical_and(tf.math.is_nan(first), step_data_loss > 0.0), step_data_loss, first)
                if data.pipeline.training:  # a validation goes to its end
                    low = tf.logical_or(tf.math.is_nan(first), step_data_loss <= factor * first)
                    fine = tf.logical_and(tf.math.is_finite(step_loss), low)
                count = tf.cast(tf.shape(chosen)[0], tf.float32)
                return (
                    index + 1, fine, loss + count * step_loss, data_loss + count * step_data_loss, hits + step_hits,
                    seen + count, first, step_data_loss,
                )  # fmt: skip

            zero = tf.constant(0.0)
            start = (tf.constant(0, tf.int64), tf.constant(True), zero, zero, zero, zero, first, zero)
            done, fine, *sums = tf.while_loop(unfinished, update, start, parallel_iterations=1)
            return (*sums, fine, done)

        return _graph(loop)


@cache
def _stop_switch() -> tf.Variable:
    """A variable that another thread sets after Ctrl-C, so that a loop inside a graph ends; the caller raises."""
    with tf.init_scope(), tf.device("CPU:0"):
        switch = tf.Variable(False, trainable=False, name="stop")
    listen(lambda stopped: switch.assign(stopped))
    return switch


def _check_whole(cut_off: bool) -> None:
    """Raise where a pass was stopped: by a signal, or by one that another thread has already dealt with meanwhile."""
    raise_if_stopped()
    if cut_off:
        raise KeyboardInterrupt


def _mean(total: float, count: float) -> float:
    """A mean as Keras's metrics compute it, in 32 bits."""
    return float(np.float32(total) / np.float32(count))


def _graph(body: Callable[..., object], *, jit_compile: bool | None = None) -> TracedFunction:
    """A graph of `body`, whose tracings TensorFlow counts apart from those of other networks.

    It counts by the code of a function and warns of the fifth, though each network traces its own but once; a partial
    has no code and is counted by itself, so that a graph that really is traced again and again is still warned of.
    """
    return tf.function(partial(body), autograph=False, reduce_retracing=True, jit_compile=jit_compile)


def tensors_of(data: PreparedData) -> tuple[tf.Tensor, tf.Tensor]:
    """Images and labels as tensors that stay where the network computes; no images where they are mapped."""
    labels = _tensor(data, data.pipeline.y)
    return tf.zeros((0,), tf.uint8) if data.mapped else _tensor(data, data.pipeline.x), labels


def take(data: PreparedData, images: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    """Inside a graph: the images at these places, out of the tensor, or read from the disk."""
    if not data.mapped:
        return tf.gather(images, places)
    x = data.pipeline.x
    return tf.ensure_shape(tf.numpy_function(lambda rows: x[rows], [places], x.dtype), (None, *x.shape[1:]))


def _tensor(data: PreparedData, array: NDArray[np.generic]) -> tf.Tensor:
    if id(array) not in data.store:
        data.store[id(array)] = tf.constant(array)
    return data.store[id(array)]
