"""Chains of convolutions with normalisation and activation as one line of text: what the Inception papers draw.

`conv1-64 conv3-96/2V` is a 1x1 convolution of 64 filters, then a 3x3 of 96 with stride 2 and no padding: the notation
of VGG's table, with the `V` of the Inception-v4 paper's figures. `conv1-384 (conv1x3-384 | conv3x1-384)` splits.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field

from ..graph import AveragePooling2D, Concatenate, Conv2D, CustomScaleLayer, MaxPooling2D, Tensor
from ..graph.activation import ActivationName
from ..graph.initializer import KernelInitializer
from .base import Block
from .common import BATCH_NORM, Norm, activate
from .notation import parse_notation

FORMS = "conv3-64, conv1x7-64/2 (a stride), conv3-64V (no padding), maxpool3/2, avgpool3/1, (conv1x3-64 | conv3x1-64)"

MOST_SPLITS = 16
"""In one chain; splits are read one inside the other."""

_TOKEN = re.compile(r"\s*([()|]|[^\s()|]+)")


class Word(NamedTuple):
    """One convolution or pool of a chain."""

    kind: str
    fields: dict[str, Any]
    padding: Literal["valid", "same"]


Part = Word | list["list[Part]"]
"""A word, or the chains of a split."""


def parse_chain(text: str) -> list[Part]:
    """The parts of a chain. Raises `ValueError` with the forms."""
    if text.count("(") > MOST_SPLITS:
        raise _error(text, f"has more than {MOST_SPLITS} splits")
    chain, rest = _chain(_TOKEN.findall(text))
    if rest or not chain:
        raise _error(rest[0] if rest else text, "is no chain of layers" if not rest else "stands alone")
    return chain


def _chain(tokens: Sequence[str]) -> tuple[list[Part], Sequence[str]]:
    """The parts up to a `|` or `)`, and what is left from there."""
    parts: list[Part] = []
    while tokens and tokens[0] not in "|)":
        if tokens[0] == "(":
            split, tokens = _split(tokens[1:])
            parts.append(split)
        else:
            parts.append(_word(tokens[0]))
            tokens = tokens[1:]
    return parts, tokens


def _split(tokens: Sequence[str]) -> tuple[list[list[Part]], Sequence[str]]:
    chains: list[list[Part]] = []
    while True:
        chain, tokens = _chain(tokens)
        chains.append(chain)
        if not tokens:
            raise _error("(", "is not closed")
        closing, tokens = tokens[0], tokens[1:]
        if closing == ")":
            break
    if len(chains) < 2 or not all(chains):
        raise _error("(...)", "needs two chains or more, with `|` between them")
    return chains, tokens


def _word(text: str) -> Word:
    bare = text.removesuffix("V")
    try:
        kind, fields = parse_notation(bare)
    except ValueError:
        kind, fields = "", {}
    if kind not in ("conv", "max_pool", "avg_pool"):
        raise _error(text, "is neither a convolution nor a pool")
    return Word(kind, fields, "same" if bare == text else "valid")


def _error(text: str, problem: str) -> ValueError:
    quoted = repr(text if len(text) <= 60 else f"{text[:57]}...")
    return ValueError(f"{quoted} {problem}; the forms are {FORMS}")


def _checked(text: str) -> str:
    parse_chain(text)
    return text


ChainText = Annotated[str, AfterValidator(_checked)]
"""Convolutions and pools one after another; all padded `same` but those with a `V`."""


class InceptionChain(Block):
    """What blocks made of chains share: how each convolution is normalised, activated and named."""

    norm: Norm | None = Field(default=BATCH_NORM, description="after each convolution, or null for none")
    activation: ActivationName = Field(default="relu", description="after that; Keras's name of the function")
    use_bias: bool = Field(default=False, description="add biases to the convolutions")
    kernel_initializer: KernelInitializer = Field(default="glorot_uniform", description="how weights start")
    automatic_names: bool = Field(
        default=False, description="leave the names inside to Keras (conv2d_7), as keras.applications does"
    )
    split_names: list[str] = Field(default=[], description="names of the layers that join splits; else made up")

    def run(self, text: str, x: Tensor, name: str, names: Iterator[str] | None = None) -> Tensor:
        """The layers of a chain: `<name>_<place>_conv`, `_bn`, `_relu`; `<name>_<place>` for a pool."""
        return self._run(parse_chain(text), x, name, iter(self.split_names) if names is None else names)

    def join(self, towers: Sequence[str], x: Tensor, name: str, concat_name: str) -> Tensor:
        """The towers side by side over `x`, their channels concatenated."""
        names = iter(self.split_names)
        ends = [self.run(tower, x, f"{name}_{number}", names) for number, tower in enumerate(towers)]
        return Concatenate()(ends, concat_name) if len(ends) > 1 else ends[0]

    def _run(self, chain: Sequence[Part], x: Tensor, name: str, names: Iterator[str]) -> Tensor:
        for place, part in zip(count(), chain, strict=False):
            prefix = f"{name}_{place}"
            if isinstance(part, list):
                ends = [self._run(one, x, f"{prefix}_{number}", names) for number, one in enumerate(part)]
                x = Concatenate()(ends, next(names, self._name(f"{prefix}_concat")))
            elif part.kind == "conv":
                x = self._conv(part, x, prefix)
            else:
                pool = MaxPooling2D if part.kind == "max_pool" else AveragePooling2D
                x = pool(padding=part.padding, **part.fields)(x, self._name(prefix))
        return x

    def _conv(self, word: Word, x: Tensor, name: str) -> Tensor:
        fields = {"padding": word.padding, **word.fields}
        x = Conv2D(**fields, use_bias=self.use_bias, kernel_initializer=self.kernel_initializer)(
            x, self._name(f"{name}_conv")
        )
        x = self.norm.apply(x, self._name(f"{name}_bn")) if self.norm else x
        return activate(x, self.activation, self._name(f"{name}_{self.activation}"))

    def _name(self, name: str) -> str | None:
        return None if self.automatic_names else name


class Chain(InceptionChain):
    """Convolutions with normalisation and activation, and pools, as a line of text: an Inception network's stem.

    The shape is the last one's.
    """

    block: Literal["chain"] = "chain"
    layers: ChainText = Field(description=f"what follows what: {FORMS}")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_<place>_conv`, `_bn`, `_relu`; `<name>_<place>` for a pool."""
        return self.run(self.layers, x, name)


class Mixed(InceptionChain):
    """Chains side by side, their channels joined: any Inception module (Szegedy et al. 2015, arXiv:1512.00567).

    (h, w, c) -> (h', w', sum of the towers' channels)
    """

    block: Literal["mixed"] = "mixed"
    towers: list[ChainText] = Field(min_length=2, description=f"a line for each chain: {FORMS}")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_<tower>_<place>_conv`, `_bn`, `_relu`; `<name>` joins them."""
        return self.join(self.towers, x, name, name)


class InceptionResnet(InceptionChain):
    """Towers beside a shortcut, scaled down before the sum (Szegedy et al. 2016, figs. 10-13, arXiv:1602.07261).

    (h, w, c) -> (h, w, c)

    A linear 1x1 convolution with biases and no normalisation brings the towers to the depth of the input.
    """

    handles_squeeze_excite = True
    block: Literal["inception_resnet"] = "inception_resnet"
    towers: list[ChainText] = Field(min_length=1, description=f"a line for each chain: {FORMS}")
    scale: float = Field(default=1.0, description="factor of the towers' output; 0.1 to 0.3 keep training stable")
    output_activation: ActivationName | None = Field(default="relu", description="after the sum, or null for none")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_<tower>_<place>...`, `<name>_mixed`, `<name>_conv`, `<name>_scale`, `<name>_ac`."""
        up = self.join(self.towers, x, name, f"{name}_mixed")
        up = Conv2D(x.channels, 1, padding="same", kernel_initializer=self.kernel_initializer)(up, f"{name}_conv")
        up = self.squeeze_excite.apply(up, name) if self.squeeze_excite else up
        x = CustomScaleLayer(self.scale)([x, up], self._name(f"{name}_scale"))
        return activate(x, self.output_activation, f"{name}_ac")
