"""A `Dataset` of a user's own: what it is made from, what it refuses, and when it is looked at again."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import convspec
from convspec.data import Dataset, load_data
from convspec.language.diagnostics import InputError
from convspec.language.shipped_recipes import load_recipe
from convspec.tuning.fitting import dataset_of

X = np.random.default_rng(0).integers(0, 200, (24, 8, 8, 1)).astype(np.uint8)
Y = np.arange(24) % 3
NAMES = ("cat", "cow", "dog")
SPEC = {
    "name": "tiny", "input": [8, 8, 1], "classes": 3, "body": ["conv3-2"], "head": {"pooling": "avg"},
    "train": {"epochs": 1, "batch_size": 8},
}  # fmt: skip


def made(**parts):
    given = {"name": "d", "x_train": X, "y_train": Y, "x_val": X[:9].copy(), "y_val": Y[:9]} | parts
    return Dataset(**given)


def said(call, *args, **options):
    with pytest.raises(InputError) as raised:
        call(*args, **options)
    return str(raised.value)


OBJECTS = np.array([NAMES[label] for label in Y], object)  # as a column of pandas
LABELS = {
    "a list": (Y.tolist(), ("0", "1", "2")),
    "bytes": (Y.astype(np.uint8), ("0", "1", "2")),
    "int32": (Y.astype(np.int32), ("0", "1", "2")),
    "whole floats": (Y.astype(float), ("0", "1", "2")),
    "numbers among objects": (Y.astype(object), ("0", "1", "2")),
    "a column": (Y[:, None], ("0", "1", "2")),
    "one-hot": (np.eye(3)[Y], ("0", "1", "2")),
    "one-hot lists": (np.eye(3)[Y].tolist(), ("0", "1", "2")),
    "strings": (np.array(NAMES)[Y], NAMES),
    "strings among objects": (OBJECTS, NAMES),
    "a list of strings": (OBJECTS.tolist(), NAMES),
}


@pytest.mark.parametrize("form", LABELS)
def test_labels_in_every_form_of_keras_and_scikit_learn_are_the_same_labels(form):
    labels, names = LABELS[form]
    data = made(y_train=labels, y_val=labels[:9])
    assert data.class_names == names
    for found, wanted in ((data.y_train, Y), (data.y_val, Y[:9])):
        assert found.dtype == np.int64
        assert np.array_equal(found, wanted)
    assert data.fingerprint == made(class_names=names).fingerprint


def test_images_may_be_lists_or_lack_the_axis_of_channels():
    for x in (X.tolist(), X[..., 0], X[..., 0].tolist()):
        data = made(x_train=x, x_val=X[:9, :, :, 0], pixel_range=(0, 255))
        assert data.input_shape == (8, 8, 1)
        assert np.array_equal(data.x_train, X)
    assert made(x_train=X / 255, x_val=X[:9] / np.float16(255)).pixel_range.high == 1


def test_class_names_are_a_tuple_of_strings_whatever_they_came_in():
    for names in (["0", "1", "2"], np.array(["0", "1", "2"]), (0, 1, 2)):
        assert made(class_names=names).class_names == ("0", "1", "2")


NAN = np.where(np.arange(24)[:, None, None, None] == 5, np.nan, X / 255)
KINDS = "labels are whole numbers, strings or one-hot rows"
IMAGES = "images are real numbers (count, height, width, channels)"
WRONG = {
    "too few labels": ({"y_train": Y[:20]}, "d: x_train has 24 images and y_train 20 labels"),
    "too few validation labels": ({"y_val": Y[:8]}, "d: x_val has 9 images and y_val 8 labels"),
    "a label beyond the classes": (
        {"y_train": np.arange(24) % 4, "class_names": NAMES},
        "d: 6 training labels are outside 0 to 2; the first is 3, of image 3",
    ),
    "a negative label": (
        {"y_train": Y - 1, "class_names": NAMES},
        "d: 8 training labels are outside 0 to 2; the first is -1, of image 0",
    ),
    "labels from 1": ({"y_train": Y + 1, "y_val": Y[:9] + 1}, "d: class '0' has no training images\n  number the"),
    "a class in validation alone": ({"y_val": Y[:9] + 1}, "d: class '3' has no training images\n  number the"),
    "fractions": ({"y_train": Y + 0.5}, f"d: y_train is float64 and holds 0.5, of image 0; {KINDS}"),
    "soft labels": ({"y_train": np.full((24, 3), 1 / 3)}, f"d: y_train is float64 of shape [24, 3]; {KINDS}"),
    "one text": ({"y_train": "abc"}, f"d: y_train is <U3 of shape []; {KINDS}"),
    "numbers and strings": ({"y_train": ["a", *Y[1:]]}, "d: y_train holds both strings and what is none"),
    "strings in one part": ({"y_train": OBJECTS}, "d: has labels that are numbers and labels that are strings"),
    "a string that is no class": (
        {"y_train": OBJECTS, "y_val": OBJECTS[:9], "class_names": ("cat", "cow", "dgo")},
        "d: label 'dog' is not in class_names; did you mean 'dgo'?",
    ),
    "lists of several lengths": ({"y_train": [[0], [0, 1]] * 12}, "d: y_train cannot be made an array: "),
    "test images without labels": ({"x_test": X}, "d: has no y_test"),
    "test labels without images": ({"y_test": Y}, "d: has no x_test"),
    "no training images": ({"x_train": X[:0], "y_train": Y[:0], "class_names": NAMES}, "d: has no training images"),
    "no validation images": ({"x_val": X[:0], "y_val": Y[:0]}, "d: has no validation images"),
    "None for validation images": ({"x_val": None, "y_val": None}, "d: has no validation images"),
    "another size": (
        {"x_val": np.zeros((9, 7, 7, 1), np.uint8)},
        "d: validation images are 7x7x1, training images 8x8x1",
    ),
    "rows": (
        {"x_train": X.reshape(24, 64)},
        f"d: x_train is uint8 of shape [24, 64]; {IMAGES}\n  reshape it: x_train.reshape(-1, height, width, channels)",
    ),
    "images of several sizes": (
        {"x_train": [np.zeros((8, 8)), np.zeros((8, 7))] * 12}, "d: x_train cannot be made an array: "
    ),
    "no numbers": ({"x_train": X.astype(str)}, f"d: x_train is <U3 of shape [24, 8, 8, 1]; {IMAGES}"),
    "NaN": ({"x_train": NAN}, "d: 1 training images have pixels that are not finite (NaN or infinite); the first is"),
    "masked pixels": ({"x_train": np.ma.masked_less(X, 9)}, "d: x_train has masked values"),
    "one class": ({"y_train": Y * 0, "y_val": Y[:9] * 0}, "d: has one class only (0); a classifier needs two"),
    "names in one text": ({"class_names": "abc"}, "d: class_names is <U3 of shape [], not a list of strings"),
    "names that are fractions": ({"class_names": (0.5, 1, 2)}, "d: class_names is float64 of shape [3], not a list"),
    "no name": ({"name": None}, "the name of a data set is a text, not None"),
    "a split without a seed": ({"split": 0.1}, "d: split is 0.1, not a share from 0 up to 1 and a seed from 0 on"),
    "a split of all": ({"split": (1, 1)}, "d: split is (1, 1), not a share"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused_when_a_data_set_is_made(name):
    parts, told = WRONG[name]
    assert said(made, **parts).startswith(told)


def test_a_subset_need_not_have_every_class_that_is_named():
    data = made(class_names=NAMES)
    assert dataclasses.replace(data, x_train=X[:1], y_train=Y[:1]).classes == 3


def test_the_fingerprint_follows_the_pixels_and_the_labels():
    data = made(x_train=X.copy(), y_train=Y.copy())
    first = data.fingerprint
    assert first == made().fingerprint
    assert dataclasses.replace(data, x_train=X[::-1]).fingerprint != first
    assert dataclasses.replace(data, y_train=Y[::-1]).fingerprint != first
    assert dataclasses.replace(data, x_test=X, y_test=Y).fingerprint != first
    assert dataclasses.replace(data, pixel_range=(0, 200)).fingerprint != first
    data.x_train[0, 0, 0] += 1
    assert data.fingerprint != first
    data.x_train[0, 0, 0] -= 1
    assert data.fingerprint == first
    data.y_train[:2] = data.y_train[1::-1]
    assert data.fingerprint != first


CALLS = {
    "train": lambda data: convspec.train(SPEC, data),
    "tune": lambda data: convspec.tune(
        {**SPEC, "tune": {"space": {"train.l2": {"choice": [0.0, 1e-4]}}}}, data, out="search"
    ),
    "check": lambda data: convspec.check(SPEC, data=data),
    "tuner.search": lambda data: dataset_of(convspec.load(SPEC), data),
}


@pytest.mark.parametrize("call", CALLS)
def test_each_call_sees_what_was_changed_in_place(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = made(y_train=Y.copy(), x_val=X[:9] / np.float32(255), x_train=X / np.float32(255))
    data.y_train[7] = 3
    assert said(CALLS[call], data) == "d: 1 training labels are outside 0 to 2; the first is 3, of image 7"
    data.y_train[7] = 1
    data.x_val[2, 3] = np.nan
    assert said(CALLS[call], data).startswith("d: 1 validation images have pixels that are not finite")


def test_a_run_is_resumed_with_the_same_pixels_alone(tmp_path):
    run, data = tmp_path / "run", made(x_train=X.copy())
    convspec.train(SPEC, data, out=run)
    other = dataclasses.replace(data, x_train=X[::-1].copy())
    assert "holds another run: data.fingerprint was" in said(convspec.train, SPEC, other, out=run, resume=True)
    data.x_train[:] = 7
    assert "holds another run: data.fingerprint was" in said(convspec.train, SPEC, data, out=run, resume=True)
    data.x_train[:] = X
    assert len(convspec.train(SPEC, data, out=run, resume=True).history) == 1


# a Path is a place


@pytest.mark.parametrize("name", ["digits", "mnist", "cifar10", "tfds:mnist", "huggingface:mnist"])
def test_a_path_is_a_folder_whatever_else_is_called_so(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for label in ("cat", "dog"):
        (tmp_path / name / label).mkdir(parents=True)
        for number in range(4):
            Image.fromarray(np.full((8, 8), 20 * number, np.uint8)).save(tmp_path / name / label / f"{number}.png")
    for place in (Path(name), Path(f"./{name}"), tmp_path / name, f"./{name}"):
        assert load_data(place).class_names == ("cat", "dog")
    assert said(load_data, Path(f"other/{name}")).startswith(f"other/{name}: there is no such data set, file or folder")


def test_a_path_without_a_folder_is_no_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said(load_data, Path("digits")).startswith("./digits: there is no such data set, file or folder")
    assert load_data("digits").class_names == tuple("0123456789")


def test_a_path_is_the_file_of_a_recipe(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said(load_recipe, Path("alexnet")).startswith("alexnet: cannot be read: No such file")
    Path("alexnet").write_text("train: {epochs: 3}\n")
    assert load_recipe(Path("alexnet")) == {"train": {"epochs": 3}}
    assert load_recipe("alexnet") != load_recipe(Path("alexnet"))
    Path("mine:best").write_text("train: {epochs: 4}\n")
    assert load_recipe(Path("mine:best")) == {"train": {"epochs": 4}}


@pytest.mark.parametrize("name", ["imagenet", "imagenet:vgg16"])
def test_a_path_is_the_file_of_weights(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = said(convspec.train, SPEC, made(), finetune=Path(name))
    assert told.startswith(f"{name}: there is no such file or folder")
