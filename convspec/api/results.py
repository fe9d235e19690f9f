"""What calls return where it is a list: each shows itself in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..html_tables import framed, image, text_table
from ..language.diagnostics import Diagnostic
from ..printing import counted

if TYPE_CHECKING:
    from ..data.pixels import PixelRange
    from ..training.sanity_checks import Line
    from ..training.timing import Timing

Row = dict[str, float]
"""The likeliest classes of an image, in falling order, with their probabilities."""


class Predictions(list[tuple[Path, Row | Diagnostic]]):
    """The likeliest classes of each image file, or why it cannot be read."""

    def _rows(self) -> list[tuple[Path, str | Diagnostic]]:
        return [(file, found if isinstance(found, Diagnostic) else shares(found)) for file, found in self]

    def __str__(self) -> str:
        return _one_per_line(self._rows())

    def _repr_html_(self) -> str:
        return text_table(counted(len(self), "image"), ("file", "classes"), self._rows())


def _one_per_line(found: Iterable[tuple[Path, object]]) -> str:
    """Each file and what was found in it; an error names its file itself."""
    return "\n".join(str(one) if isinstance(one, Diagnostic) else f"{file}: {one}" for file, one in found)


def shares(row: Row) -> str:
    """`cat 91.3 %, dog 6.0 %`."""
    return ", ".join(f"{name} {100 * share:.1f} %" for name, share in row.items())


class Explained(NamedTuple):
    """Where a network sees a class in an image; `row` and `column` are those of the place that counts most."""

    class_name: str
    probability: float
    row: int
    column: int
    picture: Path

    def __str__(self) -> str:
        share = f"{self.class_name} {100 * self.probability:.1f} %"
        return f"{share}, most around row {self.row}, column {self.column}: {self.picture}"


class Explanations(list[tuple[Path, Explained | Diagnostic]]):
    """What the picture of each image file shows, or why the file cannot be read."""

    @property
    def ok(self) -> bool:
        """Whether all images could be read."""
        return not any(isinstance(found, Diagnostic) for _, found in self)

    def __str__(self) -> str:
        return _one_per_line(self)

    def _repr_html_(self) -> str:
        pictures = [image(found.picture) if isinstance(found, Explained) else "" for _, found in self]
        texts = [f"<p>{escape(f'{file}: {found}')}</p>" for file, found in self]
        return framed("".join(text + picture for text, picture in zip(texts, pictures, strict=True)))


class Exported(NamedTuple):
    """What an export wrote, and the largest difference of its outputs from the network's.

    `card` is the JSON file with the names of the classes, and `pixel_range` what the export reads; None with `raw`.
    """

    file: Path
    format: str
    difference: float
    card: Path | None
    pixel_range: PixelRange | None

    def __str__(self) -> str:
        what = "outputs" if self.card is None else "probabilities"
        text = f"{self.file}: {self.format}, run beside the network: {what} differ by at most {self.difference:.1e}"
        return text if self.card is None else f"{text}\nit reads pixels {self.pixel_range}; {self.card} has the classes"

    def _repr_html_(self) -> str:
        return framed(f"<pre>{escape(str(self))}</pre>")


class Findings(list["Diagnostic | Line"]):
    """The errors of a network; where it has none, what the sanity checks found. Empty if all is right.

    `title` is what the network is called; `notes` are no errors, but worth knowing before there are images.
    """

    def __init__(self, title: str, found: Iterable[Diagnostic | Line] = (), notes: Iterable[str] = ()) -> None:
        super().__init__(found)
        self.title, self.notes = title, tuple(notes)

    @property
    def ok(self) -> bool:
        """Whether there are neither errors nor warnings."""
        return all(not isinstance(one, Diagnostic) and one.ok for one in self)

    def __str__(self) -> str:
        wrong = any(isinstance(one, Diagnostic) for one in self)
        lines = [*([] if wrong else [f"{self.title}: ok"]), *self, *(f"  {note}" for note in self.notes)]
        return "\n".join(map(str, lines))

    def _repr_html_(self) -> str:
        return framed(f"<pre>{escape(str(self))}</pre>")


class Measured(NamedTuple):
    """How long a network takes for a batch; `training` is a training step, None where it was left out."""

    name: str
    inference: Timing
    training: Timing | None

    def row(self, width: int) -> str:
        """The row of the command's table, with so many characters for the name."""
        times = [_times(timing) for timing in (self.inference, self.training) if timing is not None]
        return "  ".join([f"{self.name:{width}}", *(f"{spent:>20}  {rate:>9}" for spent, rate in times)])

    def to_dict(self) -> dict[str, dict[str, float]]:
        """The figures for JSON."""
        parts = {"inference": self.inference, "training": self.training}
        return {
            part: {
                "milliseconds": round(timing.milliseconds, 3),
                "spread": round(timing.spread, 3),
                "images_per_second": round(timing.images_per_second, 1),
            }
            for part, timing in parts.items()
            if timing is not None
        }


class Measurements(list[Measured]):
    """How long networks take; `conditions` are the batch, the dtype, the repeats, the device, the backend and Keras."""

    def __init__(self, measured: Iterable[Measured], conditions: Mapping[str, int | str]) -> None:
        super().__init__(measured)
        self.conditions = dict(conditions)

    def __str__(self) -> str:
        width = max([7, *(len(row.name) for row in self)])
        return "\n".join([self.heading(width), *(row.row(width) for row in self)])

    def heading(self, width: int) -> str:
        """The lines above the rows of the command's table."""
        form = "batches of {batch}, {dtype}, median of {repeats}, on {device}, Keras {keras} with {backend}"
        times = f"{'inference, ms':>20}  {'images/s':>9}  {'training step, ms':>20}  {'images/s':>9}"
        columns = f"{'network':{width}}  {times}"
        return f"{form.format_map(self.conditions)}\n{columns}\n{'-' * len(columns)}"

    def to_dict(self) -> dict[str, object]:
        """The conditions, and the figures of each network, for JSON."""
        return {**self.conditions, "networks": {row.name: row.to_dict() for row in self}}

    def _repr_html_(self) -> str:
        rows = [(row.name, *_times(row.inference), *(_times(row.training) if row.training else ())) for row in self]
        names = ["network", "inference, ms", "images/s"]
        names += ["training step, ms", "images/s"] if any(row.training for row in self) else []
        sizes = {row.inference.batch for row in self}
        return text_table(f"batches of {', '.join(map(str, sizes))}", names, rows)


def _times(timing: Timing) -> tuple[str, str]:
    return f"{timing.milliseconds:,.1f} ± {timing.spread:,.1f}", f"{timing.images_per_second:,.1f}"
