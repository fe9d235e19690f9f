"""A trial on a used network is, bit for bit, the trial on a new one; and its updates are those of Keras's `fit`."""

import math
from dataclasses import replace

import keras
import numpy as np
import pytest

from convspec import load
from convspec.builder import build
from convspec.tuning.data_cache import DataCache
from convspec.tuning.epochs import FitEpochs, Watch
from convspec.tuning.graph_epochs import GraphEpochs, _graph, _stop_switch
from convspec.tuning.planning import Planner, structure
from convspec.tuning.reusable_model import ReusableModel
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
    return Planner(spec, spec.tune).constraint_check, spec.tune


def result(outcome):
    rows = [{key: value for key, value in row.items() if key != "seconds"} for row in outcome.history]
    return outcome.state, outcome.score, rows, [array.tobytes() for array in outcome.weights or []]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_used_networks_give_what_new_ones_give(name, digits):
    constraint_check, tune = search_of(name)
    exploding = {"train.optimizer.learning_rate": 1e6}
    candidates = [
        constraint_check.spec({}, epochs=2),
        constraint_check.spec({"train.optimizer.learning_rate": 0.003, "train.l2": 0.1, **FIELDS[name]}, epochs=1),
        constraint_check.spec({**exploding, "train.l2": 1e-3}, epochs=2),
        constraint_check.spec({"head.dropout": 0.5, "train.optimizer.learning_rate": 0.002}, epochs=2),
    ]
    new = [result(Trainer(tune, lambda spec: digits).run(spec, keep=True)) for spec in candidates]
    assert new[2][0] == "aborted"
    assert [state for state, *_ in new].count("completed") == 3
    trainer = Trainer(tune, lambda spec: digits)
    for order in ([0, 1, 2, 3], [3, 2, 0, 1]):
        assert [result(trainer.run(candidates[index], keep=True)) for index in order] == [new[index] for index in order]
    assert len(trainer.networks) == 1


def test_trials_differ_where_their_values_do(digits):
    constraint_check, tune = search_of("sgd")
    trainer = Trainer(tune, lambda spec: digits)
    values = (
        {}, {"train.optimizer.learning_rate": 0.01}, {"train.optimizer.momentum": 0.1}, {"train.l2": 0.2},
        {"head.dropout": 0.6}, {"train.seed": 5},
    )  # fmt: skip
    losses = [trainer.run(constraint_check.spec(one, epochs=1)).history[0]["loss"] for one in values]
    assert len(set(losses)) == len(losses)
    assert len(trainer.networks) == 1


def an_epoch_of_each(digits, rate, **train):
    """What a network comes to after one epoch of the graph's updates, and of `fit`'s: of training, held out, weights."""
    spec = load(document(train={"batch_size": 200, **train}))
    plain = Planner(spec, spec.tune).constraint_check.spec({"head.dropout": 0.0001}, epochs=1)
    for passes in (GraphEpochs, FitEpochs):
        network = ReusableModel(plain)
        network.begin(plain, plain.train)
        data, held = DataCache(digits).prepared(network.model, plain.train, 0)
        one = passes(network, plain.train)
        trained = one.train(data, np.full(len(data.pipeline), rate, np.float32), Watch(3.0))
        yield trained, one.validate(held), network.model.get_weights()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_updates_in_the_graph_are_those_of_fit(name, digits):
    optimizer = OPTIMIZERS[name]
    found = an_epoch_of_each(digits, optimizer["learning_rate"], optimizer=optimizer, l2=1e-3)
    (graph, graph_val, graph_weights), (fit, fit_val, fit_weights) = found
    assert graph.loss == pytest.approx(fit.loss, rel=1e-4)
    assert graph.accuracy == pytest.approx(fit.accuracy, abs=2e-3)
    assert graph_val.loss == pytest.approx(fit_val.loss, rel=1e-3)
    assert graph_val.accuracy == pytest.approx(fit_val.accuracy, abs=6e-3)
    for ours, theirs in zip(graph_weights, fit_weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-2, atol=2e-4)


def test_a_loss_three_times_the_first_ends_a_trial_at_once(digits):
    constraint_check, tune = search_of("sgd")
    outcome = Trainer(tune, lambda spec: digits).run(
        constraint_check.spec({"train.optimizer.learning_rate": 30.0}, epochs=3)
    )
    assert outcome.state == "aborted"
    assert outcome.history == []
    assert "in epoch 1, update" in outcome.reason


def test_a_strong_penalty_alone_ends_no_trial(digits):
    constraint_check, tune = search_of("sgd")
    spec = constraint_check.spec({"train.l2": 1e3, "train.optimizer.learning_rate": 1e-7}, epochs=1)
    outcome = Trainer(tune, lambda spec: digits).run(spec)
    assert outcome.state == "completed"
    assert outcome.history[0]["loss"] > 100 * outcome.history[0]["val_crossentropy"]


def test_a_trial_follows_its_schedule(digits):
    train = {"optimizer": OPTIMIZERS["sgd"], "schedule": {"name": "cosine", "warmup": 1}, "batch_size": 200}
    spec = load(document(train=train))
    constraint_check = Planner(spec, spec.tune).constraint_check
    rows = Trainer(spec.tune, lambda asked: digits).run(constraint_check.spec({}, epochs=3)).history
    steps = math.ceil(len(digits.y_train) / 200)
    assert rows[0]["learning_rate"] == pytest.approx(
        0.05, rel=1e-5
    )  # the last update of the warm-up has the whole rate
    last = 0.5 * 0.05 * (1 + math.cos(math.pi * (1 + (steps - 1) / steps) / 2))
    assert rows[2]["learning_rate"] == pytest.approx(last, rel=1e-4)


def test_folds_and_runs_give_a_mean_and_a_deviation(digits):
    spec = load(document({"folds": 2, "runs": 2}))
    constraint_check = Planner(spec, spec.tune).constraint_check
    outcome = Trainer(spec.tune, lambda asked: digits).run(constraint_check.spec({}, epochs=1))
    values = [row["val_accuracy"] for row in outcome.history]
    assert [row["run"] for row in outcome.history] == [0, 1, 2, 3]
    assert outcome.score == pytest.approx(np.mean(values))
    assert outcome.deviation == pytest.approx(np.std(values))
    assert outcome.deviation > 0


def test_networks_are_kept_up_to_a_number(digits):
    spec = load(document())
    constraint_check = Planner(spec, spec.tune).constraint_check
    trainer = Trainer(spec.tune, lambda asked: digits, networks=2)
    for width in (8, 9, 10):
        trainer.run(constraint_check.spec({"head.fc[0]": width}, epochs=1))
    kept = list(trainer.networks)
    assert kept == [structure(constraint_check.spec({"head.fc[0]": width})) for width in (9, 10)]


def test_what_drops_whole_examples_still_does_on_a_kept_network():
    branch = {"block": "inverted_residual", "filters": 8, "expansion": 1, "drop_path_rate": 0.5}
    spec = load(document(body=[{"block": "conv", "filters": 8, "kernel_size": 3}, branch]))
    network = ReusableModel(spec)
    network.begin(spec, spec.train)
    layer = next(layer for layer in network.model.layers if getattr(layer, "noise_shape", None))
    dropped = np.array(layer(np.ones((40, 4, 4, 8), np.float32), training=True)).reshape(40, -1)
    assert {tuple(set(example)) for example in dropped.tolist()} == {(0.0,), (2.0,)}


def test_a_schedule_free_optimizer_starts_from_the_weights_of_the_trial():
    spec = load(document(train={"optimizer": {"name": "schedulefreeadamw", "learning_rate": 0.0025}}))
    network = ReusableModel(spec)
    network.begin(spec, spec.train.model_copy(update={"seed": 7}))
    for iterate, weight in zip(network.optimizer._momentums, network.model.trainable_variables, strict=True):
        assert np.array_equal(iterate.numpy(), weight.numpy())


def test_fit_goes_on_from_the_weights_and_not_from_their_mean(digits):
    graph, fit = an_epoch_of_each(digits, 0.05, optimizer=OPTIMIZERS["sgd"], ema=0.9)
    for ours, theirs in zip(graph[-1], fit[-1], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-2, atol=2e-4)


def test_the_head_of_a_fine_tuned_network_has_the_seed_of_its_run(tmp_path):
    keras.utils.set_random_seed(3)
    build(load(document())).save(tmp_path / "old.keras")
    spec = load(document(train={"finetune": {"weights": str(tmp_path / "old.keras"), "freeze": "all"}}))
    network, found = ReusableModel(spec), []
    for seed in (1, 2):
        network.begin(spec, spec.train.model_copy(update={"seed": seed}))
        found.append(network.model.get_weights())
    differ = [not np.array_equal(first, second) for first, second in zip(*found, strict=True)]
    head = [layer.name for layer in network.model.layers if layer.weights][-1]
    names = [weight.path for weight in network.model.weights]
    assert [name for name, other in zip(names, differ, strict=True) if other] == [f"{head}/kernel"]


def test_a_first_batch_without_weight_measures_no_loss(digits):
    spec = load(
        document({"abort": 100.0}, train={"batch_size": 50, "optimizer": {"name": "sgd", "learning_rate": 1e-4}})
    )
    constraint_check = Planner(spec, spec.tune).constraint_check
    plain = constraint_check.spec({"head.dropout": 0.01}, epochs=1)
    network = ReusableModel(plain)
    network.begin(plain, plain.train)
    order, *_ = DataCache(digits).prepared(network.model, plain.train, 0)[0].pipeline.plan()
    few = replace(digits, x_train=digits.x_train[order[:4]], y_train=digits.y_train[order[:4]])
    plain = constraint_check.spec({"train.batch_size": 1}, epochs=1)
    first = int(few.y_train[DataCache(few).prepared(network.model, plain.train, 0)[0].pipeline.plan()[0][0]])
    weighted = constraint_check.spec({"train.batch_size": 1, "train.class_weights": {str(first): 0.0}}, epochs=1)
    outcome = Trainer(spec.tune, lambda asked: few).run(weighted)
    assert (outcome.state, len(outcome.history)) == ("completed", 1)


def test_a_penalty_that_is_no_number_ends_a_trial(digits):
    spec = load(document({"objective": "val_loss", "abort": None}, train={"l2": 1e38, "batch_size": 200}))
    constraint_check = Planner(spec, spec.tune).constraint_check
    tiny = {"train.optimizer.name": "sgd", "train.optimizer.learning_rate": 1.5e-38}
    outcome = Trainer(spec.tune, lambda asked: digits).run(constraint_check.spec(tiny, epochs=1))
    assert (outcome.state, outcome.score) == ("aborted", None)
    assert outcome.reason.startswith("the loss is inf in epoch 1, update 1")


def test_of_several_runs_the_last_ones_weights_are_kept_whatever_the_best_so_far(digits):
    spec = load(document({"runs": 2}))
    constraint_check = Planner(spec, spec.tune).constraint_check
    trainer = Trainer(spec.tune, lambda asked: digits)
    kept = [trainer.run(constraint_check.spec({}, epochs=2), keep=True, keep_above=bar).weights for bar in (None, 1.0)]
    assert [array.tobytes() for array in kept[0]] == [array.tobytes() for array in kept[1] or []]


def test_a_dip_after_a_good_epoch_prunes_no_trial(digits):
    spec = load(document(train={"optimizer": {"name": "sgd", "learning_rate": 0.3}, "batch_size": 64}))
    constraint_check, seen = Planner(spec, spec.tune).constraint_check, []

    def worse(epoch, value):
        seen.append(value)
        return ""

    rows = Trainer(spec.tune, lambda asked: digits).run(constraint_check.spec({}, epochs=8), worse=worse).history
    values = [row["val_accuracy"] for row in rows]
    assert values != sorted(values)
    assert seen == list(np.maximum.accumulate(values))


def test_colours_are_those_of_the_fold(digits):
    train = {"augmentation": {"pca": 0.1}, "preprocessing": {"subtract_mean": "none", "standardize": False}}
    spec = load(document(train=train))
    model, feeds = build(spec), DataCache(digits, folds=2)
    first, second = (feeds.prepared(model, spec.train, fold)[0] for fold in (0, 1))
    assert first.pipeline.normalizer.as_dict() == second.pipeline.normalizer.as_dict()
    assert first.key != second.key


def remarks(caplog):
    """TensorFlow's warnings of graphs that are traced too often."""
    return [record.getMessage() for record in caplog.records if "retracing" in record.getMessage()]


def test_tensorflow_warns_of_no_retracing_where_each_network_traces_its_own_graphs(digits, caplog):
    constraint_check, tune = search_of("sgd")
    trainer = Trainer(tune, lambda spec: digits)
    for filters in range(2, 8):
        trainer.run(constraint_check.spec({"body[0].filters": filters}, epochs=1))
    assert len(trainer.networks) == 6
    assert remarks(caplog) == []


def test_tensorflow_warns_of_a_graph_that_is_traced_again_and_again(caplog):
    graph = _graph(lambda number: number + 1)
    for number in range(5):
        graph(number)  # a number of Python's is a constant of the graph
    assert len(remarks(caplog)) == 1


def test_an_epoch_that_another_threads_stop_cut_off_is_not_taken_for_a_whole_one(digits):
    """The switch is one for the process: where this thread looks, the stop may be over again."""
    spec = load(document(train={"batch_size": 200}))
    network = ReusableModel(spec)
    network.begin(spec, spec.train)
    data, held = DataCache(digits).prepared(network.model, spec.train, 0)
    passes, rates = GraphEpochs(network, spec.train), np.full(len(data.pipeline), 1e-3, np.float32)
    _stop_switch().assign(True)
    try:
        with pytest.raises(KeyboardInterrupt):
            passes.train(data, rates, Watch(3.0))
        with pytest.raises(KeyboardInterrupt):
            passes.validate(held)
    finally:
        _stop_switch().assign(False)
    assert passes.train(data, rates, Watch(3.0)).updates == len(rates)
    assert passes.train(data, rates, Watch(1e-6)).updates == 1  # the rule, not a stop
    assert 0 <= passes.validate(held).accuracy <= 1
