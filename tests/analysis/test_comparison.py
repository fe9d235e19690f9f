"""Networks side by side."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from convspec import analyze
from convspec.analysis.comparison import compare, published_top1
from convspec.cli import main
from convspec.diagram.comparison import _figure, draw_comparison
from convspec.language import list_specs


def test_every_published_accuracy_belongs_to_a_network_of_the_catalogue() -> None:
    assert published_top1().keys() <= set(list_specs())
    assert len(published_top1()) == 38  # the rows of the table at keras.io/api/applications


def test_a_row_holds_the_networks_figures() -> None:
    """Simonyan & Zisserman 2014, tables 2 and 3; the field by the rule (F - 1) * jump."""
    (row,) = compare([analyze("vgg16")], published=["vgg16"])
    assert (row.parameters, row.depth, row.top1) == (138_357_544, 16, 71.3)
    assert row.receptive_field == 212
    assert row.weight_bytes == 4 * 138_357_544


def test_accuracy_is_claimed_for_the_catalogues_network_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "vgg16", "--json", "--input", "64x64x3"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["top1"] is None
    assert main(["compare", "vgg16", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["top1"] == 71.3


def test_the_table_names_where_accuracy_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "lenet5", "resnet50"]) == 0
    header, _, lenet, resnet, _, note = capsys.readouterr().out.rstrip().split("\n")
    assert header.split() == ["network", "input", "parameters", "MACs", "activations", "weights", "depth", "field",
                              "top-1"]  # fmt: skip
    assert lenet.split()[:4] == ["lenet5", "32x32x1", "61,706", "416,520"]
    assert resnet.endswith("74.9 %")
    assert note.startswith("top-1 is published, not measured here: https://keras.io/api/applications")


def test_networks_of_one_name_are_told_apart_by_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two versions of a spec are mostly called the same; in the picture they were one bar."""
    monkeypatch.chdir(tmp_path)
    for version, filters in (("before", 4), ("after", 8)):
        Path(f"{version}.yaml").write_text(f"name: net\ninput: [8, 8, 1]\nbody: [conv3-{filters}]\n")
    assert main(["compare", "before.yaml", "after.yaml", "lenet5"]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert [line.split("  ")[0] for line in lines[2:5]] == ["net (before.yaml)", "net (after.yaml)", "lenet5"]
    assert main(["compare", "before.yaml", "after.yaml", "--json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == ["net", "net"]


def test_a_folder_that_is_missing_is_told_before_anything_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "nowhere" / "bubbles.svg"
    assert main(["compare", "lenet5", "--out", str(out)]) == 1
    assert capsys.readouterr() == (
        "",
        f"{out}: cannot be written: No such file or directory\n  there is no folder {out.parent}: make it first\n",
    )


def test_a_pattern_names_several_networks_each_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "vgg1[69]", "vgg16", "--markdown"]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert [line.split()[1] for line in lines[2:4]] == ["vgg16", "vgg19"]
    assert lines[1] == "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"


def test_an_open_input_is_said_to_be_open(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "mobilenet_v3_small"]) == 0
    assert "--input HxWxC gives it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing*"], "no network matches 'nothing*'\n  `convspec list` names them all\n"),
        (["lenet5", "--batch", "0"], "--batch 0: a batch has at least one image\n"),
        (["lenet5", "--out", "x.gif"], "--out x.gif: a picture ends in .svg, .html, .png, .pdf\n  such as x.svg\n"),
    ],
)
def test_diagnostics(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *arguments]) == 1
    assert capsys.readouterr().err == message


def test_the_picture_draws_a_bubble_for_each_network(tmp_path: Path) -> None:
    out = tmp_path / "networks.svg"
    assert main(["compare", "vgg16", "mobilenet_v2", "lenet5", "--out", str(out)]) == 0
    root = ElementTree.fromstring(out.read_text())
    groups = [group.get("id") or "" for group in root.iter("{http://www.w3.org/2000/svg}g")]
    assert sum(group.startswith("PathCollection") for group in groups) == 2  # both charts
    assert sum(group.startswith("axes") for group in groups) == 7


def test_bars_stand_in_the_order_of_the_rows_and_in_the_colours_of_the_bubbles() -> None:
    rows = compare([analyze("lenet5"), analyze("digits")], published=[])
    figure = _figure(rows)
    bubbles, *bars = figure.axes
    faces = [tuple(shade[:3]) for shade in bubbles.collections[0].get_facecolors()]
    assert len(set(faces)) == len(rows)
    assert len(bars) == 5
    for axes in bars:
        assert [tuple(bar.get_facecolor()[:3]) for bar in axes.patches] == faces
        assert axes.get_ylim() == (1.6, -0.6)  # the first row is the uppermost
    assert [tick.get_text() for tick in bars[0].get_yticklabels()] == ["lenet5", "digits"]


def test_a_figure_that_is_not_known_has_no_bar() -> None:
    """The MACs of a network whose input is open."""
    row = compare([analyze("lenet5")], published=[])[0]
    bars = _figure([row, row._replace(name="open", macs=None)]).axes[1:]
    assert [bar.get_width() for bar in bars[1].patches] == [416_520, 0]
    assert all(axes.patches[0].get_width() == axes.patches[1].get_width() for axes in (bars[0], *bars[2:]))


@pytest.mark.parametrize(
    ("ending", "magic"), [("svg", b"<?xml"), ("html", b"<!doctype html>"), ("png", b"\x89PNG"), ("pdf", b"%PDF-")]
)
def test_a_picture_is_in_the_format_of_its_ending_and_has_no_date(
    ending: str, magic: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"net.{ending}"
    contents = []
    for time in ("1000000000", "1700000000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", time)  # what Matplotlib takes for now
        draw_comparison(compare([analyze("lenet5")], published=[]), path, dark=ending == "html")
        contents.append(path.read_bytes())
    content, again = contents
    assert content == again
    assert ending != "html" or b"body{margin:0;background:#14181f}" in content  # the page is as dark as the picture
    assert content.startswith(magic)
    assert (b"<svg" in content) == (ending in ("svg", "html"))
