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
TIMM = "timm and osmr/imgclsmob; MACs as in timm's benchmark, which counts norms too"
TIMM_RS = "timm's benchmark; MACs at its sizes: test_residual.py"
STUDY = "; He et al. 2016, table 1"


def cifar_resnet(units: int, gates: int = 0, gate_macs: int = 0, what: str = "") -> Golden:
    """6n + 2 layers with shortcuts that have no parameters (option A), and what the shortcuts' own layers add."""
    kernels = 2 * units * 2_304, 4_608 + (2 * units - 1) * 9_216, 18_432 + (2 * units - 1) * 36_864
    norms = 2 * (16 * (2 * units + 1) + 32 * 2 * units + 64 * 2 * units)
    return Golden(
        432 + sum(kernels) + norms + 650 + gates,
        1_024 * (432 + kernels[0]) + 256 * kernels[1] + 64 * kernels[2] + 640 + gate_macs,
        f"He et al. 2015, section 4.2 and table 6 (110 layers: 1.7M), by hand{what}",
    )


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
    "densenet161": Golden(28_681_000, "7.728G", TORCHVISION),
    "densenet264": Golden(
        335_040 + 33_280 + 919_680 + 132_096 + 12_892_160 + 2_658_816 + 13_662_720 + 5_376 + 2_689_000 + 9_536,
        112**2 * 9_408
        + 56**2 * (331_776 + 32_768)
        + 28**2 * (909_312 + 131_072)
        + 14**2 * (12_713_984 + 2_654_208)
        + 7**2 * 13_467_648
        + 2_688_000,
        "Huang et al. 2016, table 1, by hand; 33.74M with the statistics in PaddleClas",
    ),
    "densenet_bc_100_12": Golden(
        769_162,
        1_024 * (648 + 170_496 + 23_328) + 256 * (235_008 + 45_000) + 64 * 267_264 + 3_420,
        "osmr/imgclsmob; Huang et al. 2016, table 2: 0.8M; MACs by hand",
    ),
    "densenet_bc_190_40": Golden(
        25_624_430,
        1_024 * (2_160 + 5_158_400 + 871_200) + 256 * (8_035_200 + 1_805_000) + 64 * 9_473_600 + 21_900,
        "osmr/imgclsmob; Huang et al. 2016, table 2: 25.6M; MACs by hand",
    ),
    "densenet_bc_250_24": Golden(
        15_324_406,
        1_024 * (1_296 + 2_928_384 + 532_512) + 256 * (4_770_432 + 1_125_000) + 64 * 5_691_456 + 17_340,
        "osmr/imgclsmob; Huang et al. 2016, table 2: 15.3M; MACs by hand",
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
    "preact_resnet164": Golden(
        1_703_258,
        1_024 * (432 + 4_608 + 17 * 4_352) + 256 * (23_552 + 17 * 17_408) + 64 * (94_208 + 17 * 69_632) + 2_560,
        "osmr/imgclsmob's preresnet164bn_cifar10; MACs by hand, the stride on the first 1x1 as in He's resnet-pre-act",
    ),
    "resnet101d": Golden(44_568_392, "8.08G", TIMM, tolerance=4),
    "resnet110": cifar_resnet(18),
    "resnet110_dropout": cifar_resnet(18, what=STUDY),
    "resnet110_exclusive_gate": cifar_resnet(
        18,
        18 * (272 + 1_056 + 4_160),
        18 * (1_024 * 256 + 256 * 1_024 + 64 * 4_096),
        what=STUDY + ", a gate of 1x1 convolutions in each of the 54 units",
    ),
    "resnet110_projection": cifar_resnet(
        18,
        (18 * 256 + 512 + 17 * 1_024 + 2_048 + 17 * 4_096) + 18 * 2 * (16 + 32 + 64),
        1_024 * 18 * 256 + 256 * (512 + 17 * 1_024) + 64 * (2_048 + 17 * 4_096),
        what=STUDY + ", a 1x1 convolution and its norm in each of the 54 units",
    ),
    "resnet110_scale": cifar_resnet(18, what=STUDY),
    "resnet110_shortcut_gate": cifar_resnet(
        18,
        18 * (272 + 1_056 + 4_160),
        18 * (1_024 * 256 + 256 * 1_024 + 64 * 4_096),
        what=STUDY + ", a gate of 1x1 convolutions in each of the 54 units",
    ),
    "resnet110_stochastic_depth": cifar_resnet(18, what="; Huang et al. 2016, section 4"),
    "resnet152d": Golden(60_212_040, "11.80G", TIMM, tolerance=5),
    "resnet18": Golden(11_689_512, "1.814G", TORCHVISION),
    "resnet20": cifar_resnet(3),
    "resnet32": cifar_resnet(5),
    "resnet34": Golden(21_797_672, "3.664G", TORCHVISION),
    "resnet44": cifar_resnet(7),
    "resnet50d": Golden(25_576_264, "4.35G", TIMM, tolerance=3),
    "resnet56": cifar_resnet(9),
    "resnet_rs101": Golden("63.62M", None, TIMM_RS),
    "resnet_rs152": Golden("86.62M", "15.5G", "timm's benchmark; Bello et al. 2021: 31 billion operations at 256x256"),
    "resnet_rs200": Golden("93.21M", None, TIMM_RS),
    "resnet_rs270": Golden("129.86M", None, TIMM_RS),
    "resnet_rs350": Golden("163.96M", None, TIMM_RS),
    "resnet_rs420": Golden("191.89M", "64G", "timm's benchmark; Bello et al. 2021: 128 billion operations at 320x320"),
    "resnet_rs50": Golden("35.69M", "2.3G", "timm's benchmark; Bello et al. 2021: 4.6 billion operations at 160x160"),
    "resnext101_32x4d": Golden(44_177_704, "8.01G", TIMM, tolerance=5),
    "resnext101_64x4d": Golden(83_455_272, "15.46G", TORCHVISION),
    "resnext50_32x4d": Golden(25_028_904, "4.23G", TORCHVISION),
    "se_inception_v2": Golden(
        11_295_240
        - 10_016
        + sum(c * c // 8 + c // 16 + c for c in (256, 320, 576, 576, 576, 608, 608, 1056, 1024, 1024)),
        "2.04G",
        "as inception_v2, with two dense layers a module (11.922 M in OpenVINO's Open Model Zoo, where each batch norm "
        "is one bias a channel); Hu et al. 2017, table 2, which counts the scaling too",
        tolerance=0.7,
    ),
    "se_resnet101": Golden(49_326_872, "7.61G", TIMM, tolerance=4),
    "se_resnet152": Golden(66_821_848, "11.33G", TIMM, tolerance=5),
    "se_resnet18": Golden(11_778_592, "1.82G", TIMM, tolerance=1),
    "se_resnet34": Golden(21_958_868, "3.67G", TIMM, tolerance=1),
    "se_resnet50": Golden(28_088_024, "3.88G", TIMM, tolerance=2),
    "se_resnext101_32x4d": Golden(48_955_416, "8.02G", TIMM, tolerance=5),
    "se_resnext50_32x4d": Golden(27_559_896, "4.26G", TIMM, tolerance=3),
    "senet154": Golden(115_088_984, "20.77G", TIMM, tolerance=9),
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
    "wide_resnet101_2": Golden(126_886_696, "22.753G", TORCHVISION),
    "wide_resnet28_10": Golden(
        36_479_194, "5.2G", "Zagoruyko & Komodakis 2016: 36.5M; osmr/imgclsmob, 5,247M with norms"
    ),
    "wide_resnet50_2": Golden(68_883_240, "11.398G", TORCHVISION),
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
