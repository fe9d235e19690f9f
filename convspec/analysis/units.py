"""The blocks that a reader sees in a graph, each with its layers."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from ..graph import Node
from .pattern import block_of

SEEN_THROUGH = ("head",)
"""Blocks whose layers a reader wants to see one by one."""


@dataclass(frozen=True, eq=False)
class Unit:
    """One block at work, or a cell of one: its layers in order. `kind` is the block's; empty for a layer alone."""

    kind: str
    name: str
    nodes: tuple[Node, ...]


def units_of(nodes: Sequence[Node]) -> list[Unit]:
    """The blocks among these layers, in order; layers outside of blocks stand alone."""
    grouped: list[tuple[Hashable, list[Node]]] = []
    for node in nodes:
        key = _key(node, grouped[-1][0] if grouped else None)
        if grouped and grouped[-1][0] == key:
            grouped[-1][1].append(node)
        else:
            grouped.append((key, [node]))
    return [_unit(members, alone=isinstance(key, Node)) for key, members in grouped]


def in_order(nodes: Sequence[Node]) -> list[Node]:
    """Layers in the order of their creation, in which inputs come first."""
    return sorted(nodes, key=lambda node: node.index)


def _key(node: Node, before: Hashable) -> Hashable:
    """The block that a node belongs to; cells inside one are told apart by the scopes of their variables."""
    index = block_of(node)
    if index is None or node.scopes[index].kind in SEEN_THROUGH:
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
