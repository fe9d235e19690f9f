"""`convspec.check`: the errors of a spec, and with data what is worth knowing before a long run."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..keras_import import import_keras
from ..language import Diagnostic, InputError, load
from ..language.arguments import checked, for_reader
from ..language.short_runs import images_needed
from ..language.sources import variants_of
from ..language.trainable import check_recipe
from ..option_names import spoken
from ..output_paths import check_file
from .results import Findings
from .sources import Network, Place, Shape, check_has_use, check_is_written, printer, say, title_of

if TYPE_CHECKING:
    from ..data import Dataset


@checked
def check(
    network: Network,
    *,
    data: Place | Dataset | None = None,
    input_shape: Shape | None = None,
    overrides: Mapping[str, object] | None = None,
    picture: Place | None = None,
    overwrite: bool = False,
    data_dir: Place | None = None,
    pixel_range: Sequence[float] | None = None,
    verbose: bool = False,
) -> Findings:
    """The errors of a network, all variants of a file included; with `data`, if there are none, the sanity checks.

    `picture` is the file that shows the learning-rate range test. `verbose` prints what the command prints, each
    finding as it comes. Raises `InputError` for data that do not fit.
    """
    _check_picture(picture, data, overwrite=overwrite)
    check_has_use(data, data_dir=data_dir, pixel_range=pixel_range)
    if errors := _errors(network, overrides, input_shape):
        if verbose:
            for error in errors:
                say(error, sys.stderr)
        return Findings(title_of(network), errors)
    tell = printer(verbose)
    found = Findings(title_of(network))
    spec = load(network, overrides=overrides, input_shape=input_shape)
    if data is None:
        found.notes = tuple(map(spoken, images_needed(spec)))
        tell(found)
        return found
    from .datasets import open_dataset

    dataset = open_dataset(data, spec, data_dir, pixel_range)
    import_keras()
    from .sanity import sanity

    tell(found)
    for line in sanity(spec, dataset, None if picture is None else Path(picture)):
        tell(line)
        found.append(line)
    return found


def _check_picture(picture: Place | None, data: Place | Dataset | None, *, overwrite: bool) -> None:
    """Raise `InputError` where the picture would not be drawn."""
    check_is_written(picture, "--picture", overwrite=overwrite)
    if picture is None:
        return
    if data is None:
        message = f"--picture {picture}: it shows the learning-rate range test, which needs images"
        raise InputError(message, remedy="name them by --data")
    check_file(Path(picture), overwrite=overwrite)


def _errors(network: Network, overrides: Mapping[str, object] | None, input_shape: Shape | None) -> list[Diagnostic]:
    """The errors of a spec, and those that are only in a variant of its file."""

    def found(variant: str | None) -> tuple[Diagnostic, ...]:
        try:
            check_recipe(load(network, variant=variant, overrides=overrides, input_shape=input_shape))
        except InputError as error:
            return tuple(map(for_reader, error.diagnostics))
        return ()

    try:
        names = variants_of(network)
    except InputError as error:
        return list(map(for_reader, error.diagnostics))
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
