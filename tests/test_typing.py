"""Type checkers understand the public names: the documentation's examples and a small project are checked strictly."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .test_site import PAGES, ROOT, fences

DOWNSTREAM = ROOT / "tests" / "downstream"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project, and one module of the examples of each page."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(DOWNSTREAM, folder / "downstream")
    for page in [*PAGES, ROOT / "README.md"]:
        if code := [fence.text for fence in fences(page) if fence.language == "python"]:
            (folder / f"page_{page.stem.replace('-', '_').lower()}.py").write_text("\n".join(code), "utf-8")
    return folder


def test_mypy_strict(project: Path) -> None:
    """With the repository's settings and cache, so that it is quick where `mypy` has run before."""
    command = [sys.executable, "-m", "mypy", "--strict", *map(str, sorted(project.rglob("*.py")))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("Success"), done.stdout + done.stderr


def test_pyright(project: Path) -> None:
    """Without pydantic's plugin, which only mypy has, as editors check it."""
    settings = {
        "typeCheckingMode": "standard",
        "reportUnnecessaryTypeIgnoreComment": "error",
        "reportPrivateImportUsage": "error",
        "reportIndexIssue": "none",  # TensorFlow's, of a SavedModel's outputs
    }
    (project / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "-p", str(project)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
