"""The images of a search, prepared once for all trials that read them alike."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

import keras
import numpy as np

from ..data.dataset import Dataset
from ..data.large_arrays import Selection, is_mapped
from ..data.pipeline import Pipeline
from ..data.preprocessing import Normalizer
from ..data.splits import split_folds
from ..language import InputError
from ..language.recipe import Recipe
from ..printing import counted
from ..training.compiling import structure_of
from ..training.pretrained import normalizer_for


@dataclass
class PreparedData:
    """One part of a data set as a trial reads it; `key` names what of it is traced into a graph."""

    pipeline: Pipeline
    store: dict[int, object]

    @cached_property
    def key(self) -> str:
        """A hash of augmentation with its colours, normalisation, class weights, and what pixels are read from."""
        pipeline, recipe = self.pipeline, self.pipeline.recipe
        traced = {
            "part": [pipeline.training, pipeline.mixes, pipeline.augments],
            "augmentation": recipe.augmentation.model_dump(mode="json"),
            "normalizer": pipeline.normalizer.as_dict(),
            "weights": None if pipeline.weights is None else pipeline.weights.tolist(),
            "components": None if pipeline.components is None else pipeline.components.tolist(),
            "mapped": id(pipeline.x) if self.mapped else None,  # which the graph then holds
        }
        return hashlib.sha256(json.dumps(traced, sort_keys=True).encode()).hexdigest()

    @property
    def mapped(self) -> bool:
        """Whether the pixels lie on the disk and stay there."""
        return isinstance(self.pipeline.x, Selection) or is_mapped(self.pipeline.x)


class DataCache:
    """The parts of a data set, or of its folds, for any recipe."""

    def __init__(self, dataset: Dataset, folds: int | None = None) -> None:
        self.parts = [dataset] if folds is None else split_folds(dataset, folds)
        self._tensors: dict[int, object] = {}
        self._normalizers: dict[str, Normalizer] = {}

    def prepared(self, model: keras.Model, recipe: Recipe, fold: int) -> tuple[PreparedData, PreparedData]:
        """Training and validation images, in the form of a model's outputs."""
        dataset, normalizer, structure = self.parts[fold], self.normalizer(model, recipe, fold), structure_of(model)
        training, validation = (
            PreparedData(Pipeline(dataset, part, recipe, normalizer, structure), self._tensors)
            for part in ("training", "validation")
        )
        return training, validation

    def normalizer(self, model: keras.Model, recipe: Recipe, fold: int = 0) -> Normalizer:
        """What images go through: measured on the training images, or what official weights were trained on."""
        key = f"{fold} {recipe.preprocessing!r} {recipe.finetune!r}"
        if key not in self._normalizers:
            self._normalizers[key] = normalizer_for(model, recipe, self.parts[fold])
        return self._normalizers[key]


def check_folds(dataset: Dataset, folds: int | None) -> None:
    """Raise where a class has fewer images than there are folds: some folds would not train or validate on it."""
    counts = np.bincount(np.concatenate([dataset.y_train, dataset.y_val]), minlength=dataset.classes)
    fewest = int(counts.argmin())
    if folds is not None and counts[fewest] < folds:
        has = counted(int(counts[fewest]), "image")
        message = f"class {dataset.class_names[fewest]!r} has {has}, too few for {folds} folds"
        raise InputError(message, file=dataset.name, path="tune.folds")
