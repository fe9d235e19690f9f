"""`convspec.tune`: a search over the fields of a spec's `tune:` section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..keras_import import import_keras
from ..language import InputError, load
from ..language.arguments import checked
from ..output_paths import check_search_folder
from .sources import Network, Place, Shape

if TYPE_CHECKING:
    from ..data import Dataset
    from ..tuning.search_result import SearchResult


@checked
def tune(
    network: Network,
    data: Place | Dataset,
    *,
    out: Place | None = None,
    variant: str | None = None,
    input_shape: Shape | None = None,
    overrides: Mapping[str, object] | None = None,
    extend: bool = False,
    widen: bool = False,
    workers: int = 0,
    address: str | None = None,
    time_limit: float | None = None,
    tensorboard: bool = False,
    data_dir: Place | None = None,
    pixel_range: Sequence[float] | None = None,
    verbose: bool = False,
) -> SearchResult | None:
    """Search the fields of the `tune:` section, or go on with the search in `out`; None in a worker of a chief.

    Parameters
    ----------
    out
        The folder of the search; by default `runs/NAME-search`.
    extend
        Go on in `out` with other stages, ranges or constraints; trials are kept.
    widen
        If the best value lies at the end of its range, move the range and go on.
    workers
        Train on so many processes (Ray, this machine); `address` (HOST:PORT) is that of a Ray cluster.
    time_limit
        Seconds after which a trial has failed; with workers.
    tensorboard
        Write curves and hyperparameters for TensorBoard, too.
    verbose
        Print what the command prints, and show progress.

    Raises
    ------
    InputError
        For an invalid spec, one without a `tune:` section, data that do not fit it, or a folder of something else.
    KeyboardInterrupt
        After Ctrl-C, at the end of an update; the same call goes on.
    """
    _check_options(workers, address, time_limit)
    spec = load(network, variant=variant, overrides=overrides, input_shape=input_shape)
    if spec.tune is None:
        message = "has no `tune:` section, so there is nothing to search"
        remedy = "a `tune:` section with a `space:` says what is searched; see docs/tuning.md"
        raise InputError(message, file=str(network) if isinstance(network, Place) else "", remedy=remedy)
    if widen and spec.tune.strategy != "staged":
        message = f"--widen: no effect with the strategy {spec.tune.strategy}, whose ranges stay as they are"
        raise InputError(message, path="tune.strategy", remedy="leave it out, or search by `staged`")
    folder = Path(out) if out is not None else Path("runs") / f"{spec.name}-search"
    check_search_folder(folder)
    from .datasets import dataset_of

    images = dataset_of(data, data_dir, pixel_range)
    images(spec)
    import_keras()
    from .searches import run_search

    return run_search(
        spec,
        images,
        folder,
        verbose=verbose,
        extend=extend,
        widen=widen,
        workers=workers,
        address=address,
        time_limit=time_limit,
        tensorboard=tensorboard,
    )


def _check_options(workers: int, address: str | None, time_limit: float | None) -> None:
    """Raise `InputError` for numbers that make no sense, alone or together."""
    if workers < 0:
        raise InputError(f"--workers {workers}: a number of processes, or 0 for this one alone")
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"--time-limit {time_limit:g}: a number of seconds above 0")
    if time_limit is not None and not (workers or address):
        remedy = "--workers 1 trains in a process of its own, which can be ended"
        raise InputError("--time-limit needs --workers or --address", remedy=remedy)
