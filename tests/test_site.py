"""The pages of docs/: generated ones are current, what they show is what happens, and the site builds without a warning."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
import yaml

import convspec
from convspec.cli import COMMANDS, command_parser, main
from convspec.diagram.picture import draw
from docs.generating import api, catalogue, commands
from docs.generating.catalogue import DOCS, PICTURES
from docs.generating.stub import STUB, stub

ROOT = DOCS.parent
GENERATED = ("api", "catalogue", "commands", "spec")
PAGES = [page for page in sorted(DOCS.glob("*.md")) if page.stem not in GENERATED]
FENCE = re.compile(
    r"(?:^(?P<comment><!-- not run here: [^\n]*-->)\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S
)
SKIPPED = re.compile(r"<!-- not run here: .+; (?P<file>tests/\S+\.py)::(?P<test>test_\w+) -->")


class Fence(NamedTuple):
    """A block of code in a page, and the comment that says why it is not run."""

    language: str
    text: str
    comment: str | None


def fences(page: Path) -> Iterator[Fence]:
    for found in FENCE.finditer(page.read_text("utf-8")):
        yield Fence(found["language"], found["text"], found["comment"])


class TestGeneratedPages:
    def test_the_catalogue_is_current_and_has_every_network(self) -> None:
        families = catalogue.families()
        assert sorted(name for family in families for name in family.networks) == convspec.list_specs()
        assert (DOCS / "catalogue.md").read_text("utf-8") == catalogue.page(families), "run `make docs`"
        drawn = {file.stem: words(file.read_text("utf-8")) for file in PICTURES.glob("*.svg")}
        now = {name: words(draw(analysis)) for family in families for name, analysis in family.networks.items()}
        assert drawn == now, "run `make docs`"

    def test_the_api_is_current(self) -> None:
        assert (DOCS / "api.md").read_text("utf-8") == api.page(), "run `make docs`"

    def test_the_stub_of_the_constructors_is_current(self) -> None:
        assert STUB.read_text("utf-8") == stub(), "run `make docs`"

    def test_the_commands_are_current_and_each_argument_says_what_it_is_for(self) -> None:
        text = (DOCS / "commands.md").read_text("utf-8")
        assert text == commands.page(), "run `make docs`"
        assert [line for line in text.splitlines() if re.fullmatch(r"\| `.*` \|\s*\|", line)] == []
        assert re.findall(r"^## convspec (\w+)$", text, re.M) == list(COMMANDS)

    def test_the_schema_beside_the_specs_is_current(self) -> None:
        shipped = json.loads((ROOT / "convspec" / "specs" / "schema.json").read_text("utf-8"))
        command = [sys.executable, "-m", "convspec", "schema"]  # a process of its own: other tests declare blocks
        printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert shipped == json.loads(printed), "run `make docs`"


def test_every_shipped_spec_names_the_schema_beside_it() -> None:
    for path in (ROOT / "convspec" / "specs").glob("*.yaml"):
        assert path.read_text("utf-8").startswith("# yaml-language-server: $schema=schema.json\n"), path.name


def words(svg: str) -> list[str]:
    """What a picture says; where Graphviz lays it may change with its version."""
    root = ElementTree.fromstring(svg)
    return sorted(
        "".join(part.itertext()) for part in root.iter() if part.tag.rpartition("}")[2] in ("text", "title", "desc")
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_shows_is_what_happens(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    module = ModuleType(page.stem.replace("-", "_"))  # where annotations of a page's classes are looked up
    monkeypatch.setitem(sys.modules, module.__name__, module)
    for fence in fences(page):
        if fence.comment:
            check_comment(fence.comment)
        elif fence.language == "yaml":
            write_spec(fence.text)
        elif fence.language == "python":
            exec(compile(fence.text, page.name, "exec"), vars(module))
            capsys.readouterr()
        elif fence.language == "console":
            run_commands(fence.text, capsys)


def check_comment(comment: str) -> None:
    """What is not run here is run by a test that is named, and exists."""
    named = SKIPPED.fullmatch(comment)
    assert named, f"{comment}: expected `not run here: REASON; tests/FILE.py::test_NAME`"
    assert f"def {named['test']}(" in (ROOT / named["file"]).read_text("utf-8"), comment


def write_spec(text: str) -> None:
    """A spec goes into the file that its first line names, or else it has to be right as it stands."""
    named = re.match(r"# (\S+\.yaml)\n", text)
    document = yaml.safe_load(text)
    if named:
        Path(named[1]).write_text(text, "utf-8")
    elif isinstance(document, dict) and "name" in document:
        path = Path(f"{document['name']}.yaml")
        path.write_text(text, "utf-8")
        convspec.load(path)


def run_commands(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each `$ convspec ...` prints the lines that stand behind it."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, _, expected = part.partition("\n")
        line = shlex.split(command)
        assert line[0] == "convspec", command
        main(line[1:])
        printed = capsys.readouterr()
        assert printed.out + printed.err == expected, command


def commands_in(page: Path) -> Iterator[str]:
    """Lines of code that call convspec, in fences, indented, or between backticks."""
    shell = "".join(fence.text for fence in fences(page) if fence.language in ("sh", "console"))
    text = FENCE.sub("", page.read_text("utf-8"))
    yield from re.findall(r"^(?:\$ |[A-Z_]+=\w+ )?(convspec [a-z]+.*)$", shell, re.M)
    yield from re.findall(r"^ {4}(convspec [a-z]+.*)$", text, re.M)
    yield from (" ".join(found.split()) for found in re.findall(r"`(convspec [a-z]+ [^`]*)`", text))


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: page.stem)
def test_commands_that_a_page_names_exist_with_their_options(page: Path) -> None:
    for line in commands_in(page):
        found = shlex.split(re.split(r" [|>]+ |\.\.\. ", line)[0].replace("...", ""), comments=True)
        assert found[1] in COMMANDS, line
        options = command_parser(found[1])._option_string_actions
        assert {word.partition("=")[0] for word in found[2:] if word.startswith("--")} <= options.keys(), line


def test_the_site_builds_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    built = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert {page.stem for page in pages} >= {page.stem for page in DOCS.glob("*.md")}
    for page in pages:
        loaded = re.findall(r"<(?:script|img|link rel=.?(?:stylesheet|preconnect)).*?(?:src|href)=\"?(https?:[^\"\s>]+)",
                            page.read_text("utf-8"))  # fmt: skip
        assert loaded == [], page.name


def test_a_broken_link_would_stop_the_site(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("[nowhere](nowhere.md)\n")
    (tmp_path / "mkdocs.yml").write_text("site_name: broken\n")
    built = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode != 0
