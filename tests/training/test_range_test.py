"""The learning-rate range test."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from convspec.data.pipeline import Pipeline
from convspec.data.preprocessing import Normalizer
from convspec.language.recipe import Recipe
from convspec.training import range_test, sanity_checks


def test_the_picture_of_a_range_test_is_drawn(tmp_path):
    rates = [10.0**power for power in np.linspace(-5, 0, 40)]
    found = range_test.RangeTest(tuple(rates), (*[2.0] * 20, *[1.0] * 19, 9.0), 1e-3, 1.0)
    range_test._draw(found, tmp_path / "range.png", 1e-2)
    assert (tmp_path / "range.png").read_bytes().startswith(b"\x89PNG")
    assert [file.name for file in tmp_path.iterdir()] == ["range.png"]


def test_each_mark_of_a_range_test_has_a_colour_of_its_own(tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr(range_test, "save_figure", lambda figure, path: figures.append(figure))
    found = range_test.RangeTest(tuple(np.geomspace(1e-5, 1, 40)), (*[2.0] * 20, *[1.0] * 19, 9.0), 1e-3, 1.0)
    range_test._draw(found, tmp_path / "range.png", 1e-2)
    curve, *marks = figures[0].axes[0].lines
    assert [(mark.get_xdata()[0], mark.get_label()) for mark in marks] == [
        (1e-3, "steepest fall, 1.0e-03"), (1.0, "breaks out, 1.0e+00"), (1e-2, "the recipe's, 1.0e-02"),
    ]  # fmt: skip
    assert len({to_hex(line.get_color()) for line in (curve, *marks)}) == 4


@pytest.mark.parametrize(
    ("breaks", "rate", "end", "ok"),
    [
        (2.0, 0.5, "2.0e+00 breaks out; the recipe has 5.0e-01", True),
        (2.0, 2.0, "2.0e+00 breaks out; the recipe has 2.0e+00", False),
        (None, 5.0, "nothing up to 9.0e+00 breaks out; the recipe has 5.0e+00", True),
    ],
)
def test_what_the_range_test_says_of_a_learning_rate(shapes, network, monkeypatch, breaks, rate, end, ok):
    found = range_test.RangeTest((1e-5, 9.0), (2.0, 1.0), 1e-3, breaks)
    monkeypatch.setattr(sanity_checks, "range_test", lambda *arguments: found)
    normalizer = Normalizer.measure(shapes.x_train, shapes.pixel_range, Recipe().preprocessing)
    recipe = Recipe.model_validate({"optimizer": {"name": "sgd", "learning_rate": rate}})
    line = sanity_checks.range_line(network(), Pipeline(shapes, "training", recipe, normalizer), None, None)
    assert line == sanity_checks.Line("learning rate", "1.0e-03", f"is the rate with the steepest fall, and {end}", ok)
