"""What every block is: fields checked by pydantic, and one `connect` from which analysis and Keras both come."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, SerializeAsAny, ValidationError
from pydantic_core import PydanticCustomError

from ..graph import GraphError, Scope, Tensor
from .gate import Gate
from .notation import parse_notation
from .registry import BLOCKS, find_block_class
from .spelling import did_you_mean


class Block(BaseModel):
    """A reusable piece of a network.

    `Bottleneck(filters=64)(x)` works on a tensor of a `convspec.graph.Graph` and on an ordinary Keras tensor. Fields
    are checked on construction (pydantic's `ValidationError`), shapes on connection (`GraphError`).
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, defer_build=True, populate_by_name=True, validate_default=False
    )

    gates_itself: ClassVar[bool] = False
    """Whether `connect` places `squeeze_excite` on a branch of its own; else it gates the block's output."""
    merges: ClassVar[bool] = False
    """Whether `connect` takes a list of tensors."""

    name: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_.\-]*$",
        description="the layers' name, or its prefix; nested blocks join theirs with `_`; an empty one adds "
        "nothing, and means Keras's automatic name for a layer that has no other",
    )
    source: Annotated[str | list[str] | None, Field(alias="from")] = Field(
        None, description="the earlier block, by its name, that this one takes its input from; a list where it merges"
    )
    squeeze_excite: Gate | None = Field(
        None, description="a squeeze-and-excitation gate: on a residual branch where there is one, else on the output"
    )
    _path: str = PrivateAttr("")

    @property
    def kind(self) -> str:
        """The name of the block in a spec."""
        return str(type(self).model_fields["block"].default)

    @property
    def path(self) -> str:
        """Where the block stands in its document: `body[3]`."""
        return self._path

    def connect(self, x: Any, name: str) -> Tensor:
        """Add the block's layers behind `x`, their names beginning with `name`; returns the output."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it connects")

    def __call__(self, x: Any, name: str | None = None) -> Any:
        """Apply to a tensor (or a list of them, for a block that merges), symbolic or Keras's own.

        Raises `GraphError` where the shapes do not allow it.
        """
        first = x[0] if isinstance(x, (list, tuple)) and x else x
        name = name if name is not None else self.name
        if not isinstance(first, Tensor):
            from ..builder import apply_block  # the one look upwards: an ordinary Keras tensor needs Keras

            return apply_block(self, x, name)
        graph = first.graph
        name = name if name is not None else graph.fresh_name(self.kind)
        with graph.scope(Scope(name, self.kind, self._path)):
            try:
                x = self.connect(x, name)
                if self.squeeze_excite is not None and not self.gates_itself:
                    x = self.squeeze_excite.apply(x, name, first.shape[-1])
            except GraphError as error:
                if not error.scopes:
                    error.scopes = graph.scopes
                raise
        graph.labels[name] = x
        return x


def parse_block(value: Any) -> Block:
    """A block from what a document holds: a mapping with `block:`, or a string in VGG's notation.

    Raises pydantic's errors: unknown block (with the nearest name), unknown or missing fields, wrong types.
    """
    if isinstance(value, Block):
        return value
    if isinstance(value, str):
        name, value = parse_notation(value)
        kind: Any = name
    elif not isinstance(value, Mapping):
        raise PydanticCustomError("block_type", "expected a block, not {value}", {"value": repr(value)})
    elif not isinstance(kind := value.get("block"), str):
        raise PydanticCustomError("block_missing", "needs `block`, the name of a block")
    block_class = find_block_class(kind)
    if block_class is None:
        raise ValidationError.from_exception_data(
            "block", [{"type": unknown_block(kind), "loc": ("block",), "input": kind}]
        )
    block: Block = block_class.model_validate(value)
    block._path = getattr(value, "path", "")
    return block


def unknown_block(kind: str) -> PydanticCustomError:
    """The error for a name that is no block's."""
    return PydanticCustomError(
        "block_unknown", "no block is called {kind}{near}", {"kind": repr(kind), "near": did_you_mean(kind, BLOCKS)}
    )


Item = SerializeAsAny[Annotated[Block, BeforeValidator(parse_block)]]
"""A block inside a block."""
