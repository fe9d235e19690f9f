"""The folder of a run while it is trained: begun or taken up again, and one process's at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ..data.dataset import Dataset
from ..files import locked, shown
from ..json_files import differences, json_text
from ..language.diagnostics import Diagnostic, InputError
from ..language.recipe import Recipe
from ..output_paths import check_run_folder
from .earlier_runs import as_begun
from .history import read_run, write_json
from .more_epochs import may_go_on

COMPUTED = ("checkpoint.npz", "history.json", "model.keras")
"""The files of a folder that hold what at least one epoch came to."""


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
                with suppress(OSError):  # what failed first is what to tell of
                    for name in ("best.npz", "run.json"):
                        (folder / name).unlink(missing_ok=True)
            raise


def open_run(folder: Path, recipe: Recipe, dataset: Dataset, about: Mapping[str, object], *, resume: bool) -> Recipe:
    """Start a run's folder, or check that the run in it is this one; the recipe that it goes on with.

    That differs only where an earlier version began the run. Raises `InputError`.
    """
    path, description = folder / "run.json", _describe(recipe, dataset, about)
    check_run_folder(folder, resume=resume)
    if not path.exists():
        write_json(path, description)
        return recipe
    before = read_run(folder).model_dump()
    recipe, before["recipe"] = as_begun(recipe, before["recipe"])
    description = _describe(recipe, dataset, about)
    now = json.loads(json_text(description))
    found = {key: (old, new) for key, old, new in differences(before, now)}
    for name in ("graph", "backend"):
        if name not in before:  # as an earlier version wrote it
            found.pop(name, None)
    if may_go_on(found, folder, recipe, same_graph="graph" in before):
        write_json(path, description)
        return recipe
    changes = [f"{key} was {old!r} and is {new!r}" for key, (old, new) in found.items()]
    if changes:
        raise InputError(
            Diagnostic(
                f"holds another run: {'; '.join(changes)}",
                file=shown(folder),
                remedy="resume with what it was started with, or name another --out",
            )
        )
    return recipe


def _describe(recipe: Recipe, dataset: Dataset, about: Mapping[str, object]) -> dict[str, object]:
    data = {"name": dataset.name, "fingerprint": dataset.fingerprint, "description": repr(dataset)}
    return {**about, "data": data, "recipe": recipe.model_dump(mode="json")}
