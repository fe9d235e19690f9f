"""A trial on a used network is, bit for bit, the trial on a new one; and its updates are those of Keras's `fit`."""

import math

import keras
import numpy as np
import pytest

from convspec import load
from convspec.spec.recipe import Optimizer
from convspec.tuning.epochs import FitEpochs, GraphEpochs, Watch
from convspec.tuning.network import Network
from convspec.tuning.planning import Planner, structure
from convspec.tuning.trial import Trainer

from .specs import document

OPTIMIZERS = {
    "sgd": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
    "adam": {"name": "adam", "learning_rate": 1e-3, "beta_1": 0.8, "beta_2": 0.99},
    "adamw": {"name": "adamw", "learning_rate": 1e-3, "weight_decay": 0.01},
}
FIELDS = {"sgd": {"train.optimizer.momentum": 0.5}, "adam": {"train.optimizer.beta_1": 0.9}, "adamw": {}}


def search_of(name):
    train = {"optimizer": OPTIMIZERS[name], "l2": 1e-4, "batch_size": 200}
    spec = load(document(train=train))
    return Planner(spec, spec.tune).judge, spec.tune


def result(outcome):
    rows = [{key: value for key, value in row.items() if key != "seconds"} for row in outcome.history]
    return outcome.state, outcome.score, rows, [array.tobytes() for array in outcome.weights or []]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_used_networks_give_what_new_ones_give(name, digits):
    judge, tune = search_of(name)
    exploding = {"train.optimizer.learning_rate": 1e6}
    candidates = [
        judge.spec({}, epochs=2),
        judge.spec({"train.optimizer.learning_rate": 0.003, "train.l2": 0.1, **FIELDS[name]}, epochs=1),
        judge.spec({**exploding, "train.l2": 1e-3}, epochs=2),
        judge.spec({"head.dropout": 0.5, "train.optimizer.learning_rate": 0.002}, epochs=2),
    ]
    new = [result(Trainer(tune, lambda spec: digits).run(spec, keep=True)) for spec in candidates]
    assert new[2][0] == "aborted"
    assert [state for state, *_ in new].count("completed") == 3
    trainer = Trainer(tune, lambda spec: digits)
    for order in ([0, 1, 2, 3], [3, 2, 0, 1]):
        assert [result(trainer.run(candidates[index], keep=True)) for index in order] == [new[index] for index in order]
    assert len(trainer.networks) == 1


def test_trials_differ_where_their_values_do(digits):
    judge, tune = search_of("sgd")
    trainer = Trainer(tune, lambda spec: digits)
    values = (
        {}, {"train.optimizer.learning_rate": 0.01}, {"train.optimizer.momentum": 0.1}, {"train.l2": 0.2},
        {"head.dropout": 0.6}, {"train.seed": 5},
    )  # fmt: skip
    losses = [trainer.run(judge.spec(one, epochs=1)).history[0]["loss"] for one in values]
    assert len(set(losses)) == len(losses)
    assert len(trainer.networks) == 1


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_updates_in_the_graph_are_those_of_fit(name, digits):
    spec = load(document(train={"optimizer": OPTIMIZERS[name], "l2": 1e-3, "batch_size": 200}))
    judge = Planner(spec, spec.tune).judge
    plain = judge.spec({"head.dropout": 0.0001}, epochs=1)
    found = []
    for passes in (GraphEpochs, FitEpochs):
        network = Network(plain)
        network.begin(plain, plain.train)
        trainer = Trainer(spec.tune, lambda asked: digits)
        feed, held = trainer.feeds(plain).feeds(network.model, plain.train, 0)
        one = passes(network, plain.train)
        rates = np.full(len(feed.pipeline), plain.train.optimizer.learning_rate, np.float32)
        found.append((one.train(feed, rates, Watch(3.0)), one.validate(held), network.model.get_weights()))
    (graph, graph_val, graph_weights), (fit, fit_val, fit_weights) = found
    assert graph.loss == pytest.approx(fit.loss, rel=1e-4)
    assert graph.accuracy == pytest.approx(fit.accuracy, abs=2e-3)
    assert graph_val.loss == pytest.approx(fit_val.loss, rel=1e-3)
    assert graph_val.accuracy == pytest.approx(fit_val.accuracy, abs=6e-3)
    for ours, theirs in zip(graph_weights, fit_weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-2, atol=2e-4)


def test_a_loss_three_times_the_first_ends_a_trial_at_once(digits):
    judge, tune = search_of("sgd")
    outcome = Trainer(tune, lambda spec: digits).run(judge.spec({"train.optimizer.learning_rate": 30.0}, epochs=3))
    assert outcome.state == "aborted"
    assert outcome.history == []
    assert "in epoch 1, update" in outcome.reason


def test_a_strong_penalty_alone_ends_no_trial(digits):
    judge, tune = search_of("sgd")
    spec = judge.spec({"train.l2": 1e3, "train.optimizer.learning_rate": 1e-7}, epochs=1)
    outcome = Trainer(tune, lambda spec: digits).run(spec)
    assert outcome.state == "completed"
    assert outcome.history[0]["loss"] > 100 * outcome.history[0]["val_crossentropy"]


def test_a_trial_follows_its_schedule(digits):
    train = {"optimizer": OPTIMIZERS["sgd"], "schedule": {"name": "cosine", "warmup": 1}, "batch_size": 200}
    spec = load(document(train=train))
    judge = Planner(spec, spec.tune).judge
    rows = Trainer(spec.tune, lambda asked: digits).run(judge.spec({}, epochs=3)).history
    steps = math.ceil(len(digits.y_train) / 200)
    assert rows[0]["learning_rate"] == pytest.approx(0.05 * (steps - 1) / steps, rel=1e-5)
    last = 0.5 * 0.05 * (1 + math.cos(math.pi * (1 + (steps - 1) / steps) / 2))
    assert rows[2]["learning_rate"] == pytest.approx(last, rel=1e-4)


def test_folds_and_runs_give_a_mean_and_a_deviation(digits):
    spec = load(document({"folds": 2, "runs": 2}))
    judge = Planner(spec, spec.tune).judge
    outcome = Trainer(spec.tune, lambda asked: digits).run(judge.spec({}, epochs=1))
    values = [row["val_accuracy"] for row in outcome.history]
    assert [row["run"] for row in outcome.history] == [0, 1, 2, 3]
    assert outcome.score == pytest.approx(np.mean(values))
    assert outcome.deviation == pytest.approx(np.std(values))
    assert outcome.deviation > 0


def test_networks_are_kept_up_to_a_number(digits):
    spec = load(document())
    judge = Planner(spec, spec.tune).judge
    trainer = Trainer(spec.tune, lambda asked: digits, networks=2)
    for width in (8, 9, 10):
        trainer.run(judge.spec({"head.fc[0]": width}, epochs=1))
    kept = list(trainer.networks)
    assert kept == [structure(judge.spec({"head.fc[0]": width})) for width in (9, 10)]


def test_every_field_that_is_adjusted_is_a_field_of_the_optimizer():
    from convspec.tuning.planning import ADJUSTABLE_FIELDS

    for name, fields in ADJUSTABLE_FIELDS.items():
        assert set(fields) <= set(Optimizer.model_fields)
        assert name in {kind.lower() for kind in dir(keras.optimizers)}
