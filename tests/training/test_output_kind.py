"""Networks that end in logits are trained, scored and shown as their twins that end in a softmax are."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest

import convspec
from convspec import InputError
from convspec.builder import build
from convspec.cli import main
from convspec.data import load_data
from convspec.data.preprocessing import Normalizer
from convspec.graph.output_kind import end_of
from convspec.language.recipe import Recipe
from convspec.training import sanity_checks
from convspec.training.compiling import compile_model, reproducible
from convspec.training.output_kind import as_probabilities, ends_of
from convspec.training.predictor import Predictor
from convspec.training.saving import Inputs
from convspec.training.train import train
from convspec.tuning.data_cache import DataCache
from convspec.tuning.epochs import FitEpochs
from convspec.tuning.graph_epochs import GraphEpochs
from convspec.tuning.reusable_model import ReusableModel

X = np.random.default_rng(0).uniform(0, 255, (40, 8, 8, 1)).astype(np.float32)
Y = np.eye(10, dtype=np.float32)[np.arange(40) % 10]
TRAIN = {"epochs": 2, "batch_size": 256, "label_smoothing": 0.1, "mixup": 0.2, "optimizer": {"name": "sgd"}}


def spec(head, **more):
    body = [{"block": "conv", "filters": 10, "kernel_size": 3, "name": "features"}, "maxpool2"]
    return convspec.load({"name": "x", "input": [8, 8, 1], "classes": 10, "body": body, "head": head, **more})


def twin(activation):
    """A network of two outputs, whose second one weighs less."""
    head = {"flatten": True, "classifier_activation": activation}
    outputs = {"side": {"from": "features", "loss_weight": 0.3, "head": {"classifier_activation": activation}}}
    return spec(head, outputs=outputs, train=TRAIN)


def predictor(model):
    normalizer = Normalizer(255.0, np.zeros(1, np.float32), np.ones(1, np.float32))
    return Predictor((model,), (Inputs(tuple("abcdefghij"), normalizer, "none", 0.2, 0),))


def softmax(logits):
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_of_logits_is_kerass(smoothing):
    model = build(spec({"flatten": True, "classifier_activation": None}))
    compile_model(model, Recipe(label_smoothing=smoothing))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    found = model.evaluate(X, Y, verbose=0, return_dict=True)["loss"]
    assert found == pytest.approx(float(loss(Y, model(X))), rel=1e-5)


def test_a_twin_of_logits_has_the_losses_of_its_softmax_twin():
    histories, shares = [], []
    for activation in ("softmax", None):
        network = twin(activation)
        with reproducible(network.train):
            model = build(network)
            result = train(model, network.train, load_data("digits"), loss_weights=network.loss_weights, show=False)
        histories.append([[row["loss"], row["val_loss"], row["val_accuracy"]] for row in result.history])
        shares.append(predictor(model).probabilities(X))
    assert np.allclose(*histories, rtol=1e-4)
    assert np.allclose(*shares, atol=1e-5)
    assert shares[1].sum(axis=1) == pytest.approx(np.ones(40), abs=1e-5)


@pytest.mark.parametrize("passes", [GraphEpochs, FitEpochs])
def test_a_search_has_the_loss_of_logits(passes):
    network = twin(None)
    held = ReusableModel(network)
    held.begin(network, network.train)
    feed = DataCache(load_data("digits"), None).prepared(held.model, network.train, 0)[1]
    images = feed.pipeline
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    y = np.eye(10, dtype=np.float32)[images.y]
    first, second = held.model(images.normalizer(images.x.astype(np.float32)), training=False)
    expected = float(loss(y, first)) + 0.3 * float(loss(y, second))
    assert passes(held, network.train).validate(feed).data_loss == pytest.approx(expected, rel=1e-4)


def test_predictions_of_logits_are_their_softmax():
    model = build(spec({"flatten": True, "classifier_activation": None}))
    expected = softmax(np.asarray(model(X / 255.0)))
    assert predictor(model).probabilities(X) == pytest.approx(expected, abs=1e-6)


def test_the_first_loss_of_logits_is_that_of_their_softmax():
    model = build(spec({"flatten": True, "classifier_activation": None}))
    expected = -np.log((softmax(np.asarray(model(X / 255.0))) * Y).sum(axis=1)).mean()
    assert float(sanity_checks.first_loss(model, X / 255.0, Y, 10, []).value) == pytest.approx(expected, abs=1e-3)


DENSE = {"block": "dense", "units": 10, "name": "end"}
ENDS = {
    "softmax": ({"flatten": True}, "probabilities"),
    "linear": ({"flatten": True, "classifier_activation": "linear"}, "logits"),
    "softmax after its layer": (["flatten", DENSE, {"block": "activation", "activation": "softmax"}], "probabilities"),
    "mean of a linear convolution": ([{"block": "conv", "filters": 10, "activation": None}, "globalavgpool"], "logits"),
    "mean of softmaxes": (
        [{"block": "conv", "filters": 10, "activation": "softmax"}, "globalavgpool"],
        "probabilities",
    ),
    "normalised": (["globalavgpool", DENSE, {"block": "batch_norm"}], "logits"),
    "relu": (["flatten", "fc10"], "other"),
    "relu and its mean": (["globalavgpool"], "other"),
    "sigmoid": ({"classifier_activation": "sigmoid"}, "other"),
    "a softmax and another layer's sum": (
        ["globalavgpool", {**DENSE, "units": 10, "activation": "softmax"}, {"block": "add", "from": ["head_0", "end"]}],
        "other",
    ),
}


@pytest.mark.parametrize(("head", "kind"), ENDS.values(), ids=ENDS)
def test_what_a_network_ends_in(head, kind):
    network = spec(head)
    assert end_of(network.graph.outputs[0]).kind == kind
    assert ends_of(build(network))[0].kind == kind


def test_what_a_model_of_keras_ends_in():
    inputs = keras.Input((4,))
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Softmax()])
    logits = keras.layers.Dense(3)(inputs)
    for output, kind in ((inner(inputs), "probabilities"), (2 * logits + 1, "logits"), (logits * logits, "other")):
        assert ends_of(keras.Model(inputs, output))[0].kind == kind


@pytest.mark.parametrize("command", ["train", "check", "tune"])
def test_an_end_that_is_neither_is_a_diagnostic(tmp_path, capsys, command):
    tune = {"space": {"train.l2": {"log_uniform": [1e-6, 1e-2]}}, "stages": [{"trials": 1, "epochs": 1}]}
    (tmp_path / "x.yaml").write_text(spec({"classifier_activation": "sigmoid"}, tune=tune).to_yaml())
    assert main([command, str(tmp_path / "x.yaml"), "--data", "digits"]) == 1
    told = capsys.readouterr().err
    assert re.match(
        r".*x\.yaml:\d+:\d+: head: the output 'predictions' ends in sigmoid of 'predictions': neither", told
    )
    assert "\n  end it in a layer of 10 values with a softmax, or with no activation; labels are one class" in told


def test_a_model_that_ends_in_neither_is_a_diagnostic():
    model = build(spec(["flatten", "fc10"]))
    with pytest.raises(InputError, match="ends in relu of 'head_1'"):
        compile_model(model, Recipe())
    with pytest.raises(InputError, match="ends in relu of 'head_1'"):
        predictor(model).probabilities(X)
    inputs = keras.Input((8, 8, 1))
    maps = keras.Model(inputs, keras.layers.Conv2D(3, 5, activation="relu")(inputs))
    with pytest.raises(InputError, match="end it in a layer of 3 values"):
        as_probabilities(maps, maps(X[:1]))
