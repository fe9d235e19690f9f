"""What a picture consists of: boxes with words, arrows with shapes, frames around what repeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..analysis.structure import Unit
from ..graph import Node
from .labels import shape_text


@dataclass(eq=False)
class Box:
    """One box: a layer with its small ones, a block, or a stage. `nodes` are all layers that it represents."""

    title: str
    colour: str
    above: str = ""
    below: list[str] = field(default_factory=list)
    repeats: int = 1
    nodes: list[Node] = field(default_factory=list)
    shown: tuple[Node, ...] = ()
    unit: Unit | None = None

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all repeats."""
        return sum(node.macs or 0 for node in self.nodes)

    @property
    def parameters(self) -> int:
        """Numbers in the weights of all repeats."""
        return sum(node.parameters for node in self.nodes)


class Arrow(NamedTuple):
    """From one box to another; `shape` is what passes."""

    source: int
    target: int
    shape: str


class Frame(NamedTuple):
    """Boxes that repeat together."""

    boxes: tuple[int, ...]
    repeats: int


@dataclass(eq=False)
class Drawing:
    """One panel."""

    title: str
    caption: str = ""
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)

    @property
    def form(self) -> object:
        """What two panels share that differ in numbers alone."""
        boxes = tuple(tuple(node.operation.keras_class for node in box.shown) for box in self.boxes)
        arrows = frozenset((arrow.source, arrow.target) for arrow in self.arrows)
        return boxes, arrows, tuple(frame.boxes for frame in self.frames)


def connect(drawing: Drawing, nodes: Sequence[Node], members: dict[Node, int]) -> None:
    """Arrows between boxes, by the number of the box that each layer is in."""
    arrows: dict[tuple[int, int], str] = {}
    for node in nodes:
        for tensor in node.inputs:
            source = members.get(tensor.node)
            # Within a run, what one repetition hands to the next would lead back up.
            if source is not None and source < members[node]:
                arrows.setdefault((source, members[node]), shape_text(tensor.shape))
    drawing.arrows += [Arrow(source, target, shape) for (source, target), shape in arrows.items()]


def connect_outside(drawing: Drawing, nodes: Sequence[Node], members: dict[Node, int]) -> None:
    """Points where a panel's inputs come in and its outputs leave."""
    coming: dict[Node, int] = {}
    arrows: dict[tuple[int, int], str] = {}
    used = {tensor.node for node in nodes for tensor in node.inputs}
    for node in nodes:
        for tensor in node.inputs:
            if tensor.node not in members:
                if tensor.node not in coming:
                    coming[tensor.node] = _add_port(drawing, "in")
                arrows.setdefault((coming[tensor.node], members[node]), shape_text(tensor.shape))
    for box in dict.fromkeys(members[node] for node in nodes if node not in used):
        shape = shape_text(drawing.boxes[box].shown[-1].output.shape)
        arrows[box, _add_port(drawing, "out")] = shape
    drawing.arrows += [Arrow(source, target, shape) for (source, target), shape in arrows.items()]


def add_entries(drawing: Drawing) -> None:
    """A point inside a frame where its one input arrives, if several boxes take it."""
    for number, frame in enumerate(drawing.frames):
        inside = set(frame.boxes)
        entering = [arrow for arrow in drawing.arrows if arrow.target in inside and arrow.source not in inside]
        if len(entering) > 1 and len({arrow.source for arrow in entering}) == 1:
            port = _add_port(drawing, "entry")
            drawing.frames[number] = Frame((*frame.boxes, port), frame.repeats)
            kept = [arrow for arrow in drawing.arrows if arrow not in entering]
            inner = [Arrow(port, arrow.target, "") for arrow in entering]
            drawing.arrows = [*kept, Arrow(entering[0].source, port, entering[0].shape), *inner]


def _add_port(drawing: Drawing, side: str) -> int:
    drawing.boxes.append(Box(side, "port"))
    return len(drawing.boxes) - 1
