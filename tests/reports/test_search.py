"""Reading a search folder, and its pictures."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from PIL import Image

from convspec.language import InputError
from convspec.reports.search import Distribution, Trial, _distribution, read_rows, read_search
from convspec.reports.search_pictures import _parallel, _progress, _stages, search_pictures
from convspec.reports.search_sections import _dimension, search_sections
from convspec.tuning.tables import value_text

from .searches import PENALTY, RATE, WIDTH, score_of, write_search


def test_trials_keep_their_values_and_scores(tmp_path: Path) -> None:
    search = read_search(write_search(tmp_path))
    assert len(search.trials) == 40
    for trial in search.scored:
        rate, penalty, width = (float(trial.values[path]) for path in (RATE, PENALTY, WIDTH))
        assert trial.score == pytest.approx(max(0.1, score_of(rate, penalty, int(width))), abs=1e-4)


def test_a_row_that_is_not_as_long_as_the_header_is_an_error_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "trials.csv").write_text("trial,score\n0000,0.5\n0001\n")
    with pytest.raises(InputError, match=r"^\S*trials\.csv:3: has 1 cells in a row, and 2 columns$"):
        read_rows(tmp_path / "trials.csv")


def test_distributions_know_their_scale_and_choices(tmp_path: Path) -> None:
    distributions = read_search(write_search(tmp_path)).distributions
    assert [(distribution.path, distribution.logarithmic, distribution.choices) for distribution in distributions] == [
        (RATE, True, ()), (PENALTY, True, ()), (WIDTH, False, ("64", "128", "256")),
    ]  # fmt: skip
    assert distributions[2].position(128.0) == 1


def test_members_of_a_choice_that_are_almost_alike_are_told_apart() -> None:
    members = [0.12345671, 0.12345672, 16.0, 1e-05, "sgd"]
    distribution = _distribution("x", {"kind": "choice", "values": members}, [])
    assert distribution.choices == ("0.12345671", "0.12345672", "16", "1e-05", "sgd")
    assert [distribution.position(value) for value in members] == [0, 1, 2, 3, 4]
    assert [distribution.text(value) for value in members] == list(distribution.choices)
    assert [value_text(value) for value in members[:2]] == ["0.12345671", "0.12345672"]
    drawn = 0.12345671234567891
    assert (Distribution("x", False).text(drawn), value_text(drawn)) == ("0.1235", "0.123")


def test_a_field_that_left_the_space_is_still_one_of_the_distributions(tmp_path: Path) -> None:
    folder = write_search(tmp_path)
    info = json.loads((folder / "search.json").read_text())
    info |= {"fields": info["space"], "space": {RATE: info["space"][RATE]}}
    (folder / "search.json").write_text(json.dumps(info))
    search = read_search(folder)
    assert [distribution.path for distribution in search.distributions] == [RATE, PENALTY, WIDTH]
    assert PENALTY in search.scored[0].values


def test_an_aborted_trial_has_a_reason_and_no_score(tmp_path: Path) -> None:
    aborted = [trial for trial in read_search(write_search(tmp_path)).trials if trial.state == "aborted"]
    assert len(aborted) == 5
    assert all(trial.score is None and "is above 3 * 2.30" in trial.reason for trial in aborted)


def test_best_so_far_only_rises_and_ends_at_the_best(tmp_path: Path) -> None:
    search = read_search(write_search(tmp_path))
    steps = search.best_so_far()
    assert [score for _, score, _ in steps] == sorted(score for _, score, _ in steps)
    assert steps[-1][2] is search.scored[0]
    assert search.scored[0].name == search.info["best"]["trial"]


def test_a_minimised_objective_is_best_where_it_is_least(tmp_path: Path) -> None:
    folder = write_search(tmp_path)
    info = json.loads((folder / "search.json").read_text())
    info["objective"] = {"name": "val_loss", "direction": "min"}
    (folder / "search.json").write_text(json.dumps(info))
    search = read_search(folder)
    assert search.scored[0].score == min(trial.score or 0 for trial in search.scored)
    assert search.best_so_far()[-1][2] is search.scored[0]


def test_a_folder_without_a_search_is_a_diagnostic(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"search\.json: holds no search: No such file or directory"):
        read_search(tmp_path)


def test_a_table_without_scores_is_a_diagnostic(tmp_path: Path) -> None:
    folder = write_search(tmp_path)
    (folder / "trials.csv").write_text("trial,stage,state\n0000,1,completed\n")
    with pytest.raises(InputError, match=r"trials\.csv: has no column 'score'"):
        read_search(folder)


def test_pictures_show_something(tmp_path: Path) -> None:
    pictures = search_pictures(write_search(tmp_path, trials=16))
    assert [path.name for path in pictures] == ["pairs.png", "parallel.png", "progress.png", "stages.png"]
    for path in pictures:
        pixels = numpy.asarray(Image.open(path).convert("RGB"), dtype=int)
        coloured = (pixels.max(axis=2) - pixels.min(axis=2)) > 60
        assert coloured.sum() > 500, path


def test_the_best_trial_is_marked_where_it_lies_on_logarithmic_axes(tmp_path: Path) -> None:
    """A search of two trials, one at each corner: the ring of the best is at the upper right."""
    folder = write_search(tmp_path, trials=16)
    (folder / "trials.csv").write_text(
        f"trial,stage,state,score,epochs,seconds,finished,reason,parameters,{RATE},{PENALTY}\n"
        "0000,1,completed,0.5,1,1,1,,10,1e-6,1e-6\n0001,1,completed,0.9,1,1,2,,10,1e-2,1e-1\n"
    )
    (path,) = [path for path in search_pictures(folder) if path.name == "pairs.png"]
    pixels = numpy.asarray(Image.open(path).convert("RGB"), dtype=int)
    rows, columns = numpy.nonzero(numpy.abs(pixels - [0xD6, 0x33, 0x6C]).max(axis=2) < 12)
    assert rows.mean() < 0.35 * pixels.shape[0]
    assert columns.mean() > 0.6 * pixels.shape[1]


def test_the_best_trial_is_the_one_thick_line_over_all_fields(tmp_path: Path) -> None:
    search = read_search(write_search(tmp_path))
    (thick,) = [line for line in _parallel(search, search.distributions).axes[0].lines if line.get_linewidth() > 2]
    assert list(thick.get_ydata())[-1] == 1, "the end of the axis of scores"


@pytest.mark.parametrize(("factor", "unit", "size"), [(0.1, "seconds", 1), (1.0, "minutes", 60), (30.0, "hours", 3600)])
def test_the_line_of_the_best_goes_on_to_the_end_of_the_search(
    tmp_path: Path, factor: float, unit: str, size: int
) -> None:
    """Forty trials end at 405 seconds; the best so far holds from its trial to there."""
    search = read_search(write_search(tmp_path))
    search.trials[:] = [replace(trial, finished=factor * (trial.finished or 0.0)) for trial in search.trials]
    end = max(trial.finished or 0.0 for trial in search.trials)
    assert end == pytest.approx(405 * factor)
    axes = _progress(search).axes[0]
    assert axes.get_xlabel() == f"{unit} since the search began"
    assert axes.lines[0].get_xdata()[-1] == pytest.approx(end / size)
    assert list(axes.lines[0].get_ydata()[-2:]) == [search.scored[0].score] * 2
    (section,) = [section for section in search_sections(search) if section.title == "Best so far"]
    assert section.charts[0]["traces"][-1]["x"][-1] == end


def test_learning_curves_are_drawn_in_the_panel_of_their_stage(tmp_path: Path) -> None:
    search = read_search(write_search(tmp_path))
    figure = _stages(search)
    assert figure is not None
    for axes, stage in zip(figure.axes, (1, 2), strict=True):
        curves = [search.curves[trial.name] for trial in search.trials if trial.stage == stage]
        assert [list(line.get_xdata()) for line in axes.lines] == [[row["epoch"] for row in rows] for rows in curves]
        assert [list(line.get_ydata()) for line in axes.lines] == [
            [row["val_accuracy"] for row in rows] for rows in curves
        ]


def test_a_report_counts_the_trials_of_each_state(tmp_path: Path) -> None:
    summary = search_sections(read_search(write_search(tmp_path)))[0].html
    found = dict(re.findall(r"<b>([^<]*)</b><span>([^<]*)</span>", summary))
    assert (found["35"], found["5"], found["7 min"], found["random"]) == (
        "completed trials", "aborted trials", "time", "strategy",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([1e-3, 1e-2, 1e-1], ["1e-03", "1e-02", "1e-01"]),
        ([2e-3, 5e-2], ["1e-02"]),
        ([2e-3, 5e-3], ["2.0e-03", "5.0e-03"]),
        ([0.0, 1e-3, 1e-2], ["0 or none", "1e-03", "1e-02"]),
        ([1e-3, 1e-3], None),
    ],
)
def test_a_logarithmic_axis_has_the_powers_of_ten_from_end_to_end(values: list[float], ticks: list[str] | None) -> None:
    trials = [Trial(str(value), 1, "completed", 0.5, 1, 1, 1, "", 10, {"x": value}) for value in values]
    found = _dimension(Distribution("x", True), trials)
    assert (found["ticktext"] if found else None) == ticks
    if found:
        assert found["values"] == pytest.approx([math.log10(value or 10**-3.5) for value in values])


def test_a_search_in_which_nothing_finished_has_no_pictures(tmp_path: Path) -> None:
    folder = write_search(tmp_path, trials=16)
    (folder / "trials.csv").write_text("trial,stage,state,score\n0000,1,aborted,\n")
    assert search_pictures(folder) == []


def test_a_zero_has_no_place_on_a_logarithmic_axis(tmp_path: Path) -> None:
    folder = write_search(tmp_path, trials=16)
    rows = (folder / "trials.csv").read_text()
    (folder / "trials.csv").write_text(rows.replace("0.01,0.0001,128", "0.01,0,128"))
    search = read_search(folder)
    assert search.trials[0].values[PENALTY] == 0
    assert search.distributions[1].position(0.0) is None
    assert len(search_pictures(folder)) == 4
