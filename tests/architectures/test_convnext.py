"""ConvNeXt: figures of torchvision, stochastic depth as Keras has it, nested layers that are saved and load again."""

from __future__ import annotations

import keras
import pytest
from keras.src.applications.convnext import ConvNeXt

import convspec

from ..agreement import assert_agreement
from .reference import assert_same_outputs, assert_twin, fresh, weight_table

TORCHVISION = {
    "convnext_tiny": (28_589_128, 4.46),
    "convnext_small": (50_223_688, 8.68),
    "convnext_base": (88_591_464, 15.36),
    "convnext_large": (197_767_336, 34.36),
}
"""Parameters and billions of MACs, which torchvision calls GFLOPS; extra large: table 1 of the paper's repository."""
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


@pytest.mark.parametrize(("name", "figures"), TORCHVISION.items(), ids=TORCHVISION.keys())
def test_figures(name, figures):
    totals = convspec.analyze(name).totals
    assert totals.parameters == figures[0]
    assert totals.macs / 1e9 == pytest.approx(figures[1], abs=0.006)


def test_extra_large():
    totals = convspec.analyze("convnext_xlarge").totals
    assert (round(totals.parameters / 1e6), round(totals.macs / 1e9, 1)) == (350, 60.9)


def test_the_analysis_agrees_with_keras():
    assert_agreement(convspec.analyze(small()), fresh(lambda: convspec.build(small())))


def test_layers_outputs_and_drop_rates_are_those_of_keras():
    ours, theirs = fresh(lambda: convspec.build(small()), allocate=True), fresh(small_of_keras, allocate=True)
    assert_twin(ours, theirs)
    assert_same_outputs(ours, theirs)


def test_official_weights_normalise_gray_images_too():
    fields = {"parameters.imagenet_weights": True}
    graph = convspec.load("convnext_tiny", overrides=fields, input_shape=(64, 64, 1)).graph
    assert graph.layers()[1].operation.mean == [pytest.approx(0.449 * 255)]


def test_a_saved_model_loads_with_its_nested_layers(tmp_path):
    model = fresh(lambda: convspec.build(small()), allocate=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert [row[1:] for row in weight_table(loaded)] == [row[1:] for row in weight_table(model)]
    images = keras.random.uniform((2, 45, 64, 3), 0, 255, seed=1)
    assert (keras.ops.convert_to_numpy(loaded(images)) == keras.ops.convert_to_numpy(model(images))).all()
