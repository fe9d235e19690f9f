"""Published figures of the networks that keras.applications lacks; its own are read from the installed Keras.

Convention: parameters are trainable ones (batch-norm statistics left out), for one image of the spec's size. A whole
number is exact; a text such as "1.81G" or "25.0M" is what the source prints, and holds to its last digit. MACs are
multiply-accumulates of convolutions and dense layers. None: the source gives no figure.
"""

from __future__ import annotations

import re
from typing import NamedTuple

UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}

Figure = int | str | None


class Golden(NamedTuple):
    """One network. `tolerance` is how far a text may be off, in units of its last digit; the source says why."""

    parameters: Figure
    macs: Figure
    source: str
    tolerance: float = 0.5


def agrees(value: int, figure: Figure, tolerance: float = 0.5) -> bool:
    """Whether a value is the published figure, to the digits that were published."""
    if figure is None or isinstance(figure, int):
        return figure is None or value == figure
    match = re.fullmatch(r"(\d+(?:\.(\d+))?)([KMG]?)", figure)
    assert match, figure
    unit = UNITS[match[3]]
    return abs(value - float(match[1]) * unit) <= tolerance * unit / 10 ** len(match[2] or "") + 1e-9


TORCHVISION = "torchvision's weights, num_params and GFLOPS"

GOLDEN: dict[str, Golden] = {
    "alexnet": Golden(62_378_344, 1_135_256_096, "layer table of CS231n, lecture 9: one tower, pad 2 in conv2"),
    "alexnet_two_towers": Golden(60_965_224, "724M", "Krizhevsky et al. 2012, figure 2: 60 million; caffe's AlexNet"),
    "resnet18": Golden(11_689_512, "1.814G", TORCHVISION),
    "resnet34": Golden(21_797_672, "3.664G", TORCHVISION),
    "squeezenet1_0": Golden(1_248_424, "0.819G", TORCHVISION),
    "squeezenet1_1": Golden(1_235_496, "0.349G", TORCHVISION),
    "vgg11": Golden(132_863_336, "7.609G", TORCHVISION),
    "vgg13": Golden(133_047_848, "11.308G", TORCHVISION),
}
