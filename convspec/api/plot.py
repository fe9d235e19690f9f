"""`convspec.plot`: a picture of a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..analysis import analyze
from ..diagram.boxes import Depth as Depth
from ..diagram.formats import check_ending, write_picture
from ..diagram.picture import Scale as Scale, draw
from ..language.arguments import checked
from .sources import Network, Place, Shape, check_is_written


@dataclass(frozen=True)
class Picture:
    """A picture of the network called `name`, as SVG, and the file that it was written to; a notebook shows it."""

    name: str
    svg: str = field(repr=False)
    file: Path | None = None

    def __str__(self) -> str:
        return self.name if self.file is None else f"{self.file}: {self.name}, {self.file.stat().st_size / 1000:.0f} kB"

    def _repr_html_(self) -> str:
        return self.svg


@checked
def plot(
    network: Network,
    out: Place | None = None,
    *,
    variant: str | None = None,
    input_shape: Shape | None = None,
    overrides: Mapping[str, object] | None = None,
    depth: Depth | None = None,
    scale: Scale | None = None,
    overwrite: bool = False,
    dark: bool = False,
) -> Picture:
    """Draw a network, into a .svg, .html, .png or .pdf file if `out` names one.

    `depth` is what a box is: by default a layer for a small network, else a block. Heights grow with `scale`.
    Raises `InputError`.
    """
    check_is_written(out, overwrite=overwrite)
    file = None if out is None else Path(out)
    if file is not None:
        check_ending(file, overwrite=overwrite)
    analysis = analyze(network, variant=variant, input_shape=input_shape, overrides=overrides)
    light = file is not None and file.suffix.lower() in (".png", ".pdf")
    scheme = "dark" if dark else "light" if light else "auto"
    svg = draw(analysis, depth=depth, scale=scale, scheme=scheme)
    if file is not None:
        write_picture(svg, file, analysis.name, scheme)
    return Picture(analysis.name, svg, file)
