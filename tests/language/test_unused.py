"""What a document holds and its network does nothing with is an error, or takes effect; word for word."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from convspec import InputError, load

TOY = "name: toy\ninput: [8, 8, 3]\nclasses: 3\n"


def errors(tmp_path: Path, text: str) -> list[str]:
    """Each error's place, message and remedy in a line."""
    path = tmp_path / "toy.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load(path)
    assert all(diagnostic.file == str(path) and diagnostic.source for diagnostic in caught.value.diagnostics)
    return [
        f"{diagnostic.line}:{diagnostic.column}: {diagnostic.path}: {diagnostic.message}"
        + (f" / {diagnostic.remedy}" if diagnostic.remedy else "")
        for diagnostic in caught.value.diagnostics
    ]


def names(document: dict[str, object]) -> list[str]:
    return [node.name for node in load({"name": "x", "input": [8, 8, 3], "classes": 3, **document}).layers]


OF_TWO = "nothing reads element 2: the list has 3, and expressions read the first 2"
LISTS = {
    "a list": (
        "parameters: {n: [4, 8, 16]}\nbody: [{block: conv, repeat: 2, filters: '${n[i]}'}]\n",
        f"4:24: parameters.n[2]: {OF_TWO}",
    ),
    "a list of one": (
        "parameters: {n: [4, 8]}\nbody: [{block: conv, filters: '${n[0]}'}]\n",
        "4:21: parameters.n[1]: nothing reads element 1: the list has 2, and expressions read the first alone",
    ),
    "a list that is counted and added up": (
        "parameters: {n: [1, 2, 3]}\nbody: [{block: conv, repeat: 2, filters: '${n[i] + sum(n) + len(n) + sum(n[:i])}'}]\n",
        f"4:24: parameters.n[2]: {OF_TWO}",
    ),
    "a row of a list": (
        "parameters: {n: [[4, 3], [8, 3, 5]]}\n"
        "body: [{block: conv, repeat: 2, filters: '${n[i][0]}', kernel_size: '${n[i][1]}'}]\n",
        f"4:33: parameters.n[1][2]: {OF_TWO}",
    ),
    "what a template is given": (
        "templates: {t: {parameters: {n: null}, body: [{block: conv, repeat: 2, filters: '${n[i]}'}]}}\n"
        "body: [{block: t, n: [4, 8, 9]}]\n",
        f"5:29: body[0].n[2]: {OF_TWO}",
    ),
    "a template's default": (
        "templates: {t: {parameters: {n: [4, 8, 9]}, body: [{block: conv, repeat: 2, filters: '${n[i]}'}]}}\n"
        "body: [{block: t}, {block: t, n: [5, 6]}]\n",
        f"4:40: templates.t.parameters.n[2]: {OF_TWO}",
    ),
    "a list that is passed on": (
        "parameters: {n: [[4, 8, 9]], m: '${n[0]}'}\n"
        "templates: {t: {parameters: {k: null}, body: [{block: conv, repeat: 2, filters: '${k[i]}'}]}}\n"
        "body: [{block: t, k: '${m}'}]\n",
        f"4:25: parameters.n[0][2]: {OF_TWO}",
    ),
    "a list whose numbers are rounded": (
        "parameters: {n: [1, 2, 3], m: '${round_repeats(n, 2)}'}\nbody: [{block: conv, repeat: 2, filters: '${m[i]}'}]\n",
        f"4:24: parameters.n[2]: {OF_TWO}",
    ),
    "the cell of a table": (
        "body: [{block: table, columns: [n], rows: [[[4, 3, 5]]], of: {block: conv, filters: '${n[0]}', "
        "kernel_size: '${n[1]}'}}]\n",
        f"4:52: body[0].rows[0][0][2]: {OF_TWO}",
    ),
}


@pytest.mark.parametrize(("text", "expected"), LISTS.values(), ids=LISTS.keys())
def test_one_element_too_many(tmp_path: Path, text: str, expected: str) -> None:
    assert errors(tmp_path, TOY + text) == [f"{expected} / leave out what is too much, or let an expression read it"]


def test_the_key_of_a_mapping_that_no_expression_reads(tmp_path: Path) -> None:
    text = "parameters: {n: {filters: 4, fitlers: 8}}\nbody: [{block: conv, filters: \"${n['filters']}\"}]\n"
    remedy = "leave it out, or let an expression read it"
    assert errors(tmp_path, TOY + text) == [
        f"4:30: parameters.n.fitlers: nothing reads 'fitlers'; did you mean 'filters'? / {remedy}"
    ]


READ = {
    "as a whole": {"n": [3, 5], "body": [{"block": "conv", "filters": "${n[0]}", "kernel_size": "${n}"}]},
    "in a comparison": {"n": [3, 5], "body": [{"block": "conv", "filters": "${n[0] + (5 in n)}"}]},
    "from the end": {"n": [3, 5], "body": [{"block": "conv", "filters": "${n[-1]}"}]},
    "in a condition that does not hold": {
        "n": [3, 5],
        "body": ["conv3-4", {"block": "conv", "filters": "${n[0]}"}, {"block": "conv", "filters": "${n[1]}", "when": False}],
    },
    "by its length alone": {"n": [3, 5], "body": ["conv3-${len(n)}"]},
    "in part as rows": {"n": [[3], [5]], "body": [{"block": "table", "of": "conv", "columns": ["filters"], "rows": "${n[:1]}"}]},
}  # fmt: skip


@pytest.mark.parametrize("parts", READ.values(), ids=READ.keys())
def test_a_list_is_read(parts: dict[str, object]) -> None:
    assert names({"parameters": {"n": parts["n"]}, "body": parts["body"]})


FAMILY = {
    "name": "family",
    "input": [8, 8, 3],
    "parameters": {"stages": 2, "filters": [4, 8, 16], "p": 0.1, "unit": "conv", "bias": False},
    "defaults": {"conv": {"use_bias": "${bias}"}, "depthwise_conv": {"use_bias": "${bias}"}},
    "body": [
        {"block": "${unit}", "kernel_size": 3},
        {"block": "dense_block", "repeat": "${stages}", "layers": 1, "growth_rate": "${filters[i]}"},
        {"block": "dropout", "rate": "${p * sum(filters) / 100}"},
    ],
    "variants": {"small": {"unit": "depthwise_conv"}, "large": {"unit": "depthwise_conv", "stages": 3}},
}


def test_what_one_member_of_a_family_uses_is_used_by_it_and_a_member_is_a_document_of_its_own(tmp_path: Path) -> None:
    """Elements, defaults and their parameters; the sum over a list goes on meaning what it did."""
    path = tmp_path / "small.yaml"
    for variant, sizes in (("small", [4, 8]), ("large", [4, 8, 16])):
        spec = load(FAMILY, variant=variant)
        path.write_text(spec.to_yaml())
        again = load(path)
        assert again.fingerprint == spec.fingerprint
        assert again.source["parameters"]["filters"] == sizes
        assert again.source["defaults"].keys() == {"depthwise_conv"}
        assert load(path).to_yaml() == path.read_text()


def test_what_no_member_of_a_family_uses_is_an_error_in_each() -> None:
    variants = {**FAMILY["variants"], "large": {"unit": "depthwise_conv", "filters": [1, 2, 3]}}
    for variant in variants:
        with pytest.raises(InputError) as caught:
            load({**FAMILY, "variants": variants}, variant=variant)
        found = {diagnostic.path for diagnostic in caught.value.diagnostics}
        assert "parameters.filters[2]" in found


def test_what_overrides_leave_without_a_use_is_no_error(tmp_path: Path) -> None:
    document = {**FAMILY, "variants": {}, "parameters": {**FAMILY["parameters"], "stages": 3, "unit": "depthwise_conv"}}
    del document["defaults"]["conv"]
    spec = load(document, overrides={"parameters.stages": 1, "body[0].use_bias": True})
    path = tmp_path / "written.yaml"
    path.write_text(spec.to_yaml())
    assert load(path).fingerprint == spec.fingerprint
    assert load(document).with_overrides({"parameters.stages": 1}).source["parameters"]["filters"] == [4, 8, 16]


LEFT_OUT = {
    "a field": ("{block: conv, fliters: 3, filters: 3, when: false}", "19: body[1].fliters: conv has no field 'fliters'; did you mean 'filters'?"),
    "a field that is missing": ("{block: conv, when: false}", "5: body[1]: conv needs `filters`: channels of the output"),
    "a kind": ("{block: cnv, when: false}", "13: body[1].block: no block is called 'cnv'; did you mean 'conv'?"),
    "no kind": ("{filters: 3, when: false}", "5: body[1]: needs `block`, the name of a block"),
    "a value": ("{block: conv, filters: 0, when: '${classes > 3}'}", "28: body[1].filters: must be above 0, not 0"),
    "a name in an expression": ("{block: conv, filters: '${n}', when: false}", "28: body[1].filters: no parameter is called 'n'"),
    "no expression": ("{block: conv, filters: '${3 +}', when: false}", "28: body[1].filters: ${3 +} is no expression"),
    "beside a value that may be right": ("{block: conv, filters: '${classes - 3}', padding: smae, when: false}", "55: body[1].padding: expected valid, same, a number of zeros, [vertical, horizontal] or [[top, bottom], [left, right]], not 'smae'"),
    "no repetition": ("{block: conv, filters: 3, repeat: 0, strids: 2}", "42: body[1].strids: conv has no field 'strids'; did you mean 'strides'?"),
    "a block in it": ("{block: sequence, when: false, body: [{block: cnv}]}", "51: body[1].body[0].block: no block is called 'cnv'; did you mean 'conv'?"),
    "a branch in it": ("{block: parallel, when: false, branches: [[conv3-3], [{block: cnv}]]}", "67: body[1].branches[1][0].block: no block is called 'cnv'; did you mean 'conv'?"),
    "a condition in it": ("{block: sequence, when: false, body: [{block: conv, filters: x, when: false}]}", "66: body[1].body[0].filters: expected a whole number, not 'x'"),
    "what a template takes": ("{block: t, w: 3, v: 3, when: false}", "16: body[1].w: the template 't' has no parameter 'w'"),
    "a row": ("{block: table, when: false, of: conv, columns: [filters], rows: [[3], [0]]}", "76: body[1].rows[1].filters: must be above 0, not 0"),
}  # fmt: skip
TEMPLATE = "templates: {t: {parameters: {v: null}, body: [{block: conv, filters: '${v}'}]}}\n"


@pytest.mark.parametrize(("item", "expected"), LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_a_block_that_is_left_out_is_checked_as_if_it_stood_there(tmp_path: Path, item: str, expected: str) -> None:
    found = errors(tmp_path, f"{TOY}body:\n  - conv3-4\n  - {item}\n  - {{block: t, v: 3}}\n{TEMPLATE}")
    assert found == [f"6:{expected}"]


GUARDED = (
    {"block": "conv", "filters": "${classes - 3}", "when": "${classes > 3}"},
    {"block": "conv", "filters": "${[4][classes]}", "when": "${classes < 1}"},
    {"block": "conv", "filters": "${4 / (classes - 3)}", "kernel_size": [3, "${3 - classes}"], "when": "${classes > 3}"},
    {"block": "max_pool", "pool_size": 64, "when": False},
    {"block": "${[][0]}", "when": False},
    {"block": "head", "flatten": True, "pooling": "${'avg'}", "when": False},
)  # fmt: skip


@pytest.mark.parametrize("block", GUARDED, ids=map(str, GUARDED))
def test_what_a_condition_guards_is_not_judged(block: dict[str, object]) -> None:
    """Its values and shapes are those of other networks; names and fields are the same in all."""
    assert names({"body": ["conv3-4", block], "head": None}) == ["input_layer", "body_0"]


def test_defaults_that_no_block_takes(tmp_path: Path) -> None:
    text = "defaults: {conv: {use_bias: false, padding: same}, dense: {use_bias: false}}\n"
    text += (
        "body: [{block: conv, filters: 3, use_bias: true}, {block: conv, filters: 3, use_bias: true, padding: valid}]\n"
    )
    assert errors(tmp_path, TOY + text) == [
        "4:19: defaults.conv.use_bias: every conv sets its own 'use_bias' / leave one of the two out",
        "4:60: defaults.dense.use_bias: no block here is a dense / leave it out, or write the block",
    ]


def test_defaults_of_a_head_take_effect_in_every_head() -> None:
    defaults = {"head": {"pooling": "max", "fc": [7]}, "auxiliary_classifier": {"units": 5, "pool_size": 2}}
    outputs = {"side": {"from": "body_0", "head": {"dropout": 0.1}}}
    found = names({"defaults": {"head": defaults["head"]}, "body": ["conv3-4"], "outputs": outputs})
    assert sorted(found) == ["body_0", "fc1", "input_layer", "max_pool", "predictions", "side", "side_dropout1",
                             "side_fc1", "side_max_pool"]  # fmt: skip
    assert names({"defaults": {"head": {"fc": [7]}}, "body": ["conv3-4"], "head": {"fc": [], "pooling": "max"}, "outputs":
                  {"a": {"from": "body_0", "head": {}}}}) == ["input_layer", "body_0", "a_avg_pool", "max_pool", "a_fc1",
                                                              "predictions", "a"]  # fmt: skip
    spec = load({"name": "x", "input": [8, 8, 3], "classes": 3, "defaults": defaults, "body": ["conv3-4"],
                 "outputs": {"a": {"from": "body_0", "head": {"block": "auxiliary_classifier"}}}})  # fmt: skip
    assert next(node for node in spec.layers if node.name == "a_fc1").output.shape == (5,)


def test_an_error_in_the_defaults_of_a_head_is_at_its_place(tmp_path: Path) -> None:
    text = "defaults: {head: {dropout: 2}}\nbody: [conv3-4]\n"
    assert errors(tmp_path, TOY + text) == ["4:28: head.dropout: must be below 1, not 2"]


def test_templates_that_no_block_is(tmp_path: Path) -> None:
    text = "templates: {t: {body: [{block: u}]}, u: {body: [conv3-3]}, v: {body: [conv3-3]}}\nbody: [{block: v}]\n"
    assert errors(tmp_path, TOY + text) == [
        "4:13: templates.t: no block is the template 't' / write {block: t}, or leave it out",
        "4:38: templates.u: no block is the template 'u' / write {block: u}, or leave it out",
    ]


@pytest.mark.parametrize("kind", ["t", "${kind}", "${'t' if classes == 3 else 'x'}"])
def test_a_template_may_be_named_by_an_expression_or_by_another(kind: str) -> None:
    templates = {"t": {"body": [{"block": "u"}]}, "u": {"body": ["conv3-3"]}}
    parameters = {"kind": "t"} if "kind" in kind else {}
    assert names({"templates": templates, "parameters": parameters, "body": [{"block": kind}]})


def test_variants_that_are_equal(tmp_path: Path) -> None:
    text = "parameters: {n: 3}\nbody: ['conv3-${n}']\nvariants: {a: {}, b: {n: 4}, c: {n: 3}, d: {n: 4}}\n"
    remedy = "change a parameter, or leave one of the two out"
    expected = [
        f"6:30: variants.c: is the same network as 'a': both have n: 3 / {remedy}",
        f"6:41: variants.d: is the same network as 'b': both have n: 4 / {remedy}",
    ]
    assert errors(tmp_path, TOY + text) == expected
    assert errors(tmp_path, TOY + text.replace("conv3-$", "cnv3-$"))[1:] == expected  # beside others, at once


REPLACE = {
    "what it is already": ("parameters.n: 3", "parameters.n is 3 already / leave it out"),
    "twice": ("head.dropout: 0.2\n  head: {dropout: 0.3}", "'head' replaces 'head.dropout' again / leave one of the two out"),
    "what this file writes": ("classes: 10", "classes is set in this file already, in line 3; `replace` is for what `extends` brings / write the value there"),
}  # fmt: skip


@pytest.mark.parametrize(("replace", "expected"), REPLACE.values(), ids=REPLACE.keys())
def test_replacing_to_no_effect(tmp_path: Path, replace: str, expected: str) -> None:
    (tmp_path / "base.yaml").write_text(TOY + "parameters: {n: 3}\nbody: ['conv3-${n}']\nhead: {dropout: 0.1}\n")
    text = f"name: toy\nextends: base.yaml\nclasses: 7\nreplace:\n  {replace}\n"
    assert errors(tmp_path, text) == [f"5:3: replace: {expected}"]


def test_replacing_a_parameter_that_nothing_uses_any_more(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(TOY + "parameters: {n: 3}\nbody: ['conv3-${n}']\n")
    text = "name: toy\nextends: base.yaml\nreplace:\n  parameters.n: 4\n  body: [conv3-9]\n"
    assert errors(tmp_path, text) == [
        "4:3: parameters.n: no expression uses the parameter 'n' / write ${n} where it belongs, or take it away"
    ]


def test_extending_to_no_effect(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("name: base\ninput: [4, 4, 3]\nbody: [conv3-9]\n")
    text = "name: toy\nextends: base.yaml\ninput: [8, 8, 3]\nbody: [conv3-9]\n"
    assert errors(tmp_path, text) == [
        "2:10: extends: brings nothing: all that it has (input, body) this file writes itself / leave `extends` out"
    ]


def test_what_an_extended_document_leaves_is_not_reported_to_who_extends_it(tmp_path: Path) -> None:
    """Nobody can mend it there; it is left out of what is written."""
    (tmp_path / "base.yaml").write_text(
        dedent("""\
        name: base
        input: [8, 8, 3]
        parameters: {n: [4, 8]}
        templates: {t: {body: [conv3-4]}}
        defaults: {depthwise_conv: {use_bias: false}}
        body: [{block: conv, repeat: 2, filters: '${n[i]}'}, {block: t}, {block: depthwise_conv}]
        """)
    )
    path = tmp_path / "toy.yaml"
    path.write_text("name: toy\nextends: base.yaml\nbody: [{block: conv, filters: '${n[0]}'}]\n")
    written = load(path).to_dict()
    assert written["parameters"] == {"n": [4]}
    assert "templates" not in written
    assert "defaults" not in written
    assert load(written).fingerprint == load(path).fingerprint
