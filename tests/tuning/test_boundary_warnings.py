"""A warning where the optimum lies outside of the range, and none where it lies well inside; on many seeds."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from convspec import load
from convspec.tuning.boundary_warnings import _chance, _side, boundary_warnings, widened
from convspec.tuning.planning import Planner, StagePlan
from convspec.tuning.space import Dimension, Region
from convspec.tuning.store import Record

from .specs import document

SEEDS = range(20)


def searched(seed, low, high, optimum):
    """A staged search whose result has a peak at `optimum` (log10 of the rate), chance below it, and noise."""
    space = {
        "train.optimizer.learning_rate": {"log_uniform": [low, high]},
        "train.l2": {"log_uniform": [1.0e-6, 1.0e-2]},
    }
    stages = [{"trials": 24, "epochs": 1}, {"trials": 12, "epochs": 3}]
    spec = load(document({"space": space, "stages": stages, "seed": seed}))
    planner, noise = Planner(spec, spec.tune), np.random.default_rng(seed)
    records, plans = [], []
    for number in (1, 2):
        plans.append(planner.stage(number, records, plans[-1] if plans else None))
        for candidate in plans[-1].candidates:
            distance = math.log10(candidate.values["train.optimizer.learning_rate"]) - optimum
            peak = 0.1 + 0.8 * math.exp(-0.5 * distance**2) + 0.02 * candidate.epochs
            score = peak + 0.02 * noise.standard_normal()
            records.append(Record(candidate.key, number, candidate.epochs, candidate.values, "completed", score=score))
    best = max(records, key=lambda record: record.score)
    return {
        warning.path: warning for warning in boundary_warnings(planner.space, plans, records, best, lambda score: score)
    }


def test_an_optimum_outside_of_the_range_is_told_in_9_of_10_seeds():
    found = [searched(seed, 1e-6, 1e-4, optimum=math.log10(5.6e-3)) for seed in SEEDS]
    told = [warnings.get("train.optimizer.learning_rate") for warnings in found]
    assert sum(one is not None and one.side == "upper" for one in told) >= 0.9 * len(SEEDS)


def test_an_optimum_below_the_range_is_told_too():
    found = [searched(seed, 1e-2, 1.0, optimum=-3.0) for seed in SEEDS]
    told = [warnings.get("train.optimizer.learning_rate") for warnings in found]
    assert sum(one is not None and one.side == "lower" for one in told) >= 0.9 * len(SEEDS)


def test_nothing_is_said_in_9_of_10_seeds_where_the_optimum_lies_well_inside():
    found = [searched(seed, 1e-5, 1.0, optimum=math.log10(5.6e-3)) for seed in SEEDS]
    assert sum(not warnings for warnings in found) >= 0.9 * len(SEEDS)


def test_a_field_without_influence_is_not_warned_of_in_9_of_10_seeds():
    found = [searched(seed, 1e-6, 1e-4, optimum=math.log10(5.6e-3)) for seed in SEEDS]
    assert sum("train.l2" not in warnings for warnings in found) >= 0.9 * len(SEEDS)


def test_the_warning_has_the_numbers_and_the_wider_range():
    warning = next(
        one for one in (searched(seed, 1e-6, 1e-4, -2.25).get("train.optimizer.learning_rate") for seed in SEEDS) if one
    )
    text = f"lies at the upper end of its range 1e-06 to 0.0001, and results get better toward it (chance {warning.probability:.2g}); search 1e-06 to 0.001"
    assert str(warning) == f"train.optimizer.learning_rate: the best value, {warning.value:.3g}, {text}"


def beyond(sampled, score, rate=0.05):
    """Warnings of a search whose spec has a learning rate above the range and this score; the others have 0.1."""
    space = {"train.optimizer.learning_rate": {"log_uniform": [1.0e-6, 1.0e-4]}}
    spec = load(document({"space": space, "stages": [{"trials": sampled, "epochs": 1}]}))
    planner = Planner(spec, spec.tune)
    plan = planner.stage(1, [])
    records = [Record(candidate.key, 1, 1, candidate.values, "completed", score=0.1) for candidate in plan.candidates]
    own = Record("own", 0, 1, {"train.optimizer.learning_rate": rate}, "completed", score=score)
    written = own if score > 0.1 else None
    return boundary_warnings(planner.space, [plan], [own, *records], records[0], lambda score: score, written=written)


def test_a_spec_better_than_all_trials_is_told_of_with_its_value_beyond_the_range():
    (warning,) = beyond(24, 0.9)
    text = "lies beyond the upper end of its range 1e-06 to 0.0001, and no trial within is as good (chance 0.04)"
    assert str(warning) == f"train.optimizer.learning_rate: the best value, 0.05, {text}; search 1e-06 to 0.05"


@pytest.mark.parametrize(("sampled", "score", "rate"), [(24, 0.1, 0.05), (18, 0.9, 0.05), (24, 0.9, 5e-5)])
def test_nothing_is_said_where_it_is_no_better_or_may_be_by_luck_or_lies_inside(sampled, score, rate):
    assert beyond(sampled, score, rate) == []


def test_a_wider_range_is_half_as_long_again_and_a_decade_at_least():
    assert widened(Dimension("a", "log_uniform", 1e-6, 1e-2), "upper") == pytest.approx((1e-6, 1.0))
    assert widened(Dimension("a", "log_uniform", 1e-3, 1e-2), "lower") == pytest.approx((1e-4, 1e-2))
    assert widened(Dimension("a", "uniform", 0.0, 1.0), "upper") == (0.0, 1.5)
    assert widened(Dimension("a", "log_int", 16, 64), "upper") == (16, 640)
    assert widened(Dimension("a", "int", 4, 8), "lower") == (2, 8)


def test_a_range_that_begins_at_0_keeps_it():
    assert widened(Dimension("a", "int", 0, 4), "lower") is None
    assert widened(Dimension("a", "int", 0, 4), "upper") == (0, 6)


def test_a_range_that_ends_where_the_field_does_is_not_widened():
    assert widened(Dimension("a", "uniform", 0.0, 0.9), "upper", lambda path, value: value < 1) is None


def plan_of(dimension, count):
    stage = SimpleNamespace(trials=count, epochs=1)
    return StagePlan(1, stage, {dimension.path: Region()}, (None,) * count, {})


@pytest.mark.parametrize(
    ("kind", "value", "side"),
    [("int", 5, None), ("int", 3, "lower"), ("int", 8, "upper"), ("uniform", 4.0, "lower"), ("uniform", 7.0, "upper")],
)
def test_an_end_is_a_trial_and_a_half_wide_and_of_whole_numbers_a_quarter_of_the_range_at_most(kind, value, side):
    dimension = Dimension("a", kind, 1, 10)
    assert _side(dimension, [plan_of(dimension, 2)], Record("best", 1, 1, {"a": value})) == side


def test_results_at_one_single_place_say_nothing_of_an_end():
    dimension = Dimension("a", "uniform", 0.0, 1.0)
    records = [
        Record(f"key{number}", 1, 1, {"a": 0.5}, "completed", score=0.1 * number) for number in range(9)
    ]  # fmt: skip
    assert _chance(dimension, [plan_of(dimension, 9)], records, lambda score: score, "upper") == 1.0
