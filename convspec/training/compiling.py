"""From a recipe to a compiled model: optimizer, losses, metrics, precision, seeds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
import yaml
from keras import ops
from numpy.typing import NDArray

from ..keras_import import without_tracing_warnings
from ..language import load
from ..language.diagnostics import InputError
from ..language.keras_archive import SPEC_ASSET
from ..language.recipe import Recipe
from ..language.trainable import TrainedOutput, end_diagnostic
from ..private_names import around_averaging, set_untracked, without_rewrites
from ..process import deterministic_operations, random_states_kept
from .devices import gpus
from .output_kind import ends_of

OWN = ("name", "learning_rate", "weight_decay", "decay_all")  # fields that are not plain arguments of Keras's classes


@contextmanager
def reproducible(recipe: Recipe) -> Iterator[None]:
    """Seeds, determinism and number format of a recipe; build and train the model inside."""
    with random_states_kept(), computing(recipe), without_tracing_warnings():
        keras.utils.set_random_seed(recipe.seed)
        yield


@contextmanager
def computing(recipe: Recipe, *, exact: bool = True) -> Iterator[None]:
    """Determinism and number format of a recipe, for what is built and trained inside.

    A deterministic recipe computes alike to the last bit in `fit` and in the loop of a trial, on CPUs. A GPU keeps all
    of TensorFlow's rewrites, which give it its speed. Without `exact` it is the number format alone.
    """
    with ExitStack() as stack:
        if exact and recipe.deterministic and keras.backend.backend() == "tensorflow":
            stack.enter_context(deterministic_operations())
            if not gpus():
                stack.enter_context(without_rewrites())
        stack.callback(keras.config.set_dtype_policy, keras.config.dtype_policy())
        if recipe.mixed_precision != "none":
            keras.config.set_dtype_policy(f"mixed_{recipe.mixed_precision}")
        yield


def make_optimizer(recipe: Recipe, *, adjustable: bool = False) -> keras.optimizers.Optimizer:
    """Keras's optimizer as the recipe describes it.

    `adjustable` puts the weight decay into a variable, so that `optimizer.weight_decay.assign(value)` works on a
    compiled model; the learning rate always is one.
    """
    how = recipe.optimizer
    optimizer_class = getattr(keras.optimizers, how.kind.keras_class, None)
    if optimizer_class is None:
        message = f"Keras {keras.__version__} has no optimizer {how.name!r}"
        raise InputError(message, path="train.optimizer.name", remedy="a newer Keras has it")
    decay = how.weight_decay if how.weight_decay or adjustable or how.kind.weight_decay else None
    arguments = {name: getattr(how, name) for name in type(how).model_fields if name not in OWN}
    optimizer = optimizer_class(
        learning_rate=how.learning_rate,
        weight_decay=decay,
        use_ema=recipe.ema is not None,
        ema_momentum=recipe.ema or 0.99,
        **{name: value for name, value in arguments.items() if value is not None},
    )
    if recipe.ema is not None:
        ramp_up(optimizer)
    if adjustable:
        decay_variable = keras.Variable(how.weight_decay, trainable=False, dtype="float32", name="weight_decay")
        set_untracked(optimizer, "weight_decay", decay_variable)  # else Keras would save it as a state
    return optimizer


def ramp_up(optimizer: keras.optimizers.Optimizer) -> None:
    """Have the running mean begin with a short memory: its decay is min(ema_momentum, (1 + n) / (10 + n)) at update n.

    With a fixed decay the first weights, which nobody trained, stay in the mean for 1 / (1 - decay) updates. The form
    is that of `num_updates` in TensorFlow's `tf.train.ExponentialMovingAverage`. The saved file holds Keras's optimizer
    as it is.
    """

    def ramped(update: Callable[[], None]) -> None:
        limit, done = optimizer.ema_momentum, ops.cast(optimizer.iterations, "float32")
        set_untracked(optimizer, "ema_momentum", ops.minimum(limit, (1.0 + done) / (10.0 + done)))
        try:
            update()
        finally:
            set_untracked(optimizer, "ema_momentum", limit)

    around_averaging(optimizer, ramped)


def compile_model(
    model: keras.Model, recipe: Recipe, loss_weights: Mapping[str, float] | None = None, *, adjustable: bool = False
) -> None:
    """Compile a classifier whose first output is the prediction and whose others, if any, are auxiliary heads.

    `loss_weights` names outputs; one left out has the weight 1. Labels are one-hot. Only the first output has the
    metric `accuracy`. Raises `InputError` for an output that is neither probabilities nor logits.
    """
    optimizer = make_optimizer(recipe, adjustable=adjustable)
    if not recipe.optimizer.decay_all and optimizer.weight_decay is not None:
        optimizer.exclude_from_weight_decay(var_list=[v for v in model.trainable_variables if len(v.shape) < 2])
    names = output_names(model)
    losses = make_losses(model, recipe)
    weights = {name: float((loss_weights or {}).get(name, 1.0)) for name in names}
    one = len(names) == 1
    form = structure_of(model)
    model.compile(
        optimizer=optimizer,
        loss=losses[0] if one else form(losses),
        loss_weights=None if one else form(list(weights.values())),
        metrics=["accuracy"] if one else form([["accuracy"], *([] for _ in names[1:])]),
        jit_compile=recipe.jit_compile or keras.backend.backend() == "jax",  # which runs step by step otherwise
    )


def create_state(model: keras.Model) -> None:
    """Create the variables of a compiled model's optimizer and metrics, which Keras makes in the first update.

    TensorFlow traces an update in which variables were made twice, and so takes twice as long to begin. Call it when
    the weights are those that training begins with. Other backends, and several devices, begin so by themselves.
    """
    if keras.backend.backend() != "tensorflow" or model.distribute_strategy.num_replicas_in_sync > 1:
        return
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    outputs = [ops.zeros((1, *output.shape[1:]), output.dtype) for output in model.outputs]
    zeros = structure_of(model)(outputs if len(outputs) > 1 else outputs[0])
    model.compute_loss(y=zeros, y_pred=zeros)
    model.compute_metrics(None, zeros, zeros)
    model.reset_metrics()


def loss_weights_of(model: keras.Model) -> dict[str, float]:
    """The weight of each output's loss by the spec that a model carries; empty, all of them 1, where it has none."""
    if len(model.outputs) < 2 or not hasattr(model, "save_assets"):
        return {}
    with TemporaryDirectory() as folder:  # what a file of the model would hold is what it carries
        model.save_assets(folder)
        asset = Path(folder) / SPEC_ASSET
        content = json.loads(asset.read_text("utf-8"))["spec"] if asset.exists() else None
    return load(yaml.safe_load(content)).loss_weights if content is not None else {}


def make_losses(model: keras.Model, recipe: Recipe) -> list[keras.losses.Loss]:
    """The loss of each output: cross-entropy of its probabilities, or of its logits. Raises `InputError`."""
    losses = []
    for output in model_outputs(model):
        if output.end.kind == "other":
            raise InputError(end_diagnostic(output.name, output.end, output.shape[-1] or 0))
        losses.append(
            keras.losses.CategoricalCrossentropy(from_logits=output.end.logits, label_smoothing=recipe.label_smoothing)
        )
    return losses


def output_names(model: keras.Model) -> list[str]:
    """The names of the outputs, the prediction first."""
    return list(getattr(model, "output_names", ["output"]))  # a Sequential has one output and no name for it


def model_outputs(model: keras.Model) -> list[TrainedOutput]:
    """The outputs and what their values are, the prediction first."""
    rows = zip(output_names(model), model.outputs, ends_of(model), strict=True)
    return [TrainedOutput(name, tuple(tensor.shape[1:]), end) for name, tensor, end in rows]


def structure_of(model: keras.Model) -> Callable[[object], object]:
    """A function that puts one value for all outputs, or a list of one per output, into the form of the outputs."""
    form = None if isinstance(model, keras.Sequential) else model.output  # a Sequential has one, and not that
    if isinstance(form, dict):
        keys = list(form)
        return lambda value: dict(zip(keys, value if isinstance(value, list) else [value] * len(keys), strict=True))
    if len(model.outputs) > 1:
        return lambda value: value if isinstance(value, list) else (value,) * len(model.outputs)
    return lambda value: value


def value_of(variable: keras.Variable) -> NDArray[np.generic]:
    """A copy of a variable's numbers."""
    return np.array(variable.numpy())


def optimizer_of(model: keras.Model) -> keras.optimizers.Optimizer:
    """The optimizer itself, without the loss scaling that 16-bit floats put around it."""
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)
