"""The staged oracle."""

from convspec import load
from convspec.tuning.hypermodel import HyperSpec
from convspec.tuning.store import Store
from convspec.tuning.strategies import make_oracle

from .specs import document


def test_the_oracle_judges_by_what_its_search_has_measured(tmp_path):
    hyperspec = HyperSpec(load(document()))
    store = Store(tmp_path)
    store.open()
    assert make_oracle(hyperspec, store).planner.constraint_check is hyperspec.constraint_check
