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
    """Connect blocks one after another; an item without a name is called by its index, in the form `default`.

    Where the graph takes errors, the output of a block that cannot be connected is guessed.
    """
    for index, item in enumerate(items):
        full_name = join(name, item.name if item.name is not None else default.format(index))
        try:
            x = item(_inputs(item, x, name, full_name), full_name)
        except GraphError as error:
            x = x.graph.recover(error, full_name, x)
            x.graph.labels[full_name] = x
    return x


def _inputs(item: Block, x: Tensor, prefix: str, full_name: str) -> Tensor | list[Tensor]:
    """What a block takes: the output of the one before it, or those that it names. Raises `GraphError`."""
    if item.source is None:
        if item.merges:
            raise blame(item.kind, item.path, f"{item.kind} needs `from`, a list of the blocks that it merges", "block")
        return x
    sources = item.source if isinstance(item.source, list) else [item.source]
    if not sources:
        raise blame(item.kind, item.path, "`from` names no block; left out, it is the block before", "from")
    found = []
    for source in sources:
        try:
            found.append(find_output(x.graph, source, prefix, item.kind, item.path))
        except GraphError as error:  # the others may be wrong, too
            found.append(x.graph.recover(error, full_name, x))
    if item.merges:
        return found
    if len(found) > 1:
        raise blame(item.kind, item.path, f"{item.kind} takes one input, not {len(found)}", "from")
    return found[0]


def find_output(within: graph.Graph, source: str, prefix: str, kind: str, path: str) -> Tensor:
    """The output of an earlier block by its name, searched in the block called `prefix` first, then outwards.

    Raises `GraphError`, blaming the block of this kind and path, where there is none.
    """
    if source == "input":
        return within.inputs[0]
    while True:
        label = join(prefix, source)
        if label in within.labels:
            return within.labels[label]
        if within.may_have(label):
            return within.like(within.inputs[0])  # as good a guess as any
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
