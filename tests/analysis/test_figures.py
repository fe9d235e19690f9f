"""The figures of the whole catalogue: those of the analysis, without Keras, kept by content."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from convspec import analyze, list_specs
from convspec.analysis import figures as module
from convspec.analysis.figures import CODE, compute_figures, figures

from ..test_imports import GRAPH, reachable_from


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize("name", list_specs())
def test_figures_are_those_of_the_analysis(name):
    found = compute_figures(name)
    closed = [size or module.ASSUMED for size in found.input]
    totals = analyze(name, input_shape=closed).totals
    assert found[:4] == (name, totals.parameters, totals.macs, totals.weight_bytes / 1e6)
    assert found.depth == totals.depth


@pytest.mark.parametrize(
    ("name", "depth"),
    [("resnet50", 50), ("se_resnet50", 50), ("vgg16", 16), ("densenet121", 121), ("googlenet", 22), ("mobilenet", 28)],
)
def test_depth_is_what_the_names_say(name, depth):
    assert compute_figures(name).depth == depth


def test_the_second_time_nothing_is_computed(cache, monkeypatch):
    first = figures("vgg*")
    monkeypatch.setattr(module, "compute_figures", lambda name: pytest.fail(f"{name} was computed again"))
    assert figures("vgg*") == first
    assert figures("vgg1[13]") == first[:1] + [row for row in first if row.name == "vgg13"]


def test_the_cache_grows_with_what_is_asked(cache):
    figures("vgg*")
    figures("lenet*")
    (file,) = cache.iterdir()
    assert {row[0] for row in json.loads(file.read_text())} == set(list_specs("vgg*")) | {"lenet5"}


def test_other_content_has_a_cache_of_its_own(cache, monkeypatch, tmp_path):
    figures("lenet5")
    (before,) = cache.iterdir()
    sources = list(module._sources())
    (tmp_path / "lenet.yaml").write_text("changed")
    monkeypatch.setattr(module, "_sources", lambda: [tmp_path / "lenet.yaml", *sources[1:]])
    figures("lenet5")
    (after,) = cache.iterdir()
    assert after != before


@pytest.mark.parametrize("damage", ["", "{", "[[1]]", '[["lenet5"]]', "null"])
def test_a_damaged_cache_is_replaced(cache, damage):
    expected = figures("lenet5")
    (file,) = cache.iterdir()
    file.write_text(damage)
    assert figures("lenet5") == expected
    assert json.loads(file.read_text())


def test_a_folder_that_cannot_be_written_costs_only_time(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CONVSPEC_CACHE", str(tmp_path / "file" / "inside"))
    assert figures("lenet5")[0].parameters == 61_706


def test_no_keras_is_needed():
    code = "import sys; from convspec.analysis.figures import compute_figures as c; c('resnet18'); print('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_cache_depends_on_all_code_that_the_figures_depend_on() -> None:
    needed = {module[0] for module in reachable_from(GRAPH, ("analysis", "figures")) if len(module) > 1}
    assert needed == set(CODE)
