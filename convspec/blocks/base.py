"""What every block is: declared fields, and one `connect` from which analysis and Keras both come."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from ..graph import GraphError, Scope, Tensor
from ..printing import quote
from .accepting import Doubt, accept
from .declaring import Declared, FieldError, Rule, field, fields_of
from .gate import Gate
from .layer_names import block_meant
from .notation import parse_notation
from .registry import BLOCKS, find_block_class


class Block(Declared):
    """A reusable piece of a network.

    `Bottleneck(filters=64)(x)` works on a tensor of a `convspec.graph.Graph` and on an ordinary Keras tensor. Fields
    are checked on construction (pydantic's `ValidationError`), shapes on connection (`GraphError`).
    """

    gates_itself: ClassVar[bool] = False
    """Whether `connect` places `squeeze_excite` on a branch of its own; else it gates the block's output."""
    merges: ClassVar[bool] = False
    """Whether `connect` takes a list of tensors."""

    name: str | None = field(
        default=None,
        pattern=r"^[A-Za-z0-9_.\-]*$",
        description="the layers' name, or its prefix; nested blocks join theirs with `_`; an empty one adds "
        "nothing, and means Keras's automatic name for a layer that has no other",
    )
    source: str | list[str] | None = field(
        default=None,
        written="from",
        description="the earlier block, by its name, that this one takes its input from; a list where it merges",
    )
    squeeze_excite: Gate | None = field(
        default=None,
        description="a squeeze-and-excitation gate: on a residual branch where there is one, else on the output",
    )
    _path = ""

    @property
    def kind(self) -> str:
        """The name of the block in a spec."""
        return str(fields_of(type(self))["block"].default)

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

    Raises pydantic's `ValidationError`: unknown block (with the nearest name), unknown or missing fields, wrong types;
    `FieldError` for what is no block at all.
    """
    try:
        return _accept_block(value)
    except (Doubt, FieldError):
        return _judge_block(value)


def _accept_block(value: Any) -> Block:
    """The block, where it is plainly right. Raises `Doubt` or `FieldError`."""
    if isinstance(value, Block):
        return value
    kind, fields = _kind(value)
    block_class = find_block_class(kind)
    if block_class is None:
        raise Doubt
    return _placed(accept(block_class, fields), fields)


def _judge_block(value: Any) -> Block:
    """The block. Raises `ValidationError` or `FieldError` with what is wrong."""
    if isinstance(value, Block):
        return value
    from .judging import judge, unknown

    kind, fields = _kind(value)
    block_class = find_block_class(kind)
    if block_class is None:
        raise unknown("block", kind, f"no block is called {quote(kind)}{block_meant(kind, BLOCKS)}")
    return _placed(judge(block_class, fields), fields)


def _kind(value: Any) -> tuple[str, Any]:
    """The name of a block and its fields. Raises `FieldError`."""
    if isinstance(value, str):
        return parse_notation(value)
    if not isinstance(value, Mapping):
        raise FieldError("block_type", f"expected a block, not {quote(value)}")
    if not isinstance(kind := value.get("block"), str):
        raise FieldError("block_missing", "needs `block`, the name of a block")
    return kind, value


def _placed(block: Block, written: Any) -> Block:
    """The block, with the place where it is written."""
    vars(block)["_path"] = getattr(written, "path", "")
    return block


Item = Annotated[Block, Rule(_judge_block, before=True, at_once=_accept_block)]
"""A block inside a block."""
