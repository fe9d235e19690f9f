"""Names, order and arguments of the layers that blocks make."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from convspec import load
from convspec.blocks import Sequence, Table
from convspec.graph import (
    Graph,
)


def test_a_table_of_blocks_is_the_blocks_of_its_rows() -> None:
    graph = Graph()
    block = {"block": "conv", "kernel_size": 3, "padding": "same"}
    table = Table(columns=["filters", "strides"], rows=[[4, 1], [6, 2]], of=block)
    assert table(graph.input((8, 8, 3))).shape == (4, 4, 6)
    assert [(node.name, node.operation.label) for node in graph.nodes[1:]] == [
        ("table_0", "Conv2D 3x3"),
        ("table_1", "Conv2D 3x3/2"),
    ]


@pytest.mark.parametrize("fields", [{"columns": [], "rows": [[]]}, {"columns": ["filters"], "rows": []}])
def test_a_table_has_columns_and_rows(fields: dict[str, list[str]]) -> None:
    with pytest.raises(ValidationError, match="should have at least 1 item"):
        Table(**fields, of={"block": "conv"})


def test_what_a_sequence_is_called() -> None:
    assert [Sequence(body=[]).kind, Sequence(body=[], template="unit").kind] == ["sequence", "unit"]


@pytest.mark.parametrize(
    "block",
    [
        {"block": "flatten"}, {"block": "batch_norm"}, {"block": "layer_norm"}, {"block": "max_pool"},
        {"block": "avg_pool"}, {"block": "global_avg_pool"}, {"block": "global_max_pool"}, {"block": "relu"},
        {"block": "dropout", "rate": 0.5}, {"block": "reshape", "target_shape": [-1, 3]}, {"block": "cropping", "cropping": 1},
        {"block": "zero_padding", "padding": 1}, {"block": "up_sampling"}, {"block": "dense", "units": 3},
        {"block": "channel_shuffle", "groups": 3}, {"block": "lrn"}, {"block": "scale", "scale": 0.5},
    ],
    ids=lambda block: block["block"],
)  # fmt: skip
def test_a_block_of_one_layer_gives_it_its_name(block: dict[str, object]) -> None:
    spec = load({"name": "x", "input": [9, 9, 3], "body": [{**block, "name": "mine"}], "head": None})
    assert [node.name for node in spec.graph.nodes[1:]] == ["mine"]


def test_the_layers_of_a_convolution_with_all_that_may_follow_it_have_its_name() -> None:
    block = {"block": "conv_relu_pool", "name": "c", "filters": 3, "convs": 2, "lrn": True}
    spec = load({"name": "x", "input": [8, 8, 3], "body": [block], "head": None})
    assert [node.name for node in spec.graph.nodes[1:]] == ["c_conv1", "c_conv2", "c_lrn", "c_pool"]


def test_the_layers_of_an_auxiliary_classifier_have_its_name() -> None:
    body = [{"block": "auxiliary_classifier", "name": "a", "classes": 3}]
    spec = load({"name": "x", "input": [14, 14, 3], "body": body, "head": None})
    names = ["a_pool", "a_conv", "a_flatten", "a_fc1", "a_dropout", "a"]
    assert [node.name for node in spec.graph.nodes[1:]] == names


def test_an_inception_block_with_normalisation_has_no_biases() -> None:
    block = {"block": "inception", "conv1x1": 2, "conv3x3": 2, "norm": {"kind": "batch"}}
    spec = load({"name": "x", "input": [8, 8, 3], "body": [block], "head": None})
    biases = [node.operation.use_bias for node in spec.graph.nodes if node.operation.keras_class == "Conv2D"]
    assert biases == [False] * 2


def test_the_layers_of_an_exclusive_gate_have_its_name() -> None:
    block = {"block": "basic", "name": "unit", "filters": 3, "shortcut": "exclusive_gate"}
    spec = load({"name": "x", "input": [8, 8, 3], "body": [block], "head": None})
    names = {node.name: node.operation.keras_class for node in spec.graph.nodes}
    assert {name: names.get(name) for name in ("unit_gate", "unit_0_gate", "unit_0_gated", "unit_gated")} == {
        "unit_gate": "Conv2D", "unit_0_gate": "Complement", "unit_0_gated": "Multiply", "unit_gated": "Multiply",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("branch", "strides"),
    [([], (1, 1)), (["maxpool2/2"], (2, 2)), ([{"block": "avg_pool", "pool_size": [1, 2]}], (1, 2))],
)
def test_a_projection_strides_as_its_branch_does(branch: list[object], strides: tuple[int, int]) -> None:
    block = {"block": "residual", "name": "r", "shortcut": "projection", "body": ["conv3-4", *branch]}
    graph = load({"name": "x", "input": [8, 8, 3], "body": [block], "head": None}).graph
    assert graph.find("r_0_conv").operation.strides == strides


@pytest.mark.parametrize("replaces", [True, False])
def test_a_shortcut_has_a_bias_where_no_normalisation_replaces_it(replaces: bool) -> None:
    block = {"block": "basic", "filters": 8, "use_bias": True, "norm_replaces_bias": replaces}
    spec = load({"name": "x", "input": [8, 8, 3], "body": [block], "head": None})
    biases = [node.operation.use_bias for node in spec.graph.nodes if node.operation.keras_class == "Conv2D"]
    assert biases == [not replaces] * 3
