"""The specs of the catalogue with a key or a value changed: `python -m benchmarks reliability mutate`."""

from __future__ import annotations

import copy
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from .attempts import Outcome, attempt

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
    from convspec.language.catalogue import FOLDER

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
