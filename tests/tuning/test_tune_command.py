"""What `convspec tune` prints at the end of a search."""

from types import SimpleNamespace

import pytest

from convspec import load
from convspec.tuning.boundary_warnings import BoundaryWarning
from convspec.tuning.search_result import SearchResult, repeated, summary
from convspec.tuning.store import Record

from .specs import document

STATES = ("completed", "completed", "aborted", "pruned", "failed", "failed", "failed")


def test_what_a_search_says_at_its_end(tmp_path):
    records = [
        Record(f"key{number}", number, 1, {"train.l2": 0.25}, state, score=0.5, trial=number)
        for number, state in enumerate(STATES)
    ]
    warnings = (BoundaryWarning("train.l2", 1e-4, 1e-4, 1.0, "lower", (1e-6, 1.0), 0.01),)
    pictures = (tmp_path / "pairs.png",)
    files = f"{tmp_path}: best.yaml, best.keras, trials.csv, history.csv, search.json, pairs.png"
    spoken = summary(SearchResult(tmp_path, tuple(records), records[1], warnings, 75.0, pictures))
    assert spoken == [
        "2 completed, 1 aborted, 1 pruned, 3 failed in 1 min 15 s",
        "best: trial 0001  0.5000  l2: 0.25",
        f"warning: {warnings[0]}",
        files,
    ]
    written = summary(SearchResult(tmp_path, tuple(records[:2]), records[0], (), 0.5, pictures))
    assert written == ["2 completed in 0.5 s", "best: trial 0000  0.5000  the spec as written  l2: 0.25", files]


@pytest.mark.parametrize(
    ("recipe", "cards", "deviation", "reason"),
    [
        ({}, [], None, ""),
        ({}, [], 0.1, "the score is the mean of several trainings"),
        ({}, ["GPU:0"], None, "trials on a GPU are compiled by XLA"),
        ({"deterministic": False}, [], None, "train.deterministic is false"),
        (
            {"deterministic": False, "jit_compile": True}, [], None,
            "train.jit_compile is true; train.deterministic is false",
        ),
    ],
)  # fmt: skip
def test_why_training_the_best_spec_may_not_repeat_its_trial(tmp_path, monkeypatch, recipe, cards, deviation, reason):
    monkeypatch.setattr("convspec.tuning.search_result.gpus", lambda: cards)
    found = SimpleNamespace(folder=tmp_path, best=SimpleNamespace(deviation=deviation))
    assert repeated(found) == []
    spec = document()
    spec["train"] |= recipe
    (tmp_path / "best.yaml").write_text(load(spec).to_yaml())
    said = f"training best.yaml may give other figures than its trial: {reason}"
    assert repeated(found) == [said if reason else "training best.yaml on this machine repeats its trial, bit for bit"]
