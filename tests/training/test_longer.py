"""A run goes on to more epochs than it was started for, and is then the longer run; or it says why it cannot."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import keras
import numpy as np
import pytest

from convspec.cli import main
from convspec.language.schedule import Schedule
from convspec.training.predictor import OlderModelWarning, load_predictor
from convspec.training.recorder import Recorder
from convspec.training.schedules import learning_rate

SPEC = """
name: tiny
input: [8, 8, 1]
classes: 10
body: [conv3-4, maxpool2/2]
head: {{flatten: true, fc: [8], dropout: 0.2}}
train: {{epochs: 2, batch_size: 128, schedule: {schedule}, {more}}}
"""
SCHEDULES = {
    "step": "{name: step, every: 1.5, factor: 0.3, warmup: 0.5}",
    "plateau": "{name: plateau, patience: 1}",
}


def write(folder: Path, schedule: str, more: str = "ema: 0.9, mixup: 0.2") -> str:
    (folder / "tiny.yaml").write_text(SPEC.format(schedule=schedule, more=more))
    return str(folder / "tiny.yaml")


def train(spec: str, out: Path, *arguments: str) -> int:
    return main(["train", spec, "--data", "digits", "--out", str(out), *arguments])


def rows(folder: Path) -> list[dict[str, float]]:
    return [
        {name: value for name, value in row.items() if name != "seconds"}
        for row in json.loads((folder / "history.json").read_text())
    ]


def same(first: Path, second: Path) -> bool:
    """Whether two runs have the same history and the same weights, bit for bit."""
    models = [keras.models.load_model(folder / "model.keras", compile=False) for folder in (first, second)]
    pairs = zip(*(model.get_weights() for model in models), strict=True)
    return rows(first) == rows(second) and all(np.array_equal(one, other) for one, other in pairs)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A spec with a constant rate, and its run of two epochs."""
    folder = tmp_path_factory.mktemp("finished")
    spec, out = write(folder, "{name: constant}", "ema: null"), folder / "run"
    assert train(spec, out) == 0
    return spec, out


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_a_run_that_goes_on_is_the_longer_run(tmp_path: Path, schedule: str) -> None:
    spec = write(tmp_path, schedule)
    assert train(spec, tmp_path / "whole", "--epochs", "4") == 0
    assert train(spec, tmp_path / "run") == 0
    assert train(spec, tmp_path / "run", "--resume", "--epochs", "4") == 0
    assert same(tmp_path / "run", tmp_path / "whole")
    assert json.loads((tmp_path / "run" / "run.json").read_text())["recipe"]["epochs"] == 4


@pytest.mark.parametrize("name", get_args(Schedule.model_fields["name"].annotation))
def test_what_cannot_go_on_is_what_depends_on_the_number_of_epochs(name: str) -> None:
    schedule = Schedule(name=name, warmup=0.5)
    rates = [[learning_rate(schedule, 0.1, epoch / 4, epochs) for epoch in range(12)] for epochs in (3, 7)]
    assert (rates[0] != rates[1]) == schedule.kind.needs_length


def test_a_cosine_cannot_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec, out = write(tmp_path, "{name: cosine}"), tmp_path / "run"
    assert train(spec, out) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.name != ".lock"}
    capsys.readouterr()
    assert train(spec, out, "--resume", "--epochs", "5") == 1
    assert capsys.readouterr().err == (
        f"{out}: train.epochs: was started for 2 epochs and cannot go on to 5: with the schedule cosine the rate of every "
        "epoch depends on their number, so that its first 2 would have been others\n"
        "  train all 5 epochs into another --out; or go on with another schedule from its weights: "
        f"--finetune {out} --freeze none and another --out\n"
    )
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.name != ".lock"} == before


def test_fewer_epochs_than_are_done_are_an_error(
    finished: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    spec, out = finished
    assert train(spec, out, "--resume", "--epochs", "1") == 1
    assert "2 epochs are done already, more than the 1 that are asked for" in capsys.readouterr().err


def test_another_change_beside_it_is_another_run(
    finished: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    spec, out = finished
    assert train(spec, out, "--resume", "--epochs", "3", "--seed", "7") == 1
    assert "; recipe.epochs was 2 and is 3; recipe.seed was" in capsys.readouterr().err


def test_the_last_phase_of_finetuning_goes_on(finished: tuple[str, Path], tmp_path: Path) -> None:
    tuned = write(
        tmp_path,
        "{name: constant}",
        f"finetune: {{weights: '{finished[1]}', freeze: all, unfreeze: [{{after: 1, freeze: none}}]}}",
    )
    assert train(tuned, tmp_path / "whole", "--epochs", "3") == 0
    assert train(tuned, tmp_path / "run") == 0
    assert train(tuned, tmp_path / "run", "--resume", "--epochs", "3") == 0
    assert same(tmp_path / "run", tmp_path / "whole")


def test_all_members_of_an_ensemble_go_on(tmp_path: Path) -> None:
    spec = write(tmp_path, "{name: constant}")
    assert train(spec, tmp_path / "whole", "--ensemble", "2", "--epochs", "3") == 0
    assert train(spec, tmp_path / "run", "--ensemble", "2") == 0
    assert train(spec, tmp_path / "run", "--ensemble", "2", "--resume", "--epochs", "3") == 0
    for member in ("member_1", "member_2"):
        assert same(tmp_path / "run" / member, tmp_path / "whole" / member)


def test_a_run_that_was_started_for_more_epochs_than_the_spec_has_goes_on_to_those(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, out = write(tmp_path, "{name: constant}", "ema: null"), tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "on_epoch_end", stopping_after(1, Recorder.on_epoch_end))
        assert train(spec, out, "--epochs", "3") == 130
    capsys.readouterr()
    assert train(spec, out, "--resume") == 0
    said = (
        f"{out}: was started for 3 epochs, not the 2 of the spec, and goes on to them; --epochs names another number\n"
    )
    assert said in capsys.readouterr().out
    assert len(rows(out)) == 3
    assert json.loads((out / "run.json").read_text())["recipe"]["epochs"] == 3
    assert train(spec, out, "--resume") == 0  # and stays so
    assert len(rows(out)) == 3


def stopping_after(epochs: int, method: Callable[..., None]) -> Callable[..., None]:
    def stopped(self: Recorder, epoch: int, logs: Any = None) -> None:
        method(self, epoch, logs)
        if epoch + 1 == epochs:
            raise KeyboardInterrupt

    return stopped


def test_a_model_of_before_a_run_went_on_is_used_with_a_warning(
    finished: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, out = finished[0], tmp_path / "run"
    shutil.copytree(finished[1], out)
    load_predictor(out)  # without
    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "on_epoch_end", stopping_after(3, Recorder.on_epoch_end))
        assert train(spec, out, "--resume", "--epochs", "4") == 130
    told = (
        "model.keras is from the end of epoch 2, but its run has gone on to epoch 3; the command that trains it, with"
    )
    with pytest.warns(OlderModelWarning, match=told):
        load_predictor(out)
    assert train(spec, out, "--resume") == 0
    load_predictor(out)


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("{")], ids=["removed", "damaged"])
@pytest.mark.parametrize("name", ["history.json", "history.csv"])
def test_a_lost_table_of_a_finished_run_comes_back(
    finished: tuple[str, Path], name: str, damage: Callable[[Path], Any]
) -> None:
    spec, out = finished
    before = (out / name).read_bytes()
    damage(out / name)
    assert train(spec, out, "--resume") == 0
    assert (out / name).read_bytes() == before
