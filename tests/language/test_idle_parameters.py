"""A parameter that nothing uses is an error of the document's author, but not of whoever replaces what used it."""

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


def test_a_parameter_that_was_never_used_stays_a_diagnostic():
    document = {**FAMILY, "parameters": {**FAMILY["parameters"], "strides": 2}}
    with pytest.raises(convspec.InputError, match="no expression uses the parameter 'strides'"):
        convspec.load(document, input_shape=(9, 12, 3))


def test_a_parameter_set_to_no_effect_is_a_diagnostic():
    with pytest.raises(convspec.InputError, match="no expression uses the parameter 'size'"):
        convspec.load(FAMILY, input_shape=(9, 12, 3), overrides={"parameters.size": 32})


SEARCHED = {
    **FAMILY,
    "tune": {
        "space": {
            "parameters.filters": {"choice": [8, 16]},
            "train.l2": {"log_uniform": [1.0e-6, 1.0e-2], "when": {"parameters.filters": 8}},
            "head.dropout": {"uniform": [0.1, 0.5]},
        }
    },
}


def test_a_search_leaves_out_what_is_idle_and_what_depends_on_it():
    spec = convspec.load(SEARCHED, overrides={"body[0].filters": 4, "parameters.dropout": 0.3})
    assert spec.graph.layers()[1].output.shape == (16, 16, 4)
    assert spec.tune.space.keys() == {"head.dropout"}
    assert convspec.load(SEARCHED).tune.space.keys() == SEARCHED["tune"]["space"].keys()


def test_a_search_of_nothing_else_is_none():
    document = {**FAMILY, "tune": {"space": {"parameters.filters": {"choice": [8, 16]}}}}
    assert convspec.load(document, overrides={"body[0].filters": 4}).tune is None


def test_a_search_is_inherited_without_what_is_replaced_but_its_own_author_is_warned(tmp_path):
    (tmp_path / "base.yaml").write_text(convspec.load(SEARCHED).to_yaml())
    path = tmp_path / "derived.yaml"
    path.write_text("name: derived\nextends: base.yaml\nreplace: {'body[0].filters': 4}\n")
    assert convspec.load(path).tune.space.keys() == {"head.dropout"}
    path.write_text(path.read_text() + "tune: {space: {parameters.filters: {choice: [8, 16]}}}\n")
    with pytest.raises(convspec.InputError, match="no expression uses the parameter 'filters'"):
        convspec.load(path)
