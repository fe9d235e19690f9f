"""Positions and values: the same arithmetic as KerasTuner's, in both directions."""

from collections import Counter

import keras_tuner
import pytest

from convspec import load
from convspec.language.tune import Tune
from convspec.tuning.hypermodel import HyperSpec, declare, held_values, values_of
from convspec.tuning.space import Dimension, Region, dimensions, narrowed

KNOBS = {
    "rate": {"log_uniform": [1.0e-6, 1.0e-3]},
    "share": {"uniform": [0.1, 0.9]},
    "width": {"log_int": [4, 256]},
    "depth": {"int": [1, 5]},
    "kind": {"choice": ["a", None, [1, 2]]},
    "flag": {"boolean": True},
}


def space():
    return dimensions(Tune.model_validate({"space": KNOBS}))


@pytest.mark.parametrize("place", [0.0, 0.1, 0.25, 0.5, 0.77, 0.999999])
def test_values_are_those_of_keras_tuner(place):
    hp = keras_tuner.HyperParameters()
    declare(hp, space())
    theirs = {one.name: one.prob_to_value(place) for one in hp.space}
    for dimension in space():
        expected = values_of(theirs, (dimension,))[dimension.path]
        assert dimension.value(place) == pytest.approx(expected)


@pytest.mark.parametrize("dimension", space(), ids=KNOBS)
def test_a_value_and_its_position_belong_together(dimension):
    for place in (0.05, 0.3, 0.6, 0.95):
        value = dimension.value(place)
        assert dimension.value(dimension.position(value)) == pytest.approx(value)


def test_expressions_in_a_choice_have_the_values_of_the_trial():
    """Also by the way of another parameter, and of the number of classes; others have those of the document."""
    network = {
        "name": "x",
        "input": [8, 8, 1],
        "classes": 3,
        "parameters": {"w": 4, "twice": "${2 * w}", "fixed": 6},
        "body": ["conv3-${w}", "conv3-${fixed}", {"block": "conv", "filters": "${twice}", "kernel_size": 3}],
        "head": {"pooling": "avg"},
    }
    members = ["${w}", "${twice + 1}", "${fixed}", "${classes + 2}"]
    space = {
        "parameters.w": {"choice": [4, 8]},
        "classes": {"choice": [3, 10]},
        "body[2].filters": {"choice": members},
    }
    hyperspec = HyperSpec(load({**network, "tune": {"space": space, "stages": [{"trials": 1, "epochs": 1}]}}))
    choice = hyperspec.tune.space["body[2].filters"].choice
    assert choice == ("${w}", "${twice + 1}", 6, "${classes + 2}")
    for width, classes, expected in [(4, 3, [4, 9, 6, 5]), (8, 10, [8, 17, 6, 12])]:
        chosen = {"parameters.w": width, "classes": classes}
        graphs = [hyperspec.constraint_check.spec({**chosen, "body[2].filters": member}).graph for member in choice]
        assert [graph.nodes[3].output.shape[-1] for graph in graphs] == expected


def test_values_outside_of_the_range_have_positions_outside_of_0_to_1():
    rate = space()[0]
    assert rate.position(1e-2) == pytest.approx(4 / 3)
    assert rate.position(0) is None


def test_both_ends_of_whole_numbers_are_met():
    depth = space()[3]
    assert {depth.value(place / 100) for place in range(100)} == {1, 2, 3, 4, 5}


def test_whole_numbers_below_0_are_as_likely_as_others():
    shift = Dimension("shift", "int", -2, 2)
    counts = Counter(shift.value((place + 0.5) / 100) for place in range(100))
    assert counts == {-2: 20, -1: 20, 0: 20, 1: 20, 2: 20}


def test_a_numeric_range_narrows_to_the_span_of_the_best_in_log_space():
    rate = Dimension("rate", "log_uniform", 1e-6, 1e-2)
    region = narrowed(rate, [1e-4, 1e-3], margin=0.0)
    assert region.describe(rate) == pytest.approx([1e-4, 1e-3])
    wider = narrowed(rate, [1e-4, 1e-3], margin=0.25)
    assert wider.describe(rate) == pytest.approx([1e-5, 1e-2])


def test_a_choice_narrows_to_the_members_among_the_best():
    kind = space()[4]
    assert narrowed(kind, ["a", [1, 2], "a"], margin=0.1) == Region(members=(0, 2))
    assert [Region(members=(0, 2)).value(kind, place) for place in (0.0, 0.49, 0.5, 0.99)] == ["a", "a", [1, 2], [1, 2]]


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [([0.0, 0.5], 0), ([8, 16], 8.0), ([[0, 0.5], [1]], [[0.0, 0.5]]), ([{"a": 0}, None], {"a": 0.0})],
)
def test_a_condition_holds_for_a_number_in_another_form(choice, wanted):
    distributions = {"kind": {"choice": choice}, "rate": {"uniform": [0.1, 0.2], "when": {"kind": wanted}}}
    kind, rate = space = dimensions(Tune.model_validate({"space": distributions}))
    hp = keras_tuner.HyperParameters()
    hp.values = {"kind": kind.texts[0]}
    declare(hp, space)
    assert "rate" in hp.values
    assert rate.active({"kind": choice[0]})
    assert not rate.active({"kind": choice[1]})
    given = wanted[0] if isinstance(wanted, list) else wanted
    assert held_values({"kind": given}, space) == {"kind": kind.texts[0]}


def test_without_a_best_value_the_whole_range_stays():
    assert narrowed(space()[0], [], margin=0.1) == Region()
