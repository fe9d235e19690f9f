"""What differs in meaning between two networks, on the command line, in pull requests and in git."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import convspec
from convspec.analysis.difference import Difference, _show, difference
from convspec.analysis.difference_text import render, render_markdown
from convspec.cli import main

SPEC = """\
name: net
input: [16, 16, 3]
classes: 10
parameters: {width: 32}
body:
  - conv3-32
  - {block: bottleneck, repeat: 4, filters: "${width}"}
  - maxpool2/2
  - conv3-64
head: {pooling: avg}
train: {l2: 5.0e-4, epochs: 20}
"""
SAME = """\
# The same network, written by somebody else.
train:
  epochs: 20
  l2: 0.0005
classes: 10
input: &size
  - 16
  - 16
  - 3
name: net
body:
  - {block: conv, filters: 32, kernel_size: 3}
  - {filters: 32, repeat: 4, block: bottleneck}
  - {block: max_pool, pool_size: 2, strides: 2}
  - conv3-64
head: {pooling: avg}
"""


def between(tmp_path: Path, before: str, after: str) -> Difference:
    """The difference of two documents, which must agree with their fingerprints."""
    paths = [tmp_path / "before.yaml", tmp_path / "after.yaml"]
    for path, text in zip(paths, (before, after), strict=True):
        path.write_text(text)
    old, new = (convspec.load(path) for path in paths)
    found = difference(old, new)
    assert bool(found) == (old.fingerprint != new.fingerprint)
    return found


def changes(found: Difference) -> list[str]:
    """Sign, place and details of each change."""
    return [f"{c.sign} {c.place}: {'; '.join(c.details)}" for c in (*found.network, *found.training)]


def test_layout_comments_anchors_and_order_make_no_difference(tmp_path: Path) -> None:
    assert not between(tmp_path, SPEC, SAME)


def test_equal_changes_of_neighbouring_blocks_are_one_line(tmp_path: Path) -> None:
    found = between(tmp_path, SPEC, SPEC.replace("width: 32", "width: 48"))
    assert changes(found) == [
        "~ body_1_0: filters: 128 -> 192 in 0_conv, 3_conv; filters: 32 -> 48 in 1_conv, 2_conv",
        "~ body_1_1 .. body_1_3: filters: 32 -> 48 in 1_conv, 2_conv; filters: 128 -> 192 in 3_conv",
    ]
    assert found.network[1].kind == "bottleneck x 3"


def test_values_of_a_section_are_written_as_in_the_spec(tmp_path: Path) -> None:
    """A list of numbers is an image size only among the arguments of a layer."""
    before, after = tmp_path / "before.yaml", tmp_path / "after.yaml"
    text = SPEC + "tune: {space: {parameters.width: {choice: [8, 16]}}, stages: [{trials: 2, epochs: 1}]}\n"
    before.write_text(text)
    after.write_text(text.replace("[8, 16]", "[8, 16, 32]"))
    found = difference(convspec.load(before), convspec.load(after))
    assert changes(found) == ["~ tune.space.parameters.width.choice: [8, 16] -> [8, 16, 32]"]


def test_layers_that_are_renamed_are_counted(tmp_path: Path) -> None:
    spec = "name: net\ninput: [16, 16, 3]\nbody: [maxpool2/2, avgpool2/2, maxpool2/2]\nhead: null\n"
    found = between(tmp_path, spec, spec.replace("[maxpool", "[{block: dropout, rate: 0.1}, maxpool"))
    assert "~ names: body_0 -> body_1 and 2 more" in changes(found)


def test_the_places_of_a_change_are_named_up_to_four(tmp_path: Path) -> None:
    spec = "name: net\ninput: [8, 8, 3]\nbody: [{block: conv_relu_pool, name: c, convs: 6, filters: 4}]\nhead: null\n"
    for convs, places in ((4, "conv1, conv2, conv3, conv4"), (6, "conv1, conv2, conv3, conv4 and 2 more")):
        before = spec.replace("convs: 6", f"convs: {convs}")
        found = between(tmp_path, before, before.replace("filters: 4", "filters: 5"))
        assert changes(found) == [f"~ c: filters: 4 -> 5 in {places}"]


def test_a_difference_word_for_word(tmp_path: Path) -> None:
    """Convolutions of 4 and 5 filters with 3*3*3 weights over 8x8x3 values, which are activations, too."""
    spec = "name: net\ninput: [8, 8, 3]\nbody: [{block: conv, name: c, filters: 4, use_bias: false}]\nhead: null\n"
    train = "train: {finetune: {weights: ~a.keras}}\n"
    found = between(tmp_path, spec + train, spec.replace("filters: 4", "filters: 5") + train.replace("~a", "~b~"))
    lines = ["c (conv): filters: 4 -> 5", "train.finetune.weights: ~a.keras -> ~b~.keras"]
    assert render(found, "one", "two").split("\n") == [
        "--- one", "+++ two", *(f"~ {line}" for line in lines), "",
        "                  before    after            change",
        "parameters           108      135     +27 (+25.0 %)",
        "MACs               6,912    8,640  +1,728 (+25.0 %)",
        "activations      1.79 kB  2.05 kB  +256 B (+14.3 %)",
        "weights            432 B    540 B  +108 B (+25.0 %)",
        "depth                  1        1",
        "receptive field        3        3",
        "layers                 2        2",
    ]  # fmt: skip
    assert render_markdown(found, "one", "two").split("\n")[3:5] == [f"! {line}" for line in lines]


def test_switches_are_written_as_in_a_spec(tmp_path: Path) -> None:
    spec = "name: net\ninput: [8, 8, 3]\nbody: [{block: conv, name: c, filters: 4, use_bias: true, activation: relu}]\nhead: null\n"
    without = between(tmp_path, spec, spec.replace("use_bias: true", "use_bias: false"))
    assert changes(without)[0].startswith("~ c: use_bias: true -> false")
    assert [_show(value) for value in (None, True, False, (3, None), 0.5)] == ["none", "true", "false", "3x?", "0.5"]


def test_the_figures_that_are_compared(tmp_path: Path) -> None:
    """A bias less is 4 parameters and 16 bytes less; convolutions' MACs count none."""
    spec = "name: net\ninput: [8, 8, 3]\nbody: [{block: conv, name: c, filters: 4}]\nhead: null\n"
    effects = between(tmp_path, spec, spec.replace("filters: 4", "filters: 4, use_bias: false")).effects
    assert [effect.name for effect in effects] == [
        "parameters", "MACs", "activation bytes", "weight bytes", "depth", "receptive field", "layers",
    ]  # fmt: skip
    moved = {effect.name: effect.before - effect.after for effect in effects if effect.before != effect.after}
    assert moved == {"parameters": 4, "weight bytes": 16}


def test_a_new_block_renames_those_behind_it(tmp_path: Path) -> None:
    found = between(tmp_path, SPEC, SPEC.replace("  - maxpool2/2", "  - maxpool2/2\n  - {block: dropout, rate: 0.1}"))
    assert changes(found) == [
        "+ body_3: 0 parameters, gives 8x8x128",
        "~ names: body_3 -> body_4",
    ]


def test_a_block_that_is_gone(tmp_path: Path) -> None:
    found = between(tmp_path, SPEC, SPEC.replace("  - maxpool2/2\n", ""))
    assert changes(found)[0] == "- body_2: 0 parameters, gives 8x8x128"


def test_a_repeat_more_is_a_block_more(tmp_path: Path) -> None:
    found = between(tmp_path, SPEC, SPEC.replace("repeat: 4", "repeat: 6"))
    # (1*1*128*32 + 3*3*32*32 + 1*1*32*128) + 4 * (32 + 32 + 128)
    assert changes(found) == ["+ body_1_4 .. body_1_5: 10 layers, 18,176 parameters, gives 16x16x128"]


def test_the_recipe_is_compared_by_its_meaning(tmp_path: Path) -> None:
    found = between(tmp_path, SPEC, SPEC.replace("l2: 5.0e-4", "l2: 1.0e-4, batch_size: 64, mixup: 0.2"))
    assert changes(found) == ["~ train.l2: 0.0005 -> 0.0001", "~ train.mixup: 0.0 -> 0.2"]


def test_another_source_of_an_input_is_told(tmp_path: Path) -> None:
    residual = """\
name: net
input: [8, 8, 4]
body:
  - {block: conv, name: a, filters: 4, kernel_size: 3}
  - {block: conv, name: b, filters: 4, kernel_size: 3}
  - {block: conv, name: c, filters: 4, kernel_size: 3}
  - {block: add, name: sum, from: [c, a]}
head: null
"""
    assert changes(between(tmp_path, residual, residual.replace("[c, a]", "[c, b]"))) == ["~ sum: takes b instead of a"]
    assert changes(between(tmp_path, residual, residual.replace("[c, a]", "[a, c]"))) == [
        "~ sum: takes its inputs in the order a, c"
    ]


def test_loss_weights_and_outputs(tmp_path: Path) -> None:
    heads = SPEC + "outputs: {early: {from: body_0, head: {pooling: avg}, loss_weight: 0.3}}\n"
    assert changes(between(tmp_path, heads, heads.replace("0.3", "0.5"))) == ["~ loss_weights.early: 0.3 -> 0.5"]
    assert any(line.startswith("+ loss_weights.") for line in changes(between(tmp_path, SPEC, heads)))


def test_the_figures_are_those_of_both_networks() -> None:
    """VGG-16 and VGG-19: 138 and 144 M parameters (Simonyan & Zisserman 2014, table 2)."""
    found = difference(convspec.load("vgg16"), convspec.load("vgg19"))
    effects = {effect.name: (effect.before, effect.after) for effect in found.effects}
    assert effects["parameters"] == (138_357_544, 143_667_240)
    assert effects["depth"] == (16, 19)
    assert changes(found) == ["~ block3 .. block5: with Conv2D 3x3 in conv4"]


def test_exit_status_is_that_of_diff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").write_text(SPEC)
    (tmp_path / "b.yaml").write_text(SAME)
    assert main(["diff", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")]) == 0
    assert capsys.readouterr().out == ""
    assert main(["diff", "resnet50", "resnet101"]) == 1
    out = capsys.readouterr().out.split("\n")
    assert out[:3] == [
        "--- resnet50", "+++ resnet101",
        "+ conv4_block7 .. conv4_block23 (bottleneck x 17): 10 layers, 1,121,792 parameters, gives 14x14x1024",
    ]  # fmt: skip
    assert main(["diff", "resnet50", "nothing"]) == 2
    assert "no network is called 'nothing'" in capsys.readouterr().err
    assert main(["diff", "resnet50"]) == 2


def test_markdown_shows_what_moved(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "vgg16", "vgg19", "--markdown"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("### `vgg16` → `vgg19`\n\n```diff\n! block3 .. block5 (conv_relu_pool x 3): with Conv2D")
    assert "| parameters | 138,357,544 | 143,667,240 | +5,309,696 (+3.8 %) |" in out


def test_families_are_compared_variant_by_variant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    family = SPEC.replace("head:", "variants: {narrow: {width: 16}, wide: {width: 64}}\nhead:")
    (tmp_path / "a.yaml").write_text(family)
    (tmp_path / "b.yaml").write_text(family.replace("wide: {width: 64}", "wide: {width: 96}, huge: {width: 128}"))
    assert main(["diff", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")]) == 1
    out = capsys.readouterr().out
    assert f"--- {tmp_path / 'a.yaml'} (wide)" in out
    assert "(narrow)" not in out
    assert out.endswith("+ variant huge\n")


def test_a_search_that_is_gone_says_what_it_had(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing of the fields that it had left out."""
    old, new = tmp_path / "a.yaml", tmp_path / "b.yaml"
    search = "tune: {space: {train.l2: {uniform: [0, 1]}}, stages: [{trials: 3, epochs: 2}]}\n"
    new.write_text(SPEC)
    old.write_text(SPEC + search)
    assert main(["diff", str(old), str(new)]) == 1
    out = capsys.readouterr().out
    assert "- tune.space.train.l2.uniform: [0.0, 1.0]\n" in out
    assert "- tune.stages[0].trials: 3\n- tune.stages[0].epochs: 2\n" in out
    assert "none" not in out.lower()


def test_families_that_share_one_variant_or_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What came and went is said all the same."""
    old, new = tmp_path / "a.yaml", tmp_path / "b.yaml"
    old.write_text(SPEC.replace("head:", "variants: {narrow: {width: 16}, wide: {width: 64}}\nhead:"))
    new.write_text(SPEC.replace("head:", "variants: {narrow: {width: 16}, huge: {width: 128}}\nhead:"))
    assert main(["diff", str(old), str(new)]) == 1
    assert capsys.readouterr().out == "- variant wide\n+ variant huge\n"
    new.write_text(SPEC.replace("head:", "variants: {huge: {width: 128}}\nhead:"))
    assert main(["diff", str(old), str(new)]) == 1
    assert capsys.readouterr().out == "- variant narrow\n- variant wide\n+ variant huge\n"


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, apart from the user's settings."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "HOME": str(folder)}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_git_shows_the_difference_of_specs(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "user.name", "A")
    git(tmp_path, "config", "user.email", "a@example.org")
    git(tmp_path, "config", "diff.convspec.command", f"{sys.executable} -m convspec diff")
    (tmp_path / ".gitattributes").write_text("*.yaml diff=convspec\n")
    (tmp_path / "net.yaml").write_text(SPEC)
    (tmp_path / "other.yaml").write_text(SPEC)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    (tmp_path / "net.yaml").write_text(SPEC.replace("l2: 5.0e-4", "l2: 1.0e-4"))
    (tmp_path / "other.yaml").write_text(SAME)
    shown = git(tmp_path, "diff")
    assert shown.startswith("--- a/net.yaml\n+++ b/net.yaml\n~ train.l2: 0.0005 -> 0.0001\n")
    assert shown.rstrip().endswith("other.yaml: the same network (layout, comments or order of keys changed)")
    (tmp_path / "net.yaml").write_text(SPEC.replace("conv3-32", "conv3-x"))
    assert git(tmp_path, "diff", "--", "net.yaml").startswith("net.yaml: cannot be compared\nnet.yaml:6:")
    (tmp_path / "net.yaml").unlink()
    assert git(tmp_path, "diff", "--", "net.yaml") == "--- net.yaml: the whole file is gone\n"
