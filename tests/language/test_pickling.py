"""Specs and analyses as objects: equal when they say the same, and able to travel to other processes."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

import convspec
from convspec.graph import Graph

DOCUMENT = {"name": "x", "input": [8, 8, 1], "classes": 3, "body": ["conv3-4"], "head": {"pooling": "avg"}}
SEARCHED = {**DOCUMENT, "train": {"epochs": 1}, "tune": {"space": {"head.dropout": {"uniform": [0.0, 0.5]}}}}


@pytest.mark.parametrize("name", convspec.list_specs())
def test_every_spec_and_analysis_survives_pickling(name):
    spec = convspec.load(name)
    analysis = convspec.analyze(spec)
    again, figures = pickle.loads(pickle.dumps((spec, analysis)))
    assert again is not spec
    assert (again, hash(again), again.fingerprint) == (spec, hash(spec), spec.fingerprint)
    assert [(node.name, node.scopes != ()) for node in again.graph.nodes] == [
        (node.name, node.scopes != ()) for node in spec.graph.nodes
    ]
    assert (figures, hash(figures)) == (analysis, hash(analysis))
    assert figures.spec is again
    assert figures.to_dict() == analysis.to_dict()
    assert again.to_yaml() == spec.to_yaml()


def test_what_was_already_derived_is_no_obstacle():
    spec = convspec.load("lenet5")
    assert spec.layers
    assert spec.fingerprint
    analysis = convspec.analyze(spec)
    assert analysis.layers
    assert pickle.loads(pickle.dumps(analysis)) == analysis
    assert copy.deepcopy(spec) == spec


def test_recipe_and_search_travel_along():
    spec = convspec.load(SEARCHED)
    again = pickle.loads(pickle.dumps(spec))
    assert again.train == spec.train
    assert again.tune == spec.tune
    assert again == spec
    assert again.with_overrides({"head.dropout": 0.25}) == spec.with_overrides({"head.dropout": 0.25})


def test_two_loads_are_equal_wherever_they_come_from(tmp_path):
    spec = convspec.load(SEARCHED)
    (tmp_path / "x.yaml").write_text(spec.to_yaml())
    again = convspec.load(tmp_path / "x.yaml")
    assert (again, hash(again)) == (spec, hash(spec))
    assert len({spec, again, convspec.load(SEARCHED)}) == 1
    assert convspec.analyze(again) == convspec.analyze(spec)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "y"},
        {"body": ["conv3-5"]},
        {"train": {"epochs": 2}},
        {"tune": {"space": {"head.dropout": {"uniform": [0.0, 0.4]}}}},
        {"description": "another"},
    ],
)
def test_other_documents_are_not_equal(change):
    spec, other = convspec.load(SEARCHED), convspec.load({**SEARCHED, **change})
    assert spec != other
    assert other == other.with_overrides({})
    assert spec != "x"


def test_analyses_of_other_batches_differ():
    spec = convspec.load(DOCUMENT)
    assert convspec.analyze(spec) != convspec.analyze(spec, batch=2)
    assert convspec.analyze(spec) != convspec.analyze(spec, dtype="float16")
    assert convspec.analyze(spec) != spec


def test_a_bare_graph_keeps_its_names_and_goes_on_counting():
    graph = Graph()
    x = convspec.load(DOCUMENT).graph  # any operation will do
    out = x.nodes[1].operation(graph.input((8, 8, 1)))
    graph.outputs.append(out)
    again, output = pickle.loads(pickle.dumps((graph, out)))
    assert output is again.outputs[0]
    assert pickle.loads(pickle.dumps(out.node)).name == out.node.name
    assert x.nodes[1].operation(output).node.name == x.nodes[1].operation(out).node.name
    assert convspec.analyze(again) == convspec.analyze(graph)


def figures(spec: convspec.Spec) -> tuple[str, int, convspec.Analysis]:
    """What a worker process is asked for."""
    return spec.fingerprint, os.getpid(), convspec.analyze(spec)


def test_a_pool_of_fresh_processes_takes_specs_and_returns_analyses():
    specs = [convspec.load("lenet5"), convspec.load("resnet152")]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(figures, specs))
    assert [fingerprint for fingerprint, _, _ in found] == [spec.fingerprint for spec in specs]
    assert os.getpid() not in {process for _, process, _ in found}
    assert [analysis for _, _, analysis in found] == [convspec.analyze(spec) for spec in specs]


def test_a_spec_is_read_in_a_process_that_has_not_imported_convspec(tmp_path):
    (tmp_path / "spec.pickle").write_bytes(pickle.dumps(convspec.load(SEARCHED)))
    code = "import pickle, sys; print(pickle.load(open(sys.argv[1], 'rb')).fingerprint)"
    command = [sys.executable, "-c", code, str(tmp_path / "spec.pickle")]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert out.strip() == convspec.load(SEARCHED).fingerprint
