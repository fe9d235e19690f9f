"""Candidates are judged by replaying what was computed for others like them; each figure is that of the plain way."""

import itertools
import json

import pytest

from convspec import InputError, load
from convspec.language.search_space_checks import with_values
from convspec.language.spec import plain
from convspec.tuning.constraints import ConstraintCheck
from convspec.tuning.memoised_constraints import MOST, MemoisedConstraints
from convspec.tuning.sampling import samples
from convspec.tuning.space import Region, dimensions

from .specs import document

ALL = dict.fromkeys(("parameters", "macs", "memory", "receptive_field", "depth"), "> 0")
CONV = {"block": "conv_relu_pool", "filters": 8}


def judge_of(space, **network):
    """A judge that wants every quantity of the tests' network, or of another one."""
    spec = load({**document(**network), "tune": {"space": space, "constraints": ALL}})
    return ConstraintCheck(spec, spec.tune)


def candidates(constraint_check, count):
    space = dimensions(constraint_check.tune)
    return itertools.islice(samples(1, 1, space, {one.path: Region() for one in space}), count)


def outcome(compute, *arguments):
    try:
        return compute(*arguments)
    except InputError as error:
        return error.diagnostics[0].message


def agree(constraint_check, count=60):
    """Compare with the plain way; how many were asked for and how many replayed."""
    for values in candidates(constraint_check, count):
        document = with_values(constraint_check.figures.document, constraint_check.tune, values)
        assert outcome(constraint_check.figures, values) == outcome(constraint_check._figures, document), values
    structures = constraint_check.figures.structures.values()
    return sum(one.asked for one in structures), sum(one.held for one in structures)


@pytest.mark.parametrize(
    ("space", "network"),
    [
        ({"body[0].filters": {"log_int": [2, 512]}, "head.fc[0]": {"int": [1, 400]}}, {}),
        ({"head.dropout": {"uniform": [0.0, 0.6]}, "body[0].filters": {"int": [1, 64]}}, {}),
        (
            {"parameters.width": {"int": [3, 90]}, "body[0].kernel_size": {"choice": [1, 3, 5]}},
            {"parameters": {"width": 8}, "body": [{**CONV, "filters": "${2 * width}"}, {**CONV, "filters": "${width}"}]},
        ),
        (
            {"parameters.alpha": {"uniform": [0.3, 2.0]}},
            {
                "parameters": {"alpha": 1.0},
                "body": [
                    {"block": "conv", "filters": "${int(32 * alpha)}"},
                    {"block": "inverted_residual", "filters": "${divisible(24 * alpha)}", "squeeze_excite": {"ratio": 4}},
                    {"block": "inverted_residual", "filters": "${round_to(24 * alpha, 8)}", "divisor": 8},
                    {"block": "dense_block", "layers": 2, "growth_rate": "${floor(9 * alpha)}"},
                    {"block": "transition", "compression": 0.7},
                ],
            },
        ),
        (
            {
                "body[0].norm": {"choice": [None, {"kind": "batch"}]},
                "body[0].norm.momentum": {"uniform": [0.5, 0.9], "when": {"body[0].norm": [{"kind": "batch"}]}},
                "body[0].filters": {"int": [4, 40]},
            },
            {},
        ),
    ],
    ids=["counts", "a rate that may be 0", "parameters and choices", "a width multiplier", "conditions"],
)  # fmt: skip
def test_figures_are_those_of_the_plain_way_and_most_are_replayed(space, network):
    asked, held = agree(judge_of(space, **network))
    assert asked == 60
    assert held > 35


@pytest.mark.parametrize(
    ("space", "network"),
    [
        ({"body[0].kernel_size": {"int": [1, 12]}, "body[1].pool_size": {"int": [1, 5]}}, {}),
        ({"body[0].strides": {"int": [1, 3]}, "body[0].filters": {"int": [1, 9]}}, {}),
        ({"body[0].groups": {"int": [1, 9]}, "body[0].filters": {"int": [1, 64]}}, {"input": [8, 8, 4]}),
        ({"body[0].repeat": {"int": [0, 9]}}, {"body": [{"block": "conv", "filters": 4, "repeat": 2}]}),
        ({"body[0].filters": {"int": [4, 9]}}, {"body": [{"block": "conv", "filters": 4, "name": "a"}, "conv3-4", {"block": "add", "from": ["a", "body_1"]}]}),
        ({"classes": {"int": [9, 11]}}, {}),
    ],
    ids=["kernels", "strides", "groups", "repeats", "sums", "classes"],
)  # fmt: skip
def test_where_numbers_decide_what_the_network_is_figures_and_diagnostics_are_those_of_the_plain_way(space, network):
    asked, _ = agree(judge_of(space, **network))
    assert asked == 60


@pytest.mark.parametrize(
    "name", ["lenet5", "mobilenet_v2", "efficientnet_b0", "densenet121", "resnet50", "nasnet_mobile"]
)
def test_architectures_of_the_catalogue_at_any_numbers_of_their_parameters(name):
    source = plain(load(name).source)
    distributions = {
        f"parameters.{key}": {"int": [max(1, value - 3), value + 3]} if type(value) is int else {"uniform": [0.4, 0.9]}
        for key, value in source.get("parameters", {}).items()
        if type(value) in (int, float)
    } or {"body[0].filters": {"int": [4, 40]}}  # fmt: skip
    spec = load({**source, "tune": {"space": distributions, "constraints": ALL}})
    asked, _ = agree(ConstraintCheck(spec, spec.tune), 12)
    assert asked == 12


def test_verdicts_are_those_of_the_plain_way():
    tune = {"space": {"body[0].filters": {"log_int": [2, 512]}}, "constraints": {"parameters": "< 20k", "macs": "> 9k"}}
    spec = load(document(tune))
    constraint_check = ConstraintCheck(spec, spec.tune)
    for values in candidates(constraint_check, 40):
        assert constraint_check.verdict(values) == ConstraintCheck(spec, spec.tune).verdict(values)
    assert {verdict.split()[0] for verdict in constraint_check.verdicts.values() if verdict} == {"parameters", "macs"}


def replayed(compute):
    spec = load(document({"space": {"body[0].filters": {"int": [1, 64]}}}))
    return MemoisedConstraints(spec.source, spec.tune, lambda document: compute(document["body"][0]["filters"]))


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: [len(json.dumps(x))],
        lambda x: [x**2],
        lambda x: [x.bit_length()],
        lambda x: [1 if type(x) is int else 2],
    ],
    ids=["C code", "an operation without a rule", "a method", "a look at the type"],
)
def test_what_cannot_be_recorded_is_computed(compute):
    figures = replayed(compute)
    assert [figures({"body[0].filters": x}) for x in range(1, 40)] == [compute(x) for x in range(1, 40)]
    (structure,) = figures.structures.values()
    assert structure.recordings == []


def test_recording_ends_where_it_does_not_pay():
    calls = []

    def compute(x):
        calls.append(x)
        return [len(f"{x}")]  # a way of its own for each number

    figures = replayed(compute)
    assert [figures({"body[0].filters": x}) for x in range(1, 200)] == [[len(str(x))] for x in range(1, 200)]
    (structure,) = figures.structures.values()
    assert 0 < len(structure.recordings) <= MOST
    assert len(calls) < 199 + 20
