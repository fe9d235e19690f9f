"""A spec trained as `convspec train` trains it: seeds, precision, penalty and loss weights all from the spec."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import keras

from ..data.dataset import Dataset
from ..language import Spec
from .compiling import reproducible
from .devices import data_parallel
from .finetuning import advice
from .first_weights import new_model
from .result import Result
from .train import train


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
            about=about(spec),
        )


def about(spec: Spec) -> dict[str, object]:
    """What a run's folder says about the network beside the recipe and the data."""
    return {
        "network": spec.name,
        "fingerprint": spec.fingerprint,
        "graph": spec.graph_fingerprint,
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
    }
