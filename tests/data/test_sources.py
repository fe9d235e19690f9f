"""Reading images from every kind of place, and what is said when they cannot be read."""

import gzip
import os
import struct
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convspec.data import load_data, sources
from convspec.data.checks import check_fits
from convspec.data.pictures import decode, read_picture
from convspec.data.pixels import UNIT, PixelRange
from convspec.data.source_kinds import kinds
from convspec.language.diagnostics import InputError

RANDOM = np.random.default_rng(0)


def write_idx(path, array):
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    data = header + array.astype(">u1").tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def write_images(folder, classes=("cat", "dog"), count=4, size=(6, 5), mode="RGB"):
    for name in classes:
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = RANDOM.integers(0, 256, (*size, 3), np.uint8)
            Image.fromarray(pixels).convert(mode).save(folder / name / f"{number}.png")
    return folder


def diagnostics(*args, **options):
    with pytest.raises(InputError) as raised:
        load_data(*args, **options)
    return str(raised.value)


def test_the_digits_of_scikit_learn():
    from sklearn.datasets import load_digits

    data = load_data("digits", validation_split=0.1)
    assert data.input_shape == (8, 8, 1)
    assert (data.classes, data.pixel_range) == (10, PixelRange(0, 16))
    assert len(data.y_train) + len(data.y_val) == 1797
    assert data.x_train.sum() + data.x_val.sum() == load_digits().images.sum()


def test_a_split_is_stratified_repeats_and_follows_the_seed():
    first, again, other = (load_data("digits", validation_split=0.2, seed=seed) for seed in (3, 3, 4))
    assert first.fingerprint == again.fingerprint != other.fingerprint
    shares = np.bincount(first.y_val) / (np.bincount(first.y_val) + np.bincount(first.y_train))
    assert np.abs(shares - 0.2).max() < 0.005


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
        ("none", "--data-dir none: there is no such folder\n  name the folder that has the files of mnist"),
        ("file", "--data-dir file: is a file, not a folder\n  name the folder that has the files of mnist"),
        (
            "empty",
            "--data-dir empty: has no files of mnist (mnist.npz, IDX files)\n"
            "  put them there or into a folder mnist in it; without --data-dir they are looked for elsewhere",
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


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("digits", "digits come with scikit-learn\n  leave it out"),
        ("own.npz", "own.npz are read from their own path\n  leave it out"),
        ("pets", "pets are read from their own path\n  did you mean --data {place}?"),
    ],
)
def test_a_folder_that_would_be_read_for_nothing_is_a_diagnostic(tmp_path, monkeypatch, source, told):
    monkeypatch.chdir(tmp_path)
    np.savez("own.npz", x=np.zeros((4, 8, 8, 1)), y=np.zeros(4))
    (tmp_path / "folder" / "pets").mkdir(parents=True)
    with pytest.raises(InputError) as raised:
        load_data(source, data_dir="folder")
    assert str(raised.value) == (
        "--data-dir folder: says where the files of mnist, fashion_mnist, cifar10, cifar100 and of hubs are; "
        + told.format(place=Path("folder") / "pets")
    )


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


def test_images_of_other_sizes_come_to_one_size_where_the_recipe_says_so(tmp_path):
    write_images(tmp_path / "a", classes=("cat",))
    write_images(tmp_path / "a2", classes=("dog",), size=(9, 9))
    (tmp_path / "a2" / "dog").rename(tmp_path / "a" / "dog")
    for resize in ("stretch", "crop", "pad"):
        assert load_data(tmp_path / "a", input_shape=(8, 8, 3), resize=resize).input_shape == (8, 8, 3)


def test_padding_puts_a_smaller_image_in_the_middle_of_zeros():
    small, padded = load_data("digits"), load_data("digits", input_shape=(12, 12, 1), resize="pad")
    assert np.array_equal(padded.x_train[:, 2:10, 2:10], small.x_train)
    assert padded.x_train.sum() == small.x_train.sum()


# what goes wrong


BUILT = "--input 8x8x1 builds the network for them"
RESIZED = f"{BUILT}; or --set train.preprocessing.resize=pad (or crop, stretch)"
FITS = {
    "of its size": ((8, 8, 1), 10, False, []),
    "of any size": ((None, None, 1), 10, True, []),
    "of another size": ((12, None, 1), 10, False, [f"images are 8x8x1, but the network reads 12x?x1\n  {RESIZED}"]),
    "of other channels": ((8, 8, 3), 10, False, [f"images are 8x8x1, but the network reads 8x8x3\n  {BUILT}"]),
    "trained for another size": (
        (12, 12, 1), 10, True,
        ["images are 8x8x1, but the network reads 12x12x1\n  "
         "--resize crop scales and crops all images (or stretch, or pad)"],
    ),
    "trained for other channels": (
        (8, 8, 3), 10, True, ["images are 8x8x1, but the network reads 8x8x3\n  take images of as many channels"]
    ),
    "of other classes": ((8, 8, 1), 7, False, ["has 10 classes, but the network has 7\n  --set classes=10"]),
    "trained for other classes": (
        (8, 8, 1), 7, True, ["has 10 classes, but the network has 7\n  take images of the network's classes"]
    ),
    "of neither": (
        (8, 9, 3), 7, False,
        [f"images are 8x8x1, but the network reads 8x9x3\n  {BUILT}",
         "has 10 classes, but the network has 7\n  --set classes=10"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FITS)
def test_images_that_a_network_does_not_read_are_said_with_what_would_help(name):
    shape, classes, trained, expected = FITS[name]
    try:
        check_fits(load_data("digits"), shape, classes, trained=trained)
        found = ""
    except InputError as error:
        found = str(error)
    assert found == "\n".join(f"digits: it{'s' * text.startswith('images')} {text}" for text in expected)


def test_an_unknown_name_has_its_nearest():
    assert diagnostics("digit") == (
        "digit: there is no such data set, file or folder; did you mean 'digits'?\n"
        "  known are digits, mnist, fashion_mnist, cifar10, cifar100, a folder, an .npz, a .csv, tfds:NAME or huggingface:NAME"
    )


def test_every_unreadable_image_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(write_images(tmp_path / "pets").parent)
    (tmp_path / "pets" / "cat" / "0.png").write_bytes(b"no image")
    whole = (tmp_path / "pets" / "dog" / "3.png").read_bytes()
    (tmp_path / "pets" / "dog" / "2.png").write_bytes(whole[: len(whole) // 2])
    first, second = diagnostics("pets").splitlines()
    assert first == "pets/cat/0.png: cannot be read as an image: it is empty or of no known format"
    assert second.startswith("pets/dog/2.png: cannot be read as an image: ")


def test_reading_leaves_the_warning_filters_alone_also_from_several_threads(tmp_path):
    folder = write_images(tmp_path / "pets", count=100)
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as threads:
        sets = list(threads.map(load_data, [folder] * 8))
    assert warnings.filters == before
    assert len({found.fingerprint for found in sets}) == 1


def test_a_palette_with_transparency_is_an_image(tmp_path):
    folder = write_images(tmp_path / "pets", size=(4, 4))
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    image.save(folder / "cat" / "0.png", transparency=bytes([0, 128]))
    data = load_data(folder, validation_split=0.3)
    assert [10, 20, 30] in np.concatenate([data.x_train, data.x_val]).reshape(-1, 3).tolist()


def test_an_image_of_too_many_pixels_is_rejected(tmp_path, monkeypatch):
    folder = write_images(tmp_path / "pets", size=(4, 4))
    Image.new("1", (20_000, 5_000)).save(folder / "cat" / "0.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)  # so that Pillow itself says nothing
    assert diagnostics(folder).splitlines()[0].endswith("0.png: has 100,000,000 pixels; at most 89,478,485 are read")


def test_an_image_of_another_size_is_named_with_both_sizes(tmp_path, monkeypatch):
    monkeypatch.chdir(write_images(tmp_path / "pets").parent)
    Image.new("RGB", (7, 9)).save("pets/dog/1.png")
    assert diagnostics("pets", input_shape=(6, 5, 3)) == (
        "pets/dog/1.png: is 9x7, but the network reads 6x5\n"
        "  --set train.preprocessing.resize=crop scales and crops all images (or stretch, or pad)"
    )


def test_an_empty_class_and_a_single_class(tmp_path, monkeypatch):
    monkeypatch.chdir(write_images(tmp_path / "pets", classes=("cat",)).parent)
    assert diagnostics("pets") == "pets: has one class only (cat); a classifier needs two"
    (tmp_path / "pets" / "dog").mkdir()
    assert diagnostics("pets") == "pets/dog: class 'dog' has no images"


def test_a_folder_without_images(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert diagnostics("empty") == (
        "empty: has no folders of images, one a class, and no IDX files (train-images-idx3-ubyte, gzipped or not)"
    )


def test_labels_and_pixels_that_cannot_be(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x, y = RANDOM.random((6, 4, 4, 1)), np.arange(6) % 2
    x[4, 1, 1] = np.nan
    np.savez("some.npz", x=x, y=[0, 1, 0, 1, 0, -1], class_names=["a", "b"])
    assert diagnostics("some.npz") == (
        "some.npz: 1 training labels are outside 0 to 1; the first is -1, of image 5\n"
        "some.npz: 1 training images have pixels that are no numbers (NaN or infinite); the first is image 4\n"
        "  leave them out, or repair what wrote them"
    )
    np.savez("some.npz", x=np.full((6, 4, 4, 1), np.nan), y=y)  # NumPy's warning would be an error here
    assert diagnostics("some.npz").startswith("some.npz: 6 training images have pixels that are no numbers")
    np.savez("some.npz", x_trian=x, y=y)
    assert diagnostics("some.npz") == "some.npz: has an array 'x_trian' that nothing reads; did you mean 'x_train'?"


def test_lines_of_a_csv_are_named_all_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(write_images(tmp_path / "pets").parent)
    (tmp_path / "some.csv").write_text("path,label,split\npets/cat/9.png,cat,train\npets/cat/0.png,cat,tset\n")
    assert diagnostics("some.csv") == (
        "some.csv:2: there is no file pets/cat/9.png\nsome.csv:3: no split is called 'tset'; did you mean 'test'?"
    )
    (tmp_path / "some.csv").write_text("file,label\n")
    assert diagnostics("some.csv") == "some.csv:1: has no column path; its first line has file, label"


def test_a_truncated_idx_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_idx(tmp_path / "train-images-idx3-ubyte", np.zeros((4, 3, 3)))
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.zeros(4))
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    assert diagnostics(tmp_path) == "train-images-idx3-ubyte: 51 bytes, but its header [4, 3, 3] asks for 52"


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
    assert str(raised.value) == f"{whole}: {size} bytes are no whole number of images of {length} bytes"


def test_a_class_of_one_image_cannot_be_split(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x, y = RANDOM.random((9, 4, 4, 1)), np.array([0, 0, 1, 2, 2, 2, 3, 2, 2])
    np.savez("some.npz", x=x, y=y, class_names=["a", "b", "c", "d"])
    remedy = "  add images to the class, or give a validation part of your own"
    told = "some.npz: class {!r} has 1 training image; with a validation part split off it needs 2"
    assert diagnostics("some.npz").splitlines() == [told.format("b"), remedy, told.format("d"), remedy]
    np.savez("some.npz", x=x, y=y, x_val=x, y_val=y, class_names=["a", "b", "c", "d"])
    assert len(load_data("some.npz").y_train) == 9


@pytest.mark.parametrize("part", ["val", "test"])
def test_parts_of_different_sizes(tmp_path, monkeypatch, part):
    monkeypatch.chdir(tmp_path)
    other = {f"x_{part}": RANDOM.random((6, 4, 5, 3)), f"y_{part}": np.arange(6) % 2}
    np.savez("some.npz", x_train=RANDOM.random((6, 4, 4, 1)), y_train=np.arange(6) % 2, **other)
    name = {"val": "validation", "test": "test"}[part]
    assert diagnostics("some.npz") == f"some.npz: {name} images are 4x5x3, training images 4x4x1"


def test_a_range_that_scikit_learns_digits_do_not_have():
    assert diagnostics("digits", pixel_range=(0, 10)) == (
        "digits: training pixels are from 0 to 16, outside their range, 0 to 10\n  declare the values of black and white, "
        "such as pixel_range=[0, 16] in the .npz or in Python, or --pixel-range=0,16"
    )


@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
def test_one_image_is_resized_as_a_whole_folder_is(tmp_path, resize):
    folder = write_images(tmp_path / "pets", count=2, size=(9, 4))
    data = load_data(folder, validation_split=0.5, input_shape=(6, 6, 3), resize=resize)
    one = read_picture(folder / "cat" / "0.png", (6, 6, 3), resize)
    assert any(np.array_equal(one, other) for other in [*data.x_train, *data.x_val])
    others = [read_picture(folder / "cat" / "0.png", (6, 6, 3), how) for how in ("stretch", "crop", "pad")]
    assert sum(np.array_equal(one, other) for other in others) == 1


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


BLANK = """
import numpy as np

from convspec.data.dataset import Images, Source
from convspec.data.source_kinds import Kind
from convspec.data.pixels import BYTES


def read(source, data_dir, size, resize):
    images = np.arange(20 * 64, dtype=np.uint8).reshape(20, 8, 8, 1)
    return Source("blank", source, ("a", "b"), BYTES, Images(images, np.arange(20) % 2))


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
