"""Transfer learning: weights of a trained network for a new one, layers that stay as they are, and advice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keras

from ..data.dataset import Dataset, shown
from ..spec.faults import Fault, FaultError, did_you_mean
from ..spec.recipe import FineTuning, Recipe
from .predictor import load_model, model_files

LITTLE, MUCH = 100, 1000  # images a class: below the first is little data, from the second on much


def transfer(model: keras.Model, weights: str | Path) -> list[str]:
    """Copy weights by the names of layers, but for the classifiers; the names of the layers that were filled.

    Raises `FaultError` where a layer has no counterpart, or one of another shape: a layer left out without a word
    would train from random weights.
    """
    file = model_files(Path(weights))[0]
    source = load_model(file)
    theirs = {layer.name: layer for layer in source.layers if layer.weights}
    heads = classifiers(model)
    filled, faults = [], []
    for layer in model.layers:
        if not layer.weights or layer.name in heads:
            continue
        other = theirs.get(layer.name)
        if other is None:
            faults.append(Fault(f"has no layer {layer.name!r}{did_you_mean(layer.name, theirs)}", file=shown(file)))
            continue
        mine, its = ([tuple(weight.shape) for weight in each.weights] for each in (layer, other))
        if mine != its:
            faults.append(Fault(f"layer {layer.name!r} has weights {its}, the new network {mine}", file=shown(file)))
            continue
        layer.set_weights(other.get_weights())
        filled.append(layer.name)
    if faults:
        raise FaultError(faults)
    return filled


def freeze(model: keras.Model, until: str) -> int:
    """Freeze `all` but the classifiers, `none`, or all up to the end of a layer or stage; how many have weights.

    A frozen batch normalisation uses and keeps the statistics that it has: Keras runs it in inference mode.
    """
    names = [layer.name for layer in model.layers]
    heads = classifiers(model)
    last = {"none": 0, "all": len(names)}.get(until, _end_of(names, until))
    frozen = 0
    for position, layer in enumerate(model.layers):
        layer.trainable = position >= last or layer.name in heads
        frozen += bool(layer.weights) and not layer.trainable
    return frozen


def classifiers(model: keras.Model) -> set[str]:
    """The last layer with weights before each output, by name: what depends on the classes."""
    found = set()
    for output in model.outputs:
        layer = output._keras_history.operation
        while not layer.weights:
            below = layer.input
            layer = (below[0] if isinstance(below, (list, tuple)) else below)._keras_history.operation
        found.add(layer.name)
    return found


def phases(recipe: Recipe) -> Iterator[tuple[int, str]]:
    """The phases of a run as (last epoch, what is frozen); one where nothing is unfrozen on the way."""
    how = recipe.finetune
    if how is None:
        yield recipe.epochs, "none"
        return
    stages = [(0, how.freeze), *((stage.after, stage.freeze) for stage in how.unfreeze)]
    for (_, frozen), (end, _) in zip(stages, [*stages[1:], (recipe.epochs, "")], strict=True):
        yield end, frozen


def slowed(recipe: Recipe) -> Recipe:
    """The recipe with the learning rate of fine-tuning."""
    if recipe.finetune is None:
        return recipe
    rate = recipe.optimizer.learning_rate * recipe.finetune.learning_rate_factor
    return recipe.model_copy(update={"optimizer": recipe.optimizer.model_copy(update={"learning_rate": rate})})


def advice(dataset: Dataset, how: FineTuning) -> str:
    """CS231n's quadrant of transfer learning, by the number of images; how alike the images are, a person must say."""
    each = len(dataset.y_train) / dataset.classes
    if each < LITTLE:
        amount, alike = "little data", "train the classifier only (freeze: all)"
        different = "hard: try the classifier upon an earlier stage, freeze most of the rest, and augment much"
    elif each < MUCH:
        amount, alike = "some data", "train the classifier first, then free the last stage (unfreeze)"
        different = "free the later half of the network, and augment"
    else:
        amount, alike = "much data", "fine-tune all layers (freeze: none)"
        different = "fine-tune all layers (freeze: none); training from scratch may do as well"
    return (
        f"{each:.0f} images a class are {amount}; frozen now: {how.freeze}\n"
        f"  images like the old ones: {alike}\n  images of another kind: {different}"
    )


def _end_of(names: list[str], until: str) -> int:
    """The position after the last layer of this name, or of a stage whose layers' names start with it."""
    if until in ("none", "all"):
        return 0
    found = [
        number for number, name in enumerate(names) if name == until or name.startswith((f"{until}_", f"{until}."))
    ]
    if not found:
        stages = dict.fromkeys([name.split("_")[0] for name in names] + names)
        message = f"no layer or stage is called {until!r}{did_you_mean(until, stages)}"
        raise FaultError(Fault(message, path="train.finetune.freeze"))
    return found[-1] + 1
