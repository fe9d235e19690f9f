"""The digits that come with scikit-learn."""

from ..named import read_digits
from ..source_kinds import Kind

KIND = Kind(
    "digits",
    lambda source, data_dir, size, resize: read_digits(),
    names=("digits",),
    origin="come with scikit-learn",
    rank=0,
)
