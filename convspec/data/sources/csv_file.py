"""Images and labels that a `.csv` lists."""

from pathlib import Path

from ..image_folders import read_csv
from ..source_kinds import Kind

KIND = Kind(
    "a .csv",
    lambda source, data_dir, size, resize: read_csv(Path(source).expanduser(), size, resize),
    suffix=".csv",
    rank=4,
)
