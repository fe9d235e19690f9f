"""Receptive fields against those that others computed, and one definition wherever one is shown."""

from __future__ import annotations

import json

import pytest

from convspec import analyze
from convspec.analysis.comparison import compare
from convspec.analysis.difference import difference
from convspec.cli import main
from convspec.language import load
from convspec.tuning.constraints import measure

PUBLISHED = {  # google-research/receptive_field, RECEPTIVE_FIELD_TABLE.md, the last end point (Araujo et al. 2019)
    "alexnet": 195,  # alexnet_v2/pool5
    "vgg11": 150,  # vgg_a/pool5
    "vgg16": 212,  # vgg_16/pool5
    "inception_v2": 699,
    "inception_v3": 1311,
    "inception_v4": 2071,
    "inception_resnet_v2": 3039,
    "mobilenet": 315,  # mobilenet_v1
    "resnet50": 483,  # resnet_v1_50/block4
    "resnet101": 1027,
    "resnet152": 1507,
    "resnet50v2": 483,
    "resnet101v2": 1027,
    "resnet152v2": 1507,
}
GATED = {"se_resnet50": 483, "se_resnet101": 1027, "se_resnet152": 1507, "se_inception_v2": 699}
"""Squeeze-and-excitation moves no pixels, so that these have the fields of the networks that they gate."""


@pytest.mark.parametrize(("name", "size"), [*PUBLISHED.items(), *GATED.items()])
def test_the_receptive_field_is_the_published_one(name: str, size: int) -> None:
    assert analyze(name).receptive_field == size


@pytest.mark.parametrize("name", ["lenet5", "se_resnet18", "mobilenet", "vgg11"])
def test_one_definition_everywhere(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whether a map is flattened, pooled to a vector, or pooled to a 1x1 map that a convolution classifies."""
    spec = load(name)
    field = analyze(spec).receptive_field
    (row,) = compare([analyze(spec)])
    effects = {effect.name: effect.after for effect in difference(spec, spec).effects}
    assert main(["inspect", name, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row.receptive_field, effects["receptive field"], measure(spec.graph, "receptive_field"), found["receptive_field"]] == [field] * 4  # fmt: skip
    gap = next(layer for layer in reversed(found["layers"]) if layer["operation"] in ("GlobalAveragePooling2D", "Flatten") and layer["receptive_field"] > field)  # fmt: skip
    before = next(layer for layer in found["layers"] if layer["name"] == gap["inputs"][0])
    assert before["receptive_field"] == field


def test_a_gate_leaves_the_field_of_the_map_and_a_pool_does_not() -> None:
    body = [{"block": "conv", "name": "a", "filters": 8}, {"block": "squeeze_excite", "name": "b"}]
    layers = {
        layer.name: layer.receptive_field for layer in analyze({"name": "x", "input": [32, 32, 8], "body": body}).layers
    }
    gated = [size for name, size in layers.items() if name.startswith("b")]
    assert gated == [34, 34, 34, 3]
    assert layers["avg_pool"] == 3 + 31 * 1


def test_an_open_input_does_not_matter() -> None:
    """No window depends on the size of the image."""
    assert analyze("mobilenet", input_shape=[None, None, 3]).receptive_field == 315
