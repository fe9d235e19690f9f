"""A graph cut into pieces that repeat: layers into boxes, boxes into segments, equal neighbours into one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from ..analysis.structure import Unit, best_repeat, units_of
from ..graph import Node
from .labels import comes_before, is_light

Place = TypeVar("Place", bound=Hashable)

LONGEST_PERIOD = 8
"""The most pieces that are tried as one repetition."""

FEWEST_SINGLES = 4
"""Fewer equal single boxes in a row are drawn one by one."""


class Run(NamedTuple):
    """Pieces in a row that differ in nothing but their input; `period` of them are one repetition."""

    pieces: tuple[tuple[Node, ...], ...]
    period: int

    @property
    def times(self) -> int:
        """How many times the same."""
        return len(self.pieces) // self.period


def drawn_units(nodes: Sequence[Node]) -> list[Unit]:
    """The blocks of a network, in order; blocks of one layer and its small ones are drawn as layers."""
    units = []
    for unit in units_of(nodes):
        if unit.kind and sum(not is_light(node) for node in unit.nodes) > 1:
            units.append(unit)
        else:
            units += [Unit("", node.name, (node,)) for node in unit.nodes]
    return units


def fuse(nodes: Sequence[Node], apart: Callable[[Node], object], outputs: Iterable[Node]) -> list[tuple[Node, ...]]:
    """Boxes: at most one heavy layer each, with the light ones around it on the same way.

    `apart(node)` must agree for layers to share a box. Boxes come in an order in which inputs come first.
    """
    consumers = Counter(tensor.node for node in nodes for tensor in node.inputs)
    consumers.update(outputs)
    inside = set(nodes)
    boxes: dict[Node, list[Node]] = {}
    for node in nodes:
        source = node.inputs[0].node if len(node.inputs) == 1 else None
        if source in inside and consumers[source] == 1 and apart(source) == apart(node):
            box = boxes[source] if source is not None else []
            if _joins(node, box):
                box.append(node)
                boxes[node] = box
                continue
        boxes[node] = [node]
    unique = {id(box): box for box in boxes.values()}
    return sorted((tuple(box) for box in unique.values()), key=lambda box: box[-1].index)


def _joins(node: Node, box: list[Node]) -> bool:
    if not box[0].inputs:
        return False
    light_so_far = all(is_light(member) for member in box)
    if is_light(node) and not comes_before(node):
        return True
    return light_so_far


def segments(boxes: Sequence[tuple[Node, ...]], apart: Callable[[Node], object]) -> list[list[tuple[Node, ...]]]:
    """Boxes cut where a single tensor passes, and where one unit ends."""
    place = {node: index for index, box in enumerate(boxes) for node in box}
    last_use = list(range(len(boxes)))
    for index, box in enumerate(boxes):
        for source in {tensor.node for node in box for tensor in node.inputs if tensor.node in place}:
            last_use[place[source]] = max(last_use[place[source]], index)
    parts: list[list[tuple[Node, ...]]] = [[]]
    from_outside = [index for index, box in enumerate(boxes) if any(t.node not in place for n in box for t in n.inputs)]
    open_until = max(from_outside, default=-1)
    for index, box in enumerate(boxes):
        parts[-1].append(box)
        following = boxes[index + 1] if index + 1 < len(boxes) else None
        if following is not None and (open_until <= index or apart(box[-1]) != apart(following[0])):
            parts.append([])
        open_until = max(open_until, last_use[index])
    return parts


def fold(pieces: Sequence[tuple[Node, ...]], heavy: Callable[[tuple[Node, ...]], int]) -> list[Run]:
    """Equal neighbours in one run; `heavy(piece)` counts its boxes."""
    signatures = [signature(piece) for piece in pieces]
    followed = [False, *(_follows(after, before) for before, after in pairwise(pieces))]
    runs = []
    position = 0
    while position < len(pieces):
        period, count = best_repeat(signatures, position, LONGEST_PERIOD, followed)
        size = sum(heavy(piece) for piece in pieces[position : position + period])
        if count == 1 or (size == 1 and count < FEWEST_SINGLES):
            period, count = 1, 1
        runs.append(Run(tuple(pieces[position : position + period * count]), period))
        position += period * count
    return runs


def signature(nodes: Sequence[Node]) -> Hashable:
    """What makes two pieces the same: operations with their arguments, wired alike; not the shape that comes in."""
    place = {node: index for index, node in enumerate(nodes)}
    outside: dict[Node, int] = {}
    rows = []
    for node in nodes:
        wires = []
        for tensor in node.inputs:
            inner = place.get(tensor.node)
            wires.append(inner if inner is not None else -1 - outside.setdefault(tensor.node, len(outside)))
        rows.append((node.operation.keras_class, _meaning(node), tuple(wires), node.output.shape[:-1]))
    return tuple(rows)


def longest_way(before: Mapping[Place, Collection[Place]]) -> list[Place]:
    """The longest way through places, from the end back: the branch, not its shortcut.

    `before` has the places that each one is reached from, in an order in which they come first.
    """
    length: dict[Place, int] = {}
    way_back: dict[Place, Place | None] = {}
    for place, sources in before.items():
        way_back[place] = max(sources, key=length.__getitem__, default=None)
        length[place] = 1 + max([length[source] for source in sources], default=0)
    way = []
    here = max(length, key=length.__getitem__, default=None)
    while here is not None:
        way.append(here)
        here = way_back[here]
    return way


def _meaning(node: Node) -> str:
    """The arguments, without rates of dropout, which differ in each block of many networks."""
    return "" if hasattr(node.operation, "rate") else repr(node.operation)


def _follows(after: Sequence[Node], before: Sequence[Node]) -> bool:
    sources = set(before)
    return any(tensor.node in sources for node in after for tensor in node.inputs)
