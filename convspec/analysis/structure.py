"""How a network is composed: its blocks with their layers, and the pattern that they follow.

A pattern reads `[(CONV-RELU)*2-POOL]*2-(FC-RELU)*2-FC-SOFTMAX`, as in the lectures.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from ..graph import Graph, Node, Scope

COMPOSITES = ("sequence", "table", "output")
"""Blocks that only group others: a reader sees the blocks inside."""

LAYER_BY_LAYER = ("head",)
"""Blocks whose layers a reader wants to see one by one."""

ONE_WORD = ("basic", "bottleneck", "inverted_residual", "transition", "squeeze_excite", "xception_module")
"""Blocks that are one word of a pattern even if they have no branch, such as a strided inverted residual."""

LONGEST_PERIOD = 64
"""Words of a pattern that are tried as one repetition: the time grows with its square."""


@dataclass(frozen=True, eq=False)
class Unit:
    """A block or a cell of one, with its layers in order. `kind` is the block's; empty for a single layer."""

    kind: str
    name: str
    nodes: tuple[Node, ...]


def block_of(node: Node) -> int | None:
    """The index in `node.scopes` of the block that a reader sees: the outermost that does not only group others."""
    for index, scope in enumerate(node.scopes):
        if scope.kind not in COMPOSITES:
            return index
    return None


def in_order(nodes: Sequence[Node]) -> list[Node]:
    """Layers in the order of their creation, in which inputs come first."""
    return sorted(nodes, key=lambda node: node.index)


def ancestors(end: Node) -> set[Node]:
    """A node, and all that its value depends on."""
    found: set[Node] = set()
    waiting = [end]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += [tensor.node for tensor in node.inputs]
    return found


def units_of(nodes: Sequence[Node]) -> list[Unit]:
    """The blocks of these layers, in order; a layer outside of blocks is a unit of its own."""
    grouped: list[tuple[Hashable, list[Node]]] = []
    for node in nodes:
        key = _key(node, grouped[-1][0] if grouped else None)
        if grouped and grouped[-1][0] == key:
            grouped[-1][1].append(node)
        else:
            grouped.append((key, [node]))
    return [_unit(members, alone=isinstance(key, Node)) for key, members in grouped]


def _key(node: Node, before: Hashable) -> Hashable:
    """The block that a node belongs to; cells inside one differ in the scopes of their variables."""
    index = block_of(node)
    if index is None or node.scopes[index].kind in LAYER_BY_LAYER:
        return node
    scope = node.scopes[index]
    if node.variable_scopes:
        return scope, node.variable_scopes[0]
    return before if isinstance(before, tuple) and before[0] is scope else (scope, "")


def _unit(nodes: list[Node], *, alone: bool) -> Unit:
    if alone:
        return Unit("", nodes[0].name, tuple(nodes))
    scope = nodes[0].scopes[block_of(nodes[0]) or 0]
    cell = nodes[0].variable_scopes[0] if nodes[0].variable_scopes else ""
    kind = re.sub(r"_block_.*$", "_cell", cell) if cell else scope.kind
    return Unit(kind, cell or scope.name or nodes[0].name, tuple(nodes))


def pattern_of(graph: Graph) -> str:
    """The path from the input to the main output; a block with branches is one word, such as BOTTLENECK."""
    return _fold(["-".join(words) for words in _words(graph) if words])


def _words(graph: Graph) -> Iterator[tuple[str, ...]]:
    """The words of each block or layer; a layer and its activation are not separated."""
    main = ancestors(graph.outputs[0].node)
    groups: dict[Node | Scope, list[Node]] = {}
    for node in graph.nodes:
        if node in main:
            index = block_of(node)
            groups.setdefault(node if index is None else node.scopes[index], []).append(node)
    for key, nodes in groups.items():
        kind = key.kind if isinstance(key, Scope) else ""
        if kind in ONE_WORD or (kind and any(len(node.inputs) > 1 for node in nodes)):
            yield (kind.upper(),)
        else:
            yield from map(_words_of, nodes)


def _words_of(node: Node) -> tuple[str, ...]:
    word, activation = node.operation.pattern_word, node.operation.fused_activation
    if not word:
        return ()
    return (word, activation.upper()) if activation else (word,)


def _fold(words: Sequence[str]) -> str:
    """Repetitions written once: the group that covers most, and within it the same again."""
    parts: list[str] = []
    position = 0
    while position < len(words):
        period, count = best_repeat(words, position, LONGEST_PERIOD)
        if count > 1:
            parts.append(f"{_group(words[position : position + period])}*{count}")
        else:
            parts.append(words[position])
        position += period * count
    return "-".join(parts)


def _group(words: Sequence[str]) -> str:
    inner = _fold(words)
    if len(words) == 1 and "-" not in inner:
        return inner
    return f"[{inner}]" if "(" in inner or "[" in inner or "POOL" in words else f"({inner})"


def best_repeat(
    keys: Sequence[Hashable], start: int, longest: int, follows: Sequence[bool] | None = None
) -> tuple[int, int]:
    """The period, up to `longest`, and the count of the repetition from `start` that covers most keys.

    With `follows`, a repetition counts only if its first key may follow the one before it.
    """
    best = (1, 1)
    for period in range(1, min(longest, (len(keys) - start) // 2) + 1):
        unit, count, end = keys[start : start + period], 1, start + period
        while keys[end : end + period] == unit and (follows is None or follows[end]):
            count, end = count + 1, end + period
        if count > 1 and period * count > best[0] * best[1]:
            best = (period, count)
    return best
