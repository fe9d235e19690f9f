"""Inverted residuals, their gates and their zeros, in anybody's network."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import convspec
from convspec.blocks import Activation, Gate, InvertedResidual, Stride2Padding, parse_block
from convspec.graph import Graph


def network(*body: object, size: int = 16) -> convspec.Spec:
    return convspec.load({"name": "mine", "input": [size, size, 8], "body": list(body), "head": None})


def layers(spec: convspec.Spec) -> list[tuple[str, str]]:
    return [(node.name, node.operation.label) for node in spec.graph.layers()[1:]]


def test_expand_filter_project_and_add():
    assert layers(network({"block": "inverted_residual", "name": "unit", "filters": 8, "expansion": 4})) == [
        ("unit_expand_conv", "Conv2D 1x1"),
        ("unit_expand_bn", "BatchNormalization"),
        ("unit_expand_activation", "Activation relu6"),
        ("unit_dwconv", "DepthwiseConv2D 3x3"),
        ("unit_bn", "BatchNormalization"),
        ("unit_activation", "Activation relu6"),
        ("unit_project_conv", "Conv2D 1x1"),
        ("unit_project_bn", "BatchNormalization"),
        ("unit_add", "Add"),
    ]


def test_fused_without_expansion_is_one_convolution_with_its_activation():
    unit = {"block": "inverted_residual", "name": "unit", "filters": 12, "fused": True, "expansion": 1, "strides": 2}
    assert layers(network(unit)) == [
        ("unit_project_conv", "Conv2D 3x3/2"),
        ("unit_project_bn", "BatchNormalization"),
        ("unit_project_activation", "Activation relu6"),
    ]


def test_fused_with_expansion_strides_while_it_expands():
    unit = {"block": "inverted_residual", "name": "unit", "filters": 12, "fused": True, "strides": 2, "kernel_size": 5}
    names = dict(layers(network(unit)))
    assert names["unit_expand_conv"] == "Conv2D 5x5/2"
    assert names["unit_project_conv"] == "Conv2D 1x1"


@pytest.mark.parametrize(
    ("fields", "channels"),
    [
        ({"ratio": 4}, 12),
        ({"ratio": 4, "relative_to": "input"}, 2),
        ({"ratio": 4, "divisor": 8}, 16),
        ({"ratio": 16, "divisor": 2}, 4),
        ({"ratio": 16, "divisor": 1}, 3),
        ({"channels": 5, "ratio": 4}, 5),
        ({"ratio": 1000}, 1),
    ],
)
def test_how_far_a_gate_reduces(fields, channels):
    """Of 48 channels in a unit whose input has 8; 12 rounds to 16 and not to 8, which is below nine tenths of it."""
    unit = {"block": "inverted_residual", "name": "unit", "filters": 8, "squeeze_excite": fields}
    spec = network(unit)
    assert spec.graph.find("unit_se_reduce").output.shape == (1, 1, channels)
    assert spec.graph.find("unit_se_excite").output.shape == (16, 16, 48)


def test_a_gate_on_any_block_may_count_from_the_input():
    conv = {"block": "conv", "name": "conv", "filters": 64, "squeeze_excite": {"ratio": 2, "relative_to": "input"}}
    assert network(conv).graph.find("conv_se_reduce").output.channels == 4


def test_the_middle_rounds_to_a_multiple():
    x = Graph().input((8, 8, 24))
    InvertedResidual(filters=24, expansion=88 / 24, divisor=8, name="unit")(x)
    assert x.graph.find("unit_expand_conv").output.channels == 88


def computed(layout: str) -> np.ndarray:
    gate = Gate(ratio=4, gate_activation="hard_sigmoid")
    unit = InvertedResidual(filters=8, layout=layout, squeeze_excite=gate)
    images = keras.Input((9, 8, 8))
    model = keras.Model(images, unit(images, "unit"))
    for number, weight in enumerate(model.weights):
        weight.assign(keras.random.uniform(weight.shape, 0.1, 0.5, seed=number))
    return np.asarray(model(np.linspace(-1, 1, 2 * 9 * 8 * 8, dtype="f4").reshape(2, 9, 8, 8)))


def test_layouts_differ_in_names_alone():
    expected = computed("efficientnet")
    assert np.ptp(expected) > 0.1
    for layout in ("efficientnet_v2", "mobilenet_v2", "mobilenet_v3"):
        np.testing.assert_allclose(computed(layout), expected, rtol=1e-5)


@pytest.mark.parametrize(("activation", "layer"), [("sigmoid", "unit_squeeze_excite_sigmoid"), ("hard_sigmoid", None)])
def test_the_gate_of_mobilenet_v3_names_its_activation(activation, layer):
    """keras.applications, whose gates end in a hard sigmoid alone, leaves its name to Keras."""
    gate = {"ratio": 4, "gate_activation": activation}
    unit = {
        "block": "inverted_residual",
        "name": "unit",
        "filters": 8,
        "layout": "mobilenet_v3",
        "squeeze_excite": gate,
    }
    names = [name for name, _ in layers(network(unit))]
    behind = names[names.index("unit_squeeze_excite_conv_1") + 1 : names.index("unit_squeeze_excite_mul")]
    assert [name for name in behind if name.startswith("unit")] == ([layer] if layer else [])


@pytest.mark.parametrize("kernel_size", [1, 2, 3, 5, (3, 5)])
@pytest.mark.parametrize("shape", [(8, 8), (7, 8), (9, 11)])
def test_stride2_padding_lays_zeros_where_same_does(kernel_size, shape):
    images = keras.Input((*shape, 2))
    same = keras.layers.Conv2D(3, kernel_size, 2, "same")
    valid = keras.layers.Conv2D(3, kernel_size, 2)
    model = keras.Model(images, [same(images), valid(Stride2Padding(kernel_size=kernel_size)(images, "pad"))])
    valid.set_weights(same.get_weights())
    expected, found = model(np.random.default_rng(0).normal(size=(1, *shape, 2)).astype("f4"))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_spec_may_call_it_by_its_former_name():
    former, current = ({"block": name, "name": "pad"} for name in ("halving_pad", "stride2_padding"))
    assert network(former).fingerprint == network(current).fingerprint
    assert parse_block(former) == parse_block(current) == Stride2Padding(name="pad")


def test_an_open_size_counts_as_even():
    assert Stride2Padding(kernel_size=5)(Graph().input((None, 7, 3)), "pad").node.operation.padding == ((1, 2), (1, 2))


def test_a_linear_activation_is_a_layer():
    x = Activation(activation=None)(Graph().input((4,)), "logits")
    assert (x.node.name, x.node.operation.label) == ("logits", "Activation linear")


def test_an_empty_name_is_the_one_that_keras_would_make_up():
    spec = network({"block": "relu", "name": ""}, {"block": "relu", "name": "", "max_value": 6.0}, "relu")
    assert [node.name for node in spec.graph.nodes[1:]] == ["re_lu", "re_lu_1", "body_2"]
