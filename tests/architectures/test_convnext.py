"""ConvNeXt, against Keras's own."""

from __future__ import annotations

import keras
import pytest
from keras.applications import ConvNeXtTiny
from keras.src.applications.convnext import ConvNeXt

import convspec

from ..agreement import assert_agreement
from .reference import assert_same_outputs, assert_twin, fresh, twins, weight_table

NORM = {"block": "layer_norm", "name": "", "epsilon": 1e-6}
SMALL = {"depths": [1, 2, 1, 1], "dims": [8, 16, 24, 32], "drop_path_rate": 0.3}


def small() -> convspec.Spec:
    return convspec.load(
        "convnext_tiny",
        overrides={f"parameters.{key}": value for key, value in SMALL.items()} | {"classes": 5},
        input_shape=(45, 64, 3),
    )


def small_of_keras() -> keras.Model:
    arguments = {"depths": SMALL["depths"], "projection_dims": SMALL["dims"], "drop_path_rate": 0.3}
    return ConvNeXt(**arguments, name="convnext_tiny", input_shape=(45, 64, 3), classes=5)


def test_keras_and_the_analysis_say_the_same():
    ours, theirs = twins("convnext_tiny", ConvNeXtTiny)
    assert_twin(ours, theirs)
    assert_agreement(convspec.analyze("convnext_tiny"), ours)


@pytest.mark.parametrize("pooling", [None, "max"])
def test_without_the_top_a_norm_follows_the_pooling(pooling):
    pool = [] if pooling is None else [{"block": f"global_{pooling}_pool", "name": ""}]
    fields = {"head": [*pool, NORM], "parameters.prefix": "other"}
    arguments = {"include_top": False, "pooling": pooling, "name": "other"}
    assert_twin(*twins("convnext_tiny", ConvNeXtTiny, fields, input_shape=(97, None, 3), **arguments))


@pytest.mark.parametrize(("channels", "preprocessing"), [(1, True), (3, False)])
def test_no_normalisation_where_keras_has_none(channels, preprocessing):
    fields = {"parameters.include_preprocessing": preprocessing}
    ours, theirs = twins(
        "convnext_tiny", ConvNeXtTiny, fields, input_shape=(64, 64, channels), include_preprocessing=preprocessing
    )
    assert_twin(ours, theirs)
    assert ours.layers[1].name == "convnext_tiny_stem"


def test_official_weights_normalise_gray_images_too():
    fields = {"parameters.imagenet_weights": True}
    graph = convspec.load("convnext_tiny", overrides=fields, input_shape=(64, 64, 1)).graph
    assert graph.layers()[1].operation.mean == [pytest.approx(0.449 * 255)]


def test_outputs_and_drop_rates_are_those_of_keras():
    ours, theirs = fresh(lambda: convspec.build(small()), allocate=True), fresh(small_of_keras, allocate=True)
    assert_twin(ours, theirs)
    assert_same_outputs(ours, theirs)


def test_a_saved_model_loads_with_its_nested_layers(tmp_path):
    model = fresh(lambda: convspec.build(small()), allocate=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    shapes = [row[1] for row in weight_table(model)]
    assert [row[1] for row in weight_table(loaded)] == shapes
    images = keras.random.uniform((2, 45, 64, 3), 0, 255, seed=1)
    assert (keras.ops.convert_to_numpy(loaded(images)) == keras.ops.convert_to_numpy(model(images))).all()
