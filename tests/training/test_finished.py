"""A run that has ended: repeated, its files damaged or missing, and taken for what it is."""

import json
import math
import shutil
from pathlib import Path

import pytest

import convspec
from convspec.api.sanity import sanity
from convspec.language import InputError
from convspec.training.first_weights import new_model
from convspec.training.result import read_result
from convspec.training.run_folder import open_run
from convspec.training.sanity_checks import sanity_checks
from convspec.training.train import describe_network

SPEC = {
    "name": "tiny", "input": [8, 8, 1], "classes": 2, "body": ["conv3-4"],
    "train": {"epochs": 1, "batch_size": 8},
}  # fmt: skip
ENDS = ("model.keras", "curves.png", "result.json", "history.json")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def spoil(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "cut off":
        path.write_bytes(content[: len(content) // 2])
    else:
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :])


@pytest.fixture(scope="module")
def ended(shapes, tmp_path_factory):
    """An ensemble whose members have ended."""
    out = tmp_path_factory.mktemp("ended") / "run"
    results = convspec.train(SPEC, shapes, out=out, ensemble=2)
    return out, results


@pytest.mark.parametrize("how", ["missing", "cut off", "changed"])
@pytest.mark.parametrize("name", ENDS)
def test_a_damaged_end_is_none(ended, tmp_path, name, how):
    out, (whole, _) = ended
    folder = tmp_path / "run"
    shutil.copytree(out / "member_1", folder)
    found = read_result(folder)
    assert found is not None
    assert (found.history, found.val_loss, found.test_loss) == (whole.history, whole.val_loss, None)
    spoil(folder / name, how)
    assert read_result(folder) is None


@pytest.mark.parametrize(("name", "how"), list(zip(ENDS, ["changed", "cut off", "missing", "cut off"], strict=True)))
def test_what_a_finished_run_lost_is_made_again_and_nothing_else_changes(ended, shapes, tmp_path, name, how):
    out, (_, whole) = ended
    folder = tmp_path / "member_2"
    shutil.copytree(out / "member_2", folder)
    before = contents(folder)
    spoil(folder / name, how)
    overrides = {"train.seed": 2}
    found = convspec.train(SPEC, shapes, out=folder, resume=True, overrides=overrides)
    after = contents(folder)
    changed = {file for file, content in before.items() if after[file] != content}
    assert changed <= {"model.keras", "result.json"} & {name}, "a file that was whole is another one now"
    assert found.val_loss == whole.val_loss
    assert convspec.evaluate(folder, shapes).accuracy == found.val_accuracy
    if name != "result.json":  # which alone says how long the run took
        assert found.seconds == json.loads((out / "member_2" / "result.json").read_text())["seconds"]


@pytest.mark.parametrize(("name", "how"), list(zip(ENDS, ["missing", "changed", "cut off", "missing"], strict=True)))
def test_a_member_that_lost_a_file_is_made_whole(ended, shapes, tmp_path, name, how):
    out, results = ended
    folder = tmp_path / "run"
    shutil.copytree(out, folder)
    spoil(folder / "member_2" / name, how)
    found = convspec.train(SPEC, shapes, out=folder, ensemble=2, resume=True)
    assert [one.val_loss for one in found] == [one.val_loss for one in results]
    assert contents(folder).keys() == contents(out).keys()
    assert convspec.evaluate(folder, shapes).images == 20


def test_a_member_that_was_to_go_on_is_not_taken_for_finished(ended, shapes, tmp_path):
    out, _ = ended
    folder = tmp_path / "run"
    shutil.copytree(out, folder)
    run = folder / "member_2" / "run.json"  # as a process leaves it that is killed right after it was asked for more
    longer = convspec.load(SPEC, overrides={"train.seed": 2, "train.epochs": 2})
    content = json.loads(run.read_text())
    content["recipe"]["epochs"], content["fingerprint"] = 2, longer.fingerprint
    run.write_text(json.dumps(content))
    found = convspec.train(SPEC, shapes, out=folder, ensemble=2, epochs=2, resume=True)
    assert [len(one.history) for one in found] == [2, 2]
    assert all(one.seconds >= sum(row["seconds"] for row in one.history) for one in found)


def test_a_loss_that_is_no_number_is_read_as_it_was_written(ended, tmp_path):
    out, _ = ended
    folder = tmp_path / "run"
    shutil.copytree(out / "member_1", folder)
    path = folder / "result.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"val_loss": None}))
    found = read_result(folder)
    assert found is not None
    assert math.isnan(found.val_loss)
    assert (found.test_loss, found.test_accuracy) == (None, None)


def test_a_sanity_check_looks_at_the_weights_that_training_begins_with(shapes):
    spec = convspec.load(SPEC)
    wanted, asked = (
        next(line.value for line in lines if line.name == "first loss")
        for lines in (sanity_checks(new_model(spec), spec.train, shapes), sanity(spec, shapes))
    )
    assert asked == wanted


def test_a_part_that_gives_not_one_batch_to_several_devices_is_an_error(monkeypatch, shapes):
    monkeypatch.setattr("convspec.training.train.devices_in_use", lambda: 40)
    with pytest.raises(
        InputError, match=r"devices=40: JAX .* there are 20 validation images\n  use at most 20 devices"
    ):
        convspec.train(SPEC, shapes, batch_size=40)


def unreadable_data(asked):
    """In the place of reading images."""
    raise AssertionError("the data were read")


@pytest.mark.parametrize(
    ("options", "file", "message"),
    [
        ({}, "run.json", "holds a run already"),
        ({}, "search.json", r"holds another kind of result \(search: search.json\), where this is for a run"),
        ({}, "model.keras", r"holds files of an earlier run \(model.keras\), but no run.json"),
        ({"resume": True}, "trials.csv", r"holds files of an earlier run \(trials.csv\)"),
        ({"ensemble": 2}, "run.json", "where this is for an ensemble"),
        ({"ensemble": 2}, "member_2/run.json", "holds a run already"),
        ({"ensemble": 2, "resume": True}, "member_2/model.keras", "holds files of an earlier run"),
    ],
    ids=str,
)
def test_a_used_folder_is_refused_before_the_data_are_read(monkeypatch, tmp_path, options, file, message):
    monkeypatch.setattr("convspec.data.load_data", unreadable_data)
    path = tmp_path / "run" / file
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    with pytest.raises(InputError, match=message):
        convspec.train(SPEC, "digits", out=tmp_path / "run", **options)


@pytest.mark.parametrize("file", ["run.json", "model.keras", "trials.csv"])
def test_a_search_refuses_such_a_folder_as_soon(monkeypatch, tmp_path, file):
    monkeypatch.setattr("convspec.data.load_data", unreadable_data)
    (tmp_path / file).write_text("{}")
    tune = {"space": {"train.l2": {"choice": [0.0, 0.1]}}, "stages": [{"trials": 1, "epochs": 1}]}
    with pytest.raises(InputError, match=r"holds (another kind of result|files of an earlier run)"):
        convspec.tune(SPEC | {"tune": tune}, "digits", out=tmp_path)


def test_a_run_goes_on_with_the_backend_that_began_it(ended, shapes, tmp_path):
    out, _ = ended
    folder = tmp_path / "run"
    shutil.copytree(out / "member_1", folder)
    path = folder / "run.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"backend": "jax"}))
    with pytest.raises(InputError, match="holds another run: backend was 'jax' and is 'tensorflow'"):
        convspec.train(SPEC, shapes, out=folder, resume=True)
    del content["backend"]  # as an earlier version wrote it
    path.write_text(json.dumps(content))
    spec = convspec.load(SPEC)
    assert open_run(folder, spec.train, shapes, describe_network(spec), resume=True) == spec.train


def test_an_ensemble_is_no_source_of_weights(ended, shapes):
    out, _ = ended
    with pytest.raises(InputError) as raised:
        convspec.train(SPEC, shapes, finetune=str(out))
    assert str(raised.value).startswith(f"{out}: is an ensemble; weights come from one network\n")
    assert f"such as {out / 'member_1'}" in str(raised.value)
