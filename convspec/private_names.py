"""All private names of Keras, KerasTuner, Ray and TensorFlow that convspec uses: here, and nowhere else.

A release may rename one. Each has its reason here, that no public name does it, and the versions in which it was seen
to mean the same: the oldest and the newest that `pyproject.toml` allows, unless it says otherwise.
`tests/test_private_names.py` tries the meaning of each; `python -m benchmarks versions` does so with old and new ones.
Libraries are imported inside, so that what needs none of them can import this module.
"""

from __future__ import annotations

import sys
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras
    import keras_tuner

# Keras, 3.8 to 3.15

FUNCTIONAL = ("keras.src.models.functional", "Functional")
"""The module and the class that Keras writes into the file of a functional model, in all of Keras 3."""


TRAINER_GRAPHS = "TensorFlowTrainer."
"""How the names begin of the functions that Keras traces to train, evaluate and predict with TensorFlow."""


def layer_beside(constructor: Callable[..., keras.Model], name: str) -> type[keras.Layer]:
    """A layer that keras.applications defines beside a constructor and does not export.

    Files with it load in any Keras, as those with a copy of ours would not.
    """
    found: type[keras.Layer] = getattr(sys.modules[constructor.__module__], name)
    return found


def inner_layers(model: keras.Model) -> list[keras.Layer]:
    """All layers in a model, those within layers too. `layers` leaves out what a wrapper or a layer of layers holds."""
    return list(model._flatten_layers(include_self=False))


def layer_of(tensor: keras.KerasTensor) -> keras.Layer:
    """The layer, or another operation, that makes a symbolic tensor. Layers know tensors, tensors no layer publicly."""
    return tensor._keras_history.operation


def place_of(tensor: keras.KerasTensor) -> int:
    """Which of its layer's outputs a symbolic tensor is."""
    return int(tensor._keras_history.tensor_index)


def inputs_of(tensor: keras.KerasTensor) -> Sequence[keras.KerasTensor]:
    """What the layer that makes a symbolic tensor reads there. `layer.input` raises for a layer that is used twice."""
    history = tensor._keras_history
    found: Sequence[keras.KerasTensor] = history.operation._inbound_nodes[history.node_index].input_tensors
    return found


def set_untracked(owner: object, name: str, value: object) -> None:
    """Set an attribute of a layer, model or optimizer past Keras's `__setattr__`.

    That would save a variable as one of the object's own, copy lists, and refuse both once the object is built.
    """
    object.__setattr__(owner, name, value)


def replace_call(layer: keras.Layer, call: Callable[..., keras.KerasTensor]) -> None:
    """Have a layer compute something else. Keras looks `call` up on the object, so that its class and file stay."""
    set_untracked(layer, "call", call)


def restore_call(layer: keras.Layer) -> None:
    """Undo `replace_call`."""
    vars(layer).pop("call", None)


def averages_of(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable | None]:
    """The running means of the weights that an optimizer with `use_ema` keeps, in the order of its weights.

    Publicly, `finalize_variable_values` puts them into the model and loses the weights themselves.
    """
    return list(getattr(optimizer, "_model_variables_moving_average", ())) if optimizer.use_ema else []


def around_averaging(optimizer: keras.optimizers.Optimizer, around: Callable[[Callable[[], None]], None]) -> None:
    """Have `around(update)` called where an optimizer updates its running means; public hooks come before or after."""
    update = optimizer._update_model_variables_moving_average

    def updating(variables: list[keras.Variable]) -> None:
        around(lambda: update(variables))

    set_untracked(optimizer, "_update_model_variables_moving_average", updating)


def iterates_of(optimizer: keras.optimizers.ScheduleFreeAdamW) -> list[keras.Variable | None]:
    """The iterate that schedule-free AdamW keeps beside each weight: it begins as a copy. `variables` mixes all."""
    return list(optimizer._momentums)


class FollowsCopies:
    """Base of a functional model that learns of each pass through its layers; `clone_model` copies models by one."""

    def _run_through_graph(self, *args: object, **kwargs: object) -> object:
        parent: Any = super()
        found: object = parent._run_through_graph(*args, **kwargs)
        self.passed_through(found)
        return found

    @abstractmethod
    def passed_through(self, outputs: object) -> None:
        """What the pass gave, a structure of tensors."""


def take_keras_random_state() -> dict[str, object]:
    """Keras's global seed and generator of this thread, for `restore_keras_random_state`; the next draw makes another.

    They can publicly be set, not read. In Keras 3.8, `set_random_seed` goes on with the generator that is there.
    """
    from keras.src.backend.common import global_state

    names = ("global_random_seed", "global_seed_generator")
    before = {name: global_state.get_global_attribute(name) for name in names}
    global_state.set_global_attribute("global_seed_generator", None)
    return before


def restore_keras_random_state(before: dict[str, object]) -> None:
    """Undo what seeding and drawing did since."""
    from keras.src.backend.common import global_state

    for name, value in before.items():
        global_state.set_global_attribute(name, value)


# KerasTuner, 1.4.8


def set_project_folder(oracle: keras_tuner.Oracle, folder: Path, name: str) -> None:
    """Tell an oracle where its files lie. Publicly, a tuner does that; Ray's workers have none."""
    oracle._set_project_dir(str(folder), name)


def oracle_file(oracle: keras_tuner.Oracle) -> Path:
    """Where an oracle writes itself."""
    return Path(oracle._get_oracle_fname())


def trial_file(oracle: keras_tuner.Oracle, trial_id: str) -> Path:
    """Where an oracle writes a trial; its folder is made."""
    return Path(oracle._get_trial_dir(trial_id)) / "trial.json"


class SavesTrials:
    """Base of an oracle that writes trials in another way; `Oracle.save` is public and writes the oracle alone."""

    def _save_trial(self, trial: keras_tuner.engine.trial.Trial) -> None:
        self.save_trial(trial)

    @abstractmethod
    def save_trial(self, trial: keras_tuner.engine.trial.Trial) -> None:
        """Write a trial into its file."""


class KnowsItsSpace:
    """Base of a tuner whose oracle has the whole space: no models are built to find it, as KerasTuner does at first."""

    def _populate_initial_space(self) -> None:
        pass


# Ray, 2.40 to 2.60

LOOPBACK = {"_node_ip_address": "127.0.0.1"}
"""The argument of `ray.init` that keeps a Ray to this machine; `ray start` has it as `--node-ip-address`."""


@contextmanager
def silent_ray() -> Iterator[None]:
    """Keep Ray from printing what its nodes report: its listener writes it to stdout whatever the log level is."""
    from ray._private import worker

    listen = worker.listen_error_messages
    worker.listen_error_messages = lambda *arguments: None
    try:
        yield
    finally:
        worker.listen_error_messages = listen


# TensorFlow, 2.18 to 2.21

REWRITES = ("arithmetic_optimization", "constant_folding")
"""What of Grappler changes how a graph rounds."""


def _context() -> Any:
    """TensorFlow's eager context, of which `tf.config` shows a part; None where TensorFlow is not imported."""
    if "tensorflow" not in sys.modules:
        return None
    try:
        from tensorflow.python.eager import context
    except ImportError:  # a stand-in for TensorFlow
        return None
    return context.context()


def tensorflow_seeds() -> tuple[object, object] | None:
    """TensorFlow's global seed and the state of what draws by it; None without TensorFlow. They can publicly be set."""
    context = _context()
    return None if context is None else (context._seed, getattr(context, "_rng", None))


def restore_tensorflow_seeds(seeds: tuple[object, object] | None) -> None:
    """Undo what seeding and drawing did since `tensorflow_seeds`."""
    context = _context()
    if context is not None and seeds is not None:
        context._seed, context._rng = seeds


def is_deterministic() -> bool:
    """Whether TensorFlow's operations give the same result each time."""
    from tensorflow.python.framework import config

    return bool(config.is_op_determinism_enabled())


def set_deterministic(on: bool) -> None:
    """Switch determinism; `tf.config.experimental.enable_op_determinism` knows no way back."""
    from tensorflow.python.framework import config

    config.enable_op_determinism() if on else config.disable_op_determinism()


@contextmanager
def without_rewrites() -> Iterator[None]:
    """TensorFlow's graphs that this thread calls inside are not rewritten; does nothing without TensorFlow.

    `tf.config.optimizer.set_experimental_options` is for all threads, and leaves those that have called a graph as
    they are.
    """
    context = _context()
    if context is None:
        yield
        return
    from tensorflow.python.eager.context import FunctionCallOptions

    before, config = context.function_call_options, context.config
    config.allow_soft_placement = context.soft_device_placement
    rewriting = config.graph_options.rewrite_options
    for name in REWRITES:
        setattr(rewriting, name, rewriting.OFF)
    context.function_call_options = FunctionCallOptions(before.executor_type, config)
    try:
        yield
    finally:
        context.function_call_options = before
