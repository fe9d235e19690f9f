"""What is said of parameters, templates and defaults that nothing could use, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from convspec import load

from .wrong_specs import diagnostics

DOCUMENTS = {
    "an unused parameter": ("name: x\ninput: [8, 8, 3]\nparameters: {depth: 3}\nbody: [conv3-8]\n", "3:14: parameters.depth: no expression uses the parameter 'depth'"),
    "a variant's parameter": ("name: x\ninput: [8, 8, 3]\nparameters: {depth: 3}\nbody: ['conv3-${depth}']\nvariants: {deep: {depht: 5}}\n", "5:19: variants.deep.depht: no parameter is called 'depht'; did you mean 'depth'?"),
    "defaults of no block": ("name: x\ninput: [8, 8, 3]\ndefaults: {convv: {use_bias: false}}\nbody: [conv3-8]\n", "3:12: defaults.convv: no block is called 'convv'; did you mean 'conv'?"),
    "defaults of no field": ("name: x\ninput: [8, 8, 3]\ndefaults: {max_pool: {size: 3}}\nbody: [conv3-8]\n", "3:23: defaults.max_pool.size: max_pool has no field 'size'; did you mean 'pool_size'?"),
    "defaults of a template": ("name: x\ninput: [8, 8, 3]\ntemplates: {a: {body: [conv3-8]}}\ndefaults: {a: {n: 3}}\nbody: [{block: a}]\n", "4:12: defaults.a: 'a' is a template, and `defaults` are for blocks"),
    "a template's list of parameters": ("name: x\ninput: [8, 8, 3]\ntemplates: {a: {parameters: [n], body: [conv3-8]}}\nbody: [{block: a}]\n", "3:29: templates.a.parameters: expected a mapping of names to defaults, not ['n']"),
    "a template's unused parameter": ("name: x\ninput: [8, 8, 3]\ntemplates: {a: {parameters: {n: 3}, body: [conv3-8]}}\nbody: [{block: a}]\n", "3:30: templates.a.parameters.n: no expression uses the parameter 'n'"),
    "a parameter that no expression can name": ("name: x\ninput: [8, 8, 3]\nparameters: {a b: 3}\nbody: [conv3-8]\n", "3:14: parameters.a b: no expression can use a parameter called 'a b'"),
    "a parameter in another form of Unicode": ("name: x\ninput: [8, 8, 3]\nparameters: {ａ: 3}\nbody: ['conv3-${ａ}']\n", "3:14: parameters.ａ: no expression can use a parameter called 'ａ'"),
    "a parameter called true": ("name: x\ninput: [8, 8, 3]\nparameters: {true: 3}\nbody: ['conv3-${true}']\n", "3:14: parameters.true: 'true' means something else in expressions"),
    "a parameter called as a counter": ("name: x\ninput: [8, 8, 3]\nparameters: {i: 3}\nbody: [{block: conv, repeat: 2, filters: '${i + 1}'}]\n", "3:14: parameters.i: 'i' counts repeats here, which hides the parameter"),
    "a parameter called as a named counter": ("name: x\ninput: [8, 8, 3]\nparameters: {k: 3}\nbody: [{block: conv, repeat: 2, counter: k, filters: '${k + 1}'}]\n", "3:14: parameters.k: 'k' counts repeats here, which hides the parameter"),
    "a parameter called classes": ("name: x\ninput: [8, 8, 3]\nclasses: 10\nparameters: {classes: 5}\nbody: ['fc${classes}']\n", "4:14: parameters.classes: `classes` is 10, which the parameter hides"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_mistake_in_the_document(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert diagnostics(tmp_path, text).split("\n")[0] == f"toy.yaml:{expected}"


def test_names_that_nothing_hides_are_right() -> None:
    base = {"name": "x", "input": [8, 8, 3], "head": None}
    block = {"block": "conv", "filters": "${i}"}
    assert load({**base, "parameters": {"i": 5}, "body": [block]}).graph.outputs[0].shape == (8, 8, 5)
    document = {**base, "classes": "${classes}", "parameters": {"classes": 7}, "body": ["conv3-8"]}
    assert load(document).classes == 7
