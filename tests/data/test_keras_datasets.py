"""The data sets of Keras, from files on the disk."""

import numpy as np
import pytest

from convspec.data import load_data
from convspec.language.diagnostics import InputError

from .written import RANDOM, write_idx


def test_a_name_finds_its_files_in_a_folder_of_ones_own(tmp_path, monkeypatch):
    folder = tmp_path / "fashion-mnist"
    folder.mkdir()
    write_idx(folder / "train-images-idx3-ubyte", RANDOM.integers(0, 256, (20, 28, 28)))
    write_idx(folder / "train-labels-idx1-ubyte", np.arange(20) % 10)
    data = load_data("fashion_mnist", data_dir=tmp_path)
    monkeypatch.setenv("CONVSPEC_DATA", str(tmp_path))
    assert load_data("fashion_mnist").fingerprint == data.fingerprint
    assert data.class_names[9] == "Ankle boot"


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("none", 'data_dir="none": there is no such folder\n  name the folder that has the files of mnist'),
        ("file", 'data_dir="file": is a file, not a folder\n  name the folder that has the files of mnist'),
        (
            "empty",
            'data_dir="empty": has no files of mnist (mnist.npz, IDX files)\n'
            "  put them there or into a folder mnist in it; without data_dir= they are looked for elsewhere",
        ),
    ],
)
def test_a_folder_that_was_named_and_has_no_data_is_a_diagnostic_though_other_places_have(
    tmp_path, monkeypatch, folder, told
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    write_idx(tmp_path / "full" / "train-images-idx3-ubyte", RANDOM.integers(0, 256, (20, 28, 28)))
    write_idx(tmp_path / "full" / "train-labels-idx1-ubyte", np.arange(20) % 10)
    monkeypatch.setenv("CONVSPEC_DATA", str(tmp_path / "full"))
    assert load_data("mnist").input_shape == (28, 28, 1)
    with pytest.raises(InputError) as raised:
        load_data("mnist", data_dir=folder)
    assert str(raised.value) == told


@pytest.mark.parametrize(("name", "labels"), [("cifar10", 1), ("cifar100", 2)])
@pytest.mark.parametrize("unpacked", [True, False])
def test_the_binary_version_of_cifar(tmp_path, monkeypatch, name, labels, unpacked):
    """A row is the label, of CIFAR-100 the coarse one before it, and the red, green and blue pixels one after another."""
    inner = "cifar-10-batches-bin" if name == "cifar10" else "cifar-100-binary"
    folder = tmp_path / inner if unpacked else tmp_path
    folder.mkdir(exist_ok=True)
    x, y = RANDOM.integers(0, 256, (200, 32, 32, 3), np.uint8), np.arange(200) % (10 if name == "cifar10" else 100)
    columns = [np.full((200, labels - 1), 77), y[:, None], *(x[..., colour].reshape(200, -1) for colour in range(3))]
    rows = np.concatenate(columns, axis=1).astype(np.uint8)
    halves = {"data_batch_1": rows[:100], "data_batch_2": rows[100:]} if name == "cifar10" else {"train": rows}
    for file, half in halves.items():
        half.tofile(folder / f"{file}.bin")
    rows[::-1].tofile(folder / ("test_batch.bin" if name == "cifar10" else "test.bin"))
    data = load_data(name, data_dir=tmp_path, validation_split=0.5)
    assert np.array_equal(data.x_test, x[::-1])
    assert np.array_equal(data.y_test, y[::-1])
    assert sorted(map(bytes, [*data.x_train, *data.x_val])) == sorted(map(bytes, x))
    whole = folder / next(iter(halves))
    whole = whole.with_suffix(".bin")
    whole.write_bytes(whole.read_bytes()[:-1])
    size, length = whole.stat().st_size, 3072 + labels
    with pytest.raises(InputError) as raised:
        load_data(name, data_dir=tmp_path)
    assert str(raised.value) == f"{whole}: {size} bytes are not a whole number of images of {length} bytes"
