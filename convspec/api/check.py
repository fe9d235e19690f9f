"""`convspec.check`: the errors of a spec, and with data what is worth knowing before a long run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..keras_import import import_keras
from ..language import Diagnostic, InputError, load
from ..language.short_runs import images_needed, warnings_of_trials
from ..language.sources import variants_of
from ..language.trainable import check_recipe
from ..output_paths import check_file
from ..printing import counted
from .results import Findings
from .sources import Network, Place, Shape, check_has_use

if TYPE_CHECKING:
    from ..data import Dataset
    from ..training.sanity_checks import Line


def check(
    network: Network,
    *,
    data: Place | Dataset | None = None,
    input_shape: Shape | None = None,
    overrides: Mapping[str, Any] | None = None,
    picture: Place | None = None,
    overwrite: bool = False,
    data_dir: Place | None = None,
    pixel_range: Sequence[float] | None = None,
) -> Findings:
    """The errors of a network, all variants of a file included; with `data`, if there are none, the sanity checks.

    `picture` is the file that shows the learning-rate range test. Raises `InputError` for data that do not fit.
    """
    if picture is not None:
        check_picture(picture, data, overwrite=overwrite)
    check_has_use(data, data_dir=data_dir, pixel_range=pixel_range)
    errors = errors_of(network, overrides, input_shape)
    if errors or data is None:
        return Findings(errors)
    return Findings(sanity(network, data, overrides, input_shape, picture, data_dir, pixel_range))


def check_picture(picture: Place, data: Place | Dataset | None, *, overwrite: bool) -> None:
    """Raise `InputError` where the picture would not be drawn."""
    if data is None:
        message = f"--picture {picture}: it shows the learning-rate range test, which needs images"
        raise InputError(Diagnostic(message, remedy="name them by --data"))
    check_file(Path(picture), overwrite=overwrite)


def errors_of(network: Network, overrides: Mapping[str, Any] | None, input_shape: Shape | None) -> list[Diagnostic]:
    """The errors of a spec, and those that are only in a variant of its file."""

    def found(variant: str | None) -> tuple[Diagnostic, ...]:
        try:
            check_recipe(load(network, variant=variant, overrides=overrides, input_shape=input_shape))
        except InputError as error:
            return error.diagnostics
        return ()

    try:
        names = variants_of(network)
    except InputError as error:
        return list(error.diagnostics)
    shared = found(None)
    own: dict[Diagnostic, list[str]] = {}
    for name in names:
        for diagnostic in found(name):
            if diagnostic not in shared:
                own.setdefault(diagnostic, []).append(name)
    return [*shared, *(_in_variants(diagnostic, chosen) for diagnostic, chosen in own.items())]


def _in_variants(diagnostic: Diagnostic, names: list[str]) -> Diagnostic:
    """An error that says which variants it is in."""
    kind = "variant" if len(names) == 1 else "variants"
    return diagnostic._replace(message=f"{diagnostic.message} (in the {kind} {', '.join(map(repr, names))})")


def notes(network: Network, overrides: Mapping[str, Any] | None, input_shape: Shape | None) -> Iterator[str]:
    """What is no error, but worth knowing before there are images."""
    yield from images_needed(load(network, overrides=overrides, input_shape=input_shape))


def sanity(
    network: Network,
    data: Place | Dataset,
    overrides: Mapping[str, Any] | None = None,
    input_shape: Shape | None = None,
    picture: Place | None = None,
    data_dir: Place | None = None,
    pixel_range: Sequence[float] | None = None,
) -> Iterator[Line]:
    """The sanity checks of a network with these data, the cheap ones first."""
    spec = load(network, overrides=overrides, input_shape=input_shape)
    from .datasets import open_dataset

    dataset = open_dataset(data, spec, data_dir, pixel_range)

    import_keras()
    from ..training.compiling import reproducible
    from ..training.finetuning import check_phases, freeze, scaled_for_finetuning, transfer
    from ..training.first_weights import new_model
    from ..training.sanity_checks import Line, sanity_checks

    for warning in warnings_of_trials(spec, len(dataset.y_train)):
        yield Line("length of trials", counted(len(dataset.y_train), "image"), warning, ok=False)
    recipe = scaled_for_finetuning(spec.train)
    with reproducible(recipe):
        model = new_model(spec)  # as its training begins
        if recipe.finetune is not None:
            transfer(model, recipe.finetune.weights)
            check_phases(model, recipe)
            freeze(model, recipe.finetune.freeze)
        drawn = None if picture is None else Path(picture)
        yield from sanity_checks(model, recipe, dataset, loss_weights=spec.loss_weights, picture=drawn)
