"""Whatever a run measured reads back equal from its files."""

import json
import math

import hypothesis.strategies as st
import keras
import pytest
from hypothesis import HealthCheck, example, given, settings

from convspec import InputError
from convspec.training.checkpoint import load_checkpoint, save_checkpoint
from convspec.training.history import FIRST, read_history, write_history

MEASURED = FIRST[1:]
ROWS = st.lists(
    st.fixed_dictionaries(dict.fromkeys(MEASURED, st.floats()), optional={"early_loss": st.floats()}), max_size=4
)


def numbered(rows):
    return [{"epoch": number, **row} for number, row in enumerate(rows, 1)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(ROWS.map(numbered))
@example([{"epoch": 1, **dict.fromkeys(MEASURED, math.inf)}, {"epoch": 2, **dict.fromkeys(MEASURED, math.nan)}])
def test_a_history_reads_back_equal(tmp_path, rows):
    write_history(tmp_path, rows)
    assert repr(read_history(tmp_path)) == repr(rows)
    json.loads((tmp_path / "history.json").read_text(), parse_constant=pytest.fail)


def test_a_checkpoint_reads_back_equal(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    state = {
        "history": numbered([dict.fromkeys(MEASURED, math.inf), dict.fromkeys(MEASURED, math.nan)]),
        "rate": {"drops": 0, "best": math.inf, "waited": 1},
        "stopping": {"best": math.nan, "best_epoch": 1, "stopped_epoch": 0},
    }
    save_checkpoint(tmp_path / "checkpoint.npz", model, state)
    found = load_checkpoint(tmp_path / "checkpoint.npz", model)
    assert {key: repr(found[key]) for key in found} == {key: repr(state[key]) for key in state}


@pytest.mark.parametrize(
    "text", ["null", "5", "{", '[{"epoch": "1"}]', '[{"epoch": 1, "loss": "low"}]', '[{"epoch": 1, "loss": 1}]']
)
def test_a_damaged_history_is_an_error_that_names_it(tmp_path, text):
    (tmp_path / "history.json").write_text(text)
    with pytest.raises(InputError, match=r"history.json: is not the history of a run: "):
        read_history(tmp_path)
