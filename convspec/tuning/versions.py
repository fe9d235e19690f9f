"""What a process trains with: two that differ may give different trials of one recipe."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

REMEDY = "install the same versions on every machine, and start Ray there with the same KERAS_BACKEND"


def probe() -> Callable[[], dict[str, str]]:
    """A function that gives the versions of the process that calls it.

    It needs the standard library alone: Ray sends functions made inside others by their code, so that it also runs
    where convspec is another version, or is missing. It imports neither Keras nor a backend.
    """

    def versions() -> dict[str, str]:
        def installed(*names: str) -> str:
            for name in names:
                try:
                    return version(name)
                except PackageNotFoundError:
                    continue
            return "missing"

        def backend() -> str:
            if "keras" in sys.modules:
                return str(sys.modules["keras"].backend.backend())
            if name := os.environ.get("KERAS_BACKEND"):
                return name
            home = os.environ.get("KERAS_HOME")
            path = (Path(home) if home else Path.home() / ".keras") / "keras.json"
            try:
                return str(json.loads(path.read_text(encoding="utf-8"))["backend"])
            except (OSError, ValueError, KeyError, TypeError):
                return "tensorflow"

        def source() -> str:
            """The version, and a digest of the files: between two releases the version stays the same."""
            found = importlib.util.find_spec("convspec")
            if found is None or found.origin is None:
                return "missing"
            digest = hashlib.sha256()
            folder = Path(found.origin).parent
            for path in sorted(folder.rglob("*")):
                if path.suffix in (".py", ".yaml"):
                    digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
            return f"{installed('convspec')} (source {digest.hexdigest()[:8]})"

        name = backend()
        return {
            "convspec": source(),
            "Keras": installed("keras"),
            "backend": f"{name} {installed(name, f'{name}-cpu', f'{name}-intel')}",
            "NumPy": installed("numpy"),
            "KerasTuner": installed("keras-tuner"),
            "Python": platform.python_version(),
        }

    return versions


def versions() -> dict[str, str]:
    """The versions of this process: convspec, Keras, its backend, NumPy, KerasTuner, Python."""
    return probe()()


def difference(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """In what another process differs, both sides named; empty where it does not."""
    return "; ".join(
        f"{name} is {there.get(name, 'unknown')} there and {own} here"
        for name, own in here.items()
        if there.get(name) != own
    )
