"""The mistakes that a network is surest of: often a wrong label, else what it has not understood."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..data.pixels import PixelRange
from ..figures import inches, new_figure, place_image, save_figure

COLUMNS, ROWS = 6, 4
WIDE, HIGH, SIDE = 1.55, 1.95, 1.37
"""Inches: from one image to the next, and of the square that an image fills."""
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
    width = max(WIDE * columns, 3.2)
    figure = new_figure(width, HIGH * rows + 0.35, "the surest mistakes", size=10, layout=None)
    axes = inches(figure)
    for place, number in enumerate(worst):
        row, column = divmod(place, COLUMNS)
        left = (width - WIDE * columns) / 2 + WIDE * column + (WIDE - SIDE) / 2
        edge = place_image(axes, pixels_shown(x[number], pixel_range), left, 0.85 + HIGH * row, SIDE)
        taken = probabilities[number].argmax()
        share = 100 * probabilities[number, taken]
        words = f"{_short(names[labels[number]])}\ntaken for {_short(names[taken])}\n{share:.1f} %"
        axes.text(left + SIDE / 2, edge - 0.08, words, ha="center", va="bottom", fontsize=7)
    save_figure(figure, path)
    return True


def surest_mistakes(probabilities: NDArray[np.floating], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers of the images that are taken for another class, the likeliest of these classes first."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")]


def pixels_shown(image: NDArray[np.generic], pixel_range: PixelRange) -> NDArray[np.float32]:
    """An image `(height, width, channels)` from 0 to 1: `(height, width)`, or the first three channels."""
    pixels: NDArray[np.float32] = np.clip(pixel_range.scale(image.astype(np.float32)), 0, 1)
    return pixels[..., 0] if image.shape[2] < 3 else pixels[..., :3]


def _short(name: str) -> str:
    return name if len(name) <= LONG else f"{name[: LONG - 1]}…"
