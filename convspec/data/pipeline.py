"""From arrays to batches: an order and random numbers for each epoch, then augmentation, mixing, normalisation.

What an epoch holds is a function of the recipe's seed and the epoch's number, so that a run repeats and a resumed run
goes on as if it had never stopped. With the TensorFlow backend `tf.data` prepares batches while the network trains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from typing import TYPE_CHECKING

import keras
import numpy as np
from keras import KerasTensor, ops
from numpy.typing import NDArray

from ..language.diagnostics import Diagnostic, InputError, did_you_mean
from ..language.recipe import Recipe
from .augmentation import augment, cut_out, mix
from .dataset import Dataset
from .draws import NAMES
from .preprocessing import Normalizer, colour_components

if TYPE_CHECKING:
    import tensorflow as tf

Structure = Callable[[KerasTensor], object]  # puts labels into the form of a model's outputs
AHEAD = 4  # batches that are prepared while the network trains


class Pipeline:
    """The batches of one part of a data set; set `epoch` before each pass over it.

    `training` images are shuffled, augmented, mixed and weighted as the recipe says.
    """

    def __init__(
        self, dataset: Dataset, part: str, recipe: Recipe, normalizer: Normalizer, structure: Structure = lambda y: y
    ) -> None:
        self.x, self.y = x, _ = dataset.parts[part]
        self.training = training = part == "training"
        self.classes, self.pixel_range = dataset.classes, dataset.pixel_range
        self.recipe, self.normalizer, self.structure = recipe, normalizer, structure
        self.epoch = 0
        self.multiple = 1  # what every batch divides by
        self.weights = class_weights(dataset, recipe) if training else None
        _check_channels(x.shape[-1], recipe)
        if training and (diagnostics := list(recipe.augmentation.too_large(*x.shape[1:3]))):
            raise InputError(diagnostics)
        self.components = colour_components(x, self.pixel_range) if training and recipe.augmentation.pca else None

    def unchanged(self) -> Pipeline:
        """The same images as those of a validation: in their order, neither augmented nor mixed nor weighted."""
        other = copy(self)
        other.training, other.weights, other.components = False, None, None
        return other

    def __len__(self) -> int:
        return -(-self.count // self.recipe.batch_size)

    @property
    def count(self) -> int:
        """The images of a pass; all of them, unless they do not divide by `multiple`."""
        return len(self.y) - len(self.y) % self.multiple

    @property
    def mixes(self) -> bool:
        """Whether images are mixed with one another."""
        return self.training and bool(self.recipe.mixup or self.recipe.cutmix)

    @property
    def augments(self) -> bool:
        """Whether images are changed at random."""
        return self.training and self.recipe.augmentation.active

    def plan(self) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
        """The order of this epoch's images, and the random numbers of each for augmentation and for mixing."""
        count, empty = len(self.y), np.zeros((len(self.y), 0), np.float32)
        if not self.training:
            return np.arange(self.count), empty, empty
        # A stream each for order, augmentation and mixing: switching one on leaves the numbers of the others.
        order = _order(self.y, np.random.default_rng([self.recipe.seed, self.epoch, 0]), self.recipe.balanced)
        numbers = empty
        if self.augments:
            numbers = np.random.default_rng([self.recipe.seed, self.epoch, 1]).random((count, len(NAMES)), np.float32)
        random = np.random.default_rng([self.recipe.seed, self.epoch, 2])
        mixing = _mixing(count, random, self.recipe) if self.mixes else empty
        return order[: self.count], numbers[: self.count], mixing[: self.count]

    def raw(self) -> Iterator[tuple[NDArray[np.generic], NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]]:
        """Batches as they lie in the data set, with their random numbers."""
        order, numbers, mixing = self.plan()
        for start in range(0, len(order), self.recipe.batch_size):
            part = slice(start, start + self.recipe.batch_size)
            yield self.x[order[part]], self.y[order[part]], numbers[part], mixing[part]

    def finish(
        self, x: KerasTensor, labels: KerasTensor, numbers: KerasTensor = None, mixing: KerasTensor = None
    ) -> tuple[KerasTensor, ...]:
        """Turn a raw batch into what a model reads: images, one-hot labels, and weights where classes have them.

        `numbers` are only read for images that are augmented, `mixing` only for those that are mixed.
        """
        x, y = ops.cast(x, "float32"), ops.one_hot(labels, self.classes, dtype="float32")
        if self.augments:
            x = augment(self.pixel_range.scale(x), numbers, self.recipe.augmentation, self.components)
            x = self.pixel_range.unscale(x)
        if self.mixes:
            x, y = mix(x, y, mixing)
        x = self.normalizer(x)
        if self.augments and self.recipe.augmentation.cutout:
            x = cut_out(x, numbers, self.recipe.augmentation.cutout)
        if self.weights is None:
            return x, self.structure(y)
        return x, self.structure(y), self.structure(ops.matmul(y, self.weights))

    def batches(self) -> tf.data.Dataset | keras.utils.PyDataset:
        """What `model.fit` reads: a `tf.data.Dataset`, or a `keras.utils.PyDataset` with another backend."""
        if keras.backend.backend() == "tensorflow":
            return _tensorflow(self)
        return _python(self)


def class_weights(dataset: Dataset, recipe: Recipe) -> NDArray[np.float32] | None:
    """The weight of each class in the loss, or None if all are alike; balanced ones have a mean of 1 per image."""
    if recipe.class_weights == "none":
        return None
    counts = np.bincount(dataset.y_train, minlength=dataset.classes)
    if recipe.class_weights == "balanced":
        return (len(dataset.y_train) / (dataset.classes * np.maximum(counts, 1))).astype(np.float32)
    unknown = [name for name in recipe.class_weights if name not in dataset.class_names]
    if unknown:
        raise InputError(
            Diagnostic(
                f"{dataset.name} has no class {name!r}{did_you_mean(name, dataset.class_names)}",
                path="train.class_weights",
                remedy=f"its classes are {', '.join(dataset.class_names)}",
            )
            for name in unknown
        )
    return np.array([recipe.class_weights.get(name, 1.0) for name in dataset.class_names], np.float32)


def _check_channels(channels: int, recipe: Recipe) -> None:
    if diagnostics := list(recipe.augmentation.without_meaning(channels)):
        raise InputError(diagnostics)


def _order(y: NDArray[np.int64], random: np.random.Generator, balanced: bool) -> NDArray[np.int64]:
    """All images in random order; or, balanced, as many of each class, rare ones repeated and common ones left out."""
    if not balanced:
        return random.permutation(len(y))
    labels = random.permutation(np.unique(y))
    share = -(-len(y) // len(labels))
    drawn = []
    for label in labels:
        members = np.flatnonzero(y == label)
        drawn.append(np.concatenate([random.permutation(members) for _ in range(-(-share // len(members)))])[:share])
    return random.permutation(np.stack(drawn, axis=1).reshape(-1)[: len(y)])


def _mixing(count: int, random: np.random.Generator, recipe: Recipe) -> NDArray[np.float32]:
    """For each image: the share that mixup keeps, the share that cutmix keeps, the centre of its rectangle."""
    numbers = random.random((count, 4))
    kept = {
        name: random.beta(alpha, alpha, count) if alpha else np.ones(count)
        for name, alpha in (("mixup", recipe.mixup), ("cutmix", recipe.cutmix))
    }
    if recipe.mixup and recipe.cutmix:  # one of the two for each image
        first = numbers[:, 0] < 0.5
        kept = {"mixup": np.where(first, kept["mixup"], 1.0), "cutmix": np.where(first, 1.0, kept["cutmix"])}
    return np.stack([kept["mixup"], kept["cutmix"], numbers[:, 1], numbers[:, 2]], axis=1).astype(np.float32)


def _tensorflow(pipeline: Pipeline) -> tf.data.Dataset:
    import tensorflow as tf

    first = next(pipeline.raw())
    signature = tuple(tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in first)
    batches = tf.data.Dataset.from_generator(pipeline.raw, output_signature=signature)
    batches = batches.apply(tf.data.experimental.assert_cardinality(len(pipeline)))
    # AutoGraph would rewrite all functions on the way, for longer than tracing them takes, and find nothing to rewrite.
    finish = tf.autograph.experimental.do_not_convert(pipeline.finish)
    return batches.map(finish, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(AHEAD)


def _python(pipeline: Pipeline) -> keras.utils.PyDataset:
    finish = pipeline.finish
    if keras.backend.backend() == "jax":
        import jax

        finish = jax.jit(finish)  # one compilation per batch size, not one per operation

    class Batches(keras.utils.PyDataset):
        """The same batches, made one after the other."""

        planned = -1
        plan: tuple[NDArray[np.generic], ...] = ()

        def __len__(self) -> int:
            return len(pipeline)

        def __getitem__(self, number: int) -> tuple[KerasTensor, ...]:
            if self.planned != pipeline.epoch:
                self.planned, self.plan = pipeline.epoch, pipeline.plan()
            size = pipeline.recipe.batch_size
            order, numbers, mixing = (part[number * size : (number + 1) * size] for part in self.plan)
            return finish(pipeline.x[order], pipeline.y[order], numbers, mixing)

    return Batches()
