"""What a trial is to KerasTuner, to its chief and to workers elsewhere."""

from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from convspec import InputError, load
from convspec.builder import build
from convspec.language.tune import Tune
from convspec.tuning import search
from convspec.tuning.cluster import Death, Node, Process
from convspec.tuning.hypermodel import EPOCHS, STAGE, HyperSpec
from convspec.tuning.pool import Worker, WorkerPool, share
from convspec.tuning.ray_driver import _Driver, tune_document
from convspec.tuning.search_progress import SearchProgress
from convspec.tuning.searching import _Tables
from convspec.tuning.store import COLUMNS, Record, Store
from convspec.tuning.strategies import make_oracle
from convspec.tuning.tuner import TrialRunner, begun

from .specs import document


def test_workers_elsewhere_get_the_search_as_it_is():
    tune = Tune.model_validate(document({"abort": None, "folds": 3, "objective": "val_loss"})["tune"])
    told = tune_document(SimpleNamespace(tune=tune))
    assert Tune.model_validate(told) == tune


def test_what_the_staged_oracle_has_judged_is_not_judged_again(tmp_path, digits):
    hyperspec = HyperSpec(load(document({"constraints": {"latency": "< 5 ms"}})))
    hyperspec.constraint_check.latency = lambda values: 9.0
    runner = TrialRunner(hyperspec, Store(tmp_path), lambda spec: digits)
    values = {"train.l2": 0.01, "head.dropout": 0.1, "train.optimizer.learning_rate": 0.1}
    assert runner.candidate({**values, STAGE: 1, EPOCHS: 2}).epochs == 2
    with pytest.raises(InputError, match="latency 9 is not < 5"):
        runner.candidate(values)


def test_the_chief_knows_the_trials_that_workers_ran_for_keras_tuners_own_oracles(tmp_path, digits):
    hyperspec = HyperSpec(load(document({"strategy": "random", "stages": [{"trials": 2, "epochs": 1}]})))
    store = Store(tmp_path)
    store.open()
    chief, worker = (TrialRunner(hyperspec, store, lambda spec: digits) for _ in range(2))
    oracle = make_oracle(hyperspec, store)
    oracle._set_project_dir(str(tmp_path), "keras_tuner")
    keys = []
    for name in ("first", "second"):
        candidate = worker.candidate(oracle.create_trial(name).hyperparameters.values)
        store.put(replace(begun(candidate), state="completed", score=0.5))
        keys.append(candidate.key)
    tables = _Tables(chief, oracle, ("train.l2",))
    tables.close()
    assert [record.key for record in tables.records()] == keys
    again = Store(tmp_path)
    again.open()
    assert {again.records[key].trial for key in keys} == {0, 1}


def test_the_bar_is_the_best_score_of_all_that_the_store_has(tmp_path, digits):
    hyperspec = HyperSpec(load(document()))
    store = Store(tmp_path)
    store.open()
    runner, elsewhere = TrialRunner(hyperspec, store, lambda spec: digits), Store(tmp_path)
    assert runner.best_score() is None
    scores = [None, 0.4, 0.2, 0.7, None, 0.6, 0.9, 0.8]
    for number, score in enumerate(scores):
        state = "aborted" if score is None else "completed"
        record = Record(f"key{number}", 1, 1, {}, state=state, score=score)
        if number % 3 == 2:  # another process runs every third trial
            elsewhere.put(record)
            store.read()
        else:
            store.put(record)
        known = [one for one in scores[: number + 1] if one is not None]
        assert runner.best_score() == max(known, default=None)


def fine_tuned(tmp_path, **more):
    build(load(document())).save(tmp_path / "old.keras")
    finetune = {"weights": str(tmp_path / "old.keras"), "freeze": "all", **more}
    return load(document(train={"optimizer": {"name": "sgd", "learning_rate": 0.05}, "finetune": finetune}))


def test_a_stock_tuner_fine_tunes_where_the_recipe_does(tmp_path):
    model = HyperSpec(fine_tuned(tmp_path)).compiled(fine_tuned(tmp_path))
    old = keras.models.load_model(tmp_path / "old.keras")
    weighted = [layer for layer in model.layers if layer.weights]
    assert [layer.trainable for layer in weighted] == [False] * (len(weighted) - 1) + [True]
    for layer in weighted[:-1]:
        for mine, theirs in zip(layer.get_weights(), old.get_layer(layer.name).get_weights(), strict=True):
            assert np.array_equal(mine, theirs)
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(0.005)


def test_what_cannot_take_over_the_weights_is_no_trial(tmp_path, digits):
    """A searched head costs no part of the budget, and the reason names the layer and the shapes."""
    spec = fine_tuned(tmp_path).with_overrides({"tune.space": {"head.fc": {"choice": [[16], [32], [16, 8]]}}})
    verdict = HyperSpec(spec).constraint_check.verdict
    assert verdict({"head.fc": [16]}) == ""
    assert "old.keras: layer 'fc1' has weights [(128, 16), (16,)], the new network [(128, 32), (32,)]" in verdict(
        {"head.fc": [32]}
    )
    assert "has no layer 'fc2'" in verdict({"head.fc": [16, 8]})
    result = search(spec, lambda asked: digits, tmp_path / "out", show=False, save_model=False)
    assert all(record.values["head.fc"] == [16] for record in result.records)
    assert all(record.state != "failed" for record in result.records)


def test_a_file_that_cannot_be_taken_over_is_no_trial(tmp_path, digits):
    """Of a choice among files, those with other layers are left out before any trial."""
    build(load(document()).with_overrides({"head.fc": [8]})).save(tmp_path / "narrow.keras")
    files = [str(tmp_path / name) for name in ("old.keras", "narrow.keras")]
    space = {"train.finetune.weights": {"choice": files}, "train.finetune.freeze": {"choice": ["all", "no_such_stage"]}}
    spec = fine_tuned(tmp_path).with_overrides({"tune.space": space})
    verdict = HyperSpec(spec).constraint_check.verdict
    assert verdict({"train.finetune.weights": files[0], "train.finetune.freeze": "all"}) == ""
    assert "narrow.keras: layer 'fc1' has weights" in verdict({"train.finetune.weights": files[1]})
    assert "no layer or stage is called 'no_such_stage'" in verdict({"train.finetune.freeze": "no_such_stage"})
    result = search(spec, lambda asked: digits, tmp_path / "out", show=False, save_model=False)
    assert {record.values["train.finetune.weights"] for record in result.records} == {files[0]}
    assert {record.state for record in result.records} == {"completed"}


@pytest.mark.parametrize("whole", [False, True])
def test_a_searched_file_that_is_not_there_is_an_error_at_once(tmp_path, whole):
    there, missing = str(tmp_path / "old.keras"), str(tmp_path / "odl.keras")
    space = {"train.finetune.weights": {"choice": [there, missing]}}
    if whole:
        space = {"train.finetune": {"choice": [{"weights": there}, {"weights": missing}]}}
    spec = fine_tuned(tmp_path).with_overrides({"tune.space": space})
    with pytest.raises(
        InputError, match=r"tune\.space\.train\.finetune\S*: there is no such file or folder: .*odl\.keras"
    ):
        HyperSpec(spec)


def test_layers_that_thaw_on_the_way_are_no_part_of_a_search(tmp_path):
    spec = fine_tuned(tmp_path, unfreeze=[{"after": 1, "freeze": "none"}])
    with pytest.raises(InputError, match=r"train\.finetune\.unfreeze: a trial keeps frozen what it begins with"):
        HyperSpec(spec)
    file, stages = str(tmp_path / "old.keras"), [{"after": 1, "freeze": "none"}]
    searched = {"train.finetune": {"choice": [{"weights": file}, {"weights": file, "unfreeze": stages}]}}
    with pytest.raises(InputError, match=r"tune\.space\.train\.finetune: a trial keeps frozen"):
        HyperSpec(fine_tuned(tmp_path).with_overrides({"tune.space": searched}))


def working(tmp_path, digits, limit):
    """A driver whose one worker has a trial, and what it has done of it: two epochs, in 6 s."""
    hyperspec = HyperSpec(load(document({"strategy": "random", "stages": [{"trials": 2, "epochs": 5}]})))
    store = Store(tmp_path)
    store.open()
    oracle = make_oracle(hyperspec, store)
    oracle._set_project_dir(str(tmp_path), "keras_tuner")
    driver = _Driver(oracle, TrialRunner(hyperspec, store, lambda spec: digits), 1, limit, lambda line: None)
    cluster = SimpleNamespace(ray=SimpleNamespace(kill=lambda actor: None))
    driver.pool = WorkerPool(cluster, 1, {}, lambda line: None)
    assert driver.prepare()
    task = driver.again.pop()
    task.begun = task.progress = driver.now
    worker = Worker(
        "worker0",
        Node("0", "here", 1.0, 0.0),
        None,
        None,
        driver.now,
        late=False,
        process=Process(1, "", "", 0),
        task=task,
    )
    driver.pool.workers.append(worker)
    rows = [dict.fromkeys(COLUMNS, 1.5) | {"run": 0, "epoch": epoch, "seconds": 2.5} for epoch in (1, 2)]
    driver._epochs(task, rows)
    driver.now += 6
    return driver, worker, rows


def test_a_trial_over_the_time_limit_keeps_the_epochs_that_are_done_and_its_time(tmp_path, digits):
    driver, worker, rows = working(tmp_path, digits, limit=5.0)
    driver._check_time(worker)
    again = Store(tmp_path)
    again.open()
    record = again.records[worker.task.candidate.key]
    assert (record.state, record.history, record.seconds) == ("failed", rows, pytest.approx(6))
    assert record.reason.endswith(": it ended after 2 epochs")


def test_a_trial_that_ended_its_workers_keeps_the_epochs_of_the_last_attempt(tmp_path, digits):
    driver, worker, rows = working(tmp_path, digits, limit=None)
    worker.task.crashes += ["it died", "it died"]
    driver._lose(worker, Death("it died"))
    record = driver.runner.store.records[worker.task.candidate.key]
    assert (record.state, record.history, record.seconds) == ("failed", rows, pytest.approx(6))


@pytest.mark.parametrize("cpus", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("gpus", [0, 1, 2, 3, 8])
@pytest.mark.parametrize("workers", [1, 2, 3, 5, 6, 7, 13, 40])
def test_ray_can_place_all_workers_of_a_node(cpus, gpus, workers):
    """Ray counts in ten-thousandths, and takes a share of a GPU from one GPU."""
    found = share(float(cpus), float(gpus), workers)
    each = {name: round(10_000 * part) for name, part in found.items()}
    assert all(each[name] == pytest.approx(10_000 * part, abs=1e-6) for name, part in found.items())
    assert each["num_cpus"] * workers <= 10_000 * cpus
    if gpus:
        assert 0 < each["num_gpus"] <= 10_000
        assert gpus * (10_000 // each["num_gpus"]) >= workers
    else:
        assert each["num_gpus"] == 0


def test_shares_of_a_node():
    assert share(8.0, 2.0, 2) == {"num_cpus": 4.0, "num_gpus": 1.0}
    assert share(8.0, 2.0, 3) == {"num_cpus": 2.0, "num_gpus": 0.5}
    assert share(2.0, 1.0, 6) == {"num_cpus": 0.3333, "num_gpus": 0.1666}


def test_trials_of_another_backend_are_told_of(tmp_path, digits, capsys):
    hyperspec, store = (
        HyperSpec(load(document({"strategy": "random", "stages": [{"trials": 2, "epochs": 1}]}))),
        Store(tmp_path),
    )
    runner = TrialRunner(hyperspec, store, lambda spec: digits)
    own, release = runner.versions, runner.versions["convspec"].partition(" ")[0]
    others = [own, own | {"backend": "jax 0.4"}, own | {"convspec": "0.0.1 (source 0)", "backend": "jax 0.4"}, {}]
    others.append(own | {"convspec": f"{release} (source 0)", "backend": own["backend"].partition(" ")[0]})
    for number, versions in enumerate(others):
        store.records[str(number)] = Record(str(number), 1, 1, {}, "completed", score=0.5, versions=versions)
    assert release != "0.0.1"
    view = SearchProgress(runner, make_oracle(hyperspec, store))
    view.start(finished=True)
    view.start()
    told = "2 of another version of convspec and 2 of another backend, which may have trained otherwise"
    assert capsys.readouterr().out.splitlines() == [
        f"the search is finished: 5 trials, {told}; extend=True searches on", f"5 finished trials found, {told}; going on",
    ]  # fmt: skip
