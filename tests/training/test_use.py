"""Predicting, evaluating and exporting what `convspec train` left, from the command line."""

import csv
import json
import os
import zipfile
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convspec.cli import main
from convspec.data import load_data
from convspec.data.pixels import BYTES, UNIT, PixelRange, find_range
from convspec.language.diagnostics import InputError
from convspec.reports.saliency import grad_cam, occlusion
from convspec.training.predictor import BATCH, load_predictor
from convspec.training.saving import read_inputs

SPEC = """
name: tiny
input: [8, 8, 1]
classes: 10
body: [conv3-8, maxpool2/2]
head: {flatten: true, fc: [32]}
train: {epochs: 5, optimizer: {learning_rate: 0.01}}
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a short run on the digits."""
    folder = tmp_path_factory.mktemp("use")
    (folder / "tiny.yaml").write_text(SPEC)
    assert main(["train", str(folder / "tiny.yaml"), "--data", "digits", "--out", str(folder / "run")]) == 0
    return folder / "run"


def save(image, path):
    """A digit, 0 to 16, as an image file, 0 to 255."""
    Image.fromarray(np.round(image[..., 0] * (255 / 16)).astype(np.uint8)).save(path)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """All training and validation images of the digits as files by class, and their own order."""
    folder, data = tmp_path_factory.mktemp("pictures"), load_data("digits")
    for part, x, y in (("train", data.x_train, data.y_train), ("val", data.x_val, data.y_val)):
        for number, (image, label) in enumerate(zip(x, y, strict=True)):
            (folder / part / str(label)).mkdir(parents=True, exist_ok=True)
            save(image, folder / part / str(label) / f"{number:04}.png")
    return folder


def test_images_of_another_range_get_the_classes_of_their_own(trained, pictures, tmp_path, capsys):
    """A network of the digits, 0 to 16: the same images as files, as bytes, as numbers from 0 to 1 and from -1 to 1."""
    data = load_data("digits")
    predictor = load_predictor(trained)
    assert predictor.pixel_range == PixelRange(0, 16)
    wanted = predictor.probabilities(data.x_train)
    shares = data.x_train / 16.0
    ranges = {"bytes": (np.round(255 * shares).astype(np.uint8), None), "unit": (shares, None),
              "signed": (2 * shares - 1, None), "12 bits": (np.round(4095 * shares).astype(np.uint16), [0, 4095]),
              "own": (data.x_train, [0, 16])}  # fmt: skip
    for name, (x, declared) in ranges.items():
        assert predictor.probabilities(x, find_range({"all": x}) if declared is None else PixelRange(*declared)) == (
            pytest.approx(wanted, abs=0.02)
        )
        extra = {} if declared is None else {"pixel_range": declared}
        np.savez(tmp_path / f"{name}.npz", x_train=x, y_train=data.y_train, x_val=x, y_val=data.y_train, **extra)
    expected = float((wanted.argmax(axis=1) == data.y_train).mean())
    assert expected > 0.9
    capsys.readouterr()
    for place in (pictures, *(tmp_path / f"{name}.npz" for name in ranges)):
        part = "training" if place == pictures else "validation"
        assert main(["evaluate", str(trained), "--data", str(place), "--part", part, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["accuracy"] == pytest.approx(expected, abs=0.002)
    files = sorted((pictures / "train").rglob("*.png"))
    assert main(["predict", str(trained), str(pictures / "train"), "--json", "--top", "1"]) == 0
    found = {row["file"]: next(iter(row["classes"])) for row in json.loads(capsys.readouterr().out)}
    same = [int(found[str(path)]) == wanted[int(path.stem)].argmax() for path in files]
    assert np.mean(same) >= 0.998  # rounding to bytes may turn the odd image that is between two classes


def test_what_is_done_to_pixels_is_said(trained, tmp_path, capsys):
    data = load_data("digits")
    np.savez(tmp_path / "unit.npz", x=data.x_train / 16.0, y=data.y_train)
    assert main(["evaluate", str(trained), "--data", str(tmp_path / "unit.npz")]) == 0
    assert capsys.readouterr().err == (
        "unit: pixels 0 to 1, taken from their values, 0 to 1; --pixel-range declares another range\n"
        "unit: pixels 0 to 1 are brought to the network's 0 to 16\n"
    )
    np.savez(tmp_path / "float.npz", x=data.x_train.astype(np.float64), y=data.y_train)
    assert main(["evaluate", str(trained), "--data", str(tmp_path / "float.npz")]) == 1
    assert "--pixel-range=0,16" in capsys.readouterr().err
    assert main(["evaluate", str(trained), "--data", str(tmp_path / "float.npz"), "--pixel-range=0,16"]) == 0
    assert main(["evaluate", str(trained), "--data", "digits", "--pixel-range=16"]) == 1
    assert capsys.readouterr().err.endswith(
        "--pixel-range 16: expected the values of black and white\n  such as --pixel-range=0,4095\n"
    )


def test_pixels_outside_their_range_are_rejected(trained):
    data = load_data("digits")
    with pytest.raises(InputError, match="image pixels are from 0 to 160, outside their range, 0 to 16"):
        load_predictor(trained).probabilities(data.x_train * 10)


def test_a_place_may_be_a_text_and_a_range_two_numbers(trained):
    predictor = load_predictor(str(trained))
    x = np.zeros((2, 8, 8, 1), np.float32)
    low, high = predictor.pixel_range.low, predictor.pixel_range.high
    assert (predictor.probabilities(x, (low, high)) == predictor.probabilities(x)).all()
    with pytest.raises(InputError, match="not two numbers: the value of black and the value of white"):
        predictor.probabilities(x, (1,))


def test_an_explanation_is_the_same_in_another_range(trained):
    image = load_data("digits").x_train[3]
    predictor = load_predictor(trained)
    for explain in (grad_cam, occlusion):
        own, other = explain(predictor, image), explain(predictor, image / 16.0, pixel_range=UNIT)
        assert other.map == pytest.approx(own.map, abs=1e-4)
        assert (other.label, other.probability) == (own.label, pytest.approx(own.probability, abs=1e-5))


def test_fine_tuning_without_rescaling_brings_pixels_to_the_first_networks(tmp_path):
    """Raw pixels, 0 to 16 first and 0 to 255 then: the network reads the same numbers in both."""
    data = load_data("digits")
    np.savez(tmp_path / "bytes.npz", x=np.round(data.x_train * (255 / 16)).astype(np.uint8), y=data.y_train)
    (tmp_path / "raw.yaml").write_text(
        SPEC.replace(
            "epochs: 5,", "epochs: 3, preprocessing: {rescale: false, subtract_mean: none, standardize: false},"
        )
    )
    command = ["train", str(tmp_path / "raw.yaml"), "--data"]
    assert main([*command, "digits", "--out", str(tmp_path / "first")]) == 0
    tuned = [
        *command,
        str(tmp_path / "bytes.npz"),
        "--finetune",
        str(tmp_path / "first"),
        "--freeze",
        "all",
        "--epochs",
        "1",
    ]
    assert main([*tuned, "--out", str(tmp_path / "tuned")]) == 0
    first, second = (read_inputs(tmp_path / name / "model.keras").normalizer for name in ("first", "tuned"))
    assert (first.pixel_range, second.pixel_range) == (PixelRange(0, 16), BYTES)
    x = np.array([0.0, 8.0, 16.0]).reshape(1, 3, 1, 1)
    assert second(x * 255 / 16) == pytest.approx(first(x), abs=1e-5)


def test_predict_names_the_classes_of_image_files(trained, tmp_path, capsys):
    data = load_data("digits")
    for number in range(20):
        save(data.x_train[number], tmp_path / f"{number:02}.png")
    assert main(["predict", str(trained), str(tmp_path), "--json", "--top", "10"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["file"] for row in rows] == [str(tmp_path / f"{number:02}.png") for number in range(20)]
    first = [next(iter(row["classes"])) for row in rows]
    assert np.mean([int(name) == label for name, label in zip(first, data.y_train, strict=False)]) >= 0.9
    assert sum(rows[0]["classes"].values()) == pytest.approx(1, abs=1e-5)
    assert main(["predict", str(trained / "model.keras"), str(tmp_path / "00.png"), "--top", "1"]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/00.png: {first[0]} {100 * rows[0]['classes'][first[0]]:.1f} %\n"


def test_predict_says_what_is_wrong_with_an_image(trained, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.new("L", (9, 10)).save("large.png")
    assert main(["predict", str(trained), "large.png"]) == 1
    assert capsys.readouterr().err == (
        "large.png: is 10x9, but the network reads 8x8\n"
        "  --resize crop scales and crops all images (or stretch, or pad)\n"
    )
    assert main(["predict", str(trained), "none.png"]) == 1
    assert capsys.readouterr().err == "none.png: there is no such image or folder\n"
    assert main(["predict", "large.png", "large.png"]) == 1
    assert capsys.readouterr().err == "large.png: is not a .keras file: File is not a zip file\n"


@pytest.fixture
def mixed(tmp_path, monkeypatch):
    """A folder with 300 images of digits, more than are predicted together, three broken ones and what a Mac left."""
    data = load_data("digits")
    (tmp_path / "mixed" / "deep").mkdir(parents=True)
    for number in range(300):
        Image.fromarray(data.x_train[number, ..., 0]).save(tmp_path / "mixed" / f"{number:03}.png")
    (tmp_path / "mixed" / "007.png").write_bytes(b"no image")
    Image.new("L", (9, 10)).save(tmp_path / "mixed" / "280.png")
    Image.new("L", (9, 11)).save(tmp_path / "mixed" / "deep" / "1.png")
    (tmp_path / "mixed" / "._001.png").write_bytes(b"\0\5\26\7")
    monkeypatch.chdir(tmp_path)
    return [str(path) for path in sorted(Path("mixed").rglob("[!.]*.png")) if path.stem not in ("007", "280", "1")]


BROKEN = """mixed/007.png: cannot be read as an image: it is empty or of no known format
mixed/280.png: is 10x9, but the network reads 8x8
  --resize crop scales and crops all images (or stretch, or pad)
mixed/deep/1.png: is 11x9, but the network reads 8x8
3 of 301 images could not be read
"""


def test_predict_lists_what_it_cannot_read_and_predicts_all_the_rest(trained, mixed, capsys):
    assert main(["predict", str(trained), "mixed", "--top", "1"]) == 1
    lines, errors = capsys.readouterr()
    assert errors == BROKEN
    assert [line.partition(": ")[0] for line in lines.splitlines()] == mixed
    assert main(["predict", str(trained), "mixed", "--json", "--top", "1"]) == 1
    rows = json.loads(capsys.readouterr().out)
    said = [f"{row['file']}: {name} {100 * share:.1f} %" for row in rows for name, share in row["classes"].items()]
    assert said == lines.splitlines()
    assert main(["predict", str(trained), "mixed", "--csv", "all.csv"]) == 1
    assert capsys.readouterr() == ("all.csv: 298 images\n", BROKEN)
    with Path("all.csv").open() as file:
        table = list(csv.DictReader(file))
    columns = ["file", "class", "probability", "class_2", "probability_2", "class_3", "probability_3"]
    assert list(table[0]) == columns
    assert [f"{row['file']}: {row['class']} {100 * float(row['probability']):.1f} %" for row in table] == said
    assert all(float(row["probability"]) >= float(row["probability_2"]) >= float(row["probability_3"]) for row in table)
    assert main(["predict", str(trained), "mixed", "--csv", "all.csv"]) == 1
    assert capsys.readouterr().err == "all.csv: is there already\n  name another place, or give --overwrite\n"
    assert [path.name for path in Path.cwd().iterdir() if path.name.startswith(".all")] == []


def test_no_readable_image_is_an_empty_list(trained, tmp_path, capsys):
    (tmp_path / "1.png").write_bytes(b"")
    assert main(["predict", str(trained), str(tmp_path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(("top", "classes"), [(1, 1), (3, 3), (99, 10)])
def test_no_readable_image_is_a_table_with_a_header_alone(trained, tmp_path, capsys, top, classes):
    (tmp_path / "1.png").write_bytes(b"")
    table = tmp_path / "all.csv"
    assert main(["predict", str(trained), str(tmp_path), "--csv", str(table), "--top", str(top)]) == 1
    assert capsys.readouterr().out == f"{table}: 0 images\n"
    (header,) = csv.reader(table.read_text().splitlines())
    assert header[:3] == ["file", "class", "probability"]
    assert len(header) == 1 + 2 * classes


def test_predicting_holds_a_few_images_however_many_there_are(trained, tmp_path, monkeypatch):
    Image.new("L", (8, 8)).save(tmp_path / "1.png")
    asked = count()
    predicted = load_predictor(trained).predict(tmp_path / "1.png" for _ in asked)
    assert [path for path, _ in islice(predicted, 300)] == [tmp_path / "1.png"] * 300
    assert next(asked) < 4 * BATCH


def test_explain_draws_the_images_that_it_can_read(trained, mixed, capsys):
    assert main(["explain", str(trained), "mixed/000.png", "mixed/007.png", "--out", "seen"]) == 1
    assert capsys.readouterr().err == f"{BROKEN.splitlines()[0]}\n1 of 2 images could not be read\n"
    assert [path.name for path in Path("seen").iterdir()] == ["000_grad_cam.png"]


def test_evaluate_agrees_with_training(trained, capsys):
    assert main(["evaluate", str(trained), "--data", "digits", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    result = json.loads((trained / "result.json").read_text())
    assert found["part"] == "validation"
    assert found["accuracy"] == pytest.approx(result["val_accuracy"], abs=1e-6)
    assert found["loss"] == pytest.approx(result["val_loss"], rel=1e-4)
    assert main(["evaluate", str(trained), "--data", "digits"]) == 0
    assert capsys.readouterr().out.startswith(f"179 validation images: accuracy {100 * found['accuracy']:.2f} %, loss ")


def test_evaluate_matches_classes_by_name(trained, tmp_path, capsys):
    """The same images and labels with the classes in another order, once as a file and once in folders for the parts."""
    digits, order = load_data("digits"), np.random.default_rng(0).permutation(10)
    place = np.argsort(order)  # where each digit stands among the names
    parts = {f"{kind}_{part}": getattr(digits, f"{kind}_{part}") for kind in "xy" for part in ("train", "val")}
    arrays = {key: place[value] if key.startswith("y") else value for key, value in parts.items()}
    np.savez(tmp_path / "other.npz", **arrays, class_names=[str(digit) for digit in order], highest=16)
    for part in ("training", "validation"):
        found = []
        for data in ("digits", str(tmp_path / "other.npz")):
            assert main(["evaluate", str(trained), "--data", data, "--part", part, "--json"]) == 0
            found.append(json.loads(capsys.readouterr().out))
        assert found[0] == found[1]


def test_evaluate_refuses_other_classes(trained, tmp_path, capsys):
    np.savez(tmp_path / "ab.npz", x=np.zeros((40, 8, 8, 1)), y=np.arange(40) % 10, class_names=list("abcdefghij"))
    assert main(["evaluate", str(trained), "--data", str(tmp_path / "ab.npz")]) == 1
    assert capsys.readouterr().err.endswith(
        "its classes are others than the network's: 'a' where the network has '0'\n"
    )


def test_evaluate_names_its_own_options_where_images_do_not_fit(trained, tmp_path, capsys, monkeypatch):
    """Those of training, `--input` and `--set`, it does not have."""
    monkeypatch.chdir(tmp_path)
    digits = load_data("digits")
    large = {"x": np.pad(digits.x_val, ((0, 0), (1, 1), (1, 1), (0, 0))), "y": digits.y_val}
    np.savez("large.npz", **large, class_names=list("0123456789"), highest=16)
    np.savez("colour.npz", x=np.repeat(digits.x_val, 3, axis=3), y=digits.y_val)
    np.savez("few.npz", x=digits.x_val[digits.y_val < 9], y=digits.y_val[digits.y_val < 9])
    for label in "01":
        (tmp_path / "folder" / label).mkdir(parents=True)
        for number in range(3):
            Image.new("L", (9, 10)).save(tmp_path / "folder" / label / f"{number}.png")

    def told(data):
        assert main(["evaluate", str(trained), "--data", data]) == 1
        return capsys.readouterr().err

    crop = "  --resize crop scales and crops all images (or stretch, or pad)\n"
    assert told("large.npz") == f"large: its images are 10x10x1, but the network reads 8x8x1\n{crop}"
    assert told("folder").startswith(f"folder/0/0.png: is 10x9, but the network reads 8x8\n{crop}")
    assert told("colour.npz") == (
        "colour: its images are 8x8x3, but the network reads 8x8x1\n  take images of as many channels\n"
    )
    assert told("few.npz") == (
        "few: it has 9 classes, but the network has 10\n  take images of the network's classes\n"
    )
    assert main(["evaluate", str(trained), "--data", "large.npz", "--resize", "crop"]) == 0


def test_the_model_says_what_its_images_go_through(trained):
    with zipfile.ZipFile(trained / "model.keras") as archive:
        entry = json.loads(archive.read("convspec_training.json"))
    assert entry["class_names"] == list("0123456789")
    assert entry["normalizer"]["divisor"] == 16.0
    assert entry["normalizer"]["pixel_range"] == [0, 16]


def test_images_of_one_name_in_two_folders_are_explained_in_two_pictures(trained, tmp_path, capsys):
    data = load_data("digits")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        save(data.x_train[0], tmp_path / name / "1.png")
    assert main(["explain", str(trained), str(tmp_path), "--out", str(tmp_path / "seen")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert [path.name for path in sorted((tmp_path / "seen").iterdir())] == ["1_2_grad_cam.png", "1_grad_cam.png"]


@pytest.mark.parametrize(
    ("command", "out", "told"),
    [
        (["evaluate", "--data", "digits"], "run/model.keras", "run/model.keras: cannot be written: Not a directory"),
        (["evaluate", "--data", "digits"], "1.png/x", "1.png/x: cannot be written: Not a directory"),
        (["explain", "1.png"], "1.png/x", "1.png/x: cannot be written: Not a directory"),
        (["explain", "1.png"], "1.png/x.png", "1.png: cannot be written: Not a directory"),
        (["explain", "1.png"], "taken.png", "taken.png: cannot be written: Is a directory"),
        (["export", "--format", "tflite"], "1.png/x.tflite", "1.png: cannot be written: Not a directory"),
    ],
)
def test_an_output_that_cannot_be_written_is_a_diagnostic(trained, tmp_path, monkeypatch, capsys, command, out, told):
    Image.new("L", (8, 8)).save(tmp_path / "1.png")
    (tmp_path / "taken.png").mkdir()
    (tmp_path / "run").symlink_to(trained)
    monkeypatch.chdir(tmp_path)
    name, *rest = command
    assert main([name, "run", *rest, "--out", out]) == 1
    assert capsys.readouterr() == ("", f"{told}\n")


def test_no_class_at_all_is_a_diagnostic(trained, capsys):
    assert main(["predict", str(trained), "1.png", "--top", "0"]) == 1
    assert capsys.readouterr().err == "--top 0: 1 or more classes of each image\n"


def test_a_table_names_files_whose_names_are_no_text(trained, tmp_path, capsys):
    """A file may be called by any bytes; the table has these bytes."""
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    save(load_data("digits").x_val[0], path)
    assert main(["predict", str(trained), str(path), "--csv", str(tmp_path / "all.csv")]) == 0
    assert capsys.readouterr().err == ""
    assert b"caf\xe9.png,7," in (tmp_path / "all.csv").read_bytes()
