"""From checked blocks to the graph of the whole network, its heads and outputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ..blocks.base import Block
from ..blocks.connect import find_output, run
from ..graph import Fit, Graph, GraphError, Scope, Shape, Tensor
from ..read_only import ReadOnlyDict
from .diagnostics import Diagnostic, Diagnostics
from .located import LocatedMap

MOST_MISFITS = 300
"""Errors of shapes that two graphs are compared by."""


class UnknownBlock(Block):
    """Stands for a block that is wrong, so that errors of others are found; a graph with it is none to build.

    Without a name it stands for any number of blocks, under names that are not known. `sources` are its inputs,
    `place` its path in the document.
    """

    sources: tuple[str, ...] = ()
    place: str = ""

    @property
    def kind(self) -> str:
        """None in a spec."""
        return ""

    @property
    def path(self) -> str:
        """The place of the block in its document."""
        return self.place

    def connect(self, x: Tensor, name: str) -> Tensor:
        """Guess that the output is as `x`, or as the first of its inputs."""
        found = []
        for source in self.sources:
            try:
                found.append(find_output(x.graph, source, "", self.kind, self.path))
            except GraphError as error:
                x.graph.recover(error, name, x)
        x.graph.guess(name if self.name is not None else "")
        return x.graph.like(found[0] if found else x)


class Branch(NamedTuple):
    """A further output: blocks from the output of an earlier one; none for the features themselves."""

    name: str
    source: str
    blocks: Sequence[Block]
    loss_weight: float
    path: str = ""


class Plan(NamedTuple):
    """A network before its shapes are known."""

    input: Shape
    body: Sequence[Block]
    head: Sequence[Block] = ()
    branches: Sequence[Branch] = ()
    fit: Fit = "floor"
    input_name: str | None = None
    guessed: bool = False
    """Whether some of it stands for what is wrong."""
    names_known: bool = True


class Network(NamedTuple):
    """The graph of a network. `loss_weights` holds each output that is trained, by the name of its layer."""

    graph: Graph
    loss_weights: dict[str, float]


def expand(plan: Plan, graph: Graph) -> Network:
    """Connect all blocks in an empty graph. Raises `GraphError` where shapes do not allow it and nothing takes it."""
    x = run(plan.body, graph.input(plan.input, plan.input_name), "")
    x = run(plan.head, x, "")
    graph.outputs.append(x)
    loss_weights = {x.node.name: 1.0}
    for branch in plan.branches:
        try:
            end = _branch(graph, branch)
        except GraphError as error:
            graph.recover(error, branch.name, x)
            continue
        if branch.blocks:
            loss_weights[end.node.name] = branch.loss_weight
        graph.outputs.append(end)
    graph.complete()
    return Network(graph, ReadOnlyDict(loss_weights))


def _branch(graph: Graph, branch: Branch) -> Tensor:
    with graph.scope(Scope(branch.name, "output", branch.path)):
        start = find_output(graph, branch.source, "", "output", branch.path)
        return run(branch.blocks, start, "")


def expand_or_note(
    plan: Plan, resolved: LocatedMap, diagnostics: Diagnostics, with_other_guesses: Callable[[], Plan]
) -> Network | None:
    """The graph; its errors are noted, each once for a block that repeats. None where a part of it is a guess.

    Behind an error shapes are guessed: only what `with_other_guesses` has, too, is noted.
    """
    network, found = _expand_with_errors(plan, resolved, diagnostics)
    guessed = plan.guessed or network.graph.guessed
    others: list[tuple[str, Diagnostic]] = []
    if guessed and found:
        _, others = _expand_with_errors(with_other_guesses(), resolved)
    seen: set[tuple[str, str]] = set()
    for field, diagnostic in found:
        there = (other for _, other in others if other.path == diagnostic.path)
        certain = next(filter(None, (_in_both(diagnostic, other) for other in there)), None) if guessed else diagnostic
        if certain is not None and (diagnostic.path, field) not in seen:
            seen.add((diagnostic.path, field))
            diagnostics.note(certain)
    return None if guessed else network


def _in_both(one: Diagnostic, other: Diagnostic) -> Diagnostic | None:
    """An error that two graphs of different guesses have: for the same reason, the last part of its message."""
    message = _common(one.message, other.message)
    if message is None or one.message.rpartition(": ")[2] != other.message.rpartition(": ")[2]:
        return None
    return one._replace(message=message, remedy=_common(one.remedy, other.remedy) or "")


def _common(one: str, other: str) -> str | None:
    """A text with `?` for numbers that are others in the other text; None where more than numbers differs."""
    if one == other:
        return one
    parts, others = re.split(r"(\d+)", one), re.split(r"(\d+)", other)
    if parts[::2] != others[::2]:
        return None
    return "".join(part if part == there else "?" for part, there in zip(parts, others, strict=True))


def _expand_with_errors(
    plan: Plan, resolved: LocatedMap, diagnostics: Diagnostics | None = None
) -> tuple[Network, list[tuple[str, Diagnostic]]]:
    """The graph and its errors of shapes, each with the argument that is invalid; others go to `diagnostics`.

    Without these it has the other guesses.
    """
    places: dict[str, LocatedMap] = {}
    seen: set[tuple[str, str]] = set()
    found: list[tuple[str, Diagnostic]] = []

    def note(error: GraphError, scopes: tuple[Scope, ...]) -> None:
        if not places:
            places.update(_places(resolved))
        diagnostic = _shape_diagnostic(error, scopes, places, resolved)
        if error.field not in ("from", "name"):
            if len(found) < MOST_MISFITS:
                found.append((error.field, diagnostic))
        elif (key := (diagnostic.path, error.message if error.field == "from" else "")) not in seen:
            seen.add(key)
            if diagnostics is not None:
                diagnostics.note(diagnostic)

    graph = Graph(plan.fit, note, other_guesses=diagnostics is None)
    if not plan.names_known:
        graph.guess("")
    return expand(plan, graph), found


def _shape_diagnostic(
    error: GraphError, scopes: Iterable[Scope], places: dict[str, LocatedMap], resolved: LocatedMap
) -> Diagnostic:
    path = next((scope.path for scope in reversed(tuple(scopes)) if scope.path in places), "")
    mapping = places.get(path, resolved)
    mark = mapping.value_marks.get(error.field, mapping.mark)
    full = f"{path}.{error.field}" if path and error.field in mapping else path
    return mark.diagnostic(error.message, path=full, remedy=error.remedy)._replace(misfit=True)


def _places(value: object) -> Iterator[tuple[str, LocatedMap]]:
    """Each mapping by its path in the document."""
    if isinstance(value, LocatedMap):
        yield value.path, value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _places(inner)


def note_idle(graph: Graph, resolved: LocatedMap, diagnostics: Diagnostics) -> None:
    """Note the blocks whose outputs lead to none of the network's: Keras would drop them."""
    if not (idle := graph.idle()):
        return
    kept = {scope for node in graph.layers() for scope in node.scopes}
    lost: dict[str, list[str]] = {}
    for node in idle:
        if scope := next((scope for scope in node.scopes if scope.path and scope not in kept), None):
            lost.setdefault(scope.path, []).append(scope.name)
    places, used = dict(_places(resolved)), {scope.path for scope in kept}
    for path, names in lost.items():
        error = _lost(names if path in used else (), with_source="from" in places[path])
        diagnostics.note(_shape_diagnostic(error, (Scope("", "", path),), places, resolved))


def _lost(names: Iterable[str], *, with_source: bool) -> GraphError:
    """That nothing takes a block; `names` are its layers', where other repetitions or uses of it are taken."""
    message, remedy = "nothing takes the output of this block", "name it in a later block's `from`"
    if not names:
        return GraphError(message, remedy=f"{remedy}, let `outputs` take it, or leave it out")
    message += f" where it is called {', '.join(dict.fromkeys(names))}"
    if not with_source:
        return GraphError(message, remedy=f"{remedy} there, or leave it out")
    remedy = (
        "each repetition starts at this same `from`: name them all in a later block's, or give it to a first block "
        "alone and let one without it repeat after that"
    )
    return GraphError(message, field="from", remedy=remedy)
