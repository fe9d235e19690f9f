"""A folder of images by class, or of IDX files."""

from pathlib import Path

from ..image_folders import read_folder
from ..source_kinds import Kind

KIND = Kind(
    "a folder",
    lambda source, data_dir, size, resize: read_folder(Path(source).expanduser(), size, resize),
    is_meant=lambda source: Path(source).expanduser().is_dir(),
    rank=2,
)
