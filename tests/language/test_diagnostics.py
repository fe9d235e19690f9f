"""What a person reads when a spec is wrong, word for word."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from convspec import InputError, load


def diagnostics(tmp_path: Path, text: str | bytes, file: str = "toy.yaml") -> str:
    path = tmp_path / file
    path.write_bytes(text if isinstance(text, bytes) else dedent(text).lstrip("\n").encode())
    with pytest.raises(InputError) as caught:
        load(path)
    return str(caught.value).replace(f"{tmp_path}/", "")


def body(*items: str, head: str = "") -> str:
    lines = "".join(f"\n  - {item}" for item in items)
    return f"name: toy\ninput: [8, 8, 3]\nclasses: 10\nbody:{lines}\n{head}"


def message(tmp_path: Path, *items: str, head: str = "") -> str:
    """The first line of the only error."""
    text = diagnostics(tmp_path, body(*items, head=head))
    assert text.count("toy.yaml:") == 1, text
    return text.split("\n")[0]


def test_a_filter_that_does_not_fit_and_an_unknown_block_at_once(tmp_path: Path) -> None:
    text = """
        name: toy
        input: [7, 7, 3]
        classes: 10
        fit: strict
        body:
          - conv1-8
          - {block: conv, filters: 8, kernel_size: 3, strides: 3, padding: valid}
          - conv3-8
          - {block: botleneck, filters: 8}
        """
    assert diagnostics(tmp_path, text) == dedent("""\
        toy.yaml:7:56: body[1].strides: a 3x3 filter with stride 3 does not fit a 7x7 input: (7 - 3 + 2*0)/3 + 1 = 2.33
              - {block: conv, filters: 8, kernel_size: 3, strides: 3, padding: valid}
                                                                   ^
          fits: stride 1 (5x5), stride 2 (3x3), or padding 1 (3x3)
        toy.yaml:9:13: body[3].block: no block is called 'botleneck'; did you mean 'bottleneck'?
              - {block: botleneck, filters: 8}
                        ^""")


def test_without_strict_the_same_filter_drops_pixels() -> None:
    spec = load({"name": "toy", "input": [7, 7, 3], "head": None,
                 "body": [{"block": "conv", "filters": 8, "strides": 3, "padding": "valid"}]})  # fmt: skip
    assert spec.graph.outputs[0].shape == (2, 2, 8)


def test_a_strict_pool(tmp_path: Path) -> None:
    text = "name: toy\ninput: [8, 8, 3]\nfit: strict\nbody: [maxpool3/2]\nhead: null\n"
    assert diagnostics(tmp_path, text) == dedent("""\
        toy.yaml:4:8: body[0].strides: a 3x3 window with stride 2 does not fit an 8x8 input: (8 - 3)/2 + 1 = 3.50
            body: [maxpool3/2]
                   ^
          fits: stride 1 (6x6), or stride 5 (2x2)""")


def test_a_strict_window_on_a_map_that_is_no_square(tmp_path: Path) -> None:
    """A remedy has to fit along both axes, and says what comes out along each."""
    text = diagnostics(tmp_path, "name: toy\ninput: [8, 7, 3]\nfit: strict\nbody: [maxpool2/2]\nhead: null\n")
    assert text.split("\n")[-1] == "  fits: stride 1 (7x6)"  # stride 5 fits 7 columns, but not 8 rows
    stretched = "name: toy\ninput: [9, 13, 3]\nfit: strict\nbody: [{block: conv, filters: 3, kernel_size: [3, 5], "
    text = diagnostics(tmp_path, stretched + "strides: [2, 3], padding: valid}]\nhead: null\n")
    assert text.split("\n")[-1] == "  fits: stride 1 (7x9), stride 2 (4x5), or padding 2 (6x5)"


def test_the_padding_for_a_filter_that_is_too_large_along_both_axes(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, body("{block: conv, filters: 8, kernel_size: [9, 15], padding: valid}"))
    assert "fits: padding same, padding 4," in text  # 8 + 2*4 = 16 >= 15


def test_earlier_blocks_are_named(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, body("{block: conv, name: stem, filters: 8}", head="outputs: {aux: {from: stm}}"))
    assert text.split("\n")[-1] == "  earlier are: input, stem"


def test_a_block_that_leads_nowhere(tmp_path: Path) -> None:
    """Keras would drop `lost` and what is behind it without a word."""
    blocks = ("{block: conv, name: lost, filters: 8}", "conv3-8", "{block: conv, filters: 8, from: input}")
    assert diagnostics(tmp_path, body(*blocks)) == dedent("""\
        toy.yaml:6:5: body[1]: nothing takes the output of this block
              - conv3-8
                ^
          name it in a later block's `from`, let `outputs` take it, or leave it out""")


def test_repetitions_that_lead_nowhere(tmp_path: Path) -> None:
    """All four start at the stem, and what follows takes the last one alone."""
    blocks = ("{block: conv, name: stem, filters: 16}", "{block: conv, repeat: 4, from: stem, filters: 16}", "conv3-3")
    assert diagnostics(tmp_path, body(*blocks)) == dedent("""\
        toy.yaml:6:36: body[1].from: nothing takes the output of this block where it is called \
body_1_0, body_1_1, body_1_2
              - {block: conv, repeat: 4, from: stem, filters: 16}
                                               ^
          each repetition starts at this same `from`: name them all in a later block's, or give it to a first block \
alone and let one without it repeat after that""")


def test_a_block_of_a_template_that_leads_nowhere_in_one_use(tmp_path: Path) -> None:
    inner = "[{block: conv, name: a, filters: 8}, {block: conv, from: '${start}', filters: 8}]"
    blocks = ("{block: unit, name: left, start: input}", "{block: unit, name: right, start: a}")
    template = f"templates: {{unit: {{parameters: {{start: null}}, body: {inner}}}}}"
    text = diagnostics(tmp_path, body(*blocks, head=template))
    assert "toy.yaml:7:" in text
    assert "nothing takes the output of this block where it is called left_a\n" in text
    assert text.splitlines()[-1] == "  name it in a later block's `from` there, or leave it out"


def test_a_use_of_a_template_that_leads_nowhere_beside_one_that_is_taken(tmp_path: Path) -> None:
    blocks = (
        "{block: conv, name: stem, filters: 8}",
        "{block: unit, name: left, w: 64}",
        "{block: unit, name: right, w: 16, from: stem}",
    )
    template = 'templates: {unit: {parameters: {w: null}, body: ["conv3-${w}", "conv3-${w}"]}}'
    text = diagnostics(tmp_path, body(*blocks, head=template))
    assert text.splitlines()[:2] == [
        "toy.yaml:6:5: body[1]: nothing takes the output of this block",
        "      - {block: unit, name: left, w: 64}",
    ]


def test_the_layer_of_a_head_that_is_not_written_takes_a_name_of_the_body(tmp_path: Path) -> None:
    (tmp_path / "toy.yaml").write_text(
        "name: toy\ninput: [8, 8, 3]\nclasses: 3\nbody:\n  - {block: conv, name: predictions, filters: 4}\n"
    )
    with pytest.raises(InputError) as caught:
        load(tmp_path / "toy.yaml")
    assert "toy.yaml:5:25: body[0].name: two layers are called 'predictions'" in str(caught.value)


def test_zeros_around_a_pool_are_in_its_arithmetic(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, body("{block: max_pool, pool_size: 3, strides: 4, padding: 2}", head="fit: strict"))
    assert "does not fit an 8x8 input: (8 - 3 + 2*2)/4 + 1 = 3.25" in text


def test_the_remedy_for_a_pool_names_the_fields_of_its_block(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, body("{block: conv_relu_pool, filters: 8, pool_size: 20}"))
    assert "body[0].pool_size: a 20x20 window" in text
    assert text.splitlines()[-1].startswith("  fits: pool_padding same, pool_padding 6, a larger input")
    block = "{block: conv_relu_pool, filters: 8, pool_size: 2, pool_strides: 4}"
    text = diagnostics(tmp_path, body(block, head="fit: strict"))
    assert "body[0].pool_strides: a 2x2 window with stride 4" in text
    assert text.splitlines()[-1] == "  fits: pool_strides 2 (4x4), or pool_strides 3 (3x3)"


def test_a_padding_that_gives_room_divides_too_where_that_is_the_rule(tmp_path: Path) -> None:
    """(8 - 9 + 2*1)/3 is 1/3 and (8 - 9 + 2*2)/3 is 1; (8 - 11 + 2*P)/4 is odd above and never whole."""
    block = "{block: conv, filters: 4, kernel_size: 9, strides: 3, padding: valid}"
    assert "fits: padding same, padding 1, a larger" in diagnostics(tmp_path, body(block))
    assert "fits: padding same, padding 2, a larger" in diagnostics(tmp_path, body(block, head="fit: strict"))
    block = "{block: conv, filters: 4, kernel_size: 11, strides: 4, padding: valid}"
    assert "fits: padding same, padding 2, a larger" in diagnostics(tmp_path, body(block))
    assert "fits: padding same, a larger" in diagnostics(tmp_path, body(block, head="fit: strict"))


def test_a_wrong_default_is_told_once(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, body("conv3-8", "conv3-8", head="defaults: {conv: {use_bias: maybe}}"))
    assert text.count("toy.yaml") == 1


def test_a_mistake_in_the_extended_file_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("name: base\nbody: [\n")
    text = diagnostics(tmp_path, "name: toy\nextends: base.yaml\n")
    assert text.startswith("toy.yaml:2:10: extends: base.yaml:3:1: is not YAML")


def test_a_size_below_1(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, body("maxpool2/2", "maxpool2/2", "maxpool2/2", "maxpool2/2"))
    assert text == dedent("""\
        toy.yaml:8:5: body[3].pool_size: a 2x2 window is larger than its 1x1 input: (1 - 2)/2 + 1 = 0.50
              - maxpool2/2
                ^
          fits: padding same, padding 1, a larger input, or fewer strides and pools before it""")


def test_adding_unequal_shapes_shows_both_histories(tmp_path: Path) -> None:
    text = diagnostics(
        tmp_path,
        body(
            "{block: conv, name: stem, filters: 8}",
            "{block: conv, name: down, filters: 16, strides: 2}",
            "{block: add, from: [stem, down]}",
        ),
    )
    assert text == dedent("""\
        toy.yaml:7:5: body[2]: add needs equal shapes, not 8x8x8 and 4x4x16: height 8 against 4, width 8 against 4, \
channels 8 against 16
              - {block: add, from: [stem, down]}
                ^
          8x8x8 from 'stem' (Conv2D 3x3) after 'input_layer'; 4x4x16 from 'down' (Conv2D 3x3/2) after 'stem' after \
'input_layer'""")


def test_groups_that_do_not_divide(tmp_path: Path) -> None:
    assert diagnostics(tmp_path, body("{block: conv, filters: 8, groups: 3}")) == dedent("""\
        toy.yaml:5:39: body[0].groups: 3 groups do not divide 8 filters: 8/3 = 2.67
              - {block: conv, filters: 8, groups: 3}
                                                  ^
          fits: groups 1""")


ONE_LINE = {
    "unknown field": (
        "{block: conv, filtres: 8, filters: 8}",
        "toy.yaml:5:19: body[0].filtres: conv has no field 'filtres'; did you mean 'filters'?",
    ),
    "missing field": ("{block: conv}", "toy.yaml:5:5: body[0]: conv needs `filters`: channels of the output"),
    "no block": ("{filters: 8}", "toy.yaml:5:5: body[0]: needs `block`, the name of a block"),
    "wrong type": (
        "{block: conv, filters: many}",
        "toy.yaml:5:28: body[0].filters: expected a whole number, not 'many'",
    ),
    "a number as text": (
        "{block: conv, filters: '8'}",
        "toy.yaml:5:28: body[0].filters: expected a whole number, not '8'",
    ),
    "a fraction": ("{block: conv, filters: 8.5}", "toy.yaml:5:28: body[0].filters: expected a whole number, not 8.5"),
    "truth for a number": (
        "{block: conv, filters: true}",
        "toy.yaml:5:28: body[0].filters: expected a whole number, not true",
    ),
    "below its bound": ("{block: conv, filters: 0}", "toy.yaml:5:28: body[0].filters: must be above 0, not 0"),
    "a rate of 1": ("{block: dropout, rate: 1.0}", "toy.yaml:5:28: body[0].rate: must be below 1, not 1.0"),
    "a size": (
        "{block: conv, filters: 8, kernel_size: [3, 3, 3]}",
        "toy.yaml:5:44: body[0].kernel_size: expected a whole number above 0, or two as [height, width], not [3, 3, 3]",
    ),
    "a padding": (
        "{block: conv, filters: 8, padding: smae}",
        "toy.yaml:5:40: body[0].padding: expected valid, same, a number of zeros, [vertical, horizontal] or "
        "[[top, bottom], [left, right]], not 'smae'",
    ),
    "an activation": (
        "{block: conv, filters: 8, activation: rellu}",
        "toy.yaml:5:43: body[0].activation: no activation is called 'rellu'; did you mean 'relu'?",
    ),
    "a choice": (
        "{block: bottleneck, filters: 8, shortcut: identiy}",
        "toy.yaml:5:47: body[0].shortcut: expected 'identity', 'projection', 'scale', 'exclusive_gate', "
        "'shortcut_gate' or 'dropout', not 'identiy'; did you mean 'identity'?",
    ),
    "a choice that may be null": (
        "{block: conv_relu_pool, filters: 8, pool: none}",
        "toy.yaml:5:47: body[0].pool: expected 'avg' or 'max' (or null), not 'none'",
    ),
    "a name": (
        "{block: conv, filters: 8, name: a/b}",
        "toy.yaml:5:37: body[0].name: 'a/b' is no name: letters, digits, `_`, `-` and `.` make one",
    ),
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
    "a nested block": (
        "{block: sequence, body: [{block: conv, filters: 8, stride: 2}]}",
        "toy.yaml:5:56: body[0].body[0].stride: conv has no field 'stride'; did you mean 'strides'?",
    ),
    "an earlier block": (
        "{block: conv, filters: 8, from: stem}",
        "toy.yaml:5:37: body[0].from: no earlier block is called 'stem'",
    ),
    "one repeat too many": (
        "{block: conv, filters: 8, repeat: 1000000000}",
        "toy.yaml:5:39: body[0].repeat: repeat is 1,000,000,000; it goes from 0 to 10,000",
    ),
    "a condition": (
        "{block: conv, filters: 8, when: maybe}",
        "toy.yaml:5:37: body[0].when: expected true or false, not 'maybe'",
    ),
    "a dense layer on an open size": (
        "{block: reshape, target_shape: [7, 7]}",
        "toy.yaml:5:36: body[0].target_shape: 8x8x3 holds 192 values, which do not reshape to 7x7",
    ),
    "a count beyond all": (
        "{block: conv, filters: 99999999}",
        "toy.yaml:5:28: body[0].filters: must be at most 16,777,216, not 99999999",
    ),
    "an infinite factor": (
        "{block: scale, scale: .inf}",
        "toy.yaml:5:27: body[0].scale: expected a finite number, not inf",
    ),
    "a root": (
        "{block: conv, filters: '${(-8) ** 0.5}'}",
        "toy.yaml:5:28: body[0].filters: a root of a number below 0 is no real number",
    ),
    "an endless list": (
        "{block: conv, filters: '${[[1] * 9999] * 9999}'}",
        "toy.yaml:5:28: body[0].filters: a list of more than 10,000 values is too long",
    ),
    "a list for a block": ("{block: [conv]}", "toy.yaml:5:5: body[0]: needs `block`, the name of a block"),
    "an initializer's class": (
        "{block: conv, filters: 8, kernel_initializer: {class_name: HeNorml}}",
        "toy.yaml:5:51: body[0].kernel_initializer: no initializer is called 'HeNorml'; did you mean 'HeNormal'?",
    ),
    "unequal strides of a depthwise filter": (
        "{block: depthwise_conv, strides: [1, 2]}",
        "toy.yaml:5:38: body[0].strides: DepthwiseConv2D needs equal strides, not 1x2",
    ),
    "a variance": (
        "{block: normalization, mean: [1, 2, 3], variance: [1, 2, -3]}",
        "toy.yaml:5:55: body[0].variance: a variance is at least 0, not -3",
    ),
    "from nowhere": (
        "{block: conv, filters: 8, from: []}",
        "toy.yaml:5:37: body[0].from: `from` names no block; left out, it is the block before",
    ),
    "means of other channels": (
        "{block: normalization, mean: [1, 2], variance: [1, 2]}",
        "toy.yaml:5:34: body[0].mean: 2 values of mean for 3 channels",
    ),
    "strides of a dilated filter": (
        "{block: conv, filters: 3, strides: [1, 2], dilation_rate: [3, 1]}",
        "toy.yaml:5:63: body[0].dilation_rate: strides 1x2 and dilation_rate 3x1 cannot both be above 1",
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


def test_two_layers_of_one_name(tmp_path: Path) -> None:
    expected = "toy.yaml:6:25: body[1].name: two layers are called 'a': a Conv2D 3x3 and a Conv2D 3x3"
    assert message(tmp_path, "{block: conv, name: a, filters: 8}", "{block: conv, name: a, filters: 8}") == expected


def test_a_text_that_is_no_block_lists_the_forms(tmp_path: Path) -> None:
    assert message(tmp_path, "conv3_64").startswith(
        "toy.yaml:5:5: body[0]: 'conv3_64' is no block in VGG's notation; the forms are conv3-64 (CONV-RELU: "
    )


DOCUMENTS = {
    "unknown key": ("nmae: x\nname: x\ninput: [8, 8, 3]\nbody: [conv3-8]\n", "1:1: nmae: a spec has no field 'nmae'; did you mean 'name'?"),
    "missing keys": ("name: x\n", "1:1: a spec needs `input`: [height, width, channels] of an image; null leaves height or width open"),
    "an input": ("name: x\ninput: [8, 8]\nbody: [conv3-8]\n", "2:8: input: expected [height, width, channels], height and width null where open, not [8, 8]"),
    "an unused parameter": ("name: x\ninput: [8, 8, 3]\nparameters: {depth: 3}\nbody: [conv3-8]\n", "3:14: parameters.depth: no expression uses the parameter 'depth'"),
    "a variant's parameter": ("name: x\ninput: [8, 8, 3]\nparameters: {depth: 3}\nbody: ['conv3-${depth}']\nvariants: {deep: {depht: 5}}\n", "5:19: variants.deep.depht: no parameter is called 'depht'; did you mean 'depth'?"),
    "a variant that is no mapping": ("name: x\ninput: [8, 8, 3]\nparameters: {depth: 3}\nbody: ['conv3-${depth}']\nvariants: {deep: 3}\n", "5:12: variants.deep: expected a mapping of keys to values, not 3"),
    "1e-6 read as text": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {l2: 1e-6}\n", "4:13: train.l2: 1e-6 is text in YAML 1.1, not a number"),
    "YAML syntax": ("name: x\ninput: [8, 8\nbody: [conv3-8]\n", "3:5: is not YAML: did not find expected ',' or ']' (while parsing a flow sequence)"),
    "an empty file": ("", " is empty"),
    "only a comment": ("# nothing\n", " is empty"),
    "no mapping": ("[1, 2]\n", "1:1: a spec is a mapping of keys to values, not a list"),
    "not UTF-8": (b"name: caf\xe9\n", "1:10: is not UTF-8: byte 0xe9"),
    "a key twice": ("name: x\nname: y\n", "2:1: name: 'name' stands here twice, first in line 1"),
    "two documents": ("name: x\n---\nname: y\n", "2:1: holds a second document; a file is one spec"),
    "a Python tag": ('name: !!python/object/apply:os.system ["true"]\n', "1:7: name: the tag !!python/object/apply:os.system is not allowed"),
    "an unknown anchor": ("name: *nothing\n", "1:7: name: no anchor before this is called 'nothing'"),
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
    "an optimizer": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {optimizer: {name: addam}}\n", "4:27: train.optimizer.name: no optimizer is called 'addam'; did you mean 'adam'?"),
    "an epoch": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {epoch: 3}\n", "4:9: train.epoch: `train` has no field 'epoch'; did you mean 'epochs'?"),
    "no truth value": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 3, use_bias: !!bool abc}]\n", "3:44: body[0].use_bias: 'abc' is neither true nor false"),
    "a merge by alias": ("description: &key '<<'\nname: x\n*key : {head: null}\ninput: [8, 8, 3]\nbody: [conv3-8]\n", "3:1: <<: a spec has no field '<<'"),
    "a size beyond all": ("name: x\ninput: [8, 99999999, 3]\nbody: [conv3-8]\n", "2:8: input: expected [height, width, channels], height and width null where open, not [8, 99999999, 3]; the largest size is 16,777,216"),
    "a parameter's own mistake, once": ("name: x\ninput: [8, 8, 3]\nparameters: {n: '${3 +}'}\nbody: ['conv3-${n}']\n", "3:17: parameters.n: ${3 +} is no expression"),
    "deep in itself": ("name: x\ninput: [8, 8, 3]\nparameters: {n: '${" + "-" * 490 + "1}'}\nbody: ['conv3-${n}']\n", "3:17: parameters.n: ${" + "-" * 490 + "1} nests too deeply"),
    "classes that cannot be computed": ("name: x\ninput: [8, 8, 3]\nclasses: '${many}'\nparameters: {n: 3}\nbody: ['conv3-${n}', 'fc${classes}']\n", "3:10: classes: no parameter is called 'many'"),
    "defaults of no block": ("name: x\ninput: [8, 8, 3]\ndefaults: {convv: {use_bias: false}}\nbody: [conv3-8]\n", "3:12: defaults.convv: no block is called 'convv'; did you mean 'conv'?"),
    "defaults of no field": ("name: x\ninput: [8, 8, 3]\ndefaults: {max_pool: {size: 3}}\nbody: [conv3-8]\n", "3:23: defaults.max_pool.size: max_pool has no field 'size'; did you mean 'pool_size'?"),
    "defaults of a template": ("name: x\ninput: [8, 8, 3]\ntemplates: {a: {body: [conv3-8]}}\ndefaults: {a: {n: 3}}\nbody: [{block: a}]\n", "4:12: defaults.a: 'a' is a template, and `defaults` are for blocks"),
    "a template's list of parameters": ("name: x\ninput: [8, 8, 3]\ntemplates: {a: {parameters: [n], body: [conv3-8]}}\nbody: [{block: a}]\n", "3:29: templates.a.parameters: expected a mapping of names to defaults, not ['n']"),
    "a template's unused parameter": ("name: x\ninput: [8, 8, 3]\ntemplates: {a: {parameters: {n: 3}, body: [conv3-8]}}\nbody: [{block: a}]\n", "3:30: templates.a.parameters.n: no expression uses the parameter 'n'"),
    "rows that are no list": ("name: x\ninput: [8, 8, 3]\nbody: [{block: table, columns: [filters], rows: '${3}', of: conv}]\n", "3:49: body[0].rows: expected a list of rows, not 3"),
    "a row that is no list": ("name: x\ninput: [8, 8, 3]\nbody: [{block: table, columns: [filters], rows: [3], of: conv}]\n", "3:50: body[0].rows[0]: row 0 is 3, not a list for 1 columns"),
    "a column without a name": ("name: x\ninput: [8, 8, 3]\nbody: [{block: table, columns: [[filters]], rows: [[3]], of: conv}]\n", "3:33: body[0].columns[0]: a column's name is a text, not ['filters']"),
    "a column twice": ("name: x\ninput: [8, 8, 3]\nbody: [{block: table, columns: [filters, filters], rows: [[3, 4]], of: conv}]\n", "3:42: body[0].columns[1]: two columns are called 'filters'"),
    "an output without a name": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 3, name: a}]\noutputs: {'b c': {from: a}}\n", "4:11: outputs.b c: 'b c' is no name: letters, digits, `_`, `-` and `.` make one"),
    "an output's head": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 3, name: a}]\noutputs: {b: {from: a, head: 3}}\n", "4:30: outputs.b.head: expected a head's fields or a list of blocks, not 3"),
    "an output that is no mapping": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 3, name: a}]\noutputs: {head: 3}\n", "4:17: outputs.head: expected a mapping of keys to values, not 3"),
    "a control character": ('name: x\nreference: "\\x1b[2J"\ninput: [8, 8, 3]\nbody: [conv3-8]\n', "2:12: reference: holds the control character U+001B, which no page can show"),
    "a tab": ("name: x\ninput: [8, 8, 3]\nbody:\n\t- conv3-8\n", "4:1: is not YAML: found character that cannot start any token (while scanning for the next token)"),
    "an octal number": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 010}]\n", "3:31: body[0].filters: 010 is octal in YAML 1.1, and is not in YAML 1.2"),
    "a counter that is no word": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 8, repeat: 2, counter: 5}]\n", "3:54: body[0].counter: 5 cannot stand in an expression; a counter is a word such as stage"),
    "a counter of nothing": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 8, counter: k}]\n", "3:34: body[0].counter: nothing is counted without `repeat`"),
    "a replaced base": ("name: x\nextends: lenet5\nreplace: {extends: vgg16}\n", "3:11: replace: 'extends' acts before fields are replaced"),
    "a parameter that no expression can name": ("name: x\ninput: [8, 8, 3]\nparameters: {a b: 3}\nbody: [conv3-8]\n", "3:14: parameters.a b: no expression can use a parameter called 'a b'"),
    "a parameter in another form of Unicode": ("name: x\ninput: [8, 8, 3]\nparameters: {ａ: 3}\nbody: ['conv3-${ａ}']\n", "3:14: parameters.ａ: no expression can use a parameter called 'ａ'"),
    "an initializer of kernels for a bias": ("name: x\ninput: [8, 8, 3]\nbody: [flatten, {block: dense, units: 3, bias_initializer: orthogonal}]\n", "3:60: body[1].bias_initializer: orthogonal initializes kernels: it needs two axes, and a bias has one"),
    "a class of kernels for a bias": ("name: x\ninput: [8, 8, 3]\nbody: [flatten, {block: dense, units: 3, bias_initializer: {class_name: Identity}}]\n", "3:60: body[1].bias_initializer: Identity initializes kernels: it needs two axes, and a bias has one"),
    "spatial dropout of a vector": ("name: x\ninput: [8, 8, 3]\nbody: [global_avg_pool, {block: spatial_dropout}]\n".replace("[global_avg_pool,", "[globalavgpool,"), "3:23: body[1]: SpatialDropout2D needs a feature map (height, width, channels), not 3"),
    "nested layers that are none": ("name: x\ninput: [8, 8, 3]\nbody: [{block: nested, body: [{block: sequence, body: []}]}]\n", "3:30: body[0].body: nested layers must be one or more, and its blocks have none"),
    "a parameter called true": ("name: x\ninput: [8, 8, 3]\nparameters: {true: 3}\nbody: ['conv3-${true}']\n", "3:14: parameters.true: 'true' means something else in expressions"),
    "a parameter called as a counter": ("name: x\ninput: [8, 8, 3]\nparameters: {i: 3}\nbody: [{block: conv, repeat: 2, filters: '${i + 1}'}]\n", "3:14: parameters.i: 'i' counts repeats here, which hides the parameter"),
    "a parameter called as a named counter": ("name: x\ninput: [8, 8, 3]\nparameters: {k: 3}\nbody: [{block: conv, repeat: 2, counter: k, filters: '${k + 1}'}]\n", "3:14: parameters.k: 'k' counts repeats here, which hides the parameter"),
    "a parameter called classes": ("name: x\ninput: [8, 8, 3]\nclasses: 10\nparameters: {classes: 5}\nbody: ['fc${classes}']\n", "4:14: parameters.classes: `classes` is 10, which the parameter hides"),
    "epochs of a search": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.epochs: {int: [1, 3]}}}\n", "4:16: tune.space.train.epochs: each of `stages` has its own epochs, which hold instead; leave it out"),
    "a split that is searched": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.validation_split: {uniform: [0.1, 0.2]}}}\n", "4:16: tune.space.train.validation_split: decides which images are validation images, and trials are compared on the same ones; leave it out, `folds` trains each trial on several splits"),
    "a seed that is searched": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {.train.seed: {int: [1, 3]}}}\n", "4:16: tune.space..train.seed: decides which images are validation images, and trials are compared on the same ones; leave it out, `runs` trains each trial with several seeds"),
    "a condition on true for 1": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.batch_size: {choice: [1, 2]}, train.l2: {uniform: [0, 1], when: {train.batch_size: [2, true]}}}}\n", "4:87: tune.space.train.l2.when.train.batch_size: 'train.batch_size' never is true; it is one of [1, 2]"),
    "a condition on 0 for false": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.balanced: {boolean: true}, train.l2: {uniform: [0, 1], when: {train.balanced: 0}}}}\n", "4:84: tune.space.train.l2.when.train.balanced: 'train.balanced' never is 0; it is one of [false, true]"),
    "no name to extend": ("name: x\nextends: [lenet5]\n", "2:10: extends: expected the name of a network or file, not ['lenet5']"),
    "two numbers of classes": ("name: x\ninput: [8, 8, 3]\nclasses: 10\nbody: [conv3-8]\nhead: {classes: 5}\n", "5:17: head.classes: a head for 5 classes, where `classes` is 10"),
    "true classes": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\nhead: {classes: true}\n", "4:17: head.classes: expected a whole number, not true"),
    "a range of no kind": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.l2: {log: [1.0e-6, 1.0]}}}\n", "4:27: tune.space.train.l2.log: a field of the space has no field 'log'; it takes log_uniform or uniform for numbers, log_int or int for whole ones, choice, or boolean"),
    "a kind of range misspelt": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.l2: {log_unifrom: [1.0e-6, 1.0]}}}\n", "4:27: tune.space.train.l2.log_unifrom: a field of the space has no field 'log_unifrom'; did you mean 'log_uniform'?"),
    "an infinite decay": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {l2: .inf}\n", "4:13: train.l2: expected a finite number, not inf"),
    "a rate that float32 takes for 0": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {optimizer: {learning_rate: 1.0e-320}}\n", "4:36: train.optimizer.learning_rate: float32 holds 0 and 1.18e-38 to 3.4e+38, not 1e-320"),
    "a decay that float32 takes for infinite": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {l2: 1.0e+302}\n", "4:13: train.l2: float32 holds 0 and 1.18e-38 to 3.4e+38, not 1e+302"),
    "a step that float32 takes for infinite": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {schedule: {name: step, at: [1.0, 1.0e+39]}}\n", "4:42: train.schedule.at[1]: float32 holds 0 and 1.18e-38 to 3.4e+38, not 1e+39"),
    "a factor that float32 takes for infinite": ("name: x\ninput: [8, 8, 3]\nbody: [{block: scale, scale: 1.0e+302}]\n", "3:30: body[0].scale: float32 holds 0 and 1.18e-38 to 3.4e+38, not 1e+302"),
    "an end that float32 takes for 0": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.optimizer.learning_rate: {log_uniform: [1.0e-320, 0.1]}}}\n", "4:62: tune.space.train.optimizer.learning_rate.log_uniform[0]: float32 holds 0 and 1.18e-38 to 3.4e+38, not 1e-320"),
    "a boolean that is not searched": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.l2: {boolean: false}}}\n", "4:36: tune.space.train.l2.boolean: expected true, not false"),
    "a tag of one's own": ("name: !mine x\n", "1:7: name: the tag !mine is not allowed"),
    "a tag in a list": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8, !mine {block: conv}]\n", "3:17: body[1]: the tag !mine is not allowed"),
    "no whole number": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: !!int abc}]\n", "3:31: body[0].filters: 'abc' is no number"),
    "no number": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {l2: !!float abc}\n", "4:13: train.l2: 'abc' is no number"),
    "two kinds of a range": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.batch_size: {int: [1, 3], choice: [1, 2]}}}\n", "4:16: tune.space.train.batch_size: has int and choice; it needs one of log_uniform, uniform, log_int, int, choice, boolean"),
    "no range": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.batch_size: {when: {}}}}\n", "4:16: tune.space.train.batch_size: has no range; it needs one of log_uniform, uniform, log_int, int, choice, boolean"),
    "a choice of one value": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.batch_size: {choice: [1]}}}\n", "4:43: tune.space.train.batch_size.choice: needs at least 2, not 1"),
    "a choice of too many values": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.batch_size: {choice: " + str(list(range(1, 502))) + "}}}\n", "4:43: tune.space.train.batch_size.choice: needs at most 500, not 501"),
    "a seed too large": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {seed: 2147483648, space: {train.l2: {uniform: [0, 1]}}}\n", "4:14: tune.seed: must be below 2,147,483,648, not 2147483648"),
    "a seed below 0": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {seed: -1, space: {train.l2: {uniform: [0, 1]}}}\n", "4:14: tune.seed: must be at least 0, not -1"),
    "a zoom to nothing": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {augmentation: {zoom: 1.0}}\n", "4:30: train.augmentation.zoom: must be below 1, not 1.0"),
    "a zoom below 0": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {augmentation: {zoom: -0.1}}\n", "4:30: train.augmentation.zoom: must be at least 0, not -0.1"),
    "a decay below 0": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {optimizer: {name: adam, beta_2: -0.1}}\n", "4:41: train.optimizer.beta_2: must be at least 0, not -0.1"),
    "a decay of 1": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {optimizer: {name: adam, beta_1: 1}}\n", "4:41: train.optimizer.beta_1: must be below 1, not 1"),
    "weights without a name": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {finetune: {weights: ''}}\n", "4:29: train.finetune.weights: is empty"),
    "epochs of a stage that the recipe does not fit": (
        "name: x\ninput: [8, 8, 3]\nclasses: 3\nbody: [conv3-8]\ntrain: {epochs: 9, schedule: {name: cosine, warmup: 3}}\n"
        "tune:\n  space: {train.l2: {uniform: [0, 1]}}\n  stages: [{trials: 2, epochs: 2}]\n",
        "8:3: tune.stages: the trials of stage 1 have 2 epochs: schedule.warmup is 3 epochs, but training ends after 2; raise epochs or lower the warm-up",
    ),
    "an infinite range": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.l2: {uniform: [0, .inf]}}}\n", "4:40: tune.space.train.l2.uniform[1]: expected a finite number, not inf"),
    "a range beyond all": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.epochs: {log_int: [1, 1" + "0" * 320 + "]}}}\n", "4:16: tune.space.train.epochs: `log_int` goes beyond 9,007,199,254,740,992, the largest number"),
    "the ends of a range": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.epochs: {int: [1" + "0" * 320 + ", 1]}}}\n", "4:16: tune.space.train.epochs: `int` goes from the lowest to the highest value, but is [1" + "0" * 320 + ", 1]"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_mistake_in_the_document(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert diagnostics(tmp_path, text).split("\n")[0] == f"toy.yaml:{expected}"


@pytest.mark.parametrize("name", ["val_accuracy", "val_loss", "val_crossentropy", "accuracy", "loss"])
def test_the_direction_of_an_objective_is_its_metrics(tmp_path: Path, name: str) -> None:
    own, other, better = ("max", "min", "higher") if name.endswith("accuracy") else ("min", "max", "lower")
    text = "name: x\ninput: [8, 8, 3]\nclasses: 3\nbody: [conv3-8]\ntune:\n  objective: {name: NAME, direction: WAY}\n  space: {train.l2: {uniform: [0, 1]}}\n"
    assert diagnostics(tmp_path, text.replace("NAME", name).replace("WAY", other)).split("\n")[0] == (
        f"toy.yaml:6:14: tune.objective: a {better} `{name}` is better: with `direction: {other}` the search would "
        f"return its worst trial; leave `direction` out, or write {own}"
    )
    (tmp_path / "toy.yaml").write_text(text.replace("NAME", name).replace("WAY", own))
    assert load(tmp_path / "toy.yaml").tune.objective.direction == own


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("train.optimizr.name", "there is no train.optimizr; did you mean 'optimizer'?"),
        ("train.scheduel.name", "there is no train.scheduel; did you mean 'schedule'?"),
        ("trian.l2", "there is no trian; did you mean 'train'?"),
        ("body[2].filters", "there is no body[2]: body has 1 elements"),
        ("input[0].size[1]", "input[0] is 8 and has nothing inside"),
    ],
)
def test_a_path_that_leads_nowhere_names_what_is_near(path: str, told: str) -> None:
    document = {"name": "x", "input": [8, 8, 3], "classes": 3, "body": ["conv3-8"]}
    with pytest.raises(InputError) as raised:
        load(document, overrides={path: 1})
    assert told in str(raised.value)


def test_a_tab_is_no_indentation(tmp_path: Path) -> None:
    assert diagnostics(tmp_path, "name: x\ninput: [8, 8, 3]\nbody:\n\t- conv3-8\n").endswith("\n  indent with spaces")


@pytest.mark.parametrize("size", [3, 5])
def test_a_reduction_of_inception_needs_what_it_reduces_for(tmp_path: Path, size: int) -> None:
    told = message(tmp_path, f"{{block: inception, conv1x1: 3, reduce{size}x{size}: 4}}")
    assert told.endswith(f": reduce{size}x{size} without conv{size}x{size} has nothing to reduce for")


def test_an_expression_between_brackets_wants_quotes(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, "name: x\nbody:\n  - {block: conv, filters: ${w}}\n")
    assert text.startswith("toy.yaml:3:29: is not YAML: ")
    assert text.endswith('between brackets an expression stands in quotes: "${...}"')


def test_the_caret_stands_below_its_letter_behind_wide_ones(tmp_path: Path) -> None:
    """A terminal gives such a letter two places."""
    line = "{name: x, input: [8, 8, 3], body: [conv3-8], description: 日本, nmae: y}"
    source, caret = diagnostics(tmp_path, f"{line}\n").split("\n")[1:3]
    assert (source, caret) == (f"    {line}", " " * (4 + line.index("nmae") + 2) + "^")


SEARCH = "tune:\n  stages: [{trials: 2, epochs: 1}]\n  space:"
REMEDIES = {  # what is said below a line of the file, if anything
    "a choice that no other field allows": (
        f"{SEARCH} {{train.batch_size: {{choice: [0, 8]}}}}\n",
        "tune.space.train.batch_size: 0 is no choice for it: must be at least 1, not 0",
        [],
    ),
    "a choice beside a field that it has not": (
        f"train: {{optimizer: {{name: sgd, momentum: 0.9}}}}\n{SEARCH} {{train.optimizer.name: {{choice: [sgd, adam]}}}}\n",
        "tune.space.train.optimizer.name: 'adam' is no choice for it: the optimizer 'adam' has no 'momentum' (use sgd or "
        "rmsprop or muon); 'adam' has beta_1, beta_2, epsilon, amsgrad",
        ["  search train.optimizer.momentum as well, with this: `when: {train.optimizer.name: sgd}`; or leave the choice out"],
    ),
    "a choice beside a searched field that it has not": (
        f"{SEARCH} {{train.optimizer.name: {{choice: [sgd, adam]}}, train.optimizer.momentum: {{uniform: [0, 0.9]}}}}\n",
        "tune.space.train.optimizer.name: 'adam' is no choice for it: the optimizer 'adam' has no 'momentum' (use sgd or "
        "rmsprop or muon); 'adam' has beta_1, beta_2, epsilon, amsgrad",
        ["  give train.optimizer.momentum this: `when: {train.optimizer.name: sgd}`; or leave the choice out"],
    ),
    "a parameter that a search replaces": (
        f"parameters: {{n: 3}}\n{SEARCH} {{parameters.n: {{int: [3, 8]}}, 'body[0].filters': {{int: [3, 9]}}}}\n",
        "tune.space.parameters.n: is used in body[0].filters alone, which is searched, too",
        ["  leave out parameters.n, or body[0].filters: a value of body[0].filters replaces the expression with ${n}"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message", "remedy"), REMEDIES.values(), ids=REMEDIES.keys())
def test_what_is_said_below_the_line(tmp_path: Path, text: str, message: str, remedy: list[str]) -> None:
    filters = "${n}" if "parameters:" in text else "3"
    document = f"name: toy\ninput: [8, 8, 3]\nclasses: 3\nbody: [{{block: conv, filters: '{filters}'}}]\n{text}"
    lines = diagnostics(tmp_path, document.replace("'3'", "3")).split("\n")
    assert (lines[0].split(": ", 1)[1], lines[3:]) == (message, remedy)


def test_a_window_is_held_against_the_rule_also_where_the_name_is_missing(tmp_path: Path) -> None:
    told = places(diagnostics(tmp_path, "input: [8, 8, 3]\nfit: strict\nbody: [maxpool3/2]\nhead: null\n"))
    assert [line.split(": ")[1] for line in told] == ["a spec needs `name`", "body[0].strides"]


@pytest.mark.parametrize("spaces", [0, 40, 50, 60, 150])
def test_an_excerpt_of_a_long_line_has_what_is_meant_above_its_caret(tmp_path: Path, spaces: int) -> None:
    line = f"{{input: [8, 8, 3], {' ' * spaces}nmae: y, description: {'z' * 90}}}"
    source, caret = diagnostics(tmp_path, f"{line}\n").split("\n")[-2:]
    assert source[len(caret) - 1 :].startswith("nmae")
    assert len(source) == 4 + 110
    assert source.startswith("    {input") == (spaces < 40)


def test_the_remedy_for_1e_6(tmp_path: Path) -> None:
    assert diagnostics(tmp_path, "train: {l2: 1e-6}\n").split("\n")[-1] == "  write 1.0e-6"


def test_what_can_be_read_on_after_is_told_at_once(tmp_path: Path) -> None:
    text = "classes: 010\ntrain: {l2: 1e-6, epochs: 1e2, l2: 0.1}\nbody: [conv3-8\n"
    lines = [line for line in diagnostics(tmp_path, text).split("\n") if line.startswith("toy.yaml")]
    assert lines == [
        "toy.yaml:1:10: classes: 010 is octal in YAML 1.1, and is not in YAML 1.2",
        "toy.yaml:2:13: train.l2: 1e-6 is text in YAML 1.1, not a number",
        "toy.yaml:2:27: train.epochs: 1e2 is text in YAML 1.1, not a number",
        "toy.yaml:2:32: train.l2: 'l2' stands here twice, first in line 2",
        "toy.yaml:4:1: is not YAML: did not find expected ',' or ']' (while parsing a flow sequence)",
    ]


def test_the_remedy_for_tabs_and_octal_numbers(tmp_path: Path) -> None:
    assert diagnostics(tmp_path, "name: x\nbody:\n\t- conv3-8\n").split("\n")[-1] == "  indent with spaces"
    assert diagnostics(tmp_path, "classes: 012\n").split("\n")[-1] == "  write 12, or 10 if octal is meant"


def test_an_unknown_network() -> None:
    with pytest.raises(InputError) as caught:
        load("resnet81")
    assert str(caught.value).split("\n")[0] == "no network is called 'resnet81'; did you mean 'resnet18'?"


def test_an_unknown_variant(tmp_path: Path) -> None:
    path = tmp_path / "family.yaml"
    path.write_text("name: x\ninput: [8, 8, 3]\nparameters: {n: 3}\nbody: ['conv3-${n}']\nvariants: {big: {n: 9}}\n")
    with pytest.raises(InputError, match=r"no variant is called 'bgi'; did you mean 'big'\?"):
        load(path, variant="bgi")


def test_all_diagnostics_of_a_file_come_at_once_in_its_order(tmp_path: Path) -> None:
    text = diagnostics(
        tmp_path,
        body(
            "{block: conv, filters: x}",
            "{block: conv, filters: 8, kernel: 3}",
            "{block: conv, filters: '${n}'}",
            "conv3_8",
            head="train: {epochs: 0}",
        ),
    )
    places = [line.split(": ")[0] for line in text.split("\n") if line.startswith("toy.yaml")]
    assert places == ["toy.yaml:5:28", "toy.yaml:6:31", "toy.yaml:7:28", "toy.yaml:8:5", "toy.yaml:9:17"]


def test_fifty_diagnostics_are_told_and_that_there_are_more(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, body(*["conv3_8"] * 60))
    places = [line.split(": ")[0] for line in text.split("\n") if line.startswith("toy.yaml")]
    assert places == [f"toy.yaml:{line}:5" for line in range(5, 55)]
    assert text.endswith("there are more than these 50\n  mend them, and the others are told")


def test_a_default_that_is_wrong_in_sixty_blocks_is_one_diagnostic(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, body(*["conv3-8"] * 60, "conv3_8", head="defaults: {conv: {use_bias: maybe}}"))
    assert [line.split(": ")[1] for line in text.split("\n") if line.startswith("toy.yaml")] == [
        "body[60]",
        "body[0].use_bias",
    ]


def places(text: str) -> list[str]:
    """The first lines of all errors, without the file's name."""
    return [line.removeprefix("toy.yaml:") for line in text.split("\n") if line.startswith("toy.yaml:")]


def test_what_is_missing_is_told_in_one_go(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, "classes: 3\n")
    assert [line.split("`")[1] for line in places(text)] == ["name", "input", "body"]
    text = diagnostics(tmp_path, body("{block: fire}"))
    assert [line.split("`")[1] for line in places(text)] == ["squeeze", "expand"]


def test_fields_of_another_optimizer_are_told_at_their_keys(tmp_path: Path) -> None:
    recipe = "train: {optimizer: {name: adam, momentum: 0.9, rho: 0.5}}\n"
    told = places(diagnostics(tmp_path, body("conv3-8", head=recipe)))
    assert [line.partition(": the optimizer")[0] for line in told] == [
        f"6:{recipe.index('momentum') + 1}: train.optimizer.momentum",
        f"6:{recipe.index('rho') + 1}: train.optimizer.rho",
    ]


def test_a_mapping_with_a_wrong_weight_is_not_told_to_be_no_word(tmp_path: Path) -> None:
    recipe = 'train: {class_weights: {zero: 2, "1": -3}}\n'
    told = places(diagnostics(tmp_path, body("conv3-8", head=recipe)))
    assert told == ["6:34: train.class_weights.1: must be at least 0, not -3"]


def test_limits_and_conditions_are_told_at_their_places(tmp_path: Path) -> None:
    text = """
        name: toy
        input: [8, 8, 3]
        body: [conv3-8]
        tune:
          objective: val_loss
          constraints: {memory: 64 MiB, macs: 3 q, parameters: '> 10, < 5', depth: '>= 4, < 4',
                        receptive_field: '>= 4, <= 4'}
          space:
            train.optimizer.name: {choice: [sgd, adam]}
            train.l2: {uniform: [0, 1], when: {train.optimizer.nam: sgd}}
            train.ema: {uniform: [0.5, 0.9], when: {train.optimizer.name: sdg}}
            train.batch_size: {int: [8, 64], when: {train.optimizer.name: []}}
        """
    assert places(diagnostics(tmp_path, text)) == [
        "6:17: tune.constraints.memory: '64 MiB' is no limit; write one like '< 1e6', '<= 64 MiB' or '> 10, < 99'",
        "6:33: tune.constraints.macs: '3 q' is no limit; write one like '< 1e6', '<= 64 MiB' or '> 10, < 99'",
        "6:44: tune.constraints.parameters: no number is within '> 10, < 5'",
        "6:69: tune.constraints.depth: no number is within '>= 4, < 4'",
        "10:40: tune.space.train.l2.when.train.optimizer.nam: 'train.optimizer.nam' is not in the space; it has "
        "train.optimizer.name, train.l2, train.ema, train.batch_size",
        "11:45: tune.space.train.ema.when.train.optimizer.name: 'train.optimizer.name' never is 'sdg'; it is one of "
        "['sgd', 'adam']",
        "12:45: tune.space.train.batch_size.when.train.optimizer.name: holds for no value of 'train.optimizer.name'; name "
        "one or more",
    ]


def test_all_wrong_paths_of_replace_are_told(tmp_path: Path) -> None:
    replace = '{hed.classes: 3, "body[40].filters": 3, "body[[": 2, extends: x, head.dropout: 0.1}'
    told = places(diagnostics(tmp_path, f"name: x\nextends: lenet5\nreplace: {replace}\n"))
    assert [line.partition(": ")[2].removeprefix("replace: ") for line in told] == [
        "there is no hed; did you mean 'head'?",
        "there is no body[40]: body has 1 elements",
        "'body[[' is no path",
        "'extends' acts before fields are replaced",
    ]


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("tune: {space: {head.fc: {choice: [[8], [16]]}, head.fc[0]: {int: [3, 5]}}}", "head.fc[0]"),
        ("replace: {body[0].filters: 7}", "body[0].filters"),
        ("replace: {head.dropout: 0.1, body[1].branches[0][2].filters: 7}", "body[1].branches[0][2].filters"),
    ],
)
def test_a_path_between_brackets_wants_quotes(tmp_path: Path, line: str, path: str) -> None:
    """YAML ends a word between brackets at the next bracket; in quotes it does not."""
    text = diagnostics(tmp_path, f"{line}\n")
    assert [diagnostic.partition(": ")[0] for diagnostic in places(text)] == [
        f"1:{line.index(path) + path.index('[') + 1}"
    ]
    assert text.endswith(f'between brackets put the path into quotes: "{path}"')
    assert "is not YAML" not in diagnostics(tmp_path, line.replace(path, f'"{path}"') + "\n")


KERAS_LAYERS = {
    "Activation": "activation: relu", "AveragePooling2D": "pool_size: 2", "BatchNormalization": "",
    "Conv2D": "filters: 3", "Cropping2D": "cropping: 1", "Dense": "units: 3", "DepthwiseConv2D": "",
    "Dropout": "rate: 0.5", "Flatten": "", "GlobalAveragePooling2D": "", "GlobalMaxPooling2D": "",
    "LayerNormalization": "", "MaxPooling2D": "pool_size: 2", "ReLU": "", "Rescaling": "scale: 0.5",
    "Reshape": "target_shape: [192]", "SeparableConv2D": "filters: 3", "SpatialDropout2D": "rate: 0.5",
    "UpSampling2D": "", "ZeroPadding2D": "padding: 1", "Add": "from: [a, b]", "Average": "from: [a, b]",
    "Concatenate": "from: [a, b]", "Maximum": "from: [a, b]", "Multiply": "from: [a, b]",
}  # fmt: skip


@pytest.mark.parametrize(("layer", "fields"), KERAS_LAYERS.items(), ids=KERAS_LAYERS.keys())
def test_keras_name_of_a_layer_points_to_the_block_that_makes_it(tmp_path: Path, layer: str, fields: str) -> None:
    items = [f"{{block: conv, filters: 3, name: {name}}}" for name in "ab"] if "from" in fields else []
    text = diagnostics(tmp_path, body(*items, f"{{block: {layer}, {fields}}}", head="head: null\n"))
    assert f"no block is called {layer!r}; did you mean " in text
    meant = text.split("did you mean '")[1].split("'")[0]
    path = tmp_path / "right.yaml"
    path.write_text(body(*items, f"{{block: {meant}, {fields}}}", head="head: null\n"))
    assert load(path).layers[-1].operation.keras_class == layer


def test_keras_name_in_other_letters_and_in_defaults(tmp_path: Path) -> None:
    assert message(tmp_path, "{block: max_pooling2d}").endswith(
        "no block is called 'max_pooling2d'; did you mean 'max_pool'?"
    )
    assert "did you mean 'batch_norm'?" in diagnostics(
        tmp_path, body("conv3-8", head="defaults: {BatchNormalization: {}}")
    )


def test_names_that_nothing_hides_are_right() -> None:
    base = {"name": "x", "input": [8, 8, 3], "head": None}
    block = {"block": "conv", "filters": "${i}"}
    assert load({**base, "parameters": {"i": 5}, "body": [block]}).graph.outputs[0].shape == (8, 8, 5)
    document = {**base, "classes": "${classes}", "parameters": {"classes": 7}, "body": ["conv3-8"]}
    assert load(document).classes == 7


@pytest.mark.parametrize(
    ("name", "block"),
    [("Linear", "dense"), ("BatchNorm2d", "batch_norm"), ("resnet", "basic"), ("MBConv", "inverted_residual")],
)
def test_name_of_a_layer_elsewhere_points_to_the_block_that_is_meant(tmp_path: Path, name: str, block: str) -> None:
    assert message(tmp_path, f"{{block: {name}}}").endswith(f"no block is called {name!r}; did you mean {block!r}?")
