"""One run: compile, fit, record, save; a spec is trained with seeds, precision, penalty and loss weights of its own."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import keras

from ..data.dataset import Dataset
from ..data.pipeline import Pipeline
from ..data.preprocessing import Normalizer
from ..interrupts import handled
from ..language import Spec
from ..language.arguments import checked
from ..language.diagnostics import InputError
from ..language.recipe import Recipe
from ..language.short_runs import short_run_warnings
from ..language.trainable import check_outputs
from .averaging import Evaluated
from .batch_norm import momentum_of
from .callbacks import MainAccuracy, Rate, Recorder, SafePoints, Stopping, Validation, rename_accuracy
from .checkpoint import epochs_done, load_checkpoint
from .compiling import compile_model, loss_weights_of, model_outputs, optimizer_of, reproducible, structure_of
from .devices import check_divides, data_parallel, devices_in_use, left_out
from .finetuning import advice, check_phases, freeze, origin, phases, scaled_for_finetuning, transfer
from .first_weights import new_model
from .history import Row, write_history
from .pretrained import normalizer_for
from .progress import Progress
from .regularizer import apply_penalty
from .result import Result, write_result
from .run_folder import begun
from .saving import Inputs


@checked
def train(
    model: keras.Model,
    recipe: Recipe,
    dataset: Dataset,
    out: str | Path | None = None,
    *,
    loss_weights: Mapping[str, float] | None = None,
    resume: bool = False,
    show: bool = True,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    about: Mapping[str, object] | None = None,
) -> Result:
    """Train a classifier by a recipe, inside `reproducible(recipe)` if the run is to repeat; `convspec.train` does all.

    The penalty `recipe.l2` goes to every kernel, and `loss_weights` are those of the spec that the model carries,
    unless given.

    Writes into `out`, if given: `run.json` at once; `history.csv`, `history.json` and `checkpoint.npz` after each
    epoch; `model.keras`, `curves.png` and `result.json` at the end. `resume` goes on from the checkpoint there, with
    the same numbers as a run that was never stopped, also to another number of epochs if the schedule allows it.
    `about` is added to `run.json` and has to agree when resuming. What fails before its first epoch was finished takes
    `run.json` away again, so that it is in no other run's way.

    Ctrl-C stops it after an update and raises `KeyboardInterrupt`, a second one raises that at once.

    Raises `InputError`: outputs that do not fit the classes or are neither probabilities nor logits, a folder of
    another run, a disk that takes no more.
    """
    check_outputs(model_outputs(model), dataset.classes)
    folder = Path(out) if out is not None else None
    run = begun(folder, recipe, dataset, about or {}, resume=resume) if folder is not None else nullcontext(recipe)
    with handled(), run as recipe:
        return _train(model, recipe, dataset, folder, loss_weights, resume, show, callbacks)


def train_spec(
    spec: Spec,
    dataset: Dataset,
    out: str | Path | None = None,
    *,
    devices: int = 1,
    resume: bool = False,
    say: Callable[[str], object] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Result:
    """Build the network of a spec and train it by its recipe; `result.model` is the trained model.

    `out`, `resume` and `callbacks` are those of `train`; `devices` share each batch. `say` gets the
    lines that the command prints; with it there is a progress bar, too. Raises `InputError`.
    """
    recipe = spec.train
    with data_parallel(devices), reproducible(recipe):
        model = new_model(spec)
        if say:
            say(f"{spec.name}: {model.count_params():,} parameters")
            if recipe.finetune is not None:
                say(advice(dataset, recipe.finetune))
        return train(
            model,
            recipe,
            dataset,
            out,
            loss_weights=spec.loss_weights,
            resume=resume,
            show=say is not None,
            callbacks=callbacks,
            about=describe_network(spec),
        )


def describe_network(spec: Spec) -> dict[str, object]:
    """What a run's folder says about the network beside the recipe and the data."""
    return {
        "network": spec.name,
        "fingerprint": spec.fingerprint,
        "graph": spec.graph_fingerprint,
        "keras": keras.__version__,
    }


def _train(
    model: keras.Model,
    recipe: Recipe,
    dataset: Dataset,
    folder: Path | None,
    loss_weights: Mapping[str, float] | None,
    resume: bool,
    show: bool,
    callbacks: Sequence[keras.callbacks.Callback],
) -> Result:
    started = time.monotonic()
    recipe = scaled_for_finetuning(recipe)
    apply_penalty(model, recipe.l2)
    loss_weights = loss_weights if loss_weights is not None else loss_weights_of(model)
    if recipe.finetune is not None:
        filled = transfer(model, recipe.finetune.weights)
        check_phases(model, recipe)
        if show:
            sys.stdout.write(origin(model, recipe.finetune.weights, len(filled)))
    normalizer = normalizer_for(model, recipe, dataset)
    parts = pipelines(model, recipe, dataset, normalizer)
    rate, stopping = Rate(recipe, len(parts["training"])), Stopping(recipe, folder)
    recorder = Recorder(parts["training"], folder, {"rate": rate, "stopping": stopping})
    if show:
        _say_first(model, recipe, dataset, parts)
    unchanged = Pipeline(dataset.x_train, dataset.y_train, dataset, recipe, normalizer, training=False)
    checkpoint = folder / "checkpoint.npz" if folder is not None and resume else None
    known = 0  # epochs that an earlier process has trained
    for last, frozen in phases(recipe):
        if recipe.finetune is not None:
            freeze(model, frozen)
        compile_model(model, recipe, loss_weights)
        evaluated = stopping.evaluated = Evaluated(model, recipe, unchanged)
        validation = Validation(evaluated, len(parts["training"]))
        if checkpoint is not None and checkpoint.exists():
            if epochs_done(checkpoint) > last:
                continue
            _take_up(checkpoint, model, recorder)
            checkpoint, known = None, len(recorder.rows)
        chain = [MainAccuracy(), rate, stopping, validation, recorder, *callbacks, SafePoints()]
        _fit(model, last, recipe.epochs, parts, chain, recorder, show)
        evaluated.finish()
        if stopping.stopped_epoch:
            break
    best = stopping.restore_best() if stopping.model is not None else False
    started -= sum(row["seconds"] for row in recorder.rows[:known])  # those epochs took their time, too
    result = _result(model, parts, recorder.rows, stopping.best_epoch if best else len(recorder.rows), started, folder)
    if folder is None:
        return result
    ended = len(recorder.rows) == known  # all epochs had, before this; the files may be damaged or missing
    if ended:
        write_history(folder, recorder.rows)
    inputs = Inputs.of(dataset, normalizer, recipe, len(result.history))
    return write_result(result, folder, inputs, f"{model.name} on {dataset.name}", best=best, again=ended)


def _say_first(model: keras.Model, recipe: Recipe, dataset: Dataset, parts: dict[str, Pipeline]) -> None:
    """Print what is worth knowing before the first epoch."""
    sys.stdout.write(left_out(parts))
    for warning in (
        *short_run_warnings(recipe, momentum_of(model), recipe.epochs * len(parts["training"])),
        *recipe.augmentation.rather_large(*dataset.input_shape[:2]),
    ):
        sys.stdout.write(f"warning: {warning}\n")


def pipelines(model: keras.Model, recipe: Recipe, dataset: Dataset, normalizer: Normalizer) -> dict[str, Pipeline]:
    """The input of each part of a data set, in the form of this model's outputs."""
    parts = {
        name: Pipeline(x, y, dataset, recipe, normalizer, training=name == "training", structure=structure_of(model))
        for name, (x, y) in dataset.parts.items()
    }
    devices = devices_in_use()
    check_divides(recipe.batch_size, devices)
    for name, part in parts.items():
        part.multiple = devices
        if not part.count:
            message = f"--devices {devices}: JAX divides each batch evenly, and there are {len(part.y)} {name} images"
            raise InputError(message, file=dataset.name, remedy=f"use at most {len(part.y)} devices")
    return parts


def _fit(
    model: keras.Model,
    last: int,
    epochs: int,
    parts: dict[str, Pipeline],
    callbacks: list[keras.callbacks.Callback],
    recorder: Recorder,
    show: bool,
) -> None:
    """Train up to the epoch `last`, or not at all where that is done already or training was stopped."""
    first = len(recorder.rows)
    stopping = recorder.stateful["stopping"]
    for callback in callbacks:
        callback.set_model(model)
    if first >= last or (isinstance(stopping, Stopping) and stopping.stopped_epoch):
        optimizer_of(model).finalize_variable_values(model.trainable_variables)
        return
    progress = Progress(recorder.rows, first, epochs, len(parts["training"])) if show else None
    try:
        model.fit(
            parts["training"].batches(),
            validation_data=parts["validation"].batches(),
            epochs=last,
            initial_epoch=first,
            shuffle=False,
            verbose=0,
            callbacks=[*callbacks, *([progress] if progress else [])],
        )
    finally:
        if progress:
            progress.close()


def _take_up(checkpoint: Path, model: keras.Model, recorder: Recorder) -> None:
    """Put the last checkpoint into the model and the callbacks."""
    state = load_checkpoint(checkpoint, model)
    for name, callback in recorder.stateful.items():
        callback.set_state(state[name])
    recorder.rows.extend(state["history"])


def _result(
    model: keras.Model, parts: dict[str, Pipeline], rows: list[Row], epoch: int, started: float, folder: Path | None
) -> Result:
    row, test = rows[epoch - 1], {}
    if "test" in parts:
        test = dict(model.evaluate(parts["test"].batches(), verbose=0, return_dict=True))
        rename_accuracy(model, test)
    figures = row["val_loss"], row["val_accuracy"], test.get("loss"), test.get("accuracy")
    return Result(tuple(rows), epoch, *figures, time.monotonic() - started, folder, model)
