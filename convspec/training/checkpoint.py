"""The whole state of a run in one file, which is replaced as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, NonNegativeInt, field_validator

from ..data.npz import read_arrays, write_arrays
from ..files import shown
from ..json_files import Measured, json_text
from ..language.diagnostics import InputError
from .archive import checked_json
from .compiling import value_of
from .history import REMEDY, Row

State = dict[str, Any]


def save_checkpoint(path: Path, model: keras.Model, state: State) -> None:
    """Write weights, random states and optimizer of a compiled model, and a JSON state, in one atomic step."""
    write_arrays(path, snapshot(model), remedy=REMEDY, state=np.frombuffer(json_text(state).encode(), np.uint8))


def load_checkpoint(path: Path, model: keras.Model) -> State:
    """Put a checkpoint into a compiled model and return its JSON state."""
    state, arrays = _read(path)
    restore(model, arrays, shown(path))
    return state


def epochs_done(path: Path) -> int:
    """How many epochs had ended when a checkpoint was written."""
    return len(_read(path, weights=False)[0]["history"])


def has_ended(path: Path, epochs: int) -> bool:
    """Whether a run that is to have so many epochs has had them all, or stopped early. Raises `InputError`."""
    state = _read(path, weights=False)[0]
    return bool(len(state["history"]) >= epochs or state["stopping"]["stopped_epoch"])


class RateState(BaseModel):
    """Of a plateau's schedule."""

    model_config = ConfigDict(strict=True)
    drops: NonNegativeInt
    best: Measured
    waited: NonNegativeInt


class StoppingState(BaseModel):
    """Of early stopping."""

    model_config = ConfigDict(strict=True)
    best: Measured
    best_epoch: NonNegativeInt
    stopped_epoch: NonNegativeInt


class Kept(BaseModel):
    """The JSON state of a checkpoint: a row for each epoch, and what callbacks keep."""

    model_config = ConfigDict(strict=True)
    history: list[Row]
    rate: RateState
    stopping: StoppingState

    @field_validator("history")
    @classmethod
    def _whole(cls, rows: list[Row]) -> list[Row]:
        if [row.get("epoch") for row in rows] != list(range(1, len(rows) + 1)):
            raise ValueError("the rows are not those of epochs 1, 2, ...")
        return rows


def _read(path: Path, weights: bool = True) -> tuple[State, list[NDArray[np.generic]]]:
    found = read_arrays(path, None if weights else ["state"])
    if "state" not in found:
        raise InputError("is not a checkpoint: it has no array called 'state'", file=shown(path))
    state = checked_json(path, Kept, found.pop("state").tobytes(), "is not a checkpoint")
    return state.model_dump(), [found[name] for name in sorted(found)]


def read_weights(path: Path) -> list[NDArray[np.generic]]:
    """The arrays of a file of weights, in their order. Raises `InputError`."""
    found = read_arrays(path)
    return [found[name] for name in sorted(found)]


def snapshot(model: keras.Model) -> list[NDArray[np.generic]]:
    """Copies of everything that training changes: weights, random states, the optimizer's variables."""
    return [value_of(variable) for variable in _variables(model)]


def restore(model: keras.Model, arrays: list[NDArray[np.generic]], place: str = "snapshot") -> None:
    """The inverse of `snapshot`."""
    variables = _variables(model)
    shapes = [tuple(variable.shape) for variable in variables], [array.shape for array in arrays]
    if shapes[0] != shapes[1] or any(array.dtype.kind not in "biufV" for array in arrays):
        message = f"holds {len(arrays)} arrays that do not fit the {len(variables)} of this network and optimizer"
        raise InputError(message, file=place)
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _variables(model: keras.Model) -> list[keras.Variable]:
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]
