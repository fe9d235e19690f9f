"""`convspec.explain`: where in an image a trained network sees a class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from ..keras_import import import_keras
from ..language.arguments import checked
from ..language.diagnostics import Diagnostic, InputError
from .image_errors import ImageErrors
from .results import Explanations
from .sources import Place, Resize, places, say

Method = Literal["grad_cam", "occlusion"]


@checked
def explain(
    model: Place,
    images: Place | Sequence[Place],
    *,
    method: Method = "grad_cam",
    class_name: str | None = None,
    layer: str = "",
    resize: Resize | None = None,
    out: Place | None = None,
    overwrite: bool = False,
    verbose: bool = False,
) -> Explanations:
    """Draw where in images a network sees a class: for each file what the picture shows, or why it is unreadable.

    Parameters
    ----------
    images
        Image files, and folders of them.
    method
        `grad_cam` takes the gradients of the last feature maps, or of `layer`; `occlusion` hides each place in turn.
    class_name
        The class; by default the likeliest.
    out
        A folder for IMAGE_METHOD.png, by default the current one; or the .png of a single image.
    verbose
        Print what the command prints, image by image.

    Raises
    ------
    InputError
        For an unknown class or layer, and for files that are there already, unless `overwrite`.
    """
    if layer and method != "grad_cam":
        raise InputError("--layer goes with --method grad_cam")
    import_keras()
    from .trained import explanations

    found, errors = Explanations(), ImageErrors()
    results = explanations(model, places(images), method, class_name, layer, resize, Path(out or "."), overwrite)
    for file, one in results:
        found.append((file, one))
        if verbose and isinstance(one, Diagnostic):
            errors.add(one)
        elif verbose:
            say(f"{file}: {one}")
    errors.finish(len(found) - errors.count)
    return found
