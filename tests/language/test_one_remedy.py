"""A mistake is told once, at its place, with the remedy that leads to a right document."""

from __future__ import annotations

from pathlib import Path

import pytest

from convspec import InputError, load

from .told import diagnostics

TOY = "name: x\ninput: [8, 8, 3]\nclasses: 3\n"
BODY = TOY + "body: [conv3-8]\n"
SPACE = BODY + "tune:\n  space:\n    head.dropout: {choice: [0.1, 0.2]}\n"


def block(text: str) -> str:
    return f"{TOY}body: [conv3-8, {text}]\n"


SYNTAX = {
    "the first line": ("name x\ninput: [8, 8, 3]\nclasses: 3\nbody: [conv3-8]\n", (1, 5), "write `name: x`"),
    "a comment before": ("# toy\nname x\ninput: [8, 8, 3]\n", (2, 5), "write `name: x`"),
    "a later line": ("name: x\nclasses 3\ninput: [8, 8, 3]\n", (2, 8), "write `classes: 3`"),
    "first of a section": (BODY + "train:\n  epochs 10\n  batch_size: 3\n", (6, 9), "write `epochs: 10`"),
    "an item": (TOY + "body:\n  - block conv\n    filters: 8\n", (5, 10), "write `block: conv`"),
    "keys in one line": (
        TOY + "body:\n  - block: conv, filters: 8\n",
        (5, 5),
        "write `- {block: conv, filters: 8}`",
    ),
    "keys after a key": (
        BODY + "head: pooling: avg, fc: [3, 4]\n",
        (5, 7),
        "write `head: {pooling: avg, fc: [3, 4]}`",
    ),
    "a text that goes on": (
        "name: x\ndescription: one\n  two words\n  three: x\n",
        (4, 3),
        "indent the keys of a mapping alike",
    ),
}


@pytest.mark.parametrize(("text", "place", "remedy"), SYNTAX.values(), ids=SYNTAX.keys())
def test_a_sign_that_is_missing_is_told_once(tmp_path: Path, text: str, place: tuple[int, int], remedy: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load(path)
    (found,) = [one for one in caught.value.diagnostics if "is not YAML" in one.message]
    assert ((found.line, found.column), found.remedy) == (place, remedy)


TOLD = {
    block("{block: conv-norm-act, filters: 8, kernel-size: 3}"): [
        "body[1].block: no block is called 'conv-norm-act'; did you mean 'conv_norm_act'?",
        "body[1].kernel-size: conv_norm_act has no field 'kernel-size'; did you mean 'kernel_size'?",
    ],
    block("{block: Conv2d, in_channels: 3, out_channels: 8}"): [
        "body[1].block: no block is called 'Conv2d'; did you mean 'conv'?",
        "body[1].in_channels: conv has no field 'in_channels'; leave it out: it follows from what the block is "
        "connected to",
        "body[1].out_channels: conv has no field 'out_channels'; did you mean 'filters'?",
    ],
    block("{block:conv, filters:8}"): [
        "body[1]: needs `block`, the name of a block; a colon needs a space after it: write `block: conv`"
    ],
    block('{block: conv, filters: 8, when: "i > 3"}'): [
        "body[1].when: expected true or false, not 'i > 3'; write \"${i > 3}\""
    ],
    block("{block: residual, shortcut: projecton, body: [conv3-16/2]}"): [
        "body[1].shortcut: expected 'identity', 'projection', 'scale', 'exclusive_gate', 'shortcut_gate' or 'dropout', "
        "not 'projecton'; did you mean 'projection'?"
    ],
    block("{block: conv, filters: 8, squeeze_excite: {block: conv, filters: 4}}"): [
        "body[1].squeeze_excite.block: `squeeze_excite` has no field 'block'",
        "body[1].squeeze_excite.filters: `squeeze_excite` has no field 'filters'",
    ],
    block("{block: reshape, target_shape: 512}"): ["body[1].target_shape: expected a list, not 512; write [512]"],
    block("{block: parallel, merge: sum, branches: [[conv3-8], [conv3-8]]}"): [
        "body[1].merge: expected 'concat', 'add', 'multiply', 'average' or 'maximum', not 'sum'; did you mean 'add'?"
    ],
    BODY + "head: {classifier_activation: logits}\n": [
        "head.classifier_activation: no activation is called 'logits'; linear leaves values as they are"
    ],
    BODY + "tune: {space: {train.optimizer.learning_rate: {min: 0.001, max: 0.1, log: true}}}\n": [
        "tune.space.train.optimizer.learning_rate.min: a field of the space has no field 'min'; write "
        "{log_uniform: [0.001, 0.1]}"
    ],
    SPACE + "    head.pooling: {choice: [avg, max], when: [head.dropout, 0.1]}\n": [
        "tune.space.head.pooling.when: expected a mapping of keys to values, not ['head.dropout', 0.1]; write "
        "`when: {head.dropout: 0.1}`"
    ],
    SPACE + "  objective: {name: val_loss, direction: maximize}\n": [
        "tune.objective.direction: expected 'max' or 'min' (or null), not 'maximize'; leave it out: the name of the "
        "metric says it"
    ],
    SPACE + '  constraints: {memory: "> 5 TB"}\n': [
        "tune.constraints.memory: '> 5 TB' is no limit; write one like '< 1e6', '<= 64 MiB' or '> 10, < 99'; the units "
        "are k, M, G, kB, MB, GB, KiB, MiB, GiB, ms, s"
    ],
    SPACE + '  constraints: {flops: "< 3 M"}\n': [
        "tune.constraints.flops: expected 'parameters', 'macs', 'memory', 'receptive_field', 'depth' or 'latency', not "
        "'flops'; did you mean 'macs'?"
    ],
    BODY + "tune:\n  space:\n    head.pooling: {choice: [avg, max], when: {head.dropout: 0.1}}\n"
    "    head.dropout: {choice: [0.1, 0.2], when: {head.pooling: avg}}\n": [
        "tune.space.head.pooling.when.head.dropout: 'head.pooling' and 'head.dropout' depend on each other; take one of "
        "the conditions away"
    ],
}


@pytest.mark.parametrize(("text", "expected"), TOLD.items())
def test_a_mistake_is_told_once_with_its_remedy(tmp_path: Path, text: str, expected: list[str]) -> None:
    found = [one.partition(": ")[2] for one in diagnostics(tmp_path, text)]
    assert sorted(found) == sorted(expected)


def test_a_space_of_too_many_fields_says_how_many(tmp_path: Path) -> None:
    fields = "".join(f"    parameters.p{index}: {{choice: [1, 2]}}\n" for index in range(201))
    found = diagnostics(tmp_path, BODY + "tune:\n  space:\n" + fields)
    assert any(one.endswith("tune.space: needs at most 200 elements, not 201") for one in found)


def test_a_path_that_replaces_nothing_is_told_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(BODY)
    extending = 'name: y\nextends: base.yaml\nreplace:\n  "body[9].filters": 3\n  head.dropot: 0.5\n'
    assert diagnostics(tmp_path, extending) == [
        "4:3: body[9].filters: there is no body[9]: body has 1 element",
        "5:3: head.dropot: head has no field 'dropot'; did you mean 'dropout'?",
    ]
