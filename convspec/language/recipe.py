"""The `train:` section of a spec: everything that training needs beside the network and the data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from ..blocks.pydantic_model import Model
from .augmentation import Augmentation, Preprocessing, RandAugment
from .optimization import Optimizer, conflict
from .schedule import Schedule

__all__ = [
    "OFFICIAL",
    "Augmentation",
    "EarlyStopping",
    "FineTuning",
    "Optimizer",
    "Preprocessing",
    "RandAugment",
    "Recipe",
    "Schedule",
    "Unfreezing",
    "is_official",
]

OFFICIAL = "imagenet"


def is_official(weights: str) -> bool:
    """Whether Keras's official weights are meant: `imagenet`, or `imagenet:NETWORK`."""
    return weights.partition(":")[0] == OFFICIAL


class EarlyStopping(Model):
    """Stop when the validation gets no better, and keep the weights of the best epoch."""

    monitor: Literal["val_loss", "val_accuracy"] = Field(
        default="val_accuracy", description="what is watched; val_loss includes the L2 penalty and label smoothing"
    )
    patience: int = Field(default=10, ge=1, description="epochs without progress before training stops")
    minimum_change: float = Field(default=0.0, ge=0, description="smallest change that counts as progress")
    restore_best: bool = Field(default=True, description="end with the weights of the best epoch, not the last")


class Unfreezing(Model):
    """From one epoch on, fewer layers are frozen."""

    after: int = Field(ge=1, description="epochs that come first")
    freeze: str = Field(description="what is frozen from then on: `none`, or a layer or stage, frozen up to its end")


class FineTuning(Model):
    """Start from another network's weights; all layers but the classifier are taken over by their names.

    A frozen layer keeps its weights, and its batch normalisation the statistics that it came with. With `imagenet`,
    or an .h5 file, the body alone is taken over, and with `imagenet` images go through what the official weights were
    trained on, in the place of `preprocessing`'s numbers.
    """

    weights: str = Field(
        min_length=1,
        description="a .keras file; the folder of a run; `imagenet`, the official weights of the catalogue's network "
        "of this name, or `imagenet:NETWORK`, of another name; or an .h5 file of a catalogue's network",
    )
    freeze: str = Field(
        default="none",
        description="`all` that is taken over, `none`, or a layer or stage by name, frozen up to its end",
    )
    unfreeze: Annotated[
        tuple[Unfreezing, ...], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
    ] = Field(default=(), description="frees layers in stages, each by epoch; the optimizer starts anew")
    learning_rate_factor: float = Field(
        default=0.1, gt=0, description="what the optimizer's learning rate is multiplied by"
    )

    @model_validator(mode="after")
    def _check(self) -> FineTuning:
        starts = [stage.after for stage in self.unfreeze]
        if starts != sorted(set(starts)):
            raise conflict(f"the epochs of `unfreeze` must rise, but are {starts}", "unfreeze")
        return self


class Recipe(Model):
    """How a network is trained; every part is Keras's own, or small code over `keras.ops`."""

    optimizer: Optimizer = Field(
        default=Optimizer.model_construct(name="adam", learning_rate=0.001, weight_decay=0.0),
        description="what turns gradients into updates; Adam unless given",
    )
    schedule: Schedule = Field(
        default=Schedule.model_construct(name="constant"),
        description="how the learning rate changes; constant unless given",
    )
    l2: float = Field(default=0.0, ge=0, description="L2 penalty on kernels: the loss gains this * sum of squares")
    batch_size: int = Field(default=64, ge=1, description="images in an update")
    epochs: int = Field(default=10, ge=1, description="passes over the training images")
    early_stopping: EarlyStopping | None = Field(default=None, description="stop when the validation gets no better")
    label_smoothing: float = Field(
        default=0.0, ge=0, lt=1, description="share of the label spread evenly over all classes; val_loss includes it"
    )
    ema: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="decay of a running mean of the weights, which validation and the model use; it rises with the "
        "updates n as (1 + n) / (10 + n)",
    )
    precise_batch_norm: Annotated[int, Field(ge=2)] | Literal["auto"] | None = Field(
        default="auto",
        description="compute batch normalisation's statistics from so many training images before each validation "
        "(arXiv:2105.07576); `auto`: from 1024, as long as moving averages hold over 1 % of their initial values; "
        "null: never; with `ema` they are computed in any case",
    )
    mixup: float = Field(
        default=0.0,
        ge=0,
        description="alpha of the Beta distribution that mixes two images (arXiv:1710.09412); 0 is off",
    )
    cutmix: float = Field(
        default=0.0, ge=0, description="alpha for the area pasted from another image (arXiv:1905.04899); 0 is off"
    )
    class_weights: Literal["none", "balanced"] | dict[str, Annotated[float, Field(ge=0)]] = Field(
        default="none", description="weight of each class in the loss, by its name; `balanced`: inverse to its share"
    )
    finetune: FineTuning | None = Field(default=None, description="start from another network's weights")
    balanced: bool = Field(
        default=False, description="read as many images of each class in an epoch, repeating the rare ones"
    )
    mixed_precision: Literal["none", "float16", "bfloat16"] = Field(
        default="none", description="compute in 16 bits and keep weights in float32"
    )
    jit_compile: bool = Field(default=False, description="compile the training step with XLA")
    deterministic: bool = Field(
        default=True, description="only operations that give the same result each time, where slower"
    )
    seed: int = Field(
        default=1, ge=0, lt=2**31, description="start of every random number: weights, order, augmentation"
    )
    validation_split: float = Field(
        default=0.1, gt=0, lt=1, description="share of each class kept for validation, where the data come without one"
    )
    preprocessing: Preprocessing = Field(
        default=Preprocessing.model_construct(), description="what is done to every image; standardised unless given"
    )
    augmentation: Augmentation = Field(
        default=Augmentation.model_construct(), description="what is done to training images only; nothing unless given"
    )

    @model_validator(mode="after")
    def _warmup_ends(self) -> Recipe:
        if self.schedule.warmup > self.epochs:
            raise conflict(
                f"schedule.warmup is {self.schedule.warmup:g} epochs, but training ends after {self.epochs}; "
                f"raise epochs or lower the warm-up",
                "schedule",
                "warmup",
            )
        return self

    @model_validator(mode="after")
    def _unfreezing_comes(self) -> Recipe:
        late = [
            stage.after for stage in (self.finetune.unfreeze if self.finetune else ()) if stage.after >= self.epochs
        ]
        if late:
            message = f"finetune.unfreeze after {late[0]} epochs never comes: training ends after {self.epochs}"
            raise conflict(message, "finetune", "unfreeze")
        return self

    @model_validator(mode="after")
    def _one_promise(self) -> Recipe:
        if self.jit_compile and self.deterministic:
            message = "jit_compile needs deterministic: false, since Keras does not promise both at once"
            raise conflict(message, "jit_compile")
        return self

    @model_validator(mode="after")
    def _one_balance(self) -> Recipe:
        if self.balanced and self.class_weights != "none":
            raise conflict("balanced reading and class_weights both even out the classes; keep one", "balanced")
        return self
