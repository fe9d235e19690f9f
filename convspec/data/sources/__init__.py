"""Where images come from: each module here declares one kind of source as `KIND`, and nothing else lists them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..labelled_images import Source
from ..pictures import Size


@dataclass(frozen=True)
class Request:
    """What a user asks for: the text that names a source, and how its images are to come.

    `data_dir` is the folder of `--data-dir`; `size` that of the network's input, None where it is open; `resize` the
    recipe's `preprocessing.resize`.
    """

    text: str
    data_dir: Path | None = None
    size: Size = (None, None, None)
    resize: str = "none"

    @property
    def path(self) -> Path:
        """The text as a path."""
        return Path(self.text).expanduser()


@dataclass(frozen=True)
class Kind:
    """A kind of source: how users name it, and the function that reads it.

    `words` say in messages what may be named, in the order of `rank`. A text means this kind if it is one of `names`,
    or if `is_called` says so, which come before files and folders; if it is a file of this `suffix`, or if `is_meant`
    says so. `origin` says where the images come from if `--data-dir` means nothing to this kind.
    """

    words: str
    read: Callable[[Request], Source]
    names: tuple[str, ...] = ()
    suffix: str = ""
    is_called: Callable[[str], bool] = lambda text: False
    is_meant: Callable[[str], bool] = lambda text: False
    origin: str = "are read from their own path"
    uses_data_dir: bool = False
    rank: int = 9

    def takes(self, request: Request) -> bool:
        """Whether this kind is meant."""
        is_file = self.suffix != "" and request.path.suffix == self.suffix and request.path.is_file()
        return self.is_named(request.text) or is_file or self.is_meant(request.text)

    def is_named(self, text: str) -> bool:
        """Whether a text is a name of this kind, and no place."""
        return text in self.names or self.is_called(text)


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds, in the order of messages."""
    modules = (importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return tuple(sorted((module.KIND for module in modules), key=lambda kind: kind.rank))


def find_kind(request: Request) -> Kind | None:
    """The kind that is meant; None where nothing is known by this text."""
    by_name = sorted(kinds(), key=lambda kind: not kind.names)
    return next((kind for kind in by_name if kind.takes(request)), None)


def is_name(text: str) -> bool:
    """Whether a text names images, wherever they are; any other may be a file or a folder."""
    return any(kind.is_named(text) for kind in kinds())
