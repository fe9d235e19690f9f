"""Networks side by side: what each one costs and sees, and how well it is published to do."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..graph import format_shape
from ..html_tables import text_table
from ..option_names import spoken
from ..printing import counted
from ..read_only import ReadOnlyDict
from ..text_tables import aligned, markdown
from .analysis import Analysis
from .table import human, number

SOURCE = "https://keras.io/api/applications, top-1 accuracy on ImageNet's validation images"
"""Where `published.csv` comes from."""


class Row(NamedTuple):
    """One network. Bytes are for the analysis's batch and dtype; `top1` is published, in percent, None where unknown.

    `receptive_field` is that of the last map before global pooling, in input pixels.
    """

    name: str
    input: tuple[int | None, ...]
    parameters: int
    macs: int | None
    activation_bytes: int | None
    weight_bytes: int
    depth: int
    receptive_field: int | None
    top1: float | None

    @property
    def memory(self) -> int | None:
        """Activations and weights together, in bytes."""
        return None if self.activation_bytes is None else self.activation_bytes + self.weight_bytes


class Comparison(list[Row]):
    """Networks side by side, one row per network; a notebook shows them as a table.

    `sources` are what they were loaded from, in the same order; empty for one that came from no file.
    """

    def __init__(self, rows: Iterable[Row], sources: Sequence[str]) -> None:
        super().__init__(rows)
        self.sources = sources

    @property
    def told_apart(self) -> list[Row]:
        """The rows, with the file in the names of networks that are called the same."""
        return told_apart(self, self.sources)

    def __str__(self) -> str:
        return render(self.told_apart)

    def _repr_html_(self) -> str:
        header, *rows = _cells(self.told_apart)
        return text_table(counted(len(self), "network"), header, rows)


def compare(analyses: Iterable[Analysis], published: Sequence[str] = ()) -> list[Row]:
    """A row a network; `published` names those that are exactly the networks of the catalogue."""
    return [_row(analysis, published_top1().get(analysis.name) if analysis.name in published else None)
            for analysis in analyses]  # fmt: skip


def told_apart(rows: Sequence[Row], sources: Sequence[str]) -> list[Row]:
    """The rows, those of one name with the file each came from: two versions of a network are mostly called the same.

    `sources` are what the networks were loaded from, in the same order; one that came from no file is empty, and its
    place among the networks replaces the file.
    """
    counts = Counter(row.name for row in rows)
    return [
        row._replace(name=f"{row.name} ({source or f'network {place}'})") if counts[row.name] > 1 else row
        for place, (row, source) in enumerate(zip(rows, sources, strict=True), start=1)
    ]


@cache
def published_top1() -> dict[str, float]:
    """Top-1 accuracy in percent of the networks in Keras's table."""
    with (Path(__file__).with_name("published.csv")).open(encoding="utf-8", newline="") as file:
        return ReadOnlyDict({row["network"]: float(row["top1"]) for row in csv.DictReader(file)})


def to_dicts(rows: Sequence[Row]) -> list[dict[str, object]]:
    """What `convspec compare --json` prints."""
    return [{**row._asdict(), "input": list(row.input)} for row in rows]


def render(rows: Sequence[Row]) -> str:
    """An aligned table."""
    return "\n".join([*aligned(_cells(rows)), *(["", *_notes(rows)] if _notes(rows) else [])])


def render_markdown(rows: Sequence[Row]) -> str:
    """The same as a table of Markdown."""
    return "\n".join([*markdown(_cells(rows)), *(line for note in _notes(rows) for line in ("", note))])


def _notes(rows: Sequence[Row]) -> list[str]:
    notes = []
    if any(row.macs is None for row in rows):
        notes.append(spoken("? depends on the height and width of an open input; --input HxWxC gives it"))
    if any(row.top1 for row in rows):
        notes.append(f"top-1 is published, not measured here: {SOURCE}")
    return notes


def _cells(rows: Sequence[Row]) -> list[list[str]]:
    header = ["network", "input", "parameters", "MACs", "activations", "weights", "depth", "field"]
    known = any(row.top1 for row in rows)
    lines = [
        [
            row.name, format_shape(row.input), number(row.parameters), number(row.macs),
            human(row.activation_bytes, "B"), human(row.weight_bytes, "B"), str(row.depth),
            number(row.receptive_field), *([f"{row.top1:.1f} %" if row.top1 else ""] if known else []),
        ]
        for row in rows
    ]  # fmt: skip
    return [[*header, *(["top-1"] if known else [])], *lines]


def _row(analysis: Analysis, top1: float | None) -> Row:
    totals = analysis.totals
    shape = analysis.spec.input if analysis.spec is not None else analysis.graph.inputs[0].shape
    return Row(
        name=analysis.name,
        input=tuple(shape),
        parameters=totals.parameters,
        macs=totals.macs,
        activation_bytes=totals.activation_bytes,
        weight_bytes=totals.weight_bytes,
        depth=totals.depth,
        receptive_field=analysis.receptive_field,
        top1=top1,
    )
