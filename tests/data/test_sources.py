"""Sources of images: how they are named, and what is said where nothing is known by a name."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from convspec.data import load_data, sources
from convspec.data.pictures import decode
from convspec.data.pixels import PixelRange
from convspec.data.sources import kinds
from convspec.language.diagnostics import InputError

from .written import diagnostics


def test_the_digits_of_scikit_learn():
    from sklearn.datasets import load_digits

    data = load_data("digits", validation_split=0.1)
    assert data.input_shape == (8, 8, 1)
    assert (data.classes, data.pixel_range) == (10, PixelRange(0, 16))
    assert len(data.y_train) + len(data.y_val) == 1797
    assert data.x_train.sum() + data.x_val.sum() == load_digits().images.sum()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("digits", "digits come with scikit-learn\n  leave it out"),
        ("own.npz", "own.npz are read from their own path\n  leave it out"),
        ("pets", 'pets are read from their own path\n  did you mean data="{place}"?'),
    ],
)
def test_a_folder_that_would_be_read_for_nothing_is_a_diagnostic(tmp_path, monkeypatch, source, told):
    monkeypatch.chdir(tmp_path)
    np.savez("own.npz", x=np.zeros((4, 8, 8, 1)), y=np.zeros(4))
    (tmp_path / "folder" / "pets").mkdir(parents=True)
    with pytest.raises(InputError) as raised:
        load_data(source, data_dir="folder")
    assert str(raised.value) == (
        'data_dir="folder": says where the files of mnist, fashion_mnist, cifar10, cifar100 and of hubs are; '
        + told.format(place=Path("folder") / "pets")
    )


def test_an_unknown_name_has_its_nearest():
    assert diagnostics("digit") == (
        "digit: there is no such data set, file or folder; did you mean 'digits'?\n"
        "  known are digits, mnist, fashion_mnist, cifar10, cifar100, a folder, an .npz, a .csv, tfds:NAME or huggingface:NAME"
    )


def test_devices_and_pipes_are_refused_at_once(tmp_path):
    """/dev/zero never ends, and opening a named pipe waits for a writer: as the source, in a list, in a folder."""
    said = "is a device or pipe, whose size is not known\n  write its content to a file first"
    assert diagnostics("/dev/zero") == f"/dev/zero: {said}"
    for name in ("x.npz", "x.csv", "x"):
        os.mkfifo(tmp_path / name)
        assert diagnostics(tmp_path / name) == f"{tmp_path / name}: {said}"
    os.mkfifo(tmp_path / "cat.png")
    (tmp_path / "list.csv").write_text("path,label\ncat.png,cat\n")
    place = f"{tmp_path / 'list.csv'}:2: {tmp_path / 'cat.png'}"
    assert diagnostics(tmp_path / "list.csv") == f"{place} is a device or pipe, whose size is not known"
    image = decode(tmp_path / "cat.png", 3)
    assert str(image) == f"{tmp_path / 'cat.png'}: {said}"
    folder = tmp_path / "idx"
    folder.mkdir()
    for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        os.mkfifo(folder / f"train-{kind}")
    assert diagnostics(folder) == f"{folder / 'train-images-idx3-ubyte'}: {said}"


def test_a_range_that_scikit_learns_digits_do_not_have():
    assert diagnostics("digits", pixel_range=(0, 10)) == (
        "digits: training pixels are from 0 to 16, outside their range, 0 to 10\n  declare the values of black and white, "
        "such as pixel_range=[0, 16] in the .npz or in Python, or pixel_range=(0, 16)"
    )


BLANK = """
import numpy as np

from convspec.data.labelled_images import Images, Source
from convspec.data.sources import Kind
from convspec.data.pixels import BYTES


def read(request):
    images = np.arange(20 * 64, dtype=np.uint8).reshape(20, 8, 8, 1)
    return Source("blank", request.text, ("a", "b"), BYTES, Images(images, np.arange(20) % 2))


KIND = Kind("blank", read, names=("blank",))
"""


def test_a_new_source_is_one_file(tmp_path, monkeypatch):
    (tmp_path / "blank.py").write_text(BLANK)
    monkeypatch.setattr(sources, "__path__", [*sources.__path__, str(tmp_path)])
    kinds.cache_clear()
    try:
        assert load_data("blank").class_names == ("a", "b")
        with pytest.raises(InputError, match=r"did you mean 'blank'\?\n  known are digits, .*, blank, tfds:NAME"):
            load_data("blnk")
    finally:
        kinds.cache_clear()
        sys.modules.pop(f"{sources.__name__}.blank", None)
