"""Damaged and forged `.keras` and checkpoint files: each is an error that names the file, and takes no memory."""

import json
import zipfile

import h5py
import keras
import numpy as np
import pytest

from convspec.data.pixels import BYTES
from convspec.data.preprocessing import Normalizer
from convspec.language.diagnostics import InputError
from convspec.training.checkpoint import epochs_done, load_checkpoint, save_checkpoint
from convspec.training.predictor import load_model, load_predictor
from convspec.training.saving import ENTRY, Inputs, read_inputs, save_trained

ROW = {"learning_rate": 0.1, "seconds": 1.5, "accuracy": 0.5, "val_loss": 2.0, "val_accuracy": 0.25}

STATE = {
    "rate": {"drops": 0, "best": float("inf"), "waited": 0},
    "stopping": {"best": float("nan"), "best_epoch": 0, "stopped_epoch": 0},
    "history": [{"epoch": 1, "loss": 2.5, **ROW}, {"epoch": 2, "loss": float("nan"), **ROW}],
}


@pytest.fixture(scope="module")
def model():
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
    model.compile("adam", "categorical_crossentropy")
    return model


@pytest.fixture
def file(model, tmp_path):
    normalizer = Normalizer(255.0, np.zeros(1, np.float32), np.ones(1, np.float32), False, BYTES)
    save_trained(model, tmp_path / "m.keras", Inputs(("a", "b"), normalizer, "none", 0.1, 1))
    return tmp_path / "m.keras"


def rewrite(path, **entries):
    """The archive with some of its entries replaced, or left out where there is nothing."""
    with zipfile.ZipFile(path) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    found |= {name.replace("__", "."): content for name, content in entries.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in found.items():
            if content is not None:
                archive.writestr(name, content)


def changed(path, change):
    with zipfile.ZipFile(path) as archive:
        data = json.loads(archive.read(ENTRY))
    change(data)
    rewrite(path, convspec_training__json=json.dumps(data))


def message(call, *args):
    with pytest.raises(InputError) as raised:
        call(*args)
    return str(raised.value)


def test_a_whole_file_is_read(file):
    assert load_predictor(file).class_names == ("a", "b")


CHANGES = {
    "no classes": (lambda data: data.update(class_names=[]), "class_names: says in convspec_training.json what cannot be: List should have at least 1 item"),
    "numbers for names": (lambda data: data.update(class_names=[1, 2]), "class_names.0: says in convspec_training.json what cannot be: Input should be a valid string"),
    "one name twice": (lambda data: data.update(class_names=["a", "a"]), "two classes have one name"),
    "too many classes": (lambda data: data.update(class_names=["a", "b", "c"]), "names 3 classes, but its network ends in 2 values"),
    "no normalizer": (lambda data: data.pop("normalizer"), "normalizer: says in convspec_training.json what cannot be: Field required"),
    "a divisor of 0": (lambda data: data["normalizer"].update(divisor=0), "normalizer.divisor: says in convspec_training.json what cannot be: Input should be greater than 0"),
    "a mean of NaN": (lambda data: data["normalizer"].update(mean=[float("nan")]), "Input should be a finite number"),
    "a mean that is a text": (lambda data: data["normalizer"].update(mean="many"), "Input should be a valid array"),
    "a mean of other channels": (lambda data: data["normalizer"].update(mean=[0.1, 0.2]), "a mean of shape [2] does not fit 1 deviations"),
    "a ragged mean": (lambda data: data["normalizer"].update(mean=[[[0.1]], [[0.1], [0.2]]]), "does not fit 1 deviations"),
    "three channels": (lambda data: data["normalizer"].update(mean=[0, 0, 0], deviation=[1, 1, 1]), "prepares images of 3 channels, but its network reads 1"),
    "a range from white to black": (lambda data: data["normalizer"].update(pixel_range=[1, 0]), "from a number up to a larger one, not from 1 to 0"),
    "an unknown resize": (lambda data: data.update(resize="squeeze"), "resize: says in convspec_training.json what cannot be: Input should be 'none'"),
    "a split of all": (lambda data: data.update(validation_split=1.5), "validation_split: says"),
    "a text for a split": (lambda data: data.update(validation_split="0.1"), "validation_split: says in convspec_training.json what cannot be: Input should be a valid number"),
    "a text for a seed": (lambda data: data.update(seed="7"), "seed: says in convspec_training.json what cannot be: Input should be a valid integer"),
    "a text for a divisor": (lambda data: data["normalizer"].update(divisor="255"), "normalizer.divisor: says in convspec_training.json what cannot be: Input should be a valid number"),
    "a word for a truth": (lambda data: data["normalizer"].update(reverse="yes"), "normalizer.reverse: says"),
    "a text in the mean": (lambda data: data["normalizer"].update(mean=["0"]), "Input should be a valid number"),
    "a seed below 0": (lambda data: data.update(seed=-1), "seed: says"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_file_says_of_its_images_and_classes_is_checked(file, name):
    change, told = CHANGES[name]
    changed(file, change)
    found = message(load_predictor, file)
    assert told in found
    assert all(line.startswith((str(file), "  ")) for line in found.splitlines())


ENTRIES = {
    "no JSON": (b"{", "says in convspec_training.json what cannot be: Invalid JSON: EOF"),
    "a list": (b"[]", "Input should be an object"),
    "no UTF-8": (b"\xff\xfe\xff", "says in convspec_training.json what cannot be: "),
    "deep brackets": (b"[" * 100_000, "says in convspec_training.json what cannot be: "),
    "nothing": (None, "was not trained by convspec"),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_that_is_something_else(file, name):
    content, told = ENTRIES[name]
    rewrite(file, convspec_training__json=content)
    assert told in message(read_inputs, file)


def test_archives_made_to_fill_the_memory(file):
    rewrite(file, config__json=bytes(2**29))
    for load in (load_predictor, load_model):
        assert "more than 200 times its size" in message(load, file)
    rewrite(file, config__json=b"{}", convspec_training__json=bytes(2**27))
    assert "has more than 67,108,864 bytes in convspec_training.json" in message(load_predictor, file)


@pytest.mark.parametrize("entry", ["config__json", "model__weights__h5"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"\0" * 100], ids=["none", "empty", "braces", "zeros"])
def test_what_keras_cannot_load_is_one_sentence(file, entry, content):
    rewrite(file, **{entry: content})
    found = message(load_predictor, file)
    assert found.startswith(f"{file}: Keras cannot load it: ")
    assert len(found.splitlines()) == 1


def test_weights_of_a_shape_that_no_memory_holds(file, tmp_path):
    """HDF5 may declare a dataset of any size that takes no room in the file."""
    with zipfile.ZipFile(file) as archive:
        (tmp_path / "w.h5").write_bytes(archive.read("model.weights.h5"))
    with h5py.File(tmp_path / "w.h5", "a") as weights:
        names = []
        weights.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        for name in names:
            del weights[name]
            weights.create_dataset(name, (10**6, 10**6), "f4", chunks=(1000, 1000))
    rewrite(file, model__weights__h5=(tmp_path / "w.h5").read_bytes())
    assert "Keras cannot load it: " in message(load_predictor, file)


def test_code_in_a_network_is_not_run(file, tmp_path, model):
    lambda_ = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Lambda(lambda x: x)])
    lambda_.save(tmp_path / "lambda.keras")
    with zipfile.ZipFile(tmp_path / "lambda.keras") as archive:
        rewrite(file, config__json=archive.read("config.json"))
    assert "Keras cannot load it: " in message(load_predictor, file)


# checkpoints


@pytest.fixture
def checkpoint(model, tmp_path):
    save_checkpoint(tmp_path / "checkpoint.npz", model, STATE)
    return tmp_path / "checkpoint.npz"


def replaced(path, **arrays):
    with np.load(path) as archive:
        found = {name: archive[name] for name in archive.files} | arrays
    np.savez(path, **{name: array for name, array in found.items() if array is not None})


def state(change):
    data = json.loads(json.dumps(STATE))
    change(data)
    return np.frombuffer(json.dumps(data).encode(), np.uint8)


def test_a_whole_checkpoint_is_read(checkpoint, model):
    assert epochs_done(checkpoint) == 2
    assert json.dumps(load_checkpoint(checkpoint, model), sort_keys=True) == json.dumps(STATE, sort_keys=True)


STATES = {
    "no history": (lambda data: data.pop("history"), "history: is not a checkpoint: Field required"),
    "a history of texts": (lambda data: data.update(history=["many"]), "history.0: is not a checkpoint: Input should be an object"),
    "a row twice": (lambda data: data["history"].append(data["history"][1]), "the rows are not those of epochs 1, 2, ..."),
    "a row without a loss": (lambda data: data["history"][1].pop("loss"), "history.1: is not a checkpoint: has no loss"),
    "an epoch in the middle": (lambda data: data["history"].pop(0), "the rows are not those of epochs 1, 2, ..."),
    "no rate": (lambda data: data.pop("rate"), "rate: is not a checkpoint: Field required"),
    "drops below 0": (lambda data: data["rate"].update(drops=-1), "rate.drops: is not a checkpoint: Input should be greater than or equal to 0"),
    "a number as a text": (lambda data: data["stopping"].update(best_epoch="3"), "stopping.best_epoch: is not a checkpoint: Input should be a valid integer"),
    "a rate as a text": (lambda data: data["rate"].update(best="0.5"), "rate.best: is not a checkpoint: Input should be a valid number"),
    "a loss as a text": (lambda data: data["history"][0].update(loss="0.5"), "history.0.loss.int: is not a checkpoint: Input should be a valid integer"),
    "a text for a number": (lambda data: data["stopping"].update(best_epoch="many"), "stopping.best_epoch: is not a checkpoint: Input should be a valid integer"),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_the_state_of_a_checkpoint_is_checked(checkpoint, model, name):
    change, told = STATES[name]
    replaced(checkpoint, state=state(change))
    for call in (epochs_done, lambda path: load_checkpoint(path, model)):
        assert told in message(call, checkpoint)


def test_the_arrays_of_a_checkpoint_are_checked(checkpoint, model):
    weights = [np.array(weight) for weight in model.get_weights()]
    load = lambda path: load_checkpoint(path, model)  # noqa: E731
    whole = checkpoint.read_bytes()
    for change in ({"000000": np.zeros((3, 3))}, {"000000": None}, {"000000": np.full(weights[0].shape, "a")}):
        checkpoint.write_bytes(whole)
        replaced(checkpoint, **change)
        assert "arrays that do not fit the " in message(load, checkpoint)
    replaced(checkpoint, state=None)
    assert message(load, checkpoint).endswith("is not a checkpoint: it has no array called 'state'")
    checkpoint.write_bytes(whole[: len(whole) // 2])
    assert "is not a NumPy archive of plain arrays: " in message(load, checkpoint)
    checkpoint.write_bytes(b"")
    assert "is not a NumPy archive of plain arrays: " in message(load, checkpoint)
    np.savez(checkpoint, state=np.array([{}], object))
    assert "holds Python objects, which could be any code" in message(load, checkpoint)
    assert all(np.array_equal(one, other) for one, other in zip(model.get_weights(), weights, strict=True))
