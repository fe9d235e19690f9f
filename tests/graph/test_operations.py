"""Messages, shapes and counts of single operations."""

from __future__ import annotations

import pytest

from convspec import load
from convspec.graph import (
    Add,
    AveragePooling2D,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    Graph,
    GraphError,
    MaxPooling2D,
    ReceptiveFieldStep,
    Reshape,
    SeparableConv2D,
    graph as graph_module,
)
from convspec.graph.nested import Sequential


def test_the_way_back_to_the_input_is_told_for_four_layers_at_most() -> None:
    x = Graph().input((8, 8, 3))
    assert x.node.describe() == "'input_layer' (InputLayer)"
    for name in "abcde":
        x = Conv2D(4, 3, 1, "same")(x, name)
    assert x.node.describe() == "'e' (Conv2D 3x3) after 'd' after 'c' after 'b'"


def refused(operation: object, *shape: int) -> GraphError:
    with pytest.raises(GraphError) as caught:
        operation(Graph().input(shape))  # type: ignore[operator]
    return caught.value


def test_groups_that_do_not_divide_have_the_largest_three_that_do() -> None:
    error = refused(Conv2D(24, 3, groups=5), 8, 8, 36)
    assert str(error) == "5 groups do not divide 36 input channels: 36/5 = 7.20"
    assert (error.remedy, error.field, error.assume) == ("fits: groups 2, 3, 4", "groups", (6, 6, 24))
    error = refused(Conv2D(25, 3, groups=4), 8, 8, 36)
    assert str(error) == "4 groups do not divide 25 filters: 25/4 = 6.25"
    assert error.remedy == "fits: groups 1"


def test_unequal_strides_of_a_depthwise_convolution() -> None:
    for operation in (lambda: DepthwiseConv2D(3, (1, 2)), lambda: SeparableConv2D(4, 3, (1, 2))):
        with pytest.raises(GraphError, match=r"^(Depthwise|Separable)Conv2D needs equal strides, not 1x2$") as caught:
            operation()
        assert (caught.value.field, caught.value.remedy) == ("strides", "stride in a conv or a pool of its own")


@pytest.mark.parametrize("size", [(2, 8), (8, 2), (2, 2)])
def test_a_window_larger_than_its_input_in_either_direction(size: tuple[int, int]) -> None:
    assert "3x3" in str(refused(Conv2D(4, 3), *size, 3))


def test_behind_a_window_that_does_not_fit_the_size_is_the_floors() -> None:
    graph = Graph("strict")
    with pytest.raises(GraphError) as caught:
        Conv2D(4, 3, 2)(graph.input((8, 11, 3)))
    assert caught.value.assume == (3, 5, 4)


@pytest.mark.parametrize(
    ("operation", "arithmetic"),
    [
        (SeparableConv2D(128, 3), "3*3*64 + (64 + 1)*128"),
        (SeparableConv2D(128, 3, use_bias=False), "3*3*64 + 64*128"),
        (SeparableConv2D(128, (3, 5), depth_multiplier=2), "3*5*64*2 + (128 + 1)*128"),
    ],
)
def test_the_arithmetic_of_a_separable_convolution(operation: SeparableConv2D, arithmetic: str) -> None:
    node = operation(Graph().input((8, 8, 64))).node
    assert operation.arithmetic(node.weights, (8, 8, 64)) == arithmetic
    assert eval(arithmetic) == node.parameters


@pytest.mark.parametrize(
    ("target", "shape"),
    [((6, -1), (6, 4)), ((24,), (24,)), ((-1,), (24,)), ((2, 2, 6), (2, 2, 6)), ((-1, 24), (1, 24))],
)
def test_a_reshape_works_out_the_size_that_is_left(target: tuple[int, ...], shape: tuple[int, ...]) -> None:
    assert Reshape(target)(Graph().input((2, 3, 4))).shape == shape


@pytest.mark.parametrize(
    ("target", "shown", "remedy"),
    [
        ((5, -1), "5x-1", ""),
        ((25,), "25", ""),
        ((23,), "23", ""),
        ((-1, -1), "-1x-1", "one size at most is worked out for a -1"),
    ],
)
def test_a_reshape_that_cannot_be(target: tuple[int, ...], shown: str, remedy: str) -> None:
    error = refused(Reshape(target), 2, 3, 4)
    assert str(error) == f"2x3x4 holds 24 values, which do not reshape to {shown}"
    assert (error.field, error.remedy) == ("target_shape", remedy)


def test_a_reshape_behind_an_open_size() -> None:
    assert Reshape((4, -1))(Graph().input((None, 3, 4))).shape == (4, None)
    error = refused(Reshape((-1, -1)), None, 3, 4)
    assert str(error) == "?x3x4 holds an open number of values, which do not reshape to -1x-1"
    assert error.remedy == "one size at most is worked out for a -1"


def test_a_network_has_so_many_layers_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_module, "LARGEST", 1000)
    graph = Graph()
    x = graph.input((8, 8, 3))
    for _ in range(999):
        x = Flatten()(x)
    assert len(graph.nodes) == 1000
    with pytest.raises(GraphError, match=r"^the network has more than 1,000 layers$") as caught:
        Flatten()(x)
    assert caught.value.remedy == "repeat less"


def test_shapes_that_do_not_add_up_are_told_axis_by_axis() -> None:
    graph = Graph()
    x = graph.input((8, 8, 3))
    flat = Flatten()(x)
    for inputs, words in (
        ([Dense(3)(flat), Dense(4)(flat)], "3 and 4: features 3 against 4"),
        ([x, Conv2D(4, 3)(x)], "8x8x3 and 6x6x4: height 8 against 6, width 8 against 6, channels 3 against 4"),
        ([x, flat], "8x8x3 and 192: 3 axes against 1"),
    ):
        with pytest.raises(GraphError) as caught:
            Add()(inputs)
        assert str(caught.value) == f"add needs equal shapes, not {words}"


@pytest.mark.parametrize(("switched_off", "left"), [("center", "gamma"), ("scale", "beta")])
@pytest.mark.parametrize("kind", ["batch_norm", "layer_norm"])
def test_a_normalisation_may_go_without_either_of_its_parameters(kind: str, switched_off: str, left: str) -> None:
    block = {"block": kind, switched_off: False}
    (node,) = load({"name": "x", "input": [8, 8, 3], "body": [block], "head": None}).graph.nodes[1:]
    assert [weight.name for weight in node.weights if weight.trainable] == [left]


def test_windows_inside_one_layer_see_what_they_see_one_after_another() -> None:
    """(F - 1) * stride of what came before, for rows and columns apart: 3 + 4*2 rows, 5 + 2*1 columns."""
    chain = (("a", Conv2D(4, (3, 5), (2, 1))), ("b", Conv2D(4, (5, 3), (1, 3))))
    assert Sequential(chain).step == ReceptiveFieldStep((11, 7), (2, 3))


def test_the_label_of_a_pool_has_both_strides_where_they_differ() -> None:
    labels = [pool.label for pool in (MaxPooling2D((3, 2), (2, 1)), MaxPooling2D(2), AveragePooling2D((3, 2), 2))]
    assert labels == ["MaxPooling2D 3x2/2x1", "MaxPooling2D 2x2/2", "AveragePooling2D 3x2/2"]
    assert [MaxPooling2D(2).diagram_word, AveragePooling2D(2).diagram_word] == ["Max pool", "Avg pool"]


def test_a_strict_window_that_is_too_large_gets_zeros_that_leave_nothing_over() -> None:
    """(32 - 9 + 2*P)/3 and (8 - 9 + 2*P)/3 are whole for P = 2, and of 1 only the second has room."""
    graph = Graph("strict")
    with pytest.raises(GraphError, match=r"^a 9x9 filter is larger than its 32x8 input: \(8 - 9") as caught:
        Conv2D(4, 9, 3)(graph.input((32, 8, 3)))
    assert caught.value.remedy.startswith("fits: padding same, padding 2, ")


def test_the_remedy_behind_a_flatten() -> None:
    with pytest.raises(
        GraphError, match=r"^Dense needs to know the number of its inputs, and \? leaves it open"
    ) as open_:
        Dense(3)(Flatten()(Graph().input((None, None, 3))))
    assert open_.value.remedy == "give the input a height and width, or pool globally instead of flattening"
    with pytest.raises(
        GraphError, match=r"^Conv2D 3x3 needs a feature map \(height, width, channels\), not 192$"
    ) as flat:
        Conv2D(4, 3)(Flatten()(Graph().input((8, 8, 3))))
    assert flat.value.remedy == "put it before the flatten or pooling that removed height and width"


@pytest.mark.parametrize("sides", [1, [1, 1], [[1, 1], [1, 1]], [1, [1, 1]]])
def test_pixels_at_the_edges_are_counted_in_any_of_three_ways(sides: object) -> None:
    for block, size in (
        ({"block": "cropping", "cropping": sides}, 7),
        ({"block": "zero_padding", "padding": sides}, 11),
    ):
        spec = load({"name": "x", "input": [9, 9, 3], "body": [block], "head": None})
        assert spec.graph.outputs[0].shape == (size, size, 3)
