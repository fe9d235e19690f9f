"""A search folder with known contents, for tests: the score is best near learning_rate 1e-3, l2 1e-4, fc 128."""

from __future__ import annotations

import csv
import json
import math
import random
from pathlib import Path

RATE, PENALTY, WIDTH = "train.optimizer.learning_rate", "train.l2", "head.fc[0]"
SPEC = """name: small
input: [8, 8, 1]
classes: 10
body: [conv3-8, maxpool2/2]
head: {flatten: true, fc: [128]}
train: {optimizer: {name: adam, learning_rate: 0.01}, l2: 1.0e-4}
"""


def score_of(rate: float, penalty: float, width: int) -> float:
    """The score that a trial with these values reaches."""
    return 0.97 - 0.03 * (math.log10(rate) + 3) ** 2 - 0.01 * (math.log10(penalty) + 4) ** 2 - (0.02 * (width != 128))


def write_search(folder: Path, trials: int = 40, seed: int = 0) -> Path:
    """Two stages; every seventh trial is aborted for its loss."""
    generator = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    rows, history, finished = [], [], 0.0
    for index in range(trials):
        stage = 0 if index == 0 else 1 if index < trials * 2 // 3 else 2
        spread = 1.0 if stage < 2 else 0.3
        rate = 10 ** (-3 + spread * generator.uniform(-2, 2)) if index else 1e-2
        penalty = 10 ** (-4 + spread * generator.uniform(-2, 4)) if index else 1e-4
        width = generator.choice([64, 128, 256]) if index else 128
        aborted, epochs = index % 7 == 6, (3 if stage < 2 else 6)
        score = round(max(0.1, score_of(rate, penalty, width)), 4)
        finished += 2.5 * epochs
        reason = f"loss {4 + index / 10:.2f} is above 3 * 2.30 after epoch 1" if aborted else ""
        rows.append({
            "trial": f"{index:04d}", "stage": stage, "state": "aborted" if aborted else "completed",
            "score": "" if aborted else score, "epochs": 1 if aborted else epochs, "seconds": 2.5 * epochs,
            "finished": round(finished, 1), "reason": reason, "parameters": 18_000 + 10 * width,
            RATE: rate, PENALTY: penalty, WIDTH: width,
        })  # fmt: skip
        for epoch in range(1, (1 if aborted else epochs) + 1):
            share = 1 - math.exp(-epoch)
            history.append({
                "trial": f"{index:04d}", "stage": stage, "epoch": epoch, "loss": 2.3 - 2 * share * score,
                "accuracy": share * score, "val_loss": 2.4 - 2 * share * score, "val_accuracy": share * score,
            })  # fmt: skip
    _write(folder / "trials.csv", rows)
    _write(folder / "history.csv", history)
    best = max((row for row in rows if row["score"] != ""), key=lambda row: row["score"])
    (folder / "search.json").write_text(json.dumps(_info(rows, best, trials, finished), indent=1))
    (folder / "best.yaml").write_text(SPEC)
    return folder


def _info(rows: list[dict], best: dict, trials: int, finished: float) -> dict:  # type: ignore[type-arg]
    space = {
        RATE: {"kind": "log_uniform", "range": [1e-5, 1e-1]},
        PENALTY: {"kind": "log_uniform", "range": [1e-6, 1.0]},
        WIDTH: {"kind": "choice", "values": [64, 128, 256]},
    }
    coarse = {"trials": trials * 2 // 3, "epochs": 3, "narrow_to": None}
    fine = {"trials": trials - trials * 2 // 3, "epochs": 6, "narrow_to": 5}
    ranges = [
        {RATE: [1e-5, 1e-1], PENALTY: [1e-6, 1.0], WIDTH: [64, 128, 256]},
        {RATE: [5e-4, 2e-3], PENALTY: [5e-5, 1.6e-3], WIDTH: [128, 256]},
    ]
    return {
        "format": 1, "network": "0" * 32, "name": "small", "fingerprint": "0" * 32,
        "data": {"name": "digits", "fingerprint": "0" * 16, "description": "digits"},
        "objective": {"name": "val_accuracy", "direction": "max"}, "strategy": "random", "seed": 0,
        "abort": 3.0, "pruning": None, "folds": None, "runs": 1, "space": space, "constraints": {},
        "stages": [coarse, fine], "asked": {"space": space, "constraints": {}, "stages": [coarse, fine]},
        "started": "2026-01-01T00:00:00",
        "plans": [stage | {"ranges": own, "refused": {}} for stage, own in zip([coarse, fine], ranges, strict=True)],
        "best": {"trial": best["trial"], "key": "0" * 32, "score": best["score"], "deviation": None,
                 "epochs": best["epochs"], "best_epoch": best["epochs"],
                 "values": {path: best[path] for path in (RATE, PENALTY, WIDTH)}},
        "warnings": [{"path": PENALTY, "value": 1.2e-6, "range": [1e-6, 1.0], "side": "lower", "wider": [1e-8, 1.0],
                      "probability": 0.01,
                      "text": "train.l2: the best value 1.2e-06 lies at the lower edge of 1e-06 to 1; widen to 1e-08"}],
        "trials": {"completed": sum(row["state"] == "completed" for row in rows),
                   "aborted": sum(row["state"] == "aborted" for row in rows), "failed": 0},
        "seconds": finished,
    }  # fmt: skip


def _write(path: Path, rows: list[dict]) -> None:  # type: ignore[type-arg]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
