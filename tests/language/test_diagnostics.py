"""How errors are shown: their order and number, the line, and the caret below it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .wrong_specs import body, diagnostics


def test_the_caret_stands_below_its_letter_behind_wide_ones(tmp_path: Path) -> None:
    """A terminal gives such a letter two places."""
    line = "{name: x, input: [8, 8, 3], body: [conv3-8], description: 日本, nmae: y}"
    source, caret = diagnostics(tmp_path, f"{line}\n").split("\n")[1:3]
    assert (source, caret) == (f"    {line}", " " * (4 + line.index("nmae") + 2) + "^")


@pytest.mark.parametrize("spaces", [0, 40, 50, 60, 150])
def test_an_excerpt_of_a_long_line_has_what_is_meant_above_its_caret(tmp_path: Path, spaces: int) -> None:
    line = f"{{input: [8, 8, 3], {' ' * spaces}nmae: y, description: {'z' * 90}}}"
    source, caret = diagnostics(tmp_path, f"{line}\n").split("\n")[-2:]
    assert source[len(caret) - 1 :].startswith("nmae")
    assert len(source) == 4 + 110
    assert source.startswith("    {input") == (spaces < 40)


def test_all_diagnostics_of_a_file_come_at_once_in_its_order(tmp_path: Path) -> None:
    text = diagnostics(
        tmp_path,
        body(
            "{block: conv, filters: x}",
            "{block: conv, filters: 8, kernel: 3}",
            "{block: conv, filters: '${n}'}",
            "conv3_8",
            head="train: {epochs: 0}",
        ),
    )
    places = [line.split(": ")[0] for line in text.split("\n") if line.startswith("toy.yaml")]
    assert places == ["toy.yaml:5:28", "toy.yaml:6:31", "toy.yaml:7:28", "toy.yaml:8:5", "toy.yaml:9:17"]


def test_fifty_diagnostics_are_reported_and_that_there_are_more(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, body(*["conv3_8"] * 60))
    places = [line.split(": ")[0] for line in text.split("\n") if line.startswith("toy.yaml")]
    assert places == [f"toy.yaml:{line}:5" for line in range(5, 55)]
    assert text.endswith("there are more than these 50\n  fix these to see the rest")


def test_a_default_that_is_wrong_in_sixty_blocks_is_one_diagnostic(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, body(*["conv3-8"] * 60, "conv3_8", head="defaults: {conv: {use_bias: maybe}}"))
    assert [line.split(": ")[1] for line in text.split("\n") if line.startswith("toy.yaml")] == [
        "body[60]",
        "body[0].use_bias",
    ]


def test_a_wrong_default_is_reported_once(tmp_path: Path) -> None:
    text = diagnostics(tmp_path, body("conv3-8", "conv3-8", head="defaults: {conv: {use_bias: maybe}}"))
    assert text.count("toy.yaml") == 1
