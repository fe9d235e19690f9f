"""One line a network for the whole catalogue: computed from the specs, then kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from platformdirs import user_cache_path

from ..files import write_text
from ..graph import Node
from ..language import list_specs
from ..language.catalogue import FOLDER
from ..language.diagnostics import InputError
from ..language.loading import document_of
from ..language.located import LocatedMap
from ..language.overriding import without_idle_parameters
from ..language.spec import check
from ..process import without_collecting
from .analysis import depth_of

ASSUMED = 224
"""Height and width at which MACs are counted where a network leaves them open."""
CODE = ("analysis", "blocks", "graph", "language")
"""Packages whose code the figures depend on."""


class Figures(NamedTuple):
    """A network at a glance. `megabytes` are 10^6 bytes of float32 weights; `input` is its default, None where open.

    `depth` is that of `Totals`.
    """

    name: str
    parameters: int
    macs: int
    megabytes: float
    input: tuple[int | None, int | None, int]
    depth: int


def figures(pattern: str = "*") -> list[Figures]:
    """The figures of the networks whose names match a shell pattern, in alphabetical order."""
    names = list_specs(pattern)
    known = _read_cache()
    missing = [name for name in names if name not in known]
    if missing:
        with without_collecting():
            known |= {name: compute_figures(name) for name in missing}
        _write_cache(known.values())
    return [known[name] for name in names]


def compute_figures(name: str) -> Figures:
    """The figures of one network, from its spec: those of its `Analysis`, without the sorting that layers need."""
    spec = check(_untrained(document_of(name)))
    graph, shape = spec.graph, spec.input
    if None in shape[:2]:
        graph = check(_untrained(document_of(name, input_shape=[size or ASSUMED for size in shape]))).graph
    parameters, macs, depth = 0, 0, dict[Node, int]()
    for node in graph.nodes:
        parameters += node.parameters
        macs += node.macs or 0
        depth[node] = depth_of(node, depth)
    return Figures(name, parameters, macs, 4 * parameters / 1e6, shape, depth[graph.outputs[0].node])


def _untrained(document: LocatedMap) -> LocatedMap:
    """The network alone: no figure depends on how it is trained, and reading that would take longer."""
    network = document.shallow()
    # What remains unused without these sections is removed too: checking would report it.
    for section in ("train", "tune"):
        network.pop(section, None)
    return without_idle_parameters(network, document)


def cache_folder() -> Path:
    """Where this user's caches lie, by the custom of the system; `CONVSPEC_CACHE` overrides it."""
    given = os.environ.get("CONVSPEC_CACHE")
    return Path(given) if given else user_cache_path("convspec", appauthor=False, opinion=False)


def _cache_file() -> Path:
    """A name that changes with every spec and with the code that reads them."""
    content = hashlib.sha256()
    for path in _sources():
        content.update(path.name.encode() + b"\0" + path.read_bytes())
    return cache_folder() / f"figures-{content.hexdigest()[:32]}.json"


def _sources() -> Iterator[Path]:
    yield from sorted(FOLDER.glob("*.yaml"))
    for package in CODE:
        yield from sorted((FOLDER.parent / package).glob("*.py"))


def _read_cache() -> dict[str, Figures]:
    """What an earlier run computed from the same content; nothing where there is none, or it is damaged."""
    try:
        rows = json.loads(_cache_file().read_text("utf-8"))
        return {
            name: Figures(name, parameters, macs, megabytes, tuple(shape), depth)
            for name, parameters, macs, megabytes, shape, depth in rows
        }
    except (OSError, ValueError, TypeError):
        return {}


def _write_cache(rows: Iterable[Figures]) -> None:
    """Keep the figures and throw older ones away; a folder that cannot be written costs time, not the answer."""
    target = _cache_file()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_text(target, json.dumps(list(rows)))
        for old in target.parent.glob("figures-*.json"):
            if old != target:
                old.unlink(missing_ok=True)
    except (OSError, InputError):
        return
