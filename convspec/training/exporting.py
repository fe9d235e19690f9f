"""A trained network in other programs' formats, with its preprocessing inside, checked by running it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ..data.pixels import PixelRange
from ..files import shown, whole_file, write_text
from ..keras_import import held_back
from ..language.arguments import checked
from ..language.diagnostics import InputError
from ..output_paths import card_path, check_export
from ..packages import is_installed, missing
from ..printing import first_line
from ..private_names import layer_of
from ..process import warning_filters
from .output_kind import ends_of
from .precision import in_float32
from .saving import Inputs

FORMATS = {"saved_model": "tf_saved_model", "tflite": "litert", "onnx": "onnx"}  # ours: Keras's name
IN_FLOAT32 = ("tflite", "onnx")  # their runtimes lack layers for other number formats, on CPUs at least
NEEDS = {"saved_model": (), "tflite": ("ai_edge_litert",), "onnx": ("onnx", "tf2onnx", "onnxruntime")}
TOLERANCE = 1e-3  # of a probability; the formats round in other places, but by far less than that
OPEN_SIZE = 64  # pixels, where the network leaves its input's size open
IMAGES, PROBABILITIES = "images", "probabilities"
CARD, LABELS = "convspec.json", "labels.txt"  # inside a file: what goes in and comes out, and a class a line
Card = dict[str, Any]  # what `describe` says of an export
Outputs = Mapping[str, NDArray[np.float32]]

CONVERT = """
import sys
from pathlib import Path
from convspec.training.exporting import convert
from convspec.training.predictor import load_model
convert(load_model(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3]))
"""


@checked
def export(
    model: keras.Model,
    kind: str,
    path: Path,
    inputs: Inputs | None = None,
    *,
    pixel_range: PixelRange | None = None,
    overwrite: bool = False,
) -> float:
    """Write a network and return the largest difference of an output on random images.

    With `inputs`, as `read_inputs` gives them, the file takes images `(count, height, width, channels)` of float32 as
    they lie in files, with pixels in `pixel_range` (unless given, that of the training images), and gives
    `probabilities` `(count, classes)`; further outputs have the names of their layers. Names of classes and all else
    that its users need to know are in the file and in `PATH.json`. Without `inputs` the network is written as it is.

    Raises `InputError` where a package is missing, the network cannot be exported, or the export computes something
    else than the original; then nothing is left of it. It is also raised where the file or `PATH.json` is there, unless
    `overwrite` allows to replace an export of the same kind.
    """
    check_export(path, kind, overwrite=overwrite)
    if lacking := [name for name in NEEDS[kind] if not is_installed(name)]:
        raise missing(f"needs {' and '.join(lacking)}, not installed", kind, path=f"--format {kind}")
    network = _whole(in_float32(model) if kind in IN_FLOAT32 else model, inputs, pixel_range)
    card = describe(network, kind, inputs, pixel_range)
    x = _images(network, card["input"]["pixel_range"])
    expected = _arrays(network(x, training=False))
    with whole_file(path, replace_folder=overwrite) as beside:
        found = _converted(network, kind, path, beside, card, x)
        if not (difference := _difference(found, expected)) <= TOLERANCE:  # NaN is not within it either
            quantity = "outputs" if inputs is None else "probabilities"
            message = f"computes something else than the network: {quantity} differ by {difference:.2g}"
            raise InputError(message, file=shown(path))
        write_text(card_path(path), _texts(card)[CARD])  # inside: if it fails, nothing is exported
    return _difference(found, _arrays(_whole(model, inputs, pixel_range)(x, training=False)))


def _whole(model: keras.Model, inputs: Inputs | None, pixel_range: PixelRange | None) -> keras.Model:
    return with_preprocessing(model, inputs, pixel_range) if inputs is not None else _named(model)


def _converted(
    network: keras.Model, kind: str, path: Path, beside: Path, card: Card, x: NDArray[np.float32]
) -> Outputs:
    """Write a network to `beside`, on its way to `path`, and run what was written. Raises `InputError`.

    The converters' own log, hundreds of lines where they fail, is not shown: it speaks of their inner workings.
    """
    failure: Exception
    with warning_filters("ignore"), held_back():  # the converters warn of their own ways with NumPy and TensorFlow
        try:
            _convert(network, kind, beside)
            ADD[kind](beside, card)
            return RUNNERS[kind](beside, x)
        except Exception as error:  # the converters raise whatever they come upon
            failure = error
    if isinstance(failure, OSError):  # of the disk
        raise failure
    reason = first_line(failure).replace(str(beside), str(path))
    remedy = "--format saved_model keeps all of TensorFlow's operations" if kind != "saved_model" else ""
    raise InputError(f"cannot be exported as {kind}: {reason}", file=shown(path), remedy=remedy) from failure


def with_preprocessing(model: keras.Model, inputs: Inputs, pixel_range: PixelRange | None = None) -> keras.Model:
    """The network from pixels to probabilities: with what its images went through in training, and a softmax."""
    normalizer = inputs.normalizer.reading(pixel_range or inputs.normalizer.pixel_range)
    shape = list(model.inputs[0].shape[1:])
    if normalizer.mean.ndim == 3:
        shape[:2] = normalizer.mean.shape[:2]
    x = keras.Input(shape, dtype="float32", name=IMAGES)
    outputs = {}
    for number, (name, output, end) in enumerate(zip(*_outputs(model, normalizer(x)), ends_of(model), strict=True)):
        name = name if number else PROBABILITIES
        outputs[name] = keras.layers.Softmax(name=f"{name}_softmax", dtype="float32")(output) if end.logits else output
    return keras.Model(x, outputs, name=model.name)


def describe(network: keras.Model, kind: str, inputs: Inputs | None, pixel_range: PixelRange | None = None) -> Card:
    """What a program needs to know to use an export: its input, its outputs and its classes."""
    shape = list(network.inputs[0].shape)
    given: Card = {"name": network.inputs[0].name, "shape": shape, "dtype": "float32"}
    if inputs is None:
        return {"format": kind, "input": {**given, "pixel_range": None}, "outputs": list(network.output)}
    its = pixel_range or inputs.normalizer.pixel_range
    given |= {"channels": {1: "grey", 3: "RGB"}.get(shape[3], f"{shape[3]}"), "pixel_range": [its.low, its.high]}
    given |= {"resize": inputs.resize}
    return {"format": kind, "input": given, "outputs": list(network.output), "class_names": list(inputs.class_names)}


def convert(network: keras.Model, kind: str, path: Path) -> None:
    """Write a network in another format. Keras has all formats with the TensorFlow backend alone."""
    network(_images(network, None), training=False)  # Keras exports no network that was loaded and not called
    network.export(path, format=FORMATS[kind], verbose=False)


def _convert(network: keras.Model, kind: str, path: Path) -> None:
    """As `convert`, with another backend in a process of its own that computes with TensorFlow."""
    if keras.backend.backend() == "tensorflow":
        convert(network, kind, path)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.keras"
        network.save(file)
        environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [sys.executable, "-c", CONVERT, str(file), kind, str(path)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1])


def _named(model: keras.Model) -> keras.Model:
    """The same network with outputs by name, which all formats keep, and not by their places, which they do not."""
    x = keras.Input(model.inputs[0].shape[1:], dtype=model.inputs[0].dtype, name=IMAGES)
    return keras.Model(x, dict(zip(*_outputs(model, x), strict=True)), name=model.name)


def _outputs(model: keras.Model, x: keras.KerasTensor) -> tuple[list[str], list[keras.KerasTensor]]:
    """The outputs of a model on a tensor, the main one first, and the names of their layers."""
    found = model(x)
    if isinstance(found, Mapping):
        return list(found), list(found.values())
    outputs = list(found) if isinstance(found, (list, tuple)) else [found]
    names = [layer_of(tensor).name for tensor in model.outputs]
    return [name if names.count(name) == 1 else f"{name}_{at}" for at, name in enumerate(names)], outputs


def _images(network: keras.Model, pixel_range: list[float] | None) -> NDArray[np.float32]:
    """Three random images: of pixels in a range, or, without preprocessing, of normal numbers."""
    shape = (3, *(size or OPEN_SIZE for size in network.inputs[0].shape[1:]))
    random = np.random.default_rng(0)
    x = random.standard_normal(shape) if pixel_range is None else random.uniform(pixel_range[0], pixel_range[1], shape)
    return x.astype(np.float32)


def _arrays(outputs: Mapping[str, keras.KerasTensor]) -> Outputs:
    return {name: keras.ops.convert_to_numpy(output) for name, output in outputs.items()}


def _difference(found: Outputs, expected: Outputs) -> float:
    """The largest difference of outputs of one name, as a share of the output where that is above 1."""
    if found.keys() != expected.keys():
        return float("inf")
    return max(
        float(np.abs(found[name] - output).max() / max(1.0, np.abs(output).max())) for name, output in expected.items()
    )


def _add_to_folder(path: Path, card: Card) -> None:
    """Into `assets.extra`, which TensorFlow leaves to a model's authors."""
    folder = path / "assets.extra"
    folder.mkdir()
    for name, text in _texts(card).items():
        (folder / name).write_text(text, encoding="utf-8")


def _add_to_tflite(path: Path, card: Card) -> None:
    """As associated files: a ZIP archive behind the network (ai.google.dev/edge/litert/models/metadata)."""
    with zipfile.ZipFile(path, "a") as archive:
        for name, text in _texts(card).items():
            archive.writestr(name, text)


def _add_to_onnx(path: Path, card: Card) -> None:
    """As `metadata_props`, and the open axis of the batch gets its name."""
    import onnx

    model = onnx.load(path)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    properties = {key: value if isinstance(value, str) else json.dumps(value) for key, value in card.items()}
    onnx.helper.set_model_props(model, properties)
    onnx.save(model, path)


def _texts(card: Card) -> dict[str, str]:
    names = card.get("class_names")
    labels = {LABELS: "".join(f"{name}\n" for name in names)} if names else {}
    return {CARD: json.dumps(card, indent=1) + "\n", **labels}


ADD = {"saved_model": _add_to_folder, "tflite": _add_to_tflite, "onnx": _add_to_onnx}


def _run_saved_model(path: Path, x: NDArray[np.float32]) -> Outputs:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))  # its variables live as long as this name
    return {name: np.asarray(output) for name, output in loaded.serve(x).items()}


def _run_tflite(path: Path, x: NDArray[np.float32]) -> Outputs:
    from ai_edge_litert.interpreter import Interpreter

    found = Interpreter(str(path)).get_signature_runner()(images=x)
    return {name: np.array(output) for name, output in found.items()}


def _run_onnx(path: Path, x: NDArray[np.float32]) -> Outputs:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {IMAGES: x}), strict=True))


RUNNERS = {"saved_model": _run_saved_model, "tflite": _run_tflite, "onnx": _run_onnx}
