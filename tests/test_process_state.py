"""What belongs to the whole process is, after each call of convspec, what it was before: alone and from several threads.

The table's keys are the full names of what is called, so that a name in it cannot stand for another function.
"""

from __future__ import annotations

import importlib
import inspect
import random
import re
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import CodeType
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

import convspec
from convspec.data import load_data
from convspec.process import random_states_kept

from .data.written import write_images
from .process_state import changes, process_state, random_state

THREADS = 8
MODEL = {"name": "tiny", "input": [8, 8, 1], "classes": 10, "body": ["conv3-4"], "head": {"flatten": True}}
TRAIN = {"epochs": 1, "batch_size": 256, "mixed_precision": "bfloat16"}
TUNE = {"space": {"train.l2": {"log_uniform": [1e-6, 1e-2]}}, "stages": [{"trials": 1, "epochs": 1}]}
PLAIN = {**TRAIN, "mixed_precision": "none"}


class Place:
    """Where the calls of one thread work, and what they need: in `shared` lie a run, and folders of images."""

    def __init__(self, folder: Path, shared: Path) -> None:
        self.folder, self.shared, self.number = folder, shared, 0
        folder.mkdir()

    def new(self, ending: str = "") -> Path:
        self.number += 1
        return self.folder / f"{self.number}{ending}"

    @property
    def run(self) -> Path:
        return self.shared / "run"

    @property
    def picture(self) -> Path:
        return self.shared / "zero.png"

    def model(self) -> keras.Model:
        """A model of the user's, not of the call that is looked at."""
        with random_states_kept():
            return convspec.build(spec())


TENSORFLOWS_REMARK = "node_def_util.cc"
"""Of its own optimizer for graphs, which tells of attributes that another part of it has set; now and then."""


def spec(**more: Any) -> convspec.Spec:
    return convspec.load({**MODEL, "train": TRAIN, **more})


def fails(message: str, call: Callable[[], Any]) -> None:
    with pytest.raises(convspec.InputError, match=message):
        call()


DIVERGING = {**PLAIN, "epochs": 9, "optimizer": {"name": "sgd", "learning_rate": 1e30}}

CALLS: dict[str, Callable[[Any, Place], Any]] = {
    "convspec.load": lambda call, place: call("resnet18").to_yaml(),
    "convspec.load, with an error": lambda call, place: fails("conv3-x", lambda: call({**MODEL, "body": ["conv3-x"]})),
    "convspec.list_specs": lambda call, place: call(),
    "convspec.analyze": lambda call, place: str(call("googlenet")),
    "convspec.build": lambda call, place: call(spec()),
    "convspec.bench": lambda call, place: call(spec(), batch=2, repeats=1),
    "convspec.check": lambda call, place: call("lenet5"),
    "convspec.check, with data": lambda call, place: call(
        spec(train={**TRAIN, "batch_size": 8}), data="digits", picture=place.new(".png")
    ),
    "convspec.compare": lambda call, place: call("lenet5", spec(), out=place.new(".png"), dark=True),
    "convspec.diff": lambda call, place: call("lenet5", "alexnet"),
    "convspec.evaluate": lambda call, place: call(place.run, "digits", out=place.new()),
    "convspec.explain": lambda call, place: call(place.run, place.picture, out=place.new()),
    "convspec.explain, occlusion": lambda call, place: call(
        place.run, place.picture, method="occlusion", out=place.new(".png")
    ),
    "convspec.export, saved_model": lambda call, place: call(place.run, "saved_model", place.new()),
    "convspec.export, onnx": lambda call, place: call(place.run, "onnx", place.new(".onnx")),
    "convspec.export, tflite": lambda call, place: call(place.run, "tflite", place.new(".tflite")),
    "convspec.plot": lambda call, place: call("lenet5", place.new(".svg")),
    "convspec.plot, png": lambda call, place: call(spec(), place.new(".png")),
    "convspec.predict": lambda call, place: dict(call(place.run, place.picture)),
    "convspec.report": lambda call, place: call(place.run, place.new(".html")),
    "convspec.train": lambda call, place: call(spec(), "digits", out=place.new()),
    "convspec.train, with an error": lambda call, place: fails(
        "the loss is", lambda: call(spec(train=DIVERGING), "digits", out=place.new())
    ),
    "convspec.tune": lambda call, place: call(spec(tune=TUNE), "digits", out=place.new()),
    "convspec.blocks.ConvNormAct": lambda call, place: call(filters=2)(keras.Input((8, 8, 1))),
    "convspec.architectures.create": lambda call, place: call("lenet5"),
    "convspec.architectures.list_models": lambda call, place: call(),
    "convspec.architectures.feature_info": lambda call, place: call("lenet5"),
    "convspec.architectures.weight_files.load_weight_file": lambda call, place: call(
        place.model(), place.run / "model.keras"
    ),
    "convspec.data.load_data": lambda call, place: call("digits"),
    "convspec.data.load_data, a folder": lambda call, place: call(place.shared / "pictures"),
    "convspec.training.finetuning.transfer": lambda call, place: call(place.model(), place.run / "model.keras"),
    "convspec.training.finetuning.freeze": lambda call, place: call(place.model(), "all"),
    "convspec.training.predictor.load_predictor": lambda call, place: call(place.run),
    "convspec.training.schedules.learning_rate": lambda call, place: call(spec().train.schedule, 0.1, 0.5, 3),
    "convspec.cli.main, list": lambda call, place: call(["list"]),
    "convspec.cli.main, inspect": lambda call, place: call(["inspect", "lenet5"]),
    "convspec.cli.main, check": lambda call, place: call(["check", "lenet5"]),
    "convspec.cli.main, with an error": lambda call, place: call(["predict", str(place.run), "nothing.png"]),
}

INNER = {
    "convspec.bench": ("convspec.training.timing.time_inference", "convspec.training.timing.time_training"),
    "convspec.check, with data": (
        "convspec.training.sanity_checks.sanity_checks", "convspec.training.range_test.range_test",
    ),
    "convspec.export, onnx": ("convspec.training.exporting.export",),
    "convspec.train": ("convspec.training.train.train",),
    "convspec.tune": ("convspec.tuning.search",),
}  # fmt: skip
"""Documented functions that these calls call; whether they do is looked at."""

SLOW = {
    "convspec.bench", "convspec.check, with data", "convspec.evaluate", "convspec.explain",
    "convspec.explain, occlusion", "convspec.export, saved_model", "convspec.export, onnx", "convspec.export, tflite",
    "convspec.report", "convspec.train", "convspec.train, with an error", "convspec.tune", "convspec.compare",
    "convspec.plot, png",
}  # fmt: skip
"""These take seconds and are called from two threads, and not once more alone: two of them show what one would."""

NEW_MODEL = {"convspec.build", "convspec.architectures.create", "convspec.blocks.ConvNormAct"}
"""What hands a model to the user draws its first weights from the global random numbers, as Keras does."""


def find(name: str) -> Any:
    """What a full name stands for; what follows a comma tells calls of one function apart."""
    module, _, attribute = name.partition(",")[0].rpartition(".")
    return getattr(importlib.import_module(module), attribute)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained network, and images."""
    folder = tmp_path_factory.mktemp("shared")
    convspec.train(spec(train=PLAIN), "digits", out=folder / "run")  # other programs do not read bfloat16
    write_images(folder / "pictures", count=20)
    Image.fromarray((load_data("digits").x_val[0][..., 0] * 15).astype(np.uint8)).save(folder / "zero.png")
    return folder


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """What the tests themselves draw and seed; `random_states_kept` would keep what is looked at from coming back."""
    before = random.getstate(), np.random.get_state()
    yield
    random.setstate(before[0])
    np.random.set_state(before[1])


@pytest.mark.parametrize("name", CALLS)
def test_a_call_leaves_the_process_as_it_was_alone_and_from_several_threads(
    shared: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nor does it print anything, also from C++, unless it is a command."""
    function, call = find(name), CALLS[name]
    first = Place(tmp_path / "first", shared)  # the first imports, which register themselves for good
    assert not_called(INNER.get(name, ()), lambda: call(function, first)) == []
    keras.utils.set_random_seed(5)
    before, numbers = process_state(), random_state()
    if name not in SLOW:
        call(function, Place(tmp_path / "alone", shared))
        assert changes(before, process_state()) == {}
        assert name in NEW_MODEL or changes(numbers, random_state()) == {}
    count = 2 if name in SLOW else THREADS
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        place = Place(tmp_path / f"thread{number}", shared)
        barrier.wait()
        call(function, place)

    with ThreadPoolExecutor(count) as threads:
        list(threads.map(run, range(count)))
    assert changes(before, process_state()) == {}
    assert name in NEW_MODEL or changes(numbers, random_state()) == {}
    said = [line for stream in capfd.readouterr() for line in stream.splitlines() if TENSORFLOWS_REMARK not in line]
    assert name.startswith("convspec.cli.main") or said == []


def not_called(names: tuple[str, ...], call: Callable[[], Any]) -> list[str]:
    """Which of these functions a call does not come to."""
    codes: dict[CodeType, str] = {inspect.unwrap(find(name)).__code__: name for name in names}
    seen: set[CodeType] = set()
    if not codes:
        call()
        return []

    def watch(frame: Any, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code in codes:
            seen.add(frame.f_code)

    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(None)
    return [name for code, name in codes.items() if code not in seen]


def test_a_function_that_is_not_called_would_be_found() -> None:
    assert not_called(("convspec.load", "convspec.list_specs"), lambda: convspec.load("lenet5")) == [
        "convspec.list_specs"
    ]


def test_every_documented_function_is_called() -> None:
    """A function that docs/api.md describes has to be in a table above, by its full name."""
    text = (Path(__file__).parent.parent / "docs" / "api.md").read_text("utf-8")
    names = re.findall(r"^### (convspec[\w.]+)$", text, re.MULTILINE)
    functions = {name for name in names if callable(find(name)) and not inspect.isclass(find(name))}
    called = {name.partition(",")[0] for name in CALLS} | {name for inner in INNER.values() for name in inner}
    assert {"convspec.train", "convspec.tuning.search", "convspec.report"} <= functions
    assert functions - called - CONSTRUCTORS == set()
    assert INNER.keys() | SLOW | NEW_MODEL <= CALLS.keys()


CONSTRUCTORS = {"convspec.architectures.ResNet50"}
"""One function with the networks' names; `create` calls it."""
