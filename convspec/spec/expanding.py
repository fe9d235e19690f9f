"""From checked blocks to the graph of the whole network, its heads and outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..blocks.base import Block
from ..blocks.running import find_output, run
from ..graph import Fit, Graph, Scope, Shape
from ..graph.graph import FaultHandler, Tensor


class Branch(NamedTuple):
    """A further output: blocks from the output of an earlier one; none for the features themselves."""

    name: str
    source: str
    blocks: Sequence[Block]
    loss_weight: float
    path: str = ""


class Plan(NamedTuple):
    """A network before its shapes are known."""

    input: Shape
    body: Sequence[Block]
    head: Sequence[Block] = ()
    branches: Sequence[Branch] = ()
    fit: Fit = "floor"
    input_name: str | None = None


class Network(NamedTuple):
    """The graph of a network. `loss_weights` holds each output that is trained, by the name of its layer."""

    graph: Graph
    loss_weights: dict[str, float]


def expand(plan: Plan, on_fault: FaultHandler | None = None) -> Network:
    """Connect all blocks. Raises `GraphError` where shapes do not allow it and `on_fault` cannot take it."""
    graph = Graph(plan.fit, on_fault)
    x = run(plan.body, graph.input(plan.input, plan.input_name), "", "body_{}")
    x = run(plan.head, x, "", "head_{}")
    graph.outputs.append(x)
    loss_weights = {x.node.name: 1.0}
    for branch in plan.branches:
        end = _branch(graph, branch)
        if branch.blocks:
            loss_weights[end.node.name] = branch.loss_weight
        graph.outputs.append(end)
    return Network(graph, loss_weights)


def _branch(graph: Graph, branch: Branch) -> Tensor:
    with graph.scope(Scope(branch.name, "output", branch.path)):
        start = find_output(graph, branch.source, "", "output", branch.path)
        return run(branch.blocks, start, "", f"{branch.name}_{{}}")
