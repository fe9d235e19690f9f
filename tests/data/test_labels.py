"""Data sets that look right and are not: each is an error that names the place and the remedy."""

import gzip
import io
import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convspec.data import load_data
from convspec.data.dataset import Dataset
from convspec.data.labels import as_numbers, check_names
from convspec.language.diagnostics import InputError

X = np.random.default_rng(0).integers(0, 256, (20, 4, 4, 1), np.uint8)
Y = np.arange(20) % 2


def message(*args, **options):
    with pytest.raises(InputError) as raised:
        load_data(*args, **options)
    return str(raised.value)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


NUMBERED = "number the classes from 0 without gaps, or give their names"
SHAPES = "images are real numbers (count, height, width, channels)"
KINDS = "labels are whole numbers, strings or one-hot rows"
ARCHIVES = {
    "labels up to 10^9": (
        {"x": X, "y": Y * 10**9},
        f"labels go up to 1,000,000,000, but there are 20 images with 2 different labels\n  {NUMBERED}",
    ),
    "labels from 1": ({"x": X, "y": Y + 1}, f"class '0' has no training images\n  {NUMBERED}"),
    "many gaps": (
        {"x": X, "y": Y * 19},
        f"18 of 20 classes have no training images: '1', '2', '3', '4', '5', ...\n  {NUMBERED}",
    ),
    "labels that are fractions": ({"x": X, "y": Y + 0.5}, f"y is float64 and holds 0.5, of image 0; {KINDS}"),
    "labels that are no numbers": ({"x": X, "y": np.where(Y, np.nan, 0)}, f"y is float64 and holds nan, of image 1; {KINDS}"),
    "endless labels": ({"x": X, "y": np.where(Y, np.inf, 0)}, None),
    "labels beyond int64": ({"x": X, "y": Y * 1e300}, "y holds 1e+300; labels are numbers of classes, from 0"),
    "unsigned labels beyond int64": ({"x": X, "y": Y.astype("u8") * (2**64 - 1)}, "y holds 18446744073709551615; labels are numbers of classes, from 0"),
    "negative labels": ({"x": X, "y": -Y}, None),
    "complex labels": ({"x": X, "y": Y + 0j}, f"y is complex128 of shape [20]; {KINDS}"),
    "soft labels": ({"x": X, "y": np.full((20, 2), 0.5)}, f"y is float64 of shape [20, 2]; {KINDS}"),
    "one label for all": ({"x": X, "y": 1}, f"y is int64 of shape []; {KINDS}"),
    "numbers and strings": (
        {"x_train": X, "y_train": Y, "x_test": X, "y_test": Y.astype(str)},
        "has labels that are numbers and labels that are strings",
    ),
    "x beside x_train": (
        {"x": X, "y": Y, "x_train": X, "y_train": Y},
        "has both x and x_train, which are the training images or labels\n  leave one of them out",
    ),
    "y beside y_train": ({"x": X, "y": Y, "y_train": Y}, "has both y and y_train, which are the training images or labels\n  leave one of them out"),
    "two lengths": ({"x": X, "y": Y[:19]}, "x has 20 images and y 19 labels"),
    "no images": ({"x": X[:0], "y": Y[:0]}, None),
    "no test images": ({"x": X, "y": Y, "x_test": X[:0], "y_test": Y[:0]}, "has no test images"),
    "nothing": ({}, "has nothing, but no x_train and y_train, or x and y"),
    "images of no pixels": ({"x": X[:, :0], "y": Y}, f"x is uint8 of shape [20, 0, 4, 1]; {SHAPES}"),
    "complex pixels": ({"x": X + 0j, "y": Y}, f"x is complex128 of shape [20, 4, 4, 1]; {SHAPES}"),
    "strings for pixels": ({"x": X.astype(str), "y": Y}, f"x is <U3 of shape [20, 4, 4, 1]; {SHAPES}"),
    "objects": ({"x": X, "y": Y.astype(object)}, None),
    "one class name twice": ({"x": X, "y": Y, "class_names": ["a", "a"]}, "2 classes are called 'a'\n  merge them, or rename one"),
    "an empty class name": ({"x": X, "y": Y, "class_names": ["a", " "]}, "a class has an empty name"),
    "names that differ in case": (
        {"x": X, "y": np.where(Y, "Cat", "cat")},
        "the classes 'Cat', 'cat' differ only in how they are written\n  merge them, or rename one",
    ),
    "names that are numbers": ({"x": X, "y": Y, "class_names": [0.5, 1.5]}, "class_names is float64 of shape [2], not a list of strings"),
    "a name without images": ({"x": X, "y": Y, "class_names": ["a", "b", "c"]}, "class 'c' has no training images"),
    "bytes that are no text": ({"x": X, "y": np.where(Y, b"\xff", b"a")}, None),
}  # fmt: skip
SAID = {
    "endless labels": "y holds inf; labels are numbers of classes, from 0",
    "negative labels": "10 training labels are outside 0 to 0; the first is -1, of image 1",
    "no images": "some.npz: has no training images",
    "objects": "some.npz, y.npy: holds Python objects, which could be any code, not numbers or strings",
    "bytes that are no text": "y holds bytes that are not UTF-8 text: ",
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_that_is_wrong(here, name):
    arrays, told = ARCHIVES[name]
    np.savez(here / "some.npz", **arrays)
    found = message("some.npz")
    assert found == f"some.npz: {told}" if told else SAID[name] in found


def test_single_letters_may_differ_in_case_and_labels_may_be_of_any_whole_type(here):
    np.savez("letters.npz", x=X, y=np.where(Y, "A", "a"))
    assert load_data("letters.npz").class_names == ("A", "a")
    fingerprints = set()
    for labels in (Y, Y.astype(bool), Y.astype("f2"), Y.astype("u8"), Y.astype(">i4"), np.eye(2, dtype=bool)[Y]):
        np.savez("some.npz", x=X, y=labels)
        fingerprints.add(load_data("some.npz").fingerprint)
    assert len(fingerprints) == 1
    np.savez("some.npz", x=np.asfortranarray(X), y=np.where(Y, np.bytes_("ü".encode()), np.bytes_(b"a")))
    data = load_data("some.npz")
    assert data.class_names == ("a", "ü")
    assert sorted(map(bytes, [*data.x_train, *data.x_val])) == sorted(map(bytes, X))


def test_a_dataset_of_ones_own_with_a_label_that_is_none(here):
    with pytest.raises(InputError, match="mine: labels go up to 1,000,000,000, but there are 40 images"):
        Dataset("mine", X, Y * 10**9, X, Y)


# damaged and forged archives


def npy(header_shape, data=b"", dtype="|u1"):
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {header_shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + data


def archive(entries, compression=zipfile.ZIP_DEFLATED):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return data.getvalue()


LABELS = npy((20,), Y.astype("u1").tobytes())


def flipped(data):
    """The archive with one bit of its pixels changed, and the checksum as it was."""
    at = data.index(X.tobytes()[:64])
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


FORGED = {
    "a header of 10^15 pixels": (
        archive({"x.npy": npy((10**6, 10**6, 1000)), "y.npy": LABELS}),
        "x.npy: has 0 bytes of data, but its shape [1000000, 1000000, 1000] of uint8 asks for 1,000,000,000,000,000",
    ),
    "a negative shape": (archive({"x.npy": npy((-20, -16), X.tobytes()), "y.npy": LABELS}), "a negative length in the shape [-20, -16]"),
    "a zip bomb": (archive({"x.npy": npy((20, 4, 2**22), bytes(20 * 2**24)), "y.npy": LABELS}), "more than 200 times its size"),
    "a damaged pixel": (flipped(archive({"x.npy": npy((20, 4, 4), X.tobytes()), "y.npy": LABELS}, zipfile.ZIP_STORED)), "Bad CRC-32"),
    "half a file": (archive({"x.npy": npy((20, 4, 4), X.tobytes()), "y.npy": LABELS})[:300], "is not a NumPy archive of plain arrays: File is not a zip file"),
    "no array": (archive({"x.npy": b"no array", "y.npy": LABELS}), "is not a NumPy archive of plain arrays: "),
    "code in a header": (archive({"x.npy": npy("__import__('os').abort()"), "y.npy": LABELS}), "is not a NumPy archive of plain arrays: "),
    "records": (archive({"x.npy": npy((20,), bytes(40)).replace(b"'|u1'", b"[('a','<u2')]"), "y.npy": LABELS}), "x.npy: holds records, not numbers or strings"),
    "an empty file": (b"", "is not a NumPy archive of plain arrays: File is not a zip file"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_an_archive_that_is_damaged_or_forged(here, name):
    data, told = FORGED[name]
    (here / "some.npz").write_bytes(data)
    assert told in message("some.npz")


def test_an_encrypted_entry_and_two_arrays_of_one_name(here):
    data = bytearray(archive({"x.npy": npy((20, 4, 4), X.tobytes()), "y.npy": LABELS}))
    for place in (6, data.index(b"PK\1\2") + 8):
        data[place] |= 1
    (here / "some.npz").write_bytes(data)
    assert "is encrypted, password required" in message("some.npz")
    (here / "two.npz").write_bytes(archive({"x.npy": LABELS, "y.npy": LABELS}).replace(b"y.npy", b"x.npy"))
    assert message("two.npz") == "two.npz: has two arrays called 'x'"


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_an_idx_file_whose_header_asks_for_more_than_there_is(here, suffix):
    data = bytes([0, 0, 8, 3]) + struct.pack(">3I", 10**6, 10**4, 10**4) + bytes(1000)
    for kind in ("images-idx3", "labels-idx1"):
        (here / f"train-{kind}-ubyte{suffix}").write_bytes(gzip.compress(data) if suffix else data)
    assert message(here).endswith("bytes, but its header [1000000, 10000, 10000] asks for 100000000000016")


def test_labels_of_an_idx_file_that_are_no_classes(here):
    (here / "train-images-idx3-ubyte").write_bytes(bytes([0, 0, 8, 3]) + struct.pack(">3I", 20, 4, 4) + X.tobytes())
    labels = (Y * 10**9).astype(">i4").tobytes()
    (here / "train-labels-idx1-ubyte").write_bytes(bytes([0, 0, 0x0C, 1]) + struct.pack(">I", 20) + labels)
    assert "labels go up to 1,000,000,000, but there are 20 images" in message(here)


# folders and lists


def write(*names):
    for name in names:
        for number in range(2):
            path = io.BytesIO()
            Image.fromarray(X[number, ..., 0]).save(path, "png")
            Path(name).mkdir(parents=True, exist_ok=True)
            (Path(name) / f"{number}.png").write_bytes(path.getvalue())


# a character each that str.splitlines breaks a line at
BREAKS = [chr(code) for code in range(0x3000) if len(f"a{chr(code)}b".splitlines()) > 1]


@pytest.mark.parametrize("position", [0, 1, 2], ids=["before", "within", "after"])
@pytest.mark.parametrize("line_break", [*BREAKS, "\r\n"], ids=ascii)
def test_the_name_of_a_class_is_one_line(line_break, position):
    name = "ab"[:position] + line_break + "ab"[position:]
    told = f"class {name!r} has a line break in its name\n  rename it: the name of a class is one line"
    assert [str(diagnostic) for diagnostic in check_names(["cat", name], "")] == [f"the {told}"]


def test_no_source_has_class_names_of_two_lines(here):
    write("d/cat", "d/a\nb")
    (here / "l.csv").write_text('path,label\nd/cat/0.png,cat\nd/cat/1.png,"a\nb"\n')
    np.savez("strings.npz", x=X, y=np.where(Y, "cat", "a\u2028b"))
    np.savez("names.npz", x=X, y=Y, class_names=["cat", "a\x85b"])
    for source in ("d", "l.csv", "strings.npz", "names.npz"):
        assert "has a line break in its name" in message(source)
    with pytest.raises(InputError, match="has a line break in its name"):
        Dataset("mine", X, Y, X, Y, class_names=("cat", "a\nb"))


PARTS = "the parts are train, validation, test; if all are classes, put them into a folder named train"
FOLDERS = {
    "vals beside train": (
        ("train/a", "train/b", "vals/a", "vals/b"),
        f"d/vals: has images, but is not a part of the data as train is; did you mean 'val'?\n  {PARTS}",
    ),
    "a class beside train": (("train/a", "car/a"), f"d/car: has images, but is not a part of the data as train is\n  {PARTS}"),
    "trian beside val": (("trian/a", "trian/b", "val/a"), "d/trian: stands beside val; did you mean 'train'?"),
    "no train": (("val/a", "val/b", "test/a"), "d: has test and val, but no folder named train"),
    "two for one part": (("train/a", "val/a", "valid/b"), "d: has val and valid, which are both validation images\n  keep one of them"),
    "names that differ in case": (
        ("Cat", "cat", "dog"),
        "d: the classes 'Cat', 'cat' differ only in how they are written\n  merge them, or rename one",
    ),
    "an unknown class in val": (
        ("train/a", "train/b", "val/c"), "d/val/c: has no training images\n  the classes are a, b",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOLDERS)
def test_folders_that_mean_something_else(here, name):
    folders, told = FOLDERS[name]
    write(*(f"d/{folder}" for folder in folders))
    assert message("d") == told


def test_parts_may_be_written_in_capitals_and_stand_beside_what_has_no_images(here):
    write("d/Train/a", "d/Train/b", "d/VAL/a", "d/VAL/b", "classes/a", "classes/test")
    (here / "d" / "annotations").mkdir()
    assert repr(load_data("d")).endswith("4 training + 4 validation images of 4x4x1, 2 classes")
    assert load_data("classes", validation_split=0.5).class_names == ("a", "test")


def test_no_image_of_a_folder_is_left_out_without_a_word(here):
    write("d/a", "d/b", "d")
    (here / "d/b/9.HEIC").write_bytes(b"")
    (here / "d/b/notes.txt").write_text("read by nobody")
    assert message("d").splitlines() == [
        "d: has 2 images beside the folders of its classes: 0.png, ...",
        "  move them into the folder of their class, or elsewhere",
        "d/b: has 1 image in a format that is not read: 9.HEIC",
        "  convert them to PNG or JPEG, or move them away",
    ]


def test_an_array_that_ends_before_the_size_that_its_archive_tells(here):
    file = io.BytesIO()
    np.save(file, X)
    whole, short = file.getvalue(), file.getvalue()[:-64]
    with zipfile.ZipFile("d.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", short)
    sizes = (struct.pack("<L", len(part)) for part in (short, whole))
    Path("d.npz").write_bytes(Path("d.npz").read_bytes().replace(*sizes))
    assert message("d.npz") == "d.npz: is not a NumPy archive of plain arrays: x.npy ends after 256 of 320 bytes"


LISTS = {
    "one image twice": (
        "path,label\na/0.png,x\na/1.png,y\na/0.png,x\n",
        "l.csv:4: a/0.png is listed in line 2 already, and would be both a training and a validation image\n"
        "  take the line away; train.class_weights balances classes",
    ),
    "two columns of labels": ("path,label,label\na/0.png,x,y\n", "l.csv:1: has 2 columns called 'label'"),
    "two columns of paths": ("path,path,label\n", "l.csv:1: has 2 columns called 'path'"),
    "a column that is misspelt": ("path,label,spilt\na/0.png,x,test\n", "l.csv:1: has a column 'spilt'; did you mean 'split'?"),
    "two labels of one image": (
        "path,label\na/0.png,x\na/1.png,y\na/0.png,y\n", "l.csv:4: a/0.png is 'y' here and 'x' in line 2",
    ),
    "one image in two parts": (
        "path,label,split\na/0.png,x,train\na/0.png,x,val\n",
        "l.csv:3: a/0.png is a validation image here and a train image in line 2",
    ),
    "a cell too many": ("path,label\na/0.png,x,y\n", "l.csv:2: has 3 cells, but the first line has 2 columns"),
    "a cell too few": ("path,label\na/0.png\n", "l.csv:2: has 1 cells, but the first line has 2 columns"),
    "no label": ("path,label\na/0.png, \n", "l.csv:2: has no label"),
    "a folder": ("path,label\na,x\n", "l.csv:2: there is no file a"),
    "no training images": ("path,label,split\na/0.png,x,test\n", "l.csv: lists no training images"),
    "a label of no training image": (
        "path,label,split\na/0.png,dog,train\na/1.png,dogs,test\n",
        "l.csv: label 'dogs' of 1.png is not among the training images; did you mean 'dog'?",
    ),
    "labels that differ in case": (
        "path,label\na/0.png,cat\na/1.png,Cat\n",
        "l.csv: the classes 'Cat', 'cat' differ only in how they are written\n  merge them, or rename one",
    ),
}  # fmt: skip


@pytest.mark.parametrize("spelling", ["a/../a/0.png", "{here}/a/0.png", "link/0.png", "b.png", "./a//0.png"])
def test_one_file_is_one_image_however_it_is_spelled(here, spelling):
    write("a")
    (here / "link").symlink_to(here / "a")
    (here / "b.png").symlink_to(here / "a" / "0.png")
    again = spelling.format(here=here)
    (here / "l.csv").write_text(f"path,label\na/0.png,x\na/1.png,y\n{again},y\n")
    assert "is 'y' here and 'x' in line 2" in message("l.csv")
    (here / "l.csv").write_text(f"path,label,split\na/0.png,x,train\na/1.png,y,train\n{again},x,test\n")
    assert "is a test image here and a train image in line 2" in message("l.csv")


def test_classes_are_in_the_same_order_from_every_source(here):
    """As text, as Keras and torchvision sort folders; names of 5,000 digits are sorted, too."""
    names = sorted([*map(str, range(12)), "007", "٣", "B", "a", "Ä", "9" * 200])
    write(*(f"d/{name}" for name in names))
    rows = [f"d/{name}/{number}.png,{name}" for name in names for number in range(2)]
    (here / "l.csv").write_text("\n".join(["path,label", *rows]) + "\n")
    np.savez("l.npz", x=np.concatenate([X[:2]] * len(names)), y=np.repeat(names[::-1], 2))
    found = [load_data(source, validation_split=0.5) for source in ("d", "l.csv", "l.npz")]
    assert [data.class_names for data in found] == [tuple(names)] * 3
    assert found[0].fingerprint == found[1].fingerprint
    rows = [f"d/{name[0]}/{number}.png,{name}" for name in ("9" * 5000, "1") for number in range(2)]
    (here / "l.csv").write_text("\n".join(["path,label", *rows]) + "\n")
    assert load_data("l.csv", validation_split=0.5).class_names == ("1", "9" * 5000)


@pytest.mark.parametrize("name", LISTS)
def test_lists_that_are_wrong(here, name):
    write("a")
    text, told = LISTS[name]
    (here / "l.csv").write_text(text)
    assert message("l.csv") == told


@pytest.mark.parametrize("dtype", [">f4", ">f8", ">f2", ">u2", ">i4", ">u8"])
def test_pixels_and_labels_come_in_this_machines_order_of_bytes(tmp_path, dtype):
    """Archives from other machines and from astronomy have the other order, which JAX does not read."""
    images = X.astype(dtype) / 255 if np.dtype(dtype).kind == "f" else X.astype(dtype)
    own = images.astype(np.dtype(dtype).newbyteorder("="))
    np.savez(tmp_path / "x.npz", x=images.astype(dtype), y=Y.astype(">i4"), x_test=own, y_test=Y, pixel_range=[0, 255])
    read = load_data(tmp_path / "x.npz")
    made = Dataset("made", images.astype(dtype), Y.astype(">i8"), images, Y, pixel_range=(0, 255))
    for dataset in (read, made):
        for name in ("x_train", "y_train", "x_val", "y_val"):
            assert getattr(dataset, name).dtype.isnative, name
    assert np.array_equal(made.x_train, own)
    assert np.array_equal(np.sort(read.x_train.sum(axis=(1, 2, 3))), np.sort(own[keep(read, own)].sum(axis=(1, 2, 3))))


def keep(dataset, images):
    """Which of some images a data set has for training."""
    return [any(np.array_equal(image, other) for other in dataset.x_train) for image in images]


def test_a_class_whose_name_is_no_text_is_refused_before_anything_is_trained(tmp_path):
    """Folders may be called by any bytes; files that tell of a model are UTF-8."""
    for name in (b"cat", b"caf\xe9"):
        folder = tmp_path / os.fsdecode(name)
        folder.mkdir()
        Image.fromarray(X[0, ..., 0]).save(folder / "1.png")
    assert "the class 'caf\\udce9' has a name that is not UTF-8\n  rename it" in message(tmp_path)


def test_a_folder_whose_name_is_no_text_is_named_in_text(tmp_path):
    for name in ("cat", "dog"):
        folder = tmp_path / os.fsdecode(b"caf\xe9") / name
        folder.mkdir(parents=True)
        for number in (1, 2):
            Image.fromarray(X[number, ..., 0]).save(folder / f"{number}.png")
    assert load_data(tmp_path / os.fsdecode(b"caf\xe9")).name == "caf\\udce9"


def test_strings_are_not_numbers_of_classes():
    with pytest.raises(InputError) as raised:
        as_numbers(np.array(["cat", "dog"]), "labels of x", "validation_data")
    assert str(raised.value) == (
        "validation_data: labels of x holds strings, but no names of classes\n"
        "  number the classes from 0 without gaps, or give their names"
    )
    assert as_numbers(np.eye(3, dtype=np.float32)[[2, 0]], "y", "").tolist() == [2, 0]
