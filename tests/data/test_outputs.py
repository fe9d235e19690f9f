"""Outputs that have no value for each class are told before anything is trained on them."""

from __future__ import annotations

import keras
import pytest

import convspec
from convspec import InputError
from convspec.cli import main
from convspec.data import load_data
from convspec.language.recipe import Recipe
from convspec.training.sanity_checks import sanity_checks
from convspec.training.train import train
from convspec.tuning import search
from convspec.tuning.constraints import ConstraintCheck

SPACE = {"space": {"head[1].units": {"choice": [5, 10]}}, "stages": [{"trials": 1, "epochs": 1}]}


def document(units: int, **more: object) -> dict[str, object]:
    head = ["flatten", {"block": "dense", "units": units, "activation": "softmax", "name": "end"}]
    return {"name": "x", "input": [8, 8, 1], "classes": 10, "body": ["conv3-8"], "head": head, **more}


@pytest.mark.parametrize("command", ["train", "tune", "check"])
def test_a_network_whose_output_does_not_fit_its_classes(tmp_path, capsys, command):
    (tmp_path / "x.yaml").write_text(convspec.load(document(5, tune=SPACE)).to_yaml())
    where = [] if command == "check" else ["--out", str(tmp_path / "run")]
    assert main([command, str(tmp_path / "x.yaml"), "--data", "digits", *where]) == 1
    assert capsys.readouterr().err.startswith(
        f"{tmp_path}/x.yaml:7:3: head: the output 'end' is 5, and cannot be trained on 10 classes\n"
    )


def test_features_beside_the_classes(tmp_path, capsys):
    features = document(10, body=[{"block": "conv", "filters": 8, "name": "features"}])
    (tmp_path / "x.yaml").write_text(convspec.load({**features, "outputs": {"more": {"from": "features"}}}).to_yaml())
    assert main(["train", str(tmp_path / "x.yaml"), "--data", "digits", "--out", str(tmp_path / "run")]) == 1
    told = "x.yaml:10:3: outputs.more: the output 'more' is 8x8x8, and cannot be trained on 10 classes"
    err = capsys.readouterr().err
    assert told in err
    assert err.endswith(
        "  features have no labels: give it a `head`, such as {pooling: avg}, or train without it: --set outputs={}\n"
    )
    assert not (tmp_path / "run").exists()
    remedied = ["--set", "outputs={}", "--epochs", "1", "--out", str(tmp_path / "run")]
    assert main(["train", str(tmp_path / "x.yaml"), "--data", "digits", *remedied]) == 0


def test_classes_of_the_head_alone(tmp_path, capsys):
    (tmp_path / "x.yaml").write_text("name: x\ninput: [8, 8, 1]\nbody: [conv3-8]\nhead: {classes: 10}\n")
    assert main(["train", str(tmp_path / "x.yaml"), "--data", "digits"]) == 1
    assert capsys.readouterr().err == (
        f"{tmp_path}/x.yaml:1:1: classes: the network has no `classes`, though it ends in 10 values, so there is "
        "nothing to train it for\n    name: x\n    ^\n"
        "  write `classes: 10` beside `name` and `input`, or --set classes=10\n"
    )
    remedied = ["--set", "classes=10", "--epochs", "1", "--out", str(tmp_path / "run")]
    assert main(["train", str(tmp_path / "x.yaml"), "--data", "digits", *remedied]) == 0


def test_a_further_head_for_other_classes(tmp_path, capsys):
    features = document(10, body=[{"block": "conv", "filters": 8, "name": "features"}])
    side = {"side": {"from": "features", "head": {"classes": 7}}}
    with pytest.raises(InputError, match="a head for 7 classes, where `classes` is 10"):
        convspec.load({**features, "outputs": side})
    lines = ["name: x", "input: [8, 8, 1]", "classes: 10", "body: [conv3-8]"]
    (tmp_path / "x.yaml").write_text("\n".join([*lines, "outputs:", "  side: {from: body_0, head: {classes: 7}}\n"]))
    assert main(["check", str(tmp_path / "x.yaml")]) == 1
    assert capsys.readouterr().err == (
        f"{tmp_path}/x.yaml:6:40: outputs.side.head.classes: a head for 7 classes, where `classes` is 10\n"
        f"      side: {{from: body_0, head: {{classes: 7}}}}\n{' ' * 43}^\n  leave one of the two out\n"
    )


def test_a_model_of_keras(tmp_path):
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(5)])
    for work in (train, lambda *given: list(sanity_checks(*given))):
        with pytest.raises(InputError, match="is 5, and cannot be trained on 10 classes"):
            work(model, Recipe(), load_data("digits"))


def test_a_search_and_its_candidates(tmp_path):
    with pytest.raises(InputError, match="'end' is 5"):
        search(convspec.load(document(5, tune=SPACE)), lambda spec: load_data("digits"), tmp_path, show=False)
    spec = convspec.load(document(10, tune=SPACE))
    constraint_check = ConstraintCheck(spec, spec.tune)
    assert constraint_check.verdict({"head[1].units": 10}) == ""
    assert (
        constraint_check.verdict({"head[1].units": 5}) == "the output 'end' is 5, and cannot be trained on 10 classes"
    )
