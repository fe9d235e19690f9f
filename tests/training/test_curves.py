"""The picture of the learning curves."""

import pytest
from matplotlib.figure import Figure

from convspec.training import curves
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


@pytest.mark.parametrize(("epochs", "marker"), [(29, "o"), (30, "None")])
def test_the_epochs_of_a_short_run_are_marked(tmp_path, monkeypatch, epochs, marker):
    """From thirty on the marks would hide the line; all three panels do the same."""
    figures = []
    monkeypatch.setattr(curves, "save_figure", lambda figure, path: figures.append(figure))
    names = ("loss", "val_loss", "accuracy", "val_accuracy")
    rows = [{"epoch": n, "learning_rate": 1 / n, **dict.fromkeys(names, 1 / n)} for n in range(1, epochs + 1)]
    curves.draw_curves(rows, tmp_path / "curves.png", "a run")
    lines = [line for axes in figures[0].axes for line in axes.lines]
    assert [line.get_marker() for line in lines] == [marker] * 5
