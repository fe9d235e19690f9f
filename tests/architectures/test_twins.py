"""All constructors of keras.applications, layer for layer: names, classes, weights, graph, official files, outputs.

`CONVSPEC_EVERY_TWIN=1` runs the comparison of outputs on all 40 instead of one a family, which takes long: 47 minutes and
5 GB on two crowded cores.
"""

from __future__ import annotations

import os
from pathlib import Path

import keras
import pytest

import convspec.architectures as architectures
from convspec.architectures import construction

from .constructors import KERAS, SMALL, SMALLEST, official_weights_of_keras, write_legacy_file
from .reference import assert_twin, calibrated, fresh, random_images, relative_difference

STATIC = {"NASNetLarge": (331, 331, 3)}
"""Without its top and with an open size, Keras's NASNetLarge is a network that cannot run."""


@pytest.fixture
def fetched(monkeypatch):
    """The official files that ours asks for; they are neither downloaded nor loaded."""
    files = []
    monkeypatch.setattr(construction, "fetch", lambda file: files.append(file) or Path(file.name))
    monkeypatch.setattr(construction, "load_weight_file", lambda *args, **kwargs: None)
    return files


@pytest.mark.filterwarnings("ignore:`input_shape` is undefined:UserWarning")
@pytest.mark.filterwarnings("ignore:official weights of:UserWarning")
@pytest.mark.parametrize("include_top", [True, False], ids=["top", "body"])
@pytest.mark.parametrize("name", KERAS)
def test_layers_weights_graph_and_official_file(name, include_top, fetched):
    arguments = {"include_top": include_top}
    if name in STATIC and not include_top:
        arguments["input_shape"] = STATIC[name]
    with official_weights_of_keras() as wanted:
        theirs = fresh(lambda: KERAS[name](weights="imagenet", **arguments))
    ours = fresh(lambda: getattr(architectures, name)(weights="imagenet", **arguments))
    assert ours.name == theirs.name
    assert_twin(ours, theirs)
    assert [(file.name, file.url, file.hash or None) for file in fetched] == wanted


VARIATIONS = [
    ("VGG16", {"classes": 10, "classifier_activation": None, "input_shape": (64, 96, 3)}),
    ("VGG19", {"include_top": False, "pooling": "max", "input_shape": (None, None, 1)}),
    ("ResNet50", {"include_top": False, "pooling": "avg"}),
    ("ResNet50", {"input_shape": (75, 33, 3), "name": "mine", "classes": 7, "classifier_activation": "sigmoid"}),
    ("ResNet50V2", {"include_top": False, "pooling": "max"}),
    ("DenseNet121", {"include_top": False, "pooling": "avg"}),
    ("InceptionV3", {"include_top": False, "pooling": "avg", "input_shape": (75, 90, 3)}),
    ("InceptionResNetV2", {"include_top": False, "pooling": "max", "input_shape": (75, 75, 3)}),
    ("Xception", {"include_top": False, "pooling": "avg", "input_shape": (71, 72, 3)}),
    ("MobileNet", {"alpha": 0.25, "depth_multiplier": 2, "dropout": 0.2, "input_shape": (160, 160, 3)}),
    ("MobileNet", {"alpha": 1.5, "include_top": False, "pooling": "avg", "classifier_activation": None}),
    ("MobileNetV2", {"alpha": 1.4, "input_shape": (96, 96, 3)}),
    ("MobileNetV2", {"alpha": 0.35, "input_shape": (None, None, 3), "include_top": False, "pooling": "max"}),
    ("MobileNetV2", {"alpha": 0.75, "input_shape": (75, 101, 3), "classifier_activation": None}),
    ("MobileNetV3Small", {"alpha": 0.75, "input_shape": (75, 101, 3), "dropout_rate": 0.0}),
    ("MobileNetV3Small", {"minimalistic": True, "include_preprocessing": False, "classifier_activation": None}),
    ("MobileNetV3Large", {"alpha": 1.25, "include_top": False, "pooling": "avg", "input_shape": (224, 224, 3)}),
    ("MobileNetV3Large", {"minimalistic": True, "classes": 10, "input_shape": (225, 225, 3)}),
    ("NASNetMobile", {"input_shape": (75, 101, 3), "classes": 3}),
    ("EfficientNetB0", {"weights": None}),
    ("EfficientNetB0", {"include_top": False, "pooling": "max", "input_shape": (300, 299, 3)}),
    ("EfficientNetB1", {"input_shape": (101, 75, 3), "classes": 3, "classifier_activation": None}),
    ("EfficientNetV2B0", {"include_preprocessing": False, "include_top": False, "pooling": "avg"}),
    ("EfficientNetV2B0", {"input_shape": (75, 101, 1)}),
    ("EfficientNetV2S", {"include_preprocessing": False, "input_shape": (100, 100, 3), "classes": 2}),
    ("ConvNeXtTiny", {"include_preprocessing": False, "include_top": False, "pooling": "max"}),
    ("ConvNeXtTiny", {"input_shape": (64, 70, 1), "name": "mine"}),
]


@pytest.mark.parametrize(("name", "arguments"), VARIATIONS, ids=lambda value: value if isinstance(value, str) else "")
def test_other_arguments(name, arguments):
    arguments = {"weights": None, **arguments}
    theirs = fresh(lambda: KERAS[name](**arguments))
    ours = fresh(lambda: getattr(architectures, name)(**arguments))
    assert ours.name == theirs.name
    assert_twin(ours, theirs)


EVERY = SMALL if os.environ.get("CONVSPEC_EVERY_TWIN") else SMALLEST


def test_the_smallest_stand_for_every_family():
    assert {KERAS[name].__module__ for name in SMALLEST} | {KERAS["VGG19"].__module__} == {
        constructor.__module__ for constructor in KERAS.values()
    }


@pytest.mark.parametrize(("name", "arguments"), EVERY.items(), ids=EVERY.keys())
def test_a_legacy_file_of_keras_gives_the_same_outputs(name, arguments, tmp_path):
    arguments = {**arguments, "classifier_activation": None}  # a softmax would often be all 0 and 1, and hide the rest
    theirs = fresh(lambda: KERAS[name](weights=None, **arguments), allocate=True)
    images = random_images(theirs)
    file = write_legacy_file(calibrated(theirs, images), tmp_path / "weights.h5")
    ours = fresh(lambda: getattr(architectures, name)(weights=file, **arguments), allocate=True)
    file.unlink()  # some have more than a gigabyte
    assert relative_difference(ours, theirs, images) == 0.0


def test_loading_is_by_position_whatever_the_names(tmp_path):
    arguments = {"alpha": 0.25, "input_shape": (64, 64, 3), "include_top": False, "pooling": "avg"}
    theirs = fresh(lambda: KERAS["MobileNet"](weights=None, **arguments), allocate=True)
    images = random_images(theirs)
    calibrated(theirs, images)
    renamed = keras.models.clone_model(theirs, clone_function=_renamed)
    renamed.set_weights(theirs.get_weights())
    file = write_legacy_file(renamed, tmp_path / "weights.h5")
    ours = fresh(lambda: architectures.MobileNet(weights=file, **arguments), allocate=True)
    assert relative_difference(ours, theirs, images) == 0.0


def _renamed(layer: keras.Layer) -> keras.Layer:
    return type(layer).from_config({**layer.get_config(), "name": f"another_{layer.name}"})
