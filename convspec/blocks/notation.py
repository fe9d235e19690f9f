"""Body items as strings, in the notation of VGG's table and the lectures."""

from __future__ import annotations

import re

from ..printing import quote
from .written import block_written, flow

Fields = dict[str, object]
"""Fields of a block by their names in a spec."""

NO_BLOCK = "; a block is a mapping such as {block: conv, filters: 8}, or a text such as conv3-8"

_SIZE = r"(\d{1,7})(?:x(\d{1,7}))?"
_CONV = re.compile(rf"conv{_SIZE}-(\d{{1,8}})(?:/(\d{{1,7}}))?")
_POOL = re.compile(rf"(max|avg)pool{_SIZE}(?:/(\d{{1,7}}))?")
_FC = re.compile(r"fc-?(\d{1,8})")
_DROPOUT = re.compile(r"dropout(0?\.\d+)")
_WORDS: dict[str, tuple[str, Fields]] = {
    "flatten": ("flatten", {}),
    "globalavgpool": ("global_avg_pool", {}),
    "globalmaxpool": ("global_max_pool", {}),
    "batchnorm": ("batch_norm", {}),
    "relu": ("activation", {"activation": "relu"}),
    "lrn": ("lrn", {}),
}

FORMS = (
    "conv3-64 (CONV-RELU: size-filters)",
    "conv3-64/2 (with a stride)",
    "conv1x7-64",
    "maxpool2/2 (size/stride)",
    "avgpool3/2",
    "fc4096 (FC-RELU)",
    "dropout0.5",
    *_WORDS,
)


def block_text(text: str) -> str:
    """A block in VGG's notation as a mapping: `conv3-8` -> `{block: conv, filters: 8, kernel_size: [3, 3], ...}`."""
    try:
        kind, fields = parse_notation(text)
    except ValueError:
        return ""
    return flow({"block": kind, **fields})


def parse_notation(text: str) -> tuple[str, Fields]:
    """The block that a string means, and its fields. Raises `ValueError` with what to write instead, or the forms."""
    word = text.strip().lower()
    if match := _CONV.fullmatch(word):
        height, width, filters, stride = match.groups()
        return "conv", {
            "filters": int(filters),
            "kernel_size": [int(height), int(width or height)],
            "strides": int(stride or 1),
        }
    if match := _POOL.fullmatch(word):
        kind, height, width, stride = match.groups()
        fields: Fields = {"pool_size": [int(height), int(width or height)]}
        return f"{kind}_pool", fields | ({"strides": int(stride)} if stride else {})
    if match := _FC.fullmatch(word):
        return "dense", {"units": int(match[1]), "activation": "relu"}
    if match := _DROPOUT.fullmatch(word):
        return "dropout", {"rate": float(match[1])}
    if word in _WORDS:
        kind, fields = _WORDS[word]
        return kind, dict(fields)
    if (dashed := word.lstrip("- ")) != word and block_text(dashed):
        raise ValueError(f"{quote(text)} has a dash of its own; write {dashed}")
    instead = block_written(text) or f"; the forms are {', '.join(FORMS)}"
    raise ValueError(f"{quote(text)} is no block in VGG's notation{instead}")
