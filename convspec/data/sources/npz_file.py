"""Arrays in an `.npz`."""

from pathlib import Path

from ..arrays import read_npz
from ..source_kinds import Kind

KIND = Kind(
    "an .npz",
    lambda source, data_dir, size, resize: read_npz(Path(source).expanduser()),
    suffix=".npz",
    rank=3,
)
