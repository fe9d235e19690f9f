"""Keras's own tests of keras.applications, run over `convspec.architectures`.

    python -m benchmarks.keras_applications_test                     # the file that the installed Keras ships
    python -m benchmarks.keras_applications_test PATH/TO/keras       # the one of a checkout of keras-team/keras
    python -m benchmarks.keras_applications_test --only VGG16 ResNet50
    python -m benchmarks.keras_applications_test --of-keras          # over keras.applications itself, to compare

What runs is `keras/src/applications/applications_test.py`, unchanged, with each module of keras.applications replaced
by ours of the same name. Two kinds of tests are left out: `channels_first`, which convspec refuses, and
`test_application_base`, which downloads the official weights of all networks. Weights get no values unless `--values`
is given, since no test that is left looks at them; that is what makes 200 tests a matter of minutes.
"""

from __future__ import annotations

import argparse
import importlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import keras
import pytest

import convspec

TESTS = "keras/src/applications/applications_test.py"
LEFT_OUT = "not channels_first and not test_application_base"


class Symbolic:
    """A plugin of pytest: each test in a fresh Keras session, without values for the weights if wished."""

    def __init__(self, values: bool) -> None:
        self.values = values

    @pytest.fixture(autouse=True)
    def session(self) -> Iterator[None]:
        """Clear what the test before left."""
        keras.backend.clear_session(free_memory=False)
        with nullcontext() if self.values else keras.StatelessScope(initialize_variables=False):
            yield


def replace_modules() -> list[str]:
    """Put our modules in the place of those that the tests import; their names."""
    import keras.src.applications as theirs

    names = sorted(name for name, value in vars(theirs).items() if hasattr(value, "preprocess_input"))
    names = [name for name in names if name != "imagenet_utils"]
    for name in names:
        ours = importlib.import_module(f"convspec.architectures.{name}")
        setattr(theirs, name, ours)
    return names


def find_tests(checkout: Path | None) -> Path:
    """The test file of a checkout, or of the installed Keras."""
    root = Path(keras.__file__).parent.parent if checkout is None else checkout
    if not (root / TESTS).is_file():
        raise SystemExit(f"{root} has no {TESTS}")
    return root / TESTS


def main(arguments: list[str] | None = None) -> int:
    """Run the tests; pytest's exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("checkout", nargs="?", type=Path, help="a checkout of keras-team/keras")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these networks alone")
    parser.add_argument("--of-keras", action="store_true", help="test keras.applications itself")
    parser.add_argument("--values", action="store_true", help="give the weights random values")
    options = parser.parse_args(arguments)
    selection = LEFT_OUT
    if options.only:
        selection += f" and ({' or '.join(f'{name}_channels' for name in options.only)})"
    subject = "keras.applications" if options.of_keras else f"convspec {convspec.__version__}"
    modules: Any = [] if options.of_keras else replace_modules()
    print(f"{subject} under the tests of {options.checkout or f'Keras {keras.__version__}'}; {len(modules)} modules")
    with tempfile.TemporaryDirectory() as folder:  # away from Keras's own configuration of pytest
        tests = shutil.copy(find_tests(options.checkout), folder)
        flags = ["-q", "-p", "no:cacheprovider", "-W", "ignore", "-c", "/dev/null", "--rootdir", folder]
        return int(pytest.main([*flags, "-k", selection, str(tests)], plugins=[Symbolic(options.values)]))


if __name__ == "__main__":
    sys.exit(main())
