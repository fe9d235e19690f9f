"""Words of messages and tables that only some shapes bring up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from convspec import InputError, analyze, load
from convspec.analysis.table import render
from convspec.blocks import Sequence, Table
from convspec.blocks.aliases import block_meant
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
from convspec.graph.output_kind import Layer, find_end
from convspec.language.trainable import check_recipe
from convspec.suggestions import did_you_mean
from convspec.training.output_kind import effect_of


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


# what a network ends in, as Keras's layers are defined: whether values are moved, combined, or made anew
MOVED = {"Activation", "Average", "AveragePooling2D", "ChannelShuffle", "Cropping2D", "Dropout", "Flatten",
         "GlobalAveragePooling2D", "Identity", "Permute", "Reshape", "SpatialDropout2D", "StochasticDepth",
         "UpSampling2D"}  # fmt: skip
COMBINED = {"Add", "Concatenate", "CustomScaleLayer", "GlobalMaxPooling2D", "LayerScale", "MaxPooling2D", "Maximum",
            "Maxout", "PadChannels", "Scale", "Subtract", "ZeroPadding2D"}  # fmt: skip


def layer(name: str, kind: str, activation: str, inputs: list[str]) -> Layer:
    return Layer(name, kind, effect_of(kind, inputs), activation, inputs)


@pytest.mark.parametrize("kind", sorted(MOVED | COMBINED))
def test_layers_that_leave_logits_logits_and_those_that_leave_probabilities_what_they_are(kind: str) -> None:
    def end(activation: str) -> object:
        layers = {
            "out": layer("last", kind, "", ["in"]),
            "in": layer("fc", "Dense", activation, ["x"]),
        }
        return find_end("out", layers.__getitem__)

    assert end("linear") == ("logits", "linear 'fc'")
    assert end("relu") == ("other", "relu of 'fc'")
    expected = ("probabilities", "softmax of 'fc'")
    assert end("softmax") == (expected if kind in MOVED else ("other", f"{kind} 'last' after softmax of 'fc'"))


@pytest.mark.parametrize("kind", ["BatchNormalization", "LayerNormalization", "Rescaling", "Normalization"])
def test_layers_that_scale_and_shift_give_logits_whatever_they_get(kind: str) -> None:
    layers = {"out": layer("last", kind, "", ["in"]), "in": layer("fc", "Dense", "softmax", ["x"])}
    assert find_end("out", layers.__getitem__) == ("logits", "linear 'last'")


@pytest.mark.parametrize("between", ["Flatten", "MaxPooling2D", "Add"])
@pytest.mark.parametrize("odd", range(3))
def test_each_way_to_an_output_counts(odd: int, between: str) -> None:
    kinds = ["linear"] * 3
    kinds[odd] = "relu"
    layers = {f"in{number}": layer(f"fc{number}", "Dense", kind, ["x"]) for number, kind in enumerate(kinds)}
    layers["mean"] = layer("mean", "Average", "", ["in0", "flat", "in2"])
    layers["flat"] = layer("flat", between, "", ["in1"])
    assert find_end("mean", layers.__getitem__) == ("other", f"relu of 'fc{odd}'")


def test_the_table_names_two_of_the_inputs_of_a_layer() -> None:
    body = [{"block": "parallel", "name": "p", "branches": [["conv1-2"], ["conv1-3"], ["conv1-4"]]}]
    lines = render(analyze(load({"name": "x", "input": [8, 8, 3], "body": body, "head": None}))).splitlines()
    (joined,) = [line for line in lines if "Concatenate" in line]
    assert re.search(r"from \S+, \S+, \.\.\.$", joined.rstrip())


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


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ([8, 8], "drops 1 row and 1 column"),
        ([10, 9], "drops 3 rows and 2 columns"),
        ([7, 9], "drops 2 columns"),
        ([7, 8], "drops 1 column"),
        ([9, 7], "drops 2 rows"),
        ([8, 7], "drops 1 row"),
    ],
)
def test_pixels_that_no_window_covers(size: list[int], words: str) -> None:
    pool = {"block": "max_pool", "pool_size": 3, "strides": 4}
    table = render(analyze(load({"name": "x", "input": [*size, 3], "body": [pool], "head": None})))
    assert next(line for line in table.splitlines() if "MaxPooling2D" in line).rstrip().endswith(f"  {words}")


def test_a_table_of_blocks_is_the_blocks_of_its_rows() -> None:
    graph = Graph()
    block = {"block": "conv", "kernel_size": 3, "padding": "same"}
    table = Table(columns=["filters", "strides"], rows=[[4, 1], [6, 2]], of=block)
    assert table(graph.input((8, 8, 3))).shape == (4, 4, 6)
    assert [(node.name, node.operation.label) for node in graph.nodes[1:]] == [
        ("table_0", "Conv2D 3x3"),
        ("table_1", "Conv2D 3x3/2"),
    ]


@pytest.mark.parametrize("fields", [{"columns": [], "rows": [[]]}, {"columns": ["filters"], "rows": []}])
def test_a_table_has_columns_and_rows(fields: dict[str, list[str]]) -> None:
    with pytest.raises(ValidationError, match="should have at least 1 item"):
        Table(**fields, of={"block": "conv"})


def test_what_a_sequence_is_called() -> None:
    assert [Sequence(body=[]).kind, Sequence(body=[], template="unit").kind] == ["sequence", "unit"]


@pytest.mark.parametrize("key", ["[a, b]", "{a: b}"])
def test_a_key_that_is_a_list_or_mapping_is_told_at_its_place(tmp_path: Path, key: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\n? {key}\n: 3\n")
    with pytest.raises(InputError, match=r"x\.yaml:4:3: a key must be a word, not a list or mapping\n"):
        load(path)


@pytest.mark.parametrize("power", ["[1] ** 2", "2 ** [1]", "2 ** 65", "2 ** -65"])
def test_powers_are_of_numbers_and_up_to_64(power: str) -> None:
    document = {"name": "x", "input": [8, 8, 3], "parameters": {"a": "${" + power + "}"}, "body": ["conv3-8"]}
    with pytest.raises(InputError) as caught:
        load(document)
    assert f"{power} is out of bounds: an exponent is a number up to 64" in str(caught.value)


def test_an_augmentation_is_held_against_sizes_that_are_known() -> None:
    document = {"name": "x", "classes": 2, "body": ["conv3-8"], "train": {"augmentation": {"crop": 7}}}
    for size in ([None, 8], [8, None], [None, None]):
        check_recipe(load({**document, "input": [*size, 3], "head": {"pooling": "avg"}}))
    with pytest.raises(InputError, match=r"train\.augmentation\.crop: shifts by up to 7 pixels"):
        check_recipe(load({**document, "input": [8, 8, 3]}))


@pytest.mark.parametrize(
    ("field", "words"),
    [("weight_decay", "at least 0"), ("clipnorm", "above 0"), ("clipvalue", "above 0"), ("global_clipnorm", "above 0")],
)
def test_bounds_of_an_optimizer(field: str, words: str) -> None:
    optimizer = {"name": "sgd", field: -1}
    with pytest.raises(InputError, match=rf"train\.optimizer\.{field}: must be {words}, not -1"):
        load({"name": "x", "input": [8, 8, 3], "classes": 2, "body": ["conv3-8"], "train": {"optimizer": optimizer}})


def test_an_optimizer_clips_in_one_way() -> None:
    optimizer = {"name": "sgd", "clipnorm": 1, "clipvalue": 1, "global_clipnorm": 1}
    with pytest.raises(InputError, match="; clipnorm and clipvalue and global_clipnorm are both set; keep one"):
        load({"name": "x", "input": [8, 8, 3], "classes": 2, "body": ["conv3-8"], "train": {"optimizer": optimizer}})


@pytest.mark.parametrize("kind", ["batch_norm", "layer_norm"])
@pytest.mark.parametrize("field", ["epsilon", "norm"])
def test_a_normalisation_divides_by_more_than_0(kind: str, field: str) -> None:
    block = {"block": kind, "epsilon": 0} if field == "epsilon" else {
        "block": "conv_norm_act", "filters": 4, "norm": {"kind": kind.split("_")[0], "epsilon": 0}
    }  # fmt: skip
    with pytest.raises(InputError, match=r"epsilon: must be above 0, not 0"):
        load({"name": "x", "input": [8, 8, 3], "body": [block], "head": None})


@pytest.mark.parametrize(
    "block",
    [
        {"block": "flatten"}, {"block": "batch_norm"}, {"block": "layer_norm"}, {"block": "max_pool"},
        {"block": "avg_pool"}, {"block": "global_avg_pool"}, {"block": "global_max_pool"}, {"block": "relu"},
        {"block": "dropout", "rate": 0.5}, {"block": "reshape", "target_shape": [-1, 3]}, {"block": "cropping", "cropping": 1},
        {"block": "zero_padding", "padding": 1}, {"block": "up_sampling"}, {"block": "dense", "units": 3},
        {"block": "channel_shuffle", "groups": 3}, {"block": "lrn"}, {"block": "scale", "scale": 0.5},
    ],
    ids=lambda block: block["block"],
)  # fmt: skip
def test_a_block_of_one_layer_gives_it_its_name(block: dict[str, object]) -> None:
    spec = load({"name": "x", "input": [9, 9, 3], "body": [{**block, "name": "mine"}], "head": None})
    assert [node.name for node in spec.graph.nodes[1:]] == ["mine"]


@pytest.mark.parametrize("sides", [1, [1, 1], [[1, 1], [1, 1]], [1, [1, 1]]])
def test_pixels_at_the_edges_are_counted_in_any_of_three_ways(sides: object) -> None:
    for block, size in (
        ({"block": "cropping", "cropping": sides}, 7),
        ({"block": "zero_padding", "padding": sides}, 11),
    ):
        spec = load({"name": "x", "input": [9, 9, 3], "body": [block], "head": None})
        assert spec.graph.outputs[0].shape == (size, size, 3)


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("size", ["pool_size", "strides"], "; did you mean 'pool_size'?"),
        ("size", ["pool_size", "kernel_size"], ""),
        ("dila", ["dilation_rate", "padding"], "; did you mean 'dilation_rate'?"),
        ("di", ["dilation_rate", "padding"], ""),
        ("fliters", ["filters", "padding"], "; did you mean 'filters'?"),
        ("", ["filters"], ""),
    ],
)
def test_the_name_that_was_meant(name: str, known: list[str], hint: str) -> None:
    assert did_you_mean(name, known) == hint


@pytest.mark.parametrize("name", ["MaxPooling2D", "max_pooling_2d", "max_pooling2d", "maxpooling2d"])
def test_a_layer_of_keras_is_a_block_of_ours_however_it_is_spelled(name: str) -> None:
    assert block_meant(name, ["max_pool", "conv"]) == "; did you mean 'max_pool'?"


def test_the_layers_of_a_convolution_with_all_that_may_follow_it_have_its_name() -> None:
    block = {"block": "conv_relu_pool", "name": "c", "filters": 3, "convs": 2, "lrn": True}
    spec = load({"name": "x", "input": [8, 8, 3], "body": [block], "head": None})
    assert [node.name for node in spec.graph.nodes[1:]] == ["c_conv1", "c_conv2", "c_lrn", "c_pool"]


def test_the_layers_of_an_auxiliary_classifier_have_its_name() -> None:
    body = [{"block": "auxiliary_classifier", "name": "a", "classes": 3}]
    spec = load({"name": "x", "input": [14, 14, 3], "body": body, "head": None})
    names = ["a_pool", "a_conv", "a_flatten", "a_fc1", "a_dropout", "a"]
    assert [node.name for node in spec.graph.nodes[1:]] == names


def test_an_inception_block_with_normalisation_has_no_biases() -> None:
    block = {"block": "inception", "conv1x1": 2, "conv3x3": 2, "norm": {"kind": "batch"}}
    spec = load({"name": "x", "input": [8, 8, 3], "body": [block], "head": None})
    biases = [node.operation.use_bias for node in spec.graph.nodes if node.operation.keras_class == "Conv2D"]
    assert biases == [False] * 2


def test_the_summary_below_a_table_word_for_word() -> None:
    """3*3*3 weights and a bias for each of 4 filters, over 8x8 pixels; 192 values in, 256 out, 4 bytes each."""
    text = render(analyze(load({"name": "x", "input": [8, 8, 3], "body": ["conv3-4"], "head": None})))
    assert text.split("\n\n")[-1].splitlines()[:-1] == [
        "parameters   112",
        "MACs         6,912 (6.91 k)",
        "memory       1.79 kB activations + 448 B weights (1 image, float32)",
        "depth        1 layer with a kernel",
        "pattern      CONV-RELU",
    ]


def test_the_layers_of_an_exclusive_gate_have_its_name() -> None:
    block = {"block": "basic", "name": "unit", "filters": 3, "shortcut": "exclusive_gate"}
    spec = load({"name": "x", "input": [8, 8, 3], "body": [block], "head": None})
    names = {node.name: node.operation.keras_class for node in spec.graph.nodes}
    assert {name: names.get(name) for name in ("unit_gate", "unit_0_gate", "unit_0_gated", "unit_gated")} == {
        "unit_gate": "Conv2D", "unit_0_gate": "Complement", "unit_0_gated": "Multiply", "unit_gated": "Multiply",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("branch", "strides"),
    [([], (1, 1)), (["maxpool2/2"], (2, 2)), ([{"block": "avg_pool", "pool_size": [1, 2]}], (1, 2))],
)
def test_a_projection_strides_as_its_branch_does(branch: list[object], strides: tuple[int, int]) -> None:
    block = {"block": "residual", "name": "r", "shortcut": "projection", "body": ["conv3-4", *branch]}
    graph = load({"name": "x", "input": [8, 8, 3], "body": [block], "head": None}).graph
    assert graph.find("r_0_conv").operation.strides == strides


@pytest.mark.parametrize("replaces", [True, False])
def test_a_shortcut_has_a_bias_where_no_normalisation_replaces_it(replaces: bool) -> None:
    block = {"block": "basic", "filters": 8, "use_bias": True, "norm_replaces_bias": replaces}
    spec = load({"name": "x", "input": [8, 8, 3], "body": [block], "head": None})
    biases = [node.operation.use_bias for node in spec.graph.nodes if node.operation.keras_class == "Conv2D"]
    assert biases == [not replaces] * 3
