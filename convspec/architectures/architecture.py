"""What a constructor knows beyond its spec and its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .signatures import standard


@dataclass(frozen=True)
class Architecture:
    """What a constructor knows beyond its spec and its arguments.

    `minimum` is the smallest height and width; `top_needs_size`: with the top an open height or width is an error;
    `open_without_top`: without it they are open by default. `compares_shapes`: an `input_shape` must be that of
    `input_tensor`; otherwise the tensor's is taken, as Keras does. `automatic_pool` leaves the name of the pool behind
    the last map to Keras, and `after_pool` are the blocks that follow it. `defaults` are the values of all arguments,
    `like` is the template of its signature.
    """

    spec: str = ""
    minimum: int = 1
    top_needs_size: bool = True
    open_without_top: bool = True
    compares_shapes: bool = False
    automatic_pool: bool = False
    after_pool: tuple[Mapping[str, object], ...] = ()
    defaults: Mapping[str, object] = field(default_factory=dict, compare=False)
    like: Callable[..., object] = standard
