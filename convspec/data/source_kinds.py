"""The kinds of sources: each module of `convspec.data.sources` declares one, and nothing else lists them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from . import sources
from .dataset import Source
from .pictures import Size


@dataclass(frozen=True)
class Kind:
    """A kind of source: how users name it, and how it is read.

    `words` say in messages what may be named, in the order of `rank`. A text means this kind if it is one of `names`,
    which come before files and folders, if it is a file of this `suffix`, or if `is_meant` says so. `read` takes the
    text, the folder of `--data-dir`, the size that images are to have and how they come to it. `origin` says where the
    images come from if `--data-dir` means nothing to this kind.
    """

    words: str
    read: Callable[[str, Path | None, Size, str], Source]
    names: tuple[str, ...] = ()
    suffix: str = ""
    is_meant: Callable[[str], bool] = lambda source: False
    origin: str = "are read from their own path"
    uses_data_dir: bool = False
    rank: int = 9

    def takes(self, source: str) -> bool:
        """Whether a text means this kind."""
        return source in self.names or self.is_meant(source) or (self.suffix != "" and _is_file(source, self.suffix))


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds, in the order of messages."""
    return tuple(sorted(_declared(), key=lambda kind: kind.rank))


def find_kind(source: str) -> Kind | None:
    """The kind that a text means; nothing where it means none."""
    by_name = sorted(kinds(), key=lambda kind: not kind.names)
    return next((kind for kind in by_name if kind.takes(source)), None)


def _declared() -> Iterator[Kind]:
    for module in pkgutil.iter_modules(sources.__path__):
        yield importlib.import_module(f"{sources.__name__}.{module.name}").KIND


def _is_file(source: str, suffix: str) -> bool:
    path = Path(source).expanduser()
    return path.suffix == suffix and path.is_file()
