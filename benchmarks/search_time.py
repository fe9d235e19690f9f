"""Time to equal accuracy: how long each search takes to reach the best of 60 stock random trials.

Each search of each seed is one process; `python -m benchmarks.search_time digits random 1` runs a single one and
appends it to `runs/benchmarks/search_time.jsonl`, from which the table is made, so that a long benchmark can be
taken up again. Within a data set the processes run one after the other, the methods of a seed in turn.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

RESULTS = Path("runs/benchmarks/search_time.jsonl")
SEEDS = (1, 2, 3, 4, 5)
TRIALS, EPOCHS = 60, 3
DATA = {"digits": None, "fashion_mnist": 10_000}
METHODS = ("random", "staged", "bayesian", "hyperband")
"""Stock KerasTuner's, but for `staged`, which is ours."""

STAGES = [{"trials": 30, "epochs": 1}, {"trials": 20, "epochs": 3, "narrow_to": 5}, {"trials": 10, "epochs": 6}]


def run() -> list[str]:
    """Run what is missing; rows: data, method, best, seconds to stock random's best, share of stock's time."""
    for data in DATA:
        for seed in SEEDS:
            for method in METHODS:
                if (data, method, seed) not in _results():
                    subprocess.run(
                        [sys.executable, "-m", f"{__package__}.search_time", data, method, str(seed)], check=True
                    )
    return table()


def table() -> list[str]:
    """The rows for the results so far; a search that did not reach the best counts as infinitely long."""
    found = _results()
    rows = [
        "| data | search | seeds | best, median | time, median | reached stock's best | share of its time, median |",
        "|---|---|---|---|---|---|---|",
    ]
    for data in DATA:
        for method in METHODS:
            seeds = [seed for seed in SEEDS if (data, method, seed) in found and (data, "random", seed) in found]
            if not seeds:
                continue
            curves = [found[data, method, seed] for seed in seeds]
            stocks = [found[data, "random", seed] for seed in seeds]
            shares = [_reached(curve, _best(stock)) / stock[-1][0] for curve, stock in zip(curves, stocks, strict=True)]
            times = f"{median(curve[-1][0] for curve in curves):.0f} s"
            best = f"{median(_best(curve) for curve in curves):.4f}"
            reached = f"{sum(math.isfinite(share) for share in shares)} of {len(shares)}"
            share = median(shares)
            rows.append(
                f"| {data} | {method} | {len(seeds)} | {best} | {times} | {reached} | "
                f"{f'{share:.2f}' if math.isfinite(share) else 'not reached'} |"
            )
    return [*rows, "", *_by_seed(found)]


def _by_seed(found: dict[tuple[str, str, int], list[list[float]]]) -> list[str]:
    """The staged search beside stock's random one, seed by seed."""
    rows = [
        "| data | seed | stock: time, best | staged: time, best | reached stock's best after | share of stock's time |",
        "|---|---|---|---|---|---|",
    ]
    for data, method, seed in sorted(found):
        if method == "staged" and (stock := found.get((data, "random", seed))):
            curve = found[data, method, seed]
            reached = _reached(curve, _best(stock))
            rows.append(
                f"| {data} | {seed} | {stock[-1][0]:.0f} s, {_best(stock):.4f} | {curve[-1][0]:.0f} s, "
                f"{_best(curve):.4f} | {reached:.0f} s | {reached / stock[-1][0]:.3f} |"
            )
    return rows


def _best(curve: list[list[float]]) -> float:
    return max(score for _, score in curve)


def _reached(curve: list[list[float]], target: float) -> float:
    return next((seconds for seconds, score in curve if score >= target), math.inf)


def _results() -> dict[tuple[str, str, int], list[list[float]]]:
    if not RESULTS.exists():
        return {}
    lines = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    return {(line["data"], line["method"], line["seed"]): line["curve"] for line in lines}


def _search(data: str, method: str, seed: int) -> list[list[float]]:
    """(seconds since the search began, score) of each trial in turn."""
    from .tuning_spec import document, images

    dataset = images(data, DATA[data])
    stages = STAGES if method == "staged" else [{"trials": TRIALS, "epochs": EPOCHS}]
    spec = document(dataset.input_shape, stages, seed)
    with tempfile.TemporaryDirectory() as folder:
        return _staged(spec, dataset, folder) if method == "staged" else _stock(method, spec, dataset, folder, seed)


def _staged(spec: dict[str, Any], dataset: Any, folder: str) -> list[list[float]]:
    from convspec import load
    from convspec.tuning import search

    found = search(load(spec), lambda asked: dataset, folder, show=False, save_model=False)
    return [[one.finished, one.score or 0.0] for one in sorted(found.records, key=lambda one: one.finished)]


def _stock(method: str, spec: dict[str, Any], dataset: Any, folder: str, seed: int) -> list[list[float]]:
    import keras
    import keras_tuner

    from convspec import load
    from convspec.tuning import HyperSpec

    from .tuning_spec import arrays

    (x, y), validation = arrays(dataset)
    keras.utils.set_random_seed(seed)
    curve: list[list[float]] = []
    started = time.perf_counter()
    kinds = {
        "random": (keras_tuner.RandomSearch, {"max_trials": TRIALS}),
        "bayesian": (keras_tuner.BayesianOptimization, {"max_trials": TRIALS}),
        "hyperband": (keras_tuner.Hyperband, {"max_epochs": 9}),
    }
    kind, budget = kinds[method]

    class Marked(kind):  # type: ignore[misc, valid-type]
        def on_trial_end(self, trial: Any) -> None:
            super().on_trial_end(trial)
            score = self.oracle.get_trial(trial.trial_id).score
            curve.append([time.perf_counter() - started, float(score or 0.0)])

    build = HyperSpec(load(spec)).build  # the models alone: fitted as KerasTuner fits, not by the recipe
    tuner = Marked(build, objective="val_accuracy", seed=seed, directory=folder, **budget)
    tuner.search(x, y, epochs=EPOCHS, batch_size=64, validation_data=validation, verbose=0)
    return curve


if __name__ == "__main__":
    from convspec.keras_import import import_keras

    import_keras()
    asked = {"data": sys.argv[1], "method": sys.argv[2], "seed": int(sys.argv[3])}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    result = {**asked, "curve": _search(asked["data"], asked["method"], asked["seed"])}
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(result) + "\n")
