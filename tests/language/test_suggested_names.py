"""What is suggested is what was meant; heads have the classes of their spec wherever they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from convspec import InputError, load

from .told import diagnostics

BLOCKS = {
    "deconv": "; no block transposes a convolution; up_sampling before a conv enlarges a map",
    "Conv2DTranspose": "; no block transposes a convolution; up_sampling before a conv enlarges a map",
    "conv3d": "; blocks work on images, with two dimensions",
    "Conv1D": "; blocks work on images, with two dimensions",
    "grn": "; the norms are batch_norm and layer_norm",
    "group_norm": "; the norms are batch_norm and layer_norm",
    "GroupNormalization": "; the norms are batch_norm and layer_norm",
    "leaky_relu": "; write {block: activation, activation: leaky_relu}",
    "LeakyReLU": "; write {block: activation, activation: leaky_relu}",
    "softmax": "; write {block: activation, activation: softmax}",
    "hswish": "; write {block: activation, activation: hard_swish}",
    "PReLU": "; write {block: activation, activation: prelu}",
    "identity": "; an empty list is a branch that passes its input on, and `shortcut: identity` a field of residual",
    "MultiHeadAttention": "; no block attends",
    "RandomFlip": "; images are changed in training by `train: {augmentation: ...}`",
    "DropPath": "; did you mean 'stochastic_depth'?",
    "Linear": "; did you mean 'dense'?",
    "botleneck": "; did you mean 'bottleneck'?",
    "depthwise": "; did you mean 'depthwise_conv'?",
    "wombat": "",
}


@pytest.mark.parametrize(("name", "answer"), BLOCKS.items())
def test_what_is_said_of_a_block_that_does_not_exist(tmp_path: Path, name: str, answer: str) -> None:
    (found,) = diagnostics(tmp_path, f"name: x\ninput: [8, 8, 1]\nbody: [{{block: {name}}}]\n")
    assert found == f"3:16: body[0].block: no block is called {name!r}{answer}"


FIELDS = {
    "activation: hswish": "no activation is called 'hswish'; did you mean 'hard_swish'?",
    "activation: h_sigmoid": "no activation is called 'h_sigmoid'; did you mean 'hard_sigmoid'?",
    "activation: LeakyReLU": "no activation is called 'LeakyReLU'; did you mean 'leaky_relu'?",
    "activation: identity": "no activation is called 'identity'; linear leaves values as they are",
    "kernel_initializer: uniform": "no initializer is called 'uniform'; did you mean 'random_uniform'?",
    "kernel_initializer: xavier_normal": "no initializer is called 'xavier_normal'; did you mean 'glorot_normal'?",
    "kernel_initializer: constant": "no initializer is called 'constant'; write {class_name: Constant, config: {...}}",
}


@pytest.mark.parametrize(("field", "answer"), FIELDS.items())
def test_what_is_said_of_a_name_from_elsewhere(tmp_path: Path, field: str, answer: str) -> None:
    (found,) = diagnostics(tmp_path, f"name: x\ninput: [8, 8, 1]\nbody: [{{block: conv, filters: 3, {field}}}]\n")
    assert found.endswith(f": {answer}")


def test_a_null_passed_to_a_parameter_is_a_value() -> None:
    template = {"parameters": {"act": None}, "body": [{"block": "parallel", "activation": "${act}",
                "branches": [["conv1-2"], ["conv3-2"]]}]}  # fmt: skip
    spec = {"name": "x", "input": [8, 8, 1], "templates": {"t": template}}
    assert load({**spec, "body": [{"block": "t", "act": None}]}).graph.labels["body_0"].node.name == "body_0_0_concat"
    assert load({**spec, "body": [{"block": "t", "act": "relu"}]}).graph.labels["body_0"].node.name == "body_0_0_relu"
    with pytest.raises(InputError, match="the template 't' needs 'act'"):
        load({**spec, "body": [{"block": "t"}]})


HEADS = {
    "in the body": {"body": ["conv3-4", {"block": "head"}], "head": None},
    "in the head": {"body": ["conv3-4"], "head": [{"block": "head", "pooling": "max"}]},
    "in a sequence": {"body": ["conv3-4", {"block": "sequence", "body": [{"block": "head"}]}], "head": None},
    "in a table": {"body": ["conv3-4", {"block": "table", "of": "head", "columns": ["dropout"], "rows": [[0.5]]}], "head": None},
    "in a template": {"body": ["conv3-4", {"block": "t"}], "templates": {"t": {"body": [{"block": "head"}]}}, "head": None},
    "of expressions": {"body": ["conv3-4", {"block": "head"}], "head": None, "classes": "${n}", "parameters": {"n": 7}},
}  # fmt: skip


@pytest.mark.parametrize("parts", HEADS.values(), ids=HEADS.keys())
def test_a_head_anywhere_has_the_classes_of_the_spec(parts: dict[str, object]) -> None:
    assert load({"name": "x", "input": [8, 8, 1], "classes": 7, **parts}).graph.outputs[0].shape == (7,)


def test_an_auxiliary_classifier_in_a_list_has_them_too_and_null_leaves_them_out() -> None:
    spec = {"name": "x", "input": [16, 16, 1], "classes": 7, "body": ["conv3-4"]}
    head = {"head": [{"block": "auxiliary_classifier"}]}
    assert load({**spec, **head}).graph.outputs[0].shape == (7,)
    assert load({**spec, "head": [{"block": "head", "classes": None}]}).graph.outputs[0].shape == (4,)
