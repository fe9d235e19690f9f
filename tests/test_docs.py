"""The documentation is current, and what it shows is what happens."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import yaml

import convspec
from convspec.blocks import BLOCKS, Block, class_name, find_block_class, written_fields
from convspec.cli import COMMANDS, main
from convspec.language.reference import reference
from convspec.language.schema import json_schema

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
SPECS = sorted((ROOT / "convspec" / "specs").glob("*.yaml"))

TOY = """\
name: toy
input: [7, 7, 3]
fit: strict
body:
  - conv1-8
  - {block: conv, filters: 8, kernel_size: 3, strides: 3, padding: valid}
  - {block: botleneck, filters: 8}
"""


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema())


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_reference_is_current() -> None:
    assert (ROOT / "docs" / "spec.md").read_text("utf-8") == reference(), "run `make docs`"


@pytest.mark.parametrize("block", fenced("console"), ids=lambda block: block.split("\n")[0])
def test_a_command_of_the_readme_prints_what_it_shows(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("toy.yaml").write_text(TOY)
    command, _, expected = block.partition("\n")
    words = shlex.split(command.removeprefix("$ "))
    assert words[0] == "convspec"
    main(words[1:])
    printed = capsys.readouterr()
    found = printed.out + printed.err
    if words[1] == "train":  # losses and times are a machine's own; everything else is as shown
        found, expected = (re.sub(r"\d+(\.\d+)?( min \d+)?", "#", text) for text in (found, expected))
    assert found == expected


@pytest.mark.parametrize("code", fenced("python"), ids=range(len(fenced("python"))))
def test_the_python_of_the_readme_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})


def test_the_spec_of_the_readme_is_right(tmp_path: Path) -> None:
    path = tmp_path / "my_net.yaml"
    path.write_text(fenced("yaml")[0])
    assert convspec.load(path).classes == 10


def test_every_command_is_in_the_readme() -> None:
    for command in COMMANDS:
        assert f"| `convspec {command}" in README


def test_links_of_the_readme_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_block_is_registered_and_described() -> None:
    for kind in BLOCKS:
        block_class = find_block_class(kind)
        assert block_class is not None
        assert (block_class.__name__, written_fields(block_class)["block"].default) == (class_name(kind), kind)
        assert "->" in (block_class.__doc__ or "") or "shape" in (block_class.__doc__ or "") or block_class.merges, kind
        for name, field in written_fields(block_class).items():
            assert name == "block" or field.description, f"{kind}.{name}"


def test_no_block_is_left_out_of_the_registry() -> None:
    def below(cls: type[Block]) -> set[type[Block]]:
        return {cls}.union(*(below(inner) for inner in cls.__subclasses__()))

    for kind in BLOCKS:
        find_block_class(kind)
    ours = {cls for cls in below(Block) if cls.__module__.startswith("convspec.") and "block" in written_fields(cls)}
    assert {written_fields(cls)["block"].default for cls in ours} == set(BLOCKS)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_shipped_spec_follows_the_schema(path: Path) -> None:
    assert [error.message for error in validator().iter_errors(yaml.safe_load(path.read_text("utf-8")))] == []


def test_the_schema_finds_a_wrong_field() -> None:
    document = {"name": "x", "input": [8, 8, 1], "body": [{"block": "conv", "filters": 8, "stride": 2}]}
    assert [list(error.absolute_path) for error in validator().iter_errors(document)] == [["body", 0]]
    document["body"] = [{"block": "conv", "filters": 8, "bias_initializer": "orthogonal"}]  # it needs two axes
    paths = [list(error.absolute_path) for error in validator().iter_errors(document)]
    assert paths == [["body", 0, "bias_initializer"]]
    document["body"] = [{"block": "conv", "filters": 8, "kernel_initializer": "orthogonal"}]
    assert not list(validator().iter_errors(document))


def test_every_shipped_spec_names_its_source() -> None:
    for path in SPECS:
        document = yaml.safe_load(path.read_text("utf-8"))
        assert document.get("reference") or document.get("description"), path.name
