"""The versions of a process, and how two differ."""

import importlib
import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import keras
import pytest

from convspec.tuning.versions import difference, versions


@pytest.mark.parametrize("package", ["tensorflow", "tensorflow-cpu", "tensorflow-intel", "none"])
def test_the_version_of_a_backend_is_that_of_whichever_package_brings_it(monkeypatch, package):
    here = versions()
    assert here["Keras"] == keras.__version__
    assert re.fullmatch(r"\d+\.\d+\S* \(source [0-9a-f]{8}\)", here["convspec"])

    def version(name):
        if name != package:
            raise PackageNotFoundError(name)
        return "9.8.7"

    monkeypatch.setattr(importlib.import_module("convspec.tuning.versions"), "version", version)
    assert versions()["backend"] == f"tensorflow {'missing' if package == 'none' else '9.8.7'}"


def test_versions_differ_with_both_sides_named():
    here = versions()
    assert difference(here, here) == ""
    there = {**here, "Keras": "3.0.0"}
    assert difference(there, here) == f"Keras is 3.0.0 there and {here['Keras']} here"
    del there["Keras"]
    assert difference(there, here) == f"Keras is unknown there and {here['Keras']} here"


def test_versions_of_a_process_are_read_without_importing_keras():
    code = (
        "import json, sys; from convspec.tuning.versions import versions; found = versions();"
        "assert not {'keras', 'tensorflow'} & set(sys.modules); print(json.dumps(found))"
    )
    found = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert found == versions()
