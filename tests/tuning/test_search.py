"""A whole search: its folder, its resumption, what it refuses and what it survives."""

import csv
import json
import re
import resource
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import keras
import pytest

import convspec
from convspec import InputError, load
from convspec.cli import main
from convspec.data import load_data
from convspec.training.compiling import reproducible
from convspec.training.first_weights import new_model
from convspec.training.train import train as train_by
from convspec.tuning import HyperSpec, search
from convspec.tuning.results import spec_of
from convspec.tuning.store import Store

from .specs import document


def table(folder):
    """`trials.csv` without what a clock decides, and without the nodes that trials happened to run on."""
    with (folder / "trials.csv").open(encoding="utf-8") as file:
        return [
            {name: row[name] for name in row if name not in ("seconds", "finished", "node")}
            for row in csv.DictReader(file)
        ]


def run(folder, digits, tune=None, **options):
    options = {"show": False, "save_model": False, **options}
    return search(load(document(tune)), lambda spec: digits, folder, **options)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, digits):
    folder = tmp_path_factory.mktemp("whole")
    return run(folder, digits, save_model=True)


def test_images_are_loaded_once_for_each_size(digits, tmp_path):
    """By the search for its checks, its trials, and the best network that it saves."""
    asked = []

    def images(spec):
        asked.append(spec.input)
        height, width, _ = spec.input
        return replace(digits, x_train=digits.x_train[:, :height, :width], x_val=digits.x_val[:, :height, :width])

    tune = {"space": {"input[0]": {"choice": [8, 6]}}, "stages": [{"trials": 2, "epochs": 1}]}
    search(load(document(tune)), images, tmp_path, show=False)
    assert sorted(asked) == [(6, 8, 1), (8, 8, 1)]


def test_a_trial_has_the_split_that_its_recipe_says(tmp_path):
    """Also where the split follows from a parameter that is searched: its best.yaml repeats the trial."""

    def images(spec):
        return load_data("digits", validation_split=spec.train.validation_split, seed=spec.train.seed)

    tune = {"space": {"parameters.n": {"choice": [2, 4]}}, "stages": [{"trials": 2, "epochs": 1}]}
    train = {**document()["train"], "validation_split": "${0.1 * n}", "seed": "${n}"}
    spec = load(document(tune, parameters={"n": 4}, train=train))
    found = search(spec, images, tmp_path, show=False, save_model=False)
    trials = [spec_of(HyperSpec(spec), record).train for record in found.records]
    assert {(recipe.validation_split, recipe.seed) for recipe in trials} == {(0.2, 2), (0.4, 4)}
    other = next(record for record in found.records if record.values["parameters.n"] == 2)
    own = spec_of(HyperSpec(spec), other)
    with reproducible(own.train):
        rows = train_by(new_model(own), own.train, images(own), show=False).history
    assert other.score == rows[0]["val_accuracy"]


def test_a_search_leaves_its_tables(whole):
    rows = table(whole.folder)
    assert [row["stage"] for row in rows] == ["0"] + ["1"] * 5 + ["2"] * 3
    assert {row["state"] for row in rows} <= {"completed", "aborted"}
    with (whole.folder / "history.csv").open(encoding="utf-8") as file:
        epochs = list(csv.DictReader(file))
    completed = [row for row in rows if row["state"] == "completed"]
    assert len(epochs) >= sum(int(row["epochs"]) for row in completed)
    assert max(float(row["score"]) for row in completed) == whole.best.score


def test_the_best_spec_is_complete_and_is_the_best_trial(whole):
    best = load(whole.folder / "best.yaml")
    assert best.fingerprint == whole.best.key
    assert best.tune is None
    assert best.train.epochs == whole.best.epochs


def test_the_best_model_scores_what_the_table_says(whole, digits):
    from convspec.training.saving import read_inputs

    model = keras.models.load_model(whole.folder / "best.keras")
    x = read_inputs(whole.folder / "best.keras").normalizer(digits.x_val.astype("float32"))
    right = model.predict(x, verbose=0).argmax(axis=1) == digits.y_val
    assert right.mean() == pytest.approx(whole.best.score, abs=1e-6)


def test_the_manifest_says_what_was_searched_and_found(whole):
    told = json.loads((whole.folder / "search.json").read_text())
    assert told["space"]["train.l2"] == {"kind": "log_uniform", "range": [1e-06, 1.0]}
    assert told["best"]["score"] == whole.best.score
    assert sum(told["trials"].values()) == 9
    assert told["plans"][1]["ranges"]["train.l2"][0] >= 1e-6


def test_the_same_search_again_trains_nothing_and_gives_the_same_table(whole, digits, tmp_path):
    again = run(tmp_path, digits)
    assert table(tmp_path) == table(whole.folder)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "trials").iterdir()}
    run(tmp_path, digits)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "trials").iterdir()} == before
    assert again.best.key == whole.best.key
    oracle = json.loads((tmp_path / "keras_tuner" / "oracle.json").read_text())
    assert len(oracle["end_order"]) == len(table(tmp_path))


def test_lost_and_broken_trials_run_again_and_the_table_is_the_same(whole, digits, tmp_path):
    run(tmp_path, digits)
    files = sorted((tmp_path / "trials").glob("*.json"))
    files[0].unlink()
    files[3].write_text(files[3].read_text()[:100])
    files[5].write_text("")
    run(tmp_path, digits)
    assert table(tmp_path) == table(whole.folder)
    assert len(list((tmp_path / "trials").glob("*.broken"))) == 2


def test_the_best_spec_is_the_spec_as_written_where_that_won(digits, tmp_path):
    space = {
        "train.optimizer.name": {"choice": ["adam", "rmsprop"]},
        "train.optimizer.momentum": {"uniform": [0.1, 0.2], "when": {"train.optimizer.name": "rmsprop"}},
        "train.optimizer.learning_rate": {"log_uniform": [1.0e-9, 2.0e-9]},
    }
    result = run(tmp_path, digits, {"space": space, "stages": [{"trials": 1, "epochs": 1}]}, save_model=True)
    assert result.best.stage == 0
    best = load(tmp_path / "best.yaml")
    assert best.train.optimizer.momentum == 0.9
    assert best.fingerprint == result.best.key


def test_another_search_in_the_same_folder_is_refused_with_what_changed(digits, tmp_path):
    run(tmp_path, digits)
    with pytest.raises(InputError, match=r"holds another search: seed was 1 and is 2"):
        run(tmp_path, digits, {"seed": 2})
    with pytest.raises(InputError, match=r"extend=True goes on with this and keeps the trials"):
        run(tmp_path, digits, {"stages": [{"trials": 9, "epochs": 1}]})


def test_a_search_without_a_candidate_is_not_in_the_way_of_one_with_other_constraints(digits, tmp_path):
    with pytest.raises(InputError, match=r"tune: stage 1 has no candidate: .*\n  widen the ranges"):
        run(tmp_path / "made" / "now", digits, {"constraints": {"parameters": "<= 10"}})
    stages = [{"trials": 6, "epochs": 2}]
    hyperband = {"constraints": {"parameters": "<= 10"}, "strategy": "hyperband", "stages": stages}
    with pytest.raises(InputError, match=r"now: no candidate that was drawn is within .*\n  widen the ranges"):
        run(tmp_path / "made" / "now", digits, hyperband)
    assert not any(tmp_path.iterdir())
    assert len(run(tmp_path, digits, {"constraints": {"parameters": "<= 10000"}}).records) == 9


def test_an_extended_search_keeps_its_trials(digits, tmp_path):
    first = run(tmp_path, digits, {"stages": [{"trials": 4, "epochs": 1}]})
    stages = [{"trials": 6, "epochs": 1}, {"trials": 2, "epochs": 1}]
    second = run(tmp_path, digits, {"stages": stages}, extend=True)
    kept = {record.key: record for record in second.records}
    assert all(kept[record.key] == record for record in first.records)
    assert len(second.records) == 9


def test_a_best_value_at_the_edge_moves_the_range(digits, tmp_path):
    space = {"train.optimizer.learning_rate": {"log_uniform": [1.0e-6, 1.0e-3]}}
    narrow = {"space": space, "stages": [{"trials": 16, "epochs": 1}]}
    result = run(tmp_path, digits, narrow, widen=True)
    told = json.loads((tmp_path / "search.json").read_text())
    assert told["asked"]["space"]["train.optimizer.learning_rate"]["range"] == [1e-6, 1e-3]
    assert told["space"]["train.optimizer.learning_rate"]["range"][1] > 1e-3
    assert result.best.values["train.optimizer.learning_rate"] > 1e-3
    records = len(result.records)
    assert len(run(tmp_path, digits, narrow, widen=True).records) == records


def test_a_search_that_goes_on_moves_ranges_no_oftener_than_one_that_was_not_stopped(digits, tmp_path, monkeypatch):
    monkeypatch.setattr("convspec.tuning.searching.ROUNDS", 1)
    space = {"train.optimizer.learning_rate": {"log_uniform": [1.0e-6, 1.0e-4]}}
    narrow = {"space": space, "stages": [{"trials": 16, "epochs": 1}], "objective": "val_crossentropy"}
    first = run(tmp_path, digits, narrow, widen=True)
    assert len(first.records) > 17
    assert first.warnings
    again = run(tmp_path, digits, narrow, widen=True)
    assert [record.key for record in again.records] == [record.key for record in first.records]


def test_the_best_network_of_folds_is_scored_on_images_that_it_never_saw(digits, tmp_path):
    """Its weights and its normalisation are those of the last training, which left out the last fold."""
    few = replace(digits, x_train=digits.x_train[:120], y_train=digits.y_train[:120])
    few = replace(few, x_val=digits.x_val[:60], y_val=digits.y_val[:60])
    stages = [{"trials": 1, "epochs": 3}]
    result = run(tmp_path, few, {"folds": 3, "runs": 2, "stages": stages}, save_model=True)
    last = [row for row in result.best.history if row["run"] == 5]
    best = max(last, key=lambda row: row["val_accuracy"])
    scores = convspec.evaluate(tmp_path / "best.keras", few)
    assert (scores.images, scores.accuracy) == (60, pytest.approx(best["val_accuracy"], abs=1e-6))
    assert scores.loss == pytest.approx(best["val_crossentropy"], rel=1e-4)
    assert convspec.evaluate(tmp_path / "best.keras", few, part="training").images == 120


def test_a_class_with_fewer_images_than_folds_is_a_diagnostic(digits, tmp_path):
    few = replace(digits, x_train=digits.x_train[:30], y_train=digits.y_train[:30])
    few = replace(few, x_val=digits.x_val[:20], y_val=digits.y_val[:20])
    with pytest.raises(InputError, match=r"tune\.folds: class '\d' has \d images, too few for 20 folds"):
        run(tmp_path, few, {"folds": 20})


def test_a_disk_that_takes_no_more_is_a_diagnostic_and_loses_nothing(digits, tmp_path):
    store = Store(tmp_path)
    store.open()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
    try:
        with pytest.raises(InputError, match="cannot be written: File too large"):
            run(tmp_path, digits)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and path.suffix == ".json"] == []
    assert len(run(tmp_path, digits).records) == 9


def test_a_folder_that_is_a_file_is_a_diagnostic(digits, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        run(tmp_path / "taken", digits)


def test_a_folder_that_is_removed_in_mid_search_ends_it_without_a_traceback(digits, tmp_path, monkeypatch, capfd):
    put = Store.put

    def put_and_remove(store, record):
        put(store, record)
        if record.done:
            shutil.rmtree(store.folder)

    monkeypatch.setattr(Store, "put", put_and_remove)
    with pytest.raises(InputError, match="search: was removed, renamed or replaced while convspec was writing to it"):
        run(tmp_path / "search", digits, {"stages": [{"trials": 1, "epochs": 1}]})
    assert "Traceback" not in capfd.readouterr().err  # KerasTuner prints one for what it does not know


def test_a_trial_that_the_disk_does_not_give_is_a_diagnostic(tmp_path):
    (tmp_path / "trials" / "0123.json").mkdir(parents=True)
    with pytest.raises(InputError, match=r"0123\.json: cannot be read: Is a directory"):
        Store(tmp_path).open()


def test_a_search_in_which_nothing_ends_well_says_why(digits, tmp_path):
    space = {"train.optimizer.learning_rate": {"log_uniform": [1.0e5, 1.0e6]}}
    spec = document({"space": space, "stages": [{"trials": 2, "epochs": 1}]})
    spec["train"]["optimizer"]["learning_rate"] = 1e5
    with pytest.raises(InputError, match=r"none of 3 trials was completed: the loss"):
        search(load(spec), lambda asked: digits, tmp_path, show=False)


def test_pruning_ends_what_is_worse_than_the_median(digits, tmp_path):
    tune = {"stages": [{"trials": 8, "epochs": 3}], "pruning": {"after": 1, "startup": 3}}
    result = run(tmp_path, digits, tune)
    pruned = [record for record in result.records if record.state == "pruned"]
    assert pruned
    assert all(len(record.history) < 3 for record in pruned)
    assert "where the median of" in pruned[0].reason


@pytest.mark.parametrize("strategy", ["random", "grid", "bayesian", "hyperband"])
def test_the_strategies_of_keras_tuner_search_the_same_space(strategy, digits, tmp_path):
    space = {"train.optimizer.learning_rate": {"log_uniform": [1.0e-3, 0.1]}, "head.fc[0]": {"choice": [8, 16]}}
    tune = {"space": space, "strategy": strategy, "stages": [{"trials": 4, "epochs": 2}]}
    result = run(tmp_path, digits, tune)
    assert len(result.records) >= 2
    assert all(1e-3 <= record.values["train.optimizer.learning_rate"] <= 0.1 for record in result.records)
    assert result.best.score > 0.1


def test_the_objective_may_be_a_loss(digits, tmp_path):
    result = run(tmp_path, digits, {"objective": "val_crossentropy", "stages": [{"trials": 3, "epochs": 1}]})
    completed = [record.score for record in result.records if record.state == "completed"]
    assert result.best.score == min(completed)


def test_stock_tuners_take_the_space(digits, tmp_path):
    import keras_tuner
    import numpy as np

    from convspec.tuning import HyperSpec

    hyperspec = HyperSpec(load(document()))
    x, y = digits.x_train[:64].astype("float32") / 16, np.eye(10, dtype="float32")[digits.y_train[:64]]

    class Plain(keras_tuner.RandomSearch):
        def run_trial(self, trial, *args, **kwargs):  # the stock one needs TensorBoard, which nothing else here does
            return self.hypermodel.build(trial.hyperparameters).fit(*args, **kwargs)

    tuner = Plain(hyperspec, objective="accuracy", max_trials=2, directory=tmp_path, project_name="stock")
    tuner.search(x, y, epochs=1, verbose=0)
    assert {"train.l2", "head.dropout"} <= set(tuner.get_best_hyperparameters()[0].values)


def beginnings(printed):
    """How the lines of a search begin, whatever its numbers, its warnings and its folder."""
    lines = [re.sub(r"\d[\d.]*", "#", line).split() for line in printed.splitlines()[:-1]]
    return {" ".join(words[:2]).rstrip(",") for words in lines if words[0] != "warning:"}


def test_the_command_prints_a_line_a_trial_and_shows_the_table_again(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    import yaml

    stages = [{"trials": 2, "epochs": 1}]
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(document({"stages": stages}), sort_keys=False))
    assert main(["tune", "tiny.yaml", "--data", "digits", "--out", "out"]) == 0
    printed = capsys.readouterr().out
    assert "best: trial 000" in printed
    assert "(3 / 3)" in printed
    assert "val_acc: 0." in printed
    tutorial = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
    shown = tutorial.partition("$ convspec tune mine.yaml --data digits\n")[2].partition("```")[0]
    assert beginnings(printed) == beginnings(shown)
    assert main(["tune", "--show", "out"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split() == ["rank", "trial", "stage", "lr", "l2", "dropout", "epochs", "val_accuracy", "state"]
    assert len(shown) == 5


def test_a_spec_without_a_search_is_a_diagnostic(capsys):
    assert main(["tune", "lenet5", "--data", "digits"]) == 1
    assert "lenet5: has no `tune:` section, so there is nothing to search" in capsys.readouterr().err


def test_an_empty_folder_has_no_table(tmp_path, capsys):
    assert main(["tune", "--show", str(tmp_path)]) == 1
    assert "holds no search" in capsys.readouterr().err


def test_tensorboard_reads_the_curves_and_the_values(digits, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    result = run(tmp_path, digits, {"stages": [{"trials": 1, "epochs": 2}]}, tensorboard=True)
    best = EventAccumulator(str(tmp_path / "tensorboard" / result.best.key[:12])).Reload()
    found = [event.value for event in best.Scalars("val_accuracy")]
    assert found == pytest.approx([row["val_accuracy"] for row in result.best.history])
    values = EventAccumulator(str(tmp_path / "tensorboard" / result.best.key[:12] / "hparams")).Reload()
    start = values.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    assert b"train.l2" in start


def test_a_number_of_workers_below_0_is_a_diagnostic(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["tune", "tiny.yaml", "--data", "digits", "--workers", "-1"]) == 1
    assert capsys.readouterr().err == "--workers -1: a number of processes, or 0 for this one alone\n"
