"""What is seen after training: the confusion matrix, the surest mistakes, the first filters, and what a network sees."""

from __future__ import annotations

import csv
import json

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from convspec.cli import main
from convspec.data.pixels import BYTES, UNIT
from convspec.data.preprocessing import Normalizer
from convspec.language.diagnostics import InputError
from convspec.reports import saliency as explaining
from convspec.reports.evaluation import write_evaluation
from convspec.reports.filters import as_picture, draw_filters, first_kernel
from convspec.reports.mistakes import surest_mistakes
from convspec.reports.saliency import Explanation, draw_explanation, grad_cam, occlusion, place_of
from convspec.training.predictor import Predictor, load_predictor
from convspec.training.saving import Inputs
from convspec.training.scores import confusion_matrix

SIDE, CANVAS = 8, 28
SPEC = """
name: finder
input: [28, 28, 1]
classes: 2
body: [conv3-8, conv3-16/2, conv3-32]
head: {pooling: avg}
train: {epochs: 8, batch_size: 32, optimizer: {learning_rate: 0.01}}
"""


def planted(count=None):
    """Handwritten zeros and ones, each somewhere on a noisy canvas; the images, their classes, and the corners."""
    digits, random = load_digits(), np.random.default_rng(0)
    chosen = np.flatnonzero(digits.target < 2)[:count]
    images = random.integers(0, 60, (len(chosen), CANVAS, CANVAS, 1)).astype(np.uint8)
    corners = random.integers(0, CANVAS - SIDE + 1, (len(chosen), 2))
    for image, number, (top, left) in zip(images, chosen, corners, strict=True):
        place = image[top : top + SIDE, left : left + SIDE, 0]
        np.maximum(place, digits.images[number] * 15, out=place, casting="unsafe")
    return images, digits.target[chosen], corners


@pytest.fixture(scope="module")
def finder(tmp_path_factory):
    """The folder of a network that tells zeros from ones wherever they are; the last 40 images are its test images."""
    folder = tmp_path_factory.mktemp("finder")
    (folder / "finder.yaml").write_text(SPEC)
    x, y, _ = planted()
    np.savez(folder / "planted.npz", x_train=x[:-40], y_train=y[:-40], x_test=x[-40:], y_test=y[-40:],
             class_names=["zero", "one"])  # fmt: skip
    command = ["train", str(folder / "finder.yaml"), "--data", str(folder / "planted.npz")]
    assert main([*command, "--out", str(folder / "run")]) == 0
    assert json.loads((folder / "run" / "result.json").read_text())["test_accuracy"] >= 0.9
    return folder


# after training


def test_a_run_leaves_the_scores_of_each_class_and_pictures(finder):
    run = finder / "run"
    for name in ("confusion.png", "filters.png"):
        with Image.open(run / name) as picture:
            assert picture.width > 200
    rows = list(csv.DictReader((run / "classes.csv").read_text().splitlines()))
    accuracy = json.loads((run / "result.json").read_text())["test_accuracy"]
    assert [row["class"] for row in rows] == ["zero", "one"]
    found = sum(float(row["recall"]) * int(row["images"]) for row in rows)
    assert found / 40 == pytest.approx(accuracy, abs=1e-5)


def test_evaluate_writes_the_same_beside_its_table(finder, tmp_path, capsys):
    data = str(finder / "planted.npz")
    assert main(["evaluate", str(finder / "run"), "--data", data, "--out", str(tmp_path / "seen")]) == 0
    assert f"{tmp_path / 'seen'}: classes.csv, confusion.png, " in capsys.readouterr().out
    assert (tmp_path / "seen" / "classes.csv").read_text() == (finder / "run" / "classes.csv").read_text()


def test_rows_of_the_confusion_matrix_are_true_classes():
    probabilities = np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]])
    assert confusion_matrix(probabilities, np.array([0, 1, 1, 2])).tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]


def test_the_surest_mistake_comes_first():
    probabilities = np.array([[0.6, 0.4], [0.1, 0.9], [0.2, 0.8], [0.9, 0.1]])
    assert surest_mistakes(probabilities, np.array([1, 0, 1, 1])).tolist() == [1, 3, 0]


def test_without_mistakes_their_picture_goes(finder, tmp_path):
    predictor = load_predictor(finder / "run")
    x = planted(20)[0]
    (tmp_path / "mistakes.png").write_bytes(b"of an earlier run")
    right = predictor.probabilities(x).argmax(axis=1)
    scores, files = write_evaluation(tmp_path, predictor, x, right, BYTES, "test")
    assert (scores.accuracy, files) == (1.0, ["classes.csv", "confusion.png", "filters.png"])
    assert all((tmp_path / name).stat().st_size for name in files)
    assert not (tmp_path / "mistakes.png").exists()


def test_a_hundred_classes_and_long_names_fit(tmp_path):
    from convspec.reports.confusion import draw_confusion

    for classes in (50, 100):
        names = tuple(f"class with a long name {number}" for number in range(classes))
        draw_confusion(np.eye(classes, dtype=np.int64) * 12345, names, tmp_path / "some.png", "all right")
        with Image.open(tmp_path / "some.png") as picture:
            assert max(picture.size) <= 2000


def test_first_filters_are_the_weights_of_the_first_convolution(finder, tmp_path):
    model = keras.models.load_model(finder / "run" / "model.keras")
    assert np.array_equal(first_kernel(model), model.layers[1].get_weights()[0])
    assert as_picture(np.array([[[-2.0]], [[0.0]], [[1.0]]], np.float32)).ravel().tolist() == [0.0, 0.5, 0.75]
    inputs = keras.Input((4, 4, 1))
    dense = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(inputs)))
    assert not draw_filters(dense, tmp_path / "none.png")


@pytest.mark.parametrize(
    ("size", "channels", "drawn"), [(3, 1, True), (3, 3, True), (1, 3, False), (3, 2, False), (1, 1, False)]
)
def test_filters_are_drawn_where_they_can_be_looked_at(tmp_path, size, channels, drawn):
    """Grey or colours, and more than a point."""
    inputs = keras.Input((4, 4, channels))
    model = keras.Model(inputs, keras.layers.Conv2D(2, size)(inputs))
    assert draw_filters(model, tmp_path / "filters.png") == drawn
    assert (tmp_path / "filters.png").exists() == drawn


# explaining


@pytest.mark.parametrize(("least", "most", "top"), [(0.0, 0.5, 0.5), (0.2, 0.7, 0.7), (0.0, 0.0, 1.0)])
def test_the_colours_of_a_map_begin_at_zero(tmp_path, monkeypatch, least, most, top):
    """So that a place that speaks for the class a little does not look like one that does not."""
    figures = []
    monkeypatch.setattr(explaining, "save_figure", lambda figure, path: figures.append(figure))
    found = Explanation(np.linspace(least, most, 16, dtype=np.float32).reshape(4, 4), 1, 0.75, "some map")
    draw_explanation(found, np.zeros((4, 4, 1), np.uint8), BYTES, "one", tmp_path / "a.png")
    left, right = figures[0].axes[:2]
    assert right.images[-1].get_clim() == pytest.approx((0.0, top))
    assert (left.get_title(), right.get_title()) == ("one 75.0 %", "some map")


@pytest.mark.parametrize(("method", "shares"), [(grad_cam, 0.8), (occlusion, 0.8)], ids=["grad_cam", "occlusion"])
def test_what_speaks_for_a_class_lies_where_the_digit_was_planted(finder, method, shares):
    predictor = load_predictor(finder / "run")
    x, y, corners = planted()
    inside = []
    for image, label, (top, left) in list(zip(x, y, corners, strict=True))[-20:]:
        row, column = place_of(method(predictor, image, int(label)))
        inside.append(-2 <= row - top < SIDE + 2 and -2 <= column - left < SIDE + 2)
    assert np.mean(inside) >= shares
    assert (SIDE + 4) ** 2 / CANVAS**2 < 0.25  # what chance would give


def test_grad_cam_is_the_gradient_of_the_score_before_the_softmax(finder):
    """By hand: behind the last maps are their mean and the classifier, so the weights are the classifier's."""
    predictor = load_predictor(finder / "run")
    model, image = predictor.models[0], planted(1)[0][0]
    maps = model.layers[-3].output
    assert maps.shape[1:3] == (14, 14)
    values = np.asarray(
        keras.Model(model.inputs[0], maps)(predictor.inputs[0].normalizer(image[None].astype("float32")))
    )
    wanted = np.maximum((values[0] * model.layers[-1].get_weights()[0][:, 1]).sum(-1), 0)
    found = grad_cam(predictor, image, 1, model.layers[-3].name).map
    small = np.asarray(Image.fromarray(wanted / wanted.max()).resize((CANVAS, CANVAS), Image.Resampling.BILINEAR))
    assert found == pytest.approx(small, abs=1e-4)
    assert model.layers[-1].activation is keras.activations.softmax


def test_a_softmax_of_whatever_layer_is_left_out():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((12, 12, 1))
    x = keras.layers.Dense(3)(keras.layers.Flatten()(keras.layers.Conv2D(4, 3)(inputs)))
    outputs = (x, keras.layers.Softmax()(x), keras.layers.Activation("softmax")(x))
    one = Normalizer(1.0, np.zeros(1, np.float32), np.ones(1, np.float32), pixel_range=UNIT)
    how, image = Inputs(("a", "b", "c"), one, "none", 0.1, 1), np.random.default_rng(0).random((12, 12, 1))
    bare, *rest = (grad_cam(Predictor((keras.Model(inputs, y),), (how,)), image, 1).map for y in outputs)
    assert all(np.array_equal(bare, other) for other in rest)
    assert bare.max() > 0


def test_other_threads_may_predict_meanwhile(finder, monkeypatch):
    predictor, image = load_predictor(finder / "run"), planted(1)[0][0]
    before, gradient, meanwhile = predictor.probabilities(image[None]), explaining._gradient, []

    def slow(*arguments):
        meanwhile.append(
            (predictor.models[0].layers[-1].activation, np.asarray(predictor.models[0](image[None] / 255.0)))
        )
        return gradient(*arguments)

    monkeypatch.setattr(explaining, "_gradient", slow)
    grad_cam(predictor, image, 1)
    [(activation, output)] = meanwhile
    assert activation is keras.activations.softmax
    assert output.sum() == pytest.approx(1, abs=1e-5)
    assert np.array_equal(predictor.probabilities(image[None]), before)


def test_explain_draws_a_picture_for_each_image(finder, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number, image in enumerate(planted(2)[0]):
        Image.fromarray(image[..., 0]).save(f"{number}.png")
    assert main(["explain", str(finder / "run"), "0.png", "1.png", "--class", "one"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["0.png", "1.png"]
    assert all(": one " in line and line.endswith("_grad_cam.png") for line in lines)
    assert main(["explain", str(finder / "run"), "0.png", "--method", "occlusion", "--out", "seen/a.png"]) == 0
    for name in ("0_grad_cam.png", "1_grad_cam.png", "seen/a.png"):
        with Image.open(name) as picture:
            assert picture.width > 600


DIAGNOSTICS = {
    "class": (["--class", "onne"], "--class: no class is called 'onne'; did you mean 'one'?"),
    "layer": (["--layer", "fc1"], "--layer: finder has no layer 'fc1' whose output has height and width"),
    "other method": (["--layer", "x", "--method", "occlusion"], "--layer goes with --method grad_cam"),
    "ending": (["--out", "a.jpg"], "--out a.jpg: a picture is a .png"),
}


@pytest.mark.parametrize(("options", "message"), DIAGNOSTICS.values(), ids=DIAGNOSTICS.keys())
def test_what_cannot_be_explained_is_a_diagnostic(finder, tmp_path, capsys, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(planted(1)[0][0, ..., 0]).save("0.png")
    assert main(["explain", str(finder / "run"), "0.png", *options]) == 1
    assert capsys.readouterr().err.startswith(message)


def test_a_layer_that_other_ways_lead_past_is_a_diagnostic(finder):
    inputs = keras.Input((CANVAS, CANVAS, 1))
    branches = [keras.layers.Conv2D(4, 3, name=f"branch_{number}")(inputs) for number in range(2)]
    x = keras.layers.Add(name="add")(branches)
    model = keras.Model(inputs, keras.layers.Dense(2, "softmax")(keras.layers.Flatten()(x)), name="two")
    predictor, image = Predictor((model,), load_predictor(finder / "run").inputs), planted(1)[0][0]
    assert grad_cam(predictor, image).meaning == "Grad-CAM at add, 26x26"
    with pytest.raises(InputError, match=r"two cannot be cut at branch_1: other ways lead past it\n  take a layer"):
        grad_cam(predictor, image, layer="branch_1")


# timing


def test_bench_names_what_it_measured_and_how(capsys):
    assert main(["bench", "lenet5", "--batch", "4", "--repeats", "3", "--json"]) == 0
    text = capsys.readouterr().out
    found = json.loads(text)
    assert text.splitlines()[:3] == ["{", ' "batch": 4,', ' "dtype": "float32",']  # a person can read it, too
    assert (found["batch"], found["dtype"], found["repeats"], found["backend"]) == (4, "float32", 3, "tensorflow")
    assert list(found["networks"]["lenet5"]) == ["inference", "training"]
    for part in found["networks"]["lenet5"].values():
        assert part["images_per_second"] == pytest.approx(4000 / part["milliseconds"], rel=0.01)
    assert main(["bench", "lenet5", "--batch", "4", "--repeats", "1", "--inference"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("batches of 4, float32, median of 1, on ")
    assert lines[3].startswith("lenet5 ")
    assert main(["bench", "lenet5", "--batch", "0"]) == 1
    assert capsys.readouterr().err == "--batch 0 --repeats 10: both are 1 or more\n"


def test_the_median_and_the_spread_of_repeats():
    from convspec.training.timing import Timing

    timing = Timing(10, (0.010, 0.020, 0.030, 0.040, 1.0))
    assert (timing.milliseconds, timing.spread) == (pytest.approx(30), pytest.approx(10))
    assert timing.images_per_second == pytest.approx(1000 / 3)
