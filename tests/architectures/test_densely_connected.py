"""DenseNet's blocks and networks."""

from __future__ import annotations

import pytest

import convspec
from convspec.blocks.densely_connected import DenseBlock, Transition
from convspec.graph import Graph


def graph_of(block, shape=(8, 8, 16)) -> Graph:
    graph = Graph()
    graph.outputs.append(block(graph.input(shape), "d"))
    return graph


def test_each_layer_adds_the_growth_rate():
    graph = graph_of(DenseBlock(layers=3, growth_rate=12))
    assert [graph.find(f"d_block{n}_concat").output.channels for n in (1, 2, 3)] == [28, 40, 52]
    assert graph.outputs[0].shape == (8, 8, 52)


def test_what_was_there_stands_before_what_is_new():
    concat = graph_of(DenseBlock(layers=2)).find("d_block2_concat")
    assert [tensor.node.name for tensor in concat.inputs] == ["d_block1_concat", "d_block2_2_conv"]


def test_the_bottleneck_can_be_left_out():
    names = [node.name for node in graph_of(DenseBlock(layers=1, bottleneck=None)).nodes[1:]]
    assert names == ["d_block1_0_bn", "d_block1_0_relu", "d_block1_2_conv", "d_block1_concat"]


def test_dropout_follows_each_convolution():
    graph = graph_of(DenseBlock(layers=1, dropout=0.2))
    for number in (1, 2):
        assert graph.find(f"d_block1_{number}_dropout").inputs[0].node.name == f"d_block1_{number}_conv"


@pytest.mark.parametrize(("compression", "channels"), [(0.5, 7), (1.0, 15), (0.01, 1)])
def test_a_transition_halves_the_map_and_keeps_a_share_of_the_channels(compression, channels):
    assert graph_of(Transition(compression=compression), (7, 7, 15)).outputs[0].shape == (3, 3, channels)


@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("densenet121", 121),
        ("densenet161", 161),
        ("densenet169", 169),
        ("densenet201", 201),
        ("densenet264", 265),  # the paper's table 1 adds up to one more than its name
    ],
)
def test_the_number_counts_the_layers(name, depth):
    layers = convspec.load(name).graph.layers()
    assert sum(node.operation.keras_class in ("Conv2D", "Dense") for node in layers) == depth


@pytest.mark.parametrize("name", ["densenet_bc_100_12", "densenet_bc_190_40", "densenet_bc_250_24"])
def test_the_name_says_depth_and_growth(name):
    depth, growth = map(int, name.split("_")[2:])
    graph = convspec.load(name).graph
    assert sum(node.operation.keras_class in ("Conv2D", "Dense") for node in graph.layers()) == depth
    assert graph.find("conv2_block1_2_conv").output.channels == growth


def test_a_depth_that_does_not_divide_is_a_diagnostic():
    with pytest.raises(convspec.InputError, match="layers"):
        convspec.load("densenet_bc_100_12", overrides={"parameters.depth": 101})
