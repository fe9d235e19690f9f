"""A search as tables: one row a trial, one row an epoch, and the best spec."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from ..spec import Spec
from .store import Record

COLUMNS = (
    "trial", "stage", "state", "score", "deviation", "best_epoch", "epochs", "parameters", "seconds", "finished",
    "reason",
)  # fmt: skip
EPOCH_COLUMNS = (
    "trial", "stage", "run", "epoch", "learning_rate", "loss", "accuracy", "val_loss", "val_accuracy",
    "val_crossentropy", "seconds",
)  # fmt: skip
SHORT = {"learning_rate": "lr", "val_accuracy": "val_acc", "accuracy": "acc", "weight_decay": "decay"}


def trials_csv(records: Sequence[Record], paths: Sequence[str]) -> str:
    """`trials.csv`: the trials in the order of their numbers, each field of the space a column."""
    rows = []
    for number, record in enumerate(records):
        row = {name: getattr(record, name) for name in COLUMNS if name != "trial"}
        chosen = {path: record.values[path] for path in paths if path in record.values}
        rows.append({"trial": f"{number:04d}", **row, **chosen})
    return _csv([*COLUMNS, *paths], rows)


def history_csv(records: Sequence[Record]) -> str:
    """`history.csv`: the epochs of all trials."""
    rows = [
        {"trial": f"{number:04d}", "stage": record.stage, **row}
        for number, record in enumerate(records)
        for row in record.history
    ]
    return _csv(EPOCH_COLUMNS, rows)


def _csv(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def spec_yaml(spec: Spec, remark: str) -> str:
    """A complete spec as YAML, with a remark on top."""
    text = yaml.dump(plain(spec.source), Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)
    return "".join(f"# {line}\n" for line in remark.splitlines()) + text


class _Dumper(yaml.SafeDumper):
    """Mappings and lists of plain values on one line, as people write them."""


def _mapping(dumper: yaml.SafeDumper, value: dict[str, Any]) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=_flat(value.values()) and bool(value))


def _sequence(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=_flat(value))


def _flat(values: Iterable[Any]) -> bool:
    return not any(isinstance(value, (dict, list)) and value for value in values)


def plain(value: Any) -> Any:
    """Located data as plain mappings and lists."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _sequence)


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


def value_text(value: Any) -> str:
    """A value as a table shows it: 1.41e-04, 64, sgd."""
    if isinstance(value, float):
        return f"{value:.2e}" if value and not 0.01 <= abs(value) < 1000 else f"{value:.3g}"
    return (
        {True: "true", False: "false", None: "null"}[value] if value is None or isinstance(value, bool) else str(value)
    )


def trial_line(record: Record, metric: str, names: dict[str, str], number: int, total: int) -> str:
    """`val_acc: 0.412  lr: 1.41e-04  l2: 4.79e-01  (1 / 100)`."""
    score = f"{SHORT.get(metric, metric)}: " + ("-" if record.score is None else f"{record.score:.4f}")
    if record.deviation is not None:
        score += f" ± {record.deviation:.4f}"
    values = [f"{names[path]}: {value_text(value)}" for path, value in record.values.items()]
    state = "" if record.state == "completed" else f"  {record.state}: {record.reason}"
    return "  ".join([score, *(values or ["as written"]), f"({number} / {total})"]) + state
