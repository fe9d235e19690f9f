"""`check --data` warns of set-ups that are broken, each in the line that is for it, and passes good ones."""

import dataclasses

import keras
import numpy as np
import pytest

from convspec import build, load
from convspec.cli import main
from convspec.data import load_data
from convspec.language.diagnostics import InputError
from convspec.training import sanity_checks
from convspec.training.compiling import reproducible
from convspec.training.train import train

SPEC = {
    "name": "tiny", "input": [8, 8, 1], "classes": 10, "body": ["conv3-16", "maxpool2/2"],
    "head": {"flatten": True, "fc": [32]},
    "train": {"epochs": 20, "batch_size": 32, "optimizer": {"learning_rate": 0.003}},
}  # fmt: skip
RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def digits():
    return load_data("digits")


def lines(dataset, recipe=None, body=None, model=None):
    """The checks of a set-up, one after the other."""
    spec = load({**SPEC, "body": body or SPEC["body"], "train": {**SPEC["train"], **(recipe or {})}})
    with reproducible(spec.train):
        yield from sanity_checks.sanity_checks(model or build(spec), spec.train, dataset)


def flagged(name, *setup, **parts):
    """Whether the line of this name warns; those after it are not waited for."""
    return any(line.name == name and not line.ok for line in lines(*setup, **parts))


def changed(dataset, **parts):
    return dataclasses.replace(dataset, **parts)


NORMED = [{"block": "conv_norm_act", "filters": 8}, "maxpool2/2"]
GOOD = {
    "plain": ({}, None),
    "small crop": ({"augmentation": {"crop": 1, "rotation": 10}}, None),
    "colour and cutout": ({"augmentation": {"brightness": 0.1, "contrast": 0.2, "cutout": 2}}, None),
    "sgd": ({"optimizer": {"name": "sgd", "learning_rate": 0.03, "momentum": 0.9}}, None),
    "batch norm": ({"epochs": 30}, NORMED),
    "mixup and smoothing": ({"mixup": 0.2, "label_smoothing": 0.1}, None),
}


@pytest.mark.parametrize(("recipe", "body"), GOOD.values(), ids=GOOD.keys())
def test_a_good_set_up_passes(digits, recipe, body):
    assert [str(line) for line in lines(digits, recipe, body) if not line.ok] == []


BAD_RECIPES = {
    "brightness that whitens and blackens": ({"augmentation": {"brightness": 1.0}}, "augmentation"),
    "contrast that greys": ({"augmentation": {"contrast": 1.0}}, "augmentation"),
    "a square of most of the image": ({"augmentation": {"cutout": 7}}, "augmentation"),
    "shifts by half of the image": ({"augmentation": {"crop": 4}}, "augmentation"),
    "pixels as they are, far from 0": (
        {"preprocessing": {"rescale": False, "subtract_mean": "none", "standardize": False}}, "inputs",
    ),
    "a learning rate of 1,000": ({"optimizer": {"learning_rate": 1e3}}, "overfitting"),
    "a learning rate of 1e-9": ({"optimizer": {"learning_rate": 1e-9}}, "overfitting"),
    "a mean of weights longer than the run": ({"ema": 0.9999, "epochs": 1}, "length of the run"),
}  # fmt: skip


@pytest.mark.parametrize(("recipe", "name"), BAD_RECIPES.values(), ids=BAD_RECIPES.keys())
def test_a_broken_recipe_is_flagged(digits, recipe, name):
    assert flagged(name, digits, recipe)


def shuffled(data):
    return {"y_train": RANDOM.permutation(data.y_train)}


def one_class(data):
    return {"y_train": np.zeros_like(data.y_train)}


def constant(data):
    return {"x_train": np.full_like(data.x_train, 7)}


def leaked(data):
    return {
        "x_train": np.concatenate([data.x_train, data.x_val]),
        "y_train": np.concatenate([data.y_train, data.y_val]),
    }


def contradictory(data):
    x, y = (
        np.concatenate([data.x_train, data.x_train[:20]]),
        np.concatenate([data.y_train, (data.y_train[:20] + 1) % 10]),
    )
    return {"x_train": x, "y_train": y}


def repeated(data):
    return {"x_train": np.repeat(data.x_train[:200], 2, axis=0), "y_train": np.repeat(data.y_train[:200], 2)}


BAD_DATA = {
    shuffled: "labels", one_class: "largest class", constant: "constant images", leaked: "leak into validation",
    contradictory: "contradictions", repeated: "duplicate images",
}  # fmt: skip


@pytest.mark.parametrize(("broken", "name"), BAD_DATA.items(), ids=[broken.__name__ for broken in BAD_DATA])
def test_broken_data_are_flagged(digits, broken, name):
    assert flagged(name, changed(digits, **broken(digits)))


def test_too_few_updates_for_batch_normalisation_are_flagged(digits):
    assert flagged("length of the run", digits, {"epochs": 1, "precise_batch_norm": None}, NORMED)


def classifier(bias=0.0, scale=None):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(8, 3, activation="relu", bias_initializer=keras.initializers.Constant(bias))(inputs)
    first = "glorot_uniform" if scale is None else keras.initializers.RandomNormal(stddev=scale, seed=1)
    x = keras.layers.Dense(10, activation="softmax", kernel_initializer=first)(keras.layers.Flatten()(x))
    return keras.Model(inputs, x)


def test_dead_relus_are_flagged(digits):
    assert flagged("dead ReLUs", digits, model=classifier(bias=-100.0))


@pytest.mark.parametrize("scale", [0.2, 1.0])
def test_a_first_loss_far_from_chance_is_flagged(digits, scale):
    assert flagged("first loss", digits, model=classifier(scale=scale))


# an augmentation that is too large for the images


def test_a_recipe_for_large_images_is_rejected_for_small_ones_by_every_entry_point(tmp_path, capsys, digits):
    told = "train.augmentation.crop: shifts by up to 16 pixels, which leaves little or nothing of images of 8x8\n"
    command = ["digits", "--data", "digits", "--out", str(tmp_path / "run")]
    assert main(["train", *command, "--recipe", "alexnet", "--set", "train.augmentation.pca=0"]) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "run" / "run.json").exists()
    assert main(["check", "digits", "--set", "train.augmentation.crop=16"]) == 1
    err = capsys.readouterr().err
    assert told in err
    assert err.endswith("  `crop: 1` is small against them\n")
    assert main(["check", "digits", "--set", "train.augmentation.crop=16", "--data", "digits"]) == 1
    spec = load({**SPEC, "train": {**SPEC["train"], "augmentation": {"crop": 16}}})
    with pytest.raises(InputError, match="leaves little or nothing of images of 8x8"):
        train(build(spec), spec.train, digits, show=False)


@pytest.mark.parametrize(
    ("how", "size", "rejected", "warned"),
    [
        ({"crop": 16}, (8, 8), 1, 0), ({"crop": 5}, (8, 8), 1, 0), ({"crop": 4}, (8, 8), 0, 1), ({"crop": 3}, (8, 20), 0, 1),
        ({"crop": 2}, (8, 8), 0, 0), ({"crop": 16}, (224, 224), 0, 0), ({"crop": 4}, (32, 32), 0, 0),
        ({"translation": 0.6}, (32, 32), 1, 0), ({"translation": 0.4}, (32, 32), 0, 1), ({"translation": 0.2}, (32, 32), 0, 0),
        ({"cutout": 32}, (32, 32), 1, 0), ({"cutout": 8}, (20, 8), 1, 0), ({"cutout": 20}, (32, 32), 0, 1), ({"cutout": 16}, (32, 32), 0, 0),
        ({"crop": 9, "cutout": 9}, (8, 8), 2, 0),
    ],
)  # fmt: skip
def test_what_is_not_small_against_the_image(how, size, rejected, warned):
    from convspec.language.recipe import Augmentation

    augmentation = Augmentation.model_validate(how)
    assert len(list(augmentation.too_large(*size))) == rejected
    assert len(list(augmentation.rather_large(*size))) == warned
