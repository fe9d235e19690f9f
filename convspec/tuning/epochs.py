"""An epoch of training or validation as one call: with TensorFlow a loop inside the graph, elsewhere Keras's `fit`.

For small networks most of Keras's time goes into the steps of Python between two updates; inside the graph there are
none. Each update is the one of `model.fit`: the same losses, gradients, optimizer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from ..interrupts import listen, raise_if_stopped
from ..spec.recipe import Recipe
from ..training.compiling import make_losses, optimizer_of, value_of
from .feeds import Feed
from .network import Network


@dataclass
class Watch:
    """The rule that ends a trial: the first loss (without L2) above 0 that was seen, and the factor that is too much.

    A loss is 0 where no image of the batch has a weight; nothing can be measured by that.
    """

    factor: float
    first: float = math.nan

    @property
    def limit(self) -> float:
        """The loss that no update may exceed."""
        return self.factor * self.first if math.isfinite(self.first) else math.inf


@dataclass(frozen=True)
class Sums:
    """What one pass saw: means over the images, the last update's loss without L2, and how many updates there were."""

    loss: float
    data_loss: float
    accuracy: float
    last: float
    updates: int


class GraphEpochs:
    """Passes of one network over images, with TensorFlow."""

    def __init__(self, network: Network, recipe: Recipe, *, jit_compile: bool = False) -> None:
        self.network, self.recipe, self.jit_compile = network, recipe, jit_compile
        self.step = self._function("step", self._make_step)
        self.score = self._function("score", self._make_score)

    def train(self, feed: Feed, rates: NDArray[np.float32], watch: Watch) -> Sums:
        """One epoch, an update's learning rate each; stops after the update that breaks the rule of `watch`."""
        import tensorflow as tf

        order, numbers, mixing = feed.pipeline.plan()
        loop = self._function(f"train {feed.key}", lambda: self._make_loop(feed))
        images, labels = feed.tensors
        size = tf.constant(feed.pipeline.recipe.batch_size, tf.int64)
        first = tf.constant(watch.first, tf.float32)
        sums = loop(images, labels, order, numbers, mixing, rates, size, first, tf.constant(watch.factor, tf.float32))
        *measured, fine, updates = sums
        loss, data_loss, hits, seen, first, last = (float(number) for number in measured)
        _check_whole(bool(fine) and int(updates) < len(rates))
        watch.first = first
        return Sums(_mean(loss, seen), _mean(data_loss, seen), _mean(hits, seen), last, int(updates))

    def validate(self, feed: Feed) -> Sums:
        """The losses and the accuracy on validation images."""
        import tensorflow as tf

        loop = self._function(f"validate {feed.key}", lambda: self._make_validation(feed))
        images, labels = feed.tensors
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
        import tensorflow as tf

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

    def _make_loop(self, feed: Feed) -> Any:
        import tensorflow as tf

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
                    feed.take(images, chosen), tf.gather(labels, chosen), numbers[part], mixing[part]
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

    def _make_validation(self, feed: Feed) -> Any:
        import tensorflow as tf

        def validation(images: Any, labels: Any, size: Any) -> Any:
            count = tf.shape(labels, tf.int64)[0]
            stop = _stop_switch()

            def unfinished(index: Any, *sums: Any) -> Any:
                return tf.logical_and(index * size < count, tf.logical_not(stop))

            def add(index: Any, loss: Any, data_loss: Any, hits: Any, seen: Any) -> Any:
                part = slice(index * size, (index + 1) * size)
                seen_images = (
                    feed.take(images, tf.range(index * size, tf.minimum((index + 1) * size, count)))
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
    import tensorflow as tf

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
    import tensorflow as tf

    return tf.function(partial(body), autograph=False, reduce_retracing=True, jit_compile=jit_compile)


class FitEpochs:
    """The same with any backend, by `model.fit` and `model.evaluate`."""

    def __init__(self, network: Network, recipe: Recipe, *, jit_compile: bool = False) -> None:
        self.model = network.model  # compiled by the recipe; JAX compiles in any case

    def train(self, feed: Feed, rates: NDArray[np.float32], watch: Watch) -> Sums:
        """One epoch, an update's learning rate each; stops after the update that breaks the rule of `watch`."""
        guard = _Guard(rates, watch)
        try:
            history = self.model.fit(
                feed.pipeline.batches(), epochs=1, shuffle=False, verbose=0, callbacks=[guard]
            ).history
        except _BrokenRuleError:
            return Sums(guard.last, guard.last, 0.0, guard.last, guard.updates)
        for variable, value in zip(self.model.trainable_variables, guard.weights, strict=False):
            variable.assign(value)
        loss, accuracy = history["loss"][-1], history[_accuracy(history)][-1]
        return Sums(loss, loss - guard.penalty, accuracy, guard.last, guard.updates)

    def validate(self, feed: Feed) -> Sums:
        """The losses and the accuracy on validation images."""
        logs = self.model.evaluate(feed.pipeline.batches(), verbose=0, return_dict=True)
        data_loss = logs["loss"] - _penalty(self.model)
        return Sums(logs["loss"], data_loss, logs[_accuracy(logs)], data_loss, 0)


class _BrokenRuleError(Exception):
    """Leaves `fit` at once."""


class _Guard(keras.callbacks.Callback):  # type: ignore[misc]
    """Assigns the learning rates and watches the loss; Keras reports its running mean, with the penalties in it."""

    def __init__(self, rates: NDArray[np.float32], watch: Watch) -> None:
        super().__init__()
        self.rates, self.watch = rates, watch
        self.penalty, self.last, self.mean, self.updates = 0.0, math.nan, 0.0, 0
        self.weights: list[NDArray[Any]] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Weigh the penalties."""
        self.penalty = _penalty(self.model)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Assign the rate of this update."""
        if batch == 0 or self.rates[batch] != self.rates[batch - 1]:
            optimizer_of(self.model).learning_rate = float(self.rates[batch])

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Raise where the rule is broken."""
        raise_if_stopped()
        mean = float((logs or {})["loss"])
        self.last = mean * (batch + 1) - self.mean * batch - self.penalty
        self.mean, self.updates = mean, batch + 1
        if not math.isfinite(self.watch.first) and self.last > 0:
            self.watch.first = self.last
        if not math.isfinite(self.last) or self.last > self.watch.limit:
            raise _BrokenRuleError

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Hold the weights where the optimizer keeps their mean: `fit` ends with that in their place."""
        if optimizer_of(self.model).use_ema:
            self.weights = [value_of(variable) for variable in self.model.trainable_variables]


def _penalty(model: keras.Model) -> float:
    return float(sum(ops.convert_to_numpy(loss) for loss in model.losses))


def _accuracy(logs: dict[str, Any]) -> str:
    return next(name for name in logs if name.endswith("accuracy"))
