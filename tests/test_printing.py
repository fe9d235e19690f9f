"""Control and bidirectional characters from users never reach a terminal as they are."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import pytest

from convspec import FaultError, load
from convspec.cli import main
from convspec.printing import ESCAPED, printable, printable_output, quote

SIGNS = "".join(chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in ESCAPED)
FEW = "\x1b\x07\r\x9b\u202e\u2066\u200b\u2028\ue000"
KEPT = "a é 漢 \U0001f600 \u00a0"


def test_each_of_them_is_escaped_and_nothing_else() -> None:
    assert len(SIGNS) > 139_000
    assert printable(SIGNS).isascii()
    assert printable(SIGNS).isprintable()
    assert printable(KEPT) == KEPT
    assert printable("a\x1b[2J\u202eb\n") == "a\\x1b[2J\\u202eb\\n"
    assert printable("a\x1b\n\t", keep="\n\t") == "a\\x1b\n\t"
    assert not set(quote([SIGNS[:20], {SIGNS[20:25]: "x"}])) & set(SIGNS)


def hidden(text: str) -> set[str]:
    return set(text.replace("\n", "")) & set(SIGNS)


PLACES = {
    "a key": {"na" + FEW + "me": 1},
    "a value": {"fit": FEW},
    "a name": {"name": "x" + FEW},
    "a sentence": {"description": FEW},
    "a block": {"body": [{"block": "conv" + FEW}]},
    "a block in VGG's notation": {"body": ["conv3" + FEW]},
    "a source": {"body": [{"block": "conv", "filters": 3, "from": FEW}]},
    "a parameter": {"parameters": {"p" + FEW: 1}},
    "an expression": {"body": ["conv3-${" + FEW + "}"]},
    "an output": {"outputs": {FEW: {"from": "input"}}},
    "a recipe": {"train": {"optimizer": {"name": FEW}}},
    "a field of a space": {"tune": {"space": {"train." + FEW: {"boolean": True}}}},
}


@pytest.mark.parametrize("parts", PLACES.values(), ids=PLACES.keys())
def test_messages_about_a_spec_hold_none(tmp_path: Path, parts: dict[str, object]) -> None:
    with pytest.raises(FaultError) as caught:
        load({"name": "x", "input": [8, 8, 1], "body": ["conv3-8"], **parts})
    assert not hidden(str(caught.value))


def test_the_excerpt_of_a_line_holds_none_and_its_mark_is_in_place(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("name: x\ninput: [8, 8, 1]\nbody: ['conv3-8', {block: '\u202e', filters: 3}]\n")
    with pytest.raises(FaultError) as caught:
        load(path)
    _, source, mark = str(caught.value).split("\n")[:3]
    assert source == "    body: ['conv3-8', {block: '\\u202e', filters: 3}]"
    assert mark.index("^") == source.index("'\\u202e'")


def test_the_command_prints_none_of_a_file_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a\x1b]0;title\x07\u202eb.yaml"
    path.write_text("name: x\ninput: [8, 8, 1]\nbody: [conv3-8]\n")
    assert main(["check", str(path), str(tmp_path / "no\x1b[2J.yaml")]) == 1
    printed = capsys.readouterr()
    assert not hidden(printed.out + printed.err)
    assert "a\\x1b]0;title\\x07\\u202eb.yaml" in printed.out
    assert "no\\x1b[2J.yaml: cannot be read" in printed.err


def test_whatever_a_command_prints_goes_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    """Tables, progress lines and predictions: class names come from folders, tables and saved models."""
    before = sys.stdout, sys.stderr
    with printable_output():
        print("zero\x1b[2J", 0.5, sep="\t")
        sys.stderr.writelines(["one\u202e\n", "two\r\n"])
    assert (sys.stdout, sys.stderr) == before
    assert tuple(capsys.readouterr()) == ("zero\\x1b[2J\t0.5\n", "one\\u202e\ntwo\\r\n")
