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
    "alexnet": Golden(
        62_378_344,
        105_415_200 + 447_897_600 + 149_520_384 + 224_280_576 + 149_520_384 + 37_748_736 + 16_777_216 + 4_096_000,
        "CS231n 2017, lecture 9: the layer table with one tower; outputs * window * channels, layer by layer",
    ),
    "alexnet_two_towers": Golden(
        60_965_224,
        105_415_200 + 223_948_800 + 149_520_384 + 112_140_288 + 74_760_192 + 37_748_736 + 16_777_216 + 4_096_000,
        "Krizhevsky et al. 2012, section 3.5, arithmetic of figure 2: conv2, 4 and 5 see half of the channels",
    ),
    "digits": Golden(
        288 + 9_216 + 128 + 18_432 + 36_864 + 256 + 650,
        64 * (288 + 9_216) + 16 * (18_432 + 36_864) + 640,
        "our own network: arithmetic by hand",
    ),
    "googlenet": Golden(
        6_998_552 + 3_188_840 + 3_190_888,
        "1.59G",
        "Szegedy et al. 2014, table 1 and section 5: caffe's network, and the two auxiliary heads by hand",
    ),
    "inception_resnet_v1": Golden(
        23_995_624 - (1_792 * 512 + 2 * 512 + 513_000) + 1_793_000,
        149**2 * 864
        + 147**2 * (9_216 + 18_432)
        + 73**2 * 5_120
        + 71**2 * 138_240
        + 35**2 * 442_368
        + 5 * 35**2 * (3 * 8_192 + 3 * 9_216 + 24_576)
        + 35**2 * (49_152 + 331_776)
        + 17**2 * (884_736 + 442_368)
        + 10 * 17**2 * (2 * 114_688 + 2 * 114_688 + 229_376)
        + 17**2 * (3 * 229_376 + 589_824)
        + 8**2 * (884_736 + 2 * 589_824)
        + 6 * 8**2 * (2 * 344_064 + 2 * 110_592 + 688_128)
        + 1_792_000,
        "osmr/imgclsmob's inceptionresnetv1 with its bottleneck of 512 units before the classes taken away; "
        "MACs: Szegedy et al. 2016, figures 10-15, by hand",
    ),
    "inception_v2": Golden(
        11_295_240 - 10_016,
        "2.03G",
        "Caffe's BN-Inception as in Cadene's pretrained-models and osmr/imgclsmob, without the biases of its 10,016 "
        "filters, which the paper leaves out; Hu et al. 2017, table 2",
    ),
    "inception_v4": Golden(42_679_816, "12.3G", "timm, Cadene's pretrained-models and osmr/imgclsmob"),
    "lenet5": Golden(
        61_706,
        117_600 + 240_000 + 48_000 + 10_080 + 840,
        "LeCun et al. 1998, fig. 2, with plain feature maps: arithmetic by hand",
    ),
    "pattern": Golden(
        896 + 9_248 + 18_496 + 36_928 + 73_856 + 147_584 + 524_544 + 2_570,
        1_024 * (864 + 9_216) + 256 * (18_432 + 36_864) + 64 * (73_728 + 147_456) + 524_288 + 2_560,
        "[(CONV-RELU)*2-POOL]*3-(FC-RELU)-SOFTMAX with 32 to 128 filters: arithmetic by hand",
    ),
    "resnet18": Golden(11_689_512, "1.814G", TORCHVISION),
    "resnet34": Golden(21_797_672, "3.664G", TORCHVISION),
    "se_inception_v2": Golden(
        11_295_240
        - 10_016
        + sum(c * c // 8 + c // 16 + c for c in (256, 320, 576, 576, 576, 608, 608, 1056, 1024, 1024)),
        "2.04G",
        "as inception_v2, with two dense layers a module (11.922 M in OpenVINO's Open Model Zoo, where each batch norm "
        "is one bias a channel); Hu et al. 2017, table 2, which counts the scaling too",
        tolerance=0.7,
    ),
    "squeezenet1_0": Golden(1_248_424, "0.819G", TORCHVISION),
    "squeezenet1_1": Golden(1_235_496, "0.349G", TORCHVISION),
    "vgg11": Golden(132_863_336, "7.609G", TORCHVISION),
    "vgg11_lrn": Golden(132_863_336, "7.609G", "Simonyan & Zisserman 2014, table 2: as A, the norm has no weights"),
    "vgg13": Golden(133_047_848, "11.308G", TORCHVISION),
    "vgg16c": Golden(
        133_047_848 + 65_792 + 2 * 262_656,
        11_308_466_176 + 56**2 * 65_536 + 28**2 * 262_144 + 14**2 * 262_144,
        "Simonyan & Zisserman 2014, table 1: B and three 1x1 convolutions, by hand; 134M in table 2",
    ),
    "zfnet": Golden(
        62_357_608,
        170_755_200 + 415_334_400 + 149_520_384 + 224_280_576 + 149_520_384 + 37_748_736 + 16_777_216 + 4_096_000,
        "Zeiler & Fergus 2013, figure 3: arithmetic by hand",
    ),
    "zfnet512": Golden(
        107_627_624,
        170_755_200 + 415_334_400 + 199_360_512 + 2 * 797_442_048 + 75_497_472 + 16_777_216 + 4_096_000,
        "CS231n 2017, lecture 9: AlexNet with conv3 to conv5 of 512, 1024, 512 filters; arithmetic by hand",
    ),
}
