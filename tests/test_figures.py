"""Texts in pictures: letters that fonts lack, formulas that are none, and no warning of Matplotlib's."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from convspec import figures
from convspec.report.confusion import draw_confusion

NAMES = ("\u732b", "US$ or C$", "\u0442\u0435\u0441\u0442", "a_b^c", "$\\frac$")


def drawn(tmp_path: Path) -> Figure:
    figure = Figure(layout="constrained")
    axes = figure.subplots()
    axes.set_xticks(range(len(NAMES)), NAMES)
    axes.set_yscale("log")
    axes.plot([1, 10, 1000])
    axes.set_title("\u732b $x$")
    figures.save_figure(figure, tmp_path / "x.png")
    return figure


def test_pictures_show_any_name_without_a_warning(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        axes = drawn(tmp_path).axes[0]
        draw_confusion(np.eye(5, dtype=np.int64), NAMES, tmp_path / "confusion.png", "$ and \u732b")
    assert (tmp_path / "confusion.png").stat().st_size > 1000
    shown = [label.get_text() for label in axes.get_xticklabels()]
    assert shown[1:] == list(NAMES[1:])
    assert shown[0] in (NAMES[0], figures.UNKNOWN)  # as fonts are installed
    assert not any(label.get_parse_math() for label in axes.get_xticklabels())
    assert axes.title.get_text().endswith(" $x$")
    assert all(label.get_parse_math() for label in axes.get_yticklabels())  # powers of ten stay raised


def test_a_font_that_has_the_letters_is_used_beside_matplotlibs_own(tmp_path: Path) -> None:
    """The font is one that Matplotlib brings; its own, DejaVu Sans, lacks this letter."""
    figure = Figure()
    title = figure.subplots().set_title("\u306e 1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures.save_figure(figure, tmp_path / "x.png")
    assert title.get_text() == "\u306e 1"
    assert len(title.get_fontfamily()) == 2
