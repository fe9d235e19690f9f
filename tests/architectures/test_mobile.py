"""MobileNets and EfficientNets: figures of torchvision, the analysis against Keras, and what sets the families apart.

That they are the twins of keras.applications is tested with all the others, through their constructors.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

import convspec
from convspec import architectures

from ..agreement import assert_agreement
from .reference import fresh


class Figures(NamedTuple):
    """torchvision's num_params, which leaves the statistics of batch normalisation out, and GFLOPS (billions of MACs)."""

    trainable: int
    giga: str


TORCHVISION = {
    "mobilenet_v2": Figures(3_504_872, "0.3"),
    "mobilenet_v3_small": Figures(2_542_856, "0.06"),
    "mobilenet_v3_large": Figures(5_483_032, "0.22"),
    "efficientnet_b0": Figures(5_288_548, "0.4"),
    "efficientnet_b1": Figures(7_794_184, "0.7"),
    "efficientnet_b2": Figures(9_109_994, "1.1"),
    "efficientnet_b3": Figures(12_233_232, "1.8"),
    "efficientnet_b4": Figures(19_341_616, "4.4"),
    "efficientnet_b5": Figures(30_389_784, "10.3"),
    "efficientnet_b6": Figures(43_040_704, "19.1"),
    "efficientnet_b7": Figures(66_347_960, "37.7"),
    "efficientnet_v2_s": Figures(21_458_488, "8.4"),
    "efficientnet_v2_m": Figures(54_139_356, "24.6"),
    "efficientnet_v2_l": Figures(118_515_272, "56.1"),
}
"""torchvision/models/{mobilenetv2,mobilenetv3,efficientnet}.py"""
SIZES = {"mobilenet_v3_small": 224, "mobilenet_v3_large": 224, "efficientnet_b2": 288}
"""Where torchvision's size is not that of the spec."""


@pytest.mark.parametrize(("name", "figures"), TORCHVISION.items(), ids=TORCHVISION.keys())
def test_figures(name, figures):
    shape = (SIZES[name], SIZES[name], 3) if name in SIZES else None
    totals = convspec.analyze(name, input_shape=shape).totals
    decimals = len(figures.giga.partition(".")[2])
    assert (totals.trainable_parameters, f"{totals.macs / 1e9:.{decimals}f}") == figures


@pytest.mark.parametrize(("alpha", "mega"), [(1.0, 569), (0.75, 325), (0.5, 149), (0.25, 41)])
def test_mobilenet_by_width(alpha, mega):
    """Howard et al. 2017, tables 6 and 8, in millions of MACs, cut off or rounded."""
    macs = convspec.analyze("mobilenet", overrides={"parameters.alpha": alpha}).totals.macs
    assert macs / 1e6 == pytest.approx(mega, abs=0.6)


@pytest.mark.parametrize(
    "name",
    ["mobilenet", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0", "efficientnet_v2_b0"],
)
def test_the_analysis_agrees_with_keras(name):
    spec = convspec.load(name)
    assert_agreement(convspec.analyze(spec), fresh(lambda: convspec.build(spec)))


@pytest.mark.parametrize("name", ["mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0"])
def test_an_open_size_counts_as_even(name):
    """At 300 pixels the maps are 150, 75, 38, 19, 10; taken as even, 75 gives 37 and the last is 9."""
    known = convspec.load(name, input_shape=(300, 300, 3), overrides={"head": None})
    assert known.graph.outputs[0].shape[:2] == (10, 10)
    open_size = convspec.load(name, input_shape=(None, None, 3), overrides={"head": None})
    model = fresh(lambda: convspec.build(open_size))
    assert model.compute_output_shape((1, 300, 300, 3))[1:3] == (9, 9)


@pytest.mark.parametrize("name", ["MobileNetV3Small", "MobileNetV3Large"])
def test_mobilenet_v3_may_have_an_open_size_with_its_top(name):
    """As in Keras, whose classifier is a convolution; the other networks are refused."""
    model = fresh(lambda: getattr(architectures, name)(input_shape=(None, 96, 3), weights=None, classes=5))
    assert (model.input_shape, model.output_shape) == ((None, None, 96, 3), (None, 5))


@pytest.mark.parametrize(
    ("name", "highest"), [("efficientnet_b0", 0.2 * 14 / 16), ("efficientnet_v2_b0", 0.2 * 20 / 21),
                          ("efficientnet_v2_b3", 0.2 * 31 / 21)]
)  # fmt: skip
def test_drop_rates_rise_from_0(name, highest):
    """EfficientNetV2 reckons them by the units there would be before the depth is scaled, and goes beyond 0.2."""
    rates = [node.operation.rate for node in convspec.load(name).graph.nodes if node.name.endswith("_drop")]
    assert rates == sorted(rates)
    assert rates[-1] == pytest.approx(highest)


def test_gray_images_for_official_weights_get_the_statistics_of_imagenet():
    fields = {"parameters.imagenet_weights": True}
    graph = convspec.load("efficientnet_v2_b0", overrides=fields, input_shape=(64, 64, 1)).graph
    assert graph.find("normalization").operation.mean == [0.449]
    assert graph.find("rescaling").operation.scale == 1 / 255


def test_a_block_without_a_name_goes_by_its_first_layer():
    """A template's layers belong together; a block of Keras's automatic name goes by that."""
    unit = {
        "parameters": {"n": None},
        "body": [{"block": "conv", "name": "a_${n}", "filters": 4}, {"block": "relu", "name": "b_${n}"}],
    }
    body = [{"block": "unit", "name": "", "n": "${i}", "repeat": 2}, {"block": "max_pool", "name": ""}]
    network = {"name": "x", "input": [8, 8, 3], "templates": {"unit": unit}, "body": body}
    blocks = {layer.name: layer.block for layer in convspec.analyze(network).layers}
    assert blocks["a_0"] == blocks["b_0"] == "a_0"
    assert blocks["a_1"] == blocks["b_1"] == "a_1"
    assert blocks["max_pooling2d"] == "max_pooling2d"


def test_the_layers_of_a_mobilenet_belong_to_its_units():
    blocks = {layer.name: (layer.block, layer.block_kind) for layer in convspec.analyze("mobilenet").layers}
    assert blocks["conv_dw_1"] == blocks["conv_pw_1_relu"] == ("conv_1", "depthwise_separable")
    assert blocks["conv_pad_2"] == blocks["conv_pw_2_relu"] == ("conv_2", "depthwise_separable")
    assert blocks["conv_pw_13"] == ("conv_13", "depthwise_separable")
