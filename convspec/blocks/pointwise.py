"""Blocks of one layer that works on each value or each channel."""

from typing import Literal

from pydantic import Field

from .. import graph
from ..graph import Tensor
from .base import Block
from .fields import ActivationName, BiasInitializerField, Count, InitializerField, Rate
from .parts import activate, fused


class Activation(Block):
    """A function of each value: (h, w, c) -> (h, w, c)."""

    block: Literal["activation"] = "activation"
    activation: ActivationName | None = Field(
        default="relu", description="Keras's name of the function; null for linear"
    )

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`, even for `linear`, which passes its input on."""
        if self.activation in (None, "linear"):
            return graph.Activation("linear")(x, name)
        return activate(x, self.activation, name)


class Relu(Block):
    """max(0, x), cut off at `max_value`, as Keras's ReLU layer: (h, w, c) -> (h, w, c)."""

    block: Literal["relu"] = "relu"
    max_value: float | None = Field(default=None, gt=0, description="the largest output, such as 6; null for none")
    negative_slope: float = Field(default=0.0, ge=0, description="factor of values below 0")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.ReLU(self.max_value, self.negative_slope)(x, name)


class Maxout(Block):
    """The largest of each `pieces` neighbouring channels (Goodfellow et al. 2013, arXiv:1302.4389).

    (h, w, c) -> (h, w, c / pieces)
    """

    block: Literal["maxout"] = "maxout"
    pieces: Count = Field(default=2, description="channels that compete")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.Maxout(self.pieces)(x, name)


class BatchNorm(Block):
    """Batch normalisation (Ioffe & Szegedy 2015, arXiv:1502.03167): (h, w, c) -> (h, w, c)."""

    block: Literal["batch_norm"] = "batch_norm"
    momentum: float = Field(default=0.99, ge=0, le=1, description="of the moving statistics")
    epsilon: float = Field(default=1e-3, gt=0, description="added to the variance")
    center: bool = Field(default=True, description="learn an offset, beta")
    scale: bool = Field(default=True, description="learn a factor, gamma")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.BatchNormalization(self.momentum, self.epsilon, center=self.center, scale=self.scale)(x, name)


class LayerNorm(Block):
    """Layer normalisation over the channels (Ba et al. 2016, arXiv:1607.06450): (h, w, c) -> (h, w, c)."""

    block: Literal["layer_norm"] = "layer_norm"
    epsilon: float = Field(default=1e-3, gt=0, description="added to the variance")
    center: bool = Field(default=True, description="learn an offset, beta")
    scale: bool = Field(default=True, description="learn a factor, gamma")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.LayerNormalization(self.epsilon, center=self.center, scale=self.scale)(x, name)


class Lrn(Block):
    """Local response normalisation (Krizhevsky et al. 2012, section 3.3): (h, w, c) -> (h, w, c)."""

    block: Literal["lrn"] = "lrn"
    depth_radius: Count = Field(
        default=2, description="neighbouring channels on each side in the sum (the paper's n = 5)"
    )
    bias: float = Field(default=2.0, description="k in the paper")
    alpha: float = Field(default=1e-4, description="factor of the sum of squares")
    beta: float = Field(default=0.75, description="exponent")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.LocalResponseNormalization(self.depth_radius, self.bias, self.alpha, self.beta)(x, name)


class Dense(Block):
    """A fully connected layer: (n,) -> (units,)."""

    block: Literal["dense"] = "dense"
    units: Count = Field(description="outputs")
    activation: ActivationName | None = Field(default=None, description="Keras's name of the function; none by default")
    use_bias: bool = Field(default=True, description="add a bias")
    kernel_initializer: InitializerField = Field(default="glorot_uniform", description="how weights start")
    bias_initializer: BiasInitializerField = Field(default="zeros", description="how biases start")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`, or two where the activation is a layer of its own."""
        activation = fused(self.activation)
        x = graph.Dense(self.units, activation, self.use_bias, self.kernel_initializer, self.bias_initializer)(x, name)
        return x if fused(self.activation) else activate(x, self.activation, f"{name}_{self.activation}")


class Dropout(Block):
    """Sets a share of the values to 0 in training (Srivastava et al. 2014): the shape stays."""

    block: Literal["dropout"] = "dropout"
    rate: Rate = Field(default=0.5, description="share of values set to 0")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.Dropout(self.rate)(x, name)


class SpatialDropout(Block):
    """Sets a share of the channels to 0 in training (Tompson et al. 2015, arXiv:1411.4280): (h, w, c) -> (h, w, c)."""

    block: Literal["spatial_dropout"] = "spatial_dropout"
    rate: Rate = Field(default=0.5, description="share of channels set to 0")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.SpatialDropout2D(self.rate)(x, name)


class StochasticDepth(Block):
    """Drops its whole input for a share of the examples in training (Huang et al. 2016, arXiv:1603.09382).

    The shape stays.
    """

    block: Literal["stochastic_depth"] = "stochastic_depth"
    rate: Rate = Field(description="share of examples that lose the branch")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.StochasticDepth(self.rate)(x, name)


class LayerScale(Block):
    """A learnt factor a channel, small at first (Touvron et al. 2021, arXiv:2103.17239): (h, w, c) -> (h, w, c)."""

    block: Literal["layer_scale"] = "layer_scale"
    init_values: float = Field(default=1e-6, description="the factors at the start")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.LayerScale(self.init_values, x.channels)(x, name)


class Scale(Block):
    """A fixed factor: the shape stays."""

    block: Literal["scale"] = "scale"
    scale: float = Field(description="the factor")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.Scale(self.scale)(x, name)


class Rescaling(Block):
    """x * scale + offset, as for pixels from 0..255 to 0..1: the shape stays."""

    block: Literal["rescaling"] = "rescaling"
    scale: float | list[float] = Field(description="the factor, such as ${1 / 255}, or one for each channel")
    offset: float = Field(default=0.0, description="added after scaling")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        if isinstance(self.scale, list) and len(self.scale) != x.channels:
            raise graph.GraphError(f"{len(self.scale)} scales for {x.channels} channels", field="scale")
        return graph.Rescaling(self.scale, self.offset)(x, name)


class Normalization(Block):
    """(x - mean) / sqrt(variance) a channel: (h, w, c) -> (h, w, c).

    Without given values they are variables, 0 and 1 at first, that a weight file or `adapt` sets.
    """

    block: Literal["normalization"] = "normalization"
    mean: list[float] | None = Field(default=None, description="one a channel")
    variance: list[float] | None = Field(default=None, description="one a channel")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        if (self.mean is None) != (self.variance is None):
            raise graph.GraphError("normalization needs mean and variance, or neither", field="mean")
        for name_of, values in (("mean", self.mean), ("variance", self.variance)):
            if values is not None and len(values) != x.channels:
                raise graph.GraphError(f"{len(values)} values of {name_of} for {x.channels} channels", field=name_of)
        if negative := [value for value in self.variance or () if value < 0]:
            raise graph.GraphError(f"a variance is at least 0, not {negative[0]:g}", field="variance")
        return graph.Normalization(self.mean, self.variance)(x, name)
