"""TensorFlow's remarks stay off the terminal, and nothing else does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from convspec.keras_import import REMARK, held_back

NOT_FOR_BUILDING = ("keras_tuner", "scipy", "sklearn", "matplotlib", "PIL", "filelock")
"""Of what training needs, all that Keras does without; None in `sys.modules` makes each a missing package."""

REMARKS = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    "I0000 00:00:1795287124.730492    4533 port.cc:153] oneDNN custom operations are on.\n"
    "E0000 00:00:1795287127.380917    4533 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error\n"
    "To enable the following instructions: AVX2 AVX512F FMA, in other operations, rebuild TensorFlow.\n"
    "2026-11-21 18:00:00.123456: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.\n"
)


BUILDING = "import convspec; convspec.build('lenet5'); convspec.architectures.LeNet5()"
SEARCHING = "from convspec.tuning import search; from convspec.training.train import train"
DATA = """
from convspec import InputError
from convspec.data import load_data
try: load_data('cifar100')
except InputError: pass
"""
WHOLE = {
    "building, with no more than it needs": f"import sys; sys.modules.update(dict.fromkeys({NOT_FOR_BUILDING})); {BUILDING}",
    "training, searching, and a data set that cannot be fetched": SEARCHING + DATA,
}
FIRST_IMPORTS = {
    "import_keras": "from convspec.keras_import import import_keras; import_keras()",
    "an architecture": "from convspec.architectures import LeNet5; LeNet5()",
    "building": "import convspec; convspec.build(convspec.load('lenet5'))",
    "searching": "from convspec.tuning import search",
    "training": "from convspec.training.train import train",
    "data of Keras": DATA,
}
"""Each way to import Keras for the first time in a process."""

INTERCEPTED = """
import importlib.machinery, os, sys

class Loader:
    def create_module(self, spec): return None
    def exec_module(self, module):
        os.write(2, b"I0000 00:00:1795287124.730492    4533 port.cc:153] a remark\\n")
        os.write(1, module.__name__.encode())
        os._exit(0)

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name in ("keras", "tensorflow"):
            return importlib.machinery.ModuleSpec(name, Loader(), is_package=True)

sys.meta_path.insert(0, Finder())
"""
"""The process ends where Keras or TensorFlow would begin to be imported; what they remark is then seen or held back."""


def started(code: str, folder: Path) -> tuple[str, str]:
    """What a process of Python that starts from nothing writes to stdout and stderr; no data set is in its reach."""
    offline = {"https_proxy": "http://127.0.0.1:9", "KERAS_HOME": str(folder), "CONVSPEC_DATA": ""}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **offline})
    return done.stdout, done.stderr


@pytest.mark.parametrize("script", WHOLE.values(), ids=WHOLE)
def test_keras_is_imported_and_used_without_remarks_on_the_terminal(script: str, tmp_path: Path) -> None:
    out, err = started(f"{script}\nprint('ready')", tmp_path)
    assert (out.splitlines()[-1], err) == ("ready", "")


@pytest.mark.parametrize("script", FIRST_IMPORTS.values(), ids=FIRST_IMPORTS)
def test_whatever_imports_keras_first_holds_its_remarks_back(script: str, tmp_path: Path) -> None:
    out, err = started(INTERCEPTED + script, tmp_path)
    assert out in ("keras", "tensorflow")
    assert err == ""


@pytest.mark.parametrize("name", ["keras", "tensorflow"])
def test_the_test_above_can_fail(name: str, tmp_path: Path) -> None:
    out, err = started(f"{INTERCEPTED}import {name}", tmp_path)
    assert out == name
    assert "a remark" in err


def test_what_others_write_meanwhile_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with held_back(REMARK):
        os.write(2, f"I am another thread\n{REMARKS}and so am I".encode())
    assert capfd.readouterr().err == "I am another thread\nand so am I"


def test_without_a_pattern_nothing_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with held_back():
        os.write(2, b"a remark\n")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("lines", "shown"), [(None, ""), (REMARK, "of another thread\n")], ids=["all", "remarks"])
def test_remarks_are_not_shown_where_the_user_stops_it(
    lines: re.Pattern[bytes] | None, shown: str, capfd: pytest.CaptureFixture[str]
) -> None:
    def stop() -> None:
        with held_back(lines):
            os.write(2, f"{REMARKS}of another thread\n".encode())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert capfd.readouterr().err == shown


@pytest.mark.parametrize("lines", [None, REMARK], ids=["all", "remarks"])
def test_everything_is_shown_where_it_fails(lines: re.Pattern[bytes] | None, capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with held_back(lines):
            os.write(2, REMARKS.encode())
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    assert capfd.readouterr().err == REMARKS
