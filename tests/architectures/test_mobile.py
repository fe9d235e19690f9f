"""MobileNets and EfficientNets, against Keras's own."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from keras import applications

import convspec

from ..agreement import assert_agreement
from .reference import assert_same_outputs, assert_twin, fresh, twins

SMALLEST = {
    "mobilenet": applications.MobileNet,
    "mobilenet_v2": applications.MobileNetV2,
    "mobilenet_v3_small": applications.MobileNetV3Small,
    "mobilenet_v3_large": applications.MobileNetV3Large,
    "efficientnet_b0": applications.EfficientNetB0,
    "efficientnet_v2_b0": applications.EfficientNetV2B0,
    "efficientnet_v2_s": applications.EfficientNetV2S,
}


@pytest.mark.parametrize("name", SMALLEST)
def test_keras_and_the_analysis_say_the_same(name):
    ours, theirs = twins(name, SMALLEST[name])
    assert_twin(ours, theirs)
    assert_agreement(convspec.analyze(name), ours)


def parameters(**values: Any) -> dict[str, Any]:
    return {f"parameters.{name}": value for name, value in values.items()}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("mobilenet", {"alpha": 0.25}),
        ("mobilenet", {"alpha": 1.3, "depth_multiplier": 2, "dropout": 0.0}),
        ("mobilenet_v2", {"alpha": 0.35}),
        ("mobilenet_v2", {"alpha": 1.4}),
        ("mobilenet_v3_small", {"alpha": 0.75, "minimalistic": True}),
        ("mobilenet_v3_small", {"alpha": 1.25, "include_preprocessing": False}),
        ("mobilenet_v3_large", {"alpha": 0.75, "dropout_rate": 0.0}),
        ("efficientnet_v2_b0", {"include_preprocessing": False}),
    ],
)
def test_other_arguments(name, arguments):
    top = {"classes": 7, "classifier_activation": None}
    fields = parameters(classifier_activation=None, **arguments) | {"classes": 7}
    assert_twin(*twins(name, SMALLEST[name], fields, **top, **arguments))


@pytest.mark.parametrize(
    ("name", "input_shape"),
    [
        ("mobilenet", (97, 130, 3)),
        ("mobilenet_v2", (97, 130, 3)),
        ("mobilenet_v2", (None, None, 3)),
        ("mobilenet_v3_small", (75, 64, 1)),
        ("efficientnet_b0", (300, 300, 3)),
        ("efficientnet_b0", (None, None, 3)),
        ("efficientnet_v2_b0", (97, 130, 1)),
    ],
)
def test_other_sizes_and_channels_without_the_top(name, input_shape):
    assert_twin(*twins(name, SMALLEST[name], {"head": None}, input_shape=input_shape, include_top=False))


@pytest.mark.parametrize("name", ["mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0"])
def test_outputs_from_the_same_weights(name):
    assert_same_outputs(*twins(name, SMALLEST[name], input_shape=(75, 64, 3), allocate=True))


@pytest.mark.parametrize("name", ["mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0"])
def test_an_open_size_counts_as_even(name):
    """At 300 pixels the maps are 150, 75, 38, 19, 10; taken as even, 75 gives 37 and the last is 9."""
    known = convspec.load(name, input_shape=(300, 300, 3), overrides={"head": None})
    assert known.graph.outputs[0].shape[:2] == (10, 10)
    open_size = convspec.load(name, input_shape=(None, None, 3), overrides={"head": None})
    model = fresh(lambda: convspec.build(open_size))
    assert model.compute_output_shape((1, 300, 300, 3))[1:3] == (9, 9)


def test_official_efficientnet_weights_want_a_further_rescaling(monkeypatch):
    monkeypatch.setattr("keras.src.utils.file_utils.get_file", lambda *_, **__: "")
    monkeypatch.setattr(keras.Model, "load_weights", lambda *_: None)
    fields = parameters(imagenet_weights=True)
    ours, theirs = twins("efficientnet_b0", applications.EfficientNetB0, fields, weights="imagenet")
    assert ours.layers[3].name == "rescaling_1"
    assert_twin(ours, theirs)


@pytest.mark.parametrize(("name", "highest"), [("efficientnet_b0", 0.175), ("efficientnet_v2_b3", 0.2952)])
def test_drop_rates_rise_from_0(name, highest):
    """EfficientNetV2 reckons them by the blocks there would be before the depth is scaled, and goes beyond 0.2."""
    rates = [n.operation.rate for n in convspec.load(name).graph.nodes if n.name.endswith("_drop")]
    assert rates == sorted(rates)
    assert max(rates) == pytest.approx(highest, abs=5e-5)
