"""IDX files, by their folder and by the name of a data set."""

from pathlib import Path

import numpy as np
import pytest

from convspec.data import load_data

from .written import RANDOM, diagnostics, write_idx


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_folder_of_idx_files(tmp_path, suffix):
    x, y = RANDOM.integers(0, 256, (20, 7, 6)), np.arange(20) % 2
    for part in ("train", "t10k"):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte{suffix}", x)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte{suffix}", y)
    data = load_data(tmp_path)
    assert data.input_shape == (7, 6, 1)
    assert np.array_equal(data.x_test[..., 0], x)
    assert np.array_equal(data.y_test, y)
    assert len(data.y_train) == 18
    write_idx(tmp_path / f"validation-images-idx3-ubyte{suffix}", x[:6])
    write_idx(tmp_path / f"validation-labels-idx1-ubyte{suffix}", y[:6])
    data = load_data(tmp_path)
    assert [len(part) for part in (data.y_train, data.y_val, data.y_test)] == [20, 6, 20]


def test_a_truncated_idx_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_idx(tmp_path / "train-images-idx3-ubyte", np.zeros((4, 3, 3)))
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.zeros(4))
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    assert diagnostics(tmp_path) == "train-images-idx3-ubyte: 51 bytes, but its header [4, 3, 3] asks for 52"


def write_parts(folder, parts, shape=(28, 28), count=20):
    """IDX files of parts under the names that MNIST gave them; what each holds."""
    folder.mkdir(exist_ok=True)
    written = {}
    for part in parts:
        written[part] = RANDOM.integers(0, 256, (count, *shape), np.uint8), np.arange(count) % 10
        for kind, array in zip(("images-idx3", "labels-idx1"), written[part], strict=True):
            write_idx(folder / f"{part}-{kind}-ubyte", array)
    return written


@pytest.mark.parametrize("named", [True, False], ids=["by its name", "by its folder"])
def test_idx_files_of_all_three_parts_are_read_as_these_parts(tmp_path, named):
    written = write_parts(tmp_path / "mnist", ("train", "val", "t10k"))
    data = load_data("mnist", data_dir=tmp_path) if named else load_data(tmp_path / "mnist")
    for part, x, y in (
        ("train", data.x_train, data.y_train), ("val", data.x_val, data.y_val), ("t10k", data.x_test, data.y_test),
    ):  # fmt: skip
        assert np.array_equal(x[..., 0], written[part][0]), part
        assert np.array_equal(y, written[part][1]), part


def test_idx_files_that_do_not_go_together(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_parts(tmp_path, ("train",), (3, 3), count=4)
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.zeros((5,)))
    told = "train-labels-idx1-ubyte: 4 images in train-images-idx3-ubyte, but labels of shape [5] here"
    assert diagnostics(tmp_path) == told
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.zeros((4, 2)))
    assert diagnostics(tmp_path) == told.replace("[5]", "[4, 2]")
    write_idx(tmp_path / "train-images-idx3-ubyte", np.zeros((4, 3)))
    assert diagnostics(tmp_path) == "train-images-idx3-ubyte: images have 3 or 4 axes, this file 2: [4, 3]"


def test_idx_files_are_found_beside_folders_of_their_names(tmp_path):
    """As some programs unpack MNIST: each file stands in a folder of its own as well."""
    x, y = RANDOM.integers(0, 256, (40, 6, 5), np.uint8), np.arange(40) % 2
    for name, array in (("train-images.idx3-ubyte", x), ("train-labels.idx1-ubyte", y)):
        write_idx(tmp_path / name, array)
        inner = tmp_path / name.replace(".", "-")
        inner.mkdir()
        write_idx(inner / inner.name, array)
    assert len(load_data(tmp_path).y_train) == 36


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert diagnostics(tmp_path).startswith(f"{tmp_path}: cannot be read: Permission denied")
