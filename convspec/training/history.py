"""The table of a run, one row an epoch, kept on disk whole at every moment."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..data.dataset import shown
from ..spec.faults import Fault, FaultError

Row = dict[str, float]
FIRST = ("epoch", "learning_rate", "seconds", "loss", "accuracy", "val_loss", "val_accuracy")


def write_history(folder: Path, rows: list[Row]) -> None:
    """Write `history.csv` and `history.json`; either is the old one or the new one, never a part."""
    columns = [name for name in FIRST if any(name in row for row in rows)]
    columns += sorted({name for row in rows for name in row} - set(columns))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(folder / "history.csv", text.getvalue())
    write_json(folder / "history.json", rows)


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically; a number that is none becomes null, since JSON has no NaN."""
    write_text(path, json.dumps(_finite(value), indent=1, sort_keys=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file under another name and move it into place. Raises `FaultError`."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with writing(path):
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what a disk refuses inside into a fault. Raises `FaultError`."""
    try:
        yield
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}"
        remedy = "make room or name another --out; --resume goes on after the last whole epoch"
        raise FaultError(Fault(message, file=shown(path), remedy=remedy)) from error


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
