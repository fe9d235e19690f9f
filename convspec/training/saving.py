"""A `.keras` file that also says what its images went through and what its classes are called."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import keras
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, field_validator, model_validator

from ..data.dataset import Dataset
from ..data.npz import BROKEN
from ..data.preprocessing import Normalizer
from ..data.splits import split_folds
from ..files import shown, whole_file
from ..language.diagnostics import InputError
from ..language.recipe import Recipe
from .archive import checked_json, read_entry
from .history import REMEDY

ENTRY = "convspec_training.json"  # beside Keras's own entries in the archive, which Keras leaves alone


@dataclass(frozen=True, eq=False)
class Inputs:
    """What an image goes through before the network reads it, and the names of the classes that come out."""

    class_names: tuple[str, ...]
    normalizer: Normalizer
    resize: str
    validation_split: float
    seed: int
    epochs: int | None = None
    """How many had ended when the model was saved; None where that is unknown."""
    folds: int | None = None
    """Of a search with cross-validation: the network has not seen the last of so many folds."""

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        normalizer: Normalizer,
        recipe: Recipe,
        epochs: int | None = None,
        folds: int | None = None,
    ) -> Inputs:
        """Those of a run on this data set; the split, its seed and the folds say which images it never saw."""
        resize = recipe.preprocessing.resize
        return cls(dataset.class_names, normalizer, resize, *dataset.split, epochs, folds)

    def parted(self, dataset: Dataset) -> Dataset:
        """A data set that was split as the run's, with the images for validation that the network never saw."""
        return dataset if self.folds is None else split_folds(dataset, self.folds)[-1]

    def as_dict(self) -> dict[str, object]:
        """For a JSON file."""
        return {**vars(self), "class_names": list(self.class_names), "normalizer": self.normalizer.as_dict()}


def save_trained(model: keras.Model, path: Path, inputs: Inputs, *, remedy: str = REMEDY) -> None:
    """Write the model atomically; it loads with `keras.models.load_model` wherever Keras is."""
    with whole_file(path, remedy=remedy) as beside:
        model.save(beside)
        with zipfile.ZipFile(beside, "a") as archive:
            archive.writestr(ENTRY, json.dumps(inputs.as_dict()))


class _Normalizer(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False, strict=True)
    divisor: float = Field(gt=0)
    mean: list[float] | list[list[list[float]]] = Field(min_length=1)
    deviation: list[PositiveFloat] = Field(min_length=1)
    reverse: bool = False
    pixel_range: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _shapes(self) -> _Normalizer:
        mean = np.array(self.mean, object) if isinstance(self.mean[0], list) else np.array(self.mean)
        if mean.ndim not in (1, 3) or mean.shape[-1] != len(self.deviation):
            raise ValueError(f"a mean of shape {list(mean.shape)} does not fit {len(self.deviation)} deviations")
        return self


class _Inputs(BaseModel):
    """What `Inputs.as_dict` writes."""

    model_config = ConfigDict(strict=True)
    class_names: list[str] = Field(min_length=1)
    normalizer: _Normalizer
    resize: Literal["none", "stretch", "crop", "pad"]
    validation_split: float = Field(ge=0, lt=1)
    seed: int = Field(ge=0)
    epochs: int | None = Field(default=None, ge=1)
    folds: int | None = Field(default=None, ge=2)

    @field_validator("class_names")
    @classmethod
    def _different(cls, names: list[str]) -> list[str]:
        if len(set(names)) < len(names):
            raise ValueError("two classes have one name")
        return names


def read_inputs(path: Path) -> Inputs:
    """What `save_trained` wrote beside the model. Raises `InputError` for a file that says nothing or nonsense."""
    text = read_entry(path, ENTRY)
    if text is None:
        message = "was not trained by convspec: it does not say what its images go through nor what its classes are"
        raise InputError(message, file=shown(path), remedy="`convspec train` writes such files")
    found = checked_json(path, _Inputs, text, f"says in {ENTRY} what cannot be")
    try:
        normalizer = Normalizer.from_dict(found.normalizer.model_dump())
    except InputError as error:
        raise InputError(diagnostic._replace(file=shown(path)) for diagnostic in error.diagnostics) from None
    split = found.validation_split, found.seed
    return Inputs(tuple(found.class_names), normalizer, found.resize, *split, found.epochs, found.folds)


def is_saved(path: Path, epochs: int) -> bool:
    """Whether a file holds a model as it was after so many epochs, undamaged: all of it is read."""
    try:
        saved = read_inputs(path).epochs
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None and saved == epochs
    except (InputError, *BROKEN):
        return False


def check_model(model: keras.Model, inputs: Inputs, path: Path) -> None:
    """Raise `InputError` where the classes and the preprocessing of a file are not those of its network."""
    classes, channels = model.outputs[0].shape[-1], model.inputs[0].shape[-1]
    if classes != len(inputs.class_names):
        message = f"names {len(inputs.class_names)} classes, but its network ends in {classes} values"
        raise InputError(message, file=shown(path))
    if inputs.normalizer.mean.shape[-1] != channels:
        message = f"prepares images of {inputs.normalizer.mean.shape[-1]} channels, but its network reads {channels}"
        raise InputError(message, file=shown(path))
