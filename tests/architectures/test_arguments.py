"""What constructors refuse: all that Keras refuses, and what Keras passes over in silence."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest

import convspec.architectures as architectures
from convspec.language import InputError

from .constructors import KERAS
from .reference import assert_twin, fresh

REFUSED_BY_KERAS_TOO = {
    "no such file": ("ResNet50", {"weights": "nowhere.h5"}, "weights: there is no file 'nowhere.h5'\n  it is "),
    "official shape": (
        "ResNet50",
        {"input_shape": (200, 200, 3)},
        "input_shape: the official weights with their top are for 224x224, not 200x200",
    ),
    "official sizes": (
        "MobileNet",
        {"input_shape": (96, 96, 3)},
        "input_shape: the official weights with their top are for 128x128, 160x160, 192x192, 224x224, not 96x96",
    ),
    "too small": ("VGG16", {"weights": None, "input_shape": (31, 32, 3)}, "input_shape: vgg16 needs at least 32x32"),
    "too small for Inception": (
        "InceptionV3",
        {"weights": None, "include_top": False, "input_shape": (74, 80, 3)},
        "input_shape: inception_v3 needs at least 75x75, not 74x80",
    ),
    "too small for Xception": ("Xception", {"weights": None, "input_shape": (70, 80, 3)}, "at least 71x71"),
    "too small for MobileNetV3": ("MobileNetV3Small", {"weights": None, "input_shape": (31, 31, 3)}, "at least 32x32"),
    "open size with top": (
        "ResNet50",
        {"weights": None, "input_shape": (None, None, 3)},
        "input_shape: with its top resnet50 needs to know height and width, not (None, None, 3)",
    ),
    "channels": (
        "ResNet50",
        {"include_top": False, "input_shape": (64, 64, 4)},
        "input_shape: official weights are for 3 channels, or 1 of gray, not 4",
    ),
    "two sizes": (
        "VGG16",
        {"weights": None, "include_top": False, "input_shape": (64, 64)},
        "expected (height, width, ",
    ),
    "activation": (
        "ResNet50",
        {"classifier_activation": "relu"},
        "classifier_activation: weights come with 'softmax' or None, not 'relu'",
    ),
    "depth multiplier": (
        "MobileNet",
        {"depth_multiplier": 2},
        "depth_multiplier: official weights have a depth multiplier of 1, not 2",
    ),
    "alpha of MobileNet": (
        "MobileNet",
        {"alpha": 0.3},
        "alpha: there are no official weights for 0.3\n  there are: 0.25, 0.5, 0.75, 1.0",
    ),
    "alpha of MobileNetV2": ("MobileNetV2", {"alpha": 0.3}, "there are: 0.35, 0.5, 0.75, 1.0, 1.3, 1.4"),
    "alpha of MobileNetV3": ("MobileNetV3Small", {"alpha": 0.5}, "no official weights for mobilenet_v3_small_0.5"),
    "minimalistic alpha": (
        "MobileNetV3Large",
        {"alpha": 0.75, "minimalistic": True},
        "mobilenet_v3_large_minimalistic_0",
    ),
}


@pytest.mark.parametrize(("name", "arguments", "message"), REFUSED_BY_KERAS_TOO.values(), ids=REFUSED_BY_KERAS_TOO)
def test_what_keras_refuses_is_refused(name, arguments, message):
    with pytest.raises(ValueError, match=r"[a-z]"), keras.StatelessScope(initialize_variables=False):
        KERAS[name](**arguments)
    with pytest.raises(InputError, match=re.escape(message)):
        getattr(architectures, name)(**arguments)


REFUSED_BY_US = {
    "pooling": ("ResNet50", {"pooling": "foo"}, "pooling: expected None, 'avg' or 'max', not 'foo'"),
    "pooling nearly right": ("ResNet50", {"pooling": "average"}, "not 'average'; did you mean 'avg'?"),
    "channels of MobileNetV3": (
        "MobileNetV3Small",
        {"input_shape": (64, 64, 4)},
        "official weights are for 3 channels",
    ),
    "sizes of MobileNetV3": ("MobileNetV3Small", {"weights": None, "input_shape": (31, 224, 3)}, "at least 32x32"),
    "classes": ("ResNet50", {"weights": None, "classes": 0}, "classes: expected a whole number above 0, not 0"),
    "weights": ("ResNet50", {"weights": 7}, "weights: expected None for random weights, 'imagenet', or the path"),
    "no official weights": (
        "ResNet18",
        {"weights": "imagenet"},
        "weights: there are no official weights for resnet18\n  weights=None, or the path of a file",
    ),
    "an activation's name": (
        "ResNet50",
        {"weights": None, "classifier_activation": "sofmax"},
        "did you mean 'softmax'?",
    ),
    "no activation at all": (
        "ResNet50",
        {"weights": None, "classifier_activation": 7},
        "classifier_activation: expected an activation's name, a function or None, not 7",
    ),
    "alpha": ("MobileNet", {"weights": None, "alpha": "wide"}, "alpha: expected a number, not 'wide'"),
    "dropout": ("MobileNet", {"weights": None, "dropout": 1.5}, "dropout: 1.5 gives no network: "),
    "no width": ("MobileNet", {"weights": None, "alpha": 0.001}, "alpha: 0.001 gives no network: "),
    "a fraction": (
        "MobileNet",
        {"weights": None, "depth_multiplier": 1.5},
        "depth_multiplier: expected a whole number, not 1.5",
    ),
    "a word for a switch": (
        "MobileNetV3Small",
        {"weights": None, "minimalistic": "no"},
        "minimalistic: expected True or False, not 'no'",
    ),
    "a name": ("ResNet50", {"weights": None, "name": 7}, "name: expected a text or None, not 7"),
    "no tensor": (
        "ResNet50",
        {"weights": None, "input_tensor": np.zeros((1, 64, 64, 3))},
        "input_tensor: expected a Keras tensor, not ndarray\n  it is what keras.Input(shape) or a layer returns",
    ),
}


@pytest.mark.parametrize(("name", "arguments", "message"), REFUSED_BY_US.values(), ids=REFUSED_BY_US.keys())
def test_what_keras_lets_pass_is_refused(name, arguments, message):
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        getattr(architectures, name)(**arguments)
    assert ".yaml" not in str(caught.value)
    assert all(diagnostic.path in arguments or diagnostic.path == "weights" for diagnostic in caught.value.diagnostics)


def test_classes_do_not_matter_without_the_top():
    model = architectures.Digits(include_top=False, classes=None)
    assert len(model.output.shape) == 4


def test_all_mistakes_come_at_once():
    with pytest.raises(InputError) as caught:
        architectures.ResNet50(weights="nowhere.h5", pooling="foo", input_shape=(16, 16, 3), classes="ten")
    assert [diagnostic.path for diagnostic in caught.value.diagnostics] == [
        "weights",
        "pooling",
        "classes",
        "input_shape",
    ]


def test_a_misspelt_argument_is_a_type_error_as_in_keras():
    with pytest.raises(TypeError, match="include_tops"):
        architectures.ResNet50(include_tops=False)


def test_an_activation_may_be_a_function_of_keras():
    def build(activation):
        return fresh(lambda: architectures.MobileNet(weights=None, classifier_activation=activation, alpha=0.25))

    assert_twin(build(keras.activations.sigmoid), build("sigmoid"))
    assert_twin(build(keras.activations.linear), build(None))


@pytest.mark.parametrize("name", ["MobileNetV2", "ResNet50", "ConvNeXtTiny"])
def test_a_network_upon_a_tensor(name):
    def build(constructor):
        inputs = keras.Input((64, 64, 3), name="picture")
        return constructor(weights=None, input_tensor=keras.layers.Rescaling(2.0, name="double")(inputs), name="m")

    ours, theirs = fresh(lambda: build(getattr(architectures, name))), fresh(lambda: build(KERAS[name]))
    assert [layer.name for layer in ours.layers[:2]] == ["picture", "double"]
    assert_twin(ours, theirs)


def test_a_tensor_of_another_shape_is_refused_where_keras_compares():
    with pytest.raises(InputError, match=re.escape("(32, 32, 3) is not the shape of input_tensor, (64, 64, 3)")):
        architectures.MobileNetV2(weights=None, input_tensor=keras.Input((64, 64, 3)), input_shape=(32, 32, 3))
