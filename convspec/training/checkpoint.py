"""The whole state of a run in one file, replaced at the end of each epoch."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ..data.dataset import shown
from ..files import whole_file
from ..spec.faults import Fault, FaultError
from .compiling import value_of
from .history import REMEDY

State = dict[str, Any]


def save_checkpoint(path: Path, model: keras.Model, state: State) -> None:
    """Write weights, random states and optimizer of a compiled model, and a JSON state, in one atomic step."""
    arrays: dict[str, Any] = {f"{number:06d}": array for number, array in enumerate(snapshot(model))}
    with whole_file(path, remedy=REMEDY) as beside, beside.open("wb") as file:
        np.savez(file, state=np.frombuffer(json.dumps(state).encode(), np.uint8), **arrays)


def load_checkpoint(path: Path, model: keras.Model) -> State:
    """Put a checkpoint into a compiled model and return its JSON state."""
    state, arrays = _read(path)
    restore(model, arrays, shown(path))
    return state


def epochs_done(path: Path) -> int:
    """How many epochs had ended when a checkpoint was written."""
    return len(_read(path, weights=False)[0]["history"])


def _read(path: Path, weights: bool = True) -> tuple[State, list[NDArray[Any]]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            names = sorted(set(archive.files) - {"state"}) if weights else []
            return json.loads(archive["state"].tobytes()), [archive[name] for name in names]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise FaultError(Fault(f"is no checkpoint: {error}", file=shown(path))) from error


def snapshot(model: keras.Model) -> list[NDArray[Any]]:
    """Copies of everything that training changes: weights, random states, the optimizer's variables."""
    return [value_of(variable) for variable in _variables(model)]


def restore(model: keras.Model, arrays: list[NDArray[Any]], place: str = "snapshot") -> None:
    """The inverse of `snapshot`."""
    variables = _variables(model)
    shapes = [tuple(variable.shape) for variable in variables], [array.shape for array in arrays]
    if shapes[0] != shapes[1]:
        message = f"holds {len(arrays)} arrays that do not fit the {len(variables)} of this network and optimizer"
        raise FaultError(Fault(message, file=place))
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _variables(model: keras.Model) -> list[keras.Variable]:
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]
