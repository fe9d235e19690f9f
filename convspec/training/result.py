"""What came out of a run, and the files at its end that say so: `model.keras`, `curves.png`, `result.json`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import keras
from PIL import Image
from pydantic import BaseModel, ConfigDict, PositiveInt, TypeAdapter

from ..html_tables import image, text_table
from ..json_files import JsonError, Measured, parse_json
from ..language.diagnostics import InputError
from .curves import draw_curves
from .history import Row, read_history, write_json
from .progress import duration
from .saving import Inputs, is_saved, save_trained


@dataclass(frozen=True)
class Result:
    """What came out of a run; `epoch` is the one whose weights `model` has, accuracies are shares from 0 to 1.

    `seconds` is the time of the run, of a resumed one with the epochs before it was stopped.
    """

    history: tuple[Row, ...]
    epoch: int
    val_loss: float
    val_accuracy: float
    test_loss: float | None
    test_accuracy: float | None
    seconds: float
    folder: Path | None = field(default=None)
    model: keras.Model | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        parts = [f"validation accuracy {100 * self.val_accuracy:.2f} % (epoch {self.epoch})"]
        if self.test_accuracy is not None:
            parts.append(f"test accuracy {100 * self.test_accuracy:.2f} %")
        return ", ".join([*parts, duration(self.seconds)])

    def _repr_html_(self) -> str:
        """The figures, the epochs, and the curves where they were drawn."""
        curves = "" if self.folder is None else image(self.folder / "curves.png")
        names = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")
        rows = [[row[names[0]], *(f"{row[name]:.4f}" for name in names[1:])] for row in self.history]
        return text_table(str(self), names, rows) + curves


class Results(tuple[Result, ...]):
    """What came out of the members of an ensemble."""

    def __str__(self) -> str:
        return "\n".join(f"member {number}: {result}" for number, result in enumerate(self, start=1))

    def _repr_html_(self) -> str:
        rows = [(number, str(result)) for number, result in enumerate(self, start=1)]
        return text_table(f"an ensemble of {len(self)}", ("member", "result"), rows)


class _ResultFile(BaseModel):
    """`result.json`. Without test images there is no test accuracy; a null beside one is a loss of NaN."""

    model_config = ConfigDict(strict=True)
    epoch: PositiveInt
    val_loss: Measured
    val_accuracy: Measured
    test_loss: Measured
    test_accuracy: float | None
    seconds: Measured


_RESULT_FILE = TypeAdapter(_ResultFile)


def write_result(result: Result, folder: Path, inputs: Inputs, title: str, *, best: bool, again: bool) -> Result:
    """Write the files at the end of a run; the result, with the time that the run took.

    `best` says that the weights are those of the best epoch, `again` that the run had ended before. Then files that
    are whole and hold this result stay as they are, byte for byte.
    """
    model, epochs = result.model, len(result.history)
    saved = _read(folder) if again else None
    same = saved is not None and _figures(saved) == _figures(result)
    if again:
        seconds = saved.seconds if saved is not None and same else sum(row["seconds"] for row in result.history)
        result = replace(result, seconds=seconds)
    if not (again and is_saved(folder / "model.keras", epochs)):
        save_trained(model, folder / "model.keras", inputs)
    if not (same and _is_picture(folder / "curves.png")):
        draw_curves(list(result.history), folder / "curves.png", title, result.epoch if best else None)
    if not same:
        write_json(folder / "result.json", _figures(result) | {"seconds": result.seconds})
    return result


def read_result(folder: Path) -> Result | None:
    """What came out of a run, without the model; None unless all files at its end are there and whole."""
    saved = _read(folder)
    try:
        rows = read_history(folder)
    except InputError:
        return None
    if saved is None or not is_saved(folder / "model.keras", len(rows)) or not _is_picture(folder / "curves.png"):
        return None
    figures = saved.model_dump()
    if saved.test_accuracy is None:
        figures["test_loss"] = None
    return Result(tuple(rows), **figures, folder=folder)


def _read(folder: Path) -> _ResultFile | None:
    try:
        return parse_json((folder / "result.json").read_bytes(), _RESULT_FILE)
    except (OSError, JsonError):
        return None


def _figures(saved: Result | _ResultFile) -> dict[str, float | None]:
    """What a result says beside the time, as JSON has it: there, no number equals itself."""
    names = ("epoch", "val_loss", "val_accuracy", "test_loss", "test_accuracy")
    found = {name: getattr(saved, name) for name in names}
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in found.items()}


def _is_picture(path: Path) -> bool:
    """Whether a picture is there and undamaged, by the checksums in it."""
    try:
        with Image.open(path) as image:
            image.verify()
    except Exception:  # whatever Pillow raises for what a damaged file holds
        return False
    return True
