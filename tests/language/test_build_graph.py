"""What is said of blocks whose shapes or names do not go together, word for word."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from convspec import InputError, load

from .wrong_specs import body, diagnostics, message, places

ONE_LINE = {
    "an earlier block": (
        "{block: conv, filters: 8, from: stem}",
        "toy.yaml:5:37: body[0].from: no earlier block is called 'stem'",
    ),
    "a dense layer on an open size": (
        "{block: reshape, target_shape: [7, 7]}",
        "toy.yaml:5:36: body[0].target_shape: 8x8x3 holds 192 values, which do not reshape to 7x7",
    ),
    "unequal strides of a depthwise filter": (
        "{block: depthwise_conv, strides: [1, 2]}",
        "toy.yaml:5:38: body[0].strides: DepthwiseConv2D needs equal strides, not 1x2",
    ),
    "means of other channels": (
        "{block: normalization, mean: [1, 2], variance: [1, 2]}",
        "toy.yaml:5:34: body[0].mean: 2 values of mean for 3 channels",
    ),
    "strides of a dilated filter": (
        "{block: conv, filters: 3, strides: [1, 2], dilation_rate: [3, 1]}",
        "toy.yaml:5:63: body[0].dilation_rate: strides 1x2 and dilation_rate 3x1 cannot both be above 1",
    ),
}


@pytest.mark.parametrize(("item", "expected"), ONE_LINE.values(), ids=ONE_LINE.keys())
def test_one_mistake_in_one_line(tmp_path: Path, item: str, expected: str) -> None:
    assert message(tmp_path, item) == expected


DOCUMENTS = {
    "spatial dropout of a vector": ("name: x\ninput: [8, 8, 3]\nbody: [global_avg_pool, {block: spatial_dropout}]\n".replace("[global_avg_pool,", "[globalavgpool,"), "3:23: body[1]: SpatialDropout2D needs a feature map (height, width, channels), not 3"),
    "nested layers that are none": ("name: x\ninput: [8, 8, 3]\nbody: [{block: nested, body: [{block: sequence, body: []}]}]\n", "3:30: body[0].body: nested layers must be one or more, and its blocks have none"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_mistake_in_the_document(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert diagnostics(tmp_path, text).split("\n")[0] == f"toy.yaml:{expected}"


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


def test_two_layers_of_one_name(tmp_path: Path) -> None:
    expected = "toy.yaml:6:25: body[1].name: two layers are called 'a': a Conv2D 3x3 and a Conv2D 3x3"
    assert message(tmp_path, "{block: conv, name: a, filters: 8}", "{block: conv, name: a, filters: 8}") == expected


def test_a_window_is_held_against_the_rule_also_where_the_name_is_missing(tmp_path: Path) -> None:
    found = places(diagnostics(tmp_path, "input: [8, 8, 3]\nfit: strict\nbody: [maxpool3/2]\nhead: null\n"))
    assert [line.split(": ")[1] for line in found] == ["a spec needs `name`", "body[0].strides"]
