"""Pictures and reports need packages that not everyone installs: each missing one is an error that names its remedy."""

import sys
from pathlib import Path

import pytest

from convspec.cli import main
from convspec.reports import page


@pytest.mark.parametrize(
    ("package", "command", "diagnostic"),
    [
        (
            "typst",
            ["plot", "lenet5", "--out", "lenet5.pdf"],
            "a PDF needs the package typst\n  pip install 'convspec[pictures]', or write .svg",
        ),
        (
            "typst",
            ["plot", "lenet5", "--out", "lenet5.png"],
            "a PNG needs the package typst\n  pip install 'convspec[pictures]', or write .svg",
        ),
        (
            "textalloc",
            ["compare", "lenet5", "vgg11", "--out", "both.svg"],
            "a picture of a comparison needs the package textalloc\n  pip install 'convspec[pictures]'",
        ),
        (
            "plotly",
            ["report", "run"],
            "a report with charts needs the package plotly\n  pip install 'convspec[report]'",
        ),
        (
            "jinja2",
            ["report", "run"],
            "a report needs the package jinja2\n  pip install 'convspec[report]'",
        ),
    ],
)
def test_a_missing_package_is_a_diagnostic_with_the_remedy(
    package: str,
    command: list[str],
    diagnostic: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    run = tmp_path / "run"
    run.mkdir()
    (run / "history.csv").write_text("epoch,loss,accuracy,val_loss,val_accuracy\n1,1.0,0.5,1.0,0.5\n")
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    page._templates.cache_clear()  # the engine of another test
    assert main(command) == 1
    assert capsys.readouterr().err.strip() == diagnostic
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
