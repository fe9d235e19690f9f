"""`convspec.export`: a trained network for other programs, checked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..html_tables import framed
from ..keras_import import import_keras
from ..language.diagnostics import Diagnostic, InputError
from ..output_paths import card_path, check_export
from .sources import Place, check_choice

if TYPE_CHECKING:
    from ..data.pixels import PixelRange

Format = Literal["saved_model", "tflite", "onnx"]
ENDINGS = {"saved_model": "_saved_model", "tflite": ".tflite", "onnx": ".onnx"}


class Exported(NamedTuple):
    """What an export wrote, and the largest difference of its outputs from the network's.

    `card` is the JSON file with the names of the classes, and `pixel_range` what the export reads; None with `raw`.
    """

    file: Path
    difference: float
    card: Path | None
    pixel_range: PixelRange | None

    def __str__(self) -> str:
        what = "outputs" if self.card is None else "probabilities"
        text = f"{self.file}: run beside the network: {what} differ by at most {self.difference:.1e}"
        return text if self.card is None else f"{text}\nit reads pixels {self.pixel_range}; {self.card} has the classes"

    def _repr_html_(self) -> str:
        return framed(f"<pre>{escape(str(self))}</pre>")


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
    check_choice("format", format, Format)
    if raw and pixel_range is not None:
        raise InputError(Diagnostic("--pixel-range goes without --raw, which leaves preprocessing out"))
    from ..data.pixels import as_range

    pixels = None if pixel_range is None else as_range(pixel_range)
    if out is not None:
        check_export(Path(out), format, overwrite=overwrite)
    import_keras()
    from ..training import exporting
    from ..training.predictor import load_model, model_files
    from ..training.saving import read_inputs

    files = model_files(Path(model))
    if len(files) > 1:
        raise InputError(Diagnostic("is an ensemble; export its members one by one", file=str(model)))
    try:
        inputs = None if raw else read_inputs(files[0])
    except InputError as error:
        raise InputError(
            diagnostic._replace(remedy="--raw exports a network as it is") for diagnostic in error.diagnostics
        ) from None
    path = files[0].with_name(files[0].stem + ENDINGS[format]) if out is None else Path(out)
    check_export(path, format, overwrite=overwrite)
    network = load_model(files[0])
    difference = exporting.export(network, format, path, inputs, pixel_range=pixels, overwrite=overwrite)
    if inputs is None:
        return Exported(path, difference, None, None)
    return Exported(path, difference, card_path(path), pixels or inputs.normalizer.pixel_range)
