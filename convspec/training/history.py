"""The table of a run, one row per epoch, whole on the disk at every moment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, PositiveInt, TypeAdapter

from ..files import shown, write_text
from ..json_files import Data, JsonError, Measured, having, json_text, parse_json
from ..language.diagnostics import InputError
from ..text_tables import csv_text

Content = TypeVar("Content")
FIRST = ("epoch", "learning_rate", "seconds", "loss", "accuracy", "val_loss", "val_accuracy")
"""Columns that each run has, in the table's order."""

Row = Annotated[dict[str, int | Measured], having(*FIRST, whole=("epoch",))]
"""What one epoch came to, by column: `epoch` is a whole number, all else was measured."""

HISTORY: TypeAdapter[list[Row]] = TypeAdapter(list[Row], config=ConfigDict(strict=True))

REMEDY = "free some space or name another --out; --resume goes on after the last whole epoch"
"""What to do where the disk takes no more of a run."""


class Asked(BaseModel):
    """The recipe of a run; an earlier version may have written other fields."""

    model_config = ConfigDict(extra="allow", strict=True)
    __pydantic_extra__: dict[str, JsonValue]
    epochs: PositiveInt


class RunFile(BaseModel):
    """`run.json`; whatever else it holds says of which network the run is."""

    model_config = ConfigDict(extra="allow", strict=True)
    __pydantic_extra__: dict[str, JsonValue]
    data: Data
    recipe: Asked


RUN_FILE = TypeAdapter(RunFile)


def write_history(folder: Path, rows: list[Row]) -> None:
    """Write `history.csv` and `history.json`; either is the old one or the new one, never a part."""
    columns = [name for name in FIRST if any(name in row for row in rows)]
    columns += sorted({name for row in rows for name in row} - set(columns))
    write_text(folder / "history.csv", csv_text(columns, rows), remedy=REMEDY)
    write_json(folder / "history.json", rows)


def read_history(folder: Path) -> list[Row]:
    """The rows that `write_history` wrote into a folder, equal to what they were. Raises `InputError`."""
    return read_json(folder / "history.json", HISTORY, "is not the history of a run", "`--resume` writes it anew")


def read_run(folder: Path) -> RunFile:
    """What `run.json` of a folder says. Raises `InputError`."""
    return read_json(folder / "run.json", RUN_FILE, "does not say what run this is", "name another --out")


def read_json(path: Path, model: TypeAdapter[Content], wrong: str, remedy: str) -> Content:
    """What a JSON file holds. Raises `InputError`, with `wrong` before the reason."""
    try:
        return parse_json(path.read_bytes(), model)
    except (OSError, JsonError) as error:
        message = f"{wrong}: {getattr(error, 'strerror', None) or error}"
        raise InputError(message, file=shown(path), remedy=remedy) from None


def write_json(path: Path, value: object) -> None:
    """Write JSON atomically; NaN as null, infinity as "inf"."""
    write_text(path, json_text(value, indent=1), remedy=REMEDY)
