"""What is said of text that is no YAML, or YAML that no spec may have, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from convspec import InputError, load

from .wrong_specs import diagnostics, places

DOCUMENTS = {
    "1e-6 read as text": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {l2: 1e-6}\n", "4:13: train.l2: 1e-6 is text in YAML 1.1, not a number"),
    "YAML syntax": ("name: x\ninput: [8, 8\nbody: [conv3-8]\n", "3:5: is not YAML: did not find expected ',' or ']' (while parsing a flow sequence)"),
    "an empty file": ("", " is empty"),
    "only a comment": ("# nothing\n", " is empty"),
    "no mapping": ("[1, 2]\n", "1:1: a spec is a mapping of keys to values, not a list"),
    "not UTF-8": (b"name: caf\xe9\n", "1:10: is not UTF-8: byte 0xe9"),
    "a key twice": ("name: x\nname: y\n", "2:1: name: 'name' is here twice, first in line 1"),
    "two documents": ("name: x\n---\nname: y\n", "2:1: holds a second document; a file is one spec"),
    "a Python tag": ('name: !!python/object/apply:os.system ["true"]\n', "1:7: name: the tag !!python/object/apply:os.system is not allowed"),
    "an unknown anchor": ("name: *nothing\n", "1:7: name: no anchor before this is called 'nothing'"),
    "no truth value": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 3, use_bias: !!bool abc}]\n", "3:44: body[0].use_bias: 'abc' is neither true nor false"),
    "a merge by alias": ("description: &key '<<'\nname: x\n*key : {head: null}\ninput: [8, 8, 3]\nbody: [conv3-8]\n", "3:1: <<: a spec has no field '<<'"),
    "a tab": ("name: x\ninput: [8, 8, 3]\nbody:\n\t- conv3-8\n", "4:1: is not YAML: found character that cannot start any token (while scanning for the next token)"),
    "an octal number": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 010}]\n", "3:31: body[0].filters: 010 is octal in YAML 1.1, and is not in YAML 1.2"),
    "a tag of one's own": ("name: !mine x\n", "1:7: name: the tag !mine is not allowed"),
    "a tag in a list": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8, !mine {block: conv}]\n", "3:17: body[1]: the tag !mine is not allowed"),
    "no whole number": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: !!int abc}]\n", "3:31: body[0].filters: 'abc' is no number"),
    "no number": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {l2: !!float abc}\n", "4:13: train.l2: 'abc' is no number"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_mistake_in_the_document(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert f"toy.yaml:{expected}" in diagnostics(tmp_path, text).split("\n")


def test_a_tab_is_no_indentation(tmp_path: Path) -> None:
    assert diagnostics(tmp_path, "name: x\ninput: [8, 8, 3]\nbody:\n\t- conv3-8\n").endswith("\n  indent with spaces")


def test_an_item_that_is_indented_deeper_than_the_one_before(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, "name: x\ninput: [8, 8, 3]\nbody:\n  - conv3-8\n   - maxpool2/2\n  - conv3-8\n")
    assert text.startswith("toy.yaml:5:4: body[0]: is indented deeper than the item before it, so YAML reads both as")
    assert text.endswith("\n  indent all items of a list alike")


def test_an_expression_between_brackets_wants_quotes(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, "name: x\nbody:\n  - {block: conv, filters: ${w}}\n")
    assert text.startswith("toy.yaml:3:29: is not YAML: ")
    assert text.endswith('between brackets put the expression into quotes: "${...}"')


def test_the_remedy_for_1e_6(tmp_path: Path) -> None:
    assert diagnostics(tmp_path, "train: {l2: 1e-6}\n").split("\n")[-1] == "  write 1.0e-6"


def test_what_can_be_read_on_after_is_reported_at_once(tmp_path: Path) -> None:
    text = "classes: 010\ntrain: {l2: 1e-6, epochs: 1e2, l2: 0.1}\nbody: [conv3-8\n"
    lines = [line for line in diagnostics(tmp_path, text).split("\n") if line.startswith("toy.yaml")]
    assert lines == [
        "toy.yaml:1:10: classes: 010 is octal in YAML 1.1, and is not in YAML 1.2",
        "toy.yaml:2:13: train.l2: 1e-6 is text in YAML 1.1, not a number",
        "toy.yaml:2:27: train.epochs: 1e2 is text in YAML 1.1, not a number",
        "toy.yaml:2:32: train.l2: 'l2' is here twice, first in line 2",
        "toy.yaml:4:1: is not YAML: did not find expected ',' or ']' (while parsing a flow sequence)",
    ]


def test_the_remedy_for_tabs_and_octal_numbers(tmp_path: Path) -> None:
    assert diagnostics(tmp_path, "name: x\nbody:\n\t- conv3-8\n").split("\n")[-1] == "  indent with spaces"
    assert diagnostics(tmp_path, "classes: 012\n").split("\n")[-1] == "  write 12, or 10 if octal is meant"


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


@pytest.mark.parametrize("key", ["[a, b]", "{a: b}"])
def test_a_key_that_is_a_list_or_mapping_is_told_at_its_place(tmp_path: Path, key: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\n? {key}\n: 3\n")
    with pytest.raises(InputError, match=r"x\.yaml:4:3: a key must be a word, not a list or mapping\n"):
        load(path)
