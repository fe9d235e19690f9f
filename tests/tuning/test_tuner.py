"""Trials by their candidates: the median rule, the best so far, and who is notified."""

import copy
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from convspec import InputError, load
from convspec.tuning.hypermodel import HyperSpec
from convspec.tuning.objective import Metric
from convspec.tuning.planning import Planner
from convspec.tuning.store import Record, Store
from convspec.tuning.trial import Outcome
from convspec.tuning.tuner import MedianRule, TrialRunner, _best_by_epoch, begun

from .specs import document, row

ACCURACY, LOSS = Metric("val_accuracy", "max"), Metric("val_loss", "min")


def test_why_a_trial_is_pruned_has_its_value_the_epoch_and_the_median():
    rule = MedianRule(((0.1, 0.8), (0.2, 0.6), (0.3,)), after=2, startup=3, metric=ACCURACY)
    assert rule(1, 0.0) == ""
    assert rule(2, 0.6) == ""
    assert rule(2, 0.5) == "val_accuracy 0.5000 after epoch 2, where the median of 3 trials is 0.6000"
    assert MedianRule(rule.others, after=2, startup=4, metric=ACCURACY)(2, 0.0) == ""
    assert MedianRule(rule.others, after=1, startup=1, metric=LOSS)(1, 0.15) == ""


@pytest.mark.parametrize(("metric", "best"), [(ACCURACY, (0.2, 0.4, 0.4)), (LOSS, (0.2, 0.2, 0.1))])
def test_the_best_value_after_each_epoch_of_the_first_training(metric, best):
    rows = [row(epoch, **{metric.name: value}) for epoch, value in ((1, 0.2), (2, 0.4), (3, 0.1))]
    record = Record("key", 1, 3, {}, history=[*rows, row(1, run=1, **{metric.name: 0.9})])
    assert _best_by_epoch(record, metric) == best


def test_the_very_first_trial_sets_the_bar(tmp_path, digits):
    store = Store(tmp_path)
    store.open()
    runner = TrialRunner(HyperSpec(load(document())), store, lambda spec: digits)
    store.put(Record("key", 1, 1, {}, state="completed", score=0.25))
    assert runner.best_score() == 0.25


def test_weights_that_cannot_be_trained_again_are_an_error_that_says_why(tmp_path, digits):
    store = Store(tmp_path)
    store.open()
    hyperspec = HyperSpec(load(document()))
    runner = TrialRunner(hyperspec, store, lambda spec: digits)
    candidate = Planner(hyperspec.spec, hyperspec.tune).own()
    runner.trainer = SimpleNamespace(run=lambda spec, keep: Outcome("aborted", "the loss is inf"))
    with pytest.raises(InputError) as caught:
        runner.weights(candidate)
    assert caught.value.diagnostics[0].message == (
        "its best trial is aborted where it is trained again for its weights: the loss is inf"
    )
    assert caught.value.diagnostics[0].remedy == (
        "the same command tries again; training best.yaml gives a network, too"
    )  # fmt: skip
    trained = [np.ones((2, 2), np.float32)]
    runner.trainer = SimpleNamespace(run=lambda spec, keep: Outcome(weights=trained))
    assert runner.weights(candidate) is trained
    runner.trainer = None  # they are kept now
    assert np.array_equal(runner.weights(candidate)[0], trained[0])


def test_who_watches_a_search_is_told_of_each_epoch_and_of_the_end_of_a_trial(tmp_path, digits):
    store = Store(tmp_path)
    store.open()
    hyperspec, told = HyperSpec(load(document())), []
    runner = TrialRunner(hyperspec, store, lambda spec: digits)
    runner.watchers.append(lambda candidate, record: told.append((candidate.key, record.state, len(record.history))))
    candidate = Planner(hyperspec.spec, hyperspec.tune).own()
    runner.report(candidate, replace(begun(candidate), history=[row(1)]))
    runner.finish(candidate, Outcome("aborted", "the loss is inf", history=[row(1), row(2)]))
    assert told == [(candidate.key, "running", 1), (candidate.key, "aborted", 2)]


def test_a_record_begins_with_the_parameters_and_the_document_of_its_network():
    candidate = Planner(spec := load(document()), spec.tune).own()
    record = begun(candidate)
    assert (record.key, record.stage, record.state, record.score) == (candidate.key, 0, "running", None)
    assert record.parameters == sum(node.parameters for node in candidate.spec.graph.nodes)
    assert record.document == candidate.spec.to_yaml()
    assert json.loads(json.dumps(record.values)) == copy.deepcopy(candidate.values)
