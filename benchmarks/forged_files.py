"""Files of a run, a search and of data, damaged and forged: `python -m benchmarks reliability forged`."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from .attempts import Outcome
from .changed_specs import mutated, mutations

JSON_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    3,
    10**30,
    0.5,
    "",
    "x",
    "\x1b[31m",
    "../../x",
    [],
    [[]],
    {},
    {"a": 1},
)


def forged(minutes: float = 1.0, seed: int = 1) -> Outcome:
    """Files of a run, a search and of data, each damaged or forged at random, and read as the commands read them."""
    from convspec import InputError

    chance, found, foreign, slowest, tried = random.Random(seed), Counter[str](), list[tuple[str, str]](), 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        readers = list(readers_of(Path(folder)))
        end = time.process_time() + 60 * minutes
        while time.process_time() < end:
            file, read = chance.choice(readers)
            content = file.read_bytes()
            damaged, how = damage(file, content, chance)
            try:
                file.write_bytes(damaged)
                start = time.process_time()
                try:
                    read()
                    found["accepted"] += 1
                except InputError:
                    found["refused"] += 1
                except Exception as error:  # what this is about
                    foreign.append((f"{type(error).__name__}: {error}"[:200], f"{file.name}: {how}"))
                slowest, tried = max(slowest, time.process_time() - start), tried + 1
            finally:
                file.write_bytes(content)
    return Outcome("damaged and forged files", tried, found["accepted"], found["refused"], foreign, slowest)


def readers_of(folder: Path) -> Iterator[tuple[Path, Callable[[], Any]]]:
    """Real small files of every kind that convspec reads besides specs, each with what reads it."""
    import numpy as np

    import convspec
    from convspec.data import load_data
    from convspec.training.checkpoint import epochs_done
    from convspec.training.predictor import load_predictor
    from convspec.training.result import read_result
    from convspec.tuning.searching import show_search

    from .sources import SPEC, _idx, _npz

    spec = convspec.load({**yaml.safe_load(SPEC.format(classes=3)), "name": "tiny"})
    data = _npz(folder / "npz")
    run, search = folder / "run", folder / "search"
    convspec.train(spec, data, out=run)
    convspec.tune(spec, data, out=search)
    idx = Path(_idx(folder / "idx"))
    csv = folder / "data.csv"
    csv.write_text("path,label\n" + "".join(f"{number}.png,{number % 3}\n" for number in range(9)), "utf-8")
    picture = folder / "0.png"
    from PIL import Image

    for number in range(9):
        Image.fromarray(np.full((8, 8), number * 20, np.uint8)).save(folder / f"{number}.png")
    yield run / "model.keras", lambda: load_predictor(run)
    for name in ("run.json", "history.csv"):
        yield run / name, lambda: convspec.report(run, folder / "report.html", overwrite=True)
    for name in ("result.json", "history.json", "model.keras", "curves.png"):
        yield run / name, lambda: read_result(run)
    yield run / "checkpoint.npz", lambda: epochs_done(run / "checkpoint.npz")
    for file in [search / "search.json", search / "best.yaml", *sorted((search / "trials").glob("*.json"))]:
        yield file, lambda: list(show_search(search))
    yield search / "best.yaml", lambda: convspec.analyze(search / "best.yaml")
    yield Path(data), lambda: load_data(data)
    for file in sorted(idx.iterdir()):
        yield file, lambda: load_data(str(idx))
    yield csv, lambda: load_data(str(csv))
    yield picture, lambda: load_data(str(csv))


def damage(file: Path, content: bytes, chance: random.Random) -> tuple[bytes, str]:
    """The content with some bytes changed, cut off, repeated or left out; of JSON also with a value forged."""
    if file.suffix == ".json" and chance.random() < 0.6:
        document = json.loads(content)
        places = [path for path, kind in mutations(document) if kind == "value"]
        path, value = chance.choice(places), chance.choice(JSON_VALUES)
        return json.dumps(mutated(document, path, lambda inner, step: _put(inner, step, value))).encode(), (
            f"{path} is {value!r}"
        )
    start = chance.randrange(len(content))
    stop = min(len(content), start + chance.choice((1, 1, 4, 64, 1024)))
    match chance.randrange(4):
        case 0:
            return content[:start], f"cut off at {start}"
        case 1:
            return content[:start] + content[stop:], f"without bytes {start} to {stop}"
        case 2:
            return content[:stop] + content[start:], f"bytes {start} to {stop} twice"
    return content[:start] + chance.randbytes(stop - start) + content[stop:], f"other bytes {start} to {stop}"


def _put(inner: Any, step: Any, value: Any) -> None:
    inner[step] = value
