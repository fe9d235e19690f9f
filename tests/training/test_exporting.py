"""Exported files give for the pixels of an image file what `predict` says, and name the classes."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import convspec
from convspec.cli import main
from convspec.data.pixels import BYTES, PixelRange
from convspec.data.preprocessing import Normalizer
from convspec.language.diagnostics import InputError
from convspec.training import exporting
from convspec.training.exporting import _outputs, describe, export
from convspec.training.precision import POLICIES, in_float32
from convspec.training.predictor import Predictor, load_predictor
from convspec.training.saving import Inputs, save_trained

NAMES = {"saved_model": "model_saved_model", "tflite": "model.tflite", "onnx": "model.onnx"}
CLASSES = ("left", "right: é", "neither")
PAGE = (Path(__file__).parents[2] / "docs" / "export.md").read_text("utf-8")
EXAMPLES = dict(zip(("onnx", "tflite", "saved_model"), re.findall(r"```python\n(.*?)```", PAGE, re.S), strict=True))


def network(heads=1, channels=3, activation=None):
    """A small network with random weights; its outputs' names are in no order."""
    keras.utils.set_random_seed(1)
    x = inputs = keras.Input((8, 6, channels))
    x = keras.layers.Conv2D(4, 3, activation="relu")(x)
    x = keras.layers.Flatten()(x)
    names = ["predictions", "aux_2", "aux_1"][:heads]
    heads = [keras.layers.Dense(3, activation=activation, name=name)(x) for name in names]
    return keras.Model(inputs, heads if len(heads) > 1 else heads[0], name="small")


def inputs(*, reverse=False, image_mean=False, channels=3, pixel_range=BYTES):
    shape = (8, 6, channels) if image_mean else (channels,)
    mean = np.random.default_rng(1).random(shape).astype(np.float32)
    deviation = np.linspace(0.1, 0.4, channels).astype(np.float32)
    normalizer = Normalizer(pixel_range.width, mean, deviation, reverse, pixel_range)
    return Inputs(CLASSES, normalizer, "none", 0.1, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run's model of two heads that end in logits, all its exports, and a photo."""
    folder = tmp_path_factory.mktemp("export")
    save_trained(network(heads=3), folder / "model.keras", inputs(reverse=True, image_mean=True))
    pixels = np.random.default_rng(2).integers(0, 256, (8, 6, 3), np.uint8)
    Image.fromarray(pixels).save(folder / "photo.png")
    for kind in NAMES:
        assert main(["export", str(folder), "--format", kind]) == 0
    return folder


@pytest.mark.parametrize("kind", NAMES)
def test_the_lines_of_the_documentation_say_what_predict_says(folder, kind, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    variables: dict[str, object] = {}
    exec(EXAMPLES[kind], variables)
    printed = capsys.readouterr().out
    expected = load_predictor(folder).predict([Path("photo.png")])
    ((_, row),) = list(expected)
    assert variables["probabilities"] == pytest.approx(row, abs=1e-5)
    assert row.max() < 0.999  # else a wrong order of channels or a lost mean would hardly show
    assert variables["names"] == list(CLASSES)
    assert printed.startswith(CLASSES[row.argmax()] + " 0.")


@pytest.mark.parametrize("kind", NAMES)
def test_every_output_comes_by_its_name_for_any_number_of_images(folder, kind):
    x = np.random.default_rng(3).uniform(0, 255, (5, 8, 6, 3)).astype(np.float32)
    found = exporting.RUNNERS[kind](folder / NAMES[kind], x)
    model, normalizer = (
        keras.models.load_model(folder / "model.keras"),
        inputs(reverse=True, image_mean=True).normalizer,
    )
    expected = [keras.ops.convert_to_numpy(keras.ops.softmax(one)) for one in model(normalizer(x))]
    assert set(found) == {"probabilities", "aux_1", "aux_2"}
    for name, output in zip(("probabilities", "aux_2", "aux_1"), expected, strict=True):
        assert found[name] == pytest.approx(output, abs=1e-5)


@pytest.mark.parametrize("kind", NAMES)
def test_the_file_and_the_json_beside_it_say_what_goes_in_and_comes_out(folder, kind):
    path = folder / NAMES[kind]
    card = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
    assert card["class_names"] == list(CLASSES)
    assert card["input"] == {
        "name": "images", "shape": [None, 8, 6, 3], "dtype": "float32", "channels": "RGB", "pixel_range": [0, 255],
        "resize": "none",
    }  # fmt: skip
    assert set(card["outputs"]) == {"probabilities", "aux_1", "aux_2"}
    if kind == "saved_model":
        inside = json.loads((path / "assets.extra" / "convspec.json").read_text("utf-8"))
    elif kind == "tflite":
        inside = json.loads(zipfile.ZipFile(path).read("convspec.json"))
    else:
        import onnx

        model = onnx.load(path)
        onnx.checker.check_model(model)
        inside = {entry.key: entry.value for entry in model.metadata_props}
        inside = {key: value if key == "format" else json.loads(value) for key, value in inside.items()}
        axes = [value.type.tensor_type.shape.dim[0].dim_param for value in (*model.graph.input, *model.graph.output)]
        assert axes == ["batch"] * 4
    assert inside == card


HELD = "name another place, or give --overwrite"


def test_an_export_stays_unless_it_may_be_overwritten(folder, capsys):
    for kind, name in NAMES.items():
        assert main(["export", str(folder), "--format", kind]) == 1
        assert capsys.readouterr().err == f"{folder / name}: is there already\n  {HELD}\n"
    for call in (export, convspec.export):
        given = (network(), "onnx") if call is export else (folder, "onnx")
        with pytest.raises(InputError, match=r"model\.onnx: is there already\n  name another place"):
            call(*given, folder / "model.onnx")


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", NAMES)
def test_an_earlier_export_is_overwritten_as_a_whole_and_only_by_one_that_is_right(folder, tmp_path, kind, monkeypatch):
    out = tmp_path / NAMES[kind]
    export(network(), kind, out)
    if kind == "saved_model":
        (out / "assets.extra" / "mine.txt").write_text("of the earlier export")
    before = content(tmp_path)
    right = exporting.RUNNERS[kind]
    monkeypatch.setitem(exporting.RUNNERS, kind, lambda path, x: {"predictions": np.zeros((len(x), 3))})
    with pytest.raises(InputError, match="computes something else"):
        export(network(), kind, out, overwrite=True)
    monkeypatch.setitem(exporting.RUNNERS, kind, right)
    assert content(tmp_path) == before
    assert main(["export", str(folder), "--format", kind, "--out", str(out), "--overwrite"]) == 0
    assert json.loads((tmp_path / f"{out.name}.json").read_text())["class_names"] == list(CLASSES)
    x = np.random.default_rng(3).uniform(0, 255, (2, 8, 6, 3)).astype(np.float32)
    found, expected = (exporting.RUNNERS[kind](path, x) for path in (out, folder / NAMES[kind]))
    assert found["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-5)
    assert {path.name for path in tmp_path.iterdir()} == {out.name, f"{out.name}.json"}
    assert not (out / "assets.extra" / "mine.txt").exists()


def test_a_folder_that_is_no_export_is_never_replaced(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.png").write_text("mine")
    with pytest.raises(InputError, match="photos: is no SavedModel, and is not replaced by one"):
        export(network(), "saved_model", tmp_path / "photos", overwrite=True)
    with pytest.raises(InputError, match="photos: cannot be written: Is a directory"):
        export(network(), "onnx", tmp_path / "photos", overwrite=True)
    with pytest.raises(InputError, match=r"1\.png: is no SavedModel"):
        export(network(), "saved_model", tmp_path / "photos" / "1.png", overwrite=True)
    assert (tmp_path / "photos" / "1.png").read_text() == "mine"


def test_pixels_of_another_range_and_grey_images(tmp_path):
    its = inputs(channels=1, pixel_range=PixelRange(0, 16))
    model = network(channels=1, activation="softmax")
    x = np.random.default_rng(4).integers(0, 17, (4, 8, 6, 1)).astype(np.float32)
    expected = Predictor((model,), (its,)).probabilities(x)
    assert export(model, "onnx", tmp_path / "own.onnx", its) < 1e-5
    assert export(model, "onnx", tmp_path / "bytes.onnx", its, pixel_range=BYTES) < 1e-5
    own, other = (exporting.RUNNERS["onnx"](tmp_path / f"{name}.onnx", pixels)["probabilities"]
                  for name, pixels in (("own", x), ("bytes", x / 16 * 255)))  # fmt: skip
    assert own == pytest.approx(expected, abs=1e-5)
    assert other == pytest.approx(expected, abs=1e-5)
    assert json.loads((tmp_path / "bytes.onnx.json").read_text())["input"]["pixel_range"] == [0, 255]


@pytest.mark.parametrize("kind", ["onnx", "tflite"])
def test_a_raw_export_is_the_network_alone(folder, tmp_path, capsys, kind):
    out = tmp_path / f"m.{kind}"
    assert main(["export", str(folder), "--format", kind, "--raw", "--out", str(out)]) == 0
    assert capsys.readouterr().out.startswith(f"{out}: {kind}, run beside the network: outputs differ by at most ")
    x = np.random.default_rng(3).standard_normal((2, 8, 6, 3)).astype(np.float32)
    expected = keras.models.load_model(folder / "model.keras")(x)
    found = exporting.RUNNERS[kind](out, x)
    for name, output in zip(("predictions", "aux_2", "aux_1"), expected, strict=True):
        assert found[name] == pytest.approx(keras.ops.convert_to_numpy(output), abs=1e-4)


def test_a_network_that_was_not_trained_here_exports_raw_alone(tmp_path, capsys):
    network().save(tmp_path / "plain.keras")
    command = ["export", str(tmp_path / "plain.keras"), "--format", "onnx"]
    assert main(command) == 1
    assert capsys.readouterr().err.endswith("\n  --raw exports a network as it is\n")
    assert main([*command, "--raw"]) == 0
    assert main([*command, "--raw", "--pixel-range=0,1"]) == 1
    assert capsys.readouterr().err == "--pixel-range goes without --raw, which leaves preprocessing out\n"


@pytest.mark.parametrize("wrong", [lambda x: x + 0.01, lambda x: x * np.nan])
def test_an_export_that_computes_something_else_is_an_error_and_leaves_nothing(tmp_path, monkeypatch, wrong):
    right = exporting.RUNNERS["onnx"]
    wrongly = lambda path, x: {name: wrong(output) for name, output in right(path, x).items()}  # noqa: E731
    monkeypatch.setitem(exporting.RUNNERS, "onnx", wrongly)
    with pytest.raises(InputError, match=r"m\.onnx: computes something else than the network: probabilities differ by"):
        export(network(), "onnx", tmp_path / "m.onnx", inputs())
    assert list(tmp_path.iterdir()) == []


def test_an_export_whose_card_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    right = exporting.RUNNERS["onnx"]

    def run(path, x):
        (tmp_path / "m.onnx.json").mkdir()  # in the way since the look at it
        return right(path, x)

    monkeypatch.setitem(exporting.RUNNERS, "onnx", run)
    with pytest.raises(InputError, match=r"m\.onnx\.json: cannot be written: "):
        export(network(), "onnx", tmp_path / "m.onnx", inputs())
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx.json"]


def test_a_tflite_file_has_its_ending(tmp_path, capsys):
    """Keras's converter asks for it."""
    assert main(["export", "no.keras", "--format", "tflite", "--out", str(tmp_path / "m.lite")]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'm.lite'}: a TFLite file ends in .tflite\n  name it m.tflite\n"


def test_what_is_there_is_said_before_anything_is_read(tmp_path, capsys):
    (tmp_path / "m.onnx").write_text("mine")
    assert main(["export", "no.keras", "--format", "onnx", "--out", str(tmp_path / "m.onnx")]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'm.onnx'}: is there already\n  {HELD}\n"


def in_policy(policy, **how):
    keras.config.set_dtype_policy(policy)
    try:
        return network(**how)
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("policy", POLICIES)
def test_a_network_of_any_number_format_has_a_copy_in_float32(policy):
    model = in_policy(policy, heads=2)
    copy = in_float32(model)
    assert {layer.dtype_policy.name for layer in copy.layers} == {"float32"}
    assert {weight.dtype for weight in copy.weights} == {"float32"}
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]
    x = np.random.default_rng(3).standard_normal((2, 8, 6, 3)).astype(np.float32)
    tolerance = 0.05 if "bfloat16" in policy else 0.01
    for own, its in zip(copy(x), model(x), strict=True):
        assert own.dtype == "float32"
        assert keras.ops.convert_to_numpy(own) == pytest.approx(
            keras.ops.convert_to_numpy(keras.ops.cast(its, "float32")), abs=tolerance
        )
    assert in_float32(copy) is copy


@pytest.mark.parametrize(
    ("kind", "policy", "rounding"),
    [("tflite", "mixed_float16", 2e-3), ("onnx", "mixed_bfloat16", 1e-2), ("onnx", "float64", 1e-5),
     ("saved_model", "mixed_bfloat16", 1e-2)],
)  # fmt: skip
def test_an_export_says_what_predict_says_in_any_number_format(kind, policy, rounding, tmp_path, capfd):
    model = in_policy(policy)
    out = tmp_path / NAMES[kind]
    difference = export(model, kind, out, inputs())
    x = np.random.default_rng(3).uniform(0, 255, (5, 8, 6, 3)).astype(np.float32)
    found = exporting.RUNNERS[kind](out, x)["probabilities"]
    assert found == pytest.approx(Predictor((model,), (inputs(),)).probabilities(x), abs=rounding)
    assert difference <= rounding
    assert found.dtype == np.float32
    assert "error" not in capfd.readouterr().err


@pytest.mark.parametrize("kind", ["tflite", "onnx"])
def test_what_a_format_does_not_know_is_one_line_and_no_log_of_its_converter(kind, tmp_path, capfd):
    x = images = keras.Input((4, 4, 1))
    model = keras.Model(images, keras.layers.Dense(2)(keras.ops.erfinv(keras.layers.Flatten()(x))))
    capfd.readouterr()
    with pytest.raises(InputError, match=f'cannot be exported as {kind}: .*Erfinv.*\n  format="saved_model" keeps all'):
        export(model, kind, tmp_path / f"m.{kind}")
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_cannot_be_copied_is_said_to_be_so(tmp_path):
    x = images = keras.Input((4, 4, 1))
    model = keras.Model(
        images, keras.layers.Lambda(lambda x: x, dtype="float16")(keras.layers.Flatten()(x)), name="own"
    )
    with pytest.raises(InputError, match="own: computes in another number format than float32, and cannot be copied: "):
        export(model, "onnx", tmp_path / "m.onnx")


SCRIPT = """
import sys
from convspec.cli import main
for kind, out in zip(sys.argv[1::2], sys.argv[2::2]):
    if status := main(["export", "model.keras", "--format", kind, "--out", out]):
        sys.exit(status)
"""


def test_with_jax_the_files_are_the_same(folder, tmp_path):
    """Both formats that Keras has no way to write with JAX, or needs a further package for."""
    x = np.random.default_rng(3).uniform(0, 255, (5, 8, 6, 3)).astype(np.float32)
    environment, files = (
        {**os.environ, "KERAS_BACKEND": "jax"},
        {kind: tmp_path / NAMES[kind] for kind in ("onnx", "tflite")},
    )
    command = [sys.executable, "-c", SCRIPT, *(str(word) for pair in files.items() for word in pair)]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for kind, out in files.items():
        one, other = (exporting.RUNNERS[kind](path, x) for path in (out, folder / NAMES[kind]))
        assert one.keys() == other.keys()
        assert all(one[name] == pytest.approx(other[name], abs=1e-5) for name in one)


def test_what_a_format_needs_is_named_with_what_installs_it(tmp_path, monkeypatch):
    for name in exporting.NEEDS["onnx"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError) as caught:
        export(network(), "onnx", tmp_path / "a.onnx")
    message = "format=\"onnx\": needs onnx and tf2onnx and onnxruntime, not installed\n  pip install 'convspec[onnx]'"
    assert str(caught.value) == message


@pytest.mark.parametrize("kind", NAMES)
def test_an_export_lies_beside_its_network_unless_another_place_is_named(folder, tmp_path, monkeypatch, kind):
    shutil.copy(folder / "model.keras", tmp_path / "model.keras")
    monkeypatch.setattr(exporting, "export", lambda model, kind, path, *more, **how: 0.0)
    found = convspec.export(tmp_path, kind)
    assert found.file == tmp_path / NAMES[kind]
    assert found.card == tmp_path / f"{NAMES[kind]}.json"


@pytest.mark.parametrize(("channels", "words"), [(1, "grey"), (3, "RGB"), (5, "5")])
def test_what_the_channels_of_an_export_are(channels, words):
    inputs = keras.Input((4, 4, channels), name="images")
    model = keras.Model(inputs, {"probabilities": keras.layers.GlobalAveragePooling2D()(inputs)})
    normalizer = Normalizer(255.0, np.zeros(channels, np.float32), np.ones(channels, np.float32))
    found = describe(model, "onnx", Inputs(("a", "b"), normalizer, "none", 0.1, 0))
    assert found["input"]["channels"] == words
    assert (found["input"]["pixel_range"], found["class_names"]) == ([0.0, 255.0], ["a", "b"])


@pytest.mark.parametrize("outputs", [1, 2])
def test_the_outputs_of_an_export_have_the_names_of_their_layers(network, outputs) -> None:
    names, tensors = _outputs(network(outputs), keras.Input((8, 8, 1)))
    assert names == [f"head_{number}" for number in range(outputs)]
    assert [tuple(tensor.shape) for tensor in tensors] == [(None, 2)] * outputs
