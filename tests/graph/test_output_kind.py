"""What a network ends in: probabilities, logits, or neither."""

from __future__ import annotations

import pytest

from convspec.graph.output_kind import Layer, find_end
from convspec.training.output_kind import effect_of

# what a network ends in, as Keras's layers are defined: whether values are moved, combined, or made anew
MOVED = {"Activation", "Average", "AveragePooling2D", "ChannelShuffle", "Cropping2D", "Dropout", "Flatten",
         "GlobalAveragePooling2D", "Identity", "Permute", "Reshape", "SpatialDropout2D", "StochasticDepth",
         "UpSampling2D"}  # fmt: skip


COMBINED = {"Add", "Concatenate", "CustomScaleLayer", "GlobalMaxPooling2D", "LayerScale", "MaxPooling2D", "Maximum",
            "Maxout", "PadChannels", "Scale", "Subtract", "ZeroPadding2D"}  # fmt: skip


def layer(name: str, kind: str, activation: str, inputs: list[str]) -> Layer:
    return Layer(name, kind, effect_of(kind, inputs), activation, inputs)


@pytest.mark.parametrize("kind", sorted(MOVED | COMBINED))
def test_layers_that_leave_logits_logits_and_those_that_leave_probabilities_what_they_are(kind: str) -> None:
    def end(activation: str) -> object:
        layers = {
            "out": layer("last", kind, "", ["in"]),
            "in": layer("fc", "Dense", activation, ["x"]),
        }
        return find_end("out", layers.__getitem__)

    assert end("linear") == ("logits", "linear 'fc'")
    assert end("relu") == ("other", "relu of 'fc'")
    expected = ("probabilities", "softmax of 'fc'")
    assert end("softmax") == (expected if kind in MOVED else ("other", f"{kind} 'last' after softmax of 'fc'"))


@pytest.mark.parametrize("kind", ["BatchNormalization", "LayerNormalization", "Rescaling", "Normalization"])
def test_layers_that_scale_and_shift_give_logits_whatever_they_get(kind: str) -> None:
    layers = {"out": layer("last", kind, "", ["in"]), "in": layer("fc", "Dense", "softmax", ["x"])}
    assert find_end("out", layers.__getitem__) == ("logits", "linear 'last'")


@pytest.mark.parametrize("between", ["Flatten", "MaxPooling2D", "Add"])
@pytest.mark.parametrize("odd", range(3))
def test_each_way_to_an_output_counts(odd: int, between: str) -> None:
    kinds = ["linear"] * 3
    kinds[odd] = "relu"
    layers = {f"in{number}": layer(f"fc{number}", "Dense", kind, ["x"]) for number, kind in enumerate(kinds)}
    layers["mean"] = layer("mean", "Average", "", ["in0", "flat", "in2"])
    layers["flat"] = layer("flat", between, "", ["in1"])
    assert find_end("mean", layers.__getitem__) == ("other", f"relu of 'fc{odd}'")
