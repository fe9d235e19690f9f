"""Matplotlib figures in one style, written whole or not at all, their texts as they are in fonts with their letters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .files import whole_file

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from numpy.typing import NDArray

PIXELS_PER_INCH = 130
PLACEHOLDERS = ("Last Resort", "Last Resort High-Efficiency")
"""Fonts that have one picture for all the letters of a script."""
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""What stands for a letter that no installed font has."""


def new_figure(
    width: float, height: float, title: str = "", *, size: float = 11, layout: Any = "constrained"
) -> Figure:
    """A figure of so many inches, its title in so many points."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=PIXELS_PER_INCH, layout=layout)
    if title:
        figure.suptitle(title, fontsize=size)
    return figure


def dress(axes: Axes, x: str, y: str, title: str = "", *, lines: Literal["major", "both"] = "major") -> None:
    """Name the axes of a chart in small letters, draw faint lines at their marks, leave the frame open."""
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(x, fontsize=9)
    axes.set_ylabel(y, fontsize=9)
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.25, linewidth=0.6, which=lines)
    axes.spines[["top", "right"]].set_visible(False)


def inches(figure: Figure) -> Axes:
    """Axes over a whole figure for many images: in inches from the upper left corner, without marks or a frame.

    Axes of its own for each image take ten times as long.
    """
    width, height = figure.get_size_inches()
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    return axes


def place_image(axes: Axes, pixels: NDArray[np.floating], left: float, top: float, side: float) -> float:
    """Draw pixels from 0 to 1, `(height, width)` or `(height, width, 3)`, in the middle of a square; their upper edge.

    `axes` are those of `inches`.
    """
    height, width = (side * length / max(pixels.shape[:2]) for length in pixels.shape[:2])
    left, top = left + (side - width) / 2, top + (side - height) / 2
    extent = (left, left + width, top + height, top)
    axes.imshow(pixels, extent=extent, aspect="auto", cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    return top


def legend(axes: Axes) -> None:
    """Say what is drawn, where something has a name."""
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a PNG. Raises `InputError` where the disk refuses it.

    Names of classes and files may have letters that Matplotlib's own font lacks, of which it would warn for each one;
    another installed font that has them is used too. A `$` in them begins no formula.
    """
    for axis in _named(figure):
        words = [label.get_text() for label in axis.get_ticklabels()]
        if any(map(_missing, words)):  # a change of a label alone is lost when the ticks are drawn
            axis.set_ticklabels([_legible(word) for word in words])
    for text in _texts(figure):
        said = text.get_text()
        text.update({"parse_math": False, "text": _legible(said), "fontfamily": _families(said)})
    with whole_file(path) as beside:
        figure.savefig(beside, format="png")


def _named(figure: Figure) -> list[Axis]:
    """The axes whose marks have names. Numbers need no other font; to list all marks takes as long as to draw them."""
    from matplotlib.ticker import FixedLocator

    sides = [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
    return [axis for axis in sides if isinstance(axis.get_major_locator(), FixedLocator)]


def _texts(figure: Figure) -> Iterator[Text]:
    """All texts but numbers at marks."""
    yield from figure.texts
    for axes in figure.axes:
        yield from (axes.title, axes.xaxis.label, axes.yaxis.label, *axes.texts)
        key = axes.get_legend()
        yield from key.get_texts() if key else ()
    for axis in _named(figure):
        yield from axis.get_ticklabels()


def _families(words: str) -> list[str]:
    """Matplotlib's own font, and one that has the letters that it lacks."""
    own, other = _own_font(), _font_with(_missing(words))
    return [own[0], other[0]] if other else [own[0]]


def _legible(words: str) -> str:
    """The words with another letter for each that no font has."""
    missing = _missing(words)
    other = _font_with(missing)
    lost = {letter for letter in missing if not other or not _has(other, letter)}
    return "".join(UNKNOWN if letter in lost else letter for letter in words)


def _missing(words: str) -> frozenset[str]:
    return frozenset(letter for letter in words if letter.isprintable() and not _has(_own_font(), letter))


Font = tuple[str, str]
"""A font's family and its file."""


@cache
def _own_font() -> Font:
    from matplotlib import font_manager

    file = font_manager.findfont(font_manager.FontProperties())
    return font_manager.get_font(file).family_name, str(file)


@cache
def _letters(file: str) -> frozenset[int]:
    from matplotlib import font_manager

    try:
        return frozenset(font_manager.get_font(file).get_charmap())
    except (OSError, RuntimeError):  # a file that FreeType cannot read
        return frozenset()


def _has(font: Font, letter: str) -> bool:
    return ord(letter) in _letters(font[1])


@cache
def _font_with(letters: frozenset[str]) -> Font | None:
    """The installed font that has most of these letters; None where none has any."""
    from matplotlib import font_manager

    if not letters:
        return None
    codes = {ord(letter) for letter in letters}
    fonts = [
        (font.name, font.fname)
        for font in font_manager.fontManager.ttflist
        if font.name not in PLACEHOLDERS and font.style == "normal" and font.weight == 400  # as a family is resolved
    ]
    best = max(fonts, key=lambda font: len(codes & _letters(font[1])), default=None)
    return best if best is not None and codes & _letters(best[1]) else None
