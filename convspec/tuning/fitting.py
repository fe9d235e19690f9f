"""Training by a spec's recipe inside KerasTuner's own tuners: every field takes effect, or is refused by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras

from ..data.checks import check_fits
from ..data.dataset import Dataset
from ..data.labelled_images import Part, as_part, check_source, source_of
from ..data.splits import split_source
from ..language import Diagnostic, InputError, Spec
from ..training.averaging import Evaluated
from ..training.finetuning import scaled_for_finetuning
from ..training.train import Run
from .epochs import Logs

PLACE = "tuner.search"

OF_THE_RECIPE = {
    "batch_size": "train.batch_size",
    "validation_batch_size": "train.batch_size",
    "class_weight": "train.class_weights",
    "sample_weight": "train.class_weights",
    "shuffle": "train.seed, which every order comes from",
    "validation_split": "train.validation_split",
    "steps_per_epoch": "train.batch_size",
}
"""Arguments of `model.fit` that the recipe decides, and the field that does."""

TAKEN = ("x", "y", "validation_data", "epochs", "initial_epoch", "verbose", "callbacks")


def fit(
    model: keras.Model,
    spec: Spec,
    dataset: Dataset,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    epochs: int | None = None,
    initial_epoch: int = 0,
    verbose: int | str = 0,
) -> keras.callbacks.History:
    """Train a compiled model by the recipe of its spec; the same numbers as `train` with the same weights.

    `callbacks` see the model as it is evaluated, with averaged weights where the recipe has `ema`, at the end of an
    epoch: a checkpoint holds what the score belongs to. Raises `InputError`.
    """
    recipe = scaled_for_finetuning(spec.train if epochs is None else spec.train.model_copy(update={"epochs": epochs}))
    run = Run(model, recipe, dataset)
    history = run.fit(initial_epoch, recipe.epochs, [_AsEvaluated(callbacks, run.evaluated)], verbose)
    run.evaluated.finish()
    run.stopping.restore_best()
    return history


def dataset_of(spec: Spec, x: object, y: object = None, validation_data: object = None) -> Dataset:
    """The images that `tuner.search` was given: a `Dataset`, or arrays with integer or one-hot labels.

    Without `validation_data` the recipe's `validation_split` of each class is held out. Raises `InputError`.
    """
    if isinstance(x, Dataset):
        if y is not None or validation_data is not None:
            raise InputError("a Dataset has its labels and its validation images itself", path=PLACE)
        dataset = x.checked()
    else:
        train, validation = _part(x, y, "x", "y"), None
        if validation_data is not None:
            if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
                raise InputError("validation_data is (images, labels)", path=PLACE)
            validation = _part(validation_data[0], validation_data[1], "validation_data[0]", "validation_data[1]")
        counted = () if spec.classes is None or train[1].dtype.kind == "U" else tuple(map(str, range(spec.classes)))
        source = source_of("arrays", PLACE, (train, validation, None), counted)
        dataset = split_source(source, check_source(source), (spec.train.validation_split, spec.train.seed))
    check_fits(dataset, spec.input, spec.classes or dataset.classes, trained=True)
    return dataset


def check_arguments(arguments: Mapping[str, object]) -> None:
    """Raise `InputError` for arguments of `model.fit` that the recipe decides."""
    diagnostics = [
        Diagnostic(f"{name}: the recipe decides this, by {OF_THE_RECIPE[name]}", path=PLACE, remedy="leave it out")
        if name in OF_THE_RECIPE
        else Diagnostic(f"{name}: no such argument", path=PLACE, remedy=f"there are {', '.join(TAKEN)}")
        for name in arguments
    ]
    if diagnostics:
        raise InputError(diagnostics)


def _part(x: object, y: object, images: str, labels: str) -> Part:
    part = as_part(x, y, (images, labels), PLACE) if y is not None and hasattr(x, "shape") else None
    if part is None:
        message = f"{images} is a {type(x).__name__}{'' if y is not None else ' without labels'}"
        remedy = "give arrays of images and labels, or a convspec.data.Dataset: batches are made by the recipe"
        raise InputError(message, path=PLACE, remedy=remedy)
    return part


PASSED_ON = (
    "set_params", "on_train_begin", "on_train_end", "on_epoch_begin", "on_train_batch_begin", "on_train_batch_end",
)  # fmt: skip
"""Methods of a callback in `fit`; the end of an epoch is passed on with the weights that the score belongs to."""


class _AsEvaluated(keras.callbacks.Callback):
    """Runs other callbacks, at the end of an epoch with the model in the state in which it was validated."""

    def __init__(self, callbacks: Sequence[keras.callbacks.Callback], evaluated: Evaluated) -> None:
        super().__init__()
        self.callbacks, self.evaluated = list(callbacks), evaluated

    def set_model(self, model: keras.Model) -> None:
        """Pass the model on, and all later calls, which the list of the callbacks takes in the place of this one."""
        super().set_model(model)
        self.list = keras.callbacks.CallbackList(self.callbacks, model=model)
        for name in PASSED_ON:
            setattr(self, name, getattr(self.list, name))

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Pass on, with the weights that the score belongs to."""
        with self.evaluated.applied():
            self.list.on_epoch_end(epoch, logs)
