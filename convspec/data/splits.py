"""Stratified splits: every class in the same share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..language.diagnostics import Diagnostic, InputError
from .dataset import Dataset
from .labelled_images import Images, Source
from .large_arrays import join, select
from .pixels import PixelRange


def stratified(labels: NDArray[np.int64], fraction: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices that stay and indices that go, both rising; of each class `fraction` goes, but at least one image.

    A class of one image stays as a whole.
    """
    random = np.random.default_rng(seed)
    gone = []
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        gone.append(members[: min(max(1, round(fraction * len(members))), len(members) - 1)])
    going = np.sort(np.concatenate(gone))
    return np.setdiff1d(np.arange(len(labels)), going), going


def split_validation(source: Source, fraction: float, seed: int) -> tuple[Images, Images]:
    """The training and validation images of a source; the latter are split off where it has none."""
    if source.validation is not None:
        return source.train, source.validation
    counts = np.bincount(source.train.y, minlength=len(source.class_names))
    lonely = [source.class_names[label] for label in np.flatnonzero(counts == 1)]
    if lonely:
        raise InputError(
            Diagnostic(
                f"class {name!r} has 1 training image; with a validation part split off it needs 2",
                file=source.place,
                remedy="add images to the class, or give a validation part of your own",
            )
            for name in lonely
        )
    keep, going = stratified(source.train.y, fraction, seed)
    x, y = source.train
    return Images(select(x, keep), y[keep]), Images(select(x, going), y[going])


def split_source(source: Source, pixels: PixelRange, split: tuple[float, int]) -> Dataset:
    """The data set of a source that was checked, with validation images by the share and the seed of `split`."""
    train, validation = split_validation(source, *split)
    x_test, y_test = source.test or (None, None)
    return Dataset(source.name, *train, *validation, x_test, y_test, source.class_names, pixels, split)


def split_folds(dataset: Dataset, folds: int) -> list[Dataset]:
    """The training and validation images together, stratified into so many pairs of the two."""
    from sklearn.model_selection import StratifiedKFold

    x = join(dataset.x_train, dataset.x_val)
    y = np.concatenate([dataset.y_train, dataset.y_val])
    splitter = StratifiedKFold(folds, shuffle=True, random_state=dataset.split[1])
    return [
        replace(dataset, x_train=select(x, train), y_train=y[train], x_val=select(x, held), y_val=y[held])
        for train, held in splitter.split(np.zeros(len(y)), y)
    ]
