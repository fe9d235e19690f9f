"""The data sets of `keras.datasets`, or files of them."""

from ..named import OF_FILES, read_named
from ..source_kinds import Kind

KIND = Kind(
    ", ".join(OF_FILES),
    lambda source, data_dir, size, resize: read_named(source, data_dir),
    names=OF_FILES,
    uses_data_dir=True,
    rank=1,
)
