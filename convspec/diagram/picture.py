"""The picture of a network: an overview, and beside it what its blocks hold."""

from __future__ import annotations

from typing import Literal

from ..analysis import Analysis
from ..analysis.table import human
from ..printing import counted
from .boxes import Depth, default_depth, insides, overview
from .colours import diagram_style
from .drawing import Box, Drawing
from .layout import Layout, arrange
from .svg import draw_panel, text

WIDEST = 2000
MARGIN, GAP, HEADING = 24.0, 28.0, 44.0
MOST_PANELS = 4
COLOURS = 6
Scale = Literal["macs", "parameters"]


def draw(analysis: Analysis, *, depth: Depth | None = None, scale: Scale | None = None, scheme: str = "auto") -> str:
    """An SVG document of a network.

    `depth` is chosen by the size of the network where it is not given; `scale` makes heights grow with the square
    root of a cost; `scheme` is `light`, `dark`, or `auto`: what the reader's system prefers.
    """
    chosen = depth or default_depth(analysis.graph)
    drawing = overview(analysis.graph, chosen)
    panels = insides(drawing, MOST_PANELS) if chosen == "blocks" else []
    _give_colours([drawing, *panels])
    costs = [_cost(box, scale) for box in drawing.boxes] if scale else None
    total = max(sum(costs or [0]), 1)
    main = arrange(drawing, [cost / total for cost in costs] if costs else None)
    lines = [_cost_line(cost, total, scale) for cost in costs] if costs and scale else None
    parts, width, height = _compose(drawing, main, lines, [(panel, arrange(panel)) for panel in panels])
    title, body, wide = _title(analysis)
    return _document(
        [*title, f'<g transform="translate(0,{body:.0f})">', *parts, "</g>"], max(width, wide), height + body, scheme
    )


def _compose(
    drawing: Drawing, main: Layout, lines: list[str] | None, panels: list[tuple[Drawing, Layout]]
) -> tuple[list[str], float, float]:
    """The overview at the left, panels at its right in rows that keep the picture narrow enough."""
    parts = [f'<g transform="translate({MARGIN:.0f},0)">{draw_panel(drawing, main, lines)}</g>']
    left = MARGIN + main.width + 2 * GAP
    x, y, row, right = left, 0.0, 0.0, MARGIN + main.width
    limit = max(WIDEST - MARGIN, left + max((layout.width for _, layout in panels), default=0) + 2 * GAP)
    for panel, layout in panels:
        width, height = _panel_size(panel, layout)
        if x > left and x + width > limit:
            x, y, row = left, y + row + GAP, 0.0
        parts.append(_framed(panel, layout, x, y))
        right, row = max(right, x + width), max(row, height)
        x += width + GAP
    return parts, right + MARGIN, max(main.height, y + row) + MARGIN


def _panel_size(panel: Drawing, layout: Layout) -> tuple[float, float]:
    words = max(len(panel.title) * 9.0, len(panel.caption) * 6.8)
    return max(layout.width, words) + 2 * GAP, layout.height + HEADING + 2 * GAP


def _framed(panel: Drawing, layout: Layout, x: float, y: float) -> str:
    width, height = _panel_size(panel, layout)
    shift = (width - layout.width) / 2
    return (
        f'<g class="inner" transform="translate({x:.1f},{y:.1f})">'
        f'<rect width="{width:.1f}" height="{height:.1f}" rx="12" class="panel"/>'
        + text(GAP, 28, panel.title, "heading")
        + text(GAP, 47, panel.caption, "note quiet")
        + f'<g transform="translate({shift:.1f},{HEADING + GAP:.1f})">{draw_panel(panel, layout)}</g></g>'
    )


def _title(analysis: Analysis) -> tuple[list[str], float, float]:
    """The lines above the picture, their height and their width."""
    totals = analysis.totals
    reference = " ".join(analysis.spec.document.reference.split()) if analysis.spec is not None else ""
    depth = f"{counted(totals.depth, 'layer')} with a kernel"
    figures = f"{human(totals.parameters)} parameters · {human(totals.macs)} MACs · {depth}"
    lines = [text(MARGIN, 40, analysis.name, "name"), text(MARGIN, 62, figures, "note quiet")]
    if reference:
        lines.append(text(MARGIN, 80, reference, "note quiet"))
    wide = max(len(figures) * 6.4, len(reference) * 6.4, len(analysis.name) * 13.5) + 2 * MARGIN
    return lines, 104.0 if reference else 86.0, wide


def _document(parts: list[str], width: float, height: float, scheme: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="net" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}"><style>{diagram_style(scheme)}</style>'
        f'<rect width="100%" height="100%" class="paper"/>{"".join(parts)}</svg>\n'
    )


def _give_colours(drawings: list[Drawing]) -> None:
    """Kinds of blocks get the colours of the palette in the order in which they appear."""
    numbers: dict[str, int] = {}
    for drawing in drawings:
        for box in drawing.boxes:
            if box.colour.startswith("block "):
                box.colour = f"block {numbers.setdefault(box.colour, len(numbers)) % COLOURS}"


def _cost(box: Box, scale: str | None) -> int:
    return box.parameters if scale == "parameters" else box.macs


def _cost_line(cost: int, total: int, scale: Scale) -> str:
    unit = "MACs" if scale == "macs" else "parameters"
    return f"{human(cost)} {unit}, {100 * cost / total:.1f} %" if cost else ""
