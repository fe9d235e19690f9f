"""What a search leaves in its folder: tables, the best spec and the best model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..builder import build
from ..data.dataset import Dataset
from ..spec import Spec
from ..training.saving import Inputs, save_trained
from .hypermodel import HyperSpec
from .planning import Candidate
from .space import Dimension
from .store import Record, Store
from .tables import history_csv, spec_yaml, trials_csv
from .trial import precision
from .tuner import TrialRunner


def write_tables(store: Store, records: Sequence[Record], space: Sequence[Dimension]) -> None:
    """Write `trials.csv` and `history.csv`."""
    store.write(store.folder / "trials.csv", trials_csv(records, [dimension.path for dimension in space]))
    store.write(store.folder / "history.csv", history_csv(records))


def write_best(hyperspec: HyperSpec, store: Store, best: Record, load: Callable[[Spec], Dataset]) -> None:
    """Write `best.yaml`, the complete spec of the best trial, and `best.keras`, its weights at the best epoch."""
    values = best.values if best.stage else {}  # trial 0 is as written, fields that a condition rules out included
    spec = hyperspec.judge.spec(values, epochs=best.epochs)
    candidate = Candidate(best.stage, best.epochs, best.values, spec)
    metric = hyperspec.tune.objective.name
    remark = (
        f"{spec.name}: {metric} {best.score:.4f} after epoch {best.best_epoch} of {best.epochs}, on {load(spec).name}"
    )
    store.write(store.folder / "best.yaml", spec_yaml(spec, remark))
    runner = TrialRunner(hyperspec, store, load)
    weights = runner.weights(candidate)
    with precision(spec.train):
        model = build(spec)
    model.set_weights(weights)
    normalizer = runner.trainer.feeds(spec).normalizer(model, spec.train)
    save_trained(model, store.folder / "best.keras", Inputs.of(load(spec), normalizer, spec.train))
