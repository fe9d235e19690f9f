"""What calls return where it is a list: each shows itself in a notebook."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..html_tables import framed, image, text_table
from ..language.diagnostics import Diagnostic
from ..printing import counted

if TYPE_CHECKING:
    from ..training.sanity_checks import Line
    from ..training.timing import Timing

Row = dict[str, float]
"""The likeliest classes of an image, in falling order, with their probabilities."""


class Predictions(list[tuple[Path, Row | Diagnostic]]):
    """The likeliest classes of each image file, or why it cannot be read."""

    def _repr_html_(self) -> str:
        rows = [(file, found if isinstance(found, Diagnostic) else _shares(found)) for file, found in self]
        return text_table(counted(len(self), "image"), ("file", "classes"), rows)


def _shares(row: Row) -> str:
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

    def _repr_html_(self) -> str:
        pictures = [image(found.picture) if isinstance(found, Explained) else "" for _, found in self]
        texts = [f"<p>{escape(f'{file}: {found}')}</p>" for file, found in self]
        return framed("".join(text + picture for text, picture in zip(texts, pictures, strict=True)))


class Findings(list["Diagnostic | Line"]):
    """The errors of a network; where it has none, what the sanity checks found. Empty if all is right."""

    @property
    def ok(self) -> bool:
        """Whether there are neither errors nor warnings."""
        return all(not isinstance(one, Diagnostic) and one.ok for one in self)

    def _repr_html_(self) -> str:
        return framed(f"<pre>{escape(chr(10).join(map(str, self)))}</pre>" if self else "no errors")


class Measured(NamedTuple):
    """How long a network takes for a batch; `training` is a training step, None where it was left out."""

    name: str
    inference: Timing
    training: Timing | None


class Measurements(list[Measured]):
    """How long networks take on this machine."""

    def _repr_html_(self) -> str:
        rows = [(row.name, *_times(row.inference), *(_times(row.training) if row.training else ())) for row in self]
        names = ["network", "inference, ms", "images/s"]
        names += ["training step, ms", "images/s"] if any(row.training for row in self) else []
        sizes = {row.inference.batch for row in self}
        return text_table(f"batches of {', '.join(map(str, sizes))}", names, rows)


def _times(timing: Timing) -> tuple[str, str]:
    return f"{timing.milliseconds:,.1f} ± {timing.spread:,.1f}", f"{timing.images_per_second:,.1f}"
