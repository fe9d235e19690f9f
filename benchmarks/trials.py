"""Trials a minute and memory a trial: our search, stock KerasTuner and Optuna on the same network, data and epochs."""

from __future__ import annotations

import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TRIALS, WARM = 24, 4
"""Trials of each process; the first few, in which everything is loaded, count for neither."""

TUNERS = ("convspec", "keras_tuner", "optuna")


def run() -> list[str]:
    """Rows: epochs, tuner, seconds a trial, memory growth a trial, ratio to stock KerasTuner."""
    rows = ["| epochs | tuner | s a trial | MB a trial | times as fast as stock |", "|---|---|---|---|---|"]
    for epochs in (1, 2):
        found = {tuner: _process(tuner, epochs) for tuner in TUNERS if importlib.util.find_spec(tuner)}
        stock = found["keras_tuner"]["seconds"]
        for tuner, cost in found.items():
            ratio = stock / cost["seconds"]
            rows.append(f"| {epochs} | {tuner} | {cost['seconds']:.2f} | {cost['megabytes']:.1f} | {ratio:.1f} |")
    if not importlib.util.find_spec("optuna"):
        rows += ["", "optuna is not installed: `pip install '.[bench]'`."]
    return rows


def _process(tuner: str, epochs: int) -> dict[str, float]:
    command = [sys.executable, "-m", f"{__package__}.trials", tuner, str(epochs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


class _Marks:
    """The time and the memory at each trial's end."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.memory: list[float] = []

    def __call__(self, *_: Any) -> None:
        self.times.append(time.perf_counter())
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            self.memory.append(int(file.read().split()[1]) * resource.getpagesize() / 1e6)

    def cost(self) -> dict[str, float]:
        """Means over the trials after the first few."""
        count = len(self.times) - WARM
        return {
            "seconds": (self.times[-1] - self.times[WARM - 1]) / count,
            "megabytes": (self.memory[-1] - self.memory[WARM - 1]) / count,
        }


def staged(document: dict[str, Any], dataset: Any, done: Callable[[], object]) -> None:
    """Our search; `done` is called at each trial's end."""
    from convspec import load
    from convspec.tuning.hypermodel import HyperSpec
    from convspec.tuning.store import Store
    from convspec.tuning.strategies import make_oracle
    from convspec.tuning.tuner import ReuseTuner, TrialRunner

    with tempfile.TemporaryDirectory() as folder:
        hyperspec, store = HyperSpec(load(document)), Store(Path(folder))
        store.open()
        runner = TrialRunner(hyperspec, store, lambda asked: dataset)
        runner.watchers.append(lambda candidate, record: done() if record.done else None)
        ReuseTuner(make_oracle(hyperspec, store), runner, folder, "search").search(verbose=0)


def random_search(
    document: dict[str, Any], dataset: Any, done: Callable[[], object], *, trials: int, epochs: int
) -> None:
    """Stock KerasTuner's RandomSearch; `done` is called at each trial's end."""
    import keras_tuner

    from convspec import load
    from convspec.tuning import HyperSpec

    from .tuning_spec import arrays

    (x, y), validation = arrays(dataset)
    spec = load(document)

    class Marked(keras_tuner.RandomSearch):  # type: ignore[misc]
        def on_trial_end(self, trial: Any) -> None:
            super().on_trial_end(trial)
            done()

    with tempfile.TemporaryDirectory() as folder:
        build = HyperSpec(spec).build  # the models alone: fitted as KerasTuner fits, not by the recipe
        tuner = Marked(build, objective="val_accuracy", max_trials=trials, seed=1, directory=folder)
        batch = spec.train.batch_size
        tuner.search(x, y, epochs=epochs, batch_size=batch, validation_data=validation, verbose=0)


def _convspec(epochs: int, marks: _Marks) -> None:
    from .tuning_spec import document, images

    dataset = images("digits")
    stages = [{"trials": TRIALS - 1, "epochs": epochs}]
    staged(document(dataset.input_shape, stages, strategy="staged"), dataset, marks)


def _keras_tuner(epochs: int, marks: _Marks) -> None:
    from .tuning_spec import document, images

    dataset = images("digits")
    stages = [{"trials": TRIALS, "epochs": epochs}]
    random_search(document(dataset.input_shape, stages), dataset, marks, trials=TRIALS, epochs=epochs)


def _optuna(epochs: int, marks: _Marks) -> None:
    import keras
    import optuna

    from convspec import load
    from convspec.tuning import HyperSpec

    from .tuning_spec import SPACE, arrays, document, images

    dataset = images("digits")
    (x, y), validation = arrays(dataset)
    hyperspec = HyperSpec(load(document(dataset.input_shape, [{"trials": TRIALS, "epochs": epochs}])))
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial: Any) -> float:
        keras.utils.clear_session()
        values = {
            path: trial.suggest_float(path, *distribution["log_uniform"], log=True)
            for path, distribution in SPACE.items()
        }
        model = hyperspec.compiled(hyperspec.constraint_check.spec(values))
        history = model.fit(x, y, epochs=epochs, batch_size=64, validation_data=validation, verbose=0)
        return max(history.history["val_accuracy"])

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(objective, n_trials=TRIALS, callbacks=[marks])


if __name__ == "__main__":
    from convspec.keras_import import import_keras

    import_keras()
    found = _Marks()
    {"convspec": _convspec, "keras_tuner": _keras_tuner, "optuna": _optuna}[sys.argv[1]](int(sys.argv[2]), found)
    print(json.dumps(found.cost()))
