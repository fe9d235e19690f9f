"""What is measured, in which sizes: on a GPU, and with `--small` on a processor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..memory import CASES
from ..tuning_spec import NETWORK, SPACE

SECONDS = 470.0
"""What the whole may take, less than eight minutes; each part gets its share of what is left."""

SHARES = {"memory": 120, "training": 70, "searches": 130, "twins": 150}
"""The parts in the order in which they run, and what each needs beside the others."""

RATE = {path: distribution for path, distribution in SPACE.items() if path != "train.l2"}

TRAIN: dict[str, Any] = {
    "optimizer": {"name": "sgd", "learning_rate": 0.01, "momentum": 0.9},
    "batch_size": 128,
    "precise_batch_norm": None,  # an extra pass over images, which the plain script has not
    "deterministic": False,
}

RESNET20: dict[str, Any] = {"name": "resnet20_search", "extends": "resnet20", "train": {**TRAIN, "l2": 1.0e-4}}


class Case(NamedTuple):
    """A twin, the height and width of its input, its batch, what is computed in, and whether it has its classifier."""

    network: str
    size: int
    batch: int
    dtype: str
    top: bool = True

    def __str__(self) -> str:
        return f"{self.network}, {self.size}x{self.size}, batch {self.batch}, {self.dtype}"


class Searched(NamedTuple):
    """A network and the space that is searched for it; `share` is its part of the time of all searches."""

    of: str
    network: dict[str, Any]
    space: dict[str, Any]
    images: str
    share: float


class Setting(NamedTuple):
    """How a network is trained, and on how many images."""

    jit_compile: bool
    mixed_precision: str
    images: int
    epochs: int

    @property
    def of(self) -> str:
        """The setting in words."""
        dtype = "float32" if self.mixed_precision == "none" else f"mixed {self.mixed_precision}"
        return f"{dtype}, jit_compile: {str(self.jit_compile).lower()}, {self.images:,} images"


@dataclass(frozen=True)
class Plan:
    """Sizes of all parts. `images` gives shape and number of each set of images that is generated."""

    twins: list[list[Case]]
    rounds: int
    round_seconds: float
    searches: list[Searched]
    trials: int
    memory: list[str]
    budget: str
    training: list[Setting]
    trained: dict[str, Any]
    trained_on: str
    images: dict[str, tuple[tuple[int, int, int], int]] = field(default_factory=dict)


def full() -> Plan:
    """What a GPU measures."""
    twins = [
        [Case(network, 224, 64, dtype) for network in group]
        for group in (("ResNet50", "VGG16"), ("MobileNetV2", "EfficientNetB0"), ("DenseNet121",))
        for dtype in ("float32", "bfloat16")
    ]
    searches = [
        Searched("six convolutions, 8x8; learning rate, L2", NETWORK, SPACE, "digits", 1.0),
        # with JAX each L2 compiles anew, for which there is no time here
        Searched("ResNet-20, 32x32; learning rate", RESNET20, RATE, "colour", 2.0),
    ]
    settings = [
        Setting(True, "none", 12_800, 6),
        Setting(True, "bfloat16", 12_800, 6),
        Setting(False, "none", 384, 3),  # every operation is compiled by itself
        Setting(False, "bfloat16", 384, 3),
    ]
    return Plan(
        twins, 9, 0.05, searches, 500, [name for name, _ in CASES], "4GiB", settings, RESNET20, "colour",
        images={"digits": ((8, 8, 1), 1_797), "colour": ((32, 32, 3), 15_360)},
    )  # fmt: skip


def small() -> Plan:
    """The same code in a minute on a processor."""
    network = {**NETWORK, "name": "one_convolution", "body": NETWORK["body"][:1]}
    return Plan(
        [[Case("VGG16", 32, 2, "float32", top=False)]], 1, 0.0,
        [Searched("one convolution, 8x8; learning rate", network, RATE, "digits", 1.0)], 2,
        ["lenet5"], "8MiB", [Setting(True, "bfloat16", 256, 2)], network, "digits",
        images={"digits": ((8, 8, 1), 360)},  # 320 to train on, whole batches: JAX compiles anew for each shape
    )  # fmt: skip
