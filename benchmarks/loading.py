"""Constructors with weights from a file, as `weights="imagenet"` has them, against keras.applications' own.

CPU seconds of a warm process, in turn; the file is in the format of Keras's official ones, written from Keras's model.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from .steps import TWINS
from .twins import in_turn, median_ratio


def run() -> Iterator[str]:
    """Rows: network, megabytes of its file, our time, Keras's, ratio."""
    from convspec.keras_import import import_keras

    import_keras()
    import keras

    import convspec.architectures as ours

    yield "| network | file | ours | Keras's | ratio |"
    yield "|---|---|---|---|---|"
    with TemporaryDirectory() as folder:
        for name in TWINS:
            theirs = getattr(keras.applications, name)
            file = _written(theirs(weights=None), Path(folder) / f"{name}.h5")
            our_times, their_times = in_turn(
                lambda name=name, file=file: getattr(ours, name)(weights=file),
                lambda theirs=theirs, file=file: theirs(weights=str(file)),
            )
            yield (
                f"| {name} | {file.stat().st_size / 1e6:.0f} MB | {median(our_times):.2f} s | "
                f"{median(their_times):.2f} s | {median_ratio(our_times, their_times):.2f} |"
            )
            file.unlink()


def _written(model: object, file: Path) -> Path:
    import h5py
    from keras.src.legacy.saving import legacy_h5_format

    with h5py.File(file, "w") as content:
        legacy_h5_format.save_weights_to_hdf5_group(content, model)
    return file
