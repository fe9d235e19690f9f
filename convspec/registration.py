"""Making Keras's `load_model` know our layers, whichever of the two packages a program imports first.

Keras gets a stand-in for each of our classes, under the class's registered name; the class is imported when a file
names it. To import the classes at once would mean to import modules that import Keras while Keras is being imported:
where another thread imports the same modules, each of the two threads would wait for the other.
"""

from __future__ import annotations

import importlib
import sys
from _thread import get_ident

from .errors import ConvspecError

TYPE_CHECKING = False  # as in the package's __init__
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    import keras

MODULES = {
    ".layers": "ChannelShuffle HalvingPadding2D LocalResponseNormalization Maxout",
    ".former_layers": "Complement CustomScaleLayer LayerScale PadChannels Scale StochasticDepth",
    ".keras_model": "SpecModel",
    ".training.regularizer": "AdjustableL2",
}
"""module -> the classes that files may name, which it registers."""

CLASSES = {name: module for module, names in MODULES.items() for name in names.split()}


class StandIn:
    """What Keras finds under a class's registered name until the class itself is imported."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *args: object, **kwargs: object) -> object:
        """An object of the class."""
        return self._imported()(*args, **kwargs)

    def from_config(self, config: dict[str, object]) -> object:
        """The class's own `from_config`, by which Keras makes what a file describes."""
        return self._imported().from_config(config)

    def _imported(self) -> type[keras.Layer]:
        found: type[keras.Layer] = getattr(importlib.import_module(CLASSES[self._name], __package__), self._name)
        return found


def register() -> None:
    """Register now if Keras has been imported, or else as soon as it is, by whomever."""
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        keras_is_there = _keras_was_imported(finder)
    except BaseException:  # Ctrl-C
        _forget_finder()
        raise
    if keras_is_there:
        _forget_finder()
        _put_stand_ins()


def _keras_was_imported(finder: _Finder) -> bool:
    """Whether Keras is there; another thread that looked for it before our finder was in place is waited for."""
    finder.asking = get_ident()
    try:
        importlib.import_module("keras")
    except (ImportError, RuntimeError):  # RuntimeError: the other thread waits for this one in turn, Python says
        return False
    finally:
        finder.asking = None
    return True


def _put_stand_ins() -> None:
    known = importlib.import_module("keras.saving").get_custom_objects()
    for name in CLASSES:
        known.setdefault(f"convspec>{name}", StandIn(name))


class _NotThereError(ConvspecError, ImportError):
    """Keras is not there, and is not imported for having been asked for."""


class _Finder:
    """Registers as soon as Keras has really been imported; to look for Keras alone changes nothing."""

    asking: int | None = None
    """The thread that wants to know whether Keras is there."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "keras":
            return None
        if self.asking == get_ident():
            raise _NotThereError
        for finder in sys.meta_path:
            if isinstance(finder, _Finder) or not hasattr(finder, "find_spec"):
                continue
            if (spec := finder.find_spec(fullname, path, target)) is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader)  # type: ignore[assignment]  # a loader in all that Python asks
                return spec
        return None


class _Loader:
    """Keras's loader, with one step more at the end; whatever else it is asked for, the loader itself answers."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> object:
        return getattr(self.__dict__["_loader"], name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader  # nothing of ours stays in Keras
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        _forget_finder()
        _put_stand_ins()


def _forget_finder() -> None:
    # a new list: another thread may be going through the old one, and would miss the finder after ours
    sys.meta_path = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]
