"""Public names that are imported when first asked for: reading a spec must not wait for Keras."""

from __future__ import annotations

import lazy_loader

TYPE_CHECKING = False  # as in typing, whose import takes as long as all else that `import convspec` needs
if TYPE_CHECKING:
    from collections.abc import Callable


def attach(package: str, file: str) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package, by the imports in its stub, one name per line.

    `from . import data as data` makes a package an attribute, which `import *` leaves out. `lazy_loader.attach_stub`
    does the same, but imports `ast` for it, which takes longer than `import convspec`.
    """
    # A stub is what type checkers read; a second table for run time would be the same names once more.
    homes: dict[str, list[str]] = {}
    with open(f"{file}i", encoding="utf-8") as stub:  # noqa: PTH123 - `pathlib` is slow to import, too
        for words in map(str.split, stub):
            if words[:1] == ["from"]:
                homes.setdefault(words[1][1:], []).append(words[3])
    packages = homes.pop("", [])
    get, listing, names = lazy_loader.attach(package, submodules=packages, submod_attrs=homes)
    return get, listing, [name for name in names if name not in packages]
