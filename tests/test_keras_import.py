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


@pytest.mark.parametrize(
    "script",
    [
        "from convspec.keras_import import import_keras; import_keras()",
        "from convspec.architectures import LeNet5; LeNet5()",
        "import convspec; convspec.build(convspec.load('lenet5'))",
        "from convspec.tuning import search; from convspec.training.train import train",
        f"import sys; sys.modules.update(dict.fromkeys({NOT_FOR_BUILDING})); "
        "import convspec; convspec.build('lenet5'); convspec.architectures.LeNet5()",
    ],
)
def test_keras_is_imported_without_remarks_on_the_terminal(script: str) -> None:
    code = f"{script}; print('ready')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("ready\n", "")


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


def test_a_data_set_that_keras_does_not_get_brings_no_remarks(tmp_path: Path) -> None:
    code = "from convspec import InputError; from convspec.data import load_data\ntry: load_data('cifar100')\n"
    offline = {"https_proxy": "http://127.0.0.1:9", "KERAS_HOME": str(tmp_path), "CONVSPEC_DATA": ""}
    done = subprocess.run(
        [sys.executable, "-c", f"{code}except InputError: pass"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **offline},
    )
    assert done.stderr == ""


@pytest.mark.parametrize("lines", [None, REMARK], ids=["all", "remarks"])
def test_everything_is_shown_where_it_fails(lines: re.Pattern[bytes] | None, capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with held_back(lines):
            os.write(2, REMARKS.encode())
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    assert capfd.readouterr().err == REMARKS
