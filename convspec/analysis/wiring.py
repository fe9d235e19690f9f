"""Layers of one network that take their inputs from elsewhere in another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..graph import Node


def wiring_changes(counterpart: Mapping[Node, Node]) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """Layers of the second network whose inputs are not those that their counterparts have, and how.

    An input that is new or gone itself is no change of wiring: it is told as such.
    """
    present = set(counterpart.values())
    for one, other in counterpart.items():
        old = [tensor.node for tensor in one.inputs]
        new = [tensor.node for tensor in other.inputs]
        expected = [counterpart.get(node) for node in old]
        if expected == new:
            continue
        lost = [node for node in expected if node is not None and node not in new]
        found = [node for node in new if node in present and node not in expected]
        if lost and found:
            yield other, (f"takes {_names(found)} instead of {_names(lost)}",)
        elif found and len(new) != len(old):
            yield other, (f"takes {_names(found)} as well",)
        elif lost and len(new) != len(old):
            yield other, (f"no longer takes {_names(lost)}",)
        elif sorted(map(id, new)) == sorted(id(node) for node in expected if node is not None):
            yield other, (f"takes its inputs in the order {_names(new)}",)


def _names(nodes: list[Node]) -> str:
    return ", ".join(node.name for node in nodes)
