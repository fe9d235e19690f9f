"""The folder of a run while it is trained: begun or taken up again, and one process's at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..data.dataset import Dataset
from ..files import locked, shown
from ..json_files import differences, json_text
from ..language.diagnostics import InputError
from ..language.recipe import Recipe
from ..output_paths import check_run_folder
from .checkpoint import epochs_done
from .conditions import CONDITIONS, changed, conditions
from .history import read_run, write_json

COMPUTED = ("checkpoint.npz", "history.json", "model.keras")
"""The files of a folder that hold what at least one epoch came to."""

SINCE: dict[str, Any] = {"precise_batch_norm": None, "augmentation.fill_mode": "nearest"}
"""Fields that recipes have had since the first `run.json` files, with the values that do what was done before."""


@contextmanager
def begun(
    folder: Path, recipe: Recipe, dataset: Dataset, about: Mapping[str, object], *, resume: bool
) -> Iterator[Recipe]:
    """Start or open a run's folder, which is this process's meanwhile; yields the recipe that the run goes on with.

    What fails inside before an epoch was finished leaves no run to be in the way.
    """
    with locked(folder):
        fresh = not (folder / "run.json").exists()
        recipe = open_run(folder, recipe, dataset, about, resume=resume)
        try:
            yield recipe
        except BaseException:
            if fresh and not any((folder / name).exists() for name in COMPUTED):
                with suppress(OSError):  # what failed first is what to report
                    for name in ("best.npz", "run.json"):
                        (folder / name).unlink(missing_ok=True)
            raise


def open_run(folder: Path, recipe: Recipe, dataset: Dataset, about: Mapping[str, object], *, resume: bool) -> Recipe:
    """Start a run's folder, or check that the run in it is this one; the recipe that it goes on with.

    That differs only where an earlier version began the run. Raises `InputError`.
    """
    check_run_folder(folder, resume=resume)
    path, description = folder / "run.json", _describe(recipe, dataset, about)
    if not path.exists():
        write_json(path, description)
        return recipe
    before = read_run(folder).model_dump()
    recipe, before["recipe"] = as_begun(recipe, before["recipe"])
    description["recipe"] = recipe.model_dump(mode="json")
    now = json.loads(json_text(description))
    was, wanted = ({key: value for key, value in one.items() if key not in CONDITIONS} for one in (before, now))
    found = {key: (old, new) for key, old, new in (*differences(was, wanted), *changed(before, now))}
    if "graph" not in before:  # as an earlier version wrote it
        found.pop("graph", None)
    if may_go_on(found, folder, recipe, same_graph="graph" in before):
        write_json(path, description)
        return recipe
    changes = [f"{key} was {old!r} and is {new!r}" for key, (old, new) in found.items()]
    if changes:
        raise InputError(
            f"holds another run: {'; '.join(changes)}",
            file=shown(folder),
            remedy="resume with what it was started with, or name another --out",
        )
    return recipe


def _describe(recipe: Recipe, dataset: Dataset, about: Mapping[str, object]) -> dict[str, object]:
    data = {"name": dataset.name, "fingerprint": dataset.fingerprint, "description": repr(dataset)}
    weights = [] if recipe.finetune is None else [recipe.finetune.weights]
    return {**about, **conditions(weights, recipe), "data": data, "recipe": recipe.model_dump(mode="json")}


def as_begun(recipe: Recipe, written: Mapping[str, Any]) -> tuple[Recipe, dict[str, Any]]:
    """The recipe of a run as the version that wrote its `run.json` understood it, and what it would write now.

    A field that the file does not have gets the value that changes nothing: in the recipe, unless it is set there to
    another value than its default, and in the copy of what was `written`.
    """
    whole = {name: dict(value) if isinstance(value, dict) else value for name, value in written.items()}
    for path, value in SINCE.items():
        *sections, name = path.split(".")
        part = whole
        for section in sections:
            part = part.setdefault(section, {})
        if name not in part:
            part[name] = value
            recipe = _with(recipe, sections, name, value)
    return recipe, whole


def _with(part: Any, sections: list[str], name: str, value: Any) -> Any:
    """A recipe, or a section of it, with a field changed that has its default."""
    if sections:
        inner = _with(getattr(part, sections[0]), sections[1:], name, value)
        return part.model_copy(update={sections[0]: inner})
    default = type(part).model_fields[name].default
    return part.model_copy(update={name: value}) if getattr(part, name) == default else part


def may_go_on(changed: Mapping[str, tuple[Any, Any]], folder: Path, recipe: Recipe, *, same_graph: bool) -> bool:
    """Whether a run differs from the one in its folder in the number of epochs alone, and can be resumed with the new.

    `changed` holds for each differing field what it was and what it is. A spec's fingerprint covers the recipe and so
    differs, too; `same_graph` says that the network is known to be the same. Training is then that of a run with the
    new number from the start. Raises `InputError` with the reason if the epochs that are done would have been others.
    """
    if changed.keys() - {"fingerprint"} != {"recipe.epochs"} or ("fingerprint" in changed and not same_graph):
        return False
    was, wanted = changed["recipe.epochs"]
    checkpoint = folder / "checkpoint.npz"
    done = epochs_done(checkpoint) if checkpoint.exists() else 0
    if wanted < done:
        message = f"{done} epochs are done already, more than the {wanted} that are asked for"
        raise InputError(message, file=shown(folder), path="train.epochs", remedy="name another --out")
    if done and recipe.schedule.kind.needs_length:
        message = (
            f"was started for {was} epochs and cannot go on to {wanted}: with the schedule {recipe.schedule.name} the "
            f"rate of every epoch depends on their number, so that its first {done} would have been others"
        )
        remedy = (
            f"train all {wanted} epochs into another --out; or go on with another schedule from its weights: "
            f"--finetune {shown(folder)} --freeze none and another --out"
        )
        raise InputError(message, file=shown(folder), path="train.epochs", remedy=remedy)
    return True
