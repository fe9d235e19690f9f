"""What is said of names that Keras and others have for blocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from convspec import load

from .wrong_specs import body, diagnostics, message

KERAS_LAYERS = {
    "Activation": "activation: relu", "AveragePooling2D": "pool_size: 2", "BatchNormalization": "",
    "Conv2D": "filters: 3", "Cropping2D": "cropping: 1", "Dense": "units: 3", "DepthwiseConv2D": "",
    "Dropout": "rate: 0.5", "Flatten": "", "GlobalAveragePooling2D": "", "GlobalMaxPooling2D": "",
    "LayerNormalization": "", "MaxPooling2D": "pool_size: 2", "ReLU": "", "Rescaling": "scale: 0.5",
    "Reshape": "target_shape: [192]", "SeparableConv2D": "filters: 3", "SpatialDropout2D": "rate: 0.5",
    "UpSampling2D": "", "ZeroPadding2D": "padding: 1", "Add": "from: [a, b]", "Average": "from: [a, b]",
    "Concatenate": "from: [a, b]", "Maximum": "from: [a, b]", "Multiply": "from: [a, b]",
}  # fmt: skip


@pytest.mark.parametrize(("layer", "fields"), KERAS_LAYERS.items(), ids=KERAS_LAYERS.keys())
def test_keras_name_of_a_layer_points_to_the_block_that_makes_it(tmp_path: Path, layer: str, fields: str) -> None:
    items = [f"{{block: conv, filters: 3, name: {name}}}" for name in "ab"] if "from" in fields else []
    text = diagnostics(tmp_path, body(*items, f"{{block: {layer}, {fields}}}", head="head: null\n"))
    assert f"no block is called {layer!r}; did you mean " in text
    meant = text.split("did you mean '")[1].split("'")[0]
    path = tmp_path / "right.yaml"
    path.write_text(body(*items, f"{{block: {meant}, {fields}}}", head="head: null\n"))
    assert load(path).layers[-1].operation.keras_class == layer


def test_keras_name_in_other_letters_and_in_defaults(tmp_path: Path) -> None:
    assert message(tmp_path, "{block: max_pooling2d}").endswith(
        "no block is called 'max_pooling2d'; did you mean 'max_pool'?"
    )
    assert "did you mean 'batch_norm'?" in diagnostics(
        tmp_path, body("conv3-8", head="defaults: {BatchNormalization: {}}")
    )


@pytest.mark.parametrize(
    ("name", "block"),
    [("Linear", "dense"), ("BatchNorm2d", "batch_norm"), ("resnet", "basic"), ("MBConv", "inverted_residual")],
)
def test_name_of_a_layer_elsewhere_points_to_the_block_that_is_meant(tmp_path: Path, name: str, block: str) -> None:
    assert message(tmp_path, f"{{block: {name}}}").endswith(f"no block is called {name!r}; did you mean {block!r}?")
