"""What a search leaves in its folder: tables, the best spec and the best model."""

from __future__ import annotations

from collections.abc import Callable

from ..builder import build
from ..data.dataset import Dataset
from ..language import InputError, Spec
from ..language.keras_archive import saved_fingerprint
from ..language.located import Text
from ..language.spec import check
from ..language.writing import yaml_text
from ..language.yaml_loader import parse
from ..training.compiling import computing
from ..training.saving import Inputs, save_trained
from .hypermodel import HyperSpec
from .planning import Candidate
from .store import REMEDY, Record, Store, trial_name
from .tuner import TrialRunner


def write_best(hyperspec: HyperSpec, store: Store, best: Record, load: Callable[[Spec], Dataset]) -> None:
    """Write `best.yaml`, the complete spec of the best trial, and `best.keras`, its weights at the best epoch."""
    spec = spec_of(hyperspec, best)
    candidate = Candidate(best.stage, best.epochs, best.values, spec)
    metric = hyperspec.tune.objective.name
    remark = (
        f"{spec.name}: {metric} {best.score:.4f} after epoch {best.best_epoch} of {best.epochs}, on {load(spec).name}"
    )
    store.write(store.folder / "best.yaml", yaml_text(spec.to_dict(), remark))
    path = store.folder / "best.keras"
    if saved_fingerprint(path) == best.key:
        return
    runner = TrialRunner(hyperspec, store, load)
    weights = runner.weights(candidate)
    with computing(spec.train, exact=False):
        model = build(spec)
    model.set_weights(weights)
    folds = hyperspec.tune.folds
    normalizer = runner.trainer.data(spec).normalizer(model, spec.train, (folds or 1) - 1)  # the last one's weights
    save_trained(model, path, Inputs.of(load(spec), normalizer, spec.train, folds=folds), remedy=REMEDY)


def spec_of(hyperspec: HyperSpec, record: Record) -> Spec:
    """The network of a trial, as its file has it. Raises `InputError` where that is not the network of its key."""
    if record.document is not None:
        spec = check(parse(Text(f"trials/{record.key}.json", record.document)))
    else:  # trial 0 is as written, fields that a condition rules out included
        spec = hyperspec.constraint_check.spec(record.values if record.stage else {}, epochs=record.epochs)
    if spec.fingerprint != record.key:
        message = f"trial {trial_name(record)} says that it is {record.key}, but its spec is {spec.fingerprint}"
        remedy = f"the file was changed: delete trials/{record.key}.json, and the trial runs again"
        raise InputError(message, file=f"trials/{record.key}.json", remedy=remedy)
    return spec
