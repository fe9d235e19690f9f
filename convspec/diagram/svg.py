"""One panel of a picture as SVG: boxes, arrows, shapes, frames."""

from __future__ import annotations

from xml.sax.saxutils import escape

from .drawing import Box, Drawing
from .layout import SMALL_LINE, TITLE_LINE, Layout, Place, Point

ROUND = 6
PAPERS = 2
"""Sheets drawn behind a box that represents several."""


def draw_panel(drawing: Drawing, layout: Layout, costs: list[str] | None = None) -> str:
    """The SVG elements of a drawing whose upper left corner is at (0, 0); `costs` is a line for each box."""
    parts = [_frame(place, drawing.frames[index].repeats) for index, place in enumerate(layout.frames)]
    parts += [_arrow(points) for points in layout.arrows]
    for index, box in enumerate(drawing.boxes):
        parts.append(_box(box, layout.boxes[index], costs[index] if costs else ""))
    curves: dict[int, list[list[Point]]] = {}
    for arrow, points in zip(drawing.arrows, layout.arrows, strict=True):
        curves.setdefault(arrow.source, []).append(points)
    shapes = {arrow.source: arrow.shape for arrow in drawing.arrows}
    parts += [_shape(shapes[source], leaving) for source, leaving in curves.items()]
    return "".join(parts)


def text(x: float, y: float, content: str, css: str = "") -> str:
    """One line of text."""
    kind = f' class="{css}"' if css else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{kind}>{escape(content)}</text>'


def _box(box: Box, place: Place, cost: str) -> str:
    if box.colour == "port":
        return f'<circle cx="{place.x + 5:.1f}" cy="{place.y + 5:.1f}" r="4" class="port"/>'
    round_corner = place.height / 2 if box.colour == "merge" else ROUND
    css = box.colour.replace(" ", "")  # `block bottleneck` is `block 3` by now, one of six colours
    sheets = range(PAPERS, -1, -1) if box.repeats > 1 else range(1)
    parts = [_rectangle(place, 3.0 * sheet, round_corner, css) for sheet in sheets]
    lines = [(box.above, "quiet", SMALL_LINE)] if box.above else []
    lines.append((box.title, "" if box.colour in ("merge", "light") else "title", TITLE_LINE))
    lines += [(line, "quiet", SMALL_LINE) for line in [*box.below, *([cost] if cost else [])] if line]
    centre = place.x + place.width / 2 - (12 if box.repeats > 1 else 0)
    y = place.y + (place.height - sum(height for _, _, height in lines)) / 2
    for content, kind, height in lines:
        parts.append(text(centre, y + height * 0.74, content, kind))
        y += height
    if box.repeats > 1:
        parts.append(text(place.x + place.width - 8, place.y + place.height / 2 + 5, f"× {box.repeats}", "count"))
    return f"<g>{_tooltip(box)}{''.join(parts)}</g>"


def _rectangle(place: Place, shift: float, corner: float, css: str) -> str:
    return (
        f'<rect x="{place.x + shift:.1f}" y="{place.y - shift:.1f}" width="{place.width:.1f}" '
        f'height="{place.height:.1f}" rx="{corner:.0f}" class="{css}"/>'
    )


def _tooltip(box: Box) -> str:
    names = [node.name for node in box.nodes]
    shown = names if len(names) <= 4 else [*names[:3], f"… {names[-1]}"]
    lines = [", ".join(shown), f"{box.parameters:,} parameters, {box.macs:,} MACs"]
    return f"<title>{escape(chr(10).join(lines))}</title>"


def _arrow(points: list[Point]) -> str:
    """Graphviz gives a start and triples of control points; the last one is the tip."""
    start, rest = points[0], points[1:]
    curve = " ".join(f"{x:.1f},{y:.1f}" for x, y in rest)
    (x0, y0), (x1, y1) = points[-2], points[-1]
    length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 1e-6)
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    tip = [(x1, y1), (x1 - 6 * dx - 3 * dy, y1 - 6 * dy + 3 * dx), (x1 - 6 * dx + 3 * dy, y1 - 6 * dy - 3 * dx)]
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in tip)
    return f'<path d="M{start[0]:.1f},{start[1]:.1f}C{curve}" class="arrow"/><polygon points="{corners}" class="tip"/>'


def _shape(shape: str, leaving: list[list[Point]]) -> str:
    """Beside the straightest of the arrows that leave a box, on the side where no other one leaves."""
    points = min(leaving, key=lambda points: abs(points[-1][0] - points[0][0]))
    x, y = points[0]
    others = [curve for curve in leaving if curve is not points]
    right = any(curve[1][0] > x + 8 for curve in others) or points[-1][0] > x + 8
    left = any(curve[1][0] < x - 8 for curve in others) or points[-1][0] < x - 8
    if right and not left:
        return text(x - 5, y + 14, shape, "shape end")
    return text(x + 5, y + 14, shape, "shape")


def _frame(place: Place, repeats: int) -> str:
    return (
        f'<rect x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}" height="{place.height:.1f}" rx="10" '
        f'class="frame"/>' + text(place.x + place.width - 8, place.y + 15, f"× {repeats}", "count")
    )
