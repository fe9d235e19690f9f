"""A network as one panel of boxes at a chosen depth, and the insides of its blocks as panels of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Literal

from ..analysis.structure import Unit, ancestors, in_order
from ..graph import Graph, Node
from ..printing import counted
from .drawing import Box, Drawing, Frame, add_entries, connect, connect_outside
from .folding import Run, drawn_units, fold, fuse, longest_way, segments
from .labels import colour, details, is_light, shape_text, short, title

Depth = Literal["layers", "blocks", "stages"]
FEW_BOXES = 26
"""With no more boxes than this every layer is drawn, unless another depth is asked for."""

MOST_KERNELS = 5


def overview(graph: Graph, depth: Depth) -> Drawing:
    """The whole network."""
    nodes = in_order(graph.layers())
    outputs = [tensor.node for tensor in graph.outputs]
    if depth == "layers":
        return _layers(nodes, outputs)
    drawing = _blocks(nodes, outputs)
    return drawing if depth == "blocks" else _stages(drawing, graph)


def default_depth(graph: Graph) -> Depth:
    """Every layer where that is a small picture, else blocks."""
    return "layers" if len(overview(graph, "layers").boxes) <= FEW_BOXES else "blocks"


def insides(drawing: Drawing, most: int) -> list[Drawing]:
    """What the blocks of a picture hold: a panel for each kind of inside, the most frequent ones."""
    found: dict[object, tuple[Drawing, list[Box]]] = {}
    for box in drawing.boxes:
        if box.unit is not None:
            panel = _layers(box.unit.nodes, [], outside=True)
            found.setdefault((box.unit.kind, panel.form), (panel, []))[1].append(box)
    chosen = sorted(found.values(), key=lambda item: -sum(box.repeats for box in item[1]))[:most]
    panels = []
    for panel, boxes in sorted(chosen, key=lambda item: item[1][0].nodes[0].index):
        unit, count = boxes[0].unit, sum(box.repeats for box in boxes)
        if unit is not None:
            panel.title = unit.kind.replace("_", " ")
            panel.caption = unit.name if count == 1 else f"{unit.name}, and {count - 1} more"
            panels.append(panel)
    return panels


def _layers(nodes: Sequence[Node], outputs: Iterable[Node], *, outside: bool = False) -> Drawing:
    """Every layer; equal segments once, in a frame."""
    owner = {node: unit for unit in drawn_units(nodes) if unit.kind for node in unit.nodes}
    boxes = fuse(nodes, owner.get, outputs)
    box_of = {node: box for box in boxes for node in box}
    pieces = [tuple(node for box in part for node in box) for part in segments(boxes, owner.get)]
    runs = fold(pieces, lambda piece: len({id(box_of[node]) for node in piece}))
    drawing = Drawing("")
    members: dict[Node, int] = {}
    for run in runs:
        first = len(drawing.boxes)
        _add_run(drawing, run, box_of, members)
        if run.times > 1 and len(drawing.boxes) - first > 1:
            drawing.frames.append(Frame(tuple(range(first, len(drawing.boxes))), run.times))
        elif run.times > 1:
            drawing.boxes[first].repeats = run.times
    connect(drawing, nodes, members)
    if outside:
        connect_outside(drawing, nodes, members)
    add_entries(drawing)
    return drawing


def _add_run(drawing: Drawing, run: Run, box_of: dict[Node, tuple[Node, ...]], members: dict[Node, int]) -> None:
    """The boxes of one repetition; the layers of the others are counted to them."""
    template = [node for piece in run.pieces[: run.period] for node in piece]
    for start in range(0, len(run.pieces), run.period):
        repetition = [node for piece in run.pieces[start : start + run.period] for node in piece]
        for model, node in zip(template, repetition, strict=True):
            if model not in members:
                box = box_of[model]
                members.update(dict.fromkeys(box, len(drawing.boxes)))
                drawing.boxes.append(_layer_box(box))
            members[node] = members[model]
            drawing.boxes[members[model]].nodes.append(node)


def _layer_box(nodes: tuple[Node, ...]) -> Box:
    heavy = next((node for node in nodes if not is_light(node)), None)
    if heavy is None:
        return Box(_words(nodes) or "identity", "light", shown=nodes)
    place = nodes.index(heavy)
    before, after = details(heavy.operation)
    above, below = _words(nodes[:place], before=before), _words(nodes[place + 1 :], before=after)
    return Box(title(heavy), colour(heavy), above, [below] if below else [], shown=nodes)


def _words(nodes: Sequence[Node], before: Sequence[str] = ()) -> str:
    return " · ".join(filter(None, [*before, *(short(node.operation) for node in nodes)]))


def _blocks(nodes: Sequence[Node], outputs: Sequence[Node]) -> Drawing:
    """One box per block, equal neighbours in one; layers outside of blocks one by one."""
    units = drawn_units(nodes)
    owner = {node: unit for unit in units if unit.kind for node in unit.nodes}
    pieces: list[tuple[Node, ...]] = [unit.nodes for unit in units if unit.kind]
    pieces += fuse([node for node in nodes if node not in owner], lambda _: None, outputs)
    pieces.sort(key=lambda piece: piece[-1].index)
    drawing = Drawing("")
    members: dict[Node, int] = {}
    for run in fold(pieces, lambda piece: 2 if piece[0] in owner else 1):
        for offset in range(run.period):
            same = run.pieces[offset :: run.period]
            unit = owner.get(same[0][0])
            box = _layer_box(same[0]) if unit is None else _block_box(unit, [owner[piece[0]] for piece in same])
            box.nodes = [node for piece in same for node in piece]
            if run.period == 1:
                box.repeats = run.times
            members.update(dict.fromkeys(box.nodes, len(drawing.boxes)))
            drawing.boxes.append(box)
        if run.period > 1:
            drawing.frames.append(Frame(tuple(range(len(drawing.boxes) - run.period, len(drawing.boxes))), run.times))
    connect(drawing, nodes, members)
    return drawing


def _block_box(unit: Unit, same: Sequence[Unit]) -> Box:
    names = unit.name if len(same) == 1 else f"{unit.name} … {_rest(unit.name, same[-1].name)}"
    below = [line for line in (_contents(unit), names) if line]
    return Box(unit.kind.replace("_", " "), f"block {unit.kind}", below=below, repeats=len(same), unit=unit)


def _rest(first: str, last: str) -> str:
    """`conv4_block2`, `conv4_block36` -> `block36`: what the names do not share."""
    pairs = zip(first.split("_"), last.split("_"), strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return "_".join(last.split("_")[shared:])


def _contents(unit: Unit) -> str:
    """A block in a line: `1×1 · 3×3 · 1×1`, `4 branches`, `6 × (1×1 · 3×3)`."""
    boxes = fuse(unit.nodes, lambda _: None, ())
    pieces = [tuple(node for box in part for node in box) for part in segments(boxes, lambda _: None)]
    run = max(fold(pieces, len), key=lambda run: run.times)
    if run.times > 1:
        return f"{run.times} × ({_kernels([node for piece in run.pieces[: run.period] for node in piece])})"
    last = next((node for node in reversed(unit.nodes) if len(node.inputs) > 2), None)
    return f"{len(last.inputs)} branches" if last is not None else _kernels(unit.nodes)


def _kernels(nodes: Sequence[Node]) -> str:
    """The windows on the longest way, where they are few."""
    inner = set(nodes)
    before = {node: [tensor.node for tensor in node.inputs if tensor.node in inner] for node in nodes}
    layers = [node for node in reversed(longest_way(before)) if colour(node) in ("conv", "depthwise", "pool")]
    maps = [node for node in layers if len(node.output.shape) == 3 and node.output.shape[:2] != (1, 1)]
    words = [title(node).split(",")[0].removeprefix("Conv ") for node in maps]
    return " · ".join(words) if 0 < len(words) <= MOST_KERNELS else counted(len(nodes), "layer")


def _stages(blocks: Drawing, graph: Graph) -> Drawing:
    """Blocks of one resolution in one box; what leads to other outputs stays as it is."""
    main = ancestors(graph.outputs[0].node)
    order = sorted(range(len(blocks.boxes)), key=lambda index: (blocks.boxes[index].nodes[-1] not in main, index))
    groups: list[list[int]] = []
    for index in order:
        if groups and _stage_key(blocks.boxes[groups[-1][-1]], main) == _stage_key(blocks.boxes[index], main):
            groups[-1].append(index)
        else:
            groups.append([index])
    drawing = Drawing("")
    members: dict[Node, int] = {}
    for group in groups:
        boxes = [blocks.boxes[index] for index in group]
        box = boxes[0] if len(boxes) == 1 else _stage_box(boxes)
        members.update(dict.fromkeys(box.nodes, len(drawing.boxes)))
        drawing.boxes.append(box)
    connect(drawing, sorted(members, key=lambda node: node.index), members)
    return drawing


def _stage_key(box: Box, main: set[Node]) -> object:
    if box.nodes[-1] not in main or box.colour == "input":
        return box
    return box.nodes[-1].output.shape[:-1] if len(box.nodes[-1].output.shape) == 3 else "vector"


def _stage_box(boxes: Sequence[Box]) -> Box:
    shape = boxes[-1].nodes[-1].output.shape
    words: Counter[str] = Counter()
    for box in boxes:
        words[box.title] += box.repeats
    lines = [word if count == 1 else f"{word} × {count}" for word, count in words.items()]
    name = f"stage {shape_text(shape[:-1])}" if len(shape) == 3 else "classifier"
    return Box(
        name, "stage" if len(shape) == 3 else "dense", below=lines, nodes=[n for box in boxes for n in box.nodes]
    )
