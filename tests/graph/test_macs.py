"""Multiply-accumulates: whose they are, and that an operation may count its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from convspec import analyze
from convspec.graph import Dense, Graph, Operation, Shape, Weight


@dataclass(eq=False, repr=False)
class Similarities(Operation):
    """Each vector with each other one: products of inputs, so that there is no kernel."""

    def macs(self, output: Shape, weights: Sequence[Weight], *shapes: Shape) -> int:
        count, size = shapes[0]
        return count * count * size


def test_an_operation_without_weights_may_count_macs():
    graph = Graph()
    x = Similarities()(graph.input((7, 5)))
    graph.outputs = [Dense(3)(x)]
    layers = analyze(graph).layers
    assert [layer.macs for layer in layers] == [0, 7 * 7 * 5, 7 * 5 * 3]
    assert [layer.kernel_shape for layer in layers] == [None, None, (5, 3)]
