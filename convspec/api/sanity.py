"""The sanity checks of a network before a long run, with the images that it will learn from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..data import Dataset
from ..language import Spec
from ..language.short_runs import warnings_of_trials
from ..printing import counted
from ..training.compiling import reproducible
from ..training.finetuning import check_phases, freeze, scaled_for_finetuning, transfer
from ..training.first_weights import new_model
from ..training.sanity_checks import Line, sanity_checks


def sanity(spec: Spec, dataset: Dataset, picture: Path | None = None) -> Iterator[Line]:
    """The sanity checks of a network with these images, the cheap ones first."""
    for warning in warnings_of_trials(spec, len(dataset.y_train)):
        yield Line("length of trials", counted(len(dataset.y_train), "image"), warning, ok=False)
    recipe = scaled_for_finetuning(spec.train)
    with reproducible(recipe):
        model = new_model(spec)  # as its training begins
        if recipe.finetune is not None:
            transfer(model, recipe.finetune.weights)
            check_phases(model, recipe)
            freeze(model, recipe.finetune.freeze)
        yield from sanity_checks(model, recipe, dataset, loss_weights=spec.loss_weights, picture=picture)
