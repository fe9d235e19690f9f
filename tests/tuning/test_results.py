"""The spec of a trial, from its file."""

import pytest

from convspec import InputError, load
from convspec.tuning.hypermodel import HyperSpec
from convspec.tuning.planning import Planner
from convspec.tuning.results import spec_of
from convspec.tuning.store import Record

from .specs import document


def test_a_trial_whose_spec_was_changed_is_named_with_its_file():
    hyperspec = HyperSpec(load(document()))
    record = Record("0123", 1, 1, {}, trial=7, document=hyperspec.spec.to_yaml())
    with pytest.raises(InputError) as caught:
        spec_of(hyperspec, record)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.file == "trials/0123.json"
    assert diagnostic.message == f"trial 0007 says that it is 0123, but its spec is {hyperspec.spec.fingerprint}"
    assert diagnostic.remedy == "the file was changed: delete trials/0123.json, and the trial runs again"


def test_a_trial_of_before_specs_were_recorded_is_read_from_its_values():
    hyperspec = HyperSpec(load(document()))
    plan = Planner(hyperspec.spec, hyperspec.tune).stage(1, [])
    for candidate in (plan.candidates[0], Planner(hyperspec.spec, hyperspec.tune).own()):
        record = Record(candidate.key, candidate.stage, candidate.epochs, candidate.values)
        assert spec_of(hyperspec, record).fingerprint == candidate.key
