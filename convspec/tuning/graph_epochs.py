"""An epoch of training or validation as a loop inside one graph of TensorFlow.

For small networks most of Keras's time goes into the steps of Python between two updates; inside the graph there are
none. Each update is the one of `model.fit`: the same losses, gradients, optimizer.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

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
from .reusable_model import Network


class GraphEpochs:
    """Passes of one network over images, with TensorFlow."""

    def __init__(self, network: Network, recipe: Recipe, *, jit_compile: bool = False) -> None:
        self.network, self.recipe, self.jit_compile = network, recipe, jit_compile
        self.step = self._function("step", self._make_step)
        self.score = self._function("score", self._make_score)

    def train(self, feed: PreparedData, rates: NDArray[np.float32], watch: Watch) -> Sums:
        """One epoch, an update's learning rate each; stops after the update that breaks the rule of `watch`."""
        order, numbers, mixing = feed.pipeline.plan()
        loop = self._function(f"train {feed.key}", lambda: self._make_loop(feed))
        images, labels = tensors_of(feed)
        size = tf.constant(feed.pipeline.recipe.batch_size, tf.int64)
        first = tf.constant(watch.first, tf.float32)
        sums = loop(images, labels, order, numbers, mixing, rates, size, first, tf.constant(watch.factor, tf.float32))
        *measured, fine, updates = sums
        loss, data_loss, hits, seen, first, last = (float(number) for number in measured)
        _check_whole(bool(fine) and int(updates) < len(rates))
        watch.first = first
        return Sums(_mean(loss, seen), _mean(data_loss, seen), _mean(hits, seen), last, int(updates))

    def validate(self, feed: PreparedData) -> Sums:
        """The losses and the accuracy on validation images."""
        loop = self._function(f"validate {feed.key}", lambda: self._make_validation(feed))
        images, labels = tensors_of(feed)
        size = feed.pipeline.recipe.batch_size
        batches, *sums = loop(images, labels, tf.constant(size, tf.int64))
        loss, data_loss, hits, seen = (float(number) for number in sums)
        _check_whole(int(batches) * size < len(labels))
        mean = _mean(data_loss, seen)
        return Sums(_mean(loss, seen), mean, _mean(hits, seen), mean, 0)

    def _function(self, name: str, make: Any) -> Any:
        if name not in self.network.functions:
            self.network.functions[name] = make()
        return self.network.functions[name]

    def _losses(self, inputs: Any, training: bool) -> tuple[Any, Any, Any]:
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

    def _make_step(self) -> Any:
        model = self.network.model

        def step(inputs: Any, rate: Any) -> tuple[Any, Any, Any]:
            self.network.optimizer.learning_rate = rate
            with tf.GradientTape() as tape:
                total, data_loss, hits = self._losses(inputs, training=True)
                scaled = model.optimizer.scale_loss(total)
            gradients = tape.gradient(scaled, model.trainable_variables)
            model.optimizer.apply(gradients, model.trainable_variables)
            return total, data_loss, hits

        return _graph(step, jit_compile=self.jit_compile)

    def _make_score(self) -> Any:
        def score(inputs: Any) -> tuple[Any, Any, Any]:
            return self._losses(inputs, training=False)

        return _graph(score, jit_compile=self.jit_compile)

    def _make_loop(self, feed: PreparedData) -> Any:
        def loop(
            images: Any, labels: Any, order: Any, numbers: Any, mixing: Any, rates: Any, size: Any, first: Any,
            factor: Any,
        ) -> Any:  # fmt: skip
            updates = tf.shape(rates, tf.int64)[0]
            stop = _stop_switch()

            def unfinished(index: Any, fine: Any, *sums: Any) -> Any:
                return tf.logical_and(index < updates, tf.logical_and(fine, tf.logical_not(stop)))

            def update(
                index: Any, fine: Any, loss: Any, data_loss: Any, hits: Any, seen: Any, first: Any, last: Any
            ) -> Any:
                part = slice(index * size, (index + 1) * size)
                chosen = order[part]
                inputs = feed.pipeline.finish(
                    take(feed, images, chosen), tf.gather(labels, chosen), numbers[part], mixing[part]
                )
                step_loss, step_data_loss, step_hits = self.step(inputs, rates[index])
                first = tf.where(tf.logical_and(tf.math.is_nan(first), step_data_loss > 0.0), step_data_loss, first)
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

    def _make_validation(self, feed: PreparedData) -> Any:
        def validation(images: Any, labels: Any, size: Any) -> Any:
            count = tf.shape(labels, tf.int64)[0]
            stop = _stop_switch()

            def unfinished(index: Any, *sums: Any) -> Any:
                return tf.logical_and(index * size < count, tf.logical_not(stop))

            def add(index: Any, loss: Any, data_loss: Any, hits: Any, seen: Any) -> Any:
                part = slice(index * size, (index + 1) * size)
                seen_images = (
                    take(feed, images, tf.range(index * size, tf.minimum((index + 1) * size, count)))
                    if feed.mapped
                    else images[part]
                )
                inputs = feed.pipeline.finish(seen_images, labels[part])
                part_loss, part_data_loss, part_hits = self.score(inputs)
                number = tf.cast(tf.shape(labels[part])[0], tf.float32)
                return (
                    index + 1, loss + number * part_loss, data_loss + number * part_data_loss, hits + part_hits,
                    seen + number,
                )  # fmt: skip

            zero = tf.constant(0.0)
            return tf.while_loop(unfinished, add, (tf.constant(0, tf.int64), zero, zero, zero, zero))

        return _graph(validation)


@cache
def _stop_switch() -> Any:
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


def _graph(body: Callable[..., Any], *, jit_compile: bool | None = None) -> Any:
    """A graph of `body`, whose tracings TensorFlow counts apart from those of other networks.

    It counts by the code of a function and warns of the fifth, though each network traces its own but once; a partial
    has no code and is counted by itself, so that a graph that really is traced again and again is still warned of.
    """
    return tf.function(partial(body), autograph=False, reduce_retracing=True, jit_compile=jit_compile)


def tensors_of(feed: PreparedData) -> tuple[Any, Any]:
    """Images and labels as tensors that stay where the network computes; no images where they are mapped."""
    labels = _tensor(feed, feed.pipeline.y)
    return tf.zeros((0,), tf.uint8) if feed.mapped else _tensor(feed, feed.pipeline.x), labels


def take(feed: PreparedData, images: Any, places: Any) -> Any:
    """Inside a graph: the images at these places, out of the tensor, or read from the disk."""
    if not feed.mapped:
        return tf.gather(images, places)
    x = feed.pipeline.x
    return tf.ensure_shape(tf.numpy_function(lambda rows: x[rows], [places], x.dtype), (None, *x.shape[1:]))


def _tensor(feed: PreparedData, array: Any) -> Any:
    if id(array) not in feed.store:
        feed.store[id(array)] = tf.constant(array)
    return feed.store[id(array)]
