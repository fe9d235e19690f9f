"""Runs of training: of one network, and of the members of an ensemble, in their folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import keras

from ..data import Dataset
from ..files import locked, shown
from ..interrupts import safe_points
from ..language import Spec
from ..language.diagnostics import InputError
from ..output_paths import check_ensemble_folder
from ..reports.evaluation import write_evaluation
from ..training.checkpoint import has_ended
from ..training.ensemble import score_ensemble
from ..training.history import read_run
from ..training.predictor import Predictor
from ..training.result import Result, Results, read_result
from ..training.run_folder import open_run
from ..training.saving import read_inputs
from ..training.train import describe_network, train_spec
from .sources import say


class Runs(NamedTuple):
    """What the runs of a call have in common; with `verbose` they print what the command prints."""

    dataset: Dataset
    devices: int
    resume: bool
    verbose: bool

    def tell(self, line: str) -> None:
        """Print a line, if anything is to be printed."""
        if self.verbose:
            say(line)

    def one(self, spec: Spec, folder: Path | None, longer: bool) -> Result:
        """Train one network; with `longer` for as many epochs as the run in the folder was started for."""
        return self.train(self.as_long_as_begun(spec, folder) if longer and folder else spec, folder)

    def ensemble(self, spec: Spec, folder: Path, members: int, longer: bool) -> Results:
        """Train the members of an ensemble, and score them together."""
        with locked(folder):
            check_ensemble_folder(folder, members, resume=self.resume)  # now that nobody else writes there
            if longer:
                spec = self.as_long_as_begun(spec, folder / "member_1")
            return Results(self.train_members(spec, folder, members))

    def as_long_as_begun(self, spec: Spec, folder: Path) -> Spec:
        """The spec with as many epochs as the run in a folder was started for, where these are more than the spec's."""
        try:
            epochs = read_run(folder).recipe.epochs
        except InputError:  # the run itself says what is wrong with it
            return spec
        if epochs <= spec.train.epochs:
            return spec
        self.tell(
            f"{shown(folder)}: was started for {epochs} epochs, not the {spec.train.epochs} of the spec, and goes on "
            "to them; --epochs names another number"
        )
        return spec.with_overrides({"train.epochs": epochs})

    def train(self, spec: Spec, folder: Path | None, resume: bool | None = None) -> Result:
        """Train one network, and show in its folder what it does on images."""
        resume = self.resume if resume is None else resume
        with safe_points(lambda: _how_to_go_on(folder)):
            result = train_spec(
                spec, self.dataset, folder, devices=self.devices, resume=resume, say=say if self.verbose else None
            )
            files = _outcome(result.model, self.dataset, folder) if folder is not None else []
        self.tell(summary(result, files))
        return result

    def train_members(self, spec: Spec, folder: Path, members: int) -> Iterator[Result]:
        """Train each member in a folder of its own, then score their averaged probabilities."""
        for number in range(1, members + 1):
            place = folder / f"member_{number}"
            member = spec.with_overrides({"train.seed": spec.train.seed + number - 1})
            if self.resume and (result := _finished(member, self.dataset, place)) is not None:
                yield result
                continue
            self.tell(f"member {number} of {members}, seed {member.train.seed}")
            yield self.train(member, place, self.resume and (place / "run.json").exists())

        for line in score_ensemble(folder, self.dataset):
            self.tell(line)


def _finished(spec: Spec, dataset: Dataset, folder: Path) -> Result | None:
    """What came out of a run that has ended; None where it has to go on, or files of its end to be written again.

    Raises `InputError` where the run of the folder is another one than is asked for.
    """
    try:
        if read_run(folder).recipe.epochs != spec.train.epochs:
            return None
        if not has_ended(folder / "checkpoint.npz", spec.train.epochs):
            return None
    except InputError:  # the run itself says what is wrong with it
        return None
    open_run(folder, spec.train, dataset, describe_network(spec), resume=True)
    return read_result(folder)


def _how_to_go_on(folder: Path | None) -> str:
    if folder is None or not (folder / "checkpoint.npz").exists():
        return ""
    return f"{folder} holds the last whole epoch; the same command with --resume goes on"


def _outcome(model: keras.Model, dataset: Dataset, folder: Path) -> list[str]:
    """Show in `folder` what the network does on the test images, or else the validation images; the files' names."""
    predictor = Predictor((model,), (read_inputs(folder / "model.keras"),))
    part, x, y = "test", dataset.x_test, dataset.y_test
    if x is None or y is None:
        part, x, y = "validation", dataset.x_val, dataset.y_val
    return write_evaluation(folder, predictor, x, y, dataset.pixel_range, part)[1]


def summary(result: Result, further: list[str]) -> str:
    """The figures, and a line with the files, if there are any."""
    if result.folder is None:
        return str(result)
    files = ["model.keras", "history.csv", "history.json", "curves.png", "result.json", *further]
    return f"{result}\n{result.folder}: {', '.join(files)}"
