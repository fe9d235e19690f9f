"""A search that goes on in its folder."""

import json
from types import SimpleNamespace

import pytest

from convspec import load, tuning as package
from convspec.tuning import latency
from convspec.tuning.searching import _hyperspec, _is_finished
from convspec.tuning.store import Record, Store

from .specs import document


def test_a_search_keeps_the_latencies_that_it_measures_also_in_ranges_that_it_moved(tmp_path, monkeypatch):
    store, spec = Store(tmp_path), load(document({"constraints": {"latency": "< 5 ms"}}))
    store.open()
    monkeypatch.setattr(latency, "time_inference", lambda model, **how: SimpleNamespace(milliseconds=9.0))
    moved = spec.tune.model_copy(update={"seed": 7})
    for hyperspec in (_hyperspec(spec, store), _hyperspec(spec, store, moved)):
        assert hyperspec.constraint_check.verdict({"head.dropout": 0.1}) == "latency 9 is not < 5"
    assert list(json.loads((tmp_path / "latency.json").read_text()).values()) == [9.0]
    assert hyperspec.tune.seed == 7


def test_a_finished_search_of_keras_tuner_numbers_what_has_no_number_behind_the_others(tmp_path):
    store = Store(tmp_path)
    store.records = {key: Record(key, 1, 1, {}, "completed", trial=n) for key, n in (("a", None), ("b", 1), ("c", 0))}
    manifest = SimpleNamespace(store=store, content={"trials": {"completed": 3}}, changed=False)
    assert _is_finished(None, manifest)
    assert store.numbers == {"c": 0, "b": 1, "a": 2}
    assert not _is_finished(None, SimpleNamespace(store=store, content={"trials": {"completed": 4}}, changed=False))


def test_a_name_that_the_package_has_not_is_an_error_in_pythons_words():
    with pytest.raises(AttributeError, match=r"convspec\.tuning .*attribute '?serach"):
        package.serach  # noqa: B018
