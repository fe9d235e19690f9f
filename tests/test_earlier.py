"""What an earlier version wrote is read: runs go on, searches are shown, extended and taken up, models are used.

`tests/earlier` was written by convspec at commit a83786a of 22 November 2026: a run, a run and a search that were stopped,
a search, and what they were made from.
"""

import csv
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

import convspec
from convspec.cli import main

FILES = Path(__file__).parent / "earlier"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("earlier") / "files"
    shutil.copytree(FILES, folder)
    return folder


@pytest.fixture(autouse=True)
def inside(folder, monkeypatch):
    monkeypatch.chdir(folder)


def trials(folder):
    """Values, scores and histories by key."""
    found = [json.loads(path.read_text()) for path in Path(folder, "trials").glob("*.json")]
    return {trial["key"]: (trial["values"], trial["score"], trial["history"]) for trial in found}


def rows(folder):
    return json.loads(Path(folder, "history.json").read_text())


def weights(folder):
    from convspec.training.predictor import load_model

    return [array.tolist() for array in load_model(Path(folder, "model.keras")).get_weights()]


def numbers(row):
    return {name: value for name, value in row.items() if name != "seconds"}


def test_a_run_that_was_stopped_goes_on_as_it_would_have(folder, capsys):
    """The last epoch is that of the earlier version's own run that was not stopped."""
    assert main(["train", "tiny.yaml", "--data", "data.npz", "--out", "stopped", "--resume"]) == 0
    found, whole = rows("stopped"), rows("run")
    assert found[:2] == rows(FILES / "stopped")
    assert len(found) == 3
    assert numbers(found[2]) == pytest.approx(numbers(whole[2]), rel=1e-4)
    assert "epoch 3/3" in capsys.readouterr().out


def test_a_run_that_was_not_begun_so_is_still_another_one(folder, capsys):
    command = ["train", "tiny.yaml", "--data", "data.npz", "--out", "run", "--resume"]
    assert main([*command, "--set", "train.precise_batch_norm=64"]) == 1
    assert "recipe.precise_batch_norm was None and is 64" in capsys.readouterr().err
    before = weights("run")
    assert main(command) == 0
    assert rows("run") == rows(FILES / "run")
    assert weights("run") == before


def test_a_run_is_used(folder, capsys):
    result = json.loads(Path("run", "result.json").read_text())
    scores = convspec.evaluate("run", "data.npz")
    assert scores.accuracy == pytest.approx(result["val_accuracy"])
    with Image.open(FILES / "image.png") as image:
        assert image.size == (6, 6)
    ((_, probabilities),) = convspec.predict("run", FILES / "image.png")
    assert sum(probabilities.values()) == pytest.approx(1)
    ((_, seen),) = convspec.explain("run", FILES / "image.png", out="seen.png")
    assert seen.class_name == max(probabilities, key=probabilities.get)
    assert convspec.export("run", "tflite", "run.tflite").difference < 1e-5
    assert convspec.load("run/model.keras").fingerprint == json.loads(Path("run/run.json").read_text())["fingerprint"]
    assert convspec.report("run", "run.html").stat().st_size > 10_000
    assert convspec.train("tiny.yaml", "data.npz", finetune="run", epochs=1).epoch == 1


def test_a_search_is_shown_and_reported(folder, capsys):
    for name, count in (("search", 5), ("half", 3)):
        assert main(["tune", "--show", name]) == 0
        assert capsys.readouterr().out.endswith(f"\n{count} completed\n")
        assert convspec.report(name, f"{name}.html").stat().st_size > 10_000


def test_a_finished_search_is_not_searched_again(folder, capsys):
    before, spec = trials("search"), convspec.load("search/best.yaml")
    assert main(["tune", "tuned.yaml", "--data", "data.npz", "--out", "search"]) == 0
    out = capsys.readouterr().out
    assert (
        "\nthe search is finished: 5 trials, 5 of another version of convspec, which may have trained otherwise" in out
    )
    assert trials("search") == before
    assert convspec.load("search/best.yaml").fingerprint == spec.fingerprint
    with Path("search", "trials.csv").open() as file:
        assert sorted(row["trial"] for row in csv.DictReader(file)) == ["0000", "0001", "0002", "0003", "0004"]
    assert convspec.evaluate("search/best.keras", "data.npz").accuracy == pytest.approx(
        max(score for _, score, _ in before.values())
    )


def test_a_search_that_was_stopped_goes_on(folder):
    before = trials("half")
    found = convspec.tune("tuned.yaml", "data.npz", out="half")
    after = trials("half")
    assert {key: after[key] for key in before} == before
    assert [record.trial for record in found.records] == [0, 1, 2, 3, 4]
    assert after.keys() == trials(FILES / "search").keys()  # the same candidates as the search that was not stopped


def test_a_search_is_extended(folder):
    before = trials("search")
    found = convspec.tune("tuned.yaml", "data.npz", out="search", extend=True, overrides={"tune.stages[1].trials": 2})
    after = trials("search")
    assert {key: after[key] for key in before} == before
    assert len(found.records) == len(after) == 6
