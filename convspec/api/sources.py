"""What calls are given: networks, files, choices, and whether to print."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TextIO

from ..language import InputError, Spec
from ..language.loading import Network as Network
from ..language.located import Text
from ..option_names import spoken

Place = str | Path
Shape = Sequence[int | None]
Resize = Literal["stretch", "crop", "pad"]
"""How images of another size can come to a trained network's."""

Say = Callable[[object], None]


def title_of(network: Network) -> str:
    """What a network is called where its results are printed."""
    if isinstance(network, Spec):
        return network.name
    if isinstance(network, Text):
        return "-"  # the command line's word for standard input
    return str(network.get("name", "")) if isinstance(network, Mapping) else str(network)


def places(images: Place | Sequence[Place]) -> list[Path]:
    """One or several files or folders."""
    return [Path(place) for place in ([images] if isinstance(images, (str, Path)) else images)]


def say(line: object, file: TextIO | None = None) -> None:
    """Print a line at once, in the words of its reader, on standard output unless `file` is another stream."""
    print(spoken(str(line)), file=file, flush=True)


def printer(verbose: bool) -> Say:
    """What prints a line at once, or does nothing unless `verbose`."""
    return say if verbose else lambda line: None


def check_is_written(out: object, option: str = "--out", **options: bool) -> None:
    """Raise `InputError` for an option that says how a file is written where none is written."""
    given = [f"--{name}" for name, value in options.items() if value]
    if given and out is None:
        raise InputError(f"{' and '.join(given)}: no effect where no file is written", remedy=f"name it by {option}")


def check_has_use(data: object, **options: object) -> None:
    """Raise `InputError` for an option that says how images are read where no images are read."""
    given = [name for name, value in options.items() if value is not None]
    if not given or isinstance(data, (str, Path)):
        return
    names = " and ".join(f"--{name}".replace("_", "-") for name in given)
    if data is None:
        raise InputError(f"{names}: no effect without images", remedy="name them by --data")
    own = given == ["pixel_range"]
    remedy = "Dataset(..., pixel_range=...) declares it" if own else "load_data reads images with these options"
    raise InputError(f"{names}: no effect on a Dataset, whose images are in memory", remedy=remedy)
