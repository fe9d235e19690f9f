"""`convspec.train`: one network by its recipe, or an ensemble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack, overload

from ..keras_import import import_keras
from ..language import Spec
from ..language.arguments import checked
from ..language.diagnostics import InputError
from ..language.input_files import as_text
from ..language.loading import document_of, load
from ..language.merging_overrides import merged
from ..language.overriding import combined, sets
from ..language.recipe import is_official
from ..language.shipped_recipes import load_recipe
from ..output_paths import check_ensemble_folder, check_run_folder
from .sources import Network, Place, Shape, printer

if TYPE_CHECKING:
    from ..data import Dataset
    from ..training.result import Result, Results


class TrainOptions(TypedDict, total=False):
    """The options of `train` but for `ensemble`, which decides what it returns."""

    out: Place | None
    variant: str | None
    input_shape: Shape | None
    overrides: Mapping[str, object] | None
    recipe: Place | None
    epochs: int | None
    batch_size: int | None
    seed: int | None
    finetune: Place | None
    freeze: str | None
    devices: int
    resume: bool
    data_dir: Place | None
    pixel_range: Sequence[float] | None
    verbose: bool


@overload
def train(
    network: Network, data: Place | Dataset, *, ensemble: None = None, **options: Unpack[TrainOptions]
) -> Result: ...
@overload
def train(network: Network, data: Place | Dataset, *, ensemble: int, **options: Unpack[TrainOptions]) -> Results: ...
@checked
def train(
    network: Network,
    data: Place | Dataset,
    *,
    out: Place | None = None,
    variant: str | None = None,
    input_shape: Shape | None = None,
    overrides: Mapping[str, object] | None = None,
    recipe: Place | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    finetune: Place | None = None,
    freeze: str | None = None,
    ensemble: int | None = None,
    devices: int = 1,
    resume: bool = False,
    data_dir: Place | None = None,
    pixel_range: Sequence[float] | None = None,
    verbose: bool = False,
) -> Result | Results:
    """Train a network by its recipe: history, accuracies and `model`; of an ensemble, one result per member.

    Where text may be a name, for `data`, `recipe` and `finetune`, a `Path` is always a file or a folder.

    Parameters
    ----------
    out
        The folder for the results, in which `{name}` stands for the network's name; by default nothing is written.
    overrides
        Fields by their path, such as `{"train.l2": 1e-4}`; `epochs`, `batch_size`, `seed`, `finetune` and `freeze`
        are shorter ways to set those of `train:`; two values for one field are an error.
    recipe
        Another recipe than the spec's, by its name or file. What the arguments above set goes over it field by field.
    ensemble
        How many networks to train, each of another seed; needs `out`.
    devices
        GPUs that share each batch.
    resume
        Go on with the run in `out` after its last epoch.
    verbose
        Print what the command prints, and show a progress bar.

    Raises
    ------
    InputError
        For an invalid spec, data that do not fit it, a folder that holds something else, or a disk that is full.
    KeyboardInterrupt
        After Ctrl-C, at the end of an update; `resume` goes on.
    """
    options = {
        "train.epochs": ("--epochs", epochs),
        "train.batch_size": ("--batch-size", batch_size),
        "train.seed": ("--seed", seed),
        "train.finetune.weights": ("--finetune", None if finetune is None else as_text(finetune, is_official)),
        "train.finetune.freeze": ("--freeze", freeze),
    }
    given = changes = combined(overrides, options)
    if recipe is not None:
        root = network.source if isinstance(network, Spec) else document_of(network, variant=variant)
        changes = merged(load_recipe(recipe, root), given, root=root)
    spec = load(network, variant=variant, overrides=changes, input_shape=input_shape)
    folder = None if out is None else Path(str(out).replace("{name}", spec.name))
    if ensemble is not None:
        folder = _ensemble_folder(folder, ensemble, resume)
    elif folder is not None:
        check_run_folder(folder, resume=resume)
    elif resume:
        raise InputError("--resume goes on with a run in a folder", remedy="name its folder: out=...")
    from .datasets import open_dataset

    dataset = open_dataset(data, spec, data_dir, pixel_range)
    printer(verbose)(dataset)
    import_keras()
    from .runs import Runs

    runs, longer = Runs(dataset, devices, resume, verbose), resume and not sets(given, "train.epochs")
    if ensemble is None or folder is None:
        return runs.one(spec, folder, longer)
    return runs.ensemble(spec, folder, ensemble, longer)


def _ensemble_folder(folder: Path | None, members: int, resume: bool) -> Path:
    """The folder of an ensemble. Raises `InputError` where there can be none."""
    if members < 2:
        raise InputError(f"--ensemble {members}: an ensemble has two members or more")
    if folder is None:
        raise InputError("an ensemble needs a folder for its members", remedy="name it: out=...")
    check_ensemble_folder(folder, members, resume=resume)
    return folder
