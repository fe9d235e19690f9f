"""What the keys of a spec do."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, strategies as st

import convspec
from convspec import InputError, load
from convspec.analysis import analyze
from convspec.blocks.common import divisible
from convspec.language.expressions import evaluate, substitute
from convspec.language.functions import ExpressionError, round_to


def network(**keys: Any) -> dict[str, Any]:
    return {"name": "net", "input": [16, 16, 3], "classes": 10, "head": None, **keys}


def names(document: dict[str, Any]) -> list[str]:
    return [node.name for node in load(document).graph.layers()[1:]]


def shape(document: dict[str, Any]) -> tuple[int | None, ...]:
    return load(document).graph.outputs[0].shape


class TestNames:
    def test_a_layer_is_called_by_its_path(self) -> None:
        body = ["conv3-4", {"block": "sequence", "body": ["conv3-4", {"block": "conv_norm_act", "filters": 4}]}]
        assert names(network(body=body)) == ["body_0", "body_1_0", "body_1_1_conv", "body_1_1_bn", "body_1_1_relu"]

    def test_a_given_name_replaces_its_part_of_the_path(self) -> None:
        body = [{"block": "sequence", "name": "stem", "body": [{"block": "conv", "name": "first", "filters": 4}]}]
        assert names(network(body=body)) == ["stem_first"]

    def test_a_repeat_counts_from_0(self) -> None:
        body = [{"block": "conv", "repeat": 2, "filters": 4}, {"block": "conv", "name": "x", "repeat": 2, "filters": 4}]
        assert names(network(body=body)) == ["body_0_0", "body_0_1", "x_0", "x_1"]

    def test_an_empty_name_adds_nothing(self) -> None:
        body = [{"block": "sequence", "name": "", "body": [{"block": "conv", "name": "a", "filters": 4}]}]
        assert names(network(body=body)) == ["a"]


class TestExpressions:
    @pytest.mark.parametrize(
        ("expression", "value"),
        [
            ("1 + 2 * 3", 7),
            ("8 / 2", 4),
            ("7 / 2", 3.5),
            ("n[-1]", 3),
            ("n[1:]", [2, 3]),
            ("[8] * len(n)", [8, 8, 8]),
            ("max(n) if len(n) > 2 else 0", 3),
            ("1 < 2 <= 2 and not false", True),
            ("2 ** 10", 1024),
            ("null", None),
            ("'same' if n[0] == 1 else 'valid'", "same"),
        ],
    )
    def test_a_value(self, expression: str, value: object) -> None:
        assert evaluate(expression, {"n": [1, 2, 3]}) == value
        assert type(evaluate(expression, {"n": [1, 2, 3]})) is type(value)

    def test_an_even_division_is_a_whole_number(self) -> None:
        assert isinstance(evaluate("8 / 2", {}), int)

    def test_a_text_with_holes_is_filled_in(self) -> None:
        assert substitute("block${i + 1}_conv", {"i": 2}) == "block3_conv"

    @pytest.mark.parametrize(
        "expression",
        ["().__class__", "__import__('os')", "[x for x in n]", "lambda: 1", "n.append(1)", "f'{n}'", "10 ** 100", "n[9]",
         "[1] * 10 ** 9", "'a' * 10 ** 9", "(-8) ** 0.5", "max()", "1 << 4"],
    )  # fmt: skip
    def test_what_is_no_arithmetic_is_refused(self, expression: str) -> None:
        with pytest.raises(ExpressionError):
            evaluate(expression, {"n": [1, 2, 3]})

    @given(st.floats(1, 4000), st.sampled_from([1, 4, 8, 16]))
    def test_rounding(self, value: float, multiple: int) -> None:
        assert round_to(value, multiple) % multiple == 0
        assert abs(round_to(value, multiple) - value) <= max(multiple / 2, multiple - value)
        assert divisible(value, multiple) >= 0.9 * value


class TestStructure:
    def test_a_repeat_inside_a_repeat(self) -> None:
        inner = {"block": "conv", "repeat": "${stage + 1}", "filters": "${4 * (stage + 1) + i}"}
        body = [{"block": "sequence", "repeat": 2, "counter": "stage", "body": [inner]}]
        layers = load(network(body=body)).graph.layers()
        assert [node.output.shape[-1] for node in layers[1:]] == [4, 8, 9]

    def test_a_condition(self) -> None:
        body = [{"block": "conv", "repeat": 3, "filters": 4, "when": "${i != 1}"}]
        assert names(network(body=body)) == ["body_0_0", "body_0_2"]

    def test_a_table_sets_fields_row_by_row(self) -> None:
        table = {
            "block": "table",
            "columns": ["filters", "strides", "repeat"],
            "rows": [[4, 1, 2], [8, 2, 1]],
            "of": "conv",
        }
        layers = load(network(body=[table])).graph.layers()[1:]
        assert [node.output.shape for node in layers] == [(16, 16, 4), (16, 16, 4), (8, 8, 8)]

    def test_a_column_that_is_no_field_is_a_variable(self) -> None:
        of = {"block": "conv", "filters": "${4 * width}", "name": "unit${row}"}
        table = {"block": "table", "name": "", "columns": ["width"], "rows": [[1], [2]], "of": of}
        assert names(network(body=[table])) == ["unit0", "unit1"]
        assert shape(network(body=[table])) == (16, 16, 8)

    def test_a_template_is_a_block(self) -> None:
        fire = {
            "parameters": {"squeeze": None, "ratio": 4},
            "body": [
                {"block": "conv", "filters": "${squeeze}", "kernel_size": 1},
                {"block": "parallel", "branches": [["conv1-${ratio * squeeze}"], ["conv3-${ratio * squeeze}"]]},
            ],
        }
        document = network(templates={"my_fire": fire}, body=[{"block": "my_fire", "squeeze": 2, "repeat": 2}])
        assert shape(document) == (16, 16, 16)
        assert {scope.kind for node in load(document).graph.nodes for scope in node.scopes} >= {"my_fire"}

    def test_defaults_hold_for_all_blocks_of_a_kind(self) -> None:
        document = network(
            defaults={"conv": {"use_bias": False}}, body=["conv3-4", {"block": "conv", "filters": 4, "use_bias": True}]
        )
        assert [node.parameters for node in load(document).graph.layers()[1:]] == [108, 148]

    def test_from_takes_an_earlier_output(self) -> None:
        body = [
            {"block": "conv", "name": "a", "filters": 4},
            {"block": "conv", "name": "b", "filters": 4, "strides": 2},
            {"block": "conv", "name": "c", "from": "a", "filters": 6, "strides": 2},
            {"block": "concat", "from": ["b", "c"]},
        ]
        assert shape(network(body=body)) == (8, 8, 10)

    def test_outputs_are_heads_with_weights_or_features(self) -> None:
        document = network(
            head={"pooling": "avg"},
            body=[{"block": "conv", "name": "a", "filters": 4}, {"block": "conv", "name": "b", "filters": 4}],
            outputs={"aux": {"from": "a", "head": {"fc": [5]}, "loss_weight": 0.2}, "tap": {"from": "b"}},
        )
        spec = load(document)
        assert [tensor.node.name for tensor in spec.graph.outputs] == ["predictions", "aux", "b"]
        assert spec.loss_weights == {"predictions": 1.0, "aux": 0.2}

    @pytest.mark.parametrize(
        "shortcut", ["identity", "projection", "scale", "exclusive_gate", "shortcut_gate", "dropout"]
    )
    def test_a_residual_of_any_blocks(self, shortcut: str) -> None:
        body = ["conv3-4", {"block": "residual", "body": ["conv3-4", "batchnorm"], "shortcut": shortcut}]
        assert shape(network(body=body)) == (16, 16, 4)

    def test_a_gate_on_any_block(self) -> None:
        body = [{"block": "conv", "name": "a", "filters": 8, "squeeze_excite": {"ratio": 2}}]
        assert names(network(body=body)) == ["a", "a_se_squeeze", "a_se_reduce", "a_se_expand", "a_se_excite"]


class TestFamilies:
    def test_a_variant_changes_parameters(self, tmp_path: Path) -> None:
        path = tmp_path / "family.yaml"
        path.write_text(
            "name: f\ninput: [8, 8, 1]\nparameters: {n: 4}\nbody: ['conv3-${n}']\nhead: null\nvariants: {f8: {n: 8}}\n"
        )
        assert load(path, variant="f8").graph.outputs[0].shape == (8, 8, 8)
        assert load(path, variant="f8").name == "f8"

    def test_extends_fills_in_and_replaces(self, tmp_path: Path) -> None:
        (tmp_path / "base.yaml").write_text(
            "name: base\ninput: [8, 8, 1]\nparameters: {n: 4, m: 4}\nbody: ['conv3-${n}', 'conv3-${m}']\nhead: null\n"
        )
        path = tmp_path / "mine.yaml"
        path.write_text("name: mine\nextends: base.yaml\nparameters: {m: 16}\nreplace: {'body[0]': conv5-2}\n")
        spec = load(path, overrides={})
        assert [node.output.shape[-1] for node in spec.graph.layers()] == [1, 2, 16]

    def test_extends_a_network_of_the_catalogue(self) -> None:
        spec = load({"name": "mine", "extends": "vgg11", "classes": 7, "input": [32, 32, 3]})
        assert (spec.graph.outputs[0].shape, spec.name) == ((7,), "mine")

    def test_a_cycle_of_extends(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text("name: a\nextends: b.yaml\n")
        (tmp_path / "b.yaml").write_text("name: b\nextends: a.yaml\n")
        with pytest.raises(InputError) as raised:
            load(tmp_path / "a.yaml")
        a, b = (tmp_path / f"{name}.yaml" for name in "ab")
        found = [diagnostic.message for diagnostic in raised.value.diagnostics]
        assert found in ([f"extends itself: {a} -> {b} -> {a}"], [f"extends itself: {b} -> {a} -> {b}"])


BASE = """
name: net
input: [8, 8, 1]
classes: 10
parameters: {n: 4}
body:
  - {block: conv, name: a, filters: "${n}"}
  - conv3-8
train: {l2: 1.0e-4, epochs: 3}
"""
SAME = """
# reformatted
train:
    epochs: 3
    l2: 0.0001
classes: 10
body: [{filters: &four 4, block: conv, name: a}, conv3-8]
parameters: {}
name: net
input: [8,  8,  1]
"""


class TestFingerprint:
    def fingerprint(self, tmp_path: Path, text: str) -> str:
        path = tmp_path / "net.yaml"
        path.write_text(dedent(text))
        return load(path).fingerprint

    def test_layout_comments_anchors_and_order_do_not_change_it(self, tmp_path: Path) -> None:
        assert self.fingerprint(tmp_path, BASE) == self.fingerprint(tmp_path, SAME)

    @pytest.mark.parametrize(
        ("old", "new"),
        [("n: 4", "n: 5"), ("conv3-8", "conv5-8"), ("l2: 1.0e-4", "l2: 1.0e-5"), ("epochs: 3", "epochs: 4"),
         ("name: a", "name: b"), ("[8, 8, 1]", "[8, 9, 1]"), ("classes: 10", "classes: 9")],
    )  # fmt: skip
    def test_a_change_of_meaning_does(self, tmp_path: Path, old: str, new: str) -> None:
        assert old in BASE
        assert self.fingerprint(tmp_path, BASE) != self.fingerprint(tmp_path, BASE.replace(old, new))

    @pytest.mark.parametrize("name", ["lenet5", "googlenet", "squeezenet1_0", "vgg16c", "resnet18"])
    def test_writing_and_reading_again_keeps_it(self, tmp_path: Path, name: str) -> None:
        spec = load(name)
        path = tmp_path / "again.yaml"
        path.write_text(spec.to_yaml())
        assert load(path).fingerprint == spec.fingerprint


def test_open_sizes_leave_what_depends_on_them_open() -> None:
    document = network(input=[None, None, 3], body=["conv3-4", "maxpool2/2"], head={"pooling": "avg"})
    analysis = analyze(document)
    assert [layer.output_shape for layer in analysis.layers[1:3]] == [(None, None, 4), (None, None, 4)]
    assert (analysis.totals.parameters, analysis.totals.macs) == (112 + 50, None)


def test_flattening_an_open_size_is_a_diagnostic() -> None:
    with pytest.raises(InputError, match="Dense needs to know the number of its inputs"):
        load(network(input=[None, None, 3], body=["conv3-4"], head={"flatten": True}))


def test_a_path_sets_any_field() -> None:
    spec = load("lenet5", overrides={"head.fc[0]": 64, "train.optimizer.learning_rate": 0.5, "body[0].padding": "same"})
    assert spec.train.optimizer.learning_rate == 0.5
    assert spec.graph.find("fc1").output.shape == (64,)


@pytest.mark.parametrize("key", ["extends", "replace", "variants.small"])
def test_a_path_to_what_acts_before_is_a_diagnostic(key: str) -> None:
    with pytest.raises(InputError, match="acts before fields are set by their paths"):
        load("lenet5", overrides={key: "resnet18"})


def test_classes_and_channels_may_be_computed() -> None:
    """`${classes}` is then the number, with parameters and without."""
    document = network(input=[8, 8, 3], classes="${5 * 2}", body=["fc${classes * channels}"], head=None)
    assert load(document).graph.outputs[0].shape == (8, 8, 30)
    document = {**document, "input": [8, 8, "${deep}"], "parameters": {"deep": 4}}
    assert load(document).graph.outputs[0].shape == (8, 8, 40)


def test_a_template_s_default_may_use_the_parameters_before_it() -> None:
    template = {"parameters": {"n": 4, "m": "${n * 2}"}, "body": ["conv3-${n}", "conv3-${m}"]}
    document = network(templates={"pair": template}, body=[{"block": "pair"}, {"block": "pair", "n": 8}], head=None)
    assert [node.output.shape[-1] for node in load(document).layers[1:]] == [4, 8, 8, 16]


def test_rows_may_come_from_an_expression() -> None:
    table = {"block": "table", "of": "conv", "columns": ["filters"], "rows": "${rows[:2]}"}
    document = network(parameters={"rows": [[4], [8], [16]]}, body=[table], head=None)
    assert [node.output.shape[-1] for node in load(document).layers[1:]] == [4, 8]


def test_an_output_may_have_one_block_as_its_head() -> None:
    body = [{"block": "conv", "name": "stem", "filters": 8}]
    for head in ("fc4", {"block": "dense", "units": 4}):
        spec = load(network(input=[8, 8, 3], body=body, outputs={"side": {"from": "stem", "head": head}}))
        assert spec.graph.outputs[1].shape == (8, 8, 4)


def test_whole_numbers_divide_exactly() -> None:
    assert evaluate("(2 ** 60 + 2) / 2", {}) == 2**59 + 1


def test_every_network_of_the_catalogue_is_right() -> None:
    for name in convspec.list_specs():
        assert load(name).graph.layers(), name


def test_an_extending_spec_completes_some_sections_and_replaces_the_others_whole(tmp_path: Path) -> None:
    """As docs/families.md and docs/spec.md say."""
    (tmp_path / "base.yaml").write_text(
        "name: base\ninput: [8, 8, 3]\nparameters: {a: 3, b: 4}\nbody: ['conv3-${a}', 'conv3-${b}']\nhead: null\n"
        "train: {optimizer: {name: sgd, momentum: 0.9}, epochs: 30}\n"
    )
    path = tmp_path / "derived.yaml"
    path.write_text("name: derived\nextends: base.yaml\nparameters: {b: 5}\ntrain: {epochs: 3}\n")
    derived = load(path)
    assert [node.output.shape[-1] for node in derived.layers if node.operation.keras_class == "Conv2D"] == [3, 5]
    assert (derived.train.optimizer.name, derived.train.epochs) == ("adam", 3)
    path.write_text("name: derived\nextends: base.yaml\nreplace: {train.epochs: 3}\n")
    assert (load(path).train.optimizer.name, load(path).train.epochs) == ("sgd", 3)
    root = Path(__file__).parents[2]
    for page in ("spec", "families"):
        assert "`train: {epochs: 3}` loses the other" in (root / f"docs/{page}.md").read_text().replace("\n", " ")
