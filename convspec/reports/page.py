"""One HTML file out of sections: styles, script, data and charts inside, nothing loaded from elsewhere."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..files import write_text
from ..packages import missing

if TYPE_CHECKING:
    from jinja2 import Environment

ASSETS = Path(__file__).parent

Chart = dict[str, object]
"""A figure of Plotly: the element's id, traces and layout."""


@dataclass
class Section:
    """A heading of a report, and what is below it. `data` is more for the page's script."""

    name: str
    title: str
    html: str
    charts: Sequence[Chart] = ()
    data: Mapping[str, object] = field(default_factory=dict)


class Cell(NamedTuple):
    """A table's cell that is more than text; `value` is what it sorts by, `share` (0 to 1) the length of its bar."""

    text: str
    value: float | None = None
    css: str = ""
    share: float | None = None


class Row(NamedTuple):
    """A table's row, of a trial where it has one."""

    cells: Sequence[str | Cell]
    css: str = ""
    trial: str = ""


def write_page(path: Path, title: str, subtitle: str, sections: Sequence[Section]) -> None:
    """Write the report. Raises `InputError` where Plotly is missing or the file cannot be written."""
    charts = [chart for section in sections for chart in section.charts]
    data = {"charts": charts, **{key: value for section in sections for key, value in section.data.items()}}
    text = (
        _templates()
        .get_template("page.html")
        .render(
            title=title,
            subtitle=subtitle,
            sections=sections,
            style=_asset("report.css"),
            script=_asset("report.js"),
            plotly=_plotly() if charts else "",
            data=_embedded(data),
        )
    )
    write_text(path, text + "\n")


def part(name: str, *values: object) -> str:
    """A part of a page, by its macro in `parts.html`, which escapes all texts that it is given."""
    return str(getattr(_templates().get_template("parts.html").module, name)(*values))


def table(header: Sequence[str], rows: Iterable[Row], name: str = "", left: Sequence[int] = (0,)) -> str:
    """A table whose columns sort at a click; those in `left` are aligned to the left."""
    return part("table", header, rows, name, left)


@cache
def _templates() -> Environment:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
    except ImportError:
        raise missing("a report needs the package jinja2", "report") from None
    return Environment(loader=FileSystemLoader(ASSETS), autoescape=select_autoescape(), undefined=StrictUndefined)


def _asset(name: str) -> str:
    return (ASSETS / name).read_text("utf-8")


def finite(value: object) -> object:
    """JSON has no NaN: a number that is none becomes null."""
    if isinstance(value, Mapping):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _embedded(data: Mapping[str, object]) -> str:
    """JSON that cannot end the script element around it."""
    return json.dumps(finite(data), separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def _plotly() -> str:
    try:
        from plotly.offline import get_plotlyjs
    except ImportError:
        raise missing("a report with charts needs the package plotly", "report") from None
    return str(get_plotlyjs())
