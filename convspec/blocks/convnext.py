"""ConvNeXt's block."""

from typing import ClassVar, Literal

from pydantic import Field

from ..graph import Activation, AddOp, Conv2D, Dense, LayerScale, StochasticDepth, Tensor
from ..graph.activation import ActivationName
from ..graph.arguments import Count, Rate, Size
from .base import Block
from .common import Norm, activate

LAYER_NORM = Norm(kind="layer", epsilon=1e-6)


class ConvnextBlock(Block):
    """Depthwise 7x7, norm, two fully connected layers, a learnt scale, beside the input (arXiv:2201.03545, fig. 4).

    (h, w, c) -> (h, w, c)

    Layer for layer as in keras.applications: the depthwise convolution is a Conv2D of c groups, the sum a function
    and no layer, and stochastic depth of rate 0 is an identity layer.
    """

    handles_squeeze_excite: ClassVar[bool] = True
    block: Literal["convnext_block"] = "convnext_block"
    kernel_size: Size = Field(default=(7, 7), description="height and width of the depthwise filters")
    expansion: Count = Field(default=4, description="how many times wider the middle is than the input")
    norm: Norm = Field(default=LAYER_NORM, description="the normalisation")
    activation: ActivationName = Field(default="gelu", description="Keras's name of the function")
    layer_scale: float | None = Field(default=1e-6, description="the learnt factors at the start, or null for none")
    drop_path_rate: Rate = Field(default=0.0, description="share of examples that lose the branch in training")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_depthwise_conv`, `_layernorm`, `_pointwise_conv_1`, `_gelu`, `_pointwise_conv_2`, `_layer_scale`."""
        shortcut, channels = x, x.channels
        x = Conv2D(channels, self.kernel_size, padding="same", groups=channels)(x, f"{name}_depthwise_conv")
        x = self.norm.apply(x, f"{name}_layernorm")
        x = Dense(self.expansion * channels)(x, f"{name}_pointwise_conv_1")
        x = activate(x, self.activation, f"{name}_{self.activation}")
        x = Dense(channels)(x, f"{name}_pointwise_conv_2")
        if self.squeeze_excite is not None:
            x = self.squeeze_excite.apply(x, name, channels)
        if self.layer_scale is not None:
            x = LayerScale(self.layer_scale, channels)(x, f"{name}_layer_scale")
        if self.drop_path_rate:
            x = StochasticDepth(self.drop_path_rate)(x, f"{name}_stochastic_depth")
        else:
            x = Activation("linear")(x, f"{name}_identity")
        return AddOp()([shortcut, x])
