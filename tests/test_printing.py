"""Control and bidirectional characters from users never reach a terminal as they are."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import unicodedata
import warnings
from array import array
from collections import deque
from pathlib import Path

import numpy as np
import pytest

from convspec import InputError, load
from convspec.cli import main
from convspec.printing import (
    ESCAPED,
    counted,
    kind_and_words,
    library_output,
    plain_warnings,
    printable,
    printable_output,
    quote,
)
from convspec.training.predictor import OlderModelWarning

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
    with pytest.raises(InputError) as caught:
        load({"name": "x", "input": [8, 8, 1], "body": ["conv3-8"], **parts})
    assert not hidden(str(caught.value))


def test_the_excerpt_of_a_line_holds_none_and_its_mark_is_in_place(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("name: x\ninput: [8, 8, 1]\nbody: ['conv3-8', {block: '\u202e', filters: 3}]\n")
    with pytest.raises(InputError) as caught:
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


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"ab", "b'ab'"), ({1}, "{1}"), (set(), "set()"), (deque([1, 2]), "[1, 2]"), (range(3), "range(0, 3)"),
        (b"a" * 59 + b"'", 'b"' + "a" * 55 + "..."), ((1,), "[1]"), (np.zeros((2, 3)), "<ndarray of shape (2, 3)>"), (np.float64(1.5), "np.float64(1.5)"),
        (((4, 4), (4, float("nan"))), "[[4, 4], [4, .nan]]"),
    ],
)  # fmt: skip
def test_a_value_of_any_kind_is_shown(value: object, shown: str) -> None:
    assert quote(value) == shown


LARGE = {
    "bytes": b"x" * 10**8, "bytearray": bytearray(10**8), "array": array("b", bytes(10**8)),
    "ndarray": np.full(900, "x" * 10_000), "set": set(range(10**6)), "deque": deque([b"x" * 10**6] * 1000),
    "keys": dict.fromkeys(range(10**6)).keys(),
}  # fmt: skip


@pytest.mark.parametrize("value", LARGE.values(), ids=LARGE.keys())
def test_a_large_value_takes_no_longer_than_a_small_one(value: object) -> None:
    before = time.process_time()
    assert len(quote(value)) <= 60
    assert time.process_time() - before < 0.02


def test_threads_that_interleave_leave_the_streams_as_they_were() -> None:
    before = sys.stdout, sys.stderr
    inside, leave = threading.Event(), threading.Event()

    def second() -> None:
        with printable_output():
            inside.set()
            assert leave.wait(10)

    thread = threading.Thread(target=second)
    with printable_output():
        thread.start()
        assert inside.wait(10)
    leave.set()
    thread.join()
    assert (sys.stdout, sys.stderr) == before


def test_a_process_without_streams_prints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["list"]) == 0
    assert main(["check", "no.yaml"]) == 1
    assert (sys.stdout, sys.stderr) == (None, None)


def test_a_library_that_draws_a_bar_while_it_downloads_draws_it(capsys: pytest.CaptureFixture[str]) -> None:
    with printable_output():
        with library_output():
            sys.stderr.write("\r 50 %\x1b[K")
        sys.stderr.write("\r")
    assert capsys.readouterr().err == "\r 50 %\x1b[K\\r"


DISPLAYS = {
    "a bar": "from rich.progress import Progress; display = start_display(Progress)\n"
    "display.add_task('loss ' + sys.argv[1], total=2, completed=1)",
    "a table": "from rich.live import Live; from rich.table import Table; from functools import partial\n"
    "table = Table(); table.add_column('loss ' + sys.argv[1]); table.add_row('1')\n"
    "display = start_display(partial(Live, table))",
}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("display", DISPLAYS.values(), ids=DISPLAYS.keys())
def test_on_a_terminal_a_display_moves_the_cursor_and_its_texts_do_not(display: str) -> None:
    code = (
        "import sys; from convspec.printing import printable_output, start_display\n"
        "with printable_output():\n"
        + "".join(f"    {line}\n" for line in display.splitlines())
        + "    print('line ' + sys.argv[1]); print('line ' + sys.argv[1], file=sys.stderr); display.refresh()\n"
        "    display.stop(); print('end ' + sys.argv[1])\n"
    )
    texts = on_a_terminal([sys.executable, "-c", code, "\x1b[31m\u202e\r"])
    assert "\x1b[?25l" in texts, "the cursor is hidden"
    assert "\x1b[2K" in texts, "a line is cleared to draw it anew"
    assert "\x1b[?25h" in texts, "the cursor is there again"
    assert "\\x1b[?25" not in texts
    assert "\\x1b[2K" not in texts
    assert "loss \\x1b" in texts  # as much of it as there is room for
    assert texts.count("line \\x1b[31m\\u202e\\r\r\n") == 2
    assert texts.count("end \\x1b[31m\\u202e\\r\r\n") == 1
    assert "\u202e" not in texts
    assert "\x1b[31m" not in texts


SPEC = """
name: tiny
input: [8, 8, 1]
classes: 10
body: [conv3-4]
train: {epochs: 2}
tune:
  space: {train.optimizer.learning_rate: {log_uniform: [1.0e-3, 1.0e-1]}}
  stages: [{trials: 2, epochs: 1}]
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(("command", "line"), [("train", "epoch 2/2  loss 2."), ("tune", "┏━━━━")])
def test_a_command_draws_its_bar_or_table_on_a_terminal(tmp_path: Path, command: str, line: str) -> None:
    (tmp_path / "tiny.yaml").write_text(SPEC)
    out = ["--data", "digits", "--out", str(tmp_path / "out")]
    texts = on_a_terminal([sys.executable, "-m", "convspec", command, str(tmp_path / "tiny.yaml"), *out])
    assert "\x1b[?25l" in texts
    assert "\x1b[2K" in texts
    assert line in texts
    assert "\\x1b" not in texts
    assert "\\r" not in texts


def on_a_terminal(command: list[str]) -> str:
    """What a command writes to a terminal 200 columns wide."""
    import pty

    mine, its = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200", "LINES": "40"}
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment)
    os.close(its)
    found = b""
    while True:
        try:
            piece = os.read(mine, 2**16)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not piece:
            break
        found += piece
    os.close(mine)
    assert process.wait(60) == 0, found.decode()
    return found.decode()


def test_a_command_shows_what_convspec_warns_of_without_the_line_of_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[str] = []
    monkeypatch.setattr(warnings, "showwarning", lambda message, *place: others.append(str(message)))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        plain_warnings()
        warnings.warn("it is older", OlderModelWarning, stacklevel=1)
        warnings.warn("of a library", UserWarning, stacklevel=1)
    assert capsys.readouterr().err == "warning: it is older\n"
    assert others == ["of a library"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("no such size\nmore of it"), "ValueError: no such size"),
        (MemoryError(), "MemoryError"),
        (ValueError("\n"), "ValueError"),
        (ValueError("\n first\n"), "ValueError: first"),
    ],
    ids=repr,
)
def test_an_error_in_one_line(error, told):
    assert kind_and_words(error) == told


def test_one_has_no_plural():
    assert [counted(number, "layer") for number in (0, 1, 2, 12345)] == [
        "0 layers",
        "1 layer",
        "2 layers",
        "12,345 layers",
    ]
