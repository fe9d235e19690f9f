"""A parameter that nothing uses is a fault of the document's author, but not of whoever replaces what used it."""

from __future__ import annotations

import pytest

import convspec

FAMILY = {
    "name": "family",
    "input": ["${size}", "${size}", 3],
    "classes": 10,
    "parameters": {"size": 16, "filters": 8, "dropout": 0.5},
    "body": [{"block": "conv", "filters": "${filters}"}],
    "head": {"dropout": "${dropout}"},
}


def test_a_given_input_leaves_the_parameter_of_its_size_idle():
    spec = convspec.load(FAMILY, input_shape=(9, 12, 3))
    assert spec.input == (9, 12, 3)
    assert spec.with_overrides({"head": None}).graph.outputs[0].shape == (9, 12, 8)


def test_what_is_left_is_a_document_of_its_own(tmp_path):
    path = tmp_path / "given.yaml"
    path.write_text(convspec.load(FAMILY, input_shape=(9, 12, 3), overrides={"head": None}).to_yaml())
    assert convspec.load(path).input == (9, 12, 3)


def test_variants_lose_the_idle_parameter_too():
    spec = convspec.load("nasnet_large", input_shape=(40, 40, 3), overrides={"parameters.num_blocks": 1})
    assert spec.graph.outputs[0].shape == (1000,)


def test_a_parameter_that_was_never_used_stays_a_fault():
    document = {**FAMILY, "parameters": {**FAMILY["parameters"], "strides": 2}}
    with pytest.raises(convspec.FaultError, match="no expression uses the parameter 'strides'"):
        convspec.load(document, input_shape=(9, 12, 3))


def test_a_parameter_set_to_no_effect_is_a_fault():
    with pytest.raises(convspec.FaultError, match="no expression uses the parameter 'size'"):
        convspec.load(FAMILY, input_shape=(9, 12, 3), overrides={"parameters.size": 32})
