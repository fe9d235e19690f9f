"""Specs, graphs, analyses and searches as a notebook shows them."""

from __future__ import annotations

from functools import singledispatch
from html import escape
from pathlib import Path

from ..analysis import Analysis, LayerRecord
from ..analysis.table import human, number
from ..diagram.picture import draw
from ..graph import Graph, format_shape
from ..html_tables import framed, image, table
from ..language import Spec
from ..printing import counted
from .search import Search, Trial, read_search

MOST_TRIALS = 20


@singledispatch
def show(value: object) -> str:
    """The HTML of an object, which `convspec` registers."""
    raise TypeError(f"nothing is shown of a {type(value).__name__}")


@show.register
def spec_html(spec: Spec) -> str:
    """The picture, the figures, and the document where it is asked for."""
    text = f"<details><summary>spec</summary><pre>{escape(spec.to_yaml())}</pre></details>"
    return framed(f'<div class="scroll">{draw(Analysis(spec.name, spec.graph, spec=spec))}</div>{text}')


@show.register
def graph_html(graph: Graph) -> str:
    """The picture; of a graph without outputs, how many layers it has."""
    if not graph.outputs:
        return framed(f"a graph of {counted(len(graph.nodes), 'layer')}, without outputs")
    return framed(f'<div class="scroll">{draw(Analysis("graph", graph))}</div>')


@show.register
def analysis_html(analysis: Analysis) -> str:
    """A row a layer; the bars are its share of the dearest layer's MACs."""
    totals = analysis.totals
    head = (
        f"<b>{escape(analysis.name)}</b>: {number(totals.parameters)} parameters, {human(totals.macs)} MACs, "
        f"{human(totals.activation_bytes, 'B')} activations + {human(totals.weight_bytes, 'B')} weights "
        f"(batch {totals.batch}, {totals.dtype}), depth {totals.depth}<br><code>{escape(analysis.pattern)}</code>"
    )
    top = max((layer.macs or 0 for layer in analysis.layers), default=0)
    rows = "".join(_layer(layer, top) for layer in analysis.layers)
    names = ("layer", "operation", "output", "parameters", "MACs", "field")
    return framed(f'{head}<div class="scroll">{table(names, rows)}</div>')


@show.register
def search_html(search: Search | Path) -> str:
    """The best trials, what to be wary of, and how many there are."""
    found = read_search(search) if isinstance(search, Path) else search
    notes = "".join(
        f"<p>⚠ {escape(str(warning.get('text', warning)))}</p>" for warning in found.info.get("warnings") or ()
    )
    names = ("trial", "stage", found.objective, *(distribution.label for distribution in found.distributions), "epochs")
    rows = "".join(_trial(found, trial) for trial in found.scored[:MOST_TRIALS])
    trials = f"{counted(len(found.trials), 'trial')}, {len(found.scored)} of them completed"
    head = f"<b>{escape(found.folder.name)}</b>: {trials}"
    picture = image(found.folder / "pairs.png")
    return framed(f'{head}{notes}<div class="scroll">{table(names, rows)}</div>{picture}')


def _layer(layer: LayerRecord, top: int) -> str:
    share = 100 * (layer.macs or 0) / top if top else 0
    bar = f"background:linear-gradient(90deg,#7aa7e055 {share:.1f}%,transparent {share:.1f}%)"
    return (
        f'<tr><td>{escape(layer.name)}</td><td class="left">{escape(layer.label)}</td>'
        f"<td>{format_shape(layer.output_shape)}</td><td>{number(layer.parameters)}</td>"
        f'<td style="{bar}">{number(layer.macs)}</td><td>{number(layer.receptive_field)}</td></tr>'
    )


def _trial(search: Search, trial: Trial) -> str:
    shown = [distribution.text(trial.values.get(distribution.path, "")) for distribution in search.distributions]
    cells = [trial.name, str(trial.stage), f"{trial.score:.4f}", *shown, f"{trial.epochs or 0:.0f}"]
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
