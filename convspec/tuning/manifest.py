"""`search.json`: what is searched, on which images, and what came out; and whether a folder holds this very search."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import keras_tuner

from ..data.dataset import Dataset
from ..files import shown
from ..json_files import differences, json_text, parse_json
from ..language import Diagnostic, InputError
from ..language.spec import check
from ..printing import counted
from ..training.conditions import changed as changed_conditions, conditions
from .boundary_warnings import BoundaryWarning
from .hypermodel import HyperSpec
from .inherited_weights import weights_of
from .objective import Metric
from .search_files import SEARCH_FILE, Best, read_search_file
from .space import Dimension
from .store import FINISHED, Record, Store, trial_name

FIXED = ("network", "fingerprint", "data", "objective", "seed", "abort", "pruning", "folds", "runs", "strategy")
"""What a search cannot change and still be the same search."""

RESULTS = ("plans", "best", "warnings", "trials", "seconds")
"""What a search found; it stays in the file until it has found something else."""

EXTENDABLE = ("space", "constraints", "stages")
"""What `extend` allows to differ; a trial's result does not depend on it."""


class Manifest:
    """The `search.json` of a search."""

    def __init__(self, path: Path, content: dict[str, Any]) -> None:
        self.path, self.content = path, content

    @classmethod
    def open(cls, store: Store, hyperspec: HyperSpec, dataset: Dataset, *, extend: bool, moves: int = 0) -> Manifest:
        """Begin a folder, or check that the search in it is this one. Raises `InputError` with what changed.

        `moves` is how often the search itself moved the ranges; what the user asked for stays on record.
        """
        path, now = store.folder / "search.json", identity(hyperspec, dataset)
        before = cls.read(store.folder).content if path.exists() else None
        foreign: list[str] = []
        changed = False
        if before is not None:
            _refuse(path, before, now, extend)
            now["weights"] = {**before.get("weights", {}), **now["weights"]}
            foreign = list(before.get("foreign", []))
            changed = any(before.get(name) != now[name] for name in EXTENDABLE)
            if changed:
                foreign = sorted({*foreign, *store.records})
        store.extend(foreign)
        started = before["started"] if before else datetime.now().astimezone().isoformat(timespec="seconds")
        asked = before["asked"] if before and moves else {name: now[name] for name in EXTENDABLE}
        fields = {**(before.get("fields") or before["space"] if before else {}), **now["space"]}
        found = {name: before[name] for name in RESULTS if before and name in before}
        content = {"format": 1, **now, "asked": asked, "moves": moves, "foreign": foreign, "fields": fields}
        content |= {"started": started, **found}
        manifest = cls(path, content)
        manifest.store, manifest.fresh = store, before is None and not store.worker
        manifest.changed = changed
        manifest.write()
        return manifest

    store: Store
    changed: bool
    """Whether space, constraints or stages are others than those of the search before."""
    fresh: bool
    """Whether this process began the folder's search."""

    @contextmanager
    def forgotten_if_nothing_ran(self) -> Iterator[None]:
        """Remove the search if an error comes before any trial; else no other search could have the folder."""
        own = self.store.folder / "keras_tuner"
        before = own.exists()
        try:
            yield
        except BaseException:
            if self.fresh and not self.store.files():
                with suppress(OSError):  # the first error is the one to report
                    for name in ("trials.csv", "history.csv", "search.json"):
                        (self.store.folder / name).unlink(missing_ok=True)
                    if not before and own.is_dir():
                        shutil.rmtree(own)
            raise

    @staticmethod
    def moved_space(folder: Path, hyperspec: HyperSpec) -> tuple[dict[str, Any], int]:
        """The ranges that a search in this folder moved for the very spec that is asked for again, and how often."""
        if not (folder / "search.json").exists():
            return {}, 0
        before = Manifest.read(folder).content
        same = (
            before.get("asked") == json.loads(json.dumps(_extendable(hyperspec)))
            and before["space"] != before["asked"]["space"]
        )
        return (dict(before["space"]), int(before.get("moves", 1))) if same else ({}, 0)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """A folder's manifest. Raises `InputError` where there is none that can be read."""
        return cls(folder / "search.json", read_search_file(folder))

    def write(self, **more: object) -> None:
        """Write the file, with further entries."""
        self.content |= more
        text = json_text(self.content, indent=1)
        parse_json(text, SEARCH_FILE)
        self.store.write(self.path, text)

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that this search, or one that it extends, has had in its space, the first ones first."""
        return tuple(self.content.get("fields") or self.content["space"])

    def nothing_completed(self, records: Sequence[Record]) -> Diagnostic:
        """The error of a search in which nothing was completed."""
        if not records:
            message = "no candidate that was drawn is within the constraints"
            remedy = "widen the ranges or loosen the constraints"
            return Diagnostic(message, file=shown(self.path.parent), remedy=remedy)
        reasons = Counter(record.reason for record in records)
        counts = "; ".join(f"{reason} ({count})" for reason, count in reasons.most_common(3))
        return Diagnostic(
            f"none of {counted(len(records), 'trial')} was completed: {counts}",
            file=shown(self.path.parent),
            remedy="lower the learning rates of the space, or see the trials' files for more",
        )


def identity(hyperspec: HyperSpec, dataset: Dataset) -> dict[str, Any]:
    """What a search is: equal for the same spec, space and images, and for no others."""
    tune = hyperspec.tune
    own, written = check(hyperspec.constraint_check.plain), tune.model_dump(exclude={"space"})
    return json.loads(  # type: ignore[no-any-return]
        json.dumps(
            {
                "network": own.name,
                "name": own.name,
                "fingerprint": own.fingerprint,
                "data": {"name": dataset.name, "fingerprint": dataset.fingerprint, "description": repr(dataset)},
                "objective": {"name": tune.objective.name, "direction": Metric.of(tune.objective).direction},
                **{name: written[name] for name in ("strategy", "seed", "abort", "pruning", "folds", "runs")},
                **_extendable(hyperspec),
                **conditions(weights_of(hyperspec.spec, tune)),
            }
        )
    )


def _extendable(hyperspec: HyperSpec) -> dict[str, object]:
    """The parts of a search that `EXTENDABLE` names."""
    return {
        "space": {dimension.path: dimension.describe() for dimension in hyperspec.space},
        "constraints": dict(hyperspec.tune.constraints),
        "stages": [stage.model_dump() for stage in hyperspec.tune.stages],
    }


def _refuse(path: Path, before: Mapping[str, object], now: Mapping[str, object], extend: bool) -> None:
    """Raise where a folder's search is another one, and say what differs."""

    def of(names: Sequence[str]) -> list[tuple[str, object, object]]:
        return [found for name in names for found in differences(before.get(name), now[name], name)]

    extendable = "--extend goes on with this and keeps the trials; else name another --out"
    for found, remedy in (
        (of(FIXED) + changed_conditions(before, now), "this cannot change within a search; name another --out"),
        ([] if extend else of(EXTENDABLE), extendable),
    ):
        if changes := [f"{where} was {_short(old)} and is {_short(new)}" for where, old, new in found]:
            raise InputError(f"holds another search: {'; '.join(changes)}", file=shown(path.parent), remedy=remedy)


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else text[:77] + "..."


def summarized(
    records: Sequence[Record],
    best: Record,
    warnings: Sequence[BoundaryWarning],
    oracle: keras_tuner.Oracle,
    space: Sequence[Dimension],
) -> dict[str, Any]:
    """What a search found, for its manifest."""
    states = Counter(record.state for record in records)
    plans = getattr(oracle, "plans", [])
    return {
        "plans": [
            {
                "trials": len(plan.candidates),
                "epochs": plan.stage.epochs,
                "narrow_to": plan.stage.narrow_to,
                "ranges": {one.path: plan.regions[one.path].describe(one) for one in space},
                "refused": dict(plan.refused),
            }
            for plan in plans
        ],
        "best": {name: getattr(best, name) for name in Best.model_fields} | {"trial": trial_name(best)},
        "warnings": [warning.describe() for warning in warnings],
        "trials": {state: states.get(state, 0) for state in FINISHED},
        "seconds": max((record.finished for record in records), default=0.0),
    }
