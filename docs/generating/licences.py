"""The page of licences: what the packages of the lock file, and those of the backends beside them, are licensed under.

`make lock` writes it, from the packages' own metadata as they are installed then.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "licences.md"
LOCK = ROOT / "requirements-dev.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

INTRODUCTION = """\
# Licences

convspec is under Apache-2.0. It contains none of the packages below: pip installs them, each under its own licence, as
its metadata names it. *core* is what `pip install convspec` brings, *training* what the extras with a backend add,
TensorFlow and JAX included; the rest is of single commands' extras and of development. `[torch]` and `[gpu]` bring
PyTorch, and the CUDA libraries under NVIDIA's licences. `make lock` writes this page.

| package | licence | needed by |
|---|---|---|
"""


def page() -> str:
    """The page as Markdown."""
    pins = re.findall(r"^([\w.\-]+)==(\S+)", LOCK.read_text("utf-8"), re.M)
    names = sorted({name for name, _ in pins})
    core, extras = closure(PROJECT["dependencies"]), PROJECT["optional-dependencies"]
    training = closure([*extras["training"], *extras["tensorflow"], *extras["jax"]])
    rows = []
    with others(f"{name}=={version}" for name, version in pins if installed(name) is None) as found:
        for name in names:
            use = "core" if name in core else "training" if name in training else "extras, development"
            rows.append(f"| {name} | {licence(installed(name) or found[name])} | {use} |")
    return INTRODUCTION + "\n".join(rows) + "\n"


def closure(roots: list[str]) -> set[str]:
    """The names of packages that these need, and what those need."""
    found: dict[tuple[str, str], None] = {}
    waiting = list(roots)
    while waiting:
        requirement = Requirement(waiting.pop())
        for extra in ("", *requirement.extras):
            key = (canonical(requirement.name), extra)
            if key not in found and (package := installed(key[0])) is not None:
                found[key] = None
                waiting += list(needs(package, extra))
    return {name for name, _ in found}


def needs(package: Distribution, extra: str) -> Iterator[str]:
    """What a package needs with an extra, on this machine."""
    for text in package.requires or ():
        marker = Requirement(text).marker
        if marker is None or marker.evaluate({"extra": extra}):
            yield text


@contextmanager
def others(pins: Iterable[str]) -> Iterator[dict[str, Distribution]]:
    """The packages that are for other platforms, for as long as this lasts."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--python-version", "3.13"]
        subprocess.run([*command, "--target", folder, *pins], check=True)
        yield {canonical(package.metadata["Name"]): package for package in distributions(path=[folder])}


def licence(package: Distribution) -> str:
    """The licence by its SPDX expression, else by its classifiers, else by the first line that tells it."""
    if expression := package.metadata["License-Expression"]:
        return expression
    classifiers = [line for line in package.metadata.get_all("Classifier", ()) if line.startswith("License :: ")]
    if named := [line.rpartition(" :: ")[2] for line in classifiers if not line.endswith("OSI Approved")]:
        return ", ".join(named)
    files = [file for file in package.files or () if "LICENSE" in file.name.upper()]
    texts = [package.metadata["License"] or "", *(file.read_text("utf-8") for file in files)]
    lines = [line.strip() for text in texts for line in text.splitlines() if line.strip()]
    return next((line for line in lines if "licen" in line.lower()), lines[0])


def installed(name: str) -> Distribution | None:
    """The package as it is installed, or nothing."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def canonical(name: str) -> str:
    """A name as an index writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
