"""`convspec.compare`: networks side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from ..analysis import analyze
from ..analysis.comparison import Comparison, compare as rows_of
from ..diagram.comparison import draw_comparison
from ..diagram.formats import check_ending
from ..language import InputError, list_specs
from ..language.arguments import checked
from .sources import Network, Place, Shape, check_is_written

Dtype = Literal["float16", "bfloat16", "float32", "float64"]


@checked
def compare(
    *networks: Network,
    input_shape: Shape | None = None,
    batch: int = 1,
    dtype: Dtype = "float32",
    out: Place | None = None,
    overwrite: bool = False,
    dark: bool = False,
) -> Comparison:
    """Networks side by side, one row per network; a name may be a pattern such as `resnet*`.

    Bytes are for `batch` images in `dtype`. `out` is a picture to draw: .svg, .html, .png or .pdf. Raises `InputError`.
    """
    check_is_written(out, overwrite=overwrite, dark=dark)
    if batch < 1:
        raise InputError(f"--batch {batch}: a batch has at least one image")
    if out is not None:
        check_ending(Path(out), overwrite=overwrite)
    names = _matching(networks)
    analyses = [analyze(name, batch=batch, dtype=dtype, input_shape=input_shape) for name in names]
    sources = [str(name) if isinstance(name, (str, Path)) else "" for name in names]
    found = Comparison(rows_of(analyses, published=[] if input_shape else sources), sources)
    if out is not None:
        draw_comparison(found.told_apart, Path(out), dark=dark)
    return found


def _matching(given: Sequence[Network]) -> list[Network]:
    """Patterns replaced by the names that they match. Raises `InputError` for one that matches nothing."""
    names: list[Network] = []
    for word in given:
        is_pattern = isinstance(word, str) and any(sign in word for sign in "*?[")
        found: Sequence[Network] = list_specs(str(word)) if is_pattern else [word]
        if not found:
            raise InputError(f"no network matches {word!r}", remedy="`convspec list` names them all")
        names += [name for name in found if name not in names]
    return names
