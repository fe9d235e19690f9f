"""Validation images that are split off."""

import numpy as np

from convspec.data import load_data

from .written import RANDOM, diagnostics


def test_a_split_is_stratified_repeats_and_follows_the_seed():
    first, again, other = (load_data("digits", validation_split=0.2, seed=seed) for seed in (3, 3, 4))
    assert first.fingerprint == again.fingerprint != other.fingerprint
    shares = np.bincount(first.y_val) / (np.bincount(first.y_val) + np.bincount(first.y_train))
    assert np.abs(shares - 0.2).max() < 0.005


def test_a_class_of_one_image_cannot_be_split(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x, y = RANDOM.random((9, 4, 4, 1)), np.array([0, 0, 1, 2, 2, 2, 3, 2, 2])
    np.savez("some.npz", x=x, y=y, class_names=["a", "b", "c", "d"])
    remedy = "  add images to the class, or give a validation part of your own"
    told = "some.npz: class {!r} has 1 training image; with a validation part split off it needs 2"
    assert diagnostics("some.npz").splitlines() == [told.format("b"), remedy, told.format("d"), remedy]
    np.savez("some.npz", x=x, y=y, x_val=x, y_val=y, class_names=["a", "b", "c", "d"])
    assert len(load_data("some.npz").y_train) == 9
