"""The catalogue's page: each family with its source and picture, each network with its figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

from convspec import Analysis, analyze
from convspec.analysis.figures import ASSUMED
from convspec.architectures.official import has_official_weights
from convspec.graph import format_shape
from convspec.language.catalogue import FOLDER

DOCS = Path(__file__).parent.parent
PICTURES = DOCS / "pictures" / "catalogue"

INTRODUCTION = """\
# The catalogue

{networks} networks in {families} files. This page is made from the specs by `make docs`. Each name is what
`convspec inspect`, `convspec.load` and `convspec.architectures.create` take; a click on it shows its picture.

A MAC is one multiply-accumulate of a convolution or dense layer for one image; where a network leaves height and
width open, at {assumed}x{assumed}. Parameters are Keras's `count_params()`, the statistics of batch normalisation
included. Depth counts the layers with a kernel on the longest way from the input to the main output. *ImageNet* marks
networks for which Keras publishes weights: `create("resnet50", weights="imagenet")` loads them. Pictures of one's own
specs: [Seeing networks](seeing.md).
"""


class Family(NamedTuple):
    """A spec file: its name without the ending, what it says of itself, and its networks."""

    file: str
    name: str
    source: str
    networks: Mapping[str, Analysis]


def families() -> list[Family]:
    """Every spec file of the catalogue, in alphabetical order."""
    return [_family(path) for path in sorted(FOLDER.glob("*.yaml"))]


def _family(path: Path) -> Family:
    document = yaml.safe_load(path.read_text("utf-8"))
    source = document.get("reference") or document.get("description")
    names = document.get("variants") or [document["name"]]
    return Family(path.stem, document["name"], source, {name: analyze(name) for name in names})


def page(found: list[Family]) -> str:
    """The page as Markdown."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: list[Family]) -> Iterator[str]:
    networks = sum(len(family.networks) for family in found)
    yield INTRODUCTION.format(networks=networks, families=len(found), assumed=ASSUMED)
    for family in found:
        yield from _section(family)


def _section(family: Family) -> Iterator[str]:
    main, analysis = next(iter(family.networks.items()))
    yield f"## {family.name}\n"
    yield f"{family.source} (`convspec/specs/{family.file}.yaml`)\n"
    yield "| network | input | parameters | MACs | MB | depth | weights |"
    yield "|---|---|---:|---:|---:|---:|---|"
    yield from (_row(name, analysis) for name, analysis in family.networks.items())
    yield "\nPattern" + (f" of `{main}`" if len(family.networks) > 1 else "") + f": `{analysis.pattern}`\n"
    yield f"![{main}]({_picture(main)}){{ loading=lazy }}\n"


def _row(name: str, analysis: Analysis) -> str:
    totals, shape = analysis.totals, analysis.graph.inputs[0].shape
    macs = totals.macs or analyze(name, input_shape=(ASSUMED, ASSUMED, shape[-1])).totals.macs
    cells = [
        f"[`{name}`]({_picture(name)})",
        format_shape(shape),
        f"{totals.parameters:,}",
        f"{macs:,}",
        f"{4 * totals.parameters / 1e6:.1f}",
        str(totals.depth),
        "ImageNet" if has_official_weights(name) else "",
    ]
    return f"| {' | '.join(cells)} |"


def _picture(name: str) -> str:
    return f"{PICTURES.relative_to(DOCS).as_posix()}/{name}.svg"
