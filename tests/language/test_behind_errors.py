"""What is still checked behind an error: other sections, other keys, and the shapes that do not depend on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .told import diagnostics

WITH_ERRORS = """\
name: a b
input: [8, 8, 1]
classes: 3
parameters:
  width: 8
templates:
  unit: {parameters: {filters: null}, body: ["conv3-${filters}"]}
defaults:
  conv: {kernel_size: 3}
body:
  - {block: conv, filters: "${width}", strides: 0}
  - {block: unit, filters: 4}
head: {dropout: 5}
train:
  epochs: 0
tune:
  space:
    train.l2: {uniform: [0.2, 0.1]}
"""
KNOWN = ["name", "body[0].strides", "head.dropout", "train.epochs", "tune.space.train.l2"]


def paths(tmp_path: Path, text: str) -> list[str]:
    return [line.split(": ")[1] for line in diagnostics(tmp_path, text)]


BROKEN = {
    "width: 8": ("width: [8", KNOWN),
    'body: ["conv': ('body: ["conv3-1", [["conv', KNOWN),
    "kernel_size: 3}": ("kernel_size: 3", KNOWN),
    "strides: 0}": ("strides: 0", [path for path in KNOWN if "body" not in path]),
    "dropout: 5}": ("dropout: 5}}", [path for path in KNOWN if "head" not in path]),
    "epochs: 0": ('epochs: "0', [path for path in KNOWN if "train.e" not in path]),
    "classes: 3": ("classes 3", KNOWN),
    "    train.l2": ("     a: 1\n    train.l2", [path for path in KNOWN if "tune" not in path]),
}


@pytest.mark.parametrize(("right", "wrong"), BROKEN.items())
def test_a_section_that_is_no_yaml_hides_no_other(tmp_path: Path, right: str, wrong: tuple[str, list[str]]) -> None:
    assert WITH_ERRORS.count(right) == 1
    found = diagnostics(tmp_path, WITH_ERRORS.replace(right, wrong[0]))
    syntax = [line for line in found if "is not YAML" in line]
    assert len(syntax) == 1
    assert [line.split(": ")[1] for line in found if line not in syntax] == wrong[1]


def test_what_is_no_key_hides_nothing(tmp_path: Path) -> None:
    text = WITH_ERRORS.replace("classes: 3", "? [a, b]\n: c\nclasses: 3").replace("dropout: 5", "{a: 1}: 2, dropout: 5")
    found = diagnostics(tmp_path, text)
    assert len([line for line in found if "a key must be a word, not a list or mapping" in line]) == 2
    assert [line.split(": ")[1] for line in found if "a key must" not in line] == KNOWN


@pytest.mark.parametrize("base", ["resnet999", "[a]", "nowhere.yaml", "x.yaml", "broken.yaml"])
def test_a_document_that_cannot_be_extended_hides_nothing(tmp_path: Path, base: str) -> None:
    (tmp_path / "broken.yaml").write_text("name: [")
    more = f"extends: {base}\nreplace: {{head.fc: [8]}}\n"
    assert paths(tmp_path, WITH_ERRORS + more) == [*KNOWN, "extends"]
    text = WITH_ERRORS.replace("block: conv", "block: theirs").replace("${width}", "${theirs}").replace("unit:", "own:")
    assert paths(tmp_path, text + more) == [path for path in [*KNOWN, "extends"] if "body" not in path]
    assert paths(tmp_path, f"name: a b\nextends: {base}\ntrain: {{epochs: 0}}\n") == ["name", "extends", "train.epochs"]
    for kind in ("[]", "{a: b}", "null", "1.5"):
        text = f"name: x\nbody: [{{block: {kind}}}]\nextends: {base}\n"
        assert [path.removesuffix(".block") for path in paths(tmp_path, text)] == ["body[0]", "extends"]


MISSPELT = {
    "body:\n": ("bodi", ["body[0].strides"]),
    "head:": ("heads", ["head.dropout"]),
    "train:": ("training", ["train.epochs"]),
    "tune:": ("tuning", ["tune.space.train.l2"]),
    "  space:": ("spaces", ["tune.space.train.l2"]),
}


@pytest.mark.parametrize(("right", "wrong"), MISSPELT.items())
def test_what_is_under_a_misspelt_key_is_checked(tmp_path: Path, right: str, wrong: tuple[str, list[str]]) -> None:
    key = right.strip().strip(":")
    found = paths(tmp_path, WITH_ERRORS.replace(right, right.replace(key, wrong[0])))
    assert [path.replace(wrong[0], key) for path in found if not path.endswith(wrong[0])] == KNOWN
    assert len(found) == len(KNOWN) + 1


def test_two_keys_with_one_meaning_are_both_reported(tmp_path: Path) -> None:
    found = paths(tmp_path, WITH_ERRORS + "training: {l2: -1}\nfitt: flor\nfits: strict\n")
    assert found == [*KNOWN, "training", "fitt", "fit", "fits"]


BEFORE = "name: x\ninput: [32, 32, 3]\nclasses: 10\nbody:\n  - "
TWO_MISFITS = """
  - {block: conv, name: a, filters: 8}
  - {block: conv, name: b, filters: 12}
  - {block: add, name: c, from: [a, b]}
  - {block: conv, name: d, filters: 16}
  - {block: maxout, name: e, pieces: 3}
"""
SHAPES = {
    "conv3-8": "32x32",
    "{block: conv, filters: 8, activation: reluu}": "32x32",
    "{block: conv, filters: 8, kernel_initializer: he}": "32x32",
    "{block: conv, filters: 8, use_biass: false}": "32x32",
    "{block: conv, filtres: 8, strides: 2}": "16x16",
    "{block: conv, filters: eight, strides: 2}": "16x16",
    "{block: conv, filters: 8, kernel_size: even, strides: 2}": "16x16",
    "{block: botleneck, filters: 8, strides: 2}": "16x16",
    "{block: bottleneck, filters: 8, squeeze_excite: {ratio: 0}}": "32x32",
    "{block: bottleneck, filters: 8, squeeze_excite: true, strides: 2}": "16x16",
    "{block: conv_norm_act, filters: 8, norm: {momentum: 2}, strides: 2}": "16x16",
    "{block: residual, name: 7up/x, body: [conv3-3, {block: conv, filters: 3, activation: x}]}": "32x32",
    "{block: conv, filters: 8, strides: two}": "?x?",
    "{block: conv, filters: 8, padding: non, kernel_size: 3}": "?x?",
    "{block: wombat, filters: 8}": "?x?",
    "{block: conv, filters: 8, from: nowhere}": "?x?",
    "conv3_8": "?x?",
}
"""A first block, and the size that is known of what it makes."""


@pytest.mark.parametrize(("block", "size"), SHAPES.items())
def test_misfits_behind_a_wrong_block_are_reported_with_what_is_known(tmp_path: Path, block: str, size: str) -> None:
    found = [line for line in diagnostics(tmp_path, BEFORE + block + TWO_MISFITS) if ": body[0]" not in line]
    assert [line.partition(": ")[2] for line in found] == [
        f"body[3]: add needs equal shapes, not {size}x8 and {size}x12: channels 8 against 12",
        "body[5].pieces: maxout takes 3 channels at a time, and 16 do not divide: 16/3 = 5.33",
    ]


@pytest.mark.parametrize("block", ["{block: conv, filters: many}", "{block: wombat}", "conv3_8", "5"])
def test_no_misfit_is_reported_that_depends_on_a_guess(tmp_path: Path, block: str) -> None:
    text = BEFORE + block + "\n  - {block: maxout, pieces: 3}\n  - {block: add, from: [input, body_0]}\n"
    assert [line.split(": ")[1].partition(".")[0] for line in diagnostics(tmp_path, text)] == ["body[0]"]
