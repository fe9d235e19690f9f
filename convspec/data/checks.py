"""Whether a network and images go together."""

from __future__ import annotations

from ..language.diagnostics import Diagnostic, InputError
from .dataset import Dataset
from .pictures import RESIZE_TRAINED


def check_fits(dataset: Dataset, input_shape: tuple[int | None, ...], classes: int, *, trained: bool = False) -> None:
    """Raise where a network of this input and so many classes does not go with these images.

    A network that is `trained` already cannot be built for them.
    """
    diagnostics = []
    size = "x".join(str(number) for number in dataset.input_shape)
    if any(want not in (None, have) for want, have in zip(input_shape, dataset.input_shape, strict=True)):
        read = "x".join("?" if number is None else str(number) for number in input_shape)
        same_channels = input_shape[2] in (None, dataset.input_shape[2])
        if trained:
            remedy = RESIZE_TRAINED if same_channels else "take images of as many channels"
        else:
            resize = "; or --set train.preprocessing.resize=pad (or crop, stretch)" if same_channels else ""
            remedy = f"--input {size} builds the network for them{resize}"
        message = f"its images are {size}, but the network reads {read}"
        diagnostics.append(Diagnostic(message, file=dataset.name, remedy=remedy))
    if dataset.classes != classes:
        diagnostics.append(
            Diagnostic(
                f"it has {dataset.classes} classes, but the network has {classes}",
                file=dataset.name,
                remedy="take images of the network's classes" if trained else f"--set classes={dataset.classes}",
            )
        )
    if diagnostics:
        raise InputError(diagnostics)
