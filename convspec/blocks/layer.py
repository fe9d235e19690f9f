"""Blocks of one operation: what it declares (arguments, limits, meaning) is what a spec may write.

A class names its operation, and states only what is otherwise here: defaults, and what its documentation adds.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar

from ..graph import Operation, Tensor
from ..graph.merging import Merge
from .base import Block


class Layer(Block):
    """A block that is one operation, `class Conv(Layer, graph.Conv2D)`, and has the operation's arguments as fields.

    Without a docstring of its own it has the operation's.
    """

    operation: ClassVar[type[Operation]]

    @classmethod
    def __pydantic_init_subclass__(cls, **options: object) -> None:
        super().__pydantic_init_subclass__(**options)
        operations = (base for base in cls.__mro__ if issubclass(base, Operation) and not issubclass(base, Block))
        cls.operation = next(operations)
        cls.merges = issubclass(cls.operation, Merge)
        cls.__doc__ = cls.__doc__ or cls.operation.__doc__

    def connect(self, x: Tensor | Sequence[Tensor], name: str) -> Tensor:
        """One layer `name`, with the layers that the operation adds before and after it."""
        operation: Callable[..., Operation] = self.operation
        return operation(**{field: getattr(self, field) for field in self.operation.argument_names()})(x, name)
