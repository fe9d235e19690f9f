"""A picture of a network as a file: SVG, HTML, PNG and PDF."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from convspec.cli import main
from convspec.diagram.colours import LIGHT


@pytest.mark.parametrize(("ending", "magic"), [("svg", b"<svg"), ("html", b"<!doctype html>"), ("pdf", b"%PDF-")])
def test_plot_writes_what_the_ending_says(ending: str, magic: bytes, tmp_path: Path) -> None:
    out = tmp_path / f"lenet5.{ending}"
    assert main(["plot", "lenet5", "--out", str(out)]) == 0
    assert out.read_bytes().startswith(magic)
    if ending != "pdf":  # the picture, and a page around it, follow the reader unless dark was asked for
        assert out.read_text().count("@media (prefers-color-scheme:dark)") == (1 if ending == "svg" else 2)
        assert main(["plot", "lenet5", "--out", str(out), "--dark", "--overwrite"]) == 0
        assert "@media" not in out.read_text()
        assert LIGHT["paper"] not in out.read_text()


def test_a_png_shows_words_on_a_machine_without_fonts(tmp_path: Path) -> None:
    """Ink in the title's row: glyphs were found, in Matplotlib's fonts where there are no others."""
    out = tmp_path / "lenet5.png"
    assert main(["plot", "lenet5", "--out", str(out)]) == 0
    title = Image.open(out).convert("L").crop((40, 40, 240, 100))
    assert sum(value < 100 for value in title.tobytes()) > 300


def test_an_unknown_ending_is_a_diagnostic(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", "lenet5", "--out", "picture.gif"]) == 1
    assert capsys.readouterr().err == (
        "--out picture.gif: a picture ends in .svg, .html, .png, .pdf\n  such as picture.svg\n"
    )


def test_a_folder_that_is_not_there_is_a_diagnostic(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "nowhere" / "lenet5.svg"
    assert main(["plot", "lenet5", "--out", str(out)]) == 1
    assert (
        capsys.readouterr().err
        == f"{out}: cannot be written: No such file or directory\n  there is no folder {out.parent}: make it first\n"
    )


def test_too_small_an_address_space_is_an_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "convspec", "plot", "lenet5", "--out", str(tmp_path / "lenet5.svg")]
    limit = resource.RLIMIT_AS, (3_000_000_000, resource.getrlimit(resource.RLIMIT_AS)[1])
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, preexec_fn=lambda: resource.setrlimit(*limit)
    )
    assert done.returncode == 1
    assert done.stderr == (
        "Graphviz, which places the layers, gets no memory: it reserves addresses for 4 GiB\n"
        "  raise the limit: ulimit -v unlimited\n"
    )
    assert not any(tmp_path.iterdir())
