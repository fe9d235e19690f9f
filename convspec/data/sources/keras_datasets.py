"""The data sets of `keras.datasets`, or files of them."""

from ..kinds import Kind
from ..named import OF_FILES, read_named

KIND = Kind(
    ", ".join(OF_FILES),
    lambda source, data_dir, size, resize: read_named(source, data_dir),
    names=OF_FILES,
    uses_data_dir=True,
    rank=1,
)
