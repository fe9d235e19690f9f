"""What turns the last feature map into class probabilities, and the auxiliary heads on the way."""

from typing import Literal, Self

from pydantic import Field, model_validator

from ..graph import (
    AveragePooling2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    GraphError,
    Tensor,
)
from ..graph.activation import ActivationName
from ..graph.arguments import Count, Rate
from ..graph.initializer import KernelInitializer
from .base import Block
from .common import join


class Head(Block):
    """(FC-RELU)*K, then the classes: (h, w, c) -> (classes,).

    Either `flatten: true` or a global `pooling` takes height and width away first; a vector needs neither.
    """

    block: Literal["head"] = "head"
    flatten: bool = Field(default=False, description="turn the map into one row of numbers, as LeNet and VGG do")
    pooling: Literal["avg", "max"] | None = Field(
        default=None, description="pool globally; avg unless `flatten` is set"
    )
    fc: list[Count] = Field(default=[], description="units of the fully connected layers before the classes")
    activation: ActivationName = Field(default="relu", description="after each of them")
    dropout: Rate = Field(
        default=0.0, description="share of values set to 0 in training, before each layer that follows"
    )
    classes: Count | None = Field(default=None, description="units of the last layer; the spec's `classes` by default")
    classifier_activation: ActivationName | None = Field(
        default="softmax", description="of the last layer; null for logits"
    )
    classifier_name: str = Field(default="predictions", description="name of the last layer")
    automatic_pool_name: bool = Field(
        default=False, description="leave the global pool's name to Keras, as NASNet does"
    )
    kernel_initializer: KernelInitializer = Field(default="glorot_uniform", description="how weights start")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.flatten and self.pooling:
            raise ValueError("flatten and pooling both take height and width away; keep one")
        return self

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`flatten` or `avg_pool`, `fc1`, `fc2`, ..., `predictions`, after `<name>_` if the head has a name."""
        x = self._collapse(x, name)
        for number, units in enumerate(self.fc, start=1):
            x = self._dense(x, units, self.activation, join(name, f"fc{number}"))
            x = Dropout(self.dropout)(x, join(name, f"dropout{number}")) if self.dropout else x
        if self.dropout and not self.fc:
            x = Dropout(self.dropout)(x, join(name, "dropout"))
        if self.classes is None:
            return x
        return self._dense(x, self.classes, self.classifier_activation, join(name, self.classifier_name))

    def _dense(self, x: Tensor, units: int, activation: str | None, name: str) -> Tensor:
        return Dense(units, activation, kernel_initializer=self.kernel_initializer)(x, name)

    def _collapse(self, x: Tensor, name: str) -> Tensor:
        if len(x.shape) == 1:
            return x
        if self.flatten:
            return Flatten()(x, join(name, "flatten"))
        pool_name = None if self.automatic_pool_name else join(name, f"{self.pooling or 'avg'}_pool")
        return GlobalMaxPooling2D()(x, pool_name) if self.pooling == "max" else GlobalAveragePooling2D()(x, pool_name)


class AuxiliaryClassifier(Block):
    """A classifier half-way, for a loss of its own (Szegedy et al. 2014, section 5, arXiv:1409.4842).

    (h, w, c) -> (classes,): average pool 5x5/3, 1x1 convolution, FC, dropout, classes.
    """

    block: Literal["auxiliary_classifier"] = "auxiliary_classifier"
    pool_size: Count = Field(default=5, description="of the average pool")
    pool_strides: Count = Field(default=3, description="of the average pool")
    filters: Count = Field(default=128, description="of the 1x1 convolution")
    units: Count = Field(default=1024, description="of the fully connected layer")
    dropout: Rate = Field(default=0.7, description="share of values set to 0 in training, before the classes")
    activation: ActivationName = Field(default="relu", description="of the convolution and the fully connected layer")
    classes: Count | None = Field(default=None, description="units of the last layer; the spec's `classes` by default")
    classifier_activation: ActivationName | None = Field(
        default="softmax", description="of the last layer; null for logits"
    )

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_pool`, `<name>_conv`, `<name>_flatten`, `<name>_fc1`, `<name>_dropout`, `<name>`."""
        if self.classes is None:
            raise GraphError("auxiliary_classifier needs `classes`: units of the last layer", field="classes")
        x = AveragePooling2D(self.pool_size, self.pool_strides)(x, f"{name}_pool")
        x = Conv2D(self.filters, 1, padding="same", activation=self.activation)(x, f"{name}_conv")
        x = Dense(self.units, self.activation)(Flatten()(x, f"{name}_flatten"), f"{name}_fc1")
        x = Dropout(self.dropout)(x, f"{name}_dropout") if self.dropout else x
        return Dense(self.classes, self.classifier_activation)(x, name)
