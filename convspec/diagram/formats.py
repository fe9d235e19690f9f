"""A diagram as a file: SVG and HTML by ourselves, PNG and PDF by Typst, which brings its own fonts."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Literal

from ..files import write_bytes
from ..language import InputError
from ..output_paths import check_file
from ..packages import missing
from .colours import DARK, LIGHT

ENDINGS = (".svg", ".html", ".png", ".pdf")
PIXELS_PER_INCH = 144.0
"""Two pixels of a PNG for each of the SVG: sharp on today's screens and in print."""


def check_ending(path: Path, *, overwrite: bool = True) -> None:
    """Raise `InputError` for a kind of picture that there is none of, or a place that takes no file."""
    if path.suffix.lower() not in ENDINGS:
        known = ", ".join(ENDINGS)
        raise InputError(f"--out {path}: a picture ends in {known}", remedy=f"such as {path.stem}.svg")
    check_file(path, overwrite=overwrite)  # said at once, not when the picture is drawn


def write_picture(svg: str, path: Path, title: str, scheme: str = "auto") -> None:
    """Write an SVG document in the format of the path's ending. Raises `InputError` where that cannot be done.

    `scheme` is that of the document, `light`, `dark` or `auto`: a web page around it has the same.
    """
    check_ending(path)
    ending = path.suffix.lower()
    if ending == ".svg":
        content = svg.encode()
    elif ending == ".html":
        content = page(svg, title, scheme).encode()
    else:
        content = _typeset(svg, "png" if ending == ".png" else "pdf")
    write_bytes(path, content)


def page(svg: str, title: str, scheme: str = "auto") -> str:
    """A web page that shows a diagram: `light`, `dark`, or as the reader's system prefers (`auto`)."""
    paper = (DARK if scheme == "dark" else LIGHT)["paper"]
    prefers = f"@media (prefers-color-scheme:dark){{body{{background:{DARK['paper']}}}}}" if scheme == "auto" else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" '
        f'content="{"light dark" if scheme == "auto" else scheme}"><title>{html.escape(title)}</title>'
        f"<style>body{{margin:0;background:{paper}}}"
        f"svg{{display:block;margin:0 auto;max-width:100%;height:auto}}{prefers}</style></head>"
        f"<body>{svg}</body></html>\n"
    )


def _typeset(svg: str, kind: Literal["png", "pdf"]) -> bytes:
    try:
        import typst
    except ImportError:
        raise missing(f"a {kind.upper()} needs the package typst", "pictures", otherwise="write .svg") from None
    source = '#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg")'
    inputs = {"svg": svg}
    return typst.compile(
        source.encode(),
        format=kind,
        sys_inputs=inputs,
        font_paths=typst.Fonts(font_paths=[_fonts()]),
        ppi=PIXELS_PER_INCH,
    )


def _fonts() -> str:
    """A folder with a font that has all our characters on a machine that has none: Matplotlib's."""
    import matplotlib

    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")
