"""How costs grow: a look with the layers, finding a network with the specs in a folder, a search with its trials.

The search's trials train nothing here: what is left is what convspec and KerasTuner spend on each.
"""

from __future__ import annotations

import gc
import math
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from convspec import analyze, list_specs, load
from convspec.analysis.table import render
from convspec.language import Spec, catalogue

LAYERS = (10, 100, 1_000, 5_000)
SPECS = (1, 10, 100, 500)
TRIALS = (10, 100, 1_000, 2_000)
FAMILY = "name: {name}\ninput: [32, 32, 3]\nclasses: 10\nbody: [conv3-16, conv3-16, maxpool2/2]\nreference: a copy\n"


def run() -> list[str]:
    """Rows: size, CPU milliseconds of each step, and of each layer or spec."""
    rows = ["| layers | read and check | analyse | print | a layer |", "|---|---|---|---|---|"]
    for count in LAYERS:
        read = _milliseconds(lambda count=count: load(_chain(count)))
        spec = load(_chain(count))
        figures = _milliseconds(lambda spec=spec: analyze(spec).to_dict())
        analysis = analyze(spec)
        print_it = _milliseconds(lambda analysis=analysis: render(analysis))
        each = (read + figures + print_it) / count
        rows.append(f"| {count:,} | {read:.0f} ms | {figures:.0f} ms | {print_it:.0f} ms | {each:.3f} ms |")
    rows += ["", "| specs | list them all | find and load one | a spec |", "|---|---|---|---|"]
    for count in SPECS:
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(catalogue, "FOLDER", Path(folder)):
            for number in range(count):
                (Path(folder) / f"net{number}.yaml").write_text(FAMILY.format(name=f"net{number}"))
            listing = _milliseconds(lambda: list_specs("*"))
            finding = _milliseconds(lambda count=count: load(f"net{count - 1}"))
            _forget()
        rows.append(f"| {count} | {listing:.1f} ms | {finding:.1f} ms | {listing / count:.2f} ms |")
    rows += ["", "| trials | search without training | taken up again when finished | a trial |", "|---|---|---|---|"]
    for count in (1, *TRIALS):  # the first one imports
        with tempfile.TemporaryDirectory() as folder:
            searching, again = (_milliseconds(lambda count=count: _search(count, folder), runs=1) for _ in range(2))
        if count > 1:
            rows.append(f"| {count:,} | {searching:,.0f} ms | {again:,.0f} ms | {searching / count:.1f} ms |")
    return rows


def _chain(layers: int) -> dict[str, Any]:
    """A network of so many layers: convolutions, an input, and every tenth layer a normalisation."""
    body = [
        {"block": "conv", "filters": 16, "repeat": 9, "name": f"convs{index}"} if part == 0 else "batchnorm"
        for index in range(layers // 10)
        for part in (0, 1)
    ]
    return {"name": "chain", "input": [32, 32, 3], "head": None, "body": body}


def _search(trials: int, folder: str) -> None:
    """A search on images whose trials end at once, with a score that their values decide."""
    from convspec.keras_import import import_keras

    import_keras()
    from convspec.data import load_data
    from convspec.tuning import search
    from convspec.tuning.trial import Outcome, Trainer

    from .tuning_spec import document

    def run(self: Trainer, spec: Spec, *, report: Callable[[list[dict[str, float]]], None], **_: Any) -> Outcome:
        score = 1 / (1 + abs(math.log(spec.train.optimizer.learning_rate / 0.01)))
        row = {"run": 0, "epoch": 1, "loss": 1.0, "val_loss": 1.0, "val_crossentropy": 1.0, "val_accuracy": score}
        report([row])
        return Outcome("completed", score=score, best_epoch=1, history=[row])

    dataset = load_data("digits")
    with mock.patch.object(Trainer, "run", run):
        spec = load(document(dataset.input_shape, [{"trials": trials, "epochs": 1}]))
        search(spec, lambda asked: dataset, folder, show=False, save_model=False)


def _milliseconds(work: Callable[[], object], runs: int = 3) -> float:
    """The least CPU time of a few runs in this process, nothing kept from one to the next."""
    times = []
    for _ in range(runs):
        _forget()
        gc.collect()
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000 * min(times)


def _forget() -> None:
    """Clear what the catalogue keeps of the files it has read."""
    for kept in (catalogue._index, catalogue._head, catalogue._files, catalogue._text, catalogue._document):
        kept.cache_clear()
