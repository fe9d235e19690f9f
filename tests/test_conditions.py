"""A run or a search goes on only under the conditions that it was begun under: what decides its numbers."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest

import convspec
from convspec.data import Dataset
from convspec.training.conditions import CONDITIONS, conditions, settings, use_settings

NETWORK = {"name": "t", "input": [4, 4, 1], "classes": 3, "body": ["conv3-2"], "head": {"pooling": "avg"}}
RECIPE = {"epochs": 1, "batch_size": 8, "finetune": {"weights": "w.keras", "freeze": "all"}}
TUNE = {"seed": 1, "space": {"train.l2": {"log_uniform": [1e-4, 1e-2]}}, "stages": [{"trials": 1, "epochs": 1}]}
SPEC = {**NETWORK, "train": RECIPE, "tune": TUNE}
LONGER = {"tune.stages": [{"trials": 2, "epochs": 1}]}

SETTINGS = {
    "dtype_policy": (keras.config.set_dtype_policy, "mixed_bfloat16", "float32"),
    "epsilon": (keras.config.set_epsilon, 1e-3, 1e-7),
}


def train(**options):
    return convspec.train(SPEC, images(), out="run", **options)


def tune(**options):
    return convspec.tune(SPEC, images(), out="search", **options)


CALLS = {
    "run.json": [lambda: train(resume=True), lambda: train(resume=True, epochs=2)],
    "search.json": [tune, lambda: tune(extend=True, overrides=LONGER)],
}
PAIRS = [(file, call) for file, calls in CALLS.items() for call in calls]
IDS = ["resumed", "for more epochs", "repeated", "extended"]


def images():
    x = np.random.default_rng(0).integers(0, 200, (12, 4, 4, 1)).astype(np.uint8)
    return Dataset("noise", x, np.arange(12) % 3, x[:6].copy(), np.arange(6) % 3)


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A run and a search that start from the same weights."""
    folder = tmp_path_factory.mktemp("begun")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        convspec.build(NETWORK, out="w.keras")
        train()
        tune()
    return folder


@pytest.fixture
def folder(begun, tmp_path, monkeypatch):
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def path_of(file):
    return Path("run" if file == "run.json" else "search", file)


@pytest.mark.parametrize("file", CALLS)
def test_the_conditions_are_on_record(folder, file):
    written = json.loads(path_of(file).read_text())
    assert {name: written[name] for name in CONDITIONS} == conditions(["w.keras"])


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(("file", "call"), PAIRS, ids=IDS)
def test_nothing_goes_on_under_another_setting_of_keras(folder, file, call, setting):
    change, other, own = SETTINGS[setting]
    before = path_of(file).read_text()
    change(other)
    try:
        with pytest.raises(
            convspec.InputError, match=rf"holds another .*[:;] {setting} was .?{own}.? and is .?{other}"
        ):
            call()
    finally:
        change(own)
    assert path_of(file).read_text() == before


@pytest.mark.parametrize("file", CALLS)
@pytest.mark.parametrize(("name", "value"), [("backend", "jax"), ("floatx", "float64"), ("image_data_format", "x")])
def test_each_recorded_setting_is_compared(folder, file, name, value):
    path = path_of(file)
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    with pytest.raises(convspec.InputError, match=rf"holds another .*[:;] {name} was .{value}. and is "):
        CALLS[file][0]()


@pytest.mark.parametrize(("file", "call"), PAIRS, ids=IDS)
def test_nothing_goes_on_from_other_weights_at_the_same_place(folder, file, call):
    convspec.build(NETWORK, out="w.keras", overwrite=True)  # samples others
    with pytest.raises(convspec.InputError, match=r"holds another .*[:;] weights.w.keras was .sha256:"):
        call()


def test_a_finished_member_of_an_ensemble_does_not_stand_for_other_weights(folder):
    convspec.train(SPEC, images(), out="both", ensemble=2)
    convspec.build(NETWORK, out="w.keras", overwrite=True)
    with pytest.raises(convspec.InputError, match=r"member_1: holds another run: weights.w.keras was .sha256:"):
        convspec.train(SPEC, images(), out="both", ensemble=2, resume=True)


def test_the_same_weights_saved_again_are_the_same(folder):
    keras.models.load_model("w.keras").save("again.keras")
    assert Path("again.keras").read_bytes() != Path("w.keras").read_bytes()
    Path("again.keras").replace("w.keras")
    assert len(train(resume=True).history) == 1
    assert {record.stage for record in tune().records} == {0, 1}


def test_a_recipe_decides_its_own_numbers(folder):
    recipe = convspec.load(SPEC, overrides={"train.mixed_precision": "bfloat16"}).train
    assert conditions([], recipe)["dtype_policy"] == "mixed_bfloat16"


@pytest.mark.parametrize("file", CALLS)
def test_a_file_without_the_record_is_taken_as_it_is(folder, file):
    """As an earlier version wrote it."""
    path = path_of(file)
    content = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in content.items() if name not in CONDITIONS}))
    convspec.build(NETWORK, out="w.keras", overwrite=True)
    for call in CALLS[file]:
        call()


def test_weights_of_every_form_are_known_by_their_contents(folder):
    model = keras.models.load_model("w.keras")
    model.save_weights("w.weights.h5")
    Path("other").write_text("no weights")
    Path("alone").mkdir()
    Path("alone", "best.keras").write_bytes(Path("w.keras").read_bytes())
    names = ["w.keras", "w.weights.h5", "other", "alone", "run", "missing", "imagenet", "imagenet:vgg16"]
    found = conditions(names)["weights"]
    assert set(found) == {"w.keras", "w.weights.h5", "other", "alone", "run"}
    assert found["alone"] == found["w.keras"] == found["w.weights.h5"]
    assert len(set(found.values())) == 3


def test_a_search_records_all_weights_that_its_trials_may_start_from(folder):
    from convspec.tuning.inherited_weights import weights_of

    for space, expected in (
        ({"train.finetune.weights": {"choice": ["w.keras", "run"]}}, {"w.keras", "run"}),
        ({"train.finetune": {"choice": [None, {"weights": "run", "freeze": "all"}]}}, {"w.keras", "run"}),
    ):
        spec = convspec.load({**SPEC, "tune": {**TUNE, "space": space}})
        assert weights_of(spec, spec.tune) == expected


def test_a_worker_trains_under_the_settings_of_its_search_in_each_of_its_threads(monkeypatch):
    """Keras keeps the dtype policy of each thread apart, and Ray calls a worker's methods in several."""
    from convspec.tuning import worker

    monkeypatch.setattr(worker, "note_exits", lambda: None)
    monkeypatch.setattr(worker, "attempt", lambda *_, **__: keras.config.dtype_policy().name)
    spec = convspec.load({**SPEC, "tune": TUNE})
    one = worker.TrialWorker(spec.to_dict(), {**settings(), "dtype_policy": "mixed_bfloat16"})
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(one.run, 1, None, 1, {}, None, None).result() == "mixed_bfloat16"
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("name", ["x" * 300 + ".keras", "~nobody-of-this-name/x.keras", "secret.keras"])
def test_weights_that_cannot_be_read_are_left_to_who_takes_them_over(folder, name, monkeypatch):
    Path("secret.keras").write_bytes(b"weights")
    opened = Path.open

    def denied(path, *arguments, **options):
        if path.name == "secret.keras":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", denied)
    assert conditions([name])["weights"] == {}


def test_the_workers_of_a_search_compute_as_it_does():
    keras.config.set_dtype_policy("mixed_bfloat16")
    keras.config.set_epsilon(1e-3)
    here = settings()
    try:
        keras.config.set_dtype_policy("float32")
        keras.config.set_epsilon(1e-7)
        use_settings(here)
        assert settings() == here
        assert (keras.config.dtype_policy().name, keras.config.epsilon()) == ("mixed_bfloat16", 1e-3)
    finally:
        keras.config.set_dtype_policy("float32")
        keras.config.set_epsilon(1e-7)
