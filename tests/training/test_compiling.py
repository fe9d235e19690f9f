"""Optimizers, penalties and precision: Keras's own, and adjustable without a second trace."""

import logging
import subprocess
import sys
from contextlib import nullcontext

import keras
import numpy as np
import pytest
import tensorflow as tf

from convspec.language.optimization import OPTIMIZERS
from convspec.language.recipe import Recipe
from convspec.training.compiling import compile_model, create_state, make_optimizer, reproducible, structure_of
from convspec.training.regularizer import AdjustableL2
from convspec.training.train import train

X = np.random.default_rng(0).standard_normal((8, 4)).astype(np.float32)
Y = np.eye(2, dtype=np.float32)[np.arange(8) % 2]


def linear(regularizer=None):
    inputs = keras.Input((4,))
    layer = keras.layers.Dense(2, "softmax", kernel_regularizer=regularizer, kernel_initializer="ones")
    return keras.Model(inputs, layer(inputs))


def recipe(**document):
    return Recipe.model_validate({"optimizer": {"name": "sgd", "learning_rate": 0.1}, **document})


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_takes_a_step(name):
    how = Recipe.model_validate({"optimizer": {"name": name, "clipnorm": 1.0}})
    optimizer = make_optimizer(how)
    kernel = keras.Variable(np.ones((3, 2), np.float32))
    optimizer.apply([np.full((3, 2), 0.5, np.float32)], [kernel])
    assert not np.array_equal(kernel.numpy(), np.ones((3, 2)))
    assert float(optimizer.learning_rate.numpy()) == pytest.approx(how.optimizer.learning_rate)


def test_the_penalty_is_kerass():
    weights = keras.ops.convert_to_tensor(X)
    assert float(AdjustableL2(0.3)(weights)) == pytest.approx(float(keras.regularizers.L2(0.3)(weights)), rel=1e-6)


def counted_steps(model, changes):
    """Losses of one step each, and how often the step had been traced after each."""
    traced, traces, losses = [], [], []

    def count(value):
        traced.append(1)
        return value

    model.layers[-1].activation = lambda value: keras.activations.softmax(count(value))
    for change in changes:
        change()
        model.set_weights([np.ones((4, 2)), np.zeros(2)])
        losses.append(float(model.train_on_batch(X, Y, return_dict=True)["loss"]))
        model.reset_metrics()
        traces.append(len(traced))
    return losses, traces


def test_strength_rate_and_decay_change_without_a_retrace():
    penalty = AdjustableL2(0.0)
    model = linear(penalty)
    compile_model(model, recipe(), adjustable=True)
    changes = [lambda: None, lambda: penalty.strength.assign(0.5), lambda: penalty.strength.assign(0.0)]
    losses, traces = counted_steps(model, changes)
    assert losses[1] - losses[0] == pytest.approx(0.5 * 8, rel=1e-5)
    assert losses[2] == losses[0]
    assert traces[0] == traces[2] > 0

    before = model.get_weights()[0]
    model.set_weights([np.ones((4, 2)), np.zeros(2)])
    model.optimizer.learning_rate = 0.2
    model.optimizer.weight_decay.assign(0.25)
    model.train_on_batch(X, Y)
    # the step is twice as long as before, and the kernel of ones loses 0.2 * 0.25 beside it
    assert model.get_weights()[0] - 1 == pytest.approx(2 * (before - 1) - 0.05, abs=1e-5)
    assert counted_steps(model, [lambda: None])[1] == [0]


def test_biases_do_not_decay_unless_asked():
    for decay_all, moved in ((False, 1.0), (True, 0.95)):
        model = linear()
        optimizer = {"name": "sgd", "learning_rate": 0.1, "weight_decay": 0.5, "decay_all": decay_all}
        compile_model(model, Recipe.model_validate({"optimizer": optimizer}))
        model.set_weights([np.ones((4, 2)), np.ones(2)])
        model.train_on_batch(np.zeros((8, 4), np.float32), Y)
        kernel, bias = model.get_weights()
        assert kernel == pytest.approx(0.95)
        assert bias == pytest.approx(moved, abs=1e-6)


def test_smoothed_labels_raise_the_loss_of_sure_predictions():
    losses = []
    for smoothing in (0.0, 0.2):
        model = linear()
        compile_model(model, recipe(label_smoothing=smoothing))
        model.set_weights([np.array([[9, 0], [0, 9], [0, 0], [0, 0]], np.float32), np.zeros(2)])
        losses.append(float(model.evaluate(np.eye(4, dtype=np.float32)[[0, 1]], np.eye(2), verbose=0)[0]))
    assert losses[0] == pytest.approx(np.log1p(np.exp(-9)), rel=1e-2)
    assert losses[1] == pytest.approx(0.9 * np.log1p(np.exp(-9)) + 0.1 * (9 + np.log1p(np.exp(-9))), rel=1e-3)


@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_mixed_precision_keeps_weights_and_the_prediction_in_32_bits(shapes, precision):
    how = Recipe.model_validate({"epochs": 1, "mixed_precision": precision})
    with reproducible(how):
        inputs = keras.Input((8, 8, 1))
        hidden = keras.layers.Dense(8, "relu")(keras.layers.Flatten()(inputs))
        model = keras.Model(inputs, keras.layers.Dense(2, "softmax", dtype="float32")(hidden))
        result = train(model, how, shapes, show=False)
    assert hidden.dtype == precision
    assert {variable.dtype for variable in model.trainable_variables} == {"float32"}
    assert np.isfinite(result.val_loss)
    assert keras.config.dtype_policy().name == "float32"


XLA = """
import sys
from convspec.keras_import import import_keras
import_keras()
import keras
from convspec.data import load_data
from convspec.language.recipe import Recipe
from convspec.training.compiling import reproducible
from convspec.training.train import train
for compiled in (False, True):
    recipe = Recipe.model_validate({"epochs": 1, "jit_compile": compiled, "deterministic": False})
    with reproducible(recipe):
        inputs = keras.Input((8, 8, 1))
        model = keras.Model(inputs, keras.layers.Dense(10, "softmax")(keras.layers.Flatten()(inputs)))
        print(model.jit_compile, train(model, recipe, load_data("digits"), show=False).history[0]["loss"])
        assert model.jit_compile is compiled
"""


def test_xla_gives_the_losses_of_the_uncompiled_step():
    done = subprocess.run([sys.executable, "-W", "error::UserWarning", "-c", XLA], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    plain, compiled = (float(line.split()[1]) for line in done.stdout.splitlines())
    assert plain == pytest.approx(compiled, rel=1e-4)


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize(("prepare", "times"), [(create_state, 1), (lambda model: None, 2)], ids=["ready", "as it is"])
def test_an_update_is_traced_once_if_its_variables_are_there(network, outputs, prepare, times):
    """If Keras's own models are traced once one day, `create_state` has become unnecessary."""
    model, traced = network(outputs), []
    compile_model(model, Recipe())
    prepare(model)
    own = model.compute_loss
    model.compute_loss = lambda *given, **named: traced.append(True) or own(*given, **named)
    x, y = np.zeros((4, 8, 8, 1), np.float32), np.eye(2, dtype=np.float32)[[0, 1, 0, 1]]
    model.train_on_batch(x, structure_of(model)(y))
    assert len(traced) == times


def test_the_state_that_is_created_is_that_of_no_update(network):
    model = network(2)
    compile_model(model, Recipe(ema=0.9))
    before = model.get_weights()
    create_state(model)
    create_state(model)
    assert all(map(np.array_equal, model.get_weights(), before))
    assert int(model.optimizer.iterations) == 0
    assert not any(np.any(metric.variables[0].numpy()) for metric in model.metrics if metric.variables)


def test_xla_and_determinism_do_not_go_together():
    with pytest.raises(ValueError, match="jit_compile needs deterministic: false"):
        Recipe(jit_compile=True)


def test_a_function_of_the_users_that_is_traced_again_and_again_is_warned_about(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("tensorflow"), "propagate", True)

    @tf.function
    def add(x, number):
        return x + number

    with reproducible(Recipe()):
        for number in range(8):
            add(tf.constant(1), number)  # each number is another graph
    assert "triggered tf.function retracing" in caplog.text


@pytest.mark.parametrize("kind", ["train", "test", "predict"])
def test_keras_functions_are_not_warned_about_which_each_network_traces_anew(kind, caplog, monkeypatch):
    """TensorFlow warns twice in a process of one function, so the warning itself is not waited for here."""
    monkeypatch.setattr(logging.getLogger("tensorflow"), "propagate", True)
    model = linear()
    model.compile("sgd", "mse")
    getattr(model, f"make_{kind}_function")()
    function = getattr(model, f"{kind}_function")  # traced itself, or calls a local one that is
    function = getattr(function, "python_function", function)
    for context in (reproducible(Recipe()), nullcontext()):
        with context:
            logging.getLogger("tensorflow").warning(
                f"5 out of the last 5 calls to {function} triggered tf.function retracing."
            )
    assert len(caplog.records) == 1


@pytest.mark.parametrize("compiled", [True, False])
def test_a_step_is_compiled_by_xla_where_the_recipe_says_so(network, compiled):
    model = network()
    compile_model(model, Recipe(jit_compile=compiled, deterministic=False))
    assert model.jit_compile is compiled
