"""Transfer learning: weights of a trained network for a new one, layers that stay as they are, and advice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import keras

from ..data.dataset import Dataset
from ..language.arguments import checked
from ..language.diagnostics import Diagnostic, InputError, did_you_mean
from ..language.fine_tuning import end_of_frozen
from ..language.recipe import FineTuning, Recipe, is_official
from ..printing import counted
from ..private_names import inputs_of, layer_of
from .pretrained import Pretrained, pretrained

LITTLE, MUCH = 100, 1000  # images per class: fewer than the first are little data, the second and more are much


@checked
def transfer(model: keras.Model, weights: str | Path) -> list[str]:
    """Copy weights by the names of layers, except those of classifiers; returns the names of the filled layers.

    Of a network of the catalogue only the body is taken; the new network's head is reinitialised.
    Raises `InputError` where a layer has no counterpart, or one of another shape: a layer left out without a word
    would train from random weights.
    """
    pairs, diagnostics = _matched(model, pretrained(model, str(weights)))
    if diagnostics:
        raise InputError(diagnostics)
    for layer, other in pairs:
        layer.set_weights(other.get_weights())
    filled = [layer.name for layer, _ in pairs]
    model.fresh_layers = frozenset(layer.name for layer in model.layers if layer.weights) - frozenset(filled)
    return filled


def misfits(model: keras.Model, source: Pretrained) -> list[Diagnostic]:
    """Why a network cannot take weights over; empty if it can."""
    return _matched(model, source)[1]


def _matched(model: keras.Model, source: Pretrained) -> tuple[list[tuple[keras.Layer, keras.Layer]], list[Diagnostic]]:
    """The layers of a network with those that they take their weights from, and what does not fit."""
    mine, theirs = _by_name(model), _by_name(source.network)
    heads = classifiers(model) | (_behind(mine, theirs) if source.body_only else set())
    pairs, diagnostics = [], []
    for name, layer in mine.items():
        if layer.name in heads:
            continue
        if name not in theirs:
            message = f"has no layer {layer.name!r}{did_you_mean(layer.name, theirs)}"
            diagnostics.append(Diagnostic(message, file=source.place))
            continue
        shapes, its = ([tuple(weight.shape) for weight in each.weights] for each in (layer, theirs[name]))
        if shapes == its:
            pairs.append((layer, theirs[name]))
        else:
            message = f"layer {layer.name!r} has weights {its}, the new network {shapes}"
            diagnostics.append(Diagnostic(message, file=source.place))
    return pairs, diagnostics


def fresh_layers(model: keras.Model) -> set[str]:
    """The layers that start from random weights: all that `transfer` did not fill, else the classifiers."""
    return set(getattr(model, "fresh_layers", ())) | classifiers(model)


def origin(model: keras.Model, weights: str, filled: int) -> str:
    """A line that says where weights came from, what is reinitialised, and how images are prepared."""
    prepared = ", images prepared as for ImageNet" if is_official(weights) else ""
    taken = f"{counted(filled, 'layer')} start{'s' * (filled == 1)}"
    return f"{taken} from {weights}{prepared}; reinitialised: {', '.join(sorted(fresh_layers(model)))}\n"


@checked
def freeze(model: keras.Model, until: str) -> int:
    """Freeze `all` layers that were not reinitialised, `none`, or those up to the end of a layer or stage.

    Returns how many frozen layers have weights.

    A frozen batch normalisation uses and keeps the statistics that it has: Keras runs it in inference mode.
    """
    names = [layer.name for layer in model.layers]
    heads = fresh_layers(model)
    last = {"none": 0, "all": len(names)}.get(until, end_of_frozen(names, until))
    frozen = 0
    for position, layer in enumerate(model.layers):
        layer.trainable = position >= last or layer.name in heads
        frozen += bool(layer.weights) and not layer.trainable
    return frozen


def classifiers(model: keras.Model) -> set[str]:
    """The last layer with weights before each output, by name: what depends on the classes."""
    found = set()
    for output in model.outputs:
        while not layer_of(output).weights:
            output = inputs_of(output)[0]
        found.add(layer_of(output).name)
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


def check_phases(model: keras.Model, recipe: Recipe) -> None:
    """Raise for what a phase freezes by a name that no layer has: at once, not after the epochs of those before it."""
    names = [layer.name for layer in model.layers]
    for _, frozen in phases(recipe):
        end_of_frozen(names, frozen)


def scaled_for_finetuning(recipe: Recipe) -> Recipe:
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
        f"{each:.0f} images per class are {amount}; frozen now: {how.freeze}\n"
        f"  images like the old ones: {alike}\n  images of another kind: {different}"
    )


def _by_name(model: keras.Model) -> dict[str, keras.Layer]:
    """The layers with weights, in their order; those that Keras named, as `conv2d_7`, by their number in the network.

    Keras counts its names on from one network to the next of a process.
    """
    weighted = [layer for layer in model.layers if layer.weights]
    counted: dict[str, list[tuple[int, str]]] = {}
    for layer in weighted:
        stem, _, number = layer.name.rpartition("_") if layer.name[-1].isdigit() else (layer.name, "", "0")
        if stem.replace("_", "") == type(layer).__name__.lower() and number.isdecimal():
            counted.setdefault(stem, []).append((int(number), layer.name))
    names = {name: f"{stem} {rank}" for stem, found in counted.items() for rank, (_, name) in enumerate(sorted(found))}
    return {names.get(layer.name, layer.name): layer for layer in weighted}


def _behind(mine: Mapping[str, keras.Layer], body: Mapping[str, keras.Layer]) -> set[str]:
    """The layers with weights after the last one that a body has: the head."""
    shared = [position for position, name in enumerate(mine) if name in body]
    return {layer.name for layer in list(mine.values())[shared[-1] + 1 :]} if shared else set()
