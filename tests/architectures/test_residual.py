"""Residual units and the networks made of them: shapes, names, the six shortcuts, and what tells the families apart."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import convspec
from convspec.blocks.residual import Basic, Bottleneck
from convspec.builder import build_graph
from convspec.graph import Graph, GraphError, Node

from .reference import fresh


def unit(block, shape=(8, 8, 16), name="u") -> Graph:
    """The graph of one unit."""
    graph = Graph()
    graph.outputs.append(block(graph.input(shape), name))
    return graph


def names(graph: Graph) -> list[str]:
    return [node.name for node in graph.nodes[1:]]


def nodes(name: str, ending: str) -> list[Node]:
    """The layers of a network whose names end so, in order."""
    return [node for node in convspec.load(name).graph.layers() if node.name.endswith(ending)]


@pytest.mark.parametrize("preactivation", [False, True])
@pytest.mark.parametrize(("strides", "size"), [(1, 9), (2, 5)])
@pytest.mark.parametrize("zeros", ["same", "strided", "always"])
@pytest.mark.parametrize("downsample", ["projection", "projection_3x3", "pool_projection", "pad"])
@pytest.mark.parametrize(("block", "channels"), [(Basic, 24), (Bottleneck, 96)])
def test_a_unit_has_the_shape_that_it_states(block, channels, downsample, zeros, strides, size, preactivation):
    made = block(filters=24, strides=strides, zeros=zeros, downsample=downsample, preactivation=preactivation)
    assert unit(made, (9, 9, 16)).outputs[0].shape == (size, size, channels)


def test_layers_are_named_as_in_keras():
    assert names(unit(Bottleneck(filters=4, strides=2))) == [
        "u_0_conv", "u_0_bn", "u_1_conv", "u_1_bn", "u_1_relu", "u_2_conv", "u_2_bn", "u_2_relu", "u_3_conv", "u_3_bn",
        "u_add", "u_out",
    ]  # fmt: skip


def test_a_preactivated_unit_ends_in_the_sum():
    assert names(unit(Basic(filters=16, preactivation=True))) == [
        "u_preact_bn", "u_preact_relu", "u_1_conv", "u_1_bn", "u_1_relu", "u_2_conv", "u_out",
    ]  # fmt: skip


def test_a_preactivated_shortcut_starts_behind_the_activation_only_where_channels_change():
    changed, kept = (
        unit(Basic(filters=filters, strides=2, preactivation=True, downsample=downsample))
        for filters, downsample in ((32, "projection"), (16, "pool"))
    )
    assert changed.find("u_0_conv").inputs[0].node.name == "u_preact_relu"
    assert kept.find("max_pooling2d").inputs[0].node.name == "input_layer"


@pytest.mark.parametrize(
    ("zeros", "padded"), [("same", []), ("strided", ["u_1_pad"]), ("always", ["u_1_pad", "u_2_pad"])]
)
def test_zeros_are_counted_where_asked(zeros, padded):
    assert [name for name in names(unit(Basic(filters=16, strides=2, zeros=zeros))) if "pad" in name] == padded


def test_a_counted_border_shows_in_the_message_of_a_filter_that_does_not_fit():
    graph = Graph(fit="strict")
    with pytest.raises(GraphError, match=r"an 8x8 input: \(8 - 3 \+ 2\*1\)/2 \+ 1 = 4\.50"):
        Basic(filters=16, strides=2, zeros="strided", downsample="pool_projection")(graph.input((8, 8, 16)), "u")


@pytest.mark.parametrize(
    ("biases", "biased"),
    [
        ({}, []),
        ({"use_bias": True}, ["u_0_conv", "u_1_conv", "u_2_conv", "u_3_conv"]),
        ({"use_bias": True, "norm_replaces_bias": True}, ["u_0_conv", "u_3_conv"]),
    ],
)
def test_biases_go_where_asked(biases, biased):
    graph = unit(Bottleneck(filters=8, strides=2, preactivation=True, **biases))
    assert sorted(n.name for n in graph.nodes if any(w.name == "bias" for w in n.weights)) == biased


def test_a_width_of_nothing_is_refused():
    with pytest.raises(GraphError, match=r"filters \* width_per_group / 64 = 8 \* 4 / 64 = 0\.50") as caught:
        unit(Bottleneck(filters=8, width_per_group=4))
    assert (caught.value.field, caught.value.remedy) == ("width_per_group", "fits: width_per_group 8 or more")


def test_option_a_takes_every_second_pixel_and_adds_channels_of_zeros():
    graph = unit(Basic(filters=24, strides=2, downsample="pad"))
    graph.outputs[:] = [graph.find("u_0_pad").output]
    x = np.random.default_rng(0).normal(size=(1, 8, 8, 16)).astype("float32")
    shortcut = np.asarray(build_graph(graph)(x))
    np.testing.assert_array_equal(shortcut[..., :16], x[:, ::2, ::2])
    assert not shortcut[..., 16:].any()


SHORTCUTS = {  # He et al. 2016, table 1, arXiv:1603.05027: x the input, f the branch, g the gate, p the projection
    "identity": lambda x, f, g, p: x + f,
    "scale": lambda x, f, g, p: 0.5 * x + 0.5 * f,
    "exclusive_gate": lambda x, f, g, p: (1 - g) * x + g * f,
    "shortcut_gate": lambda x, f, g, p: (1 - g) * x + f,
    "projection": lambda x, f, g, p: p + f,
    "dropout": lambda x, f, g, p: x + f,
}


@pytest.mark.parametrize("kind", SHORTCUTS)
def test_a_shortcut_computes_what_the_study_says(kind):
    graph = unit(Basic(filters=16, shortcut=kind))
    parts = ["u_2_bn", *(name for name in ("u_gate", "u_0_bn") if name in names(graph)), "u_add"]
    graph.outputs[:] = [graph.find(name).output for name in parts]
    model = fresh(lambda: build_graph(graph), allocate=True)
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 16)).astype("float32")
    found = dict(zip(parts, map(np.asarray, model(x)), strict=True))
    gate, projection = found.get("u_gate"), found.get("u_0_bn")
    expected = SHORTCUTS[kind](x, found["u_2_bn"], gate, projection)
    np.testing.assert_allclose(found["u_add"], expected, rtol=1e-5, atol=1e-5)


def test_a_dropped_shortcut_drops_in_training_alone():
    model = fresh(lambda: build_graph(unit(Basic(filters=16, shortcut="dropout"))), allocate=True)
    model.get_layer("u_2_bn").set_weights([np.zeros(16), np.zeros(16), np.zeros(16), np.ones(16)])  # no branch
    out = np.asarray(model(np.ones((4, 8, 8, 16), "float32"), training=True))
    assert set(np.unique(out)) == {0.0, 2.0}
    assert 0.4 < (out == 0).mean() < 0.6


@pytest.mark.parametrize(("kind", "bias"), [("exclusive_gate", -6.0), ("shortcut_gate", 0.0)])
def test_gates_start_with_the_biases_of_the_study(kind, bias):
    model = fresh(lambda: build_graph(unit(Basic(filters=16, shortcut=kind))), allocate=True)
    assert np.unique(model.get_layer("u_gate").get_weights()[1]).tolist() == [bias]


@pytest.mark.parametrize(
    ("name", "ending", "operation"),
    [
        ("resnet110_scale", "_0_scale", "Scale"),
        ("resnet110_exclusive_gate", "_gate", "Conv2D"),
        ("resnet110_shortcut_gate", "_gate", "Conv2D"),
        ("resnet110_projection", "_0_conv", "Conv2D"),
        ("resnet110_dropout", "_0_dropout", "Dropout"),
    ],
)
def test_every_unit_of_the_study_has_its_shortcut(name, ending, operation):
    found = [node for node in nodes(name, ending) if node.operation.keras_class == operation]
    assert len(found) == 54


def test_cifar_networks_have_6n_plus_2_layers():
    for depth in (20, 32, 44, 56, 110):
        layers = convspec.load(f"resnet{depth}").graph.layers()
        assert sum(node.operation.keras_class in ("Conv2D", "Dense") for node in layers) == depth


def test_stochastic_depth_rises_to_one_half():
    rates = [node.operation.drop_path_rate for node in nodes("resnet110_stochastic_depth", "_drop")]
    np.testing.assert_allclose(rates, np.arange(1, 55) / 54 / 2)


@pytest.mark.parametrize(
    ("name", "strided"),
    [
        ("resnet50", {"conv3_block1_0_conv", "conv3_block1_1_conv"}),
        ("resnext50_32x4d", {"conv3_block1_0_conv", "conv3_block1_2_conv"}),
        ("resnet50d", {"conv3_block1_0_pool", "conv3_block1_2_conv"}),
        ("senet154", {"conv3_block1_0_conv", "conv3_block1_2_conv"}),
    ],
)
def test_the_stride_is_where_each_family_has_it(name, strided):
    stage = (node for node in convspec.load(name).graph.layers() if node.name.startswith("conv3_"))
    assert {node.name for node in stage if getattr(node.operation, "strides", (1, 1)) == (2, 2)} == strided


@pytest.mark.parametrize(
    ("name", "widths"),
    [
        ("resnet50", [64, 128, 256, 512]),
        ("resnext50_32x4d", [128, 256, 512, 1024]),  # arXiv:1611.05431, table 1
        ("resnext101_64x4d", [256, 512, 1024, 2048]),
        ("wide_resnet50_2", [128, 256, 512, 1024]),
        ("senet154", [256, 512, 1024, 2048]),
    ],
)
def test_the_3x3_is_as_wide_as_published(name, widths):
    assert [nodes(name, f"conv{stage}_block1_2_conv")[0].output.channels for stage in (2, 3, 4, 5)] == widths


def test_senet_halves_its_first_1x1_and_projects_with_3x3_where_it_strides():
    assert [node.output.channels for node in nodes("senet154", "_block1_1_conv")] == [128, 256, 512, 1024]
    kernels = [node.operation.kernel_size for node in nodes("senet154", "_block1_0_conv")]
    assert kernels == [(1, 1), (3, 3), (3, 3), (3, 3)]


def test_resnet_rs_drops_more_paths_in_later_stages():
    rates = dict.fromkeys(node.operation.drop_path_rate for node in nodes("resnet_rs200", "_drop"))
    np.testing.assert_allclose(list(rates), [0.04, 0.06, 0.08, 0.1])
    assert nodes("resnet_rs50", "_drop") == []


def test_a_gate_stands_on_the_branch_before_the_sum():
    graph = convspec.load("se_resnet18").graph
    assert [tensor.node.name for tensor in graph.find("conv2_block1_add").inputs] == [
        "pool1_pool",
        "conv2_block1_se_excite",
    ]
    assert graph.find("conv2_block1_se_reduce").output.shape == (1, 1, 4)


def test_a_unit_works_on_a_keras_tensor():
    inputs = keras.Input((8, 8, 16))
    model = keras.Model(inputs, Bottleneck(filters=8, strides=2)(inputs, name="unit"))
    assert model.output_shape == (None, 4, 4, 32)
    assert model.get_layer("unit_2_conv").kernel.shape == (3, 3, 8, 8)


def test_a_gate_can_count_from_the_units_input():
    graph = unit(Basic.model_validate({"filters": 64, "squeeze_excite": {"ratio": 4, "relative_to": "input"}}))
    assert graph.find("u_se_reduce").output.channels == 4


TIMM = {  # timm's benchmark table: image size and GMACs, which count norms as well
    "resnet_rs50": (224, 4.48),
    "resnet_rs101": (288, 13.56),
    "resnet_rs152": (320, 24.34),
    "resnet_rs200": (320, 31.51),
    "resnet_rs270": (352, 51.13),
    "resnet_rs350": (384, 77.59),
    "resnet_rs420": (416, 108.45),
}


@pytest.mark.parametrize(("name", "size", "giga"), [(name, *row) for name, row in TIMM.items()], ids=TIMM)
def test_resnet_rs_costs_what_timm_measures_less_the_norms(name, size, giga):
    macs = sum(node.macs for node in convspec.load(name, input_shape=(size, size, 3)).graph.layers())
    assert 0.99 * giga < macs / 1e9 < giga
