"""Packages that the core does without: which extra brings them, and the error where one is missing.

The core reads specs and says what they are. Keras, a backend and what training needs are the user's choice, and so is
what single commands need.
"""

from __future__ import annotations

import importlib.util
import sys

from .language.diagnostics import InputError

TRAINING = ("keras", "keras_tuner", "numpy", "scipy", "sklearn", "matplotlib", "PIL", "rich", "filelock")
"""What each extra with a backend brings beside it."""

BACKENDS = ("tensorflow", "jax", "torch")
"""The packages that Keras computes with, each an extra of its own."""

EXTRAS = {
    **dict.fromkeys(TRAINING, "tensorflow"),
    **{name: name for name in BACKENDS},
    "jinja2": "report",
    "plotly": "report",
    "ray": "distributed",
    "shtab": "completion",
    "tensorboardX": "tensorboard",
    "textalloc": "pictures",
    "typst": "pictures",
}
"""The modules that may be missing, and the extra that brings each."""


class MissingPackageError(InputError, ImportError):
    """Raised where a package is needed that is not installed; the remedy of its error is the command to run."""


def missing(message: str, extra: str, *, otherwise: str = "", path: str = "", file: str = "") -> MissingPackageError:
    """The error with this message, for a package of an extra; `otherwise` is what would do without it."""
    remedy = ", or ".join(filter(None, (f"pip install 'convspec[{extra}]'", otherwise)))
    return MissingPackageError(message, path=path, remedy=remedy, file=file)


def require_training() -> None:
    """Raise `MissingPackageError` unless Keras is installed, and what training needs beside it; building does not."""
    for name in TRAINING:
        if not is_installed(name):
            raise missing(f"this needs {name}, which is not installed", EXTRAS[name])


def is_installed(name: str) -> bool:
    """Whether a module could be imported, without importing it."""
    return sys.modules[name] is not None if name in sys.modules else importlib.util.find_spec(name) is not None


def in_our_words(error: ImportError) -> ImportError:
    """The error of a missing package with what to install; an error that tells of something else as it is."""
    name = (error.name or "").partition(".")[0]
    if isinstance(error, MissingPackageError) or name not in EXTRAS or is_installed(name):
        return error
    if name not in BACKENDS:
        return missing(f"this needs {name}, which is not installed", EXTRAS[name])
    others = [other for other in BACKENDS if is_installed(other)]
    otherwise = f"set KERAS_BACKEND={others[0]}" if others else ""
    return missing(f"Keras is to compute with {name}, which is not installed", name, otherwise=otherwise)
