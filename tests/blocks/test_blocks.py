"""Blocks on ordinary Keras tensors, blocks of other packages, and layers that Keras lacks."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints
from typing import Literal

import keras
import numpy as np
import pytest
from pydantic import Field, ValidationError

import convspec
from convspec import graph, layers
from convspec.blocks import (
    Add,
    Basic,
    Block,
    Bottleneck,
    Conv,
    ConvNormAct,
    DenseBlock,
    Fire,
    Inception,
    Parallel,
    Residual,
    find_block_class,
    registry,
)
from convspec.builder import build_graph
from convspec.graph import Conv2D, Graph, GraphError, Tensor


@pytest.mark.parametrize(
    ("block", "channels"),
    [
        (Conv(filters=5), 5),
        (ConvNormAct(filters=5), 5),
        (Basic(filters=4), 4),
        (Bottleneck(filters=2, shortcut="exclusive_gate"), 8),
        (Inception(conv1x1=2, conv3x3=3, pool_proj=1), 6),
        (Fire(squeeze=2, expand=3), 6),
        (DenseBlock(layers=2, growth_rate=3), 14),
        (Residual(body=[Conv(filters=8)]), 8),
        (Parallel(branches=[[Conv(filters=2)], ["conv3-3"]]), 5),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_a_block_on_a_keras_tensor(block: Block, channels: int) -> None:
    keras.backend.clear_session()
    inputs = keras.Input((6, 6, 8))
    model = keras.Model(inputs, block(block(inputs)) if channels == 8 else block(inputs))
    graph = Graph()
    x = graph.input((6, 6, 8))
    graph.outputs.append(block(block(x)) if channels == 8 else block(x))
    assert model.output.shape == (None, 6, 6, channels)
    assert [layer.name for layer in model.layers] == [node.name for node in graph.layers()]
    assert model.count_params() == sum(node.parameters for node in graph.layers())


def test_a_block_that_merges_takes_a_list_of_keras_tensors() -> None:
    first, second = keras.Input((4, 4, 2)), keras.Input((4, 4, 2))
    assert Add()([first, second]).shape == (None, 4, 4, 2)


def test_a_shape_that_does_not_fit_is_said_before_keras_is_asked() -> None:
    with pytest.raises(GraphError, match="a 5x5 filter is larger than its 3x3 input"):
        Conv(filters=1, kernel_size=5, padding="valid")(keras.Input((3, 3, 1)))


def test_fields_are_checked_in_python_too() -> None:
    with pytest.raises(ValidationError, match="did you mean 'relu'"):
        Conv(filters=1, activation="rellu")


class Twice(Block):
    """Two convolutions of the same width: (h, w, c) -> (h, w, filters)."""

    block: Literal["twice"] = "twice"
    filters: int = Field(description="channels")

    def connect(self, x: Tensor, name: str) -> Tensor:
        return Conv2D(self.filters, 3)(Conv2D(self.filters, 3)(x, f"{name}_1"), f"{name}_2")


def test_a_block_of_another_package(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("twice", f"{__name__}:Twice", registry.ENTRY_POINTS)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: EntryPoints([point]).select(group=group))
    registry.installed.cache_clear()
    find_block_class.cache_clear()
    try:
        spec = convspec.load(
            {"name": "x", "input": [9, 9, 1], "head": None, "body": [{"block": "twice", "filters": 3}]}
        )
    finally:
        registry.installed.cache_clear()
        find_block_class.cache_clear()
    assert [node.name for node in spec.graph.layers()[1:]] == ["body_0_1", "body_0_2"]


class TestLayers:
    def test_local_response_normalisation_by_its_formula(self) -> None:
        x = np.random.default_rng(0).normal(size=(2, 3, 3, 7)).astype("float32")
        layer = layers.LocalResponseNormalization(depth_radius=2, bias=2.0, alpha=0.5, beta=0.75)
        expected = np.empty_like(x)
        for channel in range(7):
            near = x[..., max(0, channel - 2) : channel + 3]
            expected[..., channel] = x[..., channel] / (2.0 + 0.5 * (near**2).sum(-1)) ** 0.75
        np.testing.assert_allclose(layer(x), expected, rtol=1e-5)

    def test_maxout_keeps_the_largest_of_each_piece(self) -> None:
        x = np.array([[1.0, 5.0, 2.0, -3.0]], "float32")
        np.testing.assert_array_equal(layers.Maxout(pieces=2)(x), [[5.0, 2.0]])

    def test_channel_shuffle_deals_the_groups_out(self) -> None:
        x = np.arange(6, dtype="float32").reshape(1, 1, 1, 6)
        np.testing.assert_array_equal(np.ravel(layers.ChannelShuffle(groups=2)(x)), [0, 3, 1, 4, 2, 5])


class TestStockLayers:
    """Operations that a layer of Keras computes with arguments of its own."""

    @staticmethod
    def model(shape: tuple[int, ...], operation: graph.Operation) -> keras.Model:
        network = graph.Graph()
        network.outputs.append(operation(network.input(shape)))
        return build_graph(network)

    def test_padded_channels_are_zero_behind_the_last(self) -> None:
        x = np.random.default_rng(0).normal(size=(2, 3, 5, 2)).astype("float32")
        expected = np.concatenate([x, np.zeros((2, 3, 5, 3))], axis=-1)
        np.testing.assert_array_equal(self.model((3, 5, 2), graph.PadChannels(5))(x), expected)
        np.testing.assert_array_equal(self.model((None, None, 2), graph.PadChannels(5))(x), expected)

    def test_stochastic_depth_drops_whole_examples_and_keeps_the_mean(self) -> None:
        keras.utils.set_random_seed(1)
        model = self.model((2, 1, 1), graph.StochasticDepth(0.25))
        x = np.ones((4000, 2, 1, 1), "float32")
        out = np.asarray(model(x, training=True))
        assert set(np.unique(out.round(5))) == {0.0, np.float32(1 / 0.75).round(5)}
        assert (out[:, 0] == out[:, 1]).all()
        assert abs(out.mean() - 1) < 0.03
        np.testing.assert_array_equal(model(x, training=False), x)

    def test_a_gate_and_its_complement_share_out_the_whole(self) -> None:
        x = np.full((1, 2), 0.3, "float32")
        np.testing.assert_allclose(self.model((2,), graph.Complement())(x) + x, np.ones((1, 2)), rtol=1e-6)

    def test_scale_is_a_product(self) -> None:
        x = np.full((1, 2), 0.3, "float32")
        np.testing.assert_allclose(self.model((2,), graph.Scale(0.5))(x), x / 2)
