"""What calls are given: networks, files and choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from ..language.diagnostics import Diagnostic, InputError, did_you_mean
from ..language.spec import Spec

Network = str | Path | Mapping[str, Any] | Spec
Place = str | Path
Shape = Sequence[int | None]
Resize = Literal["stretch", "crop", "pad"]
"""How images of another size can come to a trained network's."""

Say = Callable[[str], object]


def places(images: Place | Sequence[Place]) -> list[Path]:
    """One or several files or folders."""
    return [Path(place) for place in ([images] if isinstance(images, (str, Path)) else images)]


def printer(verbose: bool) -> Say | None:
    """What prints a line at once; None where nothing is to be printed."""
    return (lambda line: print(line, flush=True)) if verbose else None  # noqa: T201


def check_has_use(data: object, **options: object) -> None:
    """Raise `InputError` for an option that says how images are read where no images are read."""
    given = [name for name, value in options.items() if value is not None]
    if not given or isinstance(data, (str, Path)):
        return
    names = " and ".join(f"--{name}".replace("_", "-") for name in given)
    if data is None:
        raise InputError(Diagnostic(f"{names}: no effect without images", remedy="name them by --data"))
    own = given == ["pixel_range"]
    remedy = "Dataset(..., pixel_range=...) declares it" if own else "load_data reads images with these options"
    raise InputError(Diagnostic(f"{names}: no effect on a Dataset, whose images are in memory", remedy=remedy))


def check_choice(name: str, value: str | None, choices: Any) -> None:
    """Raise `InputError` unless a value is None or one of the choices of a `Literal` type."""
    known = get_args(choices)
    if value is not None and value not in known:
        remedy = f"there are {', '.join(known)}"
        raise InputError(
            Diagnostic(f"{name}: no {name} is called {value!r}{did_you_mean(value, known)}", remedy=remedy)
        )
