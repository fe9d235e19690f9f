"""The confusion matrix: which class is taken for which, and the share of each that is found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..figures import new_figure, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WRITTEN, NAMED = 20, 60  # the most classes whose counts are written, and whose names
BAR = "#a9c4de"


def draw_confusion(matrix: NDArray[np.int64], names: tuple[str, ...], path: Path, title: str) -> None:
    """Write a PNG: each row's shares as colours, its counts where there is room, and beside it the share found."""
    classes = len(names)
    side = min(10.0, max(3.4, 0.42 * classes))
    label = min(2.2, 0.075 * max(len(name) for name in names)) if classes <= NAMED else 0.3
    figure = new_figure(side + label + 2.2, side + label + 0.9)
    axes, bars = figure.subplots(1, 2, sharey=True, width_ratios=(side, 1.5))
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    if classes <= WRITTEN:
        _write_counts(axes, matrix, shares)
    _name(axes, names)
    axes.set_xlabel("taken for", fontsize=9)
    axes.set_ylabel("is", fontsize=9)
    axes.set_title(title, fontsize=10)
    _bars(bars, shares.diagonal(), classes)
    save_figure(figure, path)


def _write_counts(axes: Axes, matrix: NDArray[np.int64], shares: NDArray[np.float64]) -> None:
    size = 8 if matrix.max() < 10_000 else 6.5
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(count), ha="center", va="center", fontsize=size, color=colour)


def _name(axes: Axes, names: tuple[str, ...]) -> None:
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if len(names) > NAMED:
        axes.set_xticks([])
        axes.set_yticks([])
        return
    size, places = (8 if len(names) <= 30 else 6), range(len(names))
    turned = max(len(name) for name in names) > 3
    axes.set_xticks(places, names, rotation=45 if turned else 0, ha="right" if turned else "center", fontsize=size)
    axes.set_yticks(places, names, fontsize=size)


def _bars(axes: Axes, found: NDArray[np.float64], classes: int) -> None:
    from matplotlib.ticker import PercentFormatter

    axes.barh(range(classes), found, color=BAR, height=0.7)
    if classes <= WRITTEN:
        for row, share in enumerate(found):
            axes.text(0.04, row, f"{100 * share:.1f} %", va="center", fontsize=7.5)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 1])
    axes.xaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
    axes.tick_params(labelsize=7.5, length=0, labelleft=False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.set_title("found", fontsize=9)
