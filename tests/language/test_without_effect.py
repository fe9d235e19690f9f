"""What would have no effect, or not the one that is written, is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from convspec import load

from .told import diagnostics

NETWORK = "name: a\ninput: [8, 8, 3]\nclasses: 10\nbody: [%s]\n"
TUNE = NETWORK % "conv3-8" + "tune:\n  space: {train.l2: {uniform: [0.1, 0.2]}}\n"
HEAD_TWICE = "name: x\nextends: resnet18\nreplace: {%s, %s}\n"
HEADS = ("head: {dropout: 0.3}", "head.dropout: 0.5")


def conv(initializer: str) -> str:
    return NETWORK % f"{{block: conv, filters: 8, kernel_initializer: {initializer}}}"


WRONG = {
    "replace alone": (NETWORK % "conv3-8" + "replace: {classes: 3}\n", "there is no `extends`, whose fields it could replace"),
    "a section, then its field": (HEAD_TWICE % HEADS, "'head' replaces 'head.dropout' again"),
    "a field, then its section": (HEAD_TWICE % HEADS[::-1], "'head' replaces 'head.dropout' again"),
    "narrowing": (TUNE + "  strategy: random\n  stages: [{trials: 9, epochs: 3, narrow_to: 5}]\n", "`narrow_to` has no effect with `strategy: random`"),
    "pruning": (TUNE + "  pruning: {after: 30}\n  stages: [{trials: 9, epochs: 3}]\n", "pruning after 30 epochs never comes: the longest stage has 3"),
    "an initializer's field": (conv("{class_name: HeNormal, config: {sed: 3}}"), "HeNormal has no field 'sed'; did you mean 'seed'?"),
    "an initializer without fields": (conv("{class_name: Zeros, config: {value: 3}}"), "Zeros has no field 'value'; it has none"),
    "an initializer's number": (conv("{class_name: RandomNormal, config: {stddev: big}}"), "stddev of RandomNormal is a finite number, not 'big'"),
    "an initializer's word": (conv("{class_name: VarianceScaling, config: {mode: in}}"), "mode of VarianceScaling is one of fan_in, fan_out, fan_avg, not 'in'"),
    "an initializer's seed": (conv("{class_name: Orthogonal, config: {seed: 1.5}}"), "seed of Orthogonal is a whole number or null, not 1.5"),
    **{
        f"a name {name}": (NETWORK % f"{{block: conv_relu_pool, filters: 8, repeat: 2, name: {name}}}", "name: ")
        for name in ("[1]", "{a: 1}", "1.5")
    },
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_without_effect(tmp_path: Path, text: str, expected: str) -> None:
    assert any(expected in line for line in diagnostics(tmp_path, text)), diagnostics(tmp_path, text)


RIGHT = {
    "a config of all its fields": conv("{class_name: VarianceScaling, config: {scale: 2, mode: fan_out, distribution: normal, seed: null}}"),
    "narrowing of a staged search": TUNE + "  stages: [{trials: 9, epochs: 3}, {trials: 9, epochs: 3, narrow_to: 5}]\n",
    "pruning within the longest stage": TUNE + "  pruning: {after: 5}\n  stages: [{trials: 9, epochs: 3}, {trials: 9, epochs: 9}]\n",
    "a gate's channels": NETWORK % "{block: conv, filters: 8, squeeze_excite: {channels: 2}}",
}  # fmt: skip


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_with_effect(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    load(tmp_path / "x.yaml")
