"""One run: compile, fit, record, save; a spec is trained with seeds, precision, penalty and loss weights of its own."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
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
from .callbacks import MainAccuracy, Rate, SafePoints, Stopping, Validation, rename_accuracy
from .checkpoint import epochs_done, load_checkpoint
from .compiling import (
    compile_model,
    create_state,
    loss_weights_of,
    model_outputs,
    optimizer_of,
    reproducible,
    structure_of,
)
from .devices import check_divides, data_parallel, devices_in_use, left_out
from .finetuning import advice, check_phases, freeze, origin, phases, scaled_for_finetuning, transfer
from .first_weights import new_model
from .history import write_history
from .pretrained import normalizer_for
from .progress import Progress
from .recorder import Recorder
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
    opened = begun(folder, recipe, dataset, about or {}, resume=resume) if folder is not None else nullcontext(recipe)
    with handled(), opened as recipe:
        started = time.monotonic()
        recipe = scaled_for_finetuning(recipe)
        weights = loss_weights if loss_weights is not None else loss_weights_of(model)
        apply_penalty(model, recipe.l2)
        if recipe.finetune is not None:
            filled = transfer(model, recipe.finetune.weights)
            check_phases(model, recipe)
            if show:
                sys.stdout.write(origin(model, recipe.finetune.weights, len(filled)))
        run = Run(model, recipe, dataset, folder, show=show)
        known = run.train(weights, callbacks, resume=resume)
        return run.end(known, started)


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


class Run:
    """A model in training by a recipe: the batches that it reads, and the callbacks that hold the training's state."""

    def __init__(
        self, model: keras.Model, recipe: Recipe, dataset: Dataset, folder: Path | None = None, *, show: bool = False
    ) -> None:
        self.model, self.recipe, self.dataset, self.folder, self.show = model, recipe, dataset, folder, show
        self.normalizer = normalizer_for(model, recipe, dataset)
        self.parts = pipelines(model, recipe, dataset, self.normalizer)
        self.steps = len(self.parts["training"])
        self.rate, self.stopping = Rate(recipe, self.steps), Stopping(recipe, folder)
        self.recorder = Recorder(self.parts["training"], folder, {"rate": self.rate, "stopping": self.stopping})
        self.rows = self.recorder.rows
        self.begin_phase()

    def begin_phase(self) -> None:
        """Forget how statistics were computed: that depends on what is frozen."""
        unchanged = self.parts["training"].unchanged()
        self.evaluated = self.stopping.evaluated = Evaluated(self.model, self.recipe, unchanged)

    def train(
        self, loss_weights: Mapping[str, float], callbacks: Sequence[keras.callbacks.Callback], *, resume: bool
    ) -> int:
        """Train all phases of the recipe; returns how many epochs an earlier process had trained."""
        if self.show:
            self._say_first()
        checkpoint = self.folder / "checkpoint.npz" if self.folder is not None and resume else None
        known = 0
        for last, frozen in phases(self.recipe):
            if self.recipe.finetune is not None:
                freeze(self.model, frozen)
            compile_model(self.model, self.recipe, loss_weights)
            self.begin_phase()
            if checkpoint is not None and checkpoint.exists():
                if epochs_done(checkpoint) > last:
                    continue
                self._take_up(checkpoint)
                checkpoint, known = None, len(self.rows)
            self._train_up_to(last, [*callbacks, SafePoints()])
            self.evaluated.finish()
            if self.stopping.stopped_epoch:
                break
        return known

    def _say_first(self) -> None:
        """Print what is worth knowing before the first epoch."""
        sys.stdout.write(left_out(self.parts))
        for warning in (
            *short_run_warnings(self.recipe, momentum_of(self.model), self.recipe.epochs * self.steps),
            *self.recipe.augmentation.rather_large(*self.dataset.input_shape[:2]),
        ):
            sys.stdout.write(f"warning: {warning}\n")

    def _take_up(self, checkpoint: Path) -> None:
        """Put the last checkpoint into the model and the callbacks."""
        state = load_checkpoint(checkpoint, self.model)
        for name, callback in self.recorder.stateful.items():
            callback.set_state(state[name])
        self.rows.extend(state["history"])

    def _train_up_to(self, last: int, callbacks: list[keras.callbacks.Callback]) -> None:
        """Train up to the epoch `last`, or not at all where that is done already or training was stopped."""
        first = len(self.rows)
        if first >= last or self.stopping.stopped_epoch:
            self.stopping.set_model(self.model)
            optimizer_of(self.model).finalize_variable_values(self.model.trainable_variables)
            return
        if not self.show:
            self.fit(first, last, callbacks)
            return
        with closing(Progress(self.rows, first, self.recipe.epochs, self.steps)) as progress:
            self.fit(first, last, [*callbacks, progress])

    def fit(
        self, first: int, last: int, callbacks: Sequence[keras.callbacks.Callback], verbose: int | str = 0
    ) -> keras.callbacks.History:
        """Train from the epoch `first`, counted from 0, up to `last`; these callbacks run after the run's own."""
        create_state(self.model)
        own = [MainAccuracy(), self.rate, self.stopping, Validation(self.evaluated, self.steps), self.recorder]
        return self.model.fit(
            self.parts["training"].batches(),
            validation_data=self.parts["validation"].batches(),
            epochs=last,
            initial_epoch=first,
            shuffle=False,
            verbose=verbose,
            callbacks=[*own, *callbacks],
        )

    def end(self, known: int, started: float) -> Result:
        """What came out, with the files at the end of a run; `known` epochs were trained before this process."""
        best = self.stopping.model is not None and self.stopping.restore_best()
        epoch, test = self.stopping.best_epoch if best else len(self.rows), {}
        if "test" in self.parts:
            test = dict(self.model.evaluate(self.parts["test"].batches(), verbose=0, return_dict=True))
            rename_accuracy(self.model, test)
        row, seconds = self.rows[epoch - 1], sum(row["seconds"] for row in self.rows[:known])
        figures = row["val_loss"], row["val_accuracy"], test.get("loss"), test.get("accuracy")
        seconds += time.monotonic() - started
        result = Result(tuple(self.rows), epoch, *figures, seconds, self.folder, self.model)
        if self.folder is None:
            return result
        ended = len(self.rows) == known  # all epochs had, before this; the files may be damaged or missing
        if ended:
            write_history(self.folder, self.rows)
        inputs = Inputs.of(self.dataset, self.normalizer, self.recipe, len(self.rows))
        title = f"{self.model.name} on {self.dataset.name}"
        return write_result(result, self.folder, inputs, title, best=best, again=ended)


def pipelines(model: keras.Model, recipe: Recipe, dataset: Dataset, normalizer: Normalizer) -> dict[str, Pipeline]:
    """The input of each part of a data set, in the form of this model's outputs."""
    structure = structure_of(model)
    parts = {name: Pipeline(dataset, name, recipe, normalizer, structure) for name in dataset.parts}
    devices = devices_in_use()
    check_divides(recipe.batch_size, devices)
    for name, part in parts.items():
        part.multiple = devices
        if not part.count:
            message = f"--devices {devices}: JAX divides each batch evenly, and there are {len(part.y)} {name} images"
            raise InputError(message, file=dataset.name, remedy=f"use at most {len(part.y)} devices")
    return parts
