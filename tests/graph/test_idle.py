"""Nodes whose output nothing takes."""

from __future__ import annotations

from convspec.graph import Add, Conv2D, Graph


def test_a_node_is_idle_where_neither_a_node_nor_an_output_takes_it():
    graph = Graph()
    x = graph.input((8, 8, 3))
    lost = Conv2D(4, 3)(x, "lost")
    end = Conv2D(4, 3)(lost, "end")
    left, right = Conv2D(4, 3)(x, "left"), Conv2D(4, 3)(x, "right")
    graph.outputs.append(Add()([left, right], "sum"))
    assert [node.name for node in graph.idle()] == ["end"]
    assert [node.name for node in graph.layers()] == ["input_layer", "left", "right", "sum"]
    graph.outputs.append(end)
    assert graph.idle() == []
    assert len(graph.layers()) == len(graph.nodes)


def test_an_input_is_a_layer_whatever_takes_it():
    graph = Graph()
    graph.input((8,))
    graph.outputs.append(graph.input((4,), "used"))
    assert graph.idle() == []
