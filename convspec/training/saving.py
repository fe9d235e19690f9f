"""A `.keras` file that also says what its images went through and what its classes are called."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from ..data.dataset import Dataset, shown
from ..data.preprocessing import Normalizer
from ..files import whole_file
from ..spec.faults import Fault, FaultError
from ..spec.recipe import Recipe
from .history import REMEDY
from .regularizer import plain_for_saving

ENTRY = "convspec_training.json"  # beside Keras's own entries in the archive, which Keras leaves alone


@dataclass(frozen=True, eq=False)
class Inputs:
    """What an image goes through before the network reads it, and the names of the classes that come out."""

    class_names: tuple[str, ...]
    normalizer: Normalizer
    resize: str
    validation_split: float
    seed: int

    @classmethod
    def of(cls, dataset: Dataset, normalizer: Normalizer, recipe: Recipe) -> Inputs:
        """Those of a run on this data set; the split and its seed tell which images it never saw."""
        resize = recipe.preprocessing.resize
        return cls(dataset.class_names, normalizer, resize, *dataset.split)

    def as_dict(self) -> dict[str, Any]:
        """For a JSON file."""
        return {
            "class_names": list(self.class_names),
            "normalizer": self.normalizer.as_dict(),
            "resize": self.resize,
            "validation_split": self.validation_split,
            "seed": self.seed,
        }


def save_trained(model: keras.Model, path: Path, inputs: Inputs) -> None:
    """Write the model atomically; it loads with `keras.models.load_model` wherever Keras is."""
    with whole_file(path, remedy=REMEDY) as beside:
        with plain_for_saving(model):
            model.save(beside)
        with zipfile.ZipFile(beside, "a") as archive:
            archive.writestr(ENTRY, json.dumps(inputs.as_dict()))


def read_inputs(path: Path) -> Inputs:
    """What `save_trained` wrote beside the model."""
    try:
        with zipfile.ZipFile(path) as archive:
            data = json.loads(archive.read(ENTRY))
    except (OSError, zipfile.BadZipFile) as error:
        raise FaultError(Fault(f"is no .keras file: {error}", file=shown(path))) from error
    except KeyError as error:
        message = "was not trained by convspec: it does not say what its images go through nor what its classes are"
        raise FaultError(Fault(message, file=shown(path), remedy="`convspec train` writes such files")) from error
    return Inputs(
        tuple(data["class_names"]),
        Normalizer.from_dict(data["normalizer"]),
        data["resize"],
        data["validation_split"],
        data["seed"],
    )
