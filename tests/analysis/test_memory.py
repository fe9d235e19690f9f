"""The estimate of a training step's peak memory. `benchmarks/memory.py` holds it against real steps."""

from __future__ import annotations

import json

import keras
import pytest

import convspec
from convspec.analysis.memory import TrainingFit, TrainingMemory, largest_batch, parse_bytes, slots, training_memory
from convspec.cli import main
from convspec.language.optimization import OPTIMIZERS
from convspec.language.recipe import Optimizer, Recipe
from convspec.training.compiling import make_optimizer

SMALL = {
    "name": "small", "input": [8, 8, 1], "classes": 2,
    "body": [{"block": "conv", "filters": 4, "kernel_size": 3, "activation": "relu"}],
    "head": {"flatten": True}, "train": {"optimizer": {"name": "adam"}},
}  # fmt: skip
"""40 + 514 weights; outputs of 64, 256 and 2 numbers, and a view."""


def test_a_small_network_counted_by_hand() -> None:
    """Peak at the convolution's gradient: image, output, gradients before and behind ReLU, and one in another order."""
    memory = training_memory(convspec.load(SMALL), batch=10)
    assert memory is not None
    assert memory.weights == 4 * 554
    assert memory.optimizer == 2 * 4 * 554
    assert memory.gradients == 4 * 554
    assert memory.activations == 10 * 4 * (64 + 4 * 256)
    assert memory.update == 3 * 4 * 512  # the dense kernel


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_an_optimizer_keeps_as_many_arrays_as_keras_gives_it(name: str) -> None:
    """Adafactor keeps a row and a column beside its array."""
    for options in ({}, *({option: True if option != "momentum" else 0.9} for option in OPTIMIZERS[name].fields
                          if option in ("momentum", "amsgrad", "centered"))):  # fmt: skip
        recipe = Recipe(optimizer=Optimizer.model_validate({"name": name, **options}))
        optimizer = make_optimizer(recipe)
        weight = keras.Variable(keras.random.normal((16, 16)))
        optimizer.build([weight])
        kept = sum(variable.shape == weight.shape for variable in optimizer.variables)
        assert slots(recipe) == kept, options


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "densenet121", "mobilenet_v2"])
def test_the_largest_batch_fits_and_one_image_more_does_not(name: str) -> None:
    spec, budget = convspec.load(name), 4 * 10**9
    most = largest_batch(spec, budget)
    assert most
    inside, beyond = (training_memory(spec, batch=batch) for batch in (most, most + 1))
    assert inside is not None
    assert beyond is not None
    assert inside.total <= budget < beyond.total


def test_swish_holds_its_sigmoid_and_dropout_its_mask() -> None:
    def activations(body: list[object]) -> int:
        memory = training_memory(convspec.load({**SMALL, "body": [*SMALL["body"], *body]}), batch=1)  # type: ignore[misc]
        assert memory is not None
        return memory.activations

    relu = activations([{"block": "activation", "activation": "relu"}])
    assert activations([{"block": "activation", "activation": "swish"}]) == relu + 4 * 256
    assert activations([{"block": "dropout", "rate": 0.5}]) == relu + 256


def test_nothing_fits_where_the_weights_do_not() -> None:
    assert largest_batch(convspec.load("vgg16"), 10**9) == 0


def test_sixteen_bits_save_less_than_half() -> None:
    """Weights and states stay in full precision, and batch normalisation works on full copies."""
    spec = convspec.load("resnet18")
    full, half = (training_memory(spec, batch=32, dtype=dtype) for dtype in ("float32", "float16"))
    assert full is not None
    assert half is not None
    assert full.total / 2 < half.total < full.total


@pytest.mark.parametrize(
    ("text", "size"),
    [("24GiB", 24 * 2**30), ("800 MB", 800_000_000), ("1.5kB", 1500), ("24", None), ("24gb", None), ("many", None)],
)
def test_sizes(text: str, size: int | None) -> None:
    assert parse_bytes(text) == size


def test_inspect_prints_the_peak_and_the_batch_that_fits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "lenet5", "--batch", "64", "--training", "--fit", "1GiB", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["training"]
    parts = ("weights", "optimizer", "gradients", "activations", "update")
    assert found["total"] == sum(found[part] for part in parts)
    assert found["fit"] == {"bytes": 2**30, "batch": largest_batch(convspec.load("lenet5"), 2**30)}
    assert main(["inspect", "lenet5", "--fit", "1GiB"]) == 0
    lines = capsys.readouterr().out.rstrip().split("\n")[-2:]
    assert [line.split()[0] for line in lines] == ["training", "fit"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lenet5", "--fit", "24"], "--fit 24: expected a number and a unit\n  such as 24GiB or 800MB\n"),
        (["mobilenet_v3_small", "--training"],
         "mobilenet_v3_small: the memory of training depends on an open input\n  --input HxWxC gives it\n"),
    ],
)  # fmt: skip
def test_diagnostics(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", *arguments]) == 1
    assert capsys.readouterr().err == message


def test_the_memory_of_a_step_in_words():
    memory = TrainingMemory(
        batch=2, dtype="float32", weights=1000, optimizer=2000, gradients=3000, activations=4_000_000, update=5000
    )
    assert str(TrainingFit(memory, "adam", 10_000_000, 4)).split("\n") == [
        "training     4.01 MB at the peak of a step (2 images, float32): 1 kB weights, 2 kB adam, 3 kB gradients, "
        "4 MB activations, 5 kB update",
        "fit          4 images in 10 MB",
    ]
