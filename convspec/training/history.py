"""The table of a run, one row an epoch, kept on disk whole at every moment."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

from ..files import write_text

Row = dict[str, float]
REMEDY = "free some space or name another --out; --resume goes on after the last whole epoch"
"""What to do where the disk takes no more of a run."""

FIRST = ("epoch", "learning_rate", "seconds", "loss", "accuracy", "val_loss", "val_accuracy")


def write_history(folder: Path, rows: list[Row]) -> None:
    """Write `history.csv` and `history.json`; either is the old one or the new one, never a part."""
    columns = [name for name in FIRST if any(name in row for row in rows)]
    columns += sorted({name for row in rows for name in row} - set(columns))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(folder / "history.csv", text.getvalue(), remedy=REMEDY)
    write_json(folder / "history.json", rows)


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically; a number that is none becomes null, since JSON has no NaN."""
    write_text(path, json.dumps(_finite(value), indent=1, sort_keys=False) + "\n", remedy=REMEDY)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
