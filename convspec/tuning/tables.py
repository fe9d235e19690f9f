"""A search as tables: one row a trial, one row an epoch."""

from __future__ import annotations

from collections.abc import Sequence

from ..text_tables import csv_text
from .search_files import cell_text
from .store import COLUMNS as MEASURED, Record, trial_name

COLUMNS = (
    "trial", "stage", "state", "score", "deviation", "best_epoch", "epochs", "parameters", "seconds", "finished",
    "reason",
)  # fmt: skip
SHORT = {"learning_rate": "lr", "val_accuracy": "val_acc", "accuracy": "acc", "weight_decay": "decay"}


def trials_csv(records: Sequence[Record], paths: Sequence[str]) -> str:
    """`trials.csv`: the trials in the order of their numbers, a column for each field.

    Values are written by `cell_text`. Where trials were trained on several nodes, there is a column `node`.
    """
    columns = [*COLUMNS, "node"] if len({record.node for record in records if record.node}) > 1 else COLUMNS
    rows = []
    for record in records:
        row = {name: getattr(record, name) for name in columns if name != "trial"}
        chosen = {path: cell_text(record.values[path]) for path in paths if path in record.values}
        rows.append({"trial": trial_name(record), **row, **chosen})
    return csv_text([*columns, *paths], rows)


def history_csv(records: Sequence[Record]) -> str:
    """`history.csv`: the epochs of all trials."""
    rows = [{"trial": trial_name(record), "stage": record.stage, **row} for record in records for row in record.history]
    return csv_text(("trial", "stage", *MEASURED), rows)


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """The shortest endings that tell fields apart: `train.optimizer.learning_rate` -> `lr`."""
    names = {}
    for path in paths:
        parts = path.split(".")
        size = next(
            size
            for size in range(1, len(parts) + 1)
            if size == len(parts) or sum(other.split(".")[-size:] == parts[-size:] for other in paths) == 1
        )
        name = ".".join(parts[-size:])
        names[path] = SHORT.get(name, name)
    return names


def value_text(value: object) -> str:
    """A value as a table shows it: 1.41e-04, 64, sgd, [16, 16].

    A number that somebody wrote is shown in full, so that members of a choice differ; one that was drawn from
    a range has three digits.
    """
    if not isinstance(value, float):
        return cell_text(value)
    short = f"{value:.2e}" if value and not 0.01 <= abs(value) < 1000 else f"{value:.3g}"
    return short if float(short) == value or _digits(value) > WRITTEN else repr(value)


WRITTEN = 12
"""The most significant digits of a number that somebody wrote; a number that was drawn has 16 or 17."""


def _digits(value: float) -> int:
    return len(repr(value).partition("e")[0].replace(".", "").strip("-0"))


def trial_line(record: Record, metric: str, names: dict[str, str], number: int, total: int) -> str:
    """`0000  val_acc: 0.412  lr: 1.41e-04  l2: 4.79e-01  (1 / 100)`: the trial, and how many have ended."""
    score = f"{SHORT.get(metric, metric)}: " + ("-" if record.score is None else f"{record.score:.4f}")
    if record.deviation is not None:
        score += f" ± {record.deviation:.4f}"
    values = [f"{names.get(path, path)}: {value_text(value)}" for path, value in record.values.items()]
    state = "" if record.state == "completed" else f"  {record.state}: {record.reason}"
    name = [trial_name(record)] if record.trial is not None else []
    return "  ".join([*name, score, *(values or ["as written"]), f"({number} / {total})"]) + state
