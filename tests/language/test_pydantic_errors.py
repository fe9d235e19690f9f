"""What is said of fields that are unknown, missing, or of another type or size, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from .wrong_specs import body, diagnostics, message, places

ONE_LINE = {
    "unknown field": (
        "{block: conv, filtres: 8, filters: 8}",
        "toy.yaml:5:19: body[0].filtres: conv has no field 'filtres'; did you mean 'filters'?",
    ),
    "missing field": ("{block: conv}", "toy.yaml:5:5: body[0]: conv needs `filters`: channels of the output"),
    "no block": ("{filters: 8}", "toy.yaml:5:5: body[0]: needs `block`, the name of a block"),
    "wrong type": (
        "{block: conv, filters: many}",
        "toy.yaml:5:28: body[0].filters: expected a whole number, not 'many'",
    ),
    "a number as text": (
        "{block: conv, filters: '8'}",
        "toy.yaml:5:28: body[0].filters: expected a whole number, not '8'; write 8",
    ),
    "a fraction": ("{block: conv, filters: 8.5}", "toy.yaml:5:28: body[0].filters: expected a whole number, not 8.5"),
    "truth for a number": (
        "{block: conv, filters: true}",
        "toy.yaml:5:28: body[0].filters: expected a whole number, not true",
    ),
    "below its bound": ("{block: conv, filters: 0}", "toy.yaml:5:28: body[0].filters: must be above 0, not 0"),
    "a rate of 1": ("{block: dropout, rate: 1.0}", "toy.yaml:5:28: body[0].rate: must be below 1, not 1.0"),
    "a size": (
        "{block: conv, filters: 8, kernel_size: [3, 3, 3]}",
        "toy.yaml:5:44: body[0].kernel_size: expected a whole number above 0, or two as [height, width], not [3, 3, 3]",
    ),
    "a padding": (
        "{block: conv, filters: 8, padding: smae}",
        "toy.yaml:5:40: body[0].padding: expected valid, same, a number of zeros, [vertical, horizontal] or "
        "[[top, bottom], [left, right]], not 'smae'",
    ),
    "an activation": (
        "{block: conv, filters: 8, activation: rellu}",
        "toy.yaml:5:43: body[0].activation: no activation is called 'rellu'; did you mean 'relu'?",
    ),
    "a choice": (
        "{block: bottleneck, filters: 8, shortcut: identiy}",
        "toy.yaml:5:47: body[0].shortcut: expected 'identity', 'projection', 'scale', 'exclusive_gate', "
        "'shortcut_gate' or 'dropout', not 'identiy'; did you mean 'identity'?",
    ),
    "a choice that may be null": (
        "{block: conv_relu_pool, filters: 8, pool: none}",
        "toy.yaml:5:47: body[0].pool: expected 'avg' or 'max' (or null), not 'none'; write null",
    ),
    "a name": (
        "{block: conv, filters: 8, name: a/b}",
        "toy.yaml:5:37: body[0].name: 'a/b' is no name: letters, digits, `_`, `-` and `.` make one",
    ),
    "a nested block": (
        "{block: sequence, body: [{block: conv, filters: 8, stride: 2}]}",
        "toy.yaml:5:56: body[0].body[0].stride: conv has no field 'stride'; did you mean 'strides'?",
    ),
    "a count beyond all": (
        "{block: conv, filters: 99999999}",
        "toy.yaml:5:28: body[0].filters: must be at most 16,777,216, not 99999999",
    ),
    "an infinite factor": (
        "{block: scale, scale: .inf}",
        "toy.yaml:5:27: body[0].scale: expected a finite number, not .inf",
    ),
    "a list for a block": ("{block: [conv]}", "toy.yaml:5:5: body[0]: needs `block`, the name of a block"),
    "an initializer's class": (
        "{block: conv, filters: 8, kernel_initializer: {class_name: HeNorml}}",
        "toy.yaml:5:51: body[0].kernel_initializer: no initializer is called 'HeNorml'; did you mean 'HeNormal'?",
    ),
    "a variance": (
        "{block: normalization, mean: [1, 2, 3], variance: [1, 2, -3]}",
        "toy.yaml:5:55: body[0].variance: a variance is at least 0, not -3",
    ),
    "from nowhere": (
        "{block: conv, filters: 8, from: []}",
        "toy.yaml:5:37: body[0].from: `from` names no block; left out, it is the block before",
    ),
}


@pytest.mark.parametrize(("item", "expected"), ONE_LINE.values(), ids=ONE_LINE.keys())
def test_one_mistake_in_one_line(tmp_path: Path, item: str, expected: str) -> None:
    assert message(tmp_path, item) == expected


DOCUMENTS = {
    "unknown key": ("nmae: x\nname: x\ninput: [8, 8, 3]\nbody: [conv3-8]\n", "1:1: nmae: a spec has no field 'nmae'; did you mean 'name'?"),
    "missing keys": ("name: x\n", "1:1: a spec needs `input`: [height, width, channels] of an image; null leaves height or width open"),
    "an input": ("name: x\ninput: [8, 8]\nbody: [conv3-8]\n", "2:8: input: expected [height, width, channels], height and width null where open, not [8, 8]; write [8, 8, channels]"),
    "a variant that is no mapping": ("name: x\ninput: [8, 8, 3]\nparameters: {depth: 3}\nbody: ['conv3-${depth}']\nvariants: {deep: 3}\n", "5:12: variants.deep: expected a mapping of keys to values, not 3"),
    "an optimizer": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {optimizer: {name: addam}}\n", "4:27: train.optimizer.name: no optimizer is called 'addam'; did you mean 'adam'?"),
    "an epoch": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {epoch: 3}\n", "4:9: train.epoch: `train` has no field 'epoch'; did you mean 'epochs'?"),
    "a size beyond all": ("name: x\ninput: [8, 99999999, 3]\nbody: [conv3-8]\n", "2:8: input: expected [height, width, channels], height and width null where open, not [8, 99999999, 3]; the largest size is 16,777,216"),
    "an output without a name": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 3, name: a}]\noutputs: {'b c': {from: a}}\n", "4:11: outputs.b c: 'b c' is no name: letters, digits, `_`, `-` and `.` make one"),
    "an output's head": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 3, name: a}]\noutputs: {b: {from: a, head: 3}}\n", "4:30: outputs.b.head: expected a head's fields or a list of blocks, not 3"),
    "an output that is no mapping": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 3, name: a}]\noutputs: {head: 3}\n", "4:17: outputs.head: expected a mapping of keys to values, not 3"),
    "a control character": ('name: x\nreference: "\\x1b[2J"\ninput: [8, 8, 3]\nbody: [conv3-8]\n', "2:12: reference: holds the control character U+001B, which no page can show"),
    "an initializer of kernels for a bias": ("name: x\ninput: [8, 8, 3]\nbody: [flatten, {block: dense, units: 3, bias_initializer: orthogonal}]\n", "3:60: body[1].bias_initializer: orthogonal initializes kernels: it needs two axes, and a bias has one"),
    "a class of kernels for a bias": ("name: x\ninput: [8, 8, 3]\nbody: [flatten, {block: dense, units: 3, bias_initializer: {class_name: Identity}}]\n", "3:60: body[1].bias_initializer: Identity initializes kernels: it needs two axes, and a bias has one"),
    "two numbers of classes": ("name: x\ninput: [8, 8, 3]\nclasses: 10\nbody: [conv3-8]\nhead: {classes: 5}\n", "5:17: head.classes: a head for 5 classes, where `classes` is 10"),
    "true classes": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\nhead: {classes: true}\n", "4:17: head.classes: expected a whole number, not true"),
    "an infinite decay": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {l2: .inf}\n", "4:13: train.l2: expected a finite number, not .inf"),
    "a rate that float32 takes for 0": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {optimizer: {learning_rate: 1.0e-320}}\n", "4:36: train.optimizer.learning_rate: float32 holds 0 and 1.18e-38 to 3.4e+38, not 1e-320"),
    "a decay that float32 takes for infinite": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {l2: 1.0e+302}\n", "4:13: train.l2: float32 holds 0 and 1.18e-38 to 3.4e+38, not 1e+302"),
    "a step that float32 takes for infinite": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {schedule: {name: step, at: [1.0, 1.0e+39]}}\n", "4:42: train.schedule.at[1]: float32 holds 0 and 1.18e-38 to 3.4e+38, not 1e+39"),
    "a factor that float32 takes for infinite": ("name: x\ninput: [8, 8, 3]\nbody: [{block: scale, scale: 1.0e+302}]\n", "3:30: body[0].scale: float32 holds 0 and 1.18e-38 to 3.4e+38, not 1e+302"),
    "a zoom to nothing": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {augmentation: {zoom: 1.0}}\n", "4:30: train.augmentation.zoom: must be below 1, not 1.0"),
    "a zoom below 0": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {augmentation: {zoom: -0.1}}\n", "4:30: train.augmentation.zoom: must be at least 0, not -0.1"),
    "a decay below 0": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {optimizer: {name: adam, beta_2: -0.1}}\n", "4:41: train.optimizer.beta_2: must be at least 0, not -0.1"),
    "a decay of 1": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {optimizer: {name: adam, beta_1: 1}}\n", "4:41: train.optimizer.beta_1: must be below 1, not 1"),
    "weights without a name": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {finetune: {weights: ''}}\n", "4:29: train.finetune.weights: is empty"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_mistake_in_the_document(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert diagnostics(tmp_path, text).split("\n")[0] == f"toy.yaml:{expected}"


def test_what_is_missing_is_reported_in_one_go(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, "classes: 3\n")
    assert [line.split("`")[1] for line in places(text)] == ["name", "input", "body"]
    text = diagnostics(tmp_path, body("{block: fire}"))
    assert [line.split("`")[1] for line in places(text)] == ["squeeze", "expand"]


def test_fields_of_another_optimizer_are_reported_at_their_keys(tmp_path: Path) -> None:
    recipe = "train: {optimizer: {name: adam, momentum: 0.9, rho: 0.5}}\n"
    found = places(diagnostics(tmp_path, body("conv3-8", head=recipe)))
    assert [line.partition(": the optimizer")[0] for line in found] == [
        f"6:{recipe.index('momentum') + 1}: train.optimizer.momentum",
        f"6:{recipe.index('rho') + 1}: train.optimizer.rho",
    ]


def test_a_mapping_with_a_wrong_weight_is_not_called_no_word(tmp_path: Path) -> None:
    recipe = 'train: {class_weights: {zero: 2, "1": -3}}\n'
    found = places(diagnostics(tmp_path, body("conv3-8", head=recipe)))
    assert found == ["6:34: train.class_weights.1: must be at least 0, not -3"]


@pytest.mark.parametrize("size", [3, 5])
def test_a_reduction_of_inception_needs_what_it_reduces_for(tmp_path: Path, size: int) -> None:
    found = message(tmp_path, f"{{block: inception, conv1x1: 3, reduce{size}x{size}: 4}}")
    assert found.endswith(f": reduce{size}x{size} without conv{size}x{size} has nothing to reduce for")
