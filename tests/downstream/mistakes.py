"""Mistakes that type checkers notice: an `ignore` that ignores nothing is an error, as where a name is `Any`."""

from typing import assert_type

import keras

import convspec
from convspec.analysis import Analysis
from convspec.architectures import ResNet50
from convspec.blocks import Bottleneck, Conv
from convspec.tuning import BoundaryWarning, search


def mistakes() -> None:
    """Not run, but checked."""
    Conv(filter=3)  # type: ignore[call-arg]
    Bottleneck(filters="64")  # type: ignore[arg-type]
    convspec.load(3)  # type: ignore[arg-type]
    _ = convspec.analyze("lenet5").total  # type: ignore[attr-defined]
    convspec.train("lenet5", "digits", epoch=1)  # type: ignore[call-overload]
    convspec.compare("lenet5", dtype="float8")  # type: ignore[arg-type]
    convspec.report(folder=None)  # type: ignore[arg-type]
    convspec.evaluates("run", "digits")  # type: ignore[attr-defined]
    ResNet50(weight=None)  # type: ignore[call-arg]
    search("lenet5")  # type: ignore[call-arg, arg-type]


def types(warning: BoundaryWarning) -> None:
    """What calls return."""
    assert_type(Conv(filters=3), Conv)
    assert_type(convspec.analyze("lenet5"), Analysis)
    assert_type(convspec.train("lenet5", "digits").val_accuracy, float)
    assert_type(convspec.evaluate("run", "digits").accuracy, float)
    assert_type(convspec.compare("lenet5")[0].parameters, int)
    assert_type(warning.path, str)
    model: keras.Model = convspec.build("lenet5")
    model.summary()
