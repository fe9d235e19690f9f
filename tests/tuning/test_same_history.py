"""One recipe gives one history on one machine, searched or trained, by command and from Python: bit for bit.

The figures of the recipes are such that they end in another digit where they are computed in 32 bits instead of 64.
"""

import keras
import pytest
import yaml

from convspec import load
from convspec.cli import main
from convspec.training.compiling import reproducible
from convspec.training.first_weights import first_values, new_model
from convspec.training.train import train
from convspec.tuning import search
from convspec.tuning.trial import Trainer

from .specs import document

NAMES = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")
RECIPES = {
    "sgd, momentum, decay, class weights": {
        "optimizer": {
            "name": "sgd",
            "learning_rate": 0.037,
            "momentum": 0.87,
            "nesterov": True,
            "weight_decay": 0.0007,
        },
        "class_weights": "balanced",
        "l2": 0.0,
    },
    "adam, betas, L2, steps": {
        "optimizer": {"name": "adam", "learning_rate": 0.0031, "beta_1": 0.87, "beta_2": 0.995, "global_clipnorm": 0.7},
        "schedule": {"name": "step", "every": 0.3, "factor": 0.9},
        "l2": 0.0123,
    },
    "adamw, cosine, averaged weights": {
        "optimizer": {"name": "adamw", "learning_rate": 0.002, "weight_decay": 0.013},
        "schedule": {"name": "cosine", "warmup": 1.0},
        "ema": 0.9,
    },
    "augmentation, mixup, smoothing": {
        "augmentation": {"flip": "horizontal", "translation": 0.1, "contrast": 0.2},
        "mixup": 0.2,
        "label_smoothing": 0.1,
    },
    "16 bits": {"mixed_precision": "bfloat16"},
}
RESIDUAL = [
    {"block": "conv_norm_act", "filters": 8, "kernel_size": 3},
    {"block": "bottleneck", "filters": 4, "strides": 2},  # Keras adds so many penalties in another order than few
]


def assert_same(trial, rows):
    """Equal floats, not near ones."""
    assert [{name: row[name] for name in NAMES} for row in trial] == [
        {name: row[name] for name in NAMES} for row in rows
    ]


def spec_with(**train):
    body = RESIDUAL if "global_clipnorm" in train.get("optimizer", ()) or "ema" in train else document()["body"]
    spec = document(body=body, head={"flatten": True, "fc": [16], "dropout": 0.37})
    spec["train"] |= {"epochs": 2, **train}
    return load(spec)


def trained(spec, dataset):
    with reproducible(spec.train):
        return train(new_model(spec), spec.train, dataset, show=False, loss_weights=spec.loss_weights).history


@pytest.mark.parametrize("fields", RECIPES.values(), ids=RECIPES)
def test_a_trial_is_a_training(fields, digits):
    spec = spec_with(**fields)
    trainer = Trainer(spec.tune, lambda asked: digits)
    trainer.run(spec_with(**{**fields, "seed": 3, "epochs": 1}))  # the network has had another trial before
    assert_same(trainer.run(spec).history, trained(spec, digits))
    assert len(trainer.networks) == 1


def test_the_first_weights_depend_on_the_seed_and_the_layer_alone():
    one, other = new_model(spec_with()), new_model(spec_with(seed=2))
    keras.layers.Dense(3).build((None, 4))
    again = new_model(spec_with())
    first, same, different = (
        [value.tobytes() for value in first_values(model, seed).values()]
        for model, seed in (
            (one, 1),
            (again, 1),
            (other, 2),
        )
    )
    assert first == same
    assert all(mine != theirs for mine, theirs in zip(first, different, strict=True))
    assert [weight.tobytes() for weight in one.get_weights()] == [weight.tobytes() for weight in again.get_weights()]


def test_training_the_best_spec_gives_the_history_of_its_trial(tmp_path, monkeypatch):
    """From the command line, where both are processes of their own."""
    monkeypatch.chdir(tmp_path)
    tune = {"stages": [{"trials": 2, "epochs": 2}]}
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(document(tune), sort_keys=False))
    assert main(["tune", "tiny.yaml", "--data", "digits", "--out", "search"]) == 0
    assert main(["train", "search/best.yaml", "--data", "digits", "--out", "run"]) == 0
    import json

    best = json.loads((tmp_path / "search/search.json").read_text())["best"]
    trial = json.loads((tmp_path / f"search/trials/{best['key']}.json").read_text())
    rows = json.loads((tmp_path / "run/history.json").read_text())
    assert_same(trial["history"], rows)


def test_a_search_from_python_has_the_history_of_a_training_from_python(digits, tmp_path):
    result = search(load(document({"stages": [{"trials": 1, "epochs": 2}]})), lambda spec: digits, tmp_path, show=False)
    rows = trained(load(tmp_path / "best.yaml"), digits)
    assert_same(result.best.history, rows)
