"""What is said of expressions, repeats, conditions, tables and templates, word for word."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

import pytest

from convspec import InputError, load
from convspec.language.expressions import LONGEST, evaluate, substitute
from convspec.language.functions import FUNCTIONS, ExpressionError

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
    "a list as a number": ("name: x\ninput: [8, 8, 3]\nparameters: {n: [3, {a: 1}]}\nbody: [{block: conv, filters: '${n * 1.5}'}]\n", "4:31: body[0].filters: [3, {'a': 1}] is a list, not a number"),
    "two lists as numbers": ("name: x\ninput: [8, 8, 3]\nparameters: {n: [3, {a: 1}]}\nbody: [{block: conv, filters: '${n[1] - n}'}]\n", "4:31: body[0].filters: {'a': 1} is a mapping, not a number"),
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


NAMES = {"s": "16", "l": [1, 2], "m": {"a": 1}, "n": None, "w": 8}
MISUSED = {
    "s > 8": "'16' is text, not a number",
    "8 < n": "null is no number",
    "-l": "[1, 2] is a list, not a number",
    "w / m": "{'a': 1} is a mapping, not a number",
    "1 in w": "`in` takes a list, or two texts, not 1 and 8",
    "w not in s": "`in` takes a list, or two texts, not 8 and '16'",
    "len(w)": "len takes a list or a text, not 8",
    "sqrt(-1)": "sqrt takes a number that is at least 0, not -1",
    "min()": "min takes two numbers or more, or a list of them, not nothing",
    "round_to(w)": "round_to takes a number and a multiple, not 8",
    "floor": "'floor' is a function and needs its arguments: floor(...)",
    "foor": "no parameter is called 'foor'",
    "m[l]": "{'a': 1} has no key [1, 2]",
    "l[::0]": "[null, null, 0] are no start, end and step of a part",
    "1e300 ** 9": "a number beyond 9.22e+18 is out of bounds",
}
OPERATORS = (*"+-*/%<>", "//", "**", "<=", "==", "in", "not in", "and")
PYTHON = re.compile(r"\b(None|True|False|int|str|float|dict|tuple|Located\w+|argument|operand|iterable|object)\b")


@pytest.mark.parametrize(("expression", "expected"), MISUSED.items(), ids=MISUSED.keys())
def test_a_value_of_the_wrong_type(expression: str, expected: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(expression, NAMES)
    assert str(caught.value) == expected


def refusal(expression: str) -> str:
    """What an expression is refused with; empty where it has a value."""
    try:
        evaluate(expression, NAMES)
    except ExpressionError as error:
        return str(error)
    return ""


def test_no_operator_or_function_answers_in_pythons_words() -> None:
    """Every operator between values of all types, and every function of up to two of them."""
    values = [*NAMES, "1.5", "-1", "[]"]
    pairs = [(one, other) for one in values for other in values]
    expressions = [f"{one} {operator} {other}" for one, other in pairs for operator in OPERATORS]
    expressions += [f"{name}({', '.join(given)})" for name in FUNCTIONS for given in [(), *pairs, *zip(values)]]
    expressions += [f"{one}[{other}]" for one, other in pairs] + [f"{one}[{other}:]" for one, other in pairs]
    answers = list(filter(None, map(refusal, expressions)))
    assert len(answers) > len(expressions) // 3
    assert [answer for answer in answers if PYTHON.search(answer.removeprefix("int takes"))] == []


def test_a_text_is_made_of_values_in_yamls_words() -> None:
    assert substitute("a_${w > 2}_${1.5}", NAMES) == "a_true_1.5"
    with pytest.raises(ExpressionError, match="null cannot be a part of a text"):
        substitute("conv3-${n}", NAMES)


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
