"""Every kind of data source through every command; the whole as separate processes: `python -m benchmarks sources`."""

import subprocess
import sys

import pytest

from benchmarks.sources import SOURCES, commands
from convspec.cli import main
from convspec.keras_import import REMARK

from ..warm import command

WHOLE = ("folder, nested", "CSV", "npz", "tfds")
"""Those that go through all commands here; the others, whose arrays are the same, through those that read them."""


@pytest.mark.parametrize("name", [name for name in SOURCES if name != "folder"])
def test_a_source_through_the_commands(tmp_path, capsys, name):
    steps = commands(tmp_path, SOURCES[name](tmp_path / "data"))
    del steps["check"]  # the longest: below, for a folder
    if name not in WHOLE:
        steps = {step: steps[step] for step in ("train", "evaluate", "predict")}
    for step, arguments in steps.items():
        assert main(arguments) == 0, (step, capsys.readouterr().err)
        found = capsys.readouterr()
        if step == "tune":
            best = (tmp_path / "search" / "best.yaml").read_bytes()
        if step == "tune again":
            assert (tmp_path / "search" / "best.yaml").read_bytes() == best
        if step == "predict":
            assert len(found.out.splitlines()) == 3


def test_a_folder_of_images_through_commands_in_processes_of_their_own(tmp_path):
    steps = commands(tmp_path, SOURCES["folder"](tmp_path / "data"))
    for step in ("check", "train", "train --resume", "tune", "predict"):
        if step == "train":  # one of them from nothing, as users start it
            asked = [sys.executable, "-m", "convspec", *steps[step]]
            done = subprocess.run(asked, capture_output=True, text=True, check=False)
        else:
            done = command(steps[step])
        assert done.returncode in ((0, 1) if step == "check" else (0,)), (step, done.stderr)
        # TensorFlow's input pipeline now and then logs an error of its own, of a newer operation's attribute, and goes on
        said = [line for line in done.stderr.splitlines() if not REMARK.match(line.encode())]
        assert said == [], step
