"""What convspec does with input that nobody meant: `python -m benchmarks reliability fuzz --minutes 30`.

Each part is a function that gives its row of the table: what was tried, how often, and what came of it. A foreign
exception is any but `FaultError`, from reading a spec to its analysis; there should be none.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml


class Outcome(NamedTuple):
    """What a part found. `foreign` are exceptions of others, each with the text that raised it."""

    part: str
    tried: int
    accepted: int
    refused: int
    foreign: list[tuple[str, str]]
    slowest: float

    def row(self) -> str:
        """The part's row of the table."""
        return (
            f"| {self.part} | {self.tried:,} | {self.accepted:,} | {self.refused:,} | {len(self.foreign)} "
            f"| {self.slowest:.2f} s |"
        )


WORDS = (
    "name",
    "input",
    "classes",
    "body",
    "head",
    "outputs",
    "train",
    "tune",
    "space",
    "parameters",
    "variants",
    "templates",
    "defaults",
    "extends",
    "replace",
    "block",
    "repeat",
    "when",
    "counter",
    "from",
    "filters",
    "kernel_size",
    "strides",
    "padding",
    "conv",
    "head",
    "parallel",
    "branches",
    "residual",
    "table",
    "columns",
    "rows",
    "of",
    "sequence",
    "add",
    "choice",
    "log_uniform",
    "stages",
    "optimizer",
    "schedule",
    "x",
    "i",
    "lenet5",
    "conv3-8",
    "maxpool2/2",
    "fc10",
)
SCALARS = (
    "0",
    "1",
    "-1",
    "3",
    "1.5",
    "1e3",
    "1.0e+3",
    ".nan",
    ".inf",
    "true",
    "no",
    "null",
    "~",
    "''",
    "'a b'",
    '"\\x1b"',
    "0x1f",
    "0o7",
    "017",
    "1:30",
    "2001-01-01",
    "!!int x",
    "!!str 5",
    "!!set {a}",
    "*a",
    "&a 3",
    "<<",
    "=",
    "9999999999999999999999",
    "${x}",
    "'${i + 1}'",
    "'${[1, 2][i]}'",
    "'${(}'",
    "'${x ** 99}'",
    "'${'",
    "'conv3-${x}'",
    "| \n  text",
    "> \n  text",
    "é",
    "\u202e",
    "\x85",
    "\t",
    "#",
    "-",
    "?",
    ":",
    "[",
    "{",
    "%",
    "@",
    "`",
)


class Grammar:
    """Random documents: mostly YAML, of the words of a spec, sometimes broken."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def document(self) -> str:
        """A text."""
        chance = self.chance
        lines = ["name: x", "input: [8, 8, 1]", "body: [conv3-8]"]
        for _ in range(chance.randint(1, 5)):
            line = f"{chance.choice(WORDS)}: {self.value(0)}"
            if chance.random() < 0.5:
                lines[chance.randrange(len(lines))] = line
            else:
                lines.append(line)
        text = chance.choice(("\n", "\n", "\n", "\r\n", "\r", "\x85", "\u2028")).join(lines) + chance.choice(
            ("\n", "", " ")
        )
        if chance.random() < 0.3:
            start = chance.randrange(len(text))
            end = min(len(text), start + chance.randint(0, 8))
            text = text[:start] + chance.choice(SCALARS + WORDS + ("",)) + text[end:]
        return text

    def value(self, depth: int) -> str:
        """A value in flow style."""
        kind = self.chance.random() if depth < 5 else 1.0
        if kind < 0.3:
            return "[" + ", ".join(self.value(depth + 1) for _ in range(self.chance.randint(0, 3))) + "]"
        if kind < 0.65:
            pairs = [f"{self.chance.choice(WORDS)}: {self.value(depth + 1)}" for _ in range(self.chance.randint(0, 4))]
            return "{" + ", ".join(pairs) + "}"
        return self.chance.choice(SCALARS if self.chance.random() < 0.6 else WORDS)


def attempt(source: Any, shown: str, found: Counter[str], foreign: list[tuple[str, str]]) -> float:
    """Load and analyse a document, given as text or mapping; how long it took, in seconds of the processor."""
    from convspec import FaultError, analyze
    from convspec.spec.checking import check
    from convspec.spec.extending import extended
    from convspec.spec.reading import Mark, Text, located, parse

    start = time.process_time()
    try:
        root = parse(Text("x.yaml", source)) if isinstance(source, str) else located(source, Mark(0, 0), "")
        spec = check(extended(root, Path()))
        analyze(spec).to_dict()
        found["accepted"] += 1
    except FaultError as error:
        str(error)
        found["refused"] += 1
    except Exception as error:  # what this is about
        foreign.append((f"{type(error).__name__}: {error}"[:200], shown[:2000]))
    return time.process_time() - start


def fuzz(minutes: float = 1.0, seed: int = 1) -> Outcome:
    """Documents of a grammar."""
    grammar, found, foreign, slowest, tried = (
        Grammar(random.Random(seed)),
        Counter[str](),
        list[tuple[str, str]](),
        0.0,
        0,
    )
    end = time.process_time() + 60 * minutes
    while time.process_time() < end:
        text = grammar.document()
        slowest, tried = max(slowest, attempt(text, text, found, foreign)), tried + 1
    return Outcome("documents of a grammar", tried, found["accepted"], found["refused"], foreign, slowest)


VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    3,
    2**24,
    2**24 + 1,
    2**63,
    10**400,
    0.0,
    0.5,
    -0.5,
    1e308,
    float("inf"),
    float("nan"),
    "",
    "x",
    "conv3-8",
    "same",
    "${i}",
    "${channels}",
    "${1/0}",
    "\u202e",
    [],
    [1],
    [1, 2],
    [1, 2, 3],
    [[1]],
    [None],
    {},
    {"a": 1},
    {"block": "conv"},
    {"block": "conv", "filters": 3},
)


def mutations(document: Any) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Each place of a document by its path, and whether its value or its key is changed there."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for step, value in inner:
        yield (step,), "value"
        yield (step,), "key"
        for path, kind in mutations(value):
            yield (step, *path), kind


def mutated(document: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    """A copy in which the container of a path's end is changed."""
    out = copy.deepcopy(document)
    inner = out
    for step in path[:-1]:
        inner = inner[step]
    change(inner, path[-1])
    return out


def changed(document: Any, path: tuple[Any, ...], kind: str, chance: random.Random) -> Any:
    """The document with another value, key, or one element more or fewer at a path."""
    value = chance.choice(VALUES)

    def change(inner: Any, step: Any) -> None:
        if kind == "value":
            inner[step] = value
        elif isinstance(inner, dict):
            taken = inner.pop(step)
            if chance.random() < 0.7:
                inner[chance.choice((f"{step}x", "x", "block", "from", ""))] = taken
        elif chance.random() < 0.5:
            inner.insert(step, inner[step])
        else:
            del inner[step]

    return mutated(document, path, change)


def mutate(minutes: float = 1.0, seed: int = 1) -> Outcome:
    """Every key and every value of the catalogue's specs, each of them changed once or more, in each variant."""
    from convspec.spec.catalogue import FOLDER

    chance, found, foreign, slowest, tried = random.Random(seed), Counter[str](), list[tuple[str, str]](), 0.0, 0
    documents = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))]
    places = [(document, *place) for document in documents for place in mutations(document)]
    chance.shuffle(places)
    end = time.process_time() + 60 * minutes
    for document, path, kind in places:
        if time.process_time() > end:
            break
        other = changed(document, path, kind, chance)
        for variant in variants_of(other):
            shown = f"{document['name']}: {kind} of {path}, variant {variant}: {other!r}"
            slowest = max(slowest, attempt(with_variant(other, variant), shown, found, foreign))
            tried += 1
    return Outcome(
        f"{len(places):,} keys and values of the catalogue",
        tried,
        found["accepted"],
        found["refused"],
        foreign,
        slowest,
    )


def variants_of(document: Any) -> list[Any]:
    """The names of a document's variants; None alone where it has none."""
    variants = document.get("variants")
    return list(variants) if isinstance(variants, dict) and variants else [None]


def with_variant(document: Any, variant: Any) -> Any:
    """The document with a variant's parameters."""
    chosen = document["variants"][variant] if variant is not None else None
    parameters = document.get("parameters")
    if not isinstance(chosen, dict) or not isinstance(parameters, dict):
        return document
    return {**document, "parameters": {**parameters, **chosen}}


def networks(minutes: float = 1.0, seed: int = 1) -> Outcome:
    """Random specs of every block against what Keras makes of them: each layer, its shape and weights, in order.

    A difference counts as a foreign exception, and so does an accepted spec that cannot be built.
    """
    import convspec
    from convspec.quiet import import_keras

    import_keras()
    import keras

    from tests.agreement import assert_agreement
    from tests.random_specs import Drawing, accepted

    drawing, refused, foreign, slowest, built = Drawing(seed), 0, list[tuple[str, str]](), 0.0, 0
    end = time.process_time() + 60 * minutes
    while time.process_time() < end and built < NETWORKS:
        document = drawing.anything()
        start = time.process_time()
        try:
            spec = accepted(document)
        except Exception as error:
            foreign.append((f"{type(error).__name__}: {error}"[:200], repr(document)))
            continue
        slowest = max(slowest, time.process_time() - start)
        if spec is None:
            refused += 1
            continue
        built += 1
        keras.backend.clear_session(free_memory=False)  # automatic names count from the start
        try:
            # drawing first values takes most of a build, and is not compared
            model = convspec.build(spec, zero_kernels=[node.name for node in spec.layers])
            assert_agreement(convspec.analyze(spec), model)
        except Exception as error:
            foreign.append((f"{type(error).__name__}: {error}"[:200], repr(document)))
    return Outcome("random specs built in Keras, layer by layer", built + refused, built, refused, foreign, slowest)


NETWORKS = 10_000
"""Specs that `networks` builds at most."""

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
    import tempfile

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
                except _refusals():
                    found["refused"] += 1
                except Exception as error:  # what this is about
                    foreign.append((f"{type(error).__name__}: {error}"[:200], f"{file.name}: {how}"))
                slowest, tried = max(slowest, time.process_time() - start), tried + 1
            finally:
                file.write_bytes(content)
    return Outcome("damaged and forged files", tried, found["accepted"], found["refused"], foreign, slowest)


def _refusals() -> tuple[type[Exception], ...]:
    from convspec import FaultError

    return (FaultError,)


def readers_of(folder: Path) -> Iterator[tuple[Path, Callable[[], Any]]]:
    """Real small files of every kind that convspec reads besides specs, each with what reads it."""
    import numpy as np

    import convspec
    from convspec.data import load_data
    from convspec.training.checkpoint import epochs_done
    from convspec.training.predictor import load_predictor
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
    for file in sorted(run.glob("*.ckpt*")) + sorted(run.glob("checkpoint*")):
        yield file, lambda file=file: epochs_done(file)  # type: ignore[misc]
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


PARTS: dict[str, Callable[..., Outcome]] = {"fuzz": fuzz, "mutate": mutate, "networks": networks, "forged": forged}


def run() -> Iterator[str]:
    """The table; every part for a minute."""
    yield from table([part() for part in PARTS.values()])


def table(outcomes: list[Outcome]) -> Iterator[str]:
    """The rows of the parts."""
    yield "| what | tried | accepted | refused | foreign exceptions | slowest |"
    yield "|---|---|---|---|---|---|"
    for outcome in outcomes:
        yield outcome.row()


def main(arguments: list[str]) -> int:
    """One part, or all; 1 where an exception is foreign."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reliability")
    parser.add_argument("part", nargs="?", choices=sorted(PARTS))
    parser.add_argument("--minutes", type=float, default=1.0, help="of processor time, for each part")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(arguments)
    chosen = [PARTS[args.part]] if args.part else list(PARTS.values())
    outcomes = [part(args.minutes, args.seed) for part in chosen]
    print("\n".join(table(outcomes)))
    for outcome in outcomes:
        for error, shown in outcome.foreign[:10]:
            print(f"\n{error}\n{shown}", file=sys.stderr)
    return 1 if any(outcome.foreign for outcome in outcomes) else 0
