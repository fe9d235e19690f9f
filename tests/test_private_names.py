"""Each private name of Keras, KerasTuner, Ray and TensorFlow means what convspec takes it for, and has one place."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import keras_tuner
import numpy as np
import pytest
import tensorflow as tf

from convspec import private_names
from convspec.keras_model import SpecModel
from convspec.tuning.strategies import DurableFiles
from convspec.tuning.tuner import has_chief

from .private_uses import Use, is_private, modules, overridden, private_uses

PACKAGE = Path(private_names.__file__).parent
SOURCE = Path(private_names.__file__).read_text("utf-8")
NAMES = {node.attr for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Attribute) and is_private(node.attr)}
"""The attributes that the module uses."""


def test_no_other_module_uses_a_private_name() -> None:
    assert len(NAMES) > 10
    found = {path: uses for path in modules(PACKAGE) if (uses := private_uses(path.read_text("utf-8"), NAMES))}
    assert found == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("model._layers", "_layers"),
        ("self.network.optimizer._learning_rate.assign(1)", "_learning_rate"),
        ("getattr(model, '_outputs_struct', None)", "_outputs_struct"),
        ("setattr(layer, '_dtype_policy', 1)", "_dtype_policy"),
        ("NAME = '_inbound_nodes'", "_inbound_nodes"),
        ("import keras.src.backend", "keras.src.backend"),
        ("from keras.src import backend", "keras.src.backend"),
        ("from ray import _private", "ray._private"),
        ("def late():\n    from ray._private import worker", "ray._private.worker"),
        ("from tensorflow.python.eager import context", "tensorflow.python.eager.context"),
        ("importlib.import_module('keras.src.models')", "keras.src.models"),
        ("object.__setattr__(layer, 'call', call)", "__setattr__"),
        ("super(type(layer), layer).__setattr__(layer, 'call')", "__setattr__"),
        ("if TYPE_CHECKING:\n    a = 1\nelse:\n    from keras.src import a", "keras.src.a"),
        ("ray.init(_node_ip_address='127.0.0.1')", "_node_ip_address"),
    ],
)
def test_a_private_name_elsewhere_is_found(text: str, name: str) -> None:
    assert name in [use.name for use in private_uses(text, NAMES)]


@pytest.mark.parametrize(
    "text",
    [
        "self._layers = []\nself._layers.pop()",
        "class A:\n    _own = 1\n    def same(self, other):\n        return other._own",
        "row._replace(name='a')",
        "object.__setattr__(self, 'name', 1)",
        "from ..graph._own import a",
        "x = '_bn'",
        "if TYPE_CHECKING:\n    from pydantic._internal import a",
    ],
)
def test_what_is_ours_or_pythons_is_not_found(text: str) -> None:
    assert private_uses(text, NAMES) == []


def test_the_line_is_told() -> None:
    assert private_uses("a = 1\nmodel._layers") == [Use(2, "_layers")]


def classes_of_ours() -> list[type]:
    names = [
        ".".join(("convspec", *path.relative_to(PACKAGE).with_suffix("").parts))
        for path in modules(PACKAGE)
        if path.name not in ("__main__.py", "__init__.py")
    ]
    found = [importlib.import_module(name) for name in names]
    return [cls for module in found for cls in vars(module).values() if inspect.isclass(cls)]


def test_no_class_overrides_a_private_name() -> None:
    ours = {cls for cls in classes_of_ours() if cls.__module__.startswith("convspec.") and cls is not SpecModel}
    assert {cls.__name__: found for cls in [*ours, SpecModel] if (found := overridden(cls, "convspec."))} == {}
    assert any(issubclass(cls, keras.Layer) for cls in ours)
    assert any(issubclass(cls, keras_tuner.Oracle) for cls in ours)


class Mixed:
    def _save_trial(self, trial: Any) -> None:
        pass


class Overriding(Mixed, keras_tuner.Oracle):
    pass


class Colliding(keras.layers.Layer):
    def __init__(self) -> None:
        super().__init__()
        self._layers = []


@pytest.mark.parametrize(("cls", "name"), [(Overriding, "_save_trial"), (Colliding, "_layers")])
def test_an_overridden_name_is_found(cls: type, name: str) -> None:
    assert overridden(cls, cls.__module__) == {name}


# Keras


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """A layer that is used twice, one with two outputs, and a model within."""
    x = keras.Input((4,), name="x")
    shared = keras.layers.Dense(4, name="shared")
    inner = keras.Sequential([keras.layers.Dense(4, name="in")], name="inner")
    once = shared(x)
    twice = shared(inner(once))
    _, state = keras.layers.GRU(3, return_sequences=True, return_state=True, name="two")(
        keras.layers.Reshape((2, 2))(twice)
    )
    return keras.Model(x, [twice, state], name="outer")


def test_inner_layers_are_those_of_all_depths(model: keras.Model) -> None:
    wrapped = keras.layers.TimeDistributed(keras.layers.Dense(2, name="deep"))
    y = keras.Input((3, 4))
    wrapper = keras.Model(y, wrapped(y))
    assert "deep" in [layer.name for layer in private_names.inner_layers(wrapper)]
    names = [layer.name for layer in private_names.inner_layers(model)]
    assert {"x", "shared", "inner", "in", "two"} <= set(names)
    assert len(names) == len(set(names))


def test_a_tensor_knows_where_it_comes_from(model: keras.Model) -> None:
    twice, state = model.outputs
    assert private_names.layer_of(twice) is model.get_layer("shared")
    (before,) = private_names.inputs_of(twice)  # of the second use: `layer.input` raises
    assert private_names.layer_of(before) is model.get_layer("inner")
    assert [private_names.place_of(tensor) for tensor in (twice, state)] == [0, 1]


def test_an_untracked_attribute_is_no_state_of_the_object() -> None:
    optimizer = keras.optimizers.SGD(0.1)
    layer = keras.layers.Dense(1)
    optimizer.build(layer.trainable_variables)
    layer.build((None, 2))
    count = len(optimizer.variables), len(layer.variables)
    value = keras.Variable(0.5, trainable=False, dtype="float32")
    numbers = [1]
    for owner in (optimizer, layer):
        private_names.set_untracked(owner, "extra", value)
        private_names.set_untracked(owner, "numbers", numbers)
        assert owner.extra is value
        assert owner.numbers is numbers
    assert (len(optimizer.variables), len(layer.variables)) == count


def test_a_replaced_call_is_called_until_it_is_restored() -> None:
    x = keras.Input((2,))
    layer = keras.layers.Dropout(0.5)
    model = keras.Model(x, layer(x))
    private_names.replace_call(layer, lambda inputs, training=False: inputs * 3)
    assert np.array(model(np.ones((1, 2)))).tolist() == [[3.0, 3.0]]
    assert type(layer) is keras.layers.Dropout
    private_names.restore_call(layer)
    assert np.array(model(np.ones((1, 2)))).tolist() == [[1.0, 1.0]]


def test_running_means_follow_the_weights_through_what_is_around() -> None:
    weight = keras.Variable([1.0])
    optimizer = keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
    optimizer.build([weight])
    (average,) = private_names.averages_of(optimizer)
    seen = []

    def around(update: Any) -> None:
        seen.append(float(weight.numpy()[0]))
        update()

    private_names.around_averaging(optimizer, around)
    optimizer.apply([keras.ops.ones(1)], [weight])
    first = float(average.numpy()[0])
    optimizer.apply([keras.ops.ones(1)], [weight])
    assert seen == [0.0, -1.0]  # after the weight's own update
    assert float(average.numpy()[0]) == 0.5 * first + 0.5 * -1.0
    assert private_names.averages_of(keras.optimizers.SGD()) == []


def test_the_iterates_of_schedule_free_adamw_begin_as_the_weights() -> None:
    if not hasattr(keras.optimizers, "ScheduleFreeAdamW"):  # an older Keras: the recipe refuses it by name
        return
    weights = [keras.Variable([[3.0, 4.0]]), keras.Variable([5.0])]
    optimizer = keras.optimizers.ScheduleFreeAdamW(0.1)
    optimizer.build(weights)
    for copy, weight in zip(private_names.iterates_of(optimizer), weights, strict=True):
        assert copy is not None
        assert np.array_equal(copy.numpy(), weight.numpy())


def test_a_clone_passes_through_the_layers_and_is_told_of() -> None:
    passed = []

    class Follower(private_names.FollowsCopies, keras.Model):
        def passed_through(self, outputs: Any) -> None:
            passed.append([keras.tree.flatten(outputs), self])

    x = keras.Input((2,))
    model = Follower(x, keras.layers.Dense(2)(x))
    passed.clear()
    copy = keras.models.clone_model(model)
    assert [one[1] for one in passed][:1] == [model]
    assert passed[0][0][0] is copy.outputs[0]


def test_a_functional_model_is_written_under_this_name() -> None:
    x = keras.Input((2,))
    content = keras.saving.serialize_keras_object(keras.Model(x, keras.layers.Dense(2)(x)))
    assert (content["module"], content["class_name"]) == private_names.FUNCTIONAL


def test_layers_beside_constructors() -> None:
    scale = private_names.layer_beside(keras.applications.ConvNeXtTiny, "LayerScale")(0.5, 2)
    assert np.array(scale(np.ones((1, 2), np.float32))).tolist() == [[0.5, 0.5]]
    add = private_names.layer_beside(keras.applications.InceptionResNetV2, "CustomScaleLayer")(0.5)
    assert np.array(add([np.ones(1), np.ones(1)])).tolist() == [1.5]


def draw() -> list[float]:
    return [float(keras.random.uniform(())), float(tf.random.uniform(()))]


def drawn(interrupted: bool) -> list[float]:
    """Two pairs of random numbers, with or without others in between."""
    keras.utils.set_random_seed(1)
    private_names.take_keras_random_state()
    found = draw()
    if interrupted:
        before = private_names.take_keras_random_state(), private_names.tensorflow_seeds()
        keras.utils.set_random_seed(1)
        assert draw() == found
        private_names.restore_keras_random_state(before[0])
        private_names.restore_tensorflow_seeds(before[1])
    return found + draw()


def test_random_numbers_go_on_behind_as_before() -> None:
    assert drawn(interrupted=True) == drawn(interrupted=False)


# TensorFlow


def test_determinism_is_switched_both_ways() -> None:
    assert not private_names.is_deterministic()
    private_names.set_deterministic(True)
    assert private_names.is_deterministic()
    private_names.set_deterministic(False)
    assert not private_names.is_deterministic()


def test_graphs_are_not_rewritten_inside() -> None:
    """1e8 + 1 - 1e8 is 0 as it is written, in 32 bits; Grappler folds the constants into 1."""
    from tensorflow.python.eager import context

    before = context.context().function_call_options
    with private_names.without_rewrites():
        options = context.context().function_call_options
        rewriting = options.config_proto_serialized
        assert rewriting != before.config_proto_serialized
        config = tf.compat.v1.ConfigProto.FromString(rewriting).graph_options.rewrite_options
        assert [getattr(config, name) for name in private_names.REWRITES] == [config.OFF] * 2
    assert context.context().function_call_options is before


# KerasTuner


class Records(DurableFiles, keras_tuner.oracles.RandomSearchOracle):
    pass


def test_where_an_oracle_writes(tmp_path: Path) -> None:
    """Ours writes the files that KerasTuner's own would have written."""
    for kind, name in ((Records, "ours"), (keras_tuner.oracles.RandomSearchOracle, "theirs")):
        hp = keras_tuner.HyperParameters()
        hp.Int("a", 1, 9)
        oracle = kind(objective=keras_tuner.Objective("loss", "min"), max_trials=3, hyperparameters=hp, seed=1)
        private_names.set_project_folder(oracle, tmp_path, name)
        trial = oracle.create_trial("tuner0")
        oracle.save()
        assert private_names.oracle_file(oracle) == tmp_path / name / "oracle.json"
        assert private_names.trial_file(oracle, trial.trial_id).read_text("utf-8")
    files = [
        {path.relative_to(tmp_path / name) for path in (tmp_path / name).rglob("*.json")} for name in ("ours", "theirs")
    ]
    assert files[0] == files[1]
    assert len(files[0]) == 2


def test_a_tuner_that_knows_its_space_builds_no_model(tmp_path: Path) -> None:
    built = []

    class Plain(keras_tuner.Tuner):
        pass

    class Knowing(private_names.KnowsItsSpace, keras_tuner.Tuner):
        pass

    def build(hp: Any) -> keras.Model:
        built.append(hp)
        x = keras.Input((2,))
        return keras.Model(x, x)

    for kind in (Knowing, Plain):
        oracle = keras_tuner.oracles.RandomSearchOracle(keras_tuner.Objective("loss", "min"), max_trials=1)
        kind(oracle=oracle, hypermodel=build, directory=str(tmp_path), project_name=kind.__name__)
        assert bool(built) == (kind is Plain)


def test_a_chief_is_known_by_the_documented_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    from keras_tuner.src.distribute.utils import has_chief_oracle

    monkeypatch.delenv("KERASTUNER_ORACLE_IP", raising=False)
    assert has_chief() == has_chief_oracle() == False  # noqa: E712
    for name, value in (("ORACLE_IP", "127.0.0.1"), ("ORACLE_PORT", "8000"), ("TUNER_ID", "tuner0")):
        monkeypatch.setenv(f"KERASTUNER_{name}", value)
    assert has_chief() == has_chief_oracle() == True  # noqa: E712


# Ray


def test_rays_listener_is_what_its_thread_runs() -> None:
    from ray._private import worker

    assert "target=listen_error_messages" in inspect.getsource(worker.connect)
    listen = worker.listen_error_messages
    with private_names.silent_ray():
        assert worker.listen_error_messages is not listen
        assert worker.listen_error_messages(SimpleNamespace(), None) is None
    assert worker.listen_error_messages is listen


def test_ray_takes_the_address_of_its_node() -> None:
    import ray

    (name,) = private_names.LOOPBACK
    source = inspect.getsource(ray.init)
    assert f'kwargs.pop("{name}"' in source
    assert f"node_ip_address={name}" in source
    assert "ray" in sys.modules
