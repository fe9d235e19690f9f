"""The mistakes that a network is surest of: often a wrong label, else what it has not understood."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..data.pixels import PixelRange
from ..figures import new_figure, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS, ROWS = 6, 4
LONG = 22  # characters of a class's name that fit


def draw_mistakes(
    probabilities: NDArray[np.floating],
    labels: NDArray[np.int64],
    x: NDArray[np.generic],
    pixel_range: PixelRange,
    names: tuple[str, ...],
    path: Path,
) -> bool:
    """Write a PNG of up to 24 images, the surest mistake first; whether there was one."""
    worst = surest_mistakes(probabilities, labels)[: COLUMNS * ROWS]
    if not len(worst):
        return False
    rows = -(-len(worst) // COLUMNS)
    columns = min(len(worst), COLUMNS)
    width, height = max(1.55 * columns, 3.2), 1.95 * rows + 0.35
    figure = new_figure(width, height, "the surest mistakes", size=10, layout=None)
    # Places in inches, the same for every picture: Matplotlib's own layout draws all of it twice more.
    edges = {"left": 0.08 / width, "right": 1 - 0.08 / width, "bottom": 0.08 / height, "top": 1 - 0.85 / height}
    grid = figure.subplots(rows, columns, squeeze=False, gridspec_kw={**edges, "hspace": 0.42, "wspace": 0.12})
    for axes in grid.flat:
        axes.axis("off")
    for axes, number in zip(grid.flat, worst, strict=False):
        show(axes, x[number], pixel_range)
        taken = probabilities[number].argmax()
        share = 100 * probabilities[number, taken]
        axes.set_title(f"{_short(names[labels[number]])}\ntaken for {_short(names[taken])}\n{share:.1f} %", fontsize=7)
    save_figure(figure, path)
    return True


def surest_mistakes(probabilities: NDArray[np.floating], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers of the images that are taken for another class, the likeliest of these classes first."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")]


def show(axes: Axes, image: NDArray[np.generic], pixel_range: PixelRange) -> None:
    """An image `(height, width, channels)` as it is: grey for one channel, the first three as colours for more."""
    pixels = np.clip(pixel_range.scale(image.astype(np.float32)), 0, 1)
    if image.shape[2] < 3:
        axes.imshow(pixels[..., 0], cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    else:
        axes.imshow(pixels[..., :3], interpolation="nearest")


def _short(name: str) -> str:
    return name if len(name) <= LONG else f"{name[: LONG - 1]}…"
