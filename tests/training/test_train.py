"""A run: it learns, repeats, stops, goes on after it was killed, and leaves whole files."""

import csv
import json
import resource
import signal

import keras
import numpy as np
import pytest

from convspec.data.preprocessing import Normalizer
from convspec.language.diagnostics import InputError
from convspec.language.recipe import Recipe
from convspec.training.compiling import reproducible
from convspec.training.train import pipelines, train

EVERYTHING = {
    "epochs": 4,
    "batch_size": 16,
    "optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
    "schedule": {"name": "cosine", "warmup": 1},
    "ema": 0.9,
    "mixup": 0.2,
    "cutmix": 0.5,
    "label_smoothing": 0.1,
    "augmentation": {"flip": "vertical", "crop": 1, "rotation": 5, "rand_augment": {"operations": 1, "magnitude": 5}},
}


def run(recipe, dataset, network, out=None, **options):
    with reproducible(recipe):
        model = network()
        return model, train(model, recipe, dataset, out, show=False, **options)


def losses(result):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in result.history]


def test_it_learns(shapes, network):
    _, result = run(Recipe(epochs=8, batch_size=8), shapes, network)
    assert result.val_accuracy >= 0.95
    assert result.history[-1]["loss"] < result.history[0]["loss"]


@pytest.fixture(scope="module")
def whole(shapes, network, tmp_path_factory):
    """A run with everything switched on that was never stopped: its model, result and folder."""
    folder = tmp_path_factory.mktemp("whole")
    return *run(Recipe.model_validate(EVERYTHING), shapes, network, folder), folder


def test_a_run_repeats_exactly_and_the_seed_changes_it(shapes, network, whole):
    again = run(Recipe.model_validate(EVERYTHING), shapes, network)[1]
    assert losses(again) == losses(whole[1])
    other = run(Recipe.model_validate({**EVERYTHING, "seed": 2}), shapes, network)[1]
    assert losses(other) != losses(whole[1])


def test_what_a_run_leaves(shapes, network, tmp_path):
    model, result = run(Recipe(epochs=2, batch_size=16), shapes, network, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".lock", "checkpoint.npz", "curves.png", "history.csv", "history.json", "model.keras", "result.json", "run.json",
    ]  # fmt: skip
    rows = json.loads((tmp_path / "history.json").read_text())
    assert rows == list(result.history)
    with (tmp_path / "history.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [{name: float(value) for name, value in row.items()} for row in table] == rows
    loaded = keras.models.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(0).random((3, 8, 8, 1), np.float32)
    assert np.array_equal(loaded(x), model(x))


class StopInThirdEpoch(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if self.epoch == 2 and batch == 1:
            raise KeyboardInterrupt


def stop_and_resume(recipe, dataset, network, folder):
    with pytest.raises(KeyboardInterrupt):
        run(recipe, dataset, network, folder, callbacks=[StopInThirdEpoch()])
    assert not (folder / "model.keras").exists()
    return run(recipe, dataset, network, folder, resume=True)


def same_weights(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first.get_weights(), second.get_weights(), strict=True))


def test_a_stopped_run_goes_on_with_the_same_numbers(shapes, network, tmp_path, whole):
    model, resumed = stop_and_resume(Recipe.model_validate(EVERYTHING), shapes, network, tmp_path)
    assert losses(resumed) == losses(whole[1])
    assert same_weights(model, whole[0])


def test_a_plateau_and_early_stopping_are_taken_up_too(shapes, network, tmp_path):
    document = {
        "epochs": 6,
        "batch_size": 16,
        "optimizer": {"name": "sgd", "learning_rate": 1e-7},
        "schedule": {"name": "plateau", "patience": 1},
        "early_stopping": {"patience": 3},
    }
    recipe = Recipe.model_validate(document)
    each = []

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            each.append(self.model.get_weights())

    model, result = run(recipe, shapes, network, callbacks=[Watch()])
    assert result.epoch < len(result.history)
    for mine, theirs in zip(model.get_weights(), each[result.epoch - 1], strict=True):
        assert np.array_equal(mine, theirs)  # those of the best epoch
    resumed_model, resumed = stop_and_resume(recipe, shapes, network, tmp_path)
    assert losses(resumed) == losses(result)
    assert resumed.epoch == result.epoch
    assert same_weights(model, resumed_model)


def test_a_finished_run_resumes_to_the_same_end(shapes, network, whole):
    model, again = run(Recipe.model_validate(EVERYTHING), shapes, network, whole[2], resume=True)
    assert losses(again) == losses(whole[1])
    assert same_weights(model, whole[0])


def test_a_folder_with_a_run_is_not_overwritten(shapes, network, tmp_path):
    run(Recipe(epochs=1), shapes, network, tmp_path)
    with pytest.raises(InputError, match="holds a run already\n  resume=True goes on with it; else name another out="):
        run(Recipe(epochs=1), shapes, network, tmp_path)
    with pytest.raises(InputError) as caught:
        run(Recipe(epochs=1, l2=0.1), shapes, network, tmp_path, resume=True)
    assert str(caught.value) == (
        f"{tmp_path}: holds another run: recipe.l2 was 0.0 and is 0.1\n"
        "  resume with what it was started with, or name another out="
    )
    whole = (tmp_path / "run.json").read_text()
    wrong = [
        "{",
        "null",
        "5",
        "[]",
        "{}",
        whole.replace('"epochs": 1', '"epochs": "1"'),
        whole.replace('"data"', '"date"'),
    ]
    for text in wrong:
        assert text != whole
        (tmp_path / "run.json").write_text(text)
        with pytest.raises(InputError, match=r"run.json: does not say what run this is: .*\n  name another out="):
            run(Recipe(epochs=1), shapes, network, tmp_path, resume=True)


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_folder_holds_a_run_from_its_first_epoch_on(shapes, network, tmp_path, epochs):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if len(list(tmp_path.glob("history.json"))) == epochs:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Recipe(epochs=3), shapes, network, tmp_path, callbacks=[Stop()])
    if epochs:
        with pytest.raises(InputError, match="holds a run already"):
            run(Recipe(epochs=1, seed=2), shapes, network, tmp_path)
    else:
        run(Recipe(epochs=1, seed=2), shapes, network, tmp_path)


def test_a_folder_that_is_a_file_is_a_diagnostic(shapes, network, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match=r"taken/run: cannot be written: Not a directory"):
        run(Recipe(epochs=1), shapes, network, tmp_path / "taken" / "run")


def test_a_disk_that_takes_no_more_is_a_diagnostic(shapes, network, tmp_path):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, hard))
    try:
        with pytest.raises(InputError, match=r"checkpoint\.npz: cannot be written: File too large"):
            run(Recipe(epochs=1), shapes, network, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_early_stopping_ends_with_the_best_weights(shapes, network):
    document = {"epochs": 30, "optimizer": {"name": "sgd", "learning_rate": 1e-9}, "early_stopping": {"patience": 2}}
    recipe = Recipe.model_validate(document)
    _, result = run(recipe, shapes, network)
    best = max(row["val_accuracy"] for row in result.history)
    assert len(result.history) < 30
    assert result.val_accuracy == best == result.history[result.epoch - 1]["val_accuracy"]
    assert len(result.history) == result.epoch + 2


def test_a_loss_that_is_no_number_is_a_diagnostic_with_a_remedy(shapes, network):
    recipe = Recipe.model_validate({"optimizer": {"name": "sgd", "learning_rate": 1e38}, "batch_size": 8})
    with pytest.raises(InputError, match=r"the loss is nan in epoch 1, update \d, at a learning rate of 1e\+38"):
        run(recipe, shapes, network)


def test_auxiliary_heads_have_their_weights_and_the_main_one_names_the_accuracy(shapes, network):
    _, result = run(Recipe(epochs=1), shapes, lambda: network(outputs=2), loss_weights={"head_0": 1.0, "head_1": 0.3})
    row = result.history[0]
    assert row["loss"] == pytest.approx(row["head_0_loss"] + 0.3 * row["head_1_loss"], rel=1e-5)
    assert {"accuracy", "val_accuracy"} <= row.keys()


def test_validation_and_the_model_use_the_running_mean_of_the_weights(shapes, network):
    seen = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(self.model.get_weights()[0])

    recipe = Recipe.model_validate({"epochs": 2, "batch_size": 8, "ema": 0.7})
    model, result = run(recipe, shapes, network, callbacks=[Watch()])
    mean = seen[0]
    for number, weights in enumerate(seen[1:], start=1):
        decay = min(0.7, (1 + number) / (10 + number))
        mean = decay * mean + (1 - decay) * weights
    assert np.allclose(model.get_weights()[0], mean, atol=1e-6)
    normalizer = Normalizer.measure(shapes.x_train, shapes.pixel_range, recipe.preprocessing)
    batches = pipelines(model, recipe, shapes, normalizer)["validation"].batches()
    assert model.evaluate(batches, verbose=0)[0] == pytest.approx(result.val_loss, rel=1e-5)
