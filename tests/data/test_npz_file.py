"""Images and labels from NumPy archives."""

import numpy as np
import pytest

from convspec.data import load_data
from convspec.data.pixels import UNIT

from .written import RANDOM, diagnostics

NUMBERS = np.arange(20) % 2
LABELS = {
    "numbers": NUMBERS,
    "one-hot": np.eye(2)[NUMBERS],
    "strings": np.array(["no", "yes"] * 10),
    "column": NUMBERS[:, None],
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS.keys())
def test_an_npz_with_labels_of_any_form(tmp_path, labels):
    x = RANDOM.random((20, 4, 4, 3))
    np.savez(tmp_path / "some.npz", x=x, y=labels)
    data = load_data(tmp_path / "some.npz")
    assert (len(data.y_train), len(data.y_val), data.pixel_range) == (18, 2, UNIT)
    assert data.class_names == (("no", "yes") if labels.dtype.kind == "U" else ("0", "1"))
    assert np.array_equal(np.sort(data.y_train), [0] * 9 + [1] * 9)


def test_labels_and_pixels_that_cannot_be(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x, y = RANDOM.random((6, 4, 4, 1)), np.arange(6) % 2
    x[4, 1, 1] = np.nan
    np.savez("some.npz", x=x, y=[0, 1, 0, 1, 0, -1], class_names=["a", "b"])
    assert diagnostics("some.npz") == (
        "some.npz: 1 training labels are outside 0 to 1; the first is -1, of image 5\n"
        "some.npz: 1 training images have pixels that are not finite (NaN or infinite); the first is image 4\n"
        "  leave them out, or repair what wrote them"
    )
    np.savez("some.npz", x=np.full((6, 4, 4, 1), np.nan), y=y)  # NumPy's warning would be an error here
    assert diagnostics("some.npz").startswith("some.npz: 6 training images have pixels that are not finite")
    np.savez("some.npz", x_trian=x, y=y)
    assert diagnostics("some.npz") == "some.npz: has an array 'x_trian' that nothing reads; did you mean 'x_train'?"


@pytest.mark.parametrize("part", ["val", "test"])
def test_parts_of_different_sizes(tmp_path, monkeypatch, part):
    monkeypatch.chdir(tmp_path)
    other = {f"x_{part}": RANDOM.random((6, 4, 5, 3)), f"y_{part}": np.arange(6) % 2}
    np.savez("some.npz", x_train=RANDOM.random((6, 4, 4, 1)), y_train=np.arange(6) % 2, **other)
    name = {"val": "validation", "test": "test"}[part]
    assert diagnostics("some.npz") == f"some.npz: {name} images are 4x5x3, training images 4x4x1"
