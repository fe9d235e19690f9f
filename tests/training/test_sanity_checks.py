"""Each sanity check stays quiet on a healthy network and speaks up on the error that it is for."""

import math
from dataclasses import replace

import keras
import numpy as np
import pytest

from convspec.data.dataset import Dataset
from convspec.data.pipeline import Pipeline
from convspec.data.pixels import BYTES
from convspec.data.preprocessing import Normalizer
from convspec.language.recipe import Preprocessing, Recipe
from convspec.training import range_test, sanity_checks

X = np.random.default_rng(0).standard_normal((64, 8, 8, 1)).astype(np.float32)
Y = np.eye(2, dtype=np.float32)[np.arange(64) % 2]


def dense(activation="relu", depth=1, width=16, scale=None, bias=0.0):
    """A fully connected network with weights of a chosen size."""
    keras.utils.set_random_seed(1)
    initial = "he_normal" if scale is None else keras.initializers.RandomNormal(stddev=scale, seed=1)
    x = inputs = keras.Input((8, 8, 1))
    x = keras.layers.Flatten()(x)
    for _ in range(depth):
        layer = keras.layers.Dense(width, activation, kernel_initializer=initial)
        x = layer(x)
        layer.bias.assign(np.full(width, bias))
    return keras.Model(inputs, keras.layers.Dense(2, "softmax", kernel_initializer=initial, name="classes")(x))


def test_all_checks_are_quiet_on_a_healthy_network_and_leave_it_as_it_was(shapes, network, tmp_path):
    keras.utils.set_random_seed(1)
    model = network()
    before = model.get_weights()
    recipe = Recipe(batch_size=20)
    lines = list(sanity_checks.sanity_checks(model, recipe, shapes, picture=tmp_path / "range.png"))
    assert [line.name for line in lines if not line.ok] == []
    assert {"first loss", "overfitting", "dead ReLUs", "learning rate"} <= {line.name for line in lines}
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert (tmp_path / "range.png").stat().st_size > 10_000


def test_constant_repeated_and_leaked_images_are_counted(shapes):
    x = shapes.x_train.copy()
    x[0], x[2] = 7, x[1]
    x[3] = shapes.x_val[5]
    found = {line.name: line for line in sanity_checks.data_lines(replace(shapes, x_train=x))}
    values = {name: line.value for name, line in found.items() if not line.ok}
    assert values == {
        "constant images": "1", "duplicate images": "1", "contradictions": "2", "leak into validation": "1"
    }  # fmt: skip
    assert str(found["leak into validation"]) == (
        "WARN  leak into validation               1  of 20 validation images are training images too; they flatter the "
        "accuracy"
    )


def test_the_first_loss_is_ln_of_the_classes_and_wild_weights_show_in_it():
    calm, wild = dense(scale=0.01), dense(scale=3.0)
    line = sanity_checks.first_loss(calm, X, Y, 2, [])
    assert line.ok
    assert float(line.value) == pytest.approx(math.log(2), abs=0.01)
    line = sanity_checks.first_loss(wild, X, Y, 2, [])
    assert not line.ok
    assert "check the initial weights" in line.meaning


def test_the_penalty_is_told_apart_from_the_first_loss():
    assert "the L2 penalty adds 0.25" in sanity_checks.first_loss(dense(scale=0.01), X, Y, 2, [0.25]).meaning


def test_a_gradient_is_compared_with_its_kernel(shapes):
    model = dense()
    kernel = model.get_layer("classes").kernel
    _, largest, _ = sanity_checks.gradient_lines(
        model, Recipe.model_validate({"optimizer": {"name": "sgd"}}), X, Y, None
    )
    probe = keras.Model(model.input, [model.layers[-2].output, model.output])
    hidden, p = (np.asarray(part) for part in probe(X))
    gradient = hidden.T @ (p - Y) / len(Y)
    ratios = np.linalg.norm(gradient) / np.linalg.norm(kernel.numpy())
    if "classes" in largest.meaning:
        assert float(largest.value) == pytest.approx(ratios, rel=0.05)
    assert float(largest.value) >= ratios * 0.95


def test_the_first_update_of_plain_descent_is_named():
    fast = Recipe.model_validate({"optimizer": {"name": "sgd", "learning_rate": 100.0}})
    *_, usual = sanity_checks.gradient_lines(dense(), Recipe.model_validate({"optimizer": {"name": "sgd"}}), X, Y, None)
    *_, large = sanity_checks.gradient_lines(dense(), fast, X, Y, None)
    assert (usual.name, usual.ok, large.ok) == ("first update", True, False)
    assert large.meaning == "of a kernel changes in a first update, in the median layer; about 1e-3 is usual"


@pytest.mark.parametrize(
    ("mean", "deviation", "ok"),
    [
        (1.9, 1, True),
        (2.1, 1, False),
        (-2.1, 1, False),
        (0, 0.06, True),
        (0, 0.04, False),
        (0, 4.9, True),
        (0, 5.1, False),
    ],
)
def test_inputs_for_which_initial_weights_are_not_made_are_named(mean, deviation, ok):
    line = sanity_checks.input_line(np.array([mean - deviation, mean + deviation], np.float32))
    assert line.ok == ok
    assert line.meaning.endswith("are made for" if ok else "; check train.preprocessing and the range of the pixels")


def test_vanishing_gradients_are_named():
    smallest, *_ = sanity_checks.gradient_lines(dense("sigmoid", depth=12, scale=0.05), Recipe(), X, Y, None)
    assert not smallest.ok
    assert "below 1e-6 it vanishes" in smallest.meaning


def test_exploding_gradients_are_named():
    _, largest, *_ = sanity_checks.gradient_lines(dense(depth=12, width=64, scale=2.0), Recipe(), X, Y, None)
    assert not largest.ok


def test_dead_relus_are_counted():
    assert [line.value for line in sanity_checks.dead_relus(dense(bias=-1000.0), X)] == ["100 %"]
    assert all(line.ok for line in sanity_checks.dead_relus(dense(), X))
    assert list(sanity_checks.dead_relus(dense("tanh"), X)) == []


def test_a_network_that_cannot_learn_a_handful_is_named(monkeypatch):
    monkeypatch.setattr(sanity_checks, "UPDATES", 20)
    frozen = Recipe.model_validate({"optimizer": {"name": "sgd", "learning_rate": 1e-12}})
    assert not sanity_checks.overfitting(dense(), frozen, X[:20], Y[:20], None).ok
    assert sanity_checks.overfitting(
        dense(), Recipe.model_validate({"optimizer": {"learning_rate": 0.01}}), X[:4], Y[:4], None
    ).ok


def test_a_learning_rate_beyond_the_break_is_named(shapes, monkeypatch):
    monkeypatch.setattr(range_test, "HIGHEST", 1e3)
    noise = replace(shapes, y_train=np.random.default_rng(0).permutation(shapes.y_train))
    normalizer = Normalizer.measure(noise.x_train, BYTES, Preprocessing())
    recipe = Recipe.model_validate({"optimizer": {"name": "sgd", "learning_rate": 900.0}, "batch_size": 8})
    line = sanity_checks.range_line(dense(width=1), Pipeline(noise, "training", recipe, normalizer), None, None)
    assert not line.ok
    assert "breaks out; the recipe has 9.0e+02" in line.meaning


def test_what_the_counts_of_images_mean(shapes):
    lines = {line.name: (line.value, line.meaning) for line in sanity_checks.data_lines(shapes)}
    assert lines["constant images"] == ("0", "training images of one single value")
    assert lines["contradictions"] == ("0", "training images that are there again with another label")
    assert lines["largest class"] == ("50 %", "of training images are of the class left")
    assert lines["duplicate images"] == ("0", "training images that are there already (0.0%)")


def test_of_a_large_image_each_second_pixel_from_the_first_on_is_looked_at() -> None:
    """Sixteen a side: labels show in those, and everything else is noise."""
    y = np.arange(60) % 2
    x = np.random.default_rng(0).integers(0, 256, (60, 32, 32, 1)).astype(np.uint8)
    x[:, ::2, ::2] = 100 * y[:, None, None, None]
    line = sanity_checks.label_line(Dataset("d", x, y, x[:2], y[:2], class_names=("a", "b")))
    assert (line.value, line.ok) == ("100 %", True)


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
