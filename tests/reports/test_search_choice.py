"""Of trials with the same score, pictures mark the one that the search chose."""

from pathlib import Path

import pytest

from convspec.reports.search import Search, Trial


@pytest.mark.parametrize("chosen", ["0000", "0001", "0002"])
@pytest.mark.parametrize("direction", ["max", "min"])
def test_the_chosen_one_of_equal_trials_is_the_first(chosen, direction):
    worse = 0.5 if direction == "max" else 2.0
    scores = {"0000": 1.0, "0001": 1.0, "0002": 1.0, "0003": worse}
    names = Trial.__dataclass_fields__
    trials = []
    for name, score in scores.items():
        known = {"name": name, "score": score, "state": "completed"}
        trials.append(Trial(**{field: known.get(field) for field in names}))
    info = {"best": {"trial": chosen}, "objective": {"name": "x", "direction": direction}}
    scored = Search(Path(), info, trials, {}, []).scored
    assert scored[0].name == chosen
    assert scored[-1].name == "0003"
