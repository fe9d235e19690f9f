"""Limits, conditions and messages that only unusual specs come to."""

from __future__ import annotations

import re
from typing import Any

import pytest

from convspec import Diagnostic, InputError, load
from convspec.blocks import ConvNormAct
from convspec.blocks.inception_chain import parse_chain
from convspec.graph import Graph
from convspec.language.search_space_checks import samples
from convspec.language.tune import Tune

BASE = {"name": "x", "input": [8, 8, 3], "classes": 2, "body": ["conv3-8"]}


def first_line(document: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        load(document)
    return str(caught.value).split("\n")[0]


@pytest.mark.parametrize("name", ["two words", "a/b", "ü", "a:b", ""])
def test_a_name_is_letters_digits_and_three_signs(name: str) -> None:
    assert " name: " in first_line({**BASE, "name": name})
    assert load({**BASE, "name": "A-b_c.9"}).name == "A-b_c.9"


def test_an_error_without_a_place_has_none() -> None:
    diagnostic = Diagnostic("is wrong", path="train.l2")
    assert (
        diagnostic.file,
        diagnostic.line,
        diagnostic.column,
        diagnostic.source,
        diagnostic.remedy,
        diagnostic.misfit,
    ) == ("", 0, 0, "", "", False)
    assert str(diagnostic) == "train.l2: is wrong"


def test_a_name_of_one_letter_is_long_enough() -> None:
    spec = load({**BASE, "name": "x", "train": {"finetune": {"weights": "a"}}})
    assert (spec.name, spec.train.finetune and spec.train.finetune.weights) == ("x", "a")


@pytest.mark.parametrize("values", ["3", "['a']", "[1, [2]]"])
def test_sum_takes_numbers(values: str) -> None:
    document = {**BASE, "parameters": {"a": 1}, "body": ["${'conv3-' + str(a)}", f"conv3-${{sum({values})}}"]}
    with pytest.raises(InputError, match="sum takes a list of numbers, not "):
        load(document)


@pytest.mark.parametrize(("depth", "accepted"), [(30, True), (45, False)])
def test_data_from_python_nest_only_so_deep(depth: int, accepted: bool) -> None:
    body: list[Any] = ["conv3-8"]
    for _ in range(depth):
        body = [body]
    with pytest.raises(InputError) as caught:
        load({**BASE, "body": body})
    assert ("nest" in str(caught.value).split("\n")[0]) is not accepted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'' is no chain of layers"),
        ("conv3-8 ) conv3-8", "')' stands alone"),
        ("conv3-8 | conv3-8", "'|' stands alone"),
    ],
)
def test_what_is_no_chain(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        parse_chain(text)


def test_a_convolution_may_go_without_its_normalisation() -> None:
    graph = Graph()
    ConvNormAct(filters=4, norm=None)(graph.input((8, 8, 3)))
    assert [node.operation.keras_class for node in graph.nodes] == ["InputLayer", "Conv2D", "Activation"]


def tuned(when: Any) -> dict[str, Any]:
    space = {
        "train.schedule.name": {"choice": ["constant", "step", "exponential", "cosine"]},
        "train.schedule.factor": {"uniform": [0.1, 0.9], "when": {"train.schedule.name": when}},
    }
    return {**BASE, "train": {"epochs": 2}, "tune": {"space": space, "stages": [{"trials": 2, "epochs": 1}]}}


@pytest.mark.parametrize("when", ["step", ["step"], ["step", "exponential"]])
def test_a_condition_is_a_value_or_a_list_of_them(when: Any) -> None:
    assert load(tuned(when)).tune is not None


@pytest.mark.parametrize("when", ["linear", ["step", "linear"]])
def test_each_value_of_a_condition_must_be_one_of_the_choice(when: Any) -> None:
    assert "'train.schedule.name' never is linear; it is one of " in first_line(tuned(when)).replace(
        "'linear'", "linear"
    )


@pytest.mark.parametrize(
    ("distribution", "values"),
    [
        ({"uniform": [0.25, 0.75]}, [0.25, 0.5, 0.75]),
        ({"log_uniform": [0.25, 4.0]}, [0.25, 1.0, 4.0]),
        ({"int": [1, 4]}, [1, 2, 4]),
        ({"log_int": [2, 32]}, [2, 8, 32]),
        ({"choice": ["a", None, [1]]}, ["a", None, [1]]),
        ({"boolean": True}, [False, True]),
    ],
)
def test_values_that_represent_a_range_are_its_ends_and_its_middle(
    distribution: dict[str, Any], values: list[Any]
) -> None:
    found = list(samples(Tune.model_validate({"space": {"x": distribution}}).space["x"]))
    assert found == values
    assert all(isinstance(one, type(value)) for one, value in zip(found, values, strict=True))  # 1.0 is no 1


def names_of(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(node.name, node.operation.keras_class) for node in load(document).graph.nodes[1:]]


@pytest.mark.parametrize(("pooling", "layer"), [("max", "GlobalMaxPooling2D"), ("avg", "GlobalAveragePooling2D")])
def test_the_layers_of_a_head(pooling: str, layer: str) -> None:
    base = {"name": "x", "input": [8, 8, 3], "classes": 3, "body": []}
    classes = [kind for _, kind in names_of({**base, "head": {"pooling": pooling, "dropout": 0.5}})]
    assert classes == [layer, "Dropout", "Dense"]
    found = names_of(
        {**base, "body": [{"block": "head", "name": "end", "pooling": pooling, "dropout": 0.5}], "head": None}
    )
    assert ("end_dropout", "Dropout") in found


def test_the_layers_of_further_outputs_have_their_names() -> None:
    body = [{"block": "conv", "name": "a", "filters": 3}, "conv3-8"]
    heads = {
        "list": ["conv3-8", "globalavgpool"],
        "one": "globalavgpool",
        "own": [{"block": "flatten", "name": "flat"}],
    }
    outputs = {name: {"from": "a", "head": head} for name, head in heads.items()}
    found = names_of({"name": "x", "input": [8, 8, 3], "body": body, "head": None, "outputs": outputs})
    assert [name for name, _ in found[2:]] == ["list_0", "list_1", "one_0", "flat"]


def test_the_blocks_of_a_table_have_its_name() -> None:
    table = {"block": "table", "name": "t", "columns": ["filters"], "rows": [[3], [4]], "of": "conv"}
    found = names_of({"name": "x", "input": [8, 8, 3], "body": [table], "head": None})
    assert found == [("t_0", "Conv2D"), ("t_1", "Conv2D")]
