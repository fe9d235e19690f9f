"""What is done with a `SymbolicNumber` is noted, and done again for other numbers as Python itself would do it."""

import copy
import functools
import json
import math
import pickle
import random

import pytest

from convspec.blocks.common import divisible
from convspec.graph.symbolic import Decisions, SymbolicNumber


def record(function, *numbers):
    decisions = Decisions()
    return decisions.recording(function(*[decisions.input(number) for number in numbers]))


def test_steps_are_done_again_as_python_does_them():
    def function(whole, real):
        half = whole / 2
        return [
            whole + 3 - -whole, 7 - whole, whole * whole, 3 * whole // 2, 100 // whole, whole % 3, 100 % whole, half,
            5 / whole, abs(-whole), +whole, math.floor(half), math.ceil(half), math.trunc(real * whole), 1.5 * real,
            sum([whole, 1, whole]), math.prod([whole, 2, whole]), 2.0 * whole, 2 * whole, True + whole, 42,
        ]  # fmt: skip

    recording = record(function, 4, 0.25)
    rng = random.Random(1)
    for _ in range(200):
        numbers = rng.randint(1, 10**6), rng.uniform(0, 10)
        found, wanted = recording.replay(numbers), function(*numbers)
        assert found == wanted
        assert list(map(type, found)) == list(map(type, wanted))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: [1 if x > 10 else 0],
        lambda x: [1 if 10 >= x else 0],  # noqa: SIM300 - the number stands on the left
        lambda x: [max(x, 10)],
        lambda x: [x if x % 4 else -x],
        lambda x: [1 if x else 0],
        lambda x: [[5, 6, 7][x % 3]],
        lambda x: [1 if x in (3, 8) else 0],
        lambda x: [1 if (x, 2) == (4, 2) else 0],
        lambda x: [len(f"{x} filters")],
        lambda x: [len(str(x)) + len(repr(x))],
        lambda x: [len(range(x))],
        lambda x: [len([1] * x)],
        lambda x: [math.sqrt(x)],
        lambda x: [float(x), int(x), round(x / 3, 1)],
        lambda x: [divisible(x * 1.1)],
        lambda x: [x if isinstance(x, int) and not isinstance(x, bool) else None],
        lambda x: [100 // x],
    ],
)
def test_a_decision_that_goes_another_way_has_no_replay(function):
    """Whatever is replayed is right, and of a hundred numbers the one that was recorded is."""
    recording = record(function, 4)
    found = {x: recording.replay([x]) for x in range(100)}
    assert found[4] == function(4)
    assert all(results in (None, function(x)) for x, results in found.items() if x)
    assert found[0] is None or function(0) == found[0]


def test_what_decides_nothing_is_replayed_for_all():
    recording = record(lambda x, y: [divisible(x * y, 8), max(x, 2)], 100, 1.5)
    assert recording.replay([1000, 2.0]) == [2000, 1000]


def test_a_recording_has_each_step_once_and_none_that_nothing_needs():
    def function(x):
        sum([x, 17, -x])
        return [(x + 1) * (x + 1) if x > 2 else 0]

    steps = record(function, 3).steps
    assert [step.operation.__name__ for step in steps] == ["gt", "add", "mul"]


def test_equal_constants_of_different_types_stay_apart():
    assert list(map(type, record(lambda x: [x + 1, x + 1.0, 1, 1.0], 2).replay([5]))) == [int, float, int, float]


def test_no_cache_keeps_a_symbolic_number():
    @functools.cache
    def doubled(x):
        return 2 * x

    with pytest.raises(TypeError, match="unhashable"):
        record(lambda x: [doubled(x)], 3)
    assert doubled.cache_info().currsize == 0


def test_what_is_decided_by_a_copy_is_noted():
    for copied in (copy.copy, copy.deepcopy, lambda x: copy.deepcopy({"a": [x]})["a"][0]):
        recording = record(lambda x, copied=copied: [1 if copied(x) > 2 else 0], 3)
        assert (recording.replay([9]), recording.replay([1])) == ([1], None)
    with pytest.raises(TypeError, match="stays in its process"):
        record(lambda x: [1 if pickle.loads(pickle.dumps(x)) > 2 else 0], 3)


def test_what_has_no_rule_says_so():
    with pytest.raises(TypeError):
        record(lambda x: [x**2], 3)
    with pytest.raises(TypeError):
        record(lambda x: [json.dumps(x)], 3)


def test_a_symbolic_number_is_an_int_or_a_float_to_isinstance_alone():
    whole, real = Decisions().input(3), Decisions().input(0.5)
    assert isinstance(whole, int)
    assert not isinstance(whole, (float, bool))
    assert isinstance(real, float)
    assert type(whole) is type(real) is SymbolicNumber
