"""An analysis as text, in the manner of the lectures' tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ..graph import add_up, format_shape
from ..option_names import spoken
from ..printing import counted
from ..text_tables import aligned

if TYPE_CHECKING:
    from .analysis import Analysis, LayerRecord

MOST_INPUTS = 2


def render(analysis: Analysis, *, blocks: bool = False) -> str:
    """The table, the totals and the pattern; with `blocks` one row a block, equal neighbours in one."""
    rows = list(_block_rows(analysis.layers) if blocks else _layer_rows(analysis.layers))
    header = ("block" if blocks else "layer", "operation", "output", "activations", "parameters", "MACs", "field", "")
    return "\n".join([_heading(analysis), "", *aligned([header, *rows], left=(0, 1, 2, 7)), "", *_summary(analysis)])


def number(value: int | None) -> str:
    """`1,234,567`; `?` where unknown."""
    return "?" if value is None else f"{value:,}"


def human(value: float | None, unit: str = "") -> str:
    """`1.81 G`, `44.6 M`: three digits and a power of a thousand."""
    if value is None:
        return "?"
    for power, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= 0.9995 * power:  # three digits round up to it
            return f"{value / power:.3g} {letter}{unit}"
    return f"{value:.3g} {unit}".rstrip()


def _heading(analysis: Analysis) -> str:
    spec = analysis.spec
    parts = [analysis.name]
    if spec is not None:
        parts.append(spec.shapes if spec.classes else f"{spec.shapes} (no `classes`)")
        if spec.document.reference:
            parts.append(" ".join(spec.document.reference.split()))
    return "  ".join(parts)


def _layer_rows(layers: Sequence[LayerRecord]) -> Iterator[Sequence[str]]:
    before = ""
    for layer in layers:
        notes = []
        if layer.drops_pixels:
            notes.append(_dropped(layer))
        if layer.inputs and layer.inputs != (before,):
            shown = ", ".join(layer.inputs[:MOST_INPUTS]) + (", ..." if len(layer.inputs) > MOST_INPUTS else "")
            notes.append(f"from {shown}")
        yield (
            layer.name,
            layer.label,
            format_shape(layer.output_shape),
            number(layer.activations),
            f"{layer.arithmetic} = {layer.parameters:,}" if layer.parameters else "0",
            number(layer.macs),
            number(layer.receptive_field),
            "; ".join(notes),
        )
        before = layer.name


def _dropped(layer: LayerRecord) -> str:
    rows, columns = layer.dropped
    if rows and columns:
        return f"drops {counted(rows, 'row')} and {counted(columns, 'column')}"
    return f"drops {counted(rows, 'row')}" if rows else f"drops {counted(columns, 'column')}"


def _block_rows(layers: Sequence[LayerRecord]) -> Iterator[Sequence[str]]:
    groups: dict[tuple[str, str], list[LayerRecord]] = {}
    for layer in layers:
        key = (layer.block, layer.block_kind) if layer.block_kind else (layer.name, layer.operation)
        groups.setdefault(key, []).append(layer)
    blocks = [_block(*key, members) for key, members in groups.items()]
    for _, run in groupby(blocks, key=lambda block: (block.label, block.output_shape, block.parameters, block.macs)):
        same = list(run)
        first, last = same[0], same[-1]
        name = first.name if len(same) == 1 else f"{first.name} .. {last.name}"
        yield (
            name or first.label,
            first.label if len(same) == 1 else f"{first.label} x {len(same)}",
            format_shape(first.output_shape),
            number(add_up(block.activations for block in same)),
            number(sum(block.parameters for block in same)),
            number(add_up(block.macs for block in same)),
            number(last.receptive_field),
            "drops pixels" if first.drops_pixels else "",
        )


def _block(name: str, kind: str, layers: Sequence[LayerRecord]) -> LayerRecord:
    """The layers of one block, summed up in one record."""
    return layers[-1]._replace(
        name=name,
        label=kind,
        activations=add_up(layer.activations for layer in layers),
        parameters=sum(layer.parameters for layer in layers),
        macs=add_up(layer.macs for layer in layers),
        dropped=max(layer.dropped for layer in layers),
    )


def _summary(analysis: Analysis) -> Iterator[str]:
    totals = analysis.totals
    frozen = totals.parameters - totals.trainable_parameters
    yield f"parameters   {number(totals.parameters)}" + (f" ({number(frozen)} of them do not train)" if frozen else "")
    yield f"MACs         {number(totals.macs)}" + (f" ({human(totals.macs)})" if totals.macs else "")
    images = counted(totals.batch, "image")
    yield (
        f"memory       {human(totals.activation_bytes, 'B')} activations + {human(totals.weight_bytes, 'B')} weights "
        f"({images}, {totals.dtype})"
    )
    yield f"depth        {counted(totals.depth, 'layer')} with a kernel"
    yield f"pattern      {analysis.pattern}"
    if totals.macs is None:
        sizes = spoken("--input HxWxC")
        yield f"note         MACs and memory depend on the height and width of the input; {sizes} gives them"
    if analysis.fingerprint:
        yield f"fingerprint  {analysis.fingerprint}"
