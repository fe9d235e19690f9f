"""How an analysis is held against the Keras model built from the same graph."""

from __future__ import annotations

import re

import keras

from convspec.analysis import Analysis


def keras_rows(model: keras.Model) -> list[tuple[str, str, tuple[int | None, ...], int, list[tuple[int, ...]]]]:
    """Name, class, output shape without the batch, parameters and weight shapes, in the order of `model.layers`."""
    return [
        (
            layer.name,
            type(layer).__name__,
            tuple(layer.output.shape[1:]),
            layer.count_params(),
            [tuple(weight.shape) for weight in layer.weights],
        )
        for layer in model.layers
    ]


def analysis_rows(analysis: Analysis) -> list[tuple[str, str, tuple[int | None, ...], int, list[tuple[int, ...]]]]:
    """The same, by the analysis."""
    return [
        (
            node.name,
            node.operation.keras_class,
            tuple(node.output.shape),
            node.parameters,
            [weight.shape for weight in node.weights],
        )
        for node in analysis.nodes
    ]


def assert_agreement(analysis: Analysis, model: keras.Model) -> None:
    """Layer order, names, classes, shapes, parameters, weight shapes, names and trainability are equal."""
    assert analysis_rows(analysis) == keras_rows(model)
    for node, layer in zip(analysis.nodes, model.layers, strict=True):
        names = [(weight.name, weight.trainable) for weight in node.weights]
        # Keras counts weights without a name of their own: `variable`, `variable_1`
        found = [(re.sub(r"^variable_\d+$", "variable", weight.name), weight.trainable) for weight in layer.weights]
        assert names == found, layer.name
    assert analysis.totals.parameters == model.count_params()
