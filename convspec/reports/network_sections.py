"""What a report says of a network: its spec, its picture, its layers with their costs, its receptive fields."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from io import BytesIO

from ..analysis import Analysis, LayerRecord
from ..analysis.table import human, number
from ..diagram.picture import draw
from ..graph import format_shape
from .page import Cell, Row, Section, part, table

SHOWN_PIXELS = 420
"""The height of the sample image on the page."""


def network_sections(analysis: Analysis) -> list[Section]:
    """Figures, spec, diagram, layers, receptive field."""
    diagram = Section("diagram", "Diagram", part("diagram", draw(analysis)))
    sections = [_figures(analysis), diagram, _layers(analysis)]
    field = _field(analysis)
    return [*sections, *([field] if field else []), *_spec(analysis)]


def _figures(analysis: Analysis) -> Section:
    totals = analysis.totals
    shape = format_shape(analysis.graph.inputs[0].shape)
    values = {
        "input": shape, "parameters": human(totals.parameters), "MACs": human(totals.macs),
        "activations, one image": human(totals.activation_bytes, "B"), "weights": human(totals.weight_bytes, "B"),
        "layers with a kernel": str(totals.depth),
    }  # fmt: skip
    return Section("network", "Network", part("tiles", values) + part("quiet", analysis.pattern))


def _spec(analysis: Analysis) -> Iterator[Section]:
    if analysis.spec is not None:
        note = part("quiet", f"fingerprint {analysis.fingerprint}")
        yield Section("spec", "Spec", part("preformatted", analysis.spec.to_yaml()) + note)


def _layers(analysis: Analysis) -> Section:
    """One row per layer; the bars are its share of the dearest layer's cost."""
    header = ["layer", "operation", "output", "activations", "parameters", "MACs", "field", "arithmetic"]
    layers = analysis.layers
    tops = [max((cost or 0 for cost in costs), default=0) for costs in zip(*map(_costs, layers), strict=True)]
    rows = [_row(layer, tops) for layer in layers]
    return Section("layers", "Layers and their costs", table(header, rows, "layers-table", left=(0, 1, 7)))


def _costs(layer: LayerRecord) -> tuple[int | None, ...]:
    return layer.activations, layer.parameters, layer.macs


def _row(layer: LayerRecord, tops: Sequence[int]) -> Row:
    costs = (
        Cell(number(value), float(value or 0), "cost", (value or 0) / top if top else 0.0)
        for value, top in zip(_costs(layer), tops, strict=True)
    )
    field = Cell(number(layer.receptive_field), float(layer.receptive_field or 0))
    arithmetic = Cell(layer.arithmetic, css="quiet")
    return Row([layer.name, layer.label, format_shape(layer.output_shape), *costs, field, arithmetic])


def _field(analysis: Analysis) -> Section | None:
    """The part of the input that the middle value of a layer depends on, drawn over an image."""
    shape = analysis.graph.inputs[0].shape
    fields = _distinct_fields(analysis.layers)
    if len(shape) != 3 or None in shape or not fields:
        return None
    height, width, channels = (int(size or 0) for size in shape)
    scale = SHOWN_PIXELS / max(height, width)
    html = part("receptive_field", width, height, scale, _sample(height, width, channels), len(fields))
    return Section(
        "field", "Receptive field", html, data={"fields": fields, "image": {"height": height, "width": width}}
    )


def _distinct_fields(layers: Sequence[LayerRecord]) -> list[dict[str, object]]:
    fields: dict[tuple[int, int], str] = {}
    for layer in layers:
        height, width = layer.receptive_field_hw
        if len(layer.output_shape) == 3 and height is not None and width is not None:
            fields.setdefault((height, width), layer.name)
    return [{"name": name, "size": size} for size, name in fields.items()]


def _sample(height: int, width: int, channels: int) -> str:
    """An image that comes with scikit-learn as a data address: a photograph, for few pixels a digit."""
    from PIL import Image
    from sklearn.datasets import load_digits, load_sample_image

    if max(height, width) <= 32 and channels == 1:
        pixels = (load_digits().images[0] * (255 / 16)).astype("uint8")
    else:
        pixels = load_sample_image("china.jpg")
    image = Image.fromarray(pixels)
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    image = image.crop((left, top, left + side, top + side)).convert("L" if channels == 1 else "RGB")
    factor = max(1, SHOWN_PIXELS // max(height, width)) if max(height, width) < SHOWN_PIXELS // 4 else 1
    content = BytesIO()
    small = image.resize((width, height), Image.Resampling.LANCZOS)
    small.resize((width * factor, height * factor), Image.Resampling.NEAREST).save(content, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()
