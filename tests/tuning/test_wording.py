"""What a search says, counts and refuses in cases that a short search does not come to."""

import copy
import importlib
import json
import re
import sys
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import keras
import keras_tuner
import numpy as np
import pytest

from convspec import InputError, load, tuning as package
from convspec.commands.tune import repeated, summary
from convspec.training.compiling import optimizer_of
from convspec.tuning import cluster, latency
from convspec.tuning.boundary_warnings import BoundaryWarning, _chance, _side
from convspec.tuning.epochs import Watch, _Guard
from convspec.tuning.fitting import OF_THE_RECIPE, check_arguments, dataset_of
from convspec.tuning.hypermodel import HyperSpec, _pairs
from convspec.tuning.objective import Metric
from convspec.tuning.oracle import make_oracle
from convspec.tuning.planning import Planner, StagePlan, structure
from convspec.tuning.progress import ranked_lines
from convspec.tuning.results import spec_of
from convspec.tuning.reusable_model import AdjustableNumber, DropRate, Network, _dropout
from convspec.tuning.sampling import BLOCK, position, uniform
from convspec.tuning.searching import SearchResult, _hyperspec, _is_finished
from convspec.tuning.space import Dimension, Region
from convspec.tuning.store import COLUMNS, Record, Store
from convspec.tuning.tables import trial_line
from convspec.tuning.tensorboard import TensorBoardLog
from convspec.tuning.trial import Outcome, Trainer, _Training
from convspec.tuning.tuner import MedianRule, TrialRunner, _best_by_epoch, begun
from convspec.tuning.versions import versions
from convspec.tuning.worker import TrialWorker

from .specs import document

ACCURACY, LOSS = Metric("val_accuracy", "max"), Metric("val_loss", "min")


def row(epoch, run=0, **values):
    return dict.fromkeys(COLUMNS, 0.5) | {"run": run, "epoch": epoch} | values


# --- the median


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
    assert runner.bar() == 0.25


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


# --- tables and files


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


def test_the_line_of_a_trial_has_its_number_score_values_and_what_became_of_it():
    names = {"train.l2": "l2"}
    done = Record("a", 1, 2, {"train.l2": 1.5e-4}, "completed", score=0.75, deviation=0.0125, trial=7)
    aborted = Record("b", 0, 2, {}, "aborted", "the loss is inf", trial=0)
    waiting = Record("c", 1, 2, {"train.l2": 0.5}, "failed", "no memory")
    assert [trial_line(record, "val_accuracy", names, 3, 12) for record in (done, aborted, waiting)] == [
        "0007  val_acc: 0.7500 ± 0.0125  l2: 1.50e-04  (3 / 12)",
        "0000  val_acc: -  as written  (3 / 12)  aborted: the loss is inf",
        "val_acc: -  l2: 0.5  (3 / 12)  failed: no memory",
    ]


STATES = ("completed", "completed", "aborted", "pruned", "failed", "failed", "failed")


def test_what_a_search_says_at_its_end(tmp_path):
    records = [
        Record(f"key{number}", number, 1, {"train.l2": 0.25}, state, score=0.5, trial=number)
        for number, state in enumerate(STATES)
    ]
    warnings = (BoundaryWarning("train.l2", 1e-4, 1e-4, 1.0, "lower", (1e-6, 1.0), 0.01),)
    pictures = (tmp_path / "pairs.png",)
    files = f"{tmp_path}: best.yaml, best.keras, trials.csv, history.csv, search.json, pairs.png"
    spoken = summary(SearchResult(tmp_path, tuple(records), records[1], warnings, 75.0, pictures))
    assert spoken == [
        "2 completed, 1 aborted, 1 pruned, 3 failed in 1 min 15 s",
        "best: trial 0001  0.5000  l2: 0.25",
        f"warning: {warnings[0]}",
        files,
    ]
    written = summary(SearchResult(tmp_path, tuple(records[:2]), records[0], (), 0.5, pictures))
    assert written == ["2 completed in 0.5 s", "best: trial 0000  0.5000  the spec as written  l2: 0.25", files]


@pytest.mark.parametrize(
    ("recipe", "cards", "deviation", "reason"),
    [
        ({}, [], None, ""),
        ({}, [], 0.1, "the score is the mean of several trainings"),
        ({}, ["GPU:0"], None, "trials on a GPU are compiled by XLA"),
        ({"deterministic": False}, [], None, "train.deterministic is false"),
        (
            {"deterministic": False, "jit_compile": True}, [], None,
            "train.jit_compile is true; train.deterministic is false",
        ),
    ],
)  # fmt: skip
def test_why_training_the_best_spec_may_not_repeat_its_trial(tmp_path, monkeypatch, recipe, cards, deviation, reason):
    monkeypatch.setattr("convspec.training.devices.gpus", lambda: cards)
    found = SimpleNamespace(folder=tmp_path, best=SimpleNamespace(deviation=deviation))
    assert repeated(found) == []
    spec = document()
    spec["train"] |= recipe
    (tmp_path / "best.yaml").write_text(load(spec).to_yaml())
    said = f"training best.yaml may give other figures than its trial: {reason}"
    assert repeated(found) == [said if reason else "training best.yaml on this machine repeats its trial, bit for bit"]


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


def test_xla_compiles_a_trial_on_a_gpu_or_where_its_recipe_says_so(digits):
    spec = load(document())
    trainer = Trainer(spec.tune, lambda asked: digits)
    network, found = trainer.network(spec), []
    for compiled, on_gpu in ((False, False), (False, True), (True, False), (True, True)):
        trainer.compiles, recipe = on_gpu, spec.train.model_copy(update={"jit_compile": compiled})
        training = _Training(trainer, network, spec, recipe, 0, 0, Outcome(), lambda rows: None)
        found.append(training.passes.jit_compile)
    assert found == [False, True, True, True]


def test_the_table_of_trials_has_ranks_from_1_and_epochs_from_0():
    history = [row(1, val_accuracy=0.3), row(2, val_accuracy=0.4)]
    records = [
        Record("b", 1, 2, {"train.l2": 0.5}, "aborted", trial=1),
        Record("a", 0, 2, {}, "completed", score=0.75, trial=0, history=history),
        Record("c", 2, 2, {"train.l2": 0.25}, "running", trial=2, history=history[:1]),
    ]
    assert ranked_lines(records, ACCURACY, {"train.l2": "l2"}) == [
        "rank  trial  stage          l2  epochs  val_accuracy      state",
        "   1   0000      0  as written     2/2        0.7500  completed",
        "   2   0001      1         0.5     0/2                  aborted",
        "   3   0002      2        0.25     1/2        0.3000    running",
    ]


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


def test_a_table_of_latencies_that_cannot_be_read_is_named_with_its_remedy(tmp_path):
    assert latency._read(tmp_path / "latency.json") == {}
    (tmp_path / "latency.json").write_text('{"a": "fast"}')
    with pytest.raises(InputError) as caught:
        latency._read(tmp_path / "latency.json")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.file.endswith("latency.json")
    assert diagnostic.message.startswith("is no table of latencies: ")
    assert diagnostic.remedy == "delete it, and the networks are measured again"


def test_tensorboard_has_the_score_of_a_trial_and_else_that_it_was_aborted():
    written = []

    class Writer:
        def __init__(self, **options):
            written.append(options["logdir"])

        def add_scalar(self, *scalar):
            written.append(scalar)

        def add_hparams(self, *parameters, name):
            written.append(parameters)

        def close(self):
            written.append("closed")

    log = TensorBoardLog.__new__(TensorBoardLog)
    log.folder, log.metric, log.writer = Path("logs"), LOSS, Writer
    one = {"run": 1, "epoch": 2, "seconds": 0.5, "loss": 0.25}
    log(None, Record("0123456789abcdef", 1, 2, {"a": 1, "b": [1, 2]}, "completed", score=0.5, history=[one]))
    log(None, Record("0123456789abcdef", 1, 2, {}, "running"))
    log(None, Record("abcdef0123456789", 2, 2, {}, "aborted"))
    assert written == [
        str(Path("logs", "0123456789ab")),
        ("loss/run_1", 0.25, 2),
        ({"stage": 1, "a": 1, "b": "[1, 2]"}, {"best val_loss": 0.5}),
        "closed",
        str(Path("logs", "abcdef012345")),
        ({"stage": 2}, {"aborted": 1.0}),
        "closed",
    ]


# --- planning


def test_each_sixteenth_of_a_range_is_met_once_in_an_order_that_its_name_and_the_seed_decide():
    """A search that goes on draws what one of an earlier version drew: the rule is written out a second time here."""
    assert BLOCK == 16
    order = sorted(range(16), key=lambda place: uniform(7, 2, "a", 1, "order", place))
    for index in range(16, 32):
        expected = (order[index - 16] + uniform(7, 2, "a", index)) / 16
        assert position(7, 2, "a", index) == expected


def test_a_stage_says_why_candidates_were_refused():
    """A warm-up that is longer than the stage's trials is found when the recipe is read."""
    train = {"epochs": 20, "schedule": {"name": "cosine", "warmup": 1}, "optimizer": {"name": "sgd"}}
    space = {"train.schedule.warmup": {"choice": [1, 5]}, "head.dropout": {"uniform": [0.1, 0.5]}}
    tune = {"space": space, "stages": [{"trials": 6, "epochs": 4}]}
    spec = load(document(tune, train=train))
    plan = Planner(spec, spec.tune).stage(1, [])
    assert [one.values["train.schedule.warmup"] for one in plan.candidates] == [1] * 6
    assert any(reason.startswith("schedule.warmup is 5 epochs, but training ends after 4") for reason in plan.refused)


FIELDS = {
    "sgd": {"learning_rate": True, "weight_decay": True, "momentum": True},
    "adam": {"learning_rate": True, "weight_decay": True, "beta_1": True, "beta_2": True, "epsilon": False},
    "adamw": {"learning_rate": True, "weight_decay": True, "beta_1": True, "beta_2": True, "epsilon": False},
    "rmsprop": {"learning_rate": True, "weight_decay": True, "momentum": False, "rho": False},
}


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("adjusts", [True, False])
def test_fields_of_an_optimizer_that_a_compiled_network_is_given_anew(name, adjusts):
    start = {"name": name} | dict.fromkeys(FIELDS[name], 0.5)
    spec = load(document(train={"optimizer": start}))
    for field, adjustable in FIELDS[name].items():
        other = spec.with_overrides({f"train.optimizer.{field}": 0.25})
        same = structure(spec, adjusts=adjusts) == structure(other, adjusts=adjusts)
        assert same == (adjustable and (adjusts or field == "learning_rate")), field


def test_the_oracle_judges_by_what_its_search_has_measured(tmp_path):
    hyperspec = HyperSpec(load(document()))
    store = Store(tmp_path)
    store.open()
    assert make_oracle(hyperspec, store).planner.constraint_check is hyperspec.constraint_check


def plan_of(dimension, count):
    stage = SimpleNamespace(trials=count, epochs=1)
    return StagePlan(1, stage, {dimension.path: Region()}, (None,) * count, {})


@pytest.mark.parametrize(
    ("kind", "value", "side"),
    [("int", 5, None), ("int", 3, "lower"), ("int", 8, "upper"), ("uniform", 4.0, "lower"), ("uniform", 7.0, "upper")],
)
def test_an_end_is_a_trial_and_a_half_wide_and_of_whole_numbers_a_quarter_of_the_range_at_most(kind, value, side):
    dimension = Dimension("a", kind, 1, 10)
    assert _side(dimension, [plan_of(dimension, 2)], Record("best", 1, 1, {"a": value})) == side


def test_results_at_one_single_place_say_nothing_of_an_end():
    dimension = Dimension("a", "uniform", 0.0, 1.0)
    records = [
        Record(f"key{number}", 1, 1, {"a": 0.5}, "completed", score=0.1 * number) for number in range(9)
    ]  # fmt: skip
    assert _chance(dimension, [plan_of(dimension, 9)], records, lambda score: score, "upper") == 1.0


# --- what KerasTuner's own tuners are given


def test_arrays_are_taken_with_their_labels_and_images_to_validate_on():
    spec = load(document())
    random = np.random.default_rng(0)
    x, y = random.integers(0, 255, (30, 8, 8)).astype(np.uint8), np.arange(30) % 10
    found = dataset_of(spec, x[:20], y[:20], (x[20:], keras.utils.to_categorical(y[20:], 10)))
    assert np.array_equal(found.x_train[..., 0], x[:20])
    assert np.array_equal(found.x_val[..., 0], x[20:])
    assert np.array_equal(found.y_train, y[:20])
    assert np.array_equal(found.y_val, y[20:])
    for wrong, words in (
        ((x, y[:5]), "x has 30 images and 5 labels"),
        ((x, None), "x is a ndarray without labels"),
        ((x, y, x), "validation_data is (images, labels)"),
        ((x, y, (x[:3], y[:2])), "validation_data has 3 images and 2 labels"),
        ((x, y + 0.5), "labels of x"),
        ((found, y), "a Dataset has its labels and its validation images itself"),
    ):
        with pytest.raises(InputError) as caught:
            dataset_of(spec, *wrong)
        assert words in str(caught.value)
        assert str(caught.value).startswith("tuner.search: ")


@pytest.mark.parametrize("name", OF_THE_RECIPE)
def test_an_argument_that_the_recipe_decides_is_refused_with_the_field_that_does(name):
    with pytest.raises(InputError) as caught:
        check_arguments({name: 1})
    assert str(caught.value) == (
        f"tuner.search: {name}: the recipe decides this, by {OF_THE_RECIPE[name]}\n  leave it out"
    )


def test_an_argument_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(InputError) as caught:
        check_arguments({"epoch": 1, "batch_size": 2})
    first, second = caught.value.diagnostics
    assert first.message == "epoch: no such argument"
    assert first.remedy == "there are x, y, validation_data, epochs, initial_epoch, verbose, callbacks"
    assert second.message.startswith("batch_size: ")


def test_the_spec_of_a_trial_of_hyperband_has_its_epochs():
    hyperspec = HyperSpec(load(document()))
    hp = keras_tuner.HyperParameters()
    hyperspec.declare_hyperparameters(hp)
    assert hyperspec.spec_of(hp).train.epochs == hyperspec.spec.train.epochs
    hp.values["tuner/epochs"] = 3
    assert hyperspec.spec_of(hp).train.epochs == 3


def test_images_that_were_given_again_are_known_by_their_identity_and_numbers_by_their_value():
    x, y = np.zeros((3, 2)), [1, 2, 3]
    assert all(one == other for one, other in _pairs((x, y, None, "32x32"), (x, y, None, "".join(["32", "x32"]))))
    for other in ((x.copy(), y), (x, list(y))):
        assert [one == two for one, two in _pairs((x, y), other)].count(False) == 1


# --- compiled networks


def test_an_adjustable_number_and_what_is_left_of_1():
    number, rate = AdjustableNumber(0.9), DropRate(0.2)
    for value in (0.9, 0.75, 0.0):
        number.set(value)
        rate.set(value)
        assert float(number) == pytest.approx(value)
        assert float(1 - number) == pytest.approx(1 - value)
        assert (float(rate.rate), float(rate.scale)) == (pytest.approx(value), pytest.approx(1 / (1 - value)))


def test_the_first_weights_of_the_sixteen_last_seeds_are_kept():
    network = Network.__new__(Network)
    inputs = keras.Input((2,))
    network.model, network.fresh = keras.Model(inputs, keras.layers.Dense(1)(inputs)), None
    network._built_with = {variable.path: variable.numpy() for variable in network.model.variables}
    network._starts = {}
    for seed in range(17):
        first = network._start(seed)
        assert network._start(seed) is first
    assert list(network._starts) == list(range(1, 17))


def test_spatial_dropout_drops_whole_maps_and_a_noise_shape_is_obeyed():
    x = np.ones((5, 3, 4, 6), np.float32)
    whole = keras.layers.SpatialDropout2D(0.5, seed=1)
    shaped = keras.layers.Dropout(0.5, noise_shape=(None, 1, 4, 1), seed=1)
    for layer, shape in ((whole, (5, 1, 1, 6)), (shaped, (5, 1, 4, 1))):
        changed = keras.ops.convert_to_numpy(_dropout(layer, DropRate(0.5))(x, training=True))
        assert set(np.unique(changed)) == {0.0, 2.0}
        part = changed[tuple(slice(size) for size in shape)]
        assert np.array_equal(changed, np.broadcast_to(part, x.shape))


def test_a_rate_that_changes_from_update_to_update_and_back_is_assigned():
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    model.compile("sgd", "mse")
    rates = np.array([0.5, 0.25, 0.5, 0.5, 0.125, 0.5], np.float32)
    guard = _Guard(rates, Watch(3.0))
    guard.set_model(model)
    for batch, rate in enumerate(rates):
        guard.on_train_batch_begin(batch)
        assert float(optimizer_of(model).learning_rate) == rate


# --- workers and Ray


def test_a_worker_tells_its_epochs_while_it_trains():
    """`alive` is asked beside `run`."""
    worker = TrialWorker.__new__(TrialWorker)
    seen = []

    class Trainer:
        def run(self, spec, report, worse, keep_above, keep):
            seen.append((worker.alive(), spec.train.epochs, keep_above, keep))
            report([{"epoch": 1}])
            seen.append(worker.alive())
            return Outcome(score=0.5)

    worker.hyperspec, worker.datasets, worker.trainer = HyperSpec(load(document())), {}, Trainer()
    data = object()
    values = {"head.dropout": 0.1}
    assert worker.run(7, data, 1, 3, values, None, 0.25).score == 0.5
    assert seen == [((7, []), 3, 0.25, True), (7, [{"epoch": 1}])]
    assert list(worker.datasets.values()) == [data]


def kernels_kills():
    lines = dict(line.split() for line in Path("/proc/vmstat").read_text().splitlines())
    return int(lines["oom_kill"])


def test_how_often_the_kernel_ended_processes_for_memory_is_read_from_its_counters(tmp_path, monkeypatch):
    (tmp_path / "log").write_text("the end")
    low, pid = kernels_kills(), 2**22 + 1  # no process has such a number
    worker = TrialWorker.__new__(TrialWorker)
    told = cluster._traces()(pid, "", str(tmp_path / "log"))
    assert told["log"] == "the end"
    assert low <= told["kills"] <= worker.hello().kills <= kernels_kills()
    read = Path.read_text
    counters = {"/proc/vmstat": "nr_free_pages 3\noom_kill 5\ndrop_pagecache 7\n"}
    monkeypatch.setattr(
        Path, "read_text", lambda path, *how, **more: counters.get(str(path)) or read(path, *how, **more)
    )
    assert cluster._traces()(pid, "", str(tmp_path / "log"))["kills"] == worker.hello().kills == 5
    counters["/proc/vmstat"] = "a kernel that does not count them 7\n"
    assert cluster._traces()(pid, "", str(tmp_path / "log"))["kills"] == worker.hello().kills == 0


def test_all_values_that_have_arrived_are_told_of_at_once():
    arrived = {"first", "third"}

    def wait(references, num_returns, timeout):
        done = [one for one in references if one in arrived][:num_returns]
        return done, [one for one in references if one not in done]

    here = SimpleNamespace(ray=SimpleNamespace(wait=wait))
    assert cluster.Cluster.ready(here, ["first", "second", "third"]) == ["first", "third"]
    assert cluster.Cluster.ready(here, ["second"]) == []


def test_without_ray_it_is_said_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError) as caught, cluster.running(2, None):
        pass
    assert str(caught.value) == "several workers need Ray\n  pip install 'convspec[distributed]'"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1:1", "Connection refused"),
        ("127.0.0.1:port", "invalid literal for int() with base 10: 'port'"),
        ("127.0.0.1", "invalid literal"),
    ],
)
def test_an_address_where_nothing_listens_is_named_with_what_starts_a_ray(address, why):
    with pytest.raises(InputError) as caught:
        cluster._reach(address)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.message.startswith(f"no Ray answers at {address}: ")
    assert why in diagnostic.message
    assert diagnostic.remedy == "`ray start --head --port=6379` starts one; see docs/tuning.md"


def test_a_name_that_the_package_has_not_is_an_error_in_pythons_words():
    with pytest.raises(AttributeError, match=r"convspec\.tuning .*attribute '?serach"):
        package.serach  # noqa: B018


def test_a_record_begins_with_the_parameters_and_the_document_of_its_network():
    candidate = Planner(spec := load(document()), spec.tune).own()
    record = begun(candidate)
    assert (record.key, record.stage, record.state, record.score) == (candidate.key, 0, "running", None)
    assert record.parameters == sum(node.parameters for node in candidate.spec.graph.nodes)
    assert record.document == candidate.spec.to_yaml()
    assert json.loads(json.dumps(record.values)) == copy.deepcopy(candidate.values)
