"""Keras's settings for the whole process are honoured or refused, never half."""

from contextlib import contextmanager
from pathlib import Path

import keras
import pytest

import convspec
from convspec import architectures
from convspec.blocks import Conv
from convspec.language.diagnostics import InputError

DATA = Path(__file__).parent / "earlier" / "data.npz"
SPEC = {
    "name": "tiny", "input": [6, 6, 1], "classes": 3, "body": [{"block": "conv_norm_act", "filters": 3}],
    "head": {"pooling": "avg"}, "train": {"epochs": 1, "batch_size": 10},
}  # fmt: skip
TUNE = {"space": {"train.l2": {"log_uniform": [1e-6, 1e-2]}}, "stages": [{"trials": 1, "epochs": 1}]}
POLICIES = keras.dtype_policies


@contextmanager
def setting(name, value):
    before = getattr(keras.config, name)()
    change = getattr(keras.config, f"set_{name}")
    change(value)
    try:
        yield
    finally:
        change(before)


def test_a_quantized_policy_is_refused_everywhere_in_the_same_words():
    ways = {
        "build": lambda: convspec.build(convspec.load("lenet5")),
        "constructor": lambda: architectures.MobileNet(weights=None),
        "block": lambda: Conv(filters=2)(keras.Input((8, 8, 3))),
    }
    with setting("dtype_policy", POLICIES.get("int8_from_float32")):
        for way in ways.values():
            with pytest.raises(InputError, match="in floating point, and Keras's dtype policy is int8_from_float32"):
                way()


@pytest.mark.parametrize(
    ("policy", "weights", "output"),
    [
        (POLICIES.DTypePolicy("float64"), "float64", "float64"),
        (POLICIES.DTypePolicy("mixed_bfloat16"), "float32", "float32"),
        (POLICIES.DTypePolicyMap(default_policy="float32"), "float32", "float32"),
    ],
)
def test_a_policy_given_as_an_object_holds_in_building(policy, weights, output):
    with setting("dtype_policy", policy):
        model = convspec.build(convspec.load(SPEC))
        assert keras.config.dtype_policy() is policy
    assert {weight.dtype for weight in model.weights} == {weights}
    assert model.output.dtype == output


def test_a_policy_of_the_user_holds_in_training(tmp_path):
    with setting("dtype_policy", "float64"):
        result = convspec.train(SPEC, DATA, out=tmp_path / "run")
        assert keras.config.dtype_policy().name == "float64"
    assert {weight.dtype for weight in result.model.weights} == {"float64"}
    assert convspec.evaluate(tmp_path / "run", DATA).loss == pytest.approx(result.val_loss, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("floatx", "float64", "in float32, and Keras's floatx is float64"),
        ("floatx", "float16", "in float32, and Keras's floatx is float16"),
        ("dtype_policy", "float64", "in float32, and Keras's dtype_policy is float64"),
        ("dtype_policy", "int8_from_float32", "in floating point, and Keras's dtype policy is int8_from_float32"),
        ("image_data_format", "channels_first", "channels last, and Keras is set to channels_first"),
    ],
)
def test_a_search_refuses_other_numbers_before_any_trial(tmp_path, name, value, message):
    with setting(name, value), pytest.raises(InputError, match=message):
        convspec.tune({**SPEC, "tune": TUNE}, DATA, out=tmp_path / "search")
    assert not (tmp_path / "search").exists()
