"""`convspec.export`: a trained network for other programs, checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from ..keras_import import import_keras
from ..language.arguments import checked
from ..language.diagnostics import InputError
from ..output_paths import check_export
from .results import Exported
from .sources import Place

Format = Literal["saved_model", "tflite", "onnx"]


@checked
def export(
    model: Place,
    format: Format,
    out: Place | None = None,
    *,
    raw: bool = False,
    overwrite: bool = False,
    pixel_range: Sequence[float] | None = None,
) -> Exported:
    """Write a trained network for other programs, and run the export beside the original.

    Parameters
    ----------
    out
        The file or folder to write; by default beside the model.
    raw
        Export the network as it is, without preprocessing and softmax.
    pixel_range
        The pixels that the export will read, such as (0, 255); those of training by default.

    Raises
    ------
    InputError
        For an ensemble, a missing package of the format, a file that is there already unless `overwrite`, and an
        export whose outputs are not the network's.
    """
    if raw and pixel_range is not None:
        raise InputError("--pixel-range goes without --raw, which leaves preprocessing out")
    if out is not None:
        check_export(Path(out), format, overwrite=overwrite)
    import_keras()
    from .trained import exported

    return exported(Path(model), format, None if out is None else Path(out), raw, overwrite, pixel_range)
