"""Networks side by side as a picture: bubbles over MACs and parameters, and bars."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from ..analysis.comparison import Row
from ..analysis.table import human
from ..figures import new_figure
from ..files import write_bytes
from ..packages import is_installed, missing
from .colours import DARK, LIGHT
from .formats import check_ending, page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Labels = tuple[list[float], list[float], list[str]]
BUBBLES = (60.0, 1400.0)
"""Areas of the smallest and the largest bubble, in square points."""

BARS: tuple[tuple[str, Callable[[Row], float | None], str], ...] = (
    ("parameters", lambda row: row.parameters, ""),
    ("MACs", lambda row: row.macs, ""),
    ("activations + weights", lambda row: row.memory, "B"),
    ("depth", lambda row: row.depth, ""),
    ("receptive field", lambda row: row.receptive_field, "px"),
)

UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
"""For Matplotlib, which writes the time of drawing: the same comparison is the same file."""

_one_style = threading.RLock()
"""Matplotlib's parameters are the whole process's: one thread at a time changes them, and puts them back."""


def draw_comparison(rows: Sequence[Row], path: Path, *, dark: bool = False) -> None:
    """Write the picture in the format of the path's ending. Raises `InputError` where that cannot be done."""
    check_ending(path)
    if not is_installed("textalloc"):  # which brings Matplotlib
        raise missing("a picture of a comparison needs the package textalloc", "pictures")
    from matplotlib import rc_context

    ending = path.suffix.lower()
    content = BytesIO()
    with _one_style, rc_context(_style(dark)):
        form = "svg" if ending == ".html" else ending[1:]
        _figure(rows).savefig(content, format=form, metadata=UNDATED.get(form))
    data = content.getvalue()
    if ending == ".html":
        text = data.decode()
        data = page(text[text.index("<svg") :], "Comparison", "dark" if dark else "light").encode()
    write_bytes(path, data)


def _figure(rows: Sequence[Row]) -> Figure:
    colours = _colours(rows)
    charts = [_parameters_chart] + ([_accuracy_chart] if sum(row.top1 is not None for row in rows) > 1 else [])
    bars = 0.6 + 0.24 * len(rows)
    figure = new_figure(6.6 * len(charts) + 1, 5.2 + bars)
    rows_of_charts = figure.add_gridspec(2, 1, height_ratios=[5.2, bars])
    grid = rows_of_charts[0].subgridspec(1, len(charts))
    bubbles = [figure.add_subplot(grid[0, column]) for column in range(len(charts))]
    drawn = [row for row in rows if row.macs]
    labels = [chart(axes, drawn, colours) for axes, chart in zip(bubbles, charts, strict=True)]
    bars_grid = rows_of_charts[1].subgridspec(1, len(BARS))
    _bars([figure.add_subplot(bars_grid[0, column]) for column in range(len(BARS))], rows, colours)
    figure.draw_without_rendering()  # places the charts, so that names can be put where there is room
    figure.set_layout_engine("none")
    for axes, (xs, ys, names) in zip(bubbles, labels, strict=True):
        _label(axes, xs, ys, names)
    return figure


def _colours(rows: Sequence[Row]) -> dict[str, str]:
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    palette = colormaps["tab10" if len(rows) <= 10 else "tab20"]
    return {row.name: to_hex(palette(index % palette.N)) for index, row in enumerate(rows)}


def _parameters_chart(axes: Axes, rows: Sequence[Row], colours: dict[str, str]) -> Labels:
    axes.set_title("parameters over MACs, the area is the memory for one batch")
    axes.set_ylabel("parameters")
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _: human(value))
    return _bubbles(axes, rows, colours, lambda row: row.parameters, lambda row: row.memory or 0)


def _accuracy_chart(axes: Axes, rows: Sequence[Row], colours: dict[str, str]) -> Labels:
    axes.set_title("published top-1 on ImageNet (keras.io) over MACs, the area is the parameters")
    axes.set_ylabel("top-1 accuracy as published, %")
    known = [row for row in rows if row.top1 is not None]
    return _bubbles(axes, known, colours, lambda row: row.top1 or 0.0, lambda row: row.parameters)


def _bubbles(
    axes: Axes, rows: Sequence[Row], colours: dict[str, str], y: Callable[[Row], float], area: Callable[[Row], float]
) -> Labels:
    axes.set_xscale("log")
    axes.set_xlabel("MACs")
    axes.xaxis.set_major_formatter(lambda value, _: human(value))
    axes.margins(0.16)
    axes.grid(alpha=0.3, linewidth=0.6)
    largest = max((area(row) for row in rows), default=1) or 1
    xs, ys = [float(row.macs or 0) for row in rows], [y(row) for row in rows]
    sizes = [max(BUBBLES[0], BUBBLES[1] * area(row) / largest) for row in rows]
    axes.scatter(xs, ys, s=sizes, c=[colours[row.name] for row in rows], alpha=0.6)
    return xs, ys, [row.name for row in rows]


def _label(axes: Axes, xs: list[float], ys: list[float], names: list[str]) -> None:
    """Names beside the bubbles where they do not cover each other."""
    from textalloc import allocate

    if not names:
        return  # textalloc would say so on the terminal
    colour = axes.yaxis.label.get_color()
    allocate(axes, xs, ys, names, x_scatter=xs, y_scatter=ys, textsize=8, textcolor=colour, linecolor=colour,
             linewidth=0.5, min_distance=0.02, max_distance=0.2)  # fmt: skip


def _bars(all_axes: Sequence[Axes], rows: Sequence[Row], colours: dict[str, str]) -> None:
    names = [row.name for row in rows]
    for axes, (title, value, unit) in zip(all_axes, BARS, strict=True):
        values = [float(value(row) or 0) for row in rows]
        drawn = axes.barh(names, values, color=[colours[name] for name in names], alpha=0.75)
        axes.bar_label(drawn, [_amount(value(row), unit) for row in rows], fontsize=7, padding=2)
        axes.set_title(title)
        axes.set_xlim(0, max([*values, 1]) * 1.35)
        axes.set_xticks([])
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        axes.tick_params(labelsize=8, length=0, labelleft=axes is all_axes[0])
        axes.set_ylim(len(rows) - 0.4, -0.6)


def _amount(value: float | None, unit: str) -> str:
    return human(value, unit) if value is None or unit != "px" else f"{value:,.0f} px"


def _style(dark: bool) -> dict[str, object]:
    ink = DARK if dark else LIGHT
    return {
        "figure.facecolor": ink["paper"], "axes.facecolor": ink["paper"], "savefig.facecolor": ink["paper"],
        "text.color": ink["text"], "axes.labelcolor": ink["text"], "axes.edgecolor": ink["line"],
        "xtick.color": ink["quiet"], "ytick.color": ink["quiet"], "grid.color": ink["line"],
        "axes.titlesize": 9.5, "axes.labelsize": 9, "xtick.labelsize": 8, "ytick.labelsize": 8,
        "axes.spines.top": False, "axes.spines.right": False,
        "svg.hashsalt": "convspec",
    }  # fmt: skip
