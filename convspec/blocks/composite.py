"""Blocks made of blocks: one after another, side by side, beside a shortcut, row by row.

Names nest: a block called `b` inside one called `a` names its layers `a_b...`; without a name of its own it gets its
place, `a_0`. `from:` searches a name in the same block first, then outwards.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from .. import graph
from ..graph import Tensor
from ..graph.activation import ActivationName
from ..graph.arguments import Rate
from .base import Block, Item, parse_block
from .common import BATCH_NORM, Norm, activate
from .connect import run
from .shortcuts import SHORTCUT_MEANING, Shortcut, merge, resize

Branch = Annotated[list[Item], BeforeValidator(lambda value: value if isinstance(value, list) else [value])]
"""A list of blocks; a single one needs no list; an empty list passes its input on."""

MERGES: dict[str, Callable[[], graph.Operation]] = {
    "concat": graph.Concatenate,
    "add": graph.Add,
    "multiply": graph.Multiply,
    "average": graph.Average,
    "maximum": graph.Maximum,
}


class Sequence(Block):
    """Blocks one after another: the last one's shape."""

    block: Literal["sequence"] = "sequence"
    body: list[Item] = Field(description="the blocks, in order")
    template: str | None = Field(default=None, description="the template or table that the sequence comes from")

    @property
    def kind(self) -> str:
        """The template's name where there is one."""
        return self.template or "sequence"

    def connect(self, x: Tensor, name: str) -> Tensor:
        """The blocks' layers, their names after `<name>_`."""
        return run(self.body, x, name)


class Parallel(Block):
    """Branches side by side over the same input, then merged: any Inception module.

    concat: (h, w, c) -> (h, w, sum of the branches' channels); the others need equal shapes.
    """

    block: Literal["parallel"] = "parallel"
    branches: list[Branch] = Field(min_length=2, description="lists of blocks; an empty list passes the input on")
    merge: Literal["concat", "add", "multiply", "average", "maximum"] = Field(
        default="concat", description="how they join"
    )
    activation: ActivationName | None = Field(default=None, description="after the merge; none by default")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_<branch>_<place>...`, `<name>_<merge>`."""
        ends = [run(branch, x, name, f"{number}_{{}}") for number, branch in enumerate(self.branches)]
        x = MERGES[self.merge]()(ends, f"{name}_{self.merge}")
        return activate(x, self.activation, f"{name}_{self.activation}")


class Residual(Block):
    """Any blocks beside a shortcut (He et al. 2015, arXiv:1512.03385; the six shortcuts, arXiv:1603.05027).

    `projection` follows a body that changes size with a 1x1 convolution; the others need a body that keeps it.
    The shape is the body's.
    """

    block: Literal["residual"] = "residual"
    body: list[Item] = Field(min_length=1, description="the blocks of the branch, in order")
    shortcut: Shortcut = Field(default="identity", description=SHORTCUT_MEANING)
    norm: Norm | None = Field(default=BATCH_NORM, description="the projection's normalisation, or null for none")
    activation: ActivationName | None = Field(default="relu", description="after the sum, or null for none")
    drop_path_rate: Rate = Field(default=0.0, description="share of examples that lose the body in training")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_<place>...`, `<name>_0_conv` and `_0_bn` for a projection, `<name>_add`, `<name>_out`."""
        branch = run(self.body, x, name, "body_{}")
        kind = self.shortcut
        if kind == "projection" and branch.shape != x.shape:
            strides = _strides(x, branch)
            x = resize(x, branch.channels, strides, "projection", name, self.norm, use_bias=False)
            kind = "identity"
        x = merge(x, branch, kind, name, self.norm, f"{name}_add", self.drop_path_rate)
        return activate(x, self.activation, f"{name}_out")


class Table(Block):
    """A block for each row of a table, its fields under the names of the columns, as papers print networks.

    The shape is the last one's. In a spec, columns are also variables of `${...}` in `of`, whose own fields win, and
    `row` counts the rows.
    """

    block: Literal["table"] = "table"
    columns: list[str] = Field(min_length=1, description="names of fields")
    rows: list[list[Any]] = Field(min_length=1, description="their values, a row a block")
    of: dict[str, Any] = Field(description="the block: its name under `block`, and the fields that all rows share")

    @model_validator(mode="after")
    def _check(self) -> Self:
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} values for {len(self.columns)} columns")
        return self

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_<row>...`."""
        rows = [{**dict(zip(self.columns, row, strict=True)), **self.of} for row in self.rows]
        return run([parse_block(row) for row in rows], x, name)


def _strides(x: Tensor, branch: Tensor) -> tuple[int, int]:
    """The strides that take one map to the size of another; (1, 1) where a size is unknown or one is no map."""
    if min(len(x.shape), len(branch.shape)) < 3:
        return 1, 1
    sizes = zip(x.shape[:2], branch.shape[:2], strict=True)
    height, width = (-(-before // after) if before and after else 1 for before, after in sizes)
    return height, width
