"""Statistics of batch normalisation that belong to the weights: in short runs, and with averaged weights."""

import keras
import numpy as np
import pytest
import yaml

from convspec.api.sanity import sanity
from convspec.cli import main
from convspec.data import load_data
from convspec.data.pipeline import Pipeline
from convspec.data.preprocessing import Normalizer
from convspec.language import load
from convspec.language.recipe import Recipe
from convspec.language.short_runs import SMALLEST, initial_share, short_run_warnings, updates_needed, warnings_of_trials
from convspec.training.averaging import Evaluated
from convspec.training.batch_norm import PreciseStatistics, is_due
from convspec.training.compiling import compile_model, reproducible
from convspec.training.train import pipelines, train


def network(momentum=0.99, dropout=0.0):
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(4, 3, name="conv")(inputs)
    x = keras.layers.Dropout(dropout)(x)
    x = keras.layers.BatchNormalization(momentum=momentum, name="bn")(x)
    x = keras.layers.Flatten()(keras.layers.ReLU()(x))
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))


def unchanged(recipe, dataset):
    normalizer = Normalizer.measure(dataset.x_train, dataset.pixel_range, recipe.preprocessing)
    return Pipeline(dataset, "training", recipe, normalizer).unchanged()


def statistics(model):
    layer = model.get_layer("bn")
    return layer.moving_mean.numpy(), layer.moving_variance.numpy()


@pytest.mark.parametrize("batch_size", [10, 40])
def test_statistics_are_the_means_and_variances_over_the_images(shapes, batch_size):
    """Against NumPy, on the outputs of the convolution; of several batches the variance is that of all images."""
    recipe = Recipe(batch_size=batch_size)
    model, pipeline = network(), unchanged(recipe, shapes)
    PreciseStatistics(model).compute(pipeline, 40)
    images = pipeline.normalizer(shapes.x_train.astype(np.float32))
    values = keras.Model(model.inputs, model.get_layer("conv").output).predict(images, verbose=0)
    mean, variance = statistics(model)
    assert mean == pytest.approx(values.mean((0, 1, 2)), abs=1e-5)
    assert variance == pytest.approx(values.var((0, 1, 2)), rel=1e-4)


def test_dropout_is_off_as_it_will_be_when_the_statistics_are_used(shapes):
    pipeline, found = unchanged(Recipe(batch_size=40), shapes), []
    for rate in (0.0, 0.5):
        keras.utils.set_random_seed(1)
        model = network(dropout=rate)
        PreciseStatistics(model).compute(pipeline, 40)
        found.append(statistics(model))
    assert np.array_equal(found[0], found[1])


def test_only_the_statistics_change_and_the_layer_is_as_it_was(shapes):
    model = network(momentum=0.9, dropout=0.5)
    layer = model.get_layer("bn")
    before = [variable.numpy() for variable in model.variables if "moving" not in variable.path]
    PreciseStatistics(model).compute(unchanged(Recipe(), shapes), 40)
    after = [variable.numpy() for variable in model.variables if "moving" not in variable.path]
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
    assert layer.momentum == 0.9
    assert layer.call.__func__ is keras.layers.BatchNormalization.call
    x = np.ones((2, 8, 8, 1), np.float32)
    assert not np.allclose(model(x, training=True), model(x, training=False))


def test_frozen_layers_keep_their_statistics(shapes):
    model = network()
    model.get_layer("bn").trainable = False
    before = statistics(model)
    PreciseStatistics(model).compute(unchanged(Recipe(), shapes), 40)
    assert np.array_equal(before, statistics(model))


def test_the_images_are_as_many_as_asked_for_and_the_seed_chooses_them(shapes):
    def found(seed, images):
        keras.utils.set_random_seed(1)
        model = network()
        PreciseStatistics(model).compute(unchanged(Recipe(seed=seed, batch_size=8), shapes), images)
        return statistics(model)[0]

    assert np.array_equal(found(1, 16), found(1, 16))
    assert not np.allclose(found(1, 16), found(2, 16), atol=1e-6)
    assert not np.allclose(found(1, 16), found(1, 24), atol=1e-6)
    assert np.array_equal(found(1, 19), found(1, 16))  # whole batches


def run(document, shapes, **options):
    recipe = Recipe.model_validate(document)
    with reproducible(recipe):
        model = network()
        return model, train(model, recipe, shapes, show=False, **options)


SHORT = {"epochs": 4, "batch_size": 8, "optimizer": {"name": "adam", "learning_rate": 0.01}}


def test_a_short_run_is_validated_with_statistics_of_its_weights(shapes):
    """20 updates leave 82 % of the initial statistics in averages of momentum 0.99."""
    moving = run({**SHORT, "precise_batch_norm": None}, shapes)[1]
    model, precise = run(SHORT, shapes)
    assert precise.val_accuracy >= 0.95
    assert precise.val_loss < 0.5 * moving.val_loss
    assert [row["loss"] for row in precise.history] == [row["loss"] for row in moving.history]
    recipe = Recipe.model_validate(SHORT)
    batches = pipelines(model, recipe, shapes, unchanged(recipe, shapes).normalizer)["validation"].batches()
    assert model.evaluate(batches, verbose=0)[0] == pytest.approx(precise.val_loss, rel=1e-5)


@pytest.mark.parametrize("how", ["auto", 24])
def test_a_longer_run_begins_with_the_epochs_of_a_shorter_one(shapes, how):
    short = run({**SHORT, "precise_batch_norm": how, "epochs": 2}, shapes)[1]
    long = run({**SHORT, "precise_batch_norm": how}, shapes)[1]
    for one, other in zip(short.history, long.history, strict=False):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}


def test_when_moving_averages_will_do():
    assert updates_needed(0.99) == 459  # ln(0.01) / ln(0.99) = 458.2
    assert initial_share(0.99, 458) == pytest.approx(0.99**458)
    assert initial_share(0.99, 459) == 0
    assert [initial_share(momentum, updates_needed(momentum)) for momentum in (0.9, 0.5, 0.01)] == [0, 0, 0]


def test_the_smallest_data_set_that_has_a_name_is_digits():
    assert len(load_data("digits").y_train) == SMALLEST
    assert is_due(Recipe(), network(), 458)
    assert not is_due(Recipe(), network(), 459)
    assert not is_due(Recipe(precise_batch_norm=None), network(), 1)
    assert is_due(Recipe(precise_batch_norm=64), network(), 10**6)


def test_a_short_run_without_precise_statistics_is_warned_of(shapes, capsys):
    recipe = Recipe.model_validate({**SHORT, "precise_batch_norm": None})
    with reproducible(recipe):
        train(network(), recipe, shapes)
    said = capsys.readouterr().out
    assert said.startswith(
        "warning: 20 updates are few for batch normalisation: its moving averages of momentum 0.99 hold 82% of their "
        "initial values at the end, and need 459 updates; validation then tells little about the weights: set "
        "train.precise_batch_norm to 1024, lower the momentum, or train longer\n"
    )
    assert list(short_run_warnings(recipe, 0.99, 459)) == []
    assert list(short_run_warnings(recipe, None, 1)) == []
    assert list(short_run_warnings(Recipe(), 0.99, 1)) == []


@pytest.mark.parametrize(
    "handled", [{"precise_batch_norm": 64}, {"ema": 0.5}, {"finetune": {"weights": "runs/old", "freeze": "all"}}]
)
def test_a_run_whose_statistics_are_computed_or_came_with_weights_is_not_warned_of(handled):
    recipe = Recipe.model_validate({"precise_batch_norm": None, **handled})
    assert list(short_run_warnings(recipe, 0.99, 20)) == []
    assert list(short_run_warnings(Recipe(precise_batch_norm=None), 0.99, 20)) != []


NORMED = {"name": "normed", "input": [8, 8, 1], "classes": 10, "body": [{"block": "conv_norm_act", "filters": 2}]}
TUNED = {"space": {"train.l2": {"log_uniform": [1e-6, 1e-2]}}, "stages": [{"trials": 1, "epochs": 1}]}


def test_check_says_how_many_images_a_recipe_needs_before_there_are_any(tmp_path, capsys):
    """459 updates in 10 epochs are 46 an epoch: 45 batches of 64 and an image; the decay of 0.9999 is reached at
    (1 + n) / (10 + n) = 0.9999, n = 89,990."""

    def said(**train):
        (tmp_path / "a.yaml").write_text(yaml.safe_dump({**NORMED, "train": train}))
        assert main(["check", str(tmp_path / "a.yaml")]) == 0
        return capsys.readouterr().out.splitlines()[1:]

    end = "training images or more; --data counts those at hand"
    assert said(precise_batch_norm=None) == [
        "  batch normalisation's moving averages of momentum 0.99 need 459 updates: in 10 epochs of batches of 64 "
        f"these are 2,881 {end}"
    ]
    assert said(ema=0.9999, epochs=90) == [
        f"  the averaged weights of train.ema: 0.9999 need 89,990 updates: in 90 epochs of batches of 64 these are 63,937 {end}"
    ]
    assert said() == said(precise_batch_norm=64) == said(precise_batch_norm=None, epochs=100) == said(ema=0.9) == []


def test_check_counts_the_updates_of_the_shortest_trials():
    found = {}
    for trials in (1, 9):
        spec = load(
            {
                **NORMED,
                "train": {"ema": 0.9, "epochs": 30},
                "tune": {**TUNED, "stages": [{"trials": 1, "epochs": trials}]},
            }
        )
        found[trials] = list(warnings_of_trials(spec, 640))
    assert found[1][0].startswith("trials of 1 epoch: 10 updates are few for train.ema: 0.9")
    assert found[9] == []
    line = next(sanity(load({**NORMED, "train": {"ema": 0.9}, "tune": TUNED}), load_data("digits")))
    assert (line.name, line.value, line.ok) == ("length of trials", "1,618 images", False)
    assert line.meaning.startswith("trials of 1 epoch: 26 updates are few for train.ema: 0.9")


def test_a_decay_that_the_run_never_reaches_is_warned_of():
    (warning,) = short_run_warnings(Recipe(ema=0.9999), None, 306)
    assert warning == (
        "306 updates are few for train.ema: 0.9999, a mean over about 10,000 updates: its decay rises to 0.972 only, so "
        "that the weights are the mean over about the last tenth of the run; set train.ema to 0.97, or train longer"
    )
    assert list(short_run_warnings(Recipe(ema=0.97), None, 306)) == []


def test_the_mean_of_the_weights_has_a_short_memory_first(shapes):
    """min(d, (1 + n) / (10 + n)), as tf.train.ExponentialMovingAverage with num_updates."""
    seen = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(self.model.get_weights()[0])

    model, _ = run({**SHORT, "ema": 0.6}, shapes, callbacks=[Watch()])
    mean = seen[0]
    for number, weights in enumerate(seen[1:], start=1):
        decay = min(0.6, (1 + number) / (10 + number))
        mean = decay * mean + (1 - decay) * weights
    assert len(seen) == 20
    assert model.get_weights()[0] == pytest.approx(mean, abs=1e-6)
    assert keras.saving.serialize_keras_object(model.optimizer)["config"]["ema_momentum"] == 0.6


def test_averaged_weights_have_statistics_of_their_own(shapes):
    model, result = run({**SHORT, "ema": 0.9, "precise_batch_norm": None}, shapes)
    found = statistics(model)
    PreciseStatistics(model).compute(unchanged(Recipe(batch_size=8), shapes), 1024)
    assert np.array_equal(found, statistics(model))
    assert result.val_accuracy >= 0.95


def test_the_best_epoch_has_averaged_weights_and_their_statistics(shapes):
    document = {**SHORT, "epochs": 8, "ema": 0.8, "early_stopping": {"monitor": "val_loss", "patience": 3}}
    model, result = run(document, shapes)
    recipe = Recipe.model_validate(document)
    batches = pipelines(model, recipe, shapes, unchanged(recipe, shapes).normalizer)["validation"].batches()
    assert model.evaluate(batches, verbose=0)[0] == pytest.approx(result.val_loss, rel=1e-5)
    assert result.val_loss == min(row["val_loss"] for row in result.history)


def test_training_goes_on_with_its_own_weights_and_statistics(shapes):
    recipe = Recipe.model_validate({**SHORT, "ema": 0.9})
    model = network()
    compile_model(model, recipe)
    model.train_on_batch(np.ones((2, 8, 8, 1), np.float32), np.eye(2, dtype=np.float32))
    model.train_on_batch(np.zeros((2, 8, 8, 1), np.float32), np.eye(2, dtype=np.float32))
    before = model.get_weights()
    evaluated = Evaluated(model, recipe, unchanged(recipe, shapes))
    evaluated.refresh(2)
    with evaluated.applied():
        inside = model.get_weights()
    assert all(np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))
    assert not any(np.array_equal(one, other) for one, other in zip(before, inside, strict=True))


@pytest.mark.parametrize("document", [{"ema": 0.9}, {"precise_batch_norm": 32}, {}], ids=["ema", "precise", "auto"])
def test_a_trial_and_its_kept_weights_are_validated_alike(shapes, document):
    from convspec import load
    from convspec.language.tune import Tune
    from convspec.tuning.trial import Trainer

    spec = load(
        {
            "name": "tiny",
            "input": [8, 8, 1],
            "classes": 2,
            "body": [{"block": "conv_norm_act", "filters": 4, "norm": {"momentum": 0.99}}],
            "head": {"pooling": "avg"},
            "train": {**SHORT, **document},
        }
    )
    tune = {"space": {"train.l2": {"log_uniform": [1e-6, 1e-2]}}, "stages": [{"trials": 1, "epochs": 4}]}
    trainer = Trainer(Tune.model_validate(tune), lambda spec: shapes)
    outcome = trainer.run(spec, keep=True)
    model = trainer.network(spec).model
    model.set_weights(outcome.weights)
    recipe = replace_batch(spec.train)
    batches = pipelines(model, recipe, shapes, unchanged(recipe, shapes).normalizer)["validation"].batches()
    loss = model.evaluate(batches, verbose=0)[0]
    assert loss == pytest.approx(outcome.history[outcome.best_epoch - 1]["val_loss"], rel=1e-5)
    assert outcome.score >= 0.9


def replace_batch(recipe):
    return recipe.model_copy(update={"batch_size": 256})
