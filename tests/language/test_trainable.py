"""`check` reports a network that its recipe cannot train; without a recipe a network may end in anything."""

from __future__ import annotations

import pytest

from convspec import InputError, load
from convspec.cli import main
from convspec.language.trainable import check_recipe

SPEC = """\
name: toy
input: [8, 8, 1]
{classes}
body: [conv3-4]
head: {{{head}}}
train: {{epochs: 2}}
"""

CASES = {
    "one class": (
        ("classes: 1", "pooling: avg"),
        "toy.yaml:5:7: head: the output 'predictions' has one class, whose probability is always 1: there is nothing "
        "to learn",
        "write `classes: 2` to tell two classes apart, yes and no, say",
    ),
    "a sigmoid": (
        ("classes: 3", "classifier_activation: sigmoid"),
        "toy.yaml:5:7: head: the output 'predictions' ends in sigmoid of 'predictions': neither a softmax, whose "
        "values are probabilities, nor a linear layer, whose values are logits",
        "end it in a layer of 3 values with a softmax, or with no activation; labels are one class an image, so no "
        "sigmoid will do",
    ),
    "slopes behind the classes": (
        ("classes: 3", "classifier_activation: prelu"),
        "toy.yaml:5:7: head: the output 'predictions_prelu' ends in PReLU of 'predictions_prelu': neither a softmax, "
        "whose values are probabilities, nor a linear layer, whose values are logits",
        "end it in a layer of 3 values with a softmax",
    ),
    "no classes": (
        ("fit: floor", "pooling: avg"),
        "toy.yaml:1:1: classes: the network has no `classes`, though it ends in 4 values, so there is nothing to "
        "train it for",
        "write `classes: 4` beside `name` and `input`, or --set classes=4",
    ),
}


@pytest.mark.parametrize(("written", "message", "remedy"), CASES.values(), ids=CASES.keys())
def test_check_reports_what_its_recipe_cannot_train(written, message, remedy, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = SPEC.format(classes=written[0], head=written[1])
    (tmp_path / "toy.yaml").write_text(text)
    assert main(["check", "toy.yaml"]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith(message + "\n")
    assert remedy in printed
    (tmp_path / "toy.yaml").write_text(text.replace("train: {epochs: 2}\n", ""))
    assert main(["check", "toy.yaml"]) == 0


def test_further_outputs_are_reported_with_what_would_make_them_trainable(tmp_path, monkeypatch, capsys):
    """One without a head holds features; one with a head has to end otherwise."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy.yaml").write_text(
        "name: toy\ninput: [8, 8, 3]\nclasses: 3\nbody: [{block: conv, filters: 3, name: a}, conv3-4]\noutputs:\n"
        "  b: {from: a}\n  c: {from: a, head: {classifier_activation: sigmoid}}\ntrain: {epochs: 2}\n"
    )
    assert main(["check", "toy.yaml"]) == 1
    found = [line for line in capsys.readouterr().err.splitlines() if "^" not in line and not line.startswith("    ")]
    assert found == [
        "toy.yaml:6:3: outputs.b: the output 'b' is 8x8x3, and cannot be trained on 3 classes",
        "  features have no labels: give it a `head`, such as {pooling: avg}, or train without it: --set outputs={}",
        "toy.yaml:7:3: outputs.c: the output 'c' ends in sigmoid of 'c': neither a softmax, whose values are "
        "probabilities, nor a linear layer, whose values are logits",
        "  end it in a layer of 3 values with a softmax, or with no activation; labels are one class an image, so no "
        "sigmoid will do",
    ]


def test_a_search_needs_a_network_that_can_be_trained(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    tune = "tune: {space: {train.l2: {log_uniform: [1.0e-5, 0.1]}}}"
    text = SPEC.format(classes="classes: 1", head="").replace("train: {epochs: 2}", tune)
    (tmp_path / "toy.yaml").write_text(text)
    assert main(["check", "toy.yaml"]) == 1
    assert "there is nothing to learn" in capsys.readouterr().err


def test_an_augmentation_is_held_against_sizes_that_are_known() -> None:
    document = {"name": "x", "classes": 2, "body": ["conv3-8"], "train": {"augmentation": {"crop": 7}}}
    for size in ([None, 8], [8, None], [None, None]):
        check_recipe(load({**document, "input": [*size, 3], "head": {"pooling": "avg"}}))
    with pytest.raises(InputError, match=r"train\.augmentation\.crop: shifts by up to 7 pixels") as found:
        check_recipe(load({**document, "input": [8, 8, 3], "classes": 1}))
    assert [one.path for one in found.value.diagnostics] == ["train.augmentation.crop", "body"]  # each hides none


NAMES_OF_NOTHING = {
    "another network's name": ("weights: 'imagenet:resnet99'", "5:29: train.finetune.weights: no network of the catalogue is called 'resnet99'"),
    "its own name": ("weights: imagenet", "5:29: train.finetune.weights: no network of the catalogue is called 'x'"),
    "a frozen layer": ("weights: a.keras, freeze: nolayer", "5:46: train.finetune.freeze: no layer or stage is called 'nolayer'"),
    "a layer that is frozen later": (
        "weights: a.keras, freeze: all, unfreeze: [{after: 1, freeze: none}, {after: 2, freeze: nolayer}]",
        "5:107: train.finetune.freeze: no layer or stage is called 'nolayer'",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("how", "expected"), NAMES_OF_NOTHING.values(), ids=NAMES_OF_NOTHING.keys())
def test_names_of_fine_tuning_that_nothing_has(tmp_path, how, expected):
    (tmp_path / "x.yaml").write_text(
        f"name: x\ninput: [8, 8, 3]\nclasses: 10\nbody: [conv3-8]\ntrain: {{finetune: {{{how}}}}}\n"
    )
    with pytest.raises(InputError) as caught:
        check_recipe(load(tmp_path / "x.yaml"))
    (found,) = caught.value.diagnostics
    assert str(found).partition("x.yaml:")[2].startswith(expected)


@pytest.mark.parametrize("name", ["hue", "saturation"])
def test_colour_of_grey_images(tmp_path, name):
    text = f"name: x\ninput: [8, 8, %s]\nclasses: 10\nbody: [conv3-8]\ntrain: {{augmentation: {{{name}: 0.5}}}}\n"
    (tmp_path / "x.yaml").write_text(text % 3)
    check_recipe(load(tmp_path / "x.yaml"))
    (tmp_path / "x.yaml").write_text(text % 1)
    with pytest.raises(InputError, match=f"train.augmentation.{name}: has no meaning for images of 1 channel"):
        check_recipe(load(tmp_path / "x.yaml"))
