"""The sanity checks of a spec on data, printed one by one as they come."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import load_data
from ..data.checks import check_fits
from ..spec.faults import Fault, FaultError

if TYPE_CHECKING:
    from ..spec import Spec


def preflight(spec: Spec, source: str, *, data_dir: str | None = None, picture: Path | None = None) -> bool:
    """Print a line for each check; whether all is well. Raises `FaultError` where spec and data do not go together."""
    from .quiet import import_keras

    recipe = spec.train
    if spec.classes is None:
        raise FaultError(Fault("has no classes, so there is nothing to train it for", file=spec.name))
    dataset = load_data(
        source,
        validation_split=recipe.validation_split,
        seed=recipe.seed,
        data_dir=data_dir,
        input_shape=spec.input,
        resize=recipe.preprocessing.resize,
    )
    check_fits(dataset, spec.input, spec.classes)
    sys.stdout.write(f"{dataset}\n")
    import_keras()
    import keras

    from ..builder import build
    from .checks import sanity_checks
    from .compiling import setting

    well = True
    with setting(recipe):
        model = build(spec, kernel_regularizer=keras.regularizers.L2(recipe.l2) if recipe.l2 else None)
        for line in sanity_checks(model, recipe, dataset, loss_weights=spec.loss_weights, picture=picture):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            well = well and line.ok
    return well
