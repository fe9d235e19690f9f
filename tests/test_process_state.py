"""What belongs to the whole process is, after each call of convspec, what it was before: alone and from eight threads."""

from __future__ import annotations

import gc
import locale
import logging
import os
import random
import re
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keras
import matplotlib
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageFile
from tensorflow.python.eager import context
from tensorflow.python.framework import config

import convspec
from convspec.architectures import create
from convspec.builder import build
from convspec.data import load_data
from convspec.process import environment
from convspec.quiet import REMARK, held_back
from convspec.spec.recipe import Recipe

from .data.test_sources import write_images

THREADS = 8
MODEL = {"name": "tiny", "input": [8, 8, 1], "classes": 10, "body": ["conv3-4"], "head": {"flatten": True}}
TRAIN = {"epochs": 1, "batch_size": 256, "mixed_precision": "bfloat16"}
TUNE = {"space": {"train.l2": {"log_uniform": [1e-6, 1e-2]}}, "stages": [{"trials": 1, "epochs": 1}]}


def process_state() -> dict[str, Any]:
    """All that a library can leave changed behind in a process that is not its own."""
    return {
        "warning filters": list(warnings.filters),
        "showwarning": warnings.showwarning,
        "descriptor 1": os.fstat(1)[:2],
        "descriptor 2": os.fstat(2)[:2],
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "stdout's errors": getattr(sys.stdout, "errors", None),
        "hooks": (sys.excepthook, threading.excepthook, sys.displayhook, sys.unraisablehook),
        "gc": (gc.isenabled(), gc.get_threshold()),
        "environment": dict(os.environ),
        "import hooks": list(sys.meta_path),
        "path": list(sys.path),
        "recursion limit": sys.getrecursionlimit(),
        "working directory": Path.cwd(),
        "umask": _umask(),
        "locale": locale.setlocale(locale.LC_ALL),
        "signals": {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)},
        "wakeup descriptor": _wakeup(),
        "NumPy's errors": np.geterr(),
        "NumPy's printing": np.get_printoptions(),
        "Pillow": (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES),
        "matplotlib": {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"},
        "matplotlib's backend": matplotlib.get_backend(auto_select=False),
        "pyplot's figures": sys.modules["matplotlib.pyplot"].get_fignums()
        if "matplotlib.pyplot" in sys.modules
        else [],
        "logging": (logging.root.level, list(logging.root.handlers), logging.root.manager.disable),
        "loggers": {
            name: logging.getLogger(name).level for name in ("tensorflow", "absl", "keras", "jax", "h5py", "ray")
        },
        "dtype policy": keras.config.dtype_policy().name,
        "Keras": (keras.config.floatx(), keras.config.image_data_format(), keras.config.epsilon()),
        "interactive logging": keras.config.is_interactive_logging_enabled(),
        "distribution": tf.distribute.has_strategy(),
        "determinism": config.is_op_determinism_enabled(),
        "eager functions": tf.config.functions_run_eagerly(),
        "soft placement": tf.config.get_soft_device_placement(),
        "seed": context.context()._seed,
    }


def random_state() -> dict[str, Any]:
    """The global random numbers: what draws from them as Keras does, to build a model, is not asked for this."""
    return {"Python": random.getstate(), "NumPy": [str(part) for part in np.random.get_state()]}


def _umask() -> int:
    now = os.umask(0o022)
    os.umask(now)
    return now


def _wakeup() -> int:
    now = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(now)
    return now


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


class Place:
    """Where the calls of one thread work, and what they need."""

    def __init__(self, folder: Path, shared: Path) -> None:
        self.folder, self.shared, self.number = folder, shared, 0
        folder.mkdir()

    def new(self, ending: str = "") -> Path:
        self.number += 1
        return self.folder / f"{self.number}{ending}"


def spec(**more: Any) -> convspec.Spec:
    return convspec.load({**MODEL, "train": TRAIN, **more})


def train_run(place: Place) -> None:
    from convspec.training.compiling import setting
    from convspec.training.train import train

    plan = spec()
    with setting(plan.train):
        train(build(plan), plan.train, load_data("digits"), place.new(), show=False)


def failed_training(place: Place) -> None:
    """An exception from the middle of training: the loss is no number."""
    from convspec.training.compiling import setting
    from convspec.training.train import train

    plan = spec(train={**TRAIN, "optimizer": {"name": "sgd", "learning_rate": 1e30}, "mixed_precision": "none"})
    with pytest.raises(convspec.FaultError, match="the loss is"), setting(plan.train):
        train(build(plan), plan.train.model_copy(update={"epochs": 9}), load_data("digits"), place.new(), show=False)


def search_run(place: Place) -> None:
    convspec.tune(spec(tune=TUNE), "digits", out=place.new())


def sane(place: Place) -> None:
    from convspec.training.checks import sanity_checks
    from convspec.training.compiling import setting

    plan = spec(train={**TRAIN, "batch_size": 8})
    with setting(plan.train):
        list(sanity_checks(build(plan), plan.train, load_data("digits"), picture=place.new(".png")))


def predict(place: Place) -> None:
    from convspec.training.predictor import load_predictor

    load_predictor(place.shared).probabilities(load_data("digits").x_val[:4])


def predict_files(place: Place) -> None:
    from PIL import Image

    file = place.new(".png")
    Image.fromarray(load_data("digits").x_val[0][..., 0].astype(np.uint8)).save(file)
    assert len(dict(convspec.predict(place.shared, file))) == 1


def explain(place: Place) -> None:
    from convspec.report.explaining import draw_explanation, grad_cam, occlusion
    from convspec.training.predictor import load_predictor

    predictor, image = load_predictor(place.shared), load_data("digits").x_val[0]
    occlusion(predictor, image, None)
    found = grad_cam(predictor, image, None, "")
    draw_explanation(found, image, load_data("digits").pixel_range, "7", place.new(".png"))


def finetune(place: Place) -> None:
    from convspec.training.finetuning import freeze, transfer

    model = build(spec())
    transfer(model, place.shared / "model.keras")
    freeze(model, "all")


def export(place: Place, kind: str = "saved_model", ending: str = "") -> None:
    from convspec.training.exporting import export
    from convspec.training.predictor import load_model

    export(load_model(place.shared / "model.keras"), kind, place.new(ending))


def timed(place: Place) -> None:
    from convspec.training.timing import time_inference, time_training

    model = build(spec())
    time_inference(model, 2, 1)
    time_training(model, spec().train, 2, 1)


def outcome(place: Place) -> None:
    from convspec.report.outcome import write_outcome
    from convspec.training.predictor import load_predictor

    data = load_data("digits")
    write_outcome(place.new(), load_predictor(place.shared), data.x_val, data.y_val, data.pixel_range, "validation")


def weights(place: Place) -> None:
    from convspec.architectures.weight_files import load_weight_file

    model = build(spec())
    load_weight_file(model, place.shared / "model.keras")


def drawn(place: Place) -> None:
    from convspec.report import draw
    from convspec.report.pictures import write_picture

    analysis = convspec.analyze(spec())
    for ending in (".svg", ".png"):
        write_picture(draw(analysis), place.new(ending), "tiny")


def compared(place: Place) -> None:
    from convspec.analysis.comparison import compare, render
    from convspec.report.comparison_picture import draw_comparison

    rows = compare([convspec.analyze("lenet5"), convspec.analyze(spec())])
    render(rows)
    draw_comparison(rows, place.new(".png"), dark=True)


def broken(place: Place) -> None:
    with pytest.raises(convspec.FaultError):
        convspec.load({**MODEL, "body": ["conv3-x"]})


def main(*arguments: str) -> Callable[[Place], None]:
    def call(place: Place) -> None:
        from convspec.cli import main

        words = [word.format(shared=place.shared, new=place.new()) for word in arguments]
        assert main(words) in (0, 1)

    return call


CALLS: dict[str, Callable[[Place], Any]] = {
    "load": lambda place: convspec.load("resnet18").to_yaml(),
    "load, with an error": broken,
    "list_specs": lambda place: convspec.list_specs(),
    "analyze": lambda place: str(convspec.analyze("googlenet")),
    "build": lambda place: convspec.build(spec()),
    "create": lambda place: create("lenet5"),
    "list_models": lambda place: convspec.architectures.list_models(),
    "feature_info": lambda place: convspec.architectures.feature_info("lenet5"),
    "load_data": lambda place: load_data("digits"),
    "load_data, a folder": lambda place: load_data(place.shared / "pictures"),
    "train": train_run,
    "train, with an error": failed_training,
    "sanity_checks, range_test": sane,  # the one makes the other
    "search, tune": search_run,  # the one calls the other
    "load_predictor": predict,
    "transfer, freeze": finetune,
    "explain": explain,
    "evaluate": outcome,
    "export, saved_model": export,
    "export, onnx": lambda place: export(place, "onnx", ".onnx"),
    "export, tflite": lambda place: export(place, "tflite", ".tflite"),
    "time_inference, time_training": timed,
    "load_weight_file": weights,
    "draw": drawn,
    "compare": compared,
    "diff": lambda place: convspec.diff("lenet5", "alexnet"),
    "plot": lambda place: convspec.plot("lenet5", place.new(".svg")),
    "check": lambda place: convspec.check("lenet5"),
    "predict": predict_files,
    "report": lambda place: __import__("convspec.report.report", fromlist=["x"]).write_report(
        place.shared, place.new(".html")
    ),
    "main list": main("list"),
    "main inspect": main("inspect", "lenet5"),
    "main plot": main("plot", "lenet5", "--out", "{new}.svg"),
    "main check": main("check", "lenet5"),
    "main, with an error": main("predict", "{shared}", "nothing.png"),
}
SLOW = {
    "sanity_checks, range_test", "evaluate", "report", "train, with an error", "time_inference, time_training",
    "export, saved_model", "export, onnx", "export, tflite",
}  # fmt: skip
"""These take seconds and are called from two threads: what they share, the others share, too."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained network, with a folder of images beside it."""
    from convspec.training.compiling import setting
    from convspec.training.train import train

    folder = tmp_path_factory.mktemp("shared")
    plan = spec(train={**TRAIN, "mixed_precision": "none"})  # other programs do not read bfloat16
    with setting(plan.train):
        train(build(plan), plan.train, load_data("digits"), folder, show=False)
    write_images(folder / "pictures", count=20)
    return folder


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = random.getstate(), np.random.get_state()
    yield
    random.setstate(before[0])
    np.random.set_state(before[1])


@pytest.mark.parametrize("name", CALLS)
def test_a_call_leaves_the_process_as_it_was_alone_and_from_eight_threads(
    shared: Path, tmp_path: Path, name: str
) -> None:
    CALLS[name](Place(tmp_path / "first", shared))  # the first imports, which register themselves for good
    before, count = process_state(), 2 if name in SLOW else THREADS
    CALLS[name](Place(tmp_path / "alone", shared))
    assert changes(before, process_state()) == {}
    barrier = threading.Barrier(count)

    def call(number: int) -> None:
        place = Place(tmp_path / f"thread{number}", shared)
        barrier.wait()
        CALLS[name](place)

    with ThreadPoolExecutor(count) as threads:
        list(threads.map(call, range(count)))
    assert changes(before, process_state()) == {}


@pytest.mark.parametrize("name", ["train", "train, with an error", "search, tune", "load_data", "explain"])
def test_global_random_numbers_go_on_as_before(shared: Path, tmp_path: Path, name: str) -> None:
    """Where convspec seeds, it does so for itself; a model that is only built draws from them as any of Keras does."""
    place = Place(tmp_path / "first", shared)
    random.seed(5)
    np.random.seed(5)
    before = random_state()
    CALLS[name](place)
    assert changes(before, random_state()) == {}


def test_every_documented_function_is_called() -> None:
    """A function that docs/api.md describes has to be in the table above."""
    text = (Path(__file__).parent.parent / "docs" / "api.md").read_text("utf-8")
    names = {name.rpartition(".")[2] for name in re.findall(r"^### (convspec[\w.]+)$", text, re.MULTILINE)}
    functions = {name for name in names if name[0].islower() and name not in ("field", "learning_rate")}
    called = {word for name in CALLS for word in re.split(r"[ ,]+", name)}
    assert functions - called == set()


def test_the_state_would_show_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    before = process_state()
    monkeypatch.setenv("CONVSPEC_TEST", "1")
    np.seterr(divide="raise")
    found = changes(before, process_state())
    np.seterr(**before["NumPy's errors"])
    assert found.keys() == {"environment", "NumPy's errors"}


def test_the_terminal_comes_back_to_eight_threads(capfd: pytest.CaptureFixture[str]) -> None:
    before = os.fstat(2)[:2]

    def hold(number: int) -> None:
        for _ in range(20):
            with held_back(REMARK):
                os.write(2, f"thread {number}\n".encode())

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(hold, range(THREADS)))
    assert os.fstat(2)[:2] == before
    assert sorted(capfd.readouterr().err.splitlines()) == sorted(
        f"thread {n}" for n in range(THREADS) for _ in range(20)
    )


FIRST = """
import os, threading, warnings, sys, signal, gc
def state():
    return (os.fstat(2)[:2], list(warnings.filters), dict(os.environ), gc.isenabled(), gc.get_threshold(),
            signal.getsignal(signal.SIGINT), sys.stderr, sys.getrecursionlimit())
import convspec
before, errors = state(), []
def touch():
    try:
        convspec.build(convspec.load("lenet5"))
    except BaseException as error:
        errors.append(repr(error))
threads = [threading.Thread(target=touch) for _ in range(8)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
after = state()
print(errors, [index for index, (a, b) in enumerate(zip(before, after)) if a != b])
print("still there", file=sys.stderr)
"""


def test_a_first_build_from_eight_threads(tmp_path: Path) -> None:
    """Keras and TensorFlow are imported by it; what they themselves change in the warning filters is theirs."""
    done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True)
    assert done.stdout in ("[] []\n", "[] [1]\n")
    assert done.stderr == "still there\n"


def test_a_recipe_that_is_deterministic_makes_nothing_else_so() -> None:
    from convspec.training.compiling import setting

    with setting(Recipe(deterministic=True)):
        assert config.is_op_determinism_enabled()
    assert not config.is_op_determinism_enabled()


@pytest.mark.parametrize("override", [False, True])
def test_an_environment_variable_holds_until_the_last_thread_leaves(
    monkeypatch: pytest.MonkeyPatch, override: bool
) -> None:
    """A enters, B enters, A leaves, B leaves."""
    name = "CONVSPEC_TEST_VARIABLE"
    monkeypatch.delenv(name, raising=False)
    entered, left, found = threading.Event(), threading.Event(), []

    def second() -> None:
        with environment({name: "ours"}, override=override):
            entered.set()
            left.wait(10)
            found.append(os.environ.get(name))

    thread = threading.Thread(target=second)
    with environment({name: "ours"}, override=override):
        thread.start()
        assert entered.wait(10)
    left.set()
    thread.join()
    assert found == ["ours"]
    assert name not in os.environ


def test_an_environment_variable_of_the_user_stays_unless_it_is_overridden(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "CONVSPEC_TEST_VARIABLE"
    monkeypatch.setenv(name, "theirs")
    with environment({name: "ours"}):
        assert os.environ[name] == "theirs"
    with environment({name: "ours"}, override=True), environment({name: "ours"}):
        assert os.environ[name] == "ours"
    assert os.environ[name] == "theirs"
