"""A trained network in other programs' formats, each checked by running it beside the original."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ..data.dataset import shown
from ..files import whole_file
from ..quiet import held_back
from ..spec.faults import Fault, FaultError
from .ending import as_probabilities, ends_of
from .predictor import main_output

FORMATS = {"saved_model": "tf_saved_model", "tflite": "litert", "onnx": "onnx"}  # ours: Keras's name
NEEDS = {"saved_model": (), "tflite": ("ai_edge_litert",), "onnx": ("onnx", "tf2onnx", "onnxruntime")}
TOLERANCE = 1e-3  # of a probability; the formats round in other places, but by far less than that
OPEN_SIZE = 64  # pixels, where the network leaves its input's size open


def export(model: keras.Model, kind: str, path: Path) -> float:
    """Write the network and return the largest difference of a probability on random images.

    Raises `FaultError` where a package is missing, the network cannot be exported, or the export computes something
    else than the original.
    """
    missing = [name for name in NEEDS[kind] if importlib.util.find_spec(name) is None]
    if missing:
        remedy = f"pip install 'convspec[{kind}]'"
        raise FaultError(Fault(f"needs {' and '.join(missing)}, not installed", path=f"--format {kind}", remedy=remedy))
    x = _images(model)
    expected = _comparable(model, main_output(model(x, training=False)))
    with whole_file(path) as beside:
        with held_back(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the converters warn of their own ways with NumPy and TensorFlow
            try:
                model.export(beside, format=FORMATS[kind], verbose=False)
                found = _comparable(model, RUNNERS[kind](beside, x))
            except OSError:  # of the disk
                raise
            except Exception as error:  # the converters raise whatever they come upon
                message = f"cannot be exported as {kind}: {str(error).splitlines()[0] if str(error) else error!r}"
                raise FaultError(Fault(message, file=shown(path))) from error
        difference = float(np.abs(found - expected).max())
        if not difference <= TOLERANCE:
            message = f"computes something else than the network: probabilities differ by {difference:.2g}"
            raise FaultError(Fault(message, file=shown(path)))
    return difference


def _comparable(model: keras.Model, output: Any) -> NDArray[Any]:
    """An output as the tolerance is meant: logits of classes as their probabilities, anything else as it is."""
    is_classifier = len(output.shape) == 2 and ends_of(model)[0].logits
    return as_probabilities(model, output) if is_classifier else keras.ops.convert_to_numpy(output)


def _images(model: keras.Model) -> NDArray[np.float32]:
    shape = tuple(size or OPEN_SIZE for size in model.inputs[0].shape[1:])
    return np.random.default_rng(0).standard_normal((3, *shape)).astype(np.float32)


def _run_saved_model(path: Path, x: NDArray[np.float32]) -> NDArray[Any]:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))  # its variables live as long as this name
    return np.asarray(main_output(loaded.serve(x)))


def _run_tflite(path: Path, x: NDArray[np.float32]) -> NDArray[Any]:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    entry, exit_ = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    interpreter.resize_tensor_input(entry["index"], x.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(entry["index"], x)
    interpreter.invoke()
    return np.array(interpreter.get_tensor(exit_["index"]))


def _run_onnx(path: Path, x: NDArray[np.float32]) -> NDArray[Any]:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {session.get_inputs()[0].name: x})[0])


RUNNERS: dict[str, Callable[[Path, NDArray[np.float32]], NDArray[Any]]] = {
    "saved_model": _run_saved_model,
    "tflite": _run_tflite,
    "onnx": _run_onnx,
}
