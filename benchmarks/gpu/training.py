"""Epochs of `train` and of a plain Keras script on the same network and images, in turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import keras

from convspec import load
from convspec.builder import build
from convspec.data import load_data
from convspec.training.compiling import reproducible
from convspec.training.train import train_spec

from ..tuning_spec import arrays, cut
from ..twins import median_ratio
from .plan import TRAIN, Setting
from .processes import Send, reason


def rows(send: Send, network: dict[str, Any], data: str, settings: list[Setting]) -> None:
    """Send images per second of both in each setting, validation included; or why there are none."""
    dataset = load_data(data)
    for how in settings:
        try:
            send({"of": how.of, **_measure(network, cut(dataset, how.images), how)})
        except Exception as error:
            send({"of": how.of, "why": reason(error)})


class _InTurn(keras.callbacks.Callback):  # type: ignore[misc]
    """Times each epoch of the model that it watches, and has another one train for an epoch after each."""

    def __init__(self, other: Callable[[], Any]) -> None:
        super().__init__()
        self.other = other
        self.ours: list[float] = []
        self.theirs: list[float] = []
        self.begun = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock."""
        self.begun = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Stop it, after the validation; Keras has fetched both losses, so that the device is done."""
        middle = time.perf_counter()
        self.ours.append(middle - self.begun)
        self.other()
        self.theirs.append(time.perf_counter() - middle)


def _measure(network: dict[str, Any], dataset: Any, how: Setting) -> dict[str, Any]:
    keras.backend.clear_session()
    recipe = {"epochs": how.epochs, "jit_compile": how.jit_compile, "mixed_precision": how.mixed_precision}
    spec = load({**network, "input": list(dataset.input_shape), "train": {**TRAIN, **recipe}})
    turns = _InTurn(_plain(spec, dataset, how))
    train_spec(spec, dataset, callbacks=[turns])
    ours, theirs = turns.ours[1:], turns.theirs[1:]  # the first epochs compile
    images = len(dataset.y_train)
    return {
        "images_per_second": [images / median(ours), images / median(theirs)],
        "ratio": median_ratio(theirs, ours),
        "epochs": len(ours),
    }


def _plain(spec: Any, dataset: Any, how: Setting) -> Callable[[], Any]:
    """What a plain script does with the same network: compile, and `fit` on standardised arrays, an epoch a call."""
    (x, y), validation = arrays(dataset)
    with reproducible(spec.train):
        model = build(spec)
    how_to_learn = spec.train.optimizer
    model.compile(
        optimizer=keras.optimizers.SGD(how_to_learn.learning_rate, momentum=how_to_learn.momentum),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=how.jit_compile,
    )
    return lambda: model.fit(x, y, batch_size=spec.train.batch_size, validation_data=validation, verbose=0)
