"""What goes into and comes out of the networks is what keras.applications makes of it."""

from __future__ import annotations

import importlib
import inspect
import json

import keras
import numpy as np
import pytest

from .constructors import KERAS, signature_of

MODULES = sorted({constructor.__module__.rpartition(".")[2] for constructor in KERAS.values()})


@pytest.mark.parametrize("module", MODULES)
def test_preprocessing_is_that_of_keras(module):
    ours = importlib.import_module(f"convspec.architectures.{module}").preprocess_input
    theirs = importlib.import_module(f"keras.applications.{module}").preprocess_input
    images = np.random.default_rng(0).uniform(0, 255, (2, 5, 7, 3)).astype("float32")
    assert np.array_equal(ours(images.copy()), theirs(images.copy()))
    assert signature_of(ours) == signature_of(theirs)
    assert (ours.__module__, inspect.isfunction(ours)) == (f"convspec.architectures.{module}", True)


@pytest.mark.parametrize("module", MODULES)
def test_tensors_are_preprocessed_too(module):
    ours = importlib.import_module(f"convspec.architectures.{module}").preprocess_input
    theirs = importlib.import_module(f"keras.applications.{module}").preprocess_input
    images = keras.ops.convert_to_tensor(np.random.default_rng(0).uniform(0, 255, (2, 5, 7, 3)).astype("float32"))
    assert np.array_equal(ours(images), theirs(images))


@pytest.fixture
def names_of_classes(monkeypatch):
    from keras.src.applications import imagenet_utils

    names = {str(index): [f"n{index:08}", f"thing_{index}"] for index in range(1000)}
    monkeypatch.setattr(imagenet_utils, "CLASS_INDEX", json.loads(json.dumps(names)))


@pytest.mark.parametrize("module", MODULES)
def test_predictions_are_decoded(module, names_of_classes):
    decode = importlib.import_module(f"convspec.architectures.{module}").decode_predictions
    scores = np.zeros((1, 1000), "float32")
    scores[0, [7, 3]] = 0.75, 0.25
    assert decode(scores, top=2) == [[("n00000007", "thing_7", 0.75), ("n00000003", "thing_3", 0.25)]]


def test_other_shapes_cannot_be_decoded(names_of_classes):
    from convspec.architectures.resnet import decode_predictions

    with pytest.raises(ValueError, match=r"a 2D array of shape \(samples, 1000\)"):
        decode_predictions(np.zeros((1, 10)))
