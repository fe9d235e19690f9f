"""Pixels that are too many for the memory stay on the disk, and give the same images, splits and networks."""

import json
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from convspec.cli import main
from convspec.data import large_arrays, load_data, npz
from convspec.data.large_arrays import Selection, is_mapped, join, select
from convspec.data.splits import split_folds
from convspec.language.recipe import Recipe
from convspec.tuning.data_cache import DataCache

X = np.random.default_rng(0).integers(0, 256, (60, 6, 5, 3), np.uint8)
Y = np.arange(60) % 3


@pytest.fixture
def small_memory(monkeypatch):
    """Arrays of 1,000 bytes are large."""
    for module in (npz, large_arrays):
        monkeypatch.setattr(module, "IN_MEMORY", 1000)


def saved(folder):
    """The same images in each form that can hold many of them."""
    np.savez(folder / "stored.npz", x=X, y=Y)
    np.savez_compressed(folder / "packed.npz", x=X, y=Y)
    np.savez(folder / "fortran.npz", x=np.asfortranarray(X), y=Y)
    for number, (image, label) in enumerate(zip(X, Y, strict=True)):
        path = folder / "images" / str(label) / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return [folder / name for name in ("stored.npz", "packed.npz", "fortran.npz", "images")]


def test_images_on_the_disk_are_those_that_would_be_in_memory(tmp_path, monkeypatch):
    places = saved(tmp_path)
    expected = [load_data(place, validation_split=0.2) for place in places]
    assert not any(is_mapped(data.x_train) for data in expected)
    for module in (npz, large_arrays):
        monkeypatch.setattr(module, "IN_MEMORY", 1000)
    for place, one in zip(places, expected, strict=True):
        data = load_data(place, validation_split=0.2)
        assert isinstance(data.x_train, Selection), place
        assert is_mapped(data.x_train.array)
        assert is_mapped(data.x_val.array)
        assert data.fingerprint == one.fingerprint
        assert np.array_equal(data.x_train, one.x_train)
        assert np.array_equal(data.x_val, one.x_val)


def test_images_stay_in_memory_up_to_the_size_that_the_page_says():
    page = (Path(__file__).parents[2] / "docs" / "training.md").read_text("utf-8")
    assert f"From {large_arrays.IN_MEMORY / 2**30:g} GiB on they stay on the disk" in page


def test_a_selection_is_read_like_an_array():
    rows = np.array([5, 1, 40, 7])
    selection, expected = Selection(X, rows), X[rows]
    assert (selection.shape, selection.dtype, selection.ndim, len(selection)) == ((4, 6, 5, 3), X.dtype, 4, 4)
    for key in (0, -1, slice(1, 3), [2, 0], np.array([True, False, True, False]), (slice(None), 2), (1, ..., 0), ...):
        assert np.array_equal(selection[key], expected[key])
    assert all(np.array_equal(one, other) for one, other in zip(selection, expected, strict=True))
    assert np.array_equal(select(selection, np.array([3, 0])), expected[[3, 0]])
    assert isinstance(join(selection, selection), Selection)
    assert np.array_equal(join(selection, selection), np.concatenate([expected, expected]))
    assert np.array_equal(join(selection, X), np.concatenate([expected, X]))


def test_folds_of_images_on_the_disk(tmp_path, small_memory):
    data = load_data(saved(tmp_path)[0], validation_split=0.2)
    folds = split_folds(data, 3)
    assert all(isinstance(fold.x_train, Selection) for fold in folds)
    assert sorted(bytes(image) for fold in folds for image in fold.x_val) == sorted(map(bytes, X))


SPEC = """
name: tiny
input: [6, 5, 3]
classes: 3
body: [conv3-4]
head: {pooling: avg}
train: {epochs: 2, batch_size: 16, augmentation: {flip: horizontal}}
tune:
  folds: 2
  space: {train.optimizer.learning_rate: {log_uniform: [1.0e-4, 1.0e-2]}}
  stages: [{trials: 1, epochs: 1}]
"""


def trials(folder):
    """Values, scores and histories, without the seconds."""
    found = [json.loads(path.read_text()) for path in sorted((folder / "trials").glob("*.json"))]
    return [(trial["values"], trial["score"], [{**row, "seconds": 0} for row in trial["history"]]) for trial in found]


def test_a_search_copies_no_pixels_that_lie_on_the_disk(tmp_path, small_memory):
    """Neither as tensors nor as constants of a graph."""
    import tensorflow as tf

    from convspec.tuning.graph_epochs import take, tensors_of

    data, recipe = load_data(saved(tmp_path)[0], validation_split=0.2), Recipe(batch_size=7)
    model = keras.Sequential([keras.Input((6, 5, 3)), keras.layers.Flatten(), keras.layers.Dense(3)])
    for feed in DataCache(data).prepared(model, recipe, 0):
        assert feed.mapped
        assert tensors_of(feed)[0].shape == (0,)
        taken = tf.function(partial(take, feed, tf.zeros(0)), autograph=False)
        places = tf.constant([3, 0, 3], tf.int64)
        assert np.array_equal(taken(places).numpy(), feed.pipeline.x[[3, 0, 3]])
        graph = taken.get_concrete_function(places).graph.as_graph_def()
        assert graph.ByteSize() < 2000 < X[:48].nbytes


def test_networks_train_and_are_searched_and_scored_on_images_on_the_disk(tmp_path, small_memory, monkeypatch, capsys):
    saved(tmp_path)
    (tmp_path / "tiny.yaml").write_text(SPEC)
    spec, data = str(tmp_path / "tiny.yaml"), str(tmp_path / "stored.npz")
    assert main(["train", spec, "--data", data, "--out", str(tmp_path / "mapped")]) == 0
    assert main(["evaluate", str(tmp_path / "mapped"), "--data", data]) == 0
    assert main(["check", spec, "--data", data]) in (0, 1)
    assert main(["tune", spec, "--data", data, "--out", str(tmp_path / "search")]) == 0
    for module in (npz, large_arrays):
        monkeypatch.setattr(module, "IN_MEMORY", 10**9)
    assert main(["tune", spec, "--data", data, "--out", str(tmp_path / "in_memory")]) == 0
    assert trials(tmp_path / "search") == trials(tmp_path / "in_memory")
    capsys.readouterr()
