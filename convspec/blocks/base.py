"""What every block is: declared fields, and one `connect` from which analysis and Keras both come."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, cast

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, PrivateAttr, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError

from ..graph import GraphError, Scope, Tensor
from ..hooks import connect_to_keras
from ..printing import quote
from .aliases import block_meant
from .notation import NO_BLOCK, parse_notation
from .pydantic_model import AS_IT_IS, Model
from .registry import BLOCKS, find_block_class
from .squeeze_excite_gate import Gate
from .written import block_written


class Block(Model):
    """A reusable piece of a network.

    `Bottleneck(filters=64)(x)` works on a tensor of a `convspec.graph.Graph` and on an ordinary Keras tensor. Fields
    are checked on construction (pydantic's `ValidationError`), shapes on connection (`GraphError`).
    """

    handles_squeeze_excite: ClassVar[bool] = False
    """Whether `connect` places `squeeze_excite` on a branch of its own; else it gates the block's output."""
    merges: ClassVar[bool] = False
    """Whether `connect` takes a list of tensors."""

    name: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_.\-]*$",
        description="the layers' name, or its prefix; nested blocks join theirs with `_`. If empty, no prefix is "
        "added; a layer without another name gets Keras's automatic one",
    )
    source: str | list[str] | None = Field(
        default=None,
        validation_alias="from",
        description="the earlier block, by its name, that this one takes its input from; a list where it merges",
    )
    squeeze_excite: Gate | None = Field(
        default=None,
        description="a squeeze-and-excitation gate: on a residual branch where there is one, else on the output",
    )
    _path: str = PrivateAttr(default="")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Where a field, of anybody's model, may hold any block, each is written out with all fields of its own."""
        schema = super().__get_pydantic_core_schema__(source, handler)
        return schema if "block" in cls.model_fields else cast(CoreSchema, {**schema, "serialization": AS_IT_IS})

    @property
    def kind(self) -> str:
        """The name of the block in a spec."""
        return str(type(self).model_fields["block"].default)

    @property
    def path(self) -> str:
        """The place of the block in its document: `body[3]`."""
        return self._path

    def connect(self, x: Any, name: str) -> Tensor:
        """Add the block's layers after `x`, their names beginning with `name`; returns the output."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it connects")

    def __call__(self, x: Any, name: str | None = None) -> Any:
        """Apply to a tensor (or a list of them, for a block that merges), symbolic or Keras's own.

        Raises `GraphError` where the shapes do not allow it.
        """
        first = x[0] if isinstance(x, (list, tuple)) and x else x
        name = name if name is not None else self.name
        if not isinstance(first, Tensor):
            return connect_to_keras(self, x, name)
        graph = first.graph
        name = name if name is not None else graph.fresh_name(self.kind)
        with graph.scope(Scope(name, self.kind, self._path)):
            try:
                x = self.connect(x, name)
                if self.squeeze_excite is not None and not self.handles_squeeze_excite:
                    x = self.squeeze_excite.apply(x, name, first.shape[-1])
            except GraphError as error:
                if not error.scopes:
                    error.scopes = graph.scopes
                raise
        graph.labels[name] = x
        return x


def parse_block(value: object) -> Block:
    """A block from what a document holds: a mapping with `block:`, or a string in VGG's notation.

    Raises `ValueError` for what is no block, and pydantic's `ValidationError` for a block whose fields are invalid.
    """
    if isinstance(value, Block):
        return value
    kind, fields = _kind(value)
    block_class = find_block_class(kind)
    if block_class is None:
        message = f"no block is called {quote(kind)}{block_meant(kind, BLOCKS)}"
        error = PydanticCustomError("block_unknown", "{message}", {"message": message})
        raise ValidationError.from_exception_data("block", [{"type": error, "loc": ("block",), "input": kind}])
    block = block_class.model_validate(fields)
    block._path = getattr(fields, "path", "")
    return block


def _kind(value: object) -> tuple[str, Mapping[str, object]]:
    """The name of a block and its fields. Raises `ValueError`."""
    if isinstance(value, str):
        return parse_notation(value)
    if not isinstance(value, Mapping):
        message = f"expected a block, not {quote(value)}{NO_BLOCK}"
        raise PydanticCustomError("block_type", "{message}", {"message": message})
    if not isinstance(kind := value.get("block"), str):
        message = f"needs `block`, the name of a block{block_written(value)}"
        raise PydanticCustomError("block_missing", "{message}", {"message": message})
    return kind, value


Item = Annotated[Block, BeforeValidator(parse_block)]
"""A block inside a block."""
