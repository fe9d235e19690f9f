"""Operations inside one layer: the same figures as side by side."""

from __future__ import annotations

import keras
import pytest

import convspec
from convspec.language import InputError

CHAIN = [
    {"block": "conv", "filters": 8, "kernel_size": 5, "strides": 2, "padding": "valid"},
    {"block": "batch_norm", "name": ""},
    {"block": "max_pool", "pool_size": 3, "strides": 3},
    {"block": "conv", "filters": 4, "kernel_size": 3, "padding": 1},
]


def network(*body: object, **options: object) -> convspec.Spec:
    return convspec.load({"name": "mine", "input": [32, 32, 3], "body": list(body), "head": None, **options})


def test_totals_and_receptive_field_are_those_of_the_layers_in_a_row():
    row = convspec.analyze(network(*CHAIN))
    one = convspec.analyze(network({"block": "nested", "name": "stem", "body": CHAIN}))
    assert [layer.name for layer in one.layers] == ["input_layer", "stem"]
    assert one.totals.parameters == row.totals.parameters
    assert one.totals.trainable_parameters == row.totals.trainable_parameters
    assert one.totals.macs == row.totals.macs
    assert one.layers[-1].receptive_field == row.layers[-1].receptive_field
    assert one.layers[-1].output_shape == row.layers[-1].output_shape
    assert one.layers[-1].arithmetic == "(5*5*3 + 1)*8 + 4*8 + (3*3*8 + 1)*4"


def test_dropped_pixels_count_in_pixels_of_the_input():
    """(32 - 5)/2 leaves 1 pixel; (14 - 3)/3 leaves 2 of 14, each 2 pixels apart."""
    layer = convspec.analyze(network({"block": "nested", "name": "stem", "body": CHAIN})).layers[-1]
    assert layer.dropped == (1 + 2 * 2, 1 + 2 * 2)


def test_keras_has_one_layer_with_the_others_inside():
    keras.backend.clear_session()
    model = convspec.build(
        network({"block": "batch_norm", "name": ""}, {"block": "nested", "name": "stem", "body": CHAIN}),
        kernel_regularizer=keras.regularizers.L2(0.1),
    )
    assert [layer.name for layer in model.layers] == ["input_layer", "batch_normalization", "stem"]
    inner = model.get_layer("stem").layers
    assert [layer.name for layer in inner] == ["0", "batch_normalization_1", "2", "3_pad", "3"]
    assert inner[0].kernel_regularizer is not None
    assert model.output_shape == (None, 4, 4, 4)
    assert "stem/3/kernel" in [weight.path for weight in model.weights]


def test_only_a_chain_can_be_nested():
    with pytest.raises(InputError) as caught:
        network({"block": "nested", "name": "stem", "body": [{"block": "residual", "body": ["conv3-3"]}]})
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.message == "nested layers must follow one another, and '0_add' does not take '0_body_0' alone"
    assert diagnostic.path == "body[0].body"


def test_a_window_inside_must_fit_where_the_spec_is_strict():
    with pytest.raises(InputError) as caught:
        network({"block": "nested", "name": "stem", "body": CHAIN}, fit="strict")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.path == "body[0].body[0].strides"
    assert "a 5x5 filter with stride 2 does not fit a 32x32 input" in diagnostic.message


def test_the_fingerprint_sees_what_is_inside():
    changed = [CHAIN[0] | {"activation": "tanh"}, *CHAIN[1:]]
    one, other = (network({"block": "nested", "name": "stem", "body": body}) for body in (CHAIN, changed))
    assert one.fingerprint != other.fingerprint
