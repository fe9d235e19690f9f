"""The shipped recipes, and the ladder of ResNet-RS rung by rung."""

import pytest

from convspec.cli import main
from convspec.spec import load
from convspec.spec.faults import FaultError
from convspec.spec.recipe import Recipe
from convspec.spec.recipes import list_recipes, load_recipe

GAINS = {  # Bello et al. 2021, arXiv:2103.07579, table 1, in points of top-1 on ImageNet; the foot has 79.0
    "cosine": 0.3, "epochs": -0.5, "ema": 0.3, "label_smoothing": 1.3, "stochastic_depth": 0.2, "rand_augment": 0.4,
    "fc_dropout": -0.3, "weight_decay": 1.5, "squeeze_excite": 0.7, "resnet_d": 0.5,
}  # fmt: skip


@pytest.mark.parametrize("name", list_recipes())
def test_a_shipped_recipe_is_valid_by_itself(name):
    settings = load_recipe(name)
    assert Recipe.model_validate(settings["train"]) == load("resnet18", overrides=settings).train


def test_every_rung_changes_what_the_one_before_it_left():
    before = load("resnet50", overrides=load_recipe("resnet_rs"))
    for rung in GAINS:
        spec = load("resnet50", overrides=load_recipe(f"resnet_rs:{rung}"))
        assert spec.fingerprint != before.fingerprint
        before = spec
    assert (before.train.ema, before.train.label_smoothing, before.train.l2) == (0.9999, 0.1, 2e-5)


def test_the_rungs_and_gains_are_the_papers():
    import yaml

    from convspec.spec.catalogue import FOLDER

    ladder = yaml.safe_load((FOLDER / "recipes" / "resnet_rs.yaml").read_text())["ladder"]
    assert {step["rung"]: step["gain"] for step in ladder} == GAINS


def test_an_unknown_recipe_or_rung_has_its_nearest():
    with pytest.raises(FaultError, match="no recipe is called 'alexnt'; did you mean 'alexnet'"):
        load_recipe("alexnt")
    with pytest.raises(FaultError, match="resnet_rs has no rung 'emma'; did you mean 'ema'"):
        load_recipe("resnet_rs:emma")


def test_a_recipe_trains_and_what_the_user_sets_wins(tmp_path, capsys):
    (tmp_path / "tiny.yaml").write_text("name: tiny\ninput: [8, 8, 1]\nclasses: 10\nbody: [conv3-8]\n")
    command = ["train", str(tmp_path / "tiny.yaml"), "--data", "digits", "--recipe", "resnet_cifar", "--epochs", "2"]
    assert main([*command, "--set", "train.schedule.at=[1]", "--out", str(tmp_path / "run")]) == 0
    assert "epoch 2/2" in capsys.readouterr().out
