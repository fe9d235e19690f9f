"""What training says and counts in cases that a short run does not come to."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
from matplotlib.colors import to_hex

from convspec import InputError
from convspec.analysis.memory import TrainingFit, TrainingMemory
from convspec.data.dataset import Dataset
from convspec.data.preprocessing import Normalizer
from convspec.language.recipe import FineTuning, Recipe
from convspec.training import range_test, sanity_checks
from convspec.training.callbacks import MainAccuracy, Rate, Stopping
from convspec.training.compiling import compile_model
from convspec.training.devices import data_parallel
from convspec.training.exporting import _outputs, describe
from convspec.training.finetuning import advice
from convspec.training.first_weights import first_values
from convspec.training.predictor import BATCH, BATCH_VALUES, _batch_size
from convspec.training.progress import duration
from convspec.training.regularizer import plain_for_saving
from convspec.training.run_folder import may_go_on
from convspec.training.saving import Inputs, check_model, is_saved, read_inputs, save_trained
from convspec.training.timing import time_inference


def plateau(**fields: object) -> Rate:
    recipe = Recipe.model_validate({"optimizer": {"learning_rate": 0.8}, "schedule": {"name": "plateau", **fields}})
    return Rate(recipe, steps=10)


def rates(rate: Rate, losses: list[float]) -> list[float]:
    """The rate after each epoch of these validation losses."""
    found = []
    for epoch, loss in enumerate(losses):
        rate.on_epoch_end(epoch, {"val_loss": loss})
        found.append(rate.rate(epoch + 1))
    return found


def test_a_plateau_waits_for_as_many_epochs_as_it_says_and_anew_after_each_drop() -> None:
    losses = [1.0, 1.0, 1.1, 0.9, 0.9, 0.9, 0.9, 0.9, math.nan]
    expected = [0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2, 0.1, 0.1]
    assert rates(plateau(factor=0.5, patience=2), losses) == pytest.approx(expected)
    assert rates(plateau(factor=0.5, patience=1, minimum=0.3), [1.0] * 4) == pytest.approx([0.8, 0.4, 0.24, 0.24])


def test_a_plateau_that_is_taken_up_again_goes_on_as_if_never_left() -> None:
    losses = [1.0, 1.0, 1.1, 0.9, 0.9, 0.95, 0.9, 0.9]
    whole = rates(plateau(factor=0.5, patience=2), losses)
    for at in range(1, len(losses)):
        first, second = plateau(factor=0.5, patience=2), plateau(factor=0.5, patience=2)
        begun = rates(first, losses[:at])
        second.set_state(first.get_state())
        assert begun + rates(second, losses[at:]) == pytest.approx(whole)


def test_the_moment_at_which_a_loss_is_no_number(network) -> None:
    model = network()
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 0.25
    stopping = Stopping(Recipe(), None)
    stopping.set_model(model)
    stopping.on_epoch_begin(2)
    stopping.on_train_batch_end(4, {"loss": 1e30})
    with pytest.raises(InputError, match=r"the loss is inf in epoch 3, update 6, at a learning rate of 0\.25"):
        stopping.on_train_batch_end(5, {"loss": math.inf})


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (185, "3 min 5 s"),
        (3540, "59 min 0 s"),
        (3600, "1 h 0 min"),
        (7859, "2 h 10 min"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("images", "amount", "alike", "different"),
    [
        (10, "little data", "train the classifier only (freeze: all)", "augment much"),
        (500, "some data", "then free the last stage (unfreeze)", "free the later half of the network"),
        (5000, "much data", "fine-tune all layers (freeze: none)", "training from scratch may do as well"),
    ],
)
def test_advice_on_fine_tuning(images: int, amount: str, alike: str, different: str) -> None:
    x, y = np.zeros((2 * images, 1, 1, 1), np.uint8), np.arange(2 * images) % 2
    dataset = Dataset("d", x, y, x[:2], y[:2], class_names=("a", "b"))
    first, second, third = advice(dataset, FineTuning(weights="imagenet")).split("\n")
    assert first.startswith(f"{images} images per class are {amount}; frozen now: ")
    assert second.startswith("  images like the old ones: ")
    assert second.endswith(alike)
    assert third.startswith("  images of another kind: ")
    assert different in third


def test_an_open_input_is_not_timed():
    inputs = keras.Input((None, 32, 3))
    model = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(inputs), name="open")
    with pytest.raises(
        InputError, match=r"^open leaves the size of its input open: \?x32x3\n  --input 224x224x3 names one$"
    ):
        time_inference(model, 1, 1)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_step_is_compiled_by_xla_where_the_recipe_says_so(network, compiled):
    model = network()
    compile_model(model, Recipe(jit_compile=compiled, deterministic=False))
    assert model.jit_compile is compiled


def test_what_the_counts_of_images_mean(shapes):
    lines = {line.name: (line.value, line.meaning) for line in sanity_checks.data_lines(shapes)}
    assert lines["constant images"] == ("0", "training images of one single value")
    assert lines["contradictions"] == ("0", "training images that are there again with another label")
    assert lines["largest class"] == ("50 %", "of training images are of the class left")
    assert lines["duplicate images"] == ("0", "training images that are there already (0.0%)")


@pytest.mark.parametrize(("channels", "words"), [(1, "grey"), (3, "RGB"), (5, "5")])
def test_what_the_channels_of_an_export_are(channels, words):
    inputs = keras.Input((4, 4, channels), name="images")
    model = keras.Model(inputs, {"probabilities": keras.layers.GlobalAveragePooling2D()(inputs)})
    normalizer = Normalizer(255.0, np.zeros(channels, np.float32), np.ones(channels, np.float32))
    found = describe(model, "onnx", Inputs(("a", "b"), normalizer, "none", 0.1, 0))
    assert found["input"]["channels"] == words
    assert (found["input"]["pixel_range"], found["class_names"]) == ([0.0, 255.0], ["a", "b"])


def test_the_picture_of_a_range_test_is_drawn(tmp_path):
    rates = [10.0**power for power in np.linspace(-5, 0, 40)]
    found = range_test.RangeTest(tuple(rates), (*[2.0] * 20, *[1.0] * 19, 9.0), 1e-3, 1.0)
    range_test._draw(found, tmp_path / "range.png", 1e-2)
    assert (tmp_path / "range.png").read_bytes().startswith(b"\x89PNG")
    assert [file.name for file in tmp_path.iterdir()] == ["range.png"]


def test_each_mark_of_a_range_test_has_a_colour_of_its_own(tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr(range_test, "save_figure", lambda figure, path: figures.append(figure))
    found = range_test.RangeTest(tuple(np.geomspace(1e-5, 1, 40)), (*[2.0] * 20, *[1.0] * 19, 9.0), 1e-3, 1.0)
    range_test._draw(found, tmp_path / "range.png", 1e-2)
    curve, *marks = figures[0].axes[0].lines
    assert [(mark.get_xdata()[0], mark.get_label()) for mark in marks] == [
        (1e-3, "steepest fall, 1.0e-03"), (1.0, "breaks out, 1.0e+00"), (1e-2, "the recipe's, 1.0e-02"),
    ]  # fmt: skip
    assert len({to_hex(line.get_color()) for line in (curve, *marks)}) == 4


@pytest.mark.parametrize(
    ("breaks", "rate", "end", "ok"),
    [
        (2.0, 0.5, "2.0e+00 breaks out; the recipe has 5.0e-01", True),
        (2.0, 2.0, "2.0e+00 breaks out; the recipe has 2.0e+00", False),
        (None, 5.0, "nothing up to 9.0e+00 breaks out; the recipe has 5.0e+00", True),
    ],
)
def test_what_the_range_test_says_of_a_learning_rate(shapes, network, monkeypatch, breaks, rate, end, ok):
    found = range_test.RangeTest((1e-5, 9.0), (2.0, 1.0), 1e-3, breaks)
    monkeypatch.setattr(sanity_checks, "range_test", lambda *arguments: found)
    normalizer = Normalizer.measure(shapes.x_train, shapes.pixel_range, Recipe().preprocessing)
    recipe = Recipe.model_validate({"optimizer": {"name": "sgd", "learning_rate": rate}})
    line = sanity_checks.range_line(network(), recipe, shapes, normalizer, None, None)
    assert line == sanity_checks.Line("learning rate", "1.0e-03", f"is the rate with the steepest fall, and {end}", ok)


def test_a_backend_that_keras_cannot_run_on_several_devices_is_named(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(InputError) as caught, data_parallel(2):
        pass
    assert str(caught.value) == "--devices: Keras has no data parallelism with the backend torch"


@pytest.mark.parametrize("moment", ["on_epoch_end", "on_train_batch_end"])
def test_the_accuracy_of_the_main_output_has_the_name_that_it_has_alone(network, moment) -> None:
    """For all that comes after it: early stopping, the history, the bar."""
    callback = MainAccuracy()
    callback.set_model(network(2))
    logs = {"loss": 1.0, "head_0_accuracy": 0.25, "head_1_accuracy": 0.5, "val_head_0_accuracy": 0.75}
    getattr(callback, moment)(0, logs)
    assert logs == {"loss": 1.0, "head_1_accuracy": 0.5, "accuracy": 0.25, "val_accuracy": 0.75}
    getattr(callback, moment)(0)


def test_a_layer_that_draws_begins_as_kerass_with_that_seed(network) -> None:
    model = network()
    first, second = (first_values(model, seed) for seed in (1, 2))
    (path,) = [path for path in first if "seed" in path]
    assert np.array_equal(first[path], keras.random.SeedGenerator(int(first[path][0])).state)
    assert first[path][0] != second[path][0]


def test_first_weights_are_the_same_in_whatever_numbers_keras_computes(network) -> None:
    model = network()
    expected, before = first_values(model, 1), keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        found = first_values(model, 1)
    finally:
        keras.config.set_floatx(before)
    assert expected.keys() == found.keys()
    for path, values in found.items():
        assert (values.dtype, values.tolist()) == (expected[path].dtype, expected[path].tolist()), path


def test_of_a_large_image_each_second_pixel_from_the_first_on_is_looked_at() -> None:
    """Sixteen a side: labels show in those, and everything else is noise."""
    y = np.arange(60) % 2
    x = np.random.default_rng(0).integers(0, 256, (60, 32, 32, 1)).astype(np.uint8)
    x[:, ::2, ::2] = 100 * y[:, None, None, None]
    line = sanity_checks.label_line(Dataset("d", x, y, x[:2], y[:2], class_names=("a", "b")))
    assert (line.value, line.ok) == ("100 %", True)


def test_images_are_predicted_together_in_whole_numbers_of_as_many_values_as_memory_is_for():
    assert _batch_size((8, 8, 1)) == BATCH
    found = _batch_size((None, 70, 3))
    assert 1 < found < BATCH
    assert isinstance(found, int)
    assert found * 1000 * 70 * 3 <= BATCH_VALUES < (found + 1) * 1000 * 70 * 3
    assert _batch_size((100_000, 100_000, 3)) == 1


def test_the_memory_of_a_step_in_words():
    memory = TrainingMemory(
        batch=2, dtype="float32", weights=1000, optimizer=2000, gradients=3000, activations=4_000_000, update=5000
    )
    assert str(TrainingFit(memory, "adam", 10_000_000, 4)).split("\n") == [
        "training     4.01 MB at the peak of a step (2 images, float32): 1 kB weights, 2 kB adam, 3 kB gradients, "
        "4 MB activations, 5 kB update",
        "fit          4 images in 10 MB",
    ]


def test_a_plateau_warms_up_by_updates() -> None:
    rate = plateau(factor=0.5, patience=1, warmup=1)
    assert [rate.rate(update / 10) for update in (0, 4, 9, 10)] == pytest.approx([0.08, 0.4, 0.8, 0.8])


def test_an_epoch_without_a_loss_is_one_that_got_no_better_and_an_update_without_one_is_no_error() -> None:
    rate = plateau(factor=0.5, patience=1)
    rate.on_epoch_end(0, {})
    assert rate.get_state() == {"drops": 1, "best": math.inf, "waited": 0}
    Stopping(Recipe(), None).on_train_batch_end(0)


@pytest.mark.parametrize(("restore", "best"), [(True, 0), (False, 0), (False, 3), (True, 3)])
def test_the_best_weights_come_back_where_that_is_asked_for_and_an_epoch_was_the_best(network, restore, best) -> None:
    stopping = Stopping(Recipe.model_validate({"early_stopping": {"restore_best": restore}}), None)
    stopping.set_model(network())
    stopping.best_epoch = best
    stopping.weights = [np.ones_like(array) for array in stopping.model.get_weights()]
    assert stopping.restore_best() == (restore and best == 3)
    assert all((array == 1).all() for array in stopping.model.get_weights()) == (restore and best == 3)


def test_weights_of_another_network_do_not_come_back(network, tmp_path) -> None:
    stopping = Stopping(Recipe.model_validate({"early_stopping": {}}), tmp_path / "best.npz")
    stopping.set_model(network())
    stopping.best_epoch = 1
    stopping.weights = [np.ones(1)]
    with pytest.raises(InputError, match=r"^\S*best\.npz: holds weights of another network$"):
        stopping.restore_best()


@pytest.mark.parametrize("count", [49, 50])
def test_ten_images_for_each_neighbour_tell_whether_labels_follow_them(count) -> None:
    y = np.arange(count) % 2
    x = np.repeat((100 * y).astype(np.uint8), 16).reshape(count, 4, 4, 1)
    dataset = Dataset("d", x, y, x[:2], y[:2], class_names=("a", "b"))
    line = sanity_checks.label_line(dataset)
    if count == 49:
        meaning = "49 training images are too few to say whether labels follow them"
        assert (line.value, line.meaning) == ("unknown", meaning)
    else:
        assert (line.value, line.ok) == ("100 %", True)


def test_a_run_without_a_checkpoint_has_no_epoch_that_another_number_would_change(tmp_path) -> None:
    recipe = Recipe.model_validate({"epochs": 9, "schedule": {"name": "cosine"}})
    assert may_go_on({"recipe.epochs": (3, 9)}, tmp_path, recipe, same_graph=True)


def test_a_decay_that_is_a_variable_is_saved_as_a_number_and_comes_back(network) -> None:
    model = network()
    model.compile(keras.optimizers.AdamW(weight_decay=0.25), "mse")
    decay = keras.Variable(0.5, trainable=False)
    object.__setattr__(model.optimizer, "weight_decay", decay)
    with plain_for_saving(model):
        assert (type(model.optimizer.weight_decay), model.optimizer.weight_decay) == (float, 0.5)
    assert model.optimizer.weight_decay is decay


def inputs_of(channels: int, classes: int) -> Inputs:
    normalizer = Normalizer(255.0, np.zeros(channels, np.float32), np.ones(channels, np.float32))
    return Inputs(tuple("abcdef"[:classes]), normalizer, "crop", 0.25, 7, 3)


def test_what_is_saved_beside_a_model_reads_back_equal(network, tmp_path) -> None:
    path, inputs = tmp_path / "model.keras", inputs_of(1, 2)
    save_trained(network(), path, inputs)
    assert read_inputs(path).as_dict() == inputs.as_dict()
    assert [is_saved(path, epochs) for epochs in (2, 3, 4)] == [False, True, False]


def test_a_file_whose_classes_or_channels_are_not_its_networks_says_both_numbers(network, tmp_path) -> None:
    path = tmp_path / "model.keras"
    check_model(network(), inputs_of(1, 2), path)
    with pytest.raises(InputError, match=r"keras: names 3 classes, but its network ends in 2 values$"):
        check_model(network(), inputs_of(1, 3), path)
    with pytest.raises(InputError, match=r"keras: prepares images of 3 channels, but its network reads 1$"):
        check_model(network(), inputs_of(3, 2), path)


@pytest.mark.parametrize("outputs", [1, 2])
def test_the_outputs_of_an_export_have_the_names_of_their_layers(network, outputs) -> None:
    names, tensors = _outputs(network(outputs), keras.Input((8, 8, 1)))
    assert names == [f"head_{number}" for number in range(outputs)]
    assert [tuple(tensor.shape) for tensor in tensors] == [(None, 2)] * outputs
