"""The constructors can be called as Keras's, and say so to editors and `help()`."""

from __future__ import annotations

import inspect
import pickle
import re
import subprocess
import sys

import pytest

import convspec.architectures as architectures
from convspec import list_specs, load
from convspec.architectures.official import has_official_weights
from convspec.architectures.registry import constructors
from convspec.language.catalogue import find_spec

from .constructors import KERAS, signature_of
from .reference import fresh

SOURCES = {name: "keras.src.applications.resnet" for name in KERAS if name.startswith("ResNet") and name.endswith("V2")}
ONE_A_FAMILY = {find_spec(name)[0].file: name for name in reversed(list_specs()) if not has_official_weights(name)}


def test_there_are_forty():
    assert len(KERAS) == 40


@pytest.mark.parametrize("name", KERAS)
def test_arguments_order_and_defaults_are_those_of_keras(name):
    assert signature_of(getattr(architectures, name)) == signature_of(KERAS[name])


@pytest.mark.parametrize("name", KERAS)
def test_they_live_in_modules_of_the_same_name(name):
    keras_module, ours = KERAS[name].__module__.rpartition(".")[2], getattr(architectures, name)
    assert ours.__module__ == f"convspec.architectures.{keras_module}"
    assert {"preprocess_input", "decode_predictions"} <= set(sys.modules[ours.__module__].__all__)


@pytest.mark.parametrize("name", constructors())
def test_they_are_functions_that_describe_themselves(name):
    build = constructors()[name]
    assert inspect.isfunction(build)
    assert build.__doc__.startswith(f"{build.__name__} as a Keras model: the network `{build.architecture.spec}`")
    assert pickle.loads(pickle.dumps(build)) is build
    assert getattr(architectures, build.__name__) is build


@pytest.mark.parametrize("name", list_specs())
def test_classes_are_those_of_the_spec(name):
    assert inspect.signature(constructors()[name]).parameters["classes"].default == load(name).classes


@pytest.mark.parametrize("name", ONE_A_FAMILY.values())
def test_beyond_keras_the_arguments_reach_the_spec(name):
    build = constructors()[name]
    top = fresh(lambda: build(classes=7, classifier_activation="sigmoid", name="mine"))
    assert [tensor.shape[-1] for tensor in top.outputs] == [7] * len(top.outputs)
    last = top.layers[-1].activation.__name__
    assert (top.name, last) == ("mine", "sigmoid")


@pytest.mark.parametrize("name", [name for name in KERAS if not name.startswith("MobileNetV3")])
def test_the_smallest_input_is_that_of_keras(name):
    """MobileNetV3 has none in Keras, and is refused below the 32 pixels that its strides need."""
    (smallest,) = set(
        re.findall(r"min_size=(\d+)", inspect.getsource(sys.modules[SOURCES.get(name, KERAS[name].__module__)]))
    )
    assert getattr(architectures, name).architecture.minimum == int(smallest)


def test_beyond_keras_weights_are_random_by_default():
    defaults = inspect.signature(architectures.ResNeXt50_32x4d).parameters
    assert (defaults["weights"].default, defaults["name"].default) == (None, "resnext50_32x4d")


def test_an_unknown_constructor_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'ResNet51'"):
        _ = architectures.ResNet51


def test_names_and_features_need_no_keras():
    code = (
        "import sys; from convspec.architectures import ResNet50, feature_info, list_models\n"
        "list_models('vgg*'); feature_info('resnet50'); print('keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
