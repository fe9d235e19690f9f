"""Blocks run one after another, with names that nest and inputs from earlier blocks."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf

from .. import graph
from ..graph import GraphError, Tensor
from ..printing import quote
from ..suggestions import did_you_mean
from .base import Block
from .common import join

MOST_SHOWN = 12


def run(items: SequenceOf[Block], x: Tensor, name: str, default: str = "{}") -> Tensor:
    """Connect blocks one after another; an item without a name is called by its index, in the form `default`."""
    for index, item in enumerate(items):
        full_name = join(name, item.name if item.name is not None else default.format(index))
        inputs: Tensor | list[Tensor] = x
        if item.source is not None:
            sources = item.source if isinstance(item.source, list) else [item.source]
            if not sources:
                raise blame(item.kind, item.path, "`from` names no block; left out, it is the block before", "from")
            found = [_found(x, source, name, item) for source in sources]
            inputs = found if item.merges else found[0]
            if len(found) > 1 and not item.merges:
                raise blame(item.kind, item.path, f"{item.kind} takes one input, not {len(found)}", "from")
        elif item.merges:
            raise blame(item.kind, item.path, f"{item.kind} needs `from`, a list of the blocks that it merges", "block")
        x = item(inputs, full_name)
    return x


def _found(x: Tensor, source: str, prefix: str, item: Block) -> Tensor:
    """The output that a block names; where there is none, and the graph can take the error, the block before it."""
    try:
        return find_output(x.graph, source, prefix, item.kind, item.path)
    except GraphError as error:
        if x.graph.on_diagnostic is None:
            raise
        x.graph.on_diagnostic(error, error.scopes)
        return x


def find_output(within: graph.Graph, source: str, prefix: str, kind: str, path: str) -> Tensor:
    """The output of an earlier block by its name, searched in the block called `prefix` first, then outwards.

    Raises `GraphError`, blaming the block of this kind and path, where there is none.
    """
    if source == "input":
        return within.inputs[0]
    while True:
        if (label := join(prefix, source)) in within.labels:
            return within.labels[label]
        if not prefix:
            break
        prefix = prefix.rpartition("_")[0]
    known = ["input", *filter(None, within.labels)]  # a head's own name may be empty
    remedy = "earlier are: " + ", ".join(known[:MOST_SHOWN]) + (", ..." if len(known) > MOST_SHOWN else "")
    raise blame(kind, path, f"no earlier block is called {quote(source)}{did_you_mean(source, known)}", "from", remedy)


def blame(kind: str, path: str, message: str, field: str, remedy: str = "") -> GraphError:
    """An error of one block, though no layer of it exists yet."""
    error = GraphError(message, field=field, remedy=remedy)
    error.scopes = (graph.Scope("", kind, path),)
    return error
