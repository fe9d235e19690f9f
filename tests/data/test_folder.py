"""Folders of images by class, and lists of images."""

import numpy as np
from PIL import Image

from convspec.data import load_data

from .written import diagnostics, write_images


def test_a_folder_of_images_by_class(tmp_path):
    data = load_data(write_images(tmp_path / "pets"), validation_split=0.25)
    assert repr(data) == "pets: 6 training + 2 validation images of 6x5x3, 2 classes"
    assert data.class_names == ("cat", "dog")


def test_folders_for_the_parts_keep_the_parts(tmp_path):
    for part, count in (("train", 4), ("val", 2), ("test", 3)):
        write_images(tmp_path / part, count=count)
    data = load_data(tmp_path)
    assert [len(part) for part in (data.y_train, data.y_val, data.y_test)] == [8, 4, 6]
    assert np.array_equal(data.x_val[0], np.asarray(Image.open(tmp_path / "val" / "cat" / "0.png")))


def test_grey_images_have_one_channel_unless_the_network_reads_three(tmp_path):
    write_images(tmp_path / "grey", mode="L")
    assert load_data(tmp_path / "grey").input_shape == (6, 5, 1)
    assert load_data(tmp_path / "grey", input_shape=(6, 5, 3)).input_shape == (6, 5, 3)


def test_a_csv_of_paths_labels_and_splits(tmp_path):
    write_images(tmp_path / "images")
    rows = [f"images/{name}/{number}.png,{name},{part}" for name in ("cat", "dog")
            for number, part in enumerate(("train", "train", "val", "test"))]  # fmt: skip
    (tmp_path / "pets.csv").write_text("path,label,split\n" + "\n".join(rows) + "\n")
    data = load_data(tmp_path / "pets.csv")
    assert [len(part) for part in (data.y_train, data.y_val, data.y_test)] == [4, 2, 2]
    assert np.array_equal(data.x_test[1], np.asarray(Image.open(tmp_path / "images" / "dog" / "3.png")))


def test_an_empty_class_and_a_single_class(tmp_path, monkeypatch):
    monkeypatch.chdir(write_images(tmp_path / "pets", classes=("cat",)).parent)
    assert diagnostics("pets") == "pets: has one class only (cat); a classifier needs two"
    (tmp_path / "pets" / "dog").mkdir()
    assert diagnostics("pets") == "pets/dog: class 'dog' has no images"


def test_a_folder_without_images(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert diagnostics("empty") == (
        "empty: has no folders of images, one per class, and no IDX files (train-images-idx3-ubyte, gzipped or not)"
    )


def test_lines_of_a_csv_are_named_all_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(write_images(tmp_path / "pets").parent)
    (tmp_path / "some.csv").write_text("path,label,split\npets/cat/9.png,cat,train\npets/cat/0.png,cat,tset\n")
    assert diagnostics("some.csv") == (
        "some.csv:2: there is no file pets/cat/9.png\nsome.csv:3: no split is called 'tset'; did you mean 'test'?"
    )
    (tmp_path / "some.csv").write_text("file,label\n")
    assert diagnostics("some.csv") == "some.csv:1: has no column path; its first line has file, label"
