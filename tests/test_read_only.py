"""What a call returns belongs to nobody else: whatever can be changed in it changes no later answer."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convspec
from convspec.architectures import registry
from convspec.blocks import Conv, Sequence
from convspec.graph import GraphError
from convspec.language.catalogue import find_spec

DOCUMENT: dict[str, Any] = {
    "name": "x", "input": [8, 8, 1], "classes": 3, "parameters": {"widths": [4, 8]}, "defaults": {"conv": {"use_bias": False}},
    "templates": {"pair": {"parameters": {"f": 2}, "body": ["conv3-${f}"]}},
    "body": [{"block": "conv", "filters": "${widths[0]}"}, {"block": "pair"}, {"block": "conv", "filters": "${widths[1]}", "name": "c"}],
    "outputs": {"more": {"from": "c", "head": {"pooling": "avg"}}},
    "head": {"pooling": "avg", "fc": [4]}, "train": {"class_weights": {"0": 2.0}, "epochs": 1},
    "tune": {"space": {"head.dropout": {"uniform": [0.0, 0.5]}, "train.optimizer.name": {"choice": ["adam", "sgd"]}}},
}  # fmt: skip

CALLS: dict[str, Callable[[], object]] = {
    "list_specs": convspec.list_specs,
    "load": lambda: convspec.load("lenet5"),
    "load, a variant": lambda: convspec.load("resnet18"),
    "load, a mapping": lambda: convspec.load(DOCUMENT),
    "load, changed": lambda: convspec.load("vgg11", overrides={"classes": 10}, input_shape=(32, 32, 3)),
    "with_overrides": lambda: convspec.load("lenet5").with_overrides({"classes": 7}),
    "to_dict": lambda: convspec.load("resnet18").to_dict(),
    "analyze": lambda: convspec.analyze("lenet5"),
    "analyze, to_dict": lambda: convspec.analyze("lenet5").to_dict(),
    "compare": lambda: convspec.compare("lenet5", "mobilenet_v2"),
    "check": lambda: convspec.check({**DOCUMENT, "input": [8, 8], "classes": "3"}),
    "diff": lambda: convspec.diff("lenet5", "resnet18"),
    "find_spec": lambda: find_spec("lenet5"),
    "class_names": registry.class_names,
}


def parts(value: object, met: set[int] | None = None) -> Iterator[object]:
    """A value and all that can be reached from it: elements, keys, attributes."""
    met = set() if met is None else met
    if id(value) in met or isinstance(value, (str, bytes, int, float, type(None), type, Path)) or callable(value):
        return
    met.add(id(value))
    yield value
    inner: list[object] = [*value, *value.values()] if isinstance(value, dict) else []
    inner += [*value] if isinstance(value, (list, tuple, set, frozenset)) else []
    inner += vars(value).values() if hasattr(value, "__dict__") else []
    names = [
        name
        for base in type(value).__mro__
        for name in getattr(base, "__slots__", ())
        if isinstance(base.__slots__, tuple)
    ]
    inner += [getattr(value, name) for name in names if name[:2] != "__" and hasattr(value, name)]
    for one in inner:
        yield from parts(one, met)


def spoil(value: object) -> int:
    """Empty every list, mapping, set and array that lets itself be changed; how many did."""
    changed = 0
    for one in list(parts(value)):
        try:
            if isinstance(one, (dict, list, set)):
                one.clear()
            elif isinstance(one, np.ndarray):
                one[...] = 0
            else:
                continue
        except (TypeError, ValueError):
            continue
        changed += 1
    return changed


def said(value: object) -> object:
    """What a result says, in a form that nothing can change afterwards."""
    if isinstance(value, convspec.Spec):
        return value.to_yaml(), value.fingerprint, repr(value.document), value.loss_weights.copy(), repr(value.tune)
    if isinstance(value, convspec.Analysis):
        return value.pattern, repr(value.totals), repr(value.layers), said(value.spec)
    return repr(value)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_whatever_is_done_to_a_result_the_next_one_is_the_same(call: Callable[[], object]) -> None:
    before = copy.deepcopy(DOCUMENT)
    wanted = said(call())
    result = call()
    said(result)  # what is derived is there to be changed, too
    spoil(result)
    assert said(call()) == wanted
    assert before == DOCUMENT


@pytest.mark.parametrize("source", ["lenet5", "resnet18", DOCUMENT], ids=["lenet5", "resnet18", "a mapping"])
@pytest.mark.parametrize(
    "travel",
    [lambda spec: spec, copy.deepcopy, lambda spec: pickle.loads(pickle.dumps(spec))],
    ids=["itself", "copied", "pickled"],
)
def test_a_spec_does_not_change(source: Any, travel: Callable[[convspec.Spec], convspec.Spec]) -> None:
    spec = travel(convspec.load(source))
    analysis = convspec.analyze(spec)
    wanted = said(spec), said(analysis), spec.graph_fingerprint
    spoil(spec.to_dict())
    spoil(analysis.to_dict())
    for value in (spec.source, spec.document, spec.layers, spec.loss_weights, spec.recipe, spec.tune, spec.unused,
                  spec.graph.nodes, spec.graph.outputs, spec.graph.labels, analysis.layers, analysis.nodes):  # fmt: skip
        spoil(value)
    assert (said(spec), said(analysis), spec.graph_fingerprint) == wanted
    assert said(convspec.load(source)) == wanted[0]


def test_the_walk_finds_what_can_be_changed() -> None:
    class Holder:
        __slots__ = ("inner",)

        def __init__(self) -> None:
            self.inner = ({"a": [1, {2}]}, np.ones(2))

    value = Holder()
    assert spoil(value) == 4
    assert value.inner[0] == {}
    assert not value.inner[1].any()


@pytest.mark.parametrize(
    "change",
    [
        lambda spec: spec.source.update(classes=5),
        lambda spec: spec.source["body"].append("conv3-4"),
        lambda spec: spec.source["body"][0].pop("filters"),
        lambda spec: spec.source.key_marks.clear(),
        lambda spec: spec.layers.sort(key=lambda node: node.name),
        lambda spec: spec.loss_weights.update(x=3.0),
        lambda spec: spec.train.class_weights.clear(),
        lambda spec: spec.document.parameters["widths"].append(3),
        lambda spec: spec.document.variants.update(a=None),
        lambda spec: spec.graph.nodes.pop(),
        lambda spec: Sequence(body=[Conv(filters=2)]).body.clear(),
    ],
)
def test_who_changes_it_is_told_what_to_do(change: Callable[[convspec.Spec], object]) -> None:
    with pytest.raises(TypeError, match=r"read-only: change a copy, as `copy\(\)` or `Spec.to_dict\(\)` makes it"):
        change(convspec.load(DOCUMENT))


def test_a_checked_network_takes_no_more_layers() -> None:
    spec = convspec.load(DOCUMENT)
    with pytest.raises(GraphError, match="the graph is a checked network's, and takes no more layers"):
        Conv(filters=2)(spec.graph.nodes[0].output)


def test_copies_can_be_edited() -> None:
    spec = convspec.load(DOCUMENT)
    edited = {**spec.source, "classes": 4}
    edited["body"] = [*edited["body"], "conv3-5"]
    assert convspec.load(edited).classes == 4
    copied = spec.layers.copy()
    copied.clear()
    assert (type(copied), len(spec.layers)) == (list, len(convspec.load(DOCUMENT).layers))
