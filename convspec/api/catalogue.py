"""The catalogue as a table."""

from __future__ import annotations

from ..analysis.figures import figures
from ..architectures.official import has_official_weights
from ..graph import format_shape
from ..text_tables import aligned


def table_of_figures(pattern: str) -> list[str]:
    """One row per network; MACs of one with an open input are those at 224x224."""
    rows = [
        (row.name, f"{row.parameters:,}", f"{row.macs:,}", f"{row.megabytes:.1f}", format_shape(row.input),
         str(row.depth), "imagenet" if has_official_weights(row.name) else "")
        for row in figures(pattern)
    ]  # fmt: skip
    header = ("network", "parameters", "MACs", "MB", "input", "depth", "weights")
    return aligned([header, *rows], left=(0, 6))
