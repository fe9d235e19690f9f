"""Chains and towers, the Inception networks and Xception; Keras's own, and published figures for the rest."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras.src.applications import inception_resnet_v2
from pydantic import ValidationError

import convspec
from convspec.blocks import Chain, Gate, InceptionResnet, Mixed, Norm, XceptionModule
from convspec.graph import Graph

from .reference import assert_same_outputs, assert_twin, fresh


def graph_of(block, shape=(35, 35, 64)) -> Graph:
    graph = Graph()
    graph.outputs.append(block(graph.input(shape), "m"))
    return graph


def names(graph: Graph) -> list[str]:
    return [node.name for node in graph.nodes[1:]]


def trainable(graph: Graph) -> int:
    return sum(weight.size for node in graph.layers() for weight in node.weights if weight.trainable)


def macs(graph: Graph) -> int:
    return sum(node.macs for node in graph.layers())


def test_a_chain_is_read_word_by_word():
    graph = graph_of(Chain(layers="conv3-32/2V maxpool3/2 conv1x7-64"))
    assert [graph.find(name).operation.label for name in ("m_0_conv", "m_1", "m_2_conv")] == [
        "Conv2D 3x3/2",
        "MaxPooling2D 3x3/2",
        "Conv2D 1x7",
    ]
    assert names(graph) == ["m_0_conv", "m_0_bn", "m_0_relu", "m_1", "m_2_conv", "m_2_bn", "m_2_relu"]
    assert [graph.find(name).output.shape for name in ("m_0_conv", "m_1", "m_2_relu")] == [
        (17, 17, 32),
        (9, 9, 32),
        (9, 9, 64),
    ]


def test_a_v_means_no_padding_as_in_the_papers_figures():
    assert graph_of(Chain(layers="conv3-8")).outputs[0].shape == (35, 35, 8)
    assert graph_of(Chain(layers="conv3-8V")).outputs[0].shape == (33, 33, 8)
    assert graph_of(Chain(layers="avgpool3/1")).outputs[0].shape == (35, 35, 64)
    assert graph_of(Chain(layers="maxpool3/2V")).outputs[0].shape == (17, 17, 64)


def test_towers_stand_side_by_side():
    graph = graph_of(Mixed(towers=["conv1-8", "conv1-4 conv5-16", "avgpool3/1 conv1-2"]))
    assert graph.outputs[0].shape == (35, 35, 8 + 16 + 2)
    assert [tensor.node.name for tensor in graph.find("m").inputs] == ["m_0_0_relu", "m_1_1_relu", "m_2_1_relu"]


def test_a_tower_may_split_and_splits_may_nest():
    graph = graph_of(Chain(layers="conv1-4 (conv1x3-8 | conv3-6 (conv1-1 | conv1-2)) conv1-5"))
    assert graph.find("m_1_concat").output.channels == 8 + (1 + 2)
    assert graph.find("m_1_1_1_concat").output.channels == 1 + 2
    assert graph.outputs[0].channels == 5


def test_splits_can_be_named():
    graph = graph_of(Mixed(towers=["(conv1-1 | conv1-2)", "(conv1-3 | conv1-4)"], split_names=["first"]))
    assert [node.name for node in graph.nodes if node.name in ("first", "m_1_0_concat")] == ["first", "m_1_0_concat"]


def test_automatic_names_count_as_keras_does():
    block = Mixed(towers=["conv1-1", "avgpool3/1 conv1-2"], automatic_names=True, norm=None)
    assert names(graph_of(block)) == ["conv2d", "activation", "average_pooling2d", "conv2d_1", "activation_1", "m"]


def test_the_norm_and_bias_are_the_ones_asked_for():
    conv, norm = graph_of(Chain(layers="conv1-4", norm=Norm(scale=False), use_bias=True)).nodes[1:3]
    assert [weight.name for weight in conv.weights] == ["kernel", "bias"]
    assert [weight.name for weight in norm.weights] == ["beta", "moving_mean", "moving_variance"]


FORMS = (
    "the forms are conv3-64, conv1x7-64/2 (a stride), conv3-64V (no padding), maxpool3/2, avgpool3/1, "
    "(conv1x3-64 | conv3x1-64)"
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("conv3_64", "'conv3_64' is neither a convolution nor a pool"),
        ("conv1-8 flatten", "'flatten' is neither a convolution nor a pool"),
        ("conv3-64VV", "'conv3-64VV' is neither a convolution nor a pool"),
        ("", "'' is no chain of layers"),
        ("conv1-8 | conv1-8", "'|' stands alone"),
        ("conv1-8)", "')' stands alone"),
        ("conv1-8 (conv1-8 | conv1-8", "'(' is not closed"),
        ("(conv1-8)", "'(...)' needs two chains or more, with `|` between them"),
        ("(" * 100_000, f"'{'(' * 57}...' has more than 16 splits"),
        ("c" * 100, f"'{'c' * 57}...' is neither a convolution nor a pool"),
        ("(conv1-8 |)", "'(...)' needs two chains or more, with `|` between them"),
    ],
)
def test_what_is_no_chain_is_refused(text, problem):
    with pytest.raises(ValidationError) as caught:
        Chain(layers=text)
    assert caught.value.errors()[0]["msg"] == f"Value error, {problem}; {FORMS}"


def test_a_wrong_tower_is_pointed_at():
    spec = {"name": "x", "input": [8, 8, 3], "body": [{"block": "mixed", "towers": ["conv1-8", "conf3-8"]}]}
    with pytest.raises(convspec.InputError) as caught:
        convspec.load(spec)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.path, diagnostic.message) == (
        "body[0].towers[1]",
        f"'conf3-8' is neither a convolution nor a pool; {FORMS}",
    )


def test_a_gate_stands_on_the_towers_of_a_residual_unit_and_not_on_its_sum():
    graph = graph_of(InceptionResnet(towers=["conv1-8"], scale=0.2, squeeze_excite=Gate()))
    assert [tensor.node.name for tensor in graph.find("m_scale").inputs] == ["input_layer", "m_se_excite"]


@pytest.mark.parametrize("activation", ["relu", None])
def test_a_residual_unit_is_the_one_of_keras(activation):
    towers = ["conv1-32", "conv1-32 conv3-32", "conv1-32 conv3-48 conv3-64"]
    block = InceptionResnet(
        towers=towers, scale=0.17, output_activation=activation, norm=Norm(scale=False), automatic_names=True
    )

    def theirs() -> keras.Model:
        x = keras.Input((8, 8, 16))
        return keras.Model(x, inception_resnet_v2.inception_resnet_block(x, 0.17, "block35", 1, activation))

    def ours() -> keras.Model:
        x = keras.Input((8, 8, 16))
        return keras.Model(x, block(x, "block35_1"))

    first, second = fresh(ours, allocate=True), fresh(theirs, allocate=True)
    assert_twin(first, second)
    assert_same_outputs(first, second)


def test_a_scaled_sum_survives_saving(tmp_path):
    x = keras.Input((4, 4, 8))
    model = keras.Model(x, InceptionResnet(towers=["conv1-4"], scale=0.3)(x))
    model.save(tmp_path / "unit.keras")
    image = np.random.default_rng(0).normal(size=(1, 4, 4, 8)).astype("float32")
    again = keras.models.load_model(tmp_path / "unit.keras")
    np.testing.assert_array_equal(again(image), model(image))


def test_an_xception_module_halves_or_keeps():
    assert graph_of(XceptionModule(filters=[8, 16])).outputs[0].shape == (18, 18, 16)
    assert graph_of(XceptionModule(filters=[64] * 3, pool=False)).outputs[0].shape == (35, 35, 64)


@pytest.mark.parametrize(
    ("name", "constructor"),
    [
        ("inception_v3", keras.applications.InceptionV3),
        ("inception_resnet_v2", keras.applications.InceptionResNetV2),
        ("xception", keras.applications.Xception),
    ],
)
def test_layers_weights_and_graph_are_those_of_keras(name, constructor):
    assert_twin(fresh(lambda: convspec.build(convspec.load(name))), fresh(lambda: constructor(weights=None)))


@pytest.mark.parametrize(
    ("name", "constructor", "shape"),
    [
        ("inception_v3", keras.applications.InceptionV3, (76, 83, 3)),
        ("xception", keras.applications.Xception, (71, 78, 3)),
    ],
)
def test_outputs_without_top_at_another_size_are_those_of_keras(name, constructor, shape):
    spec = convspec.load(name, input_shape=shape, overrides={"head": None})
    ours = fresh(lambda: convspec.build(spec), allocate=True)
    theirs = fresh(lambda: constructor(weights=None, include_top=False, input_shape=shape), allocate=True)
    assert_twin(ours, theirs)
    assert_same_outputs(ours, theirs)


def test_inception_v2_with_biases_is_the_published_caffe_model():
    """Trainable parameters of the Caffe model as converted by Cadene and osmr/imgclsmob (`bninception`).

    The paper leaves biases out: a batch norm follows every convolution (section 3.2).
    """
    assert trainable(convspec.load("inception_v2", overrides={"parameters.use_bias": True}).graph) == 11_295_240


def test_inception_v2_costs_what_is_published():
    """Hu et al. 2017, table 2: 2.03 and 2.04 billion multiply-adds with the gates; 224 x 224."""
    assert round(macs(convspec.load("inception_v2").graph) / 1e9, 2) == 2.03
    gates = macs(convspec.load("se_inception_v2").graph) - macs(convspec.load("inception_v2").graph)
    assert gates == sum(2 * c * c // 16 for c in (256, 320, 576, 576, 576, 608, 608, 1056, 1024, 1024))


def test_se_inception_v2_is_the_published_caffe_model():
    """OpenVINO's Open Model Zoo states 11.922 M parameters for `se-inception`, each batch norm one bias a channel."""
    graph = convspec.load("se_inception_v2").graph
    channels = sum(
        node.output.channels for node in graph.layers() if node.operation.keras_class == "BatchNormalization"
    )
    assert round((trainable(graph) - channels) / 1e6, 3) == 11.922


def test_inception_v4_is_the_published_one():
    """Trainable parameters of timm's and Cadene's `inception_v4`; timm states 12.3 G multiply-accumulates."""
    graph = convspec.load("inception_v4").graph
    assert trainable(graph) == 42_679_816
    assert round(macs(graph) / 1e9, 1) == 12.3


def test_inception_resnet_v1_is_the_published_one():
    """Trainable parameters of osmr/imgclsmob's `inceptionresnetv1`, whose head has a bottleneck of 512 units."""
    head = [
        {"block": "global_avg_pool"},
        {"block": "dense", "units": 512, "use_bias": False},
        {"block": "batch_norm"},
        {"block": "dense", "units": 1000},
    ]
    assert trainable(convspec.load("inception_resnet_v1", overrides={"head": head}).graph) == 23_995_624


@pytest.mark.parametrize("name", ["inception_v3", "inception_v4", "inception_resnet_v1", "inception_resnet_v2"])
def test_maps_shrink_as_in_the_papers_figures(name):
    sizes = {node.output.shape[0] for node in convspec.load(name).graph.layers() if len(node.output.shape) == 3}
    assert {35, 17, 8} <= sizes


def test_inception_v2_has_the_maps_of_its_figure():
    graph = convspec.load("inception_v2").graph
    maps = {
        name: graph.find(name).output.shape for name in ("3a", "3b", "3c", "4a", "4b", "4c", "4d", "4e", "5a", "5b")
    }
    assert maps == {
        "3a": (28, 28, 256),
        "3b": (28, 28, 320),
        "3c": (14, 14, 576),
        "4a": (14, 14, 576),
        "4b": (14, 14, 576),
        "4c": (14, 14, 608),  # the figure prints 576; its branches add up to 608
        "4d": (14, 14, 608),  # likewise
        "4e": (7, 7, 1056),  # the figure prints 1024
        "5a": (7, 7, 1024),
        "5b": (7, 7, 1024),
    }
