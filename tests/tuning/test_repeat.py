"""A search that is repeated changes nothing; one that was interrupted ends as one that was not; numbers stay."""

import csv

import pytest
import yaml

from convspec import InputError, load
from convspec.cli import main
from convspec.tuning import search
from convspec.tuning.store import Store

from .specs import document
from .test_search import run, table

SPACE = {
    "head.fc": {"choice": [[8], [8, 8]]},
    "head.dropout": {"uniform": [0.1, 0.5], "when": {"head.fc": [[8, 8]]}},
    "train.optimizer.learning_rate": {"log_uniform": [1.0e-3, 0.3]},
}
TUNE = {
    "space": SPACE,
    "folds": 2,
    "pruning": {"after": 1, "startup": 2},
    "stages": [{"trials": 4, "epochs": 2}, {"trials": 2, "epochs": 2, "narrow_to": 2}],
}


def files(folder):
    """The content of every file but the lock, which says what process had it last."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def epochs(folder):
    """`history.csv` without seconds."""
    with (folder / "history.csv").open(encoding="utf-8") as file:
        return [{name: row[name] for name in row if name != "seconds"} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory, digits):
    folder = tmp_path_factory.mktemp("whole")
    return run(folder, digits, TUNE, save_model=True)


class Kill(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("writes", [3, 9, 14])
def test_an_interrupted_search_ends_as_one_that_was_not(whole, digits, tmp_path, monkeypatch, writes):
    left, put = [writes], Store.put

    def killed(store, record):
        left[0] -= 1
        if left[0] < 0:
            raise Kill
        put(store, record)

    monkeypatch.setattr(Store, "put", killed)
    with pytest.raises(Kill):
        run(tmp_path, digits, TUNE)
    monkeypatch.setattr(Store, "put", put)
    result = run(tmp_path, digits, TUNE, save_model=True)
    assert table(tmp_path) == table(whole.folder)
    assert epochs(tmp_path) == epochs(whole.folder)
    assert (tmp_path / "best.yaml").read_bytes() == (whole.folder / "best.yaml").read_bytes()
    assert result.best.values == whole.best.values
    assert {record.values["head.fc"] == [8] for record in result.records if record.stage} == {True, False}


def test_a_finished_command_that_is_repeated_leaves_every_byte(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    stages = [{"trials": 3, "epochs": 1}, {"trials": 1, "epochs": 1}]
    tune = {"space": SPACE, "stages": stages}
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(document(tune), sort_keys=False))
    command = ["tune", "tiny.yaml", "--data", "digits", "--out", "out"]
    assert main(command) == 0
    best = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("best: "))
    before = files(tmp_path / "out")
    assert main(command) == 0
    assert files(tmp_path / "out") == before
    repeated = capsys.readouterr().out.splitlines()
    assert best in repeated
    assert "the search is finished: 5 trials; --extend or --widen searches on" in repeated
    assert not [line for line in repeated if "going on" in line or line.startswith("0000")]
    rows = {row["trial"]: row for row in table(tmp_path / "out")}
    number = best.split()[2]
    assert f"{float(rows[number]['score']):.4f}" == best.split()[3]
    assert load(tmp_path / "out" / "best.yaml").source["head"]["fc"] == yaml.safe_load(rows[number]["head.fc"])


@pytest.mark.parametrize("strategy", ["random", "bayesian", "hyperband"])
def test_a_finished_search_of_keras_tuner_that_is_repeated_leaves_every_byte(strategy, digits, tmp_path):
    tune = {"space": SPACE, "strategy": strategy, "stages": [{"trials": 3, "epochs": 2}]}
    first = run(tmp_path, digits, tune, save_model=True)
    before = files(tmp_path)
    again = run(tmp_path, digits, tune, save_model=True)
    assert files(tmp_path) == before
    assert again.records == first.records
    assert again.seconds == max(record.finished for record in first.records)  # not those of a look into the folder


def test_extending_keeps_columns_and_numbers(digits, tmp_path, capsys):
    """A field leaves the space, another joins it: what an earlier trial had is still told, under the same number."""
    rate = {"train.optimizer.learning_rate": SPACE["train.optimizer.learning_rate"]}
    first = run(tmp_path, digits, {"space": {"head.dropout": {"uniform": [0.1, 0.5]}, **rate}, "stages": [STAGE]})
    numbers = {record.key: record.trial for record in first.records}
    assert sorted(numbers.values()) == list(range(4))
    space = {**rate, "train.l2": {"log_uniform": [1.0e-6, 1.0e-2]}}
    second = run(tmp_path, digits, {"space": space, "stages": [{"trials": 3, "epochs": 1}]}, extend=True)
    rows = {row["trial"]: row for row in table(tmp_path)}
    assert list(rows) == [f"{number:04d}" for number in range(7)]
    assert {record.key: record.trial for record in second.records if record.key in numbers} == numbers
    for record in first.records:
        row = rows[f"{record.trial:04d}"]
        assert float(row["head.dropout"]) == record.values["head.dropout"]
        assert row["train.l2"] == ""
    kept = Store(tmp_path)
    kept.read()
    assert {f"{record.trial:04d}": record.score for record in kept.records.values()} == {
        number: float(row["score"]) if row["score"] else None for number, row in rows.items()
    }
    assert main(["tune", "--show", str(tmp_path)]) == 0
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert shown[0] == ["rank", "trial", "stage", "dropout", "lr", "l2", "epochs", "val_accuracy", "state"]
    assert sorted(line[1] for line in shown[1:8]) == list(rows)
    from convspec.reports.search import read_search

    assert {trial.name for trial in read_search(tmp_path).trials if "head.dropout" in trial.values} == {
        f"{record.trial:04d}" for record in first.records
    }


STAGE = {"trials": 3, "epochs": 1}


def test_the_best_trial_of_a_space_that_was_left_is_written_as_it_was(digits, tmp_path):
    """Its momentum belonged to a condition that the space no longer has."""
    space = {
        "train.optimizer.name": {"choice": ["adam", "adamw"]},
        "train.optimizer.momentum": {"uniform": [0.1, 0.2], "when": {"train.optimizer.name": "sgd"}},
    }
    space["train.optimizer.name"]["choice"].append("sgd")
    spec = document({"space": space, "stages": [STAGE]})
    spec["train"]["optimizer"]["learning_rate"] = 1.0e-3
    first = search(load(spec), lambda asked: digits, tmp_path, show=False)
    assert first.best.stage == 1
    spec["tune"] = {"space": {"train.l2": {"log_uniform": [0.5, 0.9]}}, "stages": [{"trials": 1, "epochs": 1}]}
    second = search(load(spec), lambda asked: digits, tmp_path, show=False, extend=True)
    assert second.best.key == first.best.key
    assert load(tmp_path / "best.yaml").fingerprint == first.best.key


def test_a_trial_whose_spec_was_changed_is_not_written_as_the_best(digits, tmp_path):
    result = run(tmp_path, digits, {"stages": [{"trials": 1, "epochs": 1}]})
    path = tmp_path / "trials" / f"{result.best.key}.json"
    path.write_text(path.read_text().replace("filters: 8", "filters: 4"))
    with pytest.raises(InputError, match=r"but its spec is .*\n  the file was changed: delete trials/"):
        run(tmp_path, digits, {"stages": [{"trials": 1, "epochs": 1}]}, save_model=True)
