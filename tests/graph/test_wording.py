"""Words of messages and tables that only some shapes bring up."""

from __future__ import annotations

from pathlib import Path

import pytest

from convspec import FaultError, analyze, load
from convspec.analysis.table import render
from convspec.blocks import Sequence, Table
from convspec.graph import AveragePooling2D, Conv2D, Dense, Flatten, Graph, GraphError, MaxPooling2D
from convspec.spec.trainable import check_recipe


def test_the_way_back_to_the_input_is_told_for_four_layers_at_most() -> None:
    x = Graph().input((8, 8, 3))
    assert x.node.describe() == "'input_layer' (InputLayer)"
    for name in "abcde":
        x = Conv2D(4, 3, 1, "same")(x, name)
    assert x.node.describe() == "'e' (Conv2D 3x3) after 'd' after 'c' after 'b'"


def test_the_label_of_a_pool_has_both_strides_where_they_differ() -> None:
    labels = [pool.label for pool in (MaxPooling2D((3, 2), (2, 1)), MaxPooling2D(2), AveragePooling2D((3, 2), 2))]
    assert labels == ["MaxPooling2D 3x2/2x1", "MaxPooling2D 2x2/2", "AveragePooling2D 3x2/2"]


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


def test_what_a_sequence_is_called() -> None:
    assert [Sequence(body=[]).kind, Sequence(body=[], template="unit").kind] == ["sequence", "unit"]


@pytest.mark.parametrize("key", ["[a, b]", "{a: b}"])
def test_a_key_that_is_a_list_or_mapping_is_told_at_its_place(tmp_path: Path, key: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\n? {key}\n: 3\n")
    with pytest.raises(FaultError, match=r"x\.yaml:4:3: a key must be a word, not a list or mapping\n"):
        load(path)


@pytest.mark.parametrize("power", ["[1] ** 2", "2 ** [1]", "2 ** 65", "2 ** -65"])
def test_powers_are_of_numbers_and_up_to_64(power: str) -> None:
    document = {"name": "x", "input": [8, 8, 3], "parameters": {"a": "${" + power + "}"}, "body": ["conv3-8"]}
    with pytest.raises(FaultError) as caught:
        load(document)
    assert f"{power} is out of bounds: an exponent is a number up to 64" in str(caught.value)


def test_an_augmentation_is_held_against_sizes_that_are_known() -> None:
    document = {"name": "x", "classes": 2, "body": ["conv3-8"], "train": {"augmentation": {"crop": 7}}}
    for size in ([None, 8], [8, None], [None, None]):
        check_recipe(load({**document, "input": [*size, 3], "head": {"pooling": "avg"}}))
    with pytest.raises(FaultError, match=r"train\.augmentation\.crop: shifts by up to 7 pixels"):
        check_recipe(load({**document, "input": [8, 8, 3]}))


@pytest.mark.parametrize(
    ("field", "words"),
    [("weight_decay", "at least 0"), ("clipnorm", "above 0"), ("clipvalue", "above 0"), ("global_clipnorm", "above 0")],
)
def test_bounds_of_an_optimizer(field: str, words: str) -> None:
    optimizer = {"name": "sgd", field: -1}
    with pytest.raises(FaultError, match=rf"train\.optimizer\.{field}: must be {words}, not -1"):
        load({"name": "x", "input": [8, 8, 3], "classes": 2, "body": ["conv3-8"], "train": {"optimizer": optimizer}})


def test_an_optimizer_clips_in_one_way() -> None:
    optimizer = {"name": "sgd", "clipnorm": 1, "clipvalue": 1, "global_clipnorm": 1}
    with pytest.raises(FaultError, match="; clipnorm and clipvalue and global_clipnorm are both set; keep one"):
        load({"name": "x", "input": [8, 8, 3], "classes": 2, "body": ["conv3-8"], "train": {"optimizer": optimizer}})
