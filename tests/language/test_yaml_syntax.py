"""What is said of text that is no YAML, or YAML that no spec may have, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from convspec import InputError, load
from convspec.language.located import Text

from .wrong_specs import diagnostics, places

DOCUMENTS = {
    "1e-6 read as text": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {l2: 1e-6}\n", "4:13: train.l2: 1e-6 is text in YAML 1.1, not a number"),
    "YAML syntax": ("name: x\ninput: [8, 8\nbody: [conv3-8]\n", "2:8: is not YAML: the [ that opens here is not closed"),
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
    "a tab": ("name: x\ninput: [8, 8, 3]\nbody:\n\t- conv3-8\n", "4:1: is not YAML: a tab is no indentation"),
    "an octal number": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: 010}]\n", "3:31: body[0].filters: 010 is octal in YAML 1.1, and is not in YAML 1.2"),
    "a tag of one's own": ("name: !mine x\n", "1:7: name: the tag !mine is not allowed"),
    "a tag in a list": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8, !mine {block: conv}]\n", "3:17: body[1]: the tag !mine is not allowed"),
    "no whole number": ("name: x\ninput: [8, 8, 3]\nbody: [{block: conv, filters: !!int abc}]\n", "3:31: body[0].filters: 'abc' is no number"),
    "no number": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntrain: {l2: !!float abc}\n", "4:13: train.l2: 'abc' is no number"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_mistake_in_the_document(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert f"toy.yaml:{expected}" in diagnostics(tmp_path, text).split("\n")


SYNTAX = {
    "no space after a colon": ("train:\n  l2: 0.1\n  epochs:20\n  seed: 1\n", "3:3: a colon has no space after it", "write `epochs: 20`"),
    "no space after a colon, first": ("name:x\ninput: [8, 8, 3]\n", "1:1: a colon has no space after it", "write `name: x`"),
    "no space after a dash": ("body:\n  - conv3-8\n  -conv3-16\nclasses: 3\n", "3:3: a dash has no space after it", "write `- conv3-16`"),
    "no space after a dash, first": ("body:\n  -conv3-8\n  - {block: conv}\nclasses: 3\n", "2:3: a dash has no space after it", "write `- conv3-8`"),
    "no space after a dash before a mapping": ("body:\n  - conv3-8\n  -{block: conv}\n", "3:3: a dash has no space after it", "write `- {block: conv}`"),
    "a quote that the next one closes": ('name: "x\ninput: [8, 8, 3]\nbody: ["conv3-8"]\n', "1:7: the quote that opens here is not closed in its line", ""),
    "a quote between brackets": ('input: [8, 8, 3]\nbody: [conv3-8, "conv3-16]\nhead: {pooling: "avg"}\n', "2:17: the quote that opens here is not closed in its line", ""),
    "a quote that nothing closes": ("name: x\nreference: 'y\nbody: [conv3-8]\n", "2:12: the quote that opens here is not closed", ""),
    "a bracket": ("train:\n  optimizer: {name: sgd\n  l2: 0.1\n", "2:14: the { that opens here is not closed", "close it with }"),
    "the inner of two brackets": ("body: [{block: conv, kernel_size: [3, 3}]\n", "1:40: the [ in line 1 is closed by }", "write ] here"),
    "a bracket too many": ("input: [8, 8, 3]]\nname: x\n", "1:17: ] closes nothing", "take it away"),
    "a comma too few": ("head: {pooling: avg fc: [3]}\n", "1:23: expected , or }", "a comma separates what is between brackets"),
    "a comma too few in a later line": ("head: {pooling: avg,\n  fc: [3]\n  dropout: 0.3}\n", "3:3: expected , or }", "a comma separates what is between brackets"),
    "a comma too many": ("body:\n  - {block: relu},\n  - conv3-8\n", "2:18: a comma stands between brackets only", "take it away"),
    "a colon in a text": ("reference: Deep learning: a review\n", "1:25: a text with a colon and a space in it needs quotes", ""),
    "a sign that begins a text": ("reference: @home\n", "1:12: a text that begins with @ needs quotes", 'write "@home"'),
    "a star that begins a text": ("reference: *.yaml\n", "1:12: a text that begins with * needs quotes", 'write "*.yaml"'),
    "a key that is indented deeper": ("train:\n  epochs: 3\n    l2: 0.1\n", "3:5: this line is indented deeper than the one it follows", "indent the keys of a mapping alike"),
    "a key that is indented less": ("train:\n    epochs: 3\n  l2: 0.1\n", "3:3: this line is not indented as the keys of a mapping before it", "indent the keys of a mapping alike"),
    "a key among items": ("body:\n  - conv3-8\n  classes: 3\n", "3:3: a key stands in a list", "indent it as what it belongs to"),
    "an item among keys": ("train:\n  l2: 0.1\n  - conv3-8\n", "3:3: an item of a list stands in a mapping", "indent it as what it belongs to"),
    "a key alone": ("name: x\nbody\nclasses: 3\n", "2:1: expected a key with a colon and a value", ""),
    "a text after a text": ('name: "x" y\n', "1:11: text follows a value that has ended", ""),
    "an escape": ('name: "\\q"\n', "1:8: a backslash between double quotes begins an escape", "use single quotes"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "place", "remedy"), SYNTAX.values(), ids=SYNTAX.keys())
def test_what_is_no_yaml_is_said_in_plain_words_at_the_place_of_the_mistake(text: str, place: str, remedy: str) -> None:
    where, _, message = place.partition(": ")
    with pytest.raises(InputError) as caught:
        load(Text("toy.yaml", text))
    (found,) = caught.value.diagnostics
    assert (f"{found.line}:{found.column}", found.message, found.remedy) == (where, f"is not YAML: {message}", remedy)


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
        "toy.yaml:3:7: is not YAML: the [ that opens here is not closed",
    ]


def test_the_remedy_for_tabs_and_octal_numbers(tmp_path: Path) -> None:
    assert diagnostics(tmp_path, "name: x\nbody:\n\t- conv3-8\n").split("\n")[-1] == "  indent with spaces"
    assert diagnostics(tmp_path, "classes: 012\n").split("\n")[-1] == "  write 12, or 10 if octal is meant"
    assert diagnostics(tmp_path, "classes: 07\n").split("\n")[-1] == "  write 7"


@pytest.mark.parametrize(("written", "number"), {"1e3": "1000", "5e0": "5", "1.5e2": "150", "-2e1": "-20"}.items())
def test_a_whole_number_with_an_exponent_is_written_out(tmp_path: Path, written: str, number: str) -> None:
    """A count takes no 1.0e+3."""
    text = f"name: x\ninput: [8, 8, 3]\nparameters: {{n: {written}}}\nbody: ['conv3-${{n * n}}']\n"
    (found,) = places(diagnostics(tmp_path, text))
    assert found == f"3:17: parameters.n: {written} is text in YAML 1.1, not a number"
    assert diagnostics(tmp_path, text).endswith(f"\n  write {number}")


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
