"""What is said of expressions, repeats, conditions, tables and templates, word for word."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import pytest

from convspec import InputError, load
from convspec.language.expressions import LONGEST, evaluate
from convspec.language.functions import ExpressionError

from .wrong_specs import diagnostics, message

ONE_LINE = {
    "an unknown parameter": (
        "{block: conv, filters: '${width}'}",
        "toy.yaml:5:28: body[0].filters: no parameter is called 'width'",
    ),
    "an expression": (
        "{block: conv, filters: '${3 +}'}",
        "toy.yaml:5:28: body[0].filters: ${3 +} is no expression",
    ),
    "a division by zero": (
        "{block: conv, filters: '${3 / 0}'}",
        "toy.yaml:5:28: body[0].filters: ${3 / 0} divides by zero",
    ),
    "an unknown function": (
        "{block: conv, filters: '${flor(1)}'}",
        "toy.yaml:5:28: body[0].filters: no function is called 'flor'; did you mean 'floor'?",
    ),
    "an attribute": (
        "{block: conv, filters: '${classes.real}'}",
        "toy.yaml:5:28: body[0].filters: 'classes.real' is not allowed in ${...}: arithmetic over parameters is",
    ),
    "a huge power": (
        "{block: conv, filters: '${9 ** 999999}'}",
        "toy.yaml:5:28: body[0].filters: 9 ** 999999 is out of bounds: an exponent is a number up to 64",
    ),
    "one repeat too many": (
        "{block: conv, filters: 8, repeat: 1000000000}",
        "toy.yaml:5:39: body[0].repeat: repeat is 1,000,000,000; it goes from 0 to 10,000",
    ),
    "a condition": (
        "{block: conv, filters: 8, when: maybe}",
        "toy.yaml:5:37: body[0].when: expected true or false, not 'maybe'",
    ),
    "a root": (
        "{block: conv, filters: '${(-8) ** 0.5}'}",
        "toy.yaml:5:28: body[0].filters: a root of a number below 0 is no real number",
    ),
    "an endless list": (
        "{block: conv, filters: '${[[1] * 9999] * 9999}'}",
        "toy.yaml:5:28: body[0].filters: a list of more than 10,000 values is too long",
    ),
    "a table without columns": (
        "{block: table, columns: [], rows: [[]], of: conv}",
        "toy.yaml:5:29: body[0].columns: is empty",
    ),
    "a table without rows": (
        "{block: table, columns: [filters], rows: [], of: conv}",
        "toy.yaml:5:46: body[0].rows: is empty",
    ),
    "repeats that cannot be computed": (
        "{block: conv, filters: 8, repeat: '${n}'}",
        "toy.yaml:5:39: body[0].repeat: no parameter is called 'n'",
    ),
    "a condition that cannot be computed": (
        "{block: conv, filters: 8, when: '${n}'}",
        "toy.yaml:5:37: body[0].when: no parameter is called 'n'",
    ),
    "a block in a row of an expression": (
        """{block: table, columns: [branches], rows: ['${[[["conv9_9"]]]}'], of: parallel}""",
        "toy.yaml:5:48: body[0].rows[0][0][0][0]: 'conv9_9' is no block in VGG's notation; the forms are conv3-64 "
        "(CONV-RELU: size-filters), conv3-64/2 (with a stride), conv1x7-64, maxpool2/2 (size/stride), avgpool3/2, "
        "fc4096 (FC-RELU), dropout0.5, flatten, globalavgpool, globalmaxpool, batchnorm, relu, lrn",
    ),
}


@pytest.mark.parametrize(("item", "expected"), ONE_LINE.values(), ids=ONE_LINE.keys())
def test_one_mistake_in_one_line(tmp_path: Path, item: str, expected: str) -> None:
    assert message(tmp_path, item) == expected


DOCUMENTS = {
    "a cycle of templates": (
        "name: x\ninput: [8, 8, 3]\ntemplates:\n  a: {body: [{block: b}]}\n  b: {body: [{block: a}]}\nbody: [{block: a}]\n",
        "5:22: templates.b.body[0].block: the template 'a' contains itself: a -> b -> a",
    ),
    "a template's parameter": (
        "name: x\ninput: [8, 8, 3]\ntemplates:\n  a: {parameters: {width: 8}, body: ['conv3-${width}']}\nbody: [{block: a, widht: 3}]\n",
        "5:19: body[0].widht: the template 'a' has no parameter 'widht'; did you mean 'width'?",
    ),
    "a required parameter": (
        "name: x\ninput: [8, 8, 3]\ntemplates:\n  a: {parameters: {width: null}, body: ['conv3-${width}']}\nbody: [{block: a}]\n",
        "5:8: body[0]: the template 'a' needs 'width'",
    ),
    "a row too short": (
        "name: x\ninput: [8, 8, 3]\nbody: [{block: table, columns: [filters, strides], rows: [[3]], of: conv}]\n",
        "3:59: body[0].rows[0]: row 0 has 1 values for 2 columns",
    ),
    "a parameter's own mistake, once": ("name: x\ninput: [8, 8, 3]\nparameters: {n: '${3 +}'}\nbody: ['conv3-${n}']\n", "3:17: parameters.n: ${3 +} is no expression"),
    "a list as a number": ("name: x\ninput: [8, 8, 3]\nparameters: {n: [3, {a: 1}]}\nbody: [{block: conv, filters: '${n * 1.5}'}]\n", "4:31: body[0].filters: ${n * 1.5} cannot be computed: can't multiply sequence by non-int of type 'float'"),
    "two lists as numbers": ("name: x\ninput: [8, 8, 3]\nparameters: {n: [3, {a: 1}]}\nbody: [{block: conv, filters: '${n[1] - n}'}]\n", "4:31: body[0].filters: ${n[1] - n} cannot be computed: unsupported operand type(s) for -: 'mapping' and 'list'"),
    "classes that cannot be computed": ("name: x\ninput: [8, 8, 3]\nclasses: '${many}'\nparameters: {n: 3}\nbody: ['conv3-${n}', 'fc${classes}']\n", "3:10: classes: no parameter is called 'many'"),
    "rows that are no list": ("name: x\ninput: [8, 8, 3]\nbody: [{block: table, columns: [filters], rows: '${3}', of: conv}]\n", "3:49: body[0].rows: expected a list of rows, not 3"),
    "a row that is no list": ("name: x\ninput: [8, 8, 3]\nbody: [{block: table, columns: [filters], rows: [3], of: conv}]\n", "3:50: body[0].rows[0]: row 0 is 3, not a list for 1 columns"),
    "a column without a name": ("name: x\ninput: [8, 8, 3]\nbody: [{block: table, columns: [[filters]], rows: [[3]], of: conv}]\n", "3:33: body[0].columns[0]: a column's name is a text, not ['filters']"),
    "a column twice": ("name: x\ninput: [8, 8, 3]\nbody: [{block: table, columns: [filters, filters], rows: [[3, 4]], of: conv}]\n", "3:42: body[0].columns[1]: two columns are called 'filters'"),
    "a counter that is no word": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 8, repeat: 2, counter: 5}]\n", "3:54: body[0].counter: 5 is no name for an expression; a counter is a word such as stage"),
    "a counter of nothing": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 8, counter: k}]\n", "3:34: body[0].counter: nothing is counted without `repeat`"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_mistake_in_the_document(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert diagnostics(tmp_path, text).split("\n")[0] == f"toy.yaml:{expected}"


def test_a_text_that_is_no_block_lists_the_forms(tmp_path: Path) -> None:
    assert message(tmp_path, "conv3_64").startswith(
        "toy.yaml:5:5: body[0]: 'conv3_64' is no block in VGG's notation; the forms are conv3-64 (CONV-RELU: "
    )


def test_the_longest_expression_is_evaluated_where_the_stack_allows_it() -> None:
    deep = "-" * (LONGEST - 1) + "1"
    assert evaluate(deep, {}) == -1
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(len(inspect.stack()) + LONGEST // 2)
        with pytest.raises(ExpressionError, match="nests too deeply"):
            evaluate(deep, {})
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("power", ["[1] ** 2", "2 ** [1]", "2 ** 65", "2 ** -65"])
def test_powers_are_of_numbers_and_up_to_64(power: str) -> None:
    document = {"name": "x", "input": [8, 8, 3], "parameters": {"a": "${" + power + "}"}, "body": ["conv3-8"]}
    with pytest.raises(InputError) as caught:
        load(document)
    assert f"{power} is out of bounds: an exponent is a number up to 64" in str(caught.value)
