"""Texts in pictures: letters that fonts lack, formulas that are none; and the style that all pictures have."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import nullcontext
from itertools import combinations
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

import convspec
from convspec import figures
from convspec.analysis.comparison import compare
from convspec.data.pixels import BYTES
from convspec.diagram.comparison import draw_comparison
from convspec.reports.confusion import draw_confusion
from convspec.reports.filters import draw_filters
from convspec.reports.mistakes import draw_mistakes
from convspec.reports.saliency import Explanation, draw_explanation
from convspec.reports.search import read_search
from convspec.reports.search_pictures import _pairs, _progress, _stages
from convspec.training import curves, range_test
from convspec.training.curves import draw_curves

from .reports.searches import write_search

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


# --- one style


def rows(epochs: int) -> list[dict[str, float]]:
    names = ("loss", "val_loss", "accuracy", "val_accuracy")
    return [{"epoch": n, "learning_rate": 1 / n, **dict.fromkeys(names, 1 / n)} for n in range(1, epochs + 1)]


def filters(path: Path) -> None:
    inputs = keras.Input((8, 8, 1))
    draw_filters(keras.Model(inputs, keras.layers.Conv2D(12, 3)(inputs)), path)


def mistakes(path: Path) -> None:
    x, probabilities = np.zeros((7, 4, 4, 1), np.uint8), np.tile([0.2, 0.8], (7, 1))
    draw_mistakes(probabilities, np.zeros(7, np.int64), x, BYTES, ("cat", "dog"), path)


def pairs(path: Path) -> None:
    """Four hyperparameters, one of them twice: six pairs."""
    search = read_search(write_search(path.parent / "search"))
    figures.save_figure(_pairs(search, [*search.distributions, search.distributions[0]]), path)


CHARTS: dict[str, tuple[Callable[[Path], object], tuple[float, float]]] = {
    "curves": (lambda path: draw_curves(rows(3), path, "a run", 2), (13.2, 3.7)),
    "range test": (
        lambda path: range_test._draw(range_test.RangeTest((1e-3, 1.0), (2.0, 1.0), 1e-3, 1.0), path, 0.1),
        (6.4, 3.8),
    ),
    "pairs": (pairs, (13.7, 7.6)),
    "progress": (
        lambda path: figures.save_figure(_progress(read_search(write_search(path.parent / "search"))), path),
        (7.2, 4.0),
    ),
    "stages": (
        lambda path: figures.save_figure(_stages(read_search(write_search(path.parent / "search"))), path),  # type: ignore[arg-type]
        (9.6, 3.8),
    ),
}
IMAGES: dict[str, tuple[Callable[[Path], object], tuple[float, float]]] = {
    "confusion": (lambda path: draw_confusion(np.eye(2, dtype=np.int64), ("cat", "dog"), path, "all"), (5.825, 4.525)),
    "confusion of many": (
        lambda path: draw_confusion(np.eye(20, dtype=np.int64), ("a",) * 20, path, "all"),
        (8.4 + 0.075 + 2.2, 8.4 + 0.075 + 0.9),
    ),
    "filters": (filters, (5.16, 1.74)),
    "mistakes": (mistakes, (9.3, 4.25)),
    "explanation": (
        lambda path: draw_explanation(
            Explanation(np.eye(4, dtype=np.float32), 0, 0.5, "why"), np.zeros((4, 4, 1)), BYTES, "cat", path
        ),
        (7.0, 3.6),
    ),
    "comparison": (lambda path: compared(path), (7.6, 6.28)),
}


def compared(path: Path) -> None:
    draw_comparison(compare([convspec.analyze("lenet5"), convspec.analyze("digits")], published=[]), path)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Figure]:
    """The figures that are saved: here their pixels are not drawn, which takes half a second each."""
    found: list[Figure] = []

    def savefig(figure: Figure, place: Any, **how: object) -> None:
        found.append(figure)
        if isinstance(place, Path):
            place.touch()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "savefig", savefig)
        for draw, _ in (CHARTS | IMAGES).values():
            draw(tmp_path_factory.mktemp("pictures") / "picture.png")
    return dict(zip(CHARTS | IMAGES, found, strict=True))


@pytest.mark.parametrize("name", [*CHARTS, *IMAGES])
def test_pictures_are_as_large_as_their_content_needs_with_a_hundred_and_thirty_dots_per_inch(
    name: str, pictures: dict[str, Figure]
) -> None:
    figure, inches = pictures[name], (CHARTS | IMAGES)[name][1]
    assert list(figure.get_size_inches()) == pytest.approx(inches, abs=0.01)
    assert figure.dpi == 130
    if name not in ("curves", "filters", "mistakes", "comparison"):  # which place their parts themselves
        assert isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine)


@pytest.mark.parametrize("name", CHARTS)
def test_all_charts_have_small_words_faint_lines_and_an_open_frame(name: str, pictures: dict[str, Figure]) -> None:
    for axes in pictures[name].axes:
        if axes.get_label() == "<colorbar>":
            continue
        assert axes.get_xlabel()
        sizes = axes.title.get_fontsize(), axes.xaxis.label.get_fontsize(), axes.yaxis.label.get_fontsize()
        assert sizes == (10, 9, 9)
        sides = axes.xaxis, axes.yaxis
        assert {label.get_fontsize() for axis in sides for label in axis.get_ticklabels()} == {8}
        lines = [line for axis in sides for line in axis.get_gridlines()]
        lines += [tick.gridline for axis in sides for tick in axis.get_minor_ticks()]
        shown = [line for line in lines if line.get_visible()]
        assert {(line.get_linewidth(), line.get_alpha()) for line in shown} == {(0.6, 0.25)}
        assert [side for side, spine in axes.spines.items() if spine.get_visible()] == ["left", "bottom"]
        key = axes.get_legend()
        assert (key is None) == (name == "pairs" or not axes.get_legend_handles_labels()[0])
        assert key is None or {text.get_fontsize() for text in key.get_texts()} == {8}
        assert key is None or not key.get_frame_on()


def test_pairs_of_distributions_stand_three_in_a_row_with_faint_lines_between_powers_of_ten_too(
    pictures: dict[str, Figure],
) -> None:
    first = pictures["pairs"].axes[0]
    grid = first.get_gridspec()
    assert grid is not None
    assert (grid.nrows, grid.ncols) == (2, 3)
    assert first.xaxis.get_minor_ticks()[0].gridline.get_visible()


def test_the_shares_found_stand_in_a_narrow_panel_beside_the_matrix(pictures: dict[str, Figure]) -> None:
    matrix, bars = pictures["confusion"].axes
    assert matrix.get_position().width / bars.get_position().width == pytest.approx(3.4 / 1.5)
    assert {text.get_fontsize() for text in matrix.texts} == {8}


def test_titles_of_images_are_smaller_than_those_of_charts(pictures: dict[str, Figure]) -> None:
    sizes = {name: figure._suptitle and figure._suptitle.get_fontsize() for name, figure in pictures.items()}  # type: ignore[attr-defined]
    charts = {"curves": 11, "pairs": 11, "progress": 11, "stages": 11}
    assert {name: size for name, size in sizes.items() if size} == charts | {"filters": 9, "mistakes": 10}


def seen(figure: Figure) -> list[Any]:
    """What a figure shows, as rectangles in dots."""
    artists = [artist for axes in figure.axes for artist in (*axes.images, *axes.texts)] + list(figure.texts)
    return [artist.get_window_extent() for artist in artists]


@pytest.mark.parametrize("shape", [(8, 5, 1), (5, 8, 3)])
@pytest.mark.parametrize("count", [1, 7, 30])
def test_images_of_one_picture_keep_their_shape_and_lie_side_by_side_within_it(
    count: int, shape: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: found.append(figure))
    monkeypatch.setattr(figures, "whole_file", lambda path: nullcontext(path))
    probabilities = np.tile([0.2, 0.8], (count, 1))
    names = ("a name of 22 letters..", "dog")
    draw_mistakes(probabilities, np.zeros(count, np.int64), np.zeros((count, *shape), np.uint8), BYTES, names, tmp_path)
    inputs = keras.Input((20, 20, shape[2]))
    draw_filters(keras.Model(inputs, keras.layers.Conv2D(count, shape[:2])(inputs)), tmp_path)
    for figure, images in zip(found, (min(count, 24), count), strict=True):
        boxes = seen(figure)
        assert len(figure.axes[0].images) == images
        for one in boxes[:images]:
            assert one.height / one.width == pytest.approx(shape[0] / shape[1])
        whole = figure.bbox.padded(0.5)
        assert all(whole.x0 < one.x0 and one.x1 < whole.x1 and whole.y0 < one.y0 and one.y1 < whole.y1 for one in boxes)
        assert not any(one.padded(-1).overlaps(other) for one, other in combinations(boxes, 2))


@pytest.mark.parametrize("value", [1.23456e-7, 0.001234, 0.123, 1234567.0])
def test_numbers_beside_curves_have_room(value: float, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found: list[Figure] = []
    monkeypatch.setattr(curves, "save_figure", lambda figure, path: found.append(figure))
    history = [
        {
            name: row["epoch"] if name == "epoch" else (1 + 1e-3 * row["epoch"]) * (0.5 if "acc" in name else value)
            for name in row
        }
        for row in rows(3)
    ]
    draw_curves(history, tmp_path / "curves.png", "a run")
    found[0].draw_without_rendering()
    frames = [axes.get_tightbbox() for axes in found[0].axes]
    assert len(frames) == 3
    assert all(one is not None and one.x0 >= 0 and one.x1 <= found[0].bbox.x1 and one.y0 >= 0 for one in frames)
    assert not any(one.overlaps(other) for one, other in combinations([*frames, *seen(found[0])], 2))
