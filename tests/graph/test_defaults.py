"""An operation that is left to its defaults is Keras's layer left to its own, or the paper's."""

from __future__ import annotations

import inspect

import keras
import pytest

from convspec import graph, layers
from convspec.graph import ChannelShuffle, Concatenate, Graph, GraphError, LocalResponseNormalization, Operation
from convspec.graph.activation import ACTIVATIONS
from convspec.graph.reshaping import HalvingPadding2D

OF_KERAS = [
    name
    for name, operation in inspect.getmembers(graph, inspect.isclass)
    if issubclass(operation, Operation) and not operation.from_package and hasattr(keras.layers, name)
]


def plain(value: object) -> object:
    """Sizes without tuples of equal numbers, or of equal pairs: all ways of writing are one."""
    return plain(value[0]) if isinstance(value, (tuple, list)) and len(set(value)) == 1 else value


@pytest.mark.parametrize("name", OF_KERAS)
def test_defaults_are_those_of_keras(name: str) -> None:
    ours = inspect.signature(getattr(graph, name)).parameters
    theirs = inspect.signature(getattr(keras.layers, name).__init__).parameters
    shared = [
        key for key in ours if key in theirs and inspect.Parameter.empty not in (ours[key].default, theirs[key].default)
    ]
    assert {key: plain(ours[key].default) for key in shared} == {key: plain(theirs[key].default) for key in shared}


def test_the_layer_of_an_operation_is_where_it_is_looked_for() -> None:
    operations = [one for _, one in inspect.getmembers(graph, inspect.isclass) if issubclass(one, Operation)]
    missing = set()
    for operation in operations:
        name = operation.layer_class if isinstance(operation.layer_class, str) else operation.__name__
        if not operation.bare and not hasattr(layers if operation.from_package else keras.layers, name):
            missing.add(operation)
    shared = {operation for operation in missing if operation.__subclasses__()}
    assert [operation.__name__ for operation in missing - shared] == ["Sequential"]  # built layer by layer


def test_activations_are_functions_of_keras_by_their_names() -> None:
    names = (
        "elu exponential gelu hard_sigmoid hard_silu hard_swish leaky_relu linear mish relu relu6 selu sigmoid silu "
        "softmax softplus softsign swish tanh"
    )
    functions = [name for name, function in ACTIVATIONS.items() if function.layer is None]
    assert sorted(functions) == names.split()
    assert [name for name in functions if not callable(getattr(keras.activations, name, None))] == []


def test_most_operations_have_a_layer_of_keras() -> None:
    assert {"Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Dense", "BatchNormalization", "MaxPooling2D"} <= set(
        OF_KERAS
    )


def test_defaults_of_local_response_normalisation_are_alexnets() -> None:
    found = LocalResponseNormalization()  # Krizhevsky et al. 2012, section 3.3: k = 2, n = 5, alpha = 1e-4, beta = 0.75
    assert (found.bias, 2 * found.depth_radius + 1, found.alpha, found.beta) == (2.0, 5, 1e-4, 0.75)


@pytest.mark.parametrize(("size", "kernel", "padded"), [(8, 3, 9), (9, 3, 11), (8, 5, 11), (9, 5, 13), (None, 3, None)])
def test_zeros_before_a_window_of_stride_2(size: int | None, kernel: int, padded: int | None) -> None:
    assert HalvingPadding2D(kernel)(Graph().input((size, 7, 3))).shape[0] == padded


def test_shuffled_channels_keep_their_shape() -> None:
    assert ChannelShuffle(2)(Graph().input((5, 7, 4))).shape == (5, 7, 4)


def test_maps_of_unequal_size_are_not_concatenated() -> None:
    found = Graph()
    maps = [found.input((8, 8, 3)), found.input((8, 9, 3))]
    with pytest.raises(GraphError) as caught:
        Concatenate()(maps)
    assert str(caught.value).startswith("concat needs equal height and width, not 8x8x3 and 8x9x3: width 8 against 9")


def test_channels_that_a_call_decides_have_no_number() -> None:
    flat = graph.Flatten()(Graph().input((None, 8, 3)))
    with pytest.raises(GraphError, match=r"^the number of channels of 'flatten' is not known$"):
        _ = flat.channels
