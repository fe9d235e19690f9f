"""What `check` accepts builds, and trains for a step: random networks with random recipes."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import pytest

import convspec
from convspec.data.dataset import Dataset
from convspec.language.trainable import check_recipe
from convspec.training.compiling import reproducible
from convspec.training.train import train

from .random_specs import Drawing, Token, fields

pytestmark = pytest.mark.filterwarnings("ignore:Even though the `tf.config")  # the input pipeline stays traced

LEFT_OUT = {
    "finetune": "needs a trained network; tests/training/test_finetuning.py",
    "jit_compile": "compiles for seconds; tests/training/test_compiling.py",
    "class_weights": "its mapping needs the names of classes; tests/training/test_recipe.py",
}
"""Fields of a recipe that are not drawn here, and where they are tested."""

PARTS = {
    "optimizer": "Optimizer", "schedule": "Schedule", "augmentation": "Augmentation", "early_stopping": "EarlyStopping",
    "preprocessing": "Preprocessing",
}  # fmt: skip
SMALL = {"epochs": 1, "batch_size": 8}
NETWORK = {"name": "small", "input": [8, 8, 3], "classes": 3, "body": ["conv3-2", "batchnorm", "conv3-2/2"]}


def images(shape: tuple[int, ...], classes: int) -> Dataset:
    """Eight random images to train on and three for validation, of every class one at least."""
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (11, *shape)).astype(np.uint8)
    y = np.arange(11) % classes
    return Dataset("random", x[:8], y[:8], x[8:], y[8:], class_names=tuple(map(str, range(classes))))


def checked(document: dict[str, Any]) -> convspec.Spec | None:
    """The spec, if `convspec check` accepts it."""
    try:
        spec = convspec.load(document)
        check_recipe(spec)
    except convspec.InputError:
        return None
    return spec


def assert_trains(spec: convspec.Spec) -> None:
    """It builds and trains; a loss may overflow, since nobody said that the learning rate is a good one."""
    import tensorflow as tf

    keras.backend.clear_session(free_memory=False)
    # on a processor TensorFlow has gradients of grouped convolutions in traced functions only
    tf.config.run_functions_eagerly(all(getattr(node.operation, "groups", 1) == 1 for node in spec.layers))
    with reproducible(spec.train):
        result = train(convspec.build(spec), spec.train, images(spec.input, spec.classes), show=False)
    assert len(result.history) == spec.train.epochs
    assert not math.isinf(result.val_accuracy)


@pytest.fixture(autouse=True)
def eagerly():
    """Tracing a function takes longer than two updates."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def test_random_networks_train() -> None:
    drawing, trained = Drawing("trained"), 0
    while trained < 12:
        document = drawing.anything() | {"train": SMALL}
        document["head"] = document["head"] or {}
        if (spec := checked(document)) is not None:
            assert_trains(spec)
            trained += 1


def wanted() -> set[Token]:
    """Every field of a recipe and of its parts; each word of an optimizer, a schedule, an augmentation."""
    found: set[Token] = set()
    for kind in ("Recipe", "RandAugment", *PARTS.values()):
        for name, schema in fields(kind).items():
            if name not in LEFT_OUT and name not in SMALL:
                found |= {(f"{kind}.{name}", word) for word in schema.get("enum", ["given"])}
    return found


def used(recipe: dict[str, Any], kind: str = "Recipe") -> set[Token]:
    """Which of them a recipe sets."""
    found: set[Token] = set()
    for name, value in recipe.items():
        found |= {(f"{kind}.{name}", "given"), (f"{kind}.{name}", str(value))}
        if isinstance(value, dict):
            found |= used(value, "RandAugment" if name == "rand_augment" else PARTS[name])
    return found


def random_recipe(drawing: Drawing) -> dict[str, Any]:
    """A recipe of a few random fields, in parts that go together more often than not."""
    recipe = drawing.model("Recipe", share=0.2, without={*LEFT_OUT, *PARTS})
    for key, kind in PARTS.items():
        if drawing.random.random() < 0.5:
            recipe[key] = drawing.model(kind, share=0.2)
            if (names := fields(kind).get("name", {}).get("enum")) and drawing.random.random() < 0.8:
                recipe[key]["name"] = drawing.random.choice(names)
    if "schedule" in recipe:
        recipe["schedule"] |= drawing.random.choice([{}, {"factor": 0.5}, {"factor": 0.5, "every": 1}, {"period": 1}])
    return recipe | SMALL


def test_every_field_of_a_recipe_trains() -> None:
    drawing, missing = Drawing("recipes"), wanted()
    for attempt in range(3000):
        recipe = random_recipe(drawing)
        new = used(recipe) & missing
        least = 3 if attempt < 500 else 2 if attempt < 1000 else 1  # few recipes that each try much
        if len(new) < least or (spec := checked({**NETWORK, "train": recipe})) is None:
            continue
        assert_trains(spec)
        missing -= new
    assert not missing, "no accepted recipe sets these"
