"""All errors of a document are reported at once."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from convspec import InputError, load
from convspec.commands.arguments import parse_settings
from convspec.language.located import Text

from .told import diagnostics

SPEC = """\
name: x
input: [8, 8, 1]
classes: 3
body:
  - {block: conv, name: stem, filters: 8}
  - {block: conv, filters: 8, from: stm}
  - {block: add, from: [stem, bd_1]}
  - {block: add, from: [steem, body_1]}
  - {block: table, of: conv, columns: [filters, strides], rows: [[8], [8, 1], [8, 1, 1]]}
head: {dropout: 2}
train: {l2: -1}
tune: {space: {train.optimizer.learnin_rate: {log_uniform: [1.0e-3, 1.0]}}}
"""


def test_errors_in_all_sections_are_reported_at_once(tmp_path: Path) -> None:
    found = diagnostics(tmp_path, SPEC)
    assert [line.partition(": ")[2].partition(": ")[0] for line in found] == [
        "body[1].from", "body[2].from", "body[3].from", "body[4].rows[0]", "body[4].rows[2]", "head.dropout", "train.l2",
        "tune.space.train.optimizer.learnin_rate",
    ]  # fmt: skip
    assert found[1] == "7:24: body[2].from: no earlier block is called 'bd_1'; did you mean 'body_1'?"
    assert found[4] == "9:79: body[4].rows[2]: row 2 has 3 values for 2 columns"
    assert found[-1].endswith("`optimizer` has no field 'learnin_rate'; did you mean 'learning_rate'?")


def test_shapes_behind_an_unknown_block_are_not_guessed_at(tmp_path: Path) -> None:
    """`gap` is a vector: what takes the input of a block that is not there instead of it would not fit."""
    text = (
        "name: x\ninput: [8, 8, 1]\nbody:\n  - {block: global_avg_pool}\n  - {block: conv, filters: 3, from: inptu}\n"
    )
    assert diagnostics(tmp_path, text + "head: null\n") == [
        "5:37: body[1].from: no earlier block is called 'inptu'; did you mean 'input'?"
    ]


RIGHT = """\
name: x
input: [8, 8, 1]
classes: 3
parameters:
  width: 8
  rate: 0.5
  rows: [[4, 1], [8, 2]]
templates:
  unit:
    parameters: {filters: null, act: relu}
    body:
      - {block: conv, name: a, filters: "${filters}", activation: "${act}"}
      - {block: batch_norm, name: b}
defaults:
  conv: {kernel_size: 3}
body:
  - {block: conv, name: stem, filters: "${width}"}
  - {block: unit, name: one, filters: 8}
  - {block: conv, name: more, filters: "${width}", repeat: 2}
  - {block: table, name: rows, of: conv, columns: [filters, strides], rows: "${rows}"}
  - block: parallel
    name: branches
    branches:
      - [{block: conv, filters: 8}]
      - [conv1-4, {block: conv, filters: 8}]
  - {block: conv, name: late, filters: 8, when: "${width > 1}"}
  - {block: conv, name: other, filters: 8}
  - {block: add, name: sum, from: [late, other]}
  - {block: activation, name: first, activation: relu}
  - {block: activation, name: last, activation: relu}
head: {dropout: "${rate}"}
outputs:
  aux: {from: stem, head: {dropout: 0.1}}
train:
  optimizer: {name: adam, learning_rate: 1.0e-3}
  epochs: 3
  schedule: {name: cosine}
  augmentation: {flip: horizontal}
tune:
  space:
    head.dropout: {uniform: [0.1, 0.5]}
    train.l2: {log_uniform: [1.0e-6, 1.0e-2]}
  stages:
    - {trials: 3, epochs: 1}
"""

MISFIT = ("block: activation, name: first, activation: relu", "block: maxout, name: first, pieces: 3")
"""8 channels are not a multiple of 3, whatever is wrong with blocks that do not change these 8."""

FAULTS = [
    ("name: x", "name: a b"),
    ("input: [8, 8, 1]", "input: 8x8x1"),
    ("classes: 3", "classes: three"),
    ("classes: 3", "classes: 3\nclasses: 4"),
    ("classes: 3", "classes: ${1 / 0}"),
    ("width: 8", "width: 010"),
    ("width: 8", "width: ${1 / 0}"),
    ("rate: 0.5", "rate: 0.5\n  idle: 2"),
    ("rate: 0.5", "rate: !!int half"),
    ("[[4, 1], [8, 2]]", "[[4, 1], [8, 2, 3]]"),
    ("act: relu}", "act: relu, none: 1}"),
    ("block: batch_norm, name: b", "block: batch_norm, name: b, momentum: 2"),
    ("activation: ${act}", "activation: ${atc}"),
    ("conv: {kernel_size: 3}", "conv: {kernel_sise: 3}"),
    ("conv: {kernel_size: 3}", "conv: {kernel_size: -3}"),
    ("name: stem, filters:", "name: stem, strides: 0, filters:"),
    ("name: stem,", "name: stem, from: [stam],"),
    ("name: one, filters: 8", "name: one"),
    ("block: unit", "block: unti"),
    ("filters: ${width}, repeat: 2", "filters: ${width}, padding: low, repeat: ${two}"),
    ("repeat: 2", "repeat: -1"),
    ("columns: [filters, strides]", "columns: [filters, filters]"),
    ("of: conv", "of: konv"),
    ("- [{block: conv, filters: 8}]", "- [{block: conv, filters: '8'}]"),
    ("conv1-4, {", "conv1x-4, {"),
    ("conv1-4, {block: conv, filters: 8}", "conv1-4, {block: conv, filters: ${8 // 0}}"),
    ("when: ${width > 1}", "when: 1"),
    ("name: other, filters: 8", "name: other, filters: 0"),
    ("name: last, activation: relu", "activation: relu, name: first"),
    ("name: last, activation: relu", "name: last, actvation: relu"),
    MISFIT,
    ("from: [late, other]", "from: [late, others]"),
    ("from: [late, other]", "from: [late]"),
    ("block: add", "block: add, activation: reluu"),
    ("dropout: ${rate}", "dropout: ${1.5}"),
    ("dropout: ${rate}", "dropout: ${rate}, pooling: average"),
    ("from: stem", "from: stm"),
    ("head: {dropout: 0.1}", "head: {dropout: 1.5}"),
    ("  aux: {", "  aux: {loss_weight: -1, "),
    ("learning_rate: 1.0e-3", "learning_rate: 1e-3"),
    ("{name: adam", "{name: adma"),
    ("epochs: 3", "epochs: 0"),
    ("name: cosine", "name: cosine, warmup: ${nothing}"),
    ("flip: horizontal", "flip: sideways"),
    ("head.dropout: {", "head.droput: {"),
    ("log_uniform: [1.0e-6, 1.0e-2]", "log_uniform: [1.0e-2, 1.0e-6]"),
    ("trials: 3, epochs: 1", "trials: 0, epochs: 1"),
    ("trials: 3, epochs: 1", "trials: 3, epochs: 1, keep: *nothing"),
    ("}\n  epochs", ", clipnorm: 1, clipvalue: 1}\n  epochs"),
    ("}\n  augmentation", ", every: 2, at: [3, 1]}\n  augmentation"),
    ("train:\n", "train:\n  jit_compile: true\n  balanced: true\n  class_weights: balanced\n"),
    ("head: {dropout: ${", "head: {flatten: true, pooling: max, dropout: ${"),
    ("}\nhead", "}\n  - {block: conv_relu_pool, convs: 2, kernel_sizes: [3]}\nhead"),
    ("tune:\n", "tune:\n  folds: 1\n"),
    (
        "  space:\n",
        "  space:\n    name: {choice: [a, b]}\n    train.batch_size: {choice: [2, 4], when: {train.batch_size: 2}}\n",
    ),
]

OF_THE_SUM = ("width: 8", "when: ${width > 1}", "name: other, filters: 8", "from: [late, other]")
"""Places of what the shape behind the sum depends on."""

DEPENDENT = [
    {("from: [late, other]", "from: [late]"), ("block: add", "block: add, activation: reluu")},
    {("[[4, 1], [8, 2]]", "[[4, 1], [8, 2, 3]]"), ("of: conv", "of: konv")},
    {("name: one, filters: 8", "name: one"), ("block: unit", "block: unti")},
    *({(right, wrong), MISFIT} for right, wrong in FAULTS if right in OF_THE_SUM),
    {("name: last, activation: relu", "activation: relu, name: first"), MISFIT},
    {
        ("dropout: ${rate}", "dropout: ${rate}, pooling: average"),
        ("head: {dropout: ${", "head: {flatten: true, pooling: max, dropout: ${"),
    },
]
"""One of each is seen only where the other is right: what a block is connected to, of what kind a row's is, what one needs."""


def with_faults(faults: Iterable[tuple[str, str]]) -> str:
    text = RIGHT.replace('"${', "${").replace('}"', "}")
    for right, wrong in faults:
        assert text.count(right) == 1, right
        text = text.replace(right, wrong)
    return re.sub(r"(\$\{[^}]*\})", r'"\1"', text)


def errors(faults: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    try:
        load(Text("x.yaml", with_faults(faults)))
    except InputError as error:
        return {(diagnostic.path, diagnostic.message) for diagnostic in error.diagnostics}
    return set()


def test_the_document_without_faults_is_right() -> None:
    assert errors([]) == set()


Fault = tuple[str, str]


def independent(one: Fault, two: Fault) -> bool:
    return one[0] not in two[0] and two[0] not in one[0] and {one, two} not in DEPENDENT


def together() -> Iterator[list[Fault]]:
    """Groups of eight faults; each two that are independent are together in one of them."""
    left = {pair: None for pair in itertools.combinations(FAULTS, 2) if independent(*pair)}
    while left:
        group = list(next(iter(left)))
        while len(group) < 8 and (
            fitting := [fault for fault in FAULTS if all(independent(fault, other) for other in group)]
        ):
            group.append(max(fitting, key=lambda fault: sum((one, fault) in left for one in group)))
        for pair in itertools.permutations(group, 2):
            left.pop(pair, None)
        yield group


def test_faults_neither_hide_nor_add_to_each_other() -> None:
    alone = {fault: errors([fault]) for fault in FAULTS}
    assert [fault for fault in FAULTS if not alone[fault]] == []
    groups = list(together())
    assert {len(group) for group in groups} == {8}
    for group in groups:
        assert errors(group) == set().union(*(alone[fault] for fault in group))


def test_fields_that_cannot_be_set_hide_neither_each_other_nor_the_documents_errors() -> None:
    overrides = {"heead.dropout": 0.5, "train.epochs": "many", "body[9].filters": 3, "head.dropout": 2}
    alone = {"heead.dropout=0.5", "train.epochs=many", "body[9].filters=3", "head.dropout=2"}
    with pytest.raises(InputError) as caught:
        load("lenet5").with_overrides(overrides)
    assert {diagnostic.file for diagnostic in caught.value.diagnostics} == alone
    with pytest.raises(InputError) as caught:
        load(Text("x.yaml", with_faults([("input: [8, 8, 1]", "input: 8x8x1")])), overrides=overrides)
    assert {diagnostic.file for diagnostic in caught.value.diagnostics} == alone | {"x.yaml"}
    with pytest.raises(InputError) as caught:
        load("lenet5", overrides={"a..b": 1, "extends": "x", "c[": 2})
    assert len(caught.value.diagnostics) == 3


@pytest.mark.parametrize("more", ["", "fit: x\n", "train: {epochs: 0}\n"])
def test_a_body_that_is_left_empty_is_reported(tmp_path: Path, more: str) -> None:
    found = diagnostics(tmp_path, f"name: a\ninput: [8, 8, 1]\nclasses: 10\n{more}body:\n")
    assert any(line.endswith(": body: expected a list of blocks, not null") for line in found)
    with pytest.raises(InputError, match="body: expected a list of blocks, not null"):
        load("lenet5", overrides={"body": None})


def test_stages_that_the_document_does_not_have_are_not_judged(tmp_path: Path) -> None:
    text = (
        "name: a\ninput: [8, 8, 1]\nclasses: 10\nbody: [conv3-8]\ntrain: {epochs: 20, schedule: {name: cosine, warmup: 5}}\n"
        "tune: {space: {train.l2: {uniform: [0.1, 0.2]}}, stages: [{trials: 3, epochs: 20}], folds: 0}\n"
    )
    assert [line.split(": ")[1] for line in diagnostics(tmp_path, text)] == ["tune.folds"]


def test_overrides_that_cannot_be_set_do_not_hide_each_other() -> None:
    overrides = {
        "extends": "x",
        "head.dropout": 2,
        "a[": 1,
        "train.epochs": object(),
        "train.l2": -1,
    }
    for of in (lambda: load("lenet5", overrides=overrides), lambda: load("lenet5").with_overrides(overrides)):
        with pytest.raises(InputError) as caught:
            of()
        assert len(caught.value.diagnostics) == 5
    spec = {
        "name": "a b",
        "input": [8, 8, 1],
        "classes": object(),
        "body": [{"block": "conv", "filters": b"8", "strides": 0}],
    }
    with pytest.raises(InputError) as caught:
        load(spec)
    assert {one.path for one in caught.value.diagnostics} == {"name", "classes", "body[0].filters", "body[0].strides"}


def test_each_wrong_setting_of_the_command_line_is_reported_with_its_path() -> None:
    with pytest.raises(InputError) as caught:
        parse_settings(["train.epochs=[3", "a", "train.l2=1e-3", "b..c=2", "head.dropout=0.5"])
    files = [one.file for one in caught.value.diagnostics]
    assert files == ["--set train.epochs", "", "--set train.l2", ""]
