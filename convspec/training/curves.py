"""The picture of a run: loss and accuracy by epoch, with the learning rate where it changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..figures import dress, legend, new_figure, save_figure
from .history import Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, LEFT, RIGHT = 4.4, 0.75, 0.15  # inches of a panel, and of what is beside its frame
TRAINING, VALIDATION, RATE = "#7f7f7f", "#1f77b4", "#2ca02c"


def draw_curves(rows: list[Row], path: Path, title: str, best_epoch: int | None = None) -> None:
    """Write a PNG; `best_epoch` is marked where weights were taken from it."""
    rates = [row["learning_rate"] for row in rows]
    panels = 3 if max(rates) > min(rates) else 2
    width, height = WIDE * panels, 3.7
    figure = new_figure(width, height, title, layout=None)
    # Places in inches, the same for every picture: Matplotlib's own layout draws all of it twice more.
    edges = {"left": LEFT / width, "right": 1 - RIGHT / width, "bottom": 0.52 / height, "top": 1 - 0.58 / height}
    between = (LEFT + RIGHT) / (WIDE - LEFT - RIGHT)
    axes = figure.subplots(1, panels, gridspec_kw={**edges, "wspace": between})
    _panel(axes[0], rows, "loss", best_epoch)
    _panel(axes[1], rows, "accuracy", best_epoch)
    if panels == 3:
        _line(axes[2], rows, "learning_rate", RATE)
        _over_epochs(axes[2], "learning rate at the end of the epoch")
        if min(rates) > 0 and max(rates) / min(rates) > 30:
            axes[2].set_yscale("log")
    save_figure(figure, path)


def _panel(axes: Axes, rows: list[Row], name: str, best_epoch: int | None) -> None:
    from matplotlib.ticker import PercentFormatter

    for key, label, colour in ((name, "training", TRAINING), (f"val_{name}", "validation", VALIDATION)):
        if all(key in row for row in rows):
            _line(axes, rows, key, colour, label=f"{label}, last {_short(rows[-1][key], name)}")
    if best_epoch:
        axes.axvline(best_epoch, color=VALIDATION, linewidth=0.8, linestyle=":", label=f"weights of epoch {best_epoch}")
    _over_epochs(axes, name)
    if name == "accuracy":
        axes.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=None))
    legend(axes)


def _line(axes: Axes, rows: list[Row], key: str, colour: str, label: str | None = None) -> None:
    epochs, values = ([row[name] for row in rows] for name in ("epoch", key))
    axes.plot(epochs, values, color=colour, marker="o" if len(rows) < 30 else None, markersize=3, label=label)


def _over_epochs(axes: Axes, title: str) -> None:
    from matplotlib.ticker import MaxNLocator

    dress(axes, "epoch", "", title)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _short(value: float, name: str) -> str:
    return f"{100 * value:.1f} %" if name == "accuracy" else f"{value:.3f}"
