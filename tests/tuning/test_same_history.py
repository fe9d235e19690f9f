"""One recipe gives one history, searched or trained: the same first weights, order and draws, but for rounding.

TensorFlow rewrites arithmetic by what else is in a graph, so that a loop inside the graph rounds otherwise than `fit`.
"""

import keras
import pytest
import yaml

from convspec import load
from convspec.cli import main
from convspec.training.compiling import setting
from convspec.training.first_weights import first_values, new_model
from convspec.training.train import train
from convspec.tuning import search
from convspec.tuning.trial import Trainer

from .specs import document

NAMES = ("loss", "accuracy", "val_loss", "val_accuracy")
EXACT = {
    "dropout and L2": {},
    "augmentation": {"augmentation": {"flip": "horizontal", "translation": 0.1}, "l2": 0.0},
    "mixup and smoothing": {"mixup": 0.2, "label_smoothing": 0.1, "class_weights": "balanced"},
    "a schedule": {"schedule": {"name": "cosine", "warmup": 1.0}, "optimizer": {"name": "adamw", "weight_decay": 0.01}},
    "averaged weights": {"ema": 0.9},
}


def assert_same(trial, rows):
    """Losses to three digits, accuracies but for two of the 359 images."""
    assert len(trial) == len(rows)
    for one, other in zip(trial, rows, strict=True):
        for name in NAMES:
            near = {"abs": 0.006} if "accuracy" in name else {"rel": 1e-3}
            assert one[name] == pytest.approx(other[name], **near)


def spec_with(**train):
    spec = document(head={"flatten": True, "fc": [16], "dropout": 0.2})
    spec["train"] |= {"epochs": 2, **train}
    return load(spec)


def trained(spec, dataset):
    with setting(spec.train):
        return train(new_model(spec), spec.train, dataset, show=False, loss_weights=spec.loss_weights).history


@pytest.mark.parametrize("train_fields", EXACT.values(), ids=EXACT)
def test_a_trial_is_a_training(train_fields, digits):
    spec = spec_with(**train_fields)
    trial = Trainer(spec.tune, lambda asked: digits).run(spec).history
    assert_same(trial, trained(spec, digits))


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
