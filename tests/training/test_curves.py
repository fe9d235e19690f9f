"""The picture of the learning curves."""

import pytest
from matplotlib.figure import Figure

from convspec.training.curves import _panel


@pytest.mark.parametrize("lowest", [0.1, 0.6, 0.83, 0.984])
def test_marks_of_the_accuracy_say_where_they_stand(lowest):
    axes = Figure().subplots()
    _panel(axes, [{"epoch": epoch, "accuracy": value} for epoch, value in ((1, lowest), (2, 1.0))], "accuracy", None)
    axes.figure.canvas.draw()
    low, high = axes.get_ylim()
    marks = [(label.get_position()[1], label.get_text()) for label in axes.get_yticklabels()]
    shown = [(place, text) for place, text in marks if low <= place <= high]
    assert len(shown) >= 4
    for place, text in shown:
        assert float(text.removesuffix("%")) == pytest.approx(100 * place)
