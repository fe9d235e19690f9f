"""Data sets of the hubs, prepared on this machine from scikit-learn's digits, and what is said where there are none."""

from __future__ import annotations

import sys
from io import BytesIO

import numpy as np
import pytest
from sklearn.datasets import load_digits

from convspec.cli import main
from convspec.data import load_data
from convspec.data.sources import Request
from convspec.data.sources.folder import read_folder
from convspec.data.sources.hub import read_hub
from convspec.language.diagnostics import InputError

COUNTS = {"train": 40, "test": 20}
DIGITS = load_digits()
X = (DIGITS.images * 15).astype(np.uint8)
Y = DIGITS.target


def rows(split):
    start = 0 if split == "train" else COUNTS["train"]
    return range(start, start + COUNTS[split])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The folder of a TensorFlow data set that a builder class wrote."""
    import tensorflow_datasets as tfds

    class LocalDigits(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            features = {
                "image": tfds.features.Image(shape=(8, 8, 1)),
                "label": tfds.features.ClassLabel(num_classes=10),
            }
            return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(features))

        def _split_generators(self, dl_manager):
            return {split: self._generate_examples(split) for split in COUNTS}

        def _generate_examples(self, split):
            for number in rows(split):
                yield number, {"image": X[number][..., None], "label": int(Y[number])}

    folder = tmp_path_factory.mktemp("tfds")
    LocalDigits(data_dir=folder).download_and_prepare()
    return folder


def saved(folder, **more):
    """The same images as a Hugging Face data set on the disk."""
    import datasets
    from PIL import Image

    names = datasets.ClassLabel(names=list("0123456789"))
    features = {"image": datasets.Image(), "label": names, **dict.fromkeys(more, names)}
    parts = {}
    for split in COUNTS:
        columns = {"image": [Image.fromarray(X[n]) for n in rows(split)], "label": [int(Y[n]) for n in rows(split)]}
        columns |= {name: [value] * COUNTS[split] for name, value in more.items()}
        parts[split] = datasets.Dataset.from_dict(columns, features=datasets.Features(features))
    datasets.DatasetDict(parts).save_to_disk(folder)
    return folder


def check(data):
    """The images and labels are those that were written, validation images split off from the training ones."""
    assert repr(data).endswith(": 28 training + 12 validation + 20 test images of 8x8x1, 10 classes")
    assert sorted(map(bytes, [*data.x_train, *data.x_val])) == sorted(map(bytes, X[: COUNTS["train"]]))
    label_of = {bytes(image): label for image, label in zip(X, Y, strict=True)}
    assert all(label_of[bytes(image)] == label for image, label in zip(data.x_test, data.y_test, strict=True))


def test_a_tensorflow_data_set_by_its_name(prepared):
    check(load_data("tfds:local_digits", data_dir=prepared, validation_split=0.25))


def test_a_tensorflow_data_set_by_its_folder_sized_as_the_network_reads(prepared):
    place = f"tfds:{prepared / 'local_digits' / '1.0.0'}"
    check(load_data(place, validation_split=0.25))
    assert load_data(place, input_shape=(12, 12, 3), resize="stretch").input_shape == (12, 12, 3)
    with pytest.raises(
        InputError, match=r"image 0: is 8x8, where 12x12 are read\n  overrides={\"train.preprocessing.resize\": "
    ):
        load_data(place, input_shape=(12, 12, 1))


def test_a_hugging_face_data_set_of_the_disk_trains_a_network(tmp_path, capsys):
    place = f"huggingface:{saved(tmp_path / 'hub')}"
    check(load_data(place, validation_split=0.25))
    (tmp_path / "tiny.yaml").write_text("name: tiny\ninput: [8, 8, 1]\nclasses: 10\nbody: [conv3-4]\n")
    assert main(["train", str(tmp_path / "tiny.yaml"), "--data", place, "--epochs", "1", "--out", str(tmp_path)]) == 0
    assert "test accuracy" in capsys.readouterr().out


def test_hugging_face_folders_of_images_come_with_their_classes(tmp_path):
    from PIL import Image

    for number in rows("train"):
        folder = tmp_path / "images" / "train" / f"digit_{Y[number]}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(X[number]).save(folder / f"{number}.png")
    data = load_data(f"huggingface:{tmp_path / 'images'}", data_dir=tmp_path / "cache", validation_split=0.25)
    assert data.class_names == tuple(f"digit_{digit}" for digit in range(10))
    assert len(data.y_train) + len(data.y_val) == COUNTS["train"]


def test_of_two_columns_of_labels_one_has_to_be_named(tmp_path):
    place = f"huggingface:{saved(tmp_path / 'hub', parity=1)}"
    with pytest.raises(InputError) as raised:
        load_data(place)
    assert str(raised.value) == f"{place}: has 2 columns of labels, not one\n  `{place},label=label` takes one"
    check(load_data(f"{place},label=label", validation_split=0.25))
    with pytest.raises(InputError, match="has no column of labels called 'labell'; did you mean 'label'"):
        load_data(f"{place},label=labell")
    with pytest.raises(InputError, match="no option is called 'lable'; did you mean 'label'"):
        load_data(f"{place},lable=label")


def test_test_images_with_secret_labels_are_left_out(tmp_path):
    import datasets

    found = datasets.load_from_disk(saved(tmp_path / "hub"))
    found["test"] = found["test"].map(lambda row: {"label": -1})
    found.save_to_disk(tmp_path / "secret")
    assert load_data(f"huggingface:{tmp_path / 'secret'}").y_test is None


def test_a_row_without_a_label_or_an_image_is_a_diagnostic(tmp_path):
    import datasets
    from PIL import Image

    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["a", "b"])})
    image = Image.fromarray(X[0])
    columns = {"image": [image, image, None], "label": [0, None, 1]}
    datasets.DatasetDict({"train": datasets.Dataset.from_dict(columns, features=features)}).save_to_disk(tmp_path / "d")
    with pytest.raises(InputError) as error:
        load_data(f"huggingface:{tmp_path / 'd'}")
    assert [diagnostic.message for diagnostic in error.value.diagnostics] == ["has no label", "has no image"]
    place = f"huggingface:{tmp_path / 'd'}, split train"
    assert [diagnostic.file for diagnostic in error.value.diagnostics] == [f"{place}, image 1", f"{place}, image 2"]


def test_what_a_hub_does_not_have_is_a_diagnostic(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"tfds:mnits: TensorFlow Datasets has no 'mnits'; did you mean 'mnist'"):
        load_data("tfds:mnits", data_dir=tmp_path)
    with pytest.raises(InputError, match=r"huggingface:/nowhere/at/all: cannot be loaded: "):
        load_data("huggingface:/nowhere/at/all")
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(InputError) as raised:
        load_data("tfds:mnist")
    message = "tfds:mnist: needs tensorflow_datasets, not installed\n  pip install 'convspec[tfds]'"
    assert str(raised.value) == message


@pytest.mark.parametrize("modes", [["L", "L", "RGB"], ["RGB", "L", "L"], ["LA", "L", "1"], ["P", "P", "L"], ["L"] * 3])
def test_grey_or_colour_is_decided_as_for_a_folder_of_the_same_files(tmp_path, modes):
    import datasets
    from PIL import Image

    (tmp_path / "folder" / "train" / "a").mkdir(parents=True)
    (tmp_path / "folder" / "train" / "b").mkdir()
    paths = []
    for number, mode in enumerate(modes):
        paths.append(tmp_path / "folder" / "train" / "ab"[number % 2] / f"{number}.png")
        Image.fromarray(X[number]).convert(mode).save(paths[-1])
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["a", "b"])})
    columns = {"image": [str(path) for path in paths], "label": [number % 2 for number in range(len(paths))]}
    datasets.DatasetDict({"train": datasets.Dataset.from_dict(columns, features=features)}).save_to_disk(tmp_path / "d")
    hub = read_hub(Request(f"huggingface:{tmp_path / 'd'}")).train
    folder = read_folder(Request(str(tmp_path / "folder"))).train
    assert hub.x.shape == folder.x.shape
    assert sorted(map(bytes, hub.x)) == sorted(map(bytes, folder.x))


def test_a_part_in_colour_makes_all_parts_colour_images(tmp_path):
    import datasets
    from PIL import Image

    found = datasets.load_from_disk(saved(tmp_path / "hub"))
    image = datasets.Dataset.from_dict(
        {"image": [Image.fromarray(X[0]).convert("RGB")], "label": [int(Y[0])]}, features=found["test"].features
    )
    datasets.DatasetDict({"train": found["train"], "test": image}).save_to_disk(tmp_path / "mixed")
    data = load_data(f"huggingface:{tmp_path / 'mixed'}")
    assert data.x_train.shape[1:] == data.x_test.shape[1:] == (8, 8, 3)


def test_files_of_a_hub_are_read_upright_and_broken_ones_are_errors(tmp_path):
    """By the paths of files, and by their bytes; uncompressed TIFFs are what Pillow misreads by name."""
    import datasets
    from PIL import Image

    stored = np.random.default_rng(0).integers(0, 256, (12, 8), np.uint8)
    for name in "ab":
        (tmp_path / "images" / "train" / name).mkdir(parents=True)
        Image.fromarray(stored).save(tmp_path / "images" / "train" / name / "0.tif", tiffinfo={274: 6})
    by_path = read_hub(Request(f"huggingface:{tmp_path / 'images'}", tmp_path / "cache")).train
    assert np.array_equal(by_path.x[..., 0], [np.rot90(stored, -1)] * 2)
    content = (tmp_path / "images" / "train" / "a" / "0.tif").read_bytes()
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["a", "b"])})

    def by_bytes(*contents):
        labels = [number % 2 for number in range(len(contents))]
        rows = {"image": [{"path": None, "bytes": content} for content in contents], "label": labels}
        found = datasets.DatasetDict({"train": datasets.Dataset.from_dict(rows, features=features)})
        found.save_to_disk(tmp_path / str(len(contents[1])))
        return read_hub(Request(f"huggingface:{tmp_path / str(len(contents[1]))}")).train

    assert np.array_equal(by_bytes(content, content).x, by_path.x)
    whole, deep = BytesIO(), BytesIO()
    Image.fromarray(stored).save(whole, "PNG")
    Image.fromarray(stored.astype(np.uint16)).save(deep, "PNG")
    cut = whole.getvalue()[: len(whole.getvalue()) // 2]
    with pytest.raises(InputError) as caught:
        by_bytes(b"broken", deep.getvalue(), content, cut, deep.getvalue())
    assert [diagnostic.file.rpartition(", ")[2] for diagnostic in caught.value.diagnostics] == [
        f"image {n}" for n in (0, 1, 3, 4)
    ]
    empty, sixteen, half, again = (diagnostic.message for diagnostic in caught.value.diagnostics)
    assert empty == "cannot be read as an image: it is empty or of no known format"
    assert half.startswith("cannot be read as an image: ")
    assert sixteen == again
    assert sixteen.startswith("has pixels of more than 8 bits")


def test_a_data_set_without_training_images_is_a_diagnostic(tmp_path):
    import datasets

    found = datasets.load_from_disk(saved(tmp_path / "hub"))
    datasets.DatasetDict({"test": found["test"], "unsupervised": found["train"]}).save_to_disk(tmp_path / "other")
    place = f"huggingface:{tmp_path / 'other'}"
    with pytest.raises(InputError) as raised:
        load_data(place)
    assert str(raised.value) == f"{place}: has no split called train; it has test, unsupervised"


def test_the_configuration_of_a_hugging_face_data_set_is_the_one_that_was_asked_for(tmp_path):
    """Two configurations in one folder, which differ in their images."""
    from PIL import Image

    head = "---\nconfigs:\n"
    for name, digits in (("low", (0, 1)), ("high", (8, 9))):
        head += f"- config_name: {name}\n  data_dir: {name}\n"
        for digit in digits:
            folder = tmp_path / "images" / name / "train" / f"digit_{digit}"
            folder.mkdir(parents=True)
            for number in range(2):
                Image.fromarray(X[digit == Y][number]).save(folder / f"{number}.png")
    (tmp_path / "images" / "README.md").write_text(head + "---\n")
    for name, digits in (("low", (0, 1)), ("high", (8, 9))):
        place = f"huggingface:{tmp_path / 'images'},config={name}"
        found = read_hub(Request(place, tmp_path / "cache"))
        assert found.class_names == tuple(f"digit_{digit}" for digit in digits)
        assert sorted(map(bytes, found.train.x)) == sorted(bytes(X[d == Y][n]) for d in digits for n in range(2))


def test_splits_may_be_called_what_folders_may(tmp_path):
    import datasets

    found = datasets.load_from_disk(saved(tmp_path / "hub"))
    datasets.DatasetDict({"Training": found["train"], "testing": found["test"]}).save_to_disk(tmp_path / "other")
    check(load_data(f"huggingface:{tmp_path / 'other'}", validation_split=0.25))
