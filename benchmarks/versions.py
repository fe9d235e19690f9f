"""Chosen tests with the oldest and the newest versions that `pyproject.toml` allows, and with nightly ones.

    python -m benchmarks versions [oldest | newest | nightly]... [--python 3.13]

Each environment is made with pip under `.venv-versions`, kept for the next run, and takes about 2 GB. Where something
cannot be installed, the row says so.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PLACE = ROOT / ".venv-versions"

EXTRAS = ("tensorflow", "training", "distributed", "pictures", "report")
"""What the tests need beside the plain dependencies, as far as there are such extras."""

NIGHTLY = {"tensorflow": "tf-nightly", "keras": "keras-nightly"}

TESTS = (
    "tests/test_private_names.py",
    "tests/language/test_diagnostics.py",
    "tests/language/test_document.py",
    "tests/language/test_examples.py",
    "tests/test_agreement.py::test_a_shipped_spec_agrees_with_keras[lenet5]",
    "tests/test_agreement.py::test_a_shipped_spec_agrees_with_keras[resnet18]",
    "tests/test_saving.py::test_the_spec_is_in_the_file_of_every_copy[cloned]",
    "tests/test_saving.py::test_the_spec_is_in_the_file_of_every_copy[pickled]",
    "tests/test_saving.py::test_in_files_the_model_is_keras_own_functional_model",
    "tests/training/test_train.py::test_a_run_repeats_exactly_and_the_seed_changes_it",
    "tests/training/test_train.py::test_a_stopped_run_goes_on_with_the_same_numbers",
    "tests/training/test_train.py::test_validation_and_the_model_use_the_running_mean_of_the_weights",
    "tests/tuning/test_reuse.py::test_used_networks_give_what_new_ones_give[sgd]",
    "tests/tuning/test_reuse.py::test_updates_in_the_graph_are_those_of_fit",
    "tests/tuning/test_search.py::test_a_search_leaves_its_tables",
    "tests/data/test_sources.py::test_the_digits_of_scikit_learn",
    "tests/data/test_sources.py::test_a_folder_of_images_by_class",
    "tests/reports/test_search.py::test_pictures_show_something",
    "tests/test_figures.py::test_a_font_that_has_the_letters_is_used_beside_matplotlibs_own",
    "tests/test_figures.py::test_titles_of_images_are_smaller_than_those_of_charts",
)
"""A few seconds each: every private name, and one test for each thing that a library may do otherwise."""

SHOWN = ("keras", "tensorflow", "keras-tuner", "ray", "numpy", "pydantic", "scikit-learn", "matplotlib")


def requirements(kind: str) -> list[str]:
    """What to install: each dependency at its lower bound, at the newest that its bounds allow, or as of last night."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    texts = [*project["dependencies"]]
    for extra in EXTRAS:
        texts += project["optional-dependencies"].get(extra, [])
    found = [Requirement(text) for text in texts]
    return sorted({_pinned(one, kind) for one in found if one.name != project["name"]})


def _pinned(one: Requirement, kind: str) -> str:
    if kind == "nightly" and one.name in NIGHTLY:
        return NIGHTLY[one.name]
    if kind != "oldest":
        return str(one) if kind == "newest" else one.name
    (low,) = [bound.version for bound in one.specifier if bound.operator == ">="]
    extras = f"[{','.join(sorted(one.extras))}]" if one.extras else ""
    return f"{one.name}{extras}=={low}"


def check(kind: str, version: str) -> str:
    """A row of the table: make the environment, and run the tests in it."""
    folder = PLACE / f"{kind}-{version}"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([f"python{version}", "-m", "venv", str(folder)], check=True)
    tools = ["pytest==8.0.0" if kind == "oldest" else "pytest", "hypothesis"]
    done = _run([str(python), "-m", "pip", "install", "--quiet", *requirements(kind), *tools])
    if done.returncode:
        lines = re.findall(r"^ERROR: .*", done.stderr, re.MULTILINE)
        return f"| {kind} | {version} | " + " | " * (len(SHOWN) - 1) + f" | not installed: {(lines or ['?'])[-1]} |"
    if kind == "nightly":  # KerasTuner has brought the released Keras, whose files lie in the same place
        again = ["--force-reinstall", "--no-deps", *NIGHTLY.values()]
        _run([str(python), "-m", "pip", "install", "--quiet", *again])
    versions = " | ".join(_version(python, NIGHTLY.get(name, name) if kind == "nightly" else name) for name in SHOWN)
    tests = ["-q", "-p", "no:cacheprovider", "-o", "filterwarnings=", "-W", "ignore", *TESTS]
    last = _run([str(python), "-m", "pytest", *tests]).stdout.strip().splitlines()[-1]
    return f"| {kind} | {version} | {versions} | {re.sub(r' in .*', '', last)} |"


def _version(python: Path, name: str) -> str:
    code = f"from importlib.metadata import version; print(version({name!r}))"
    return _run([str(python), "-c", code]).stdout.strip() or "none"


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def rows(arguments: list[str]) -> Iterator[str]:
    """The lines of the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks versions")
    parser.add_argument("kinds", nargs="*", default=["oldest", "newest", "nightly"])
    parser.add_argument("--python", default=f"{sys.version_info.major}.{sys.version_info.minor}")
    args = parser.parse_args(arguments)
    yield f"| versions | Python | {' | '.join(SHOWN)} | tests |"
    yield "|---" * (len(SHOWN) + 3) + "|"
    for kind in args.kinds:
        yield check(kind, args.python)


def main(arguments: list[str]) -> int:
    """Print the table row by row."""
    for line in rows(arguments):
        print(line, flush=True)
    return 0
