"""Figures that lectures and papers print, from the spec, without Keras. Slips in the sources are corrected.

Convention: parameters as Keras's `count_params()`, a MAC is one multiply-accumulate of a convolution or dense layer.
"""

from __future__ import annotations

import pytest

from convspec.analysis import analyze
from convspec.graph import Conv2D, DepthwiseConv2D, Graph, GraphError, MaxPooling2D
from convspec.graph.operation import Operation

PARAMETERS = {
    "lenet5": 61_706,  # LeCun et al. 1998, every feature map connected
    "alexnet": 62_378_344,  # Krizhevsky et al. 2012, one tower
    "alexnet_two_towers": 60_965_224,  # the paper's two towers
    "zfnet": 62_357_608,  # Zeiler & Fergus 2013, fig. 3
    "zfnet512": 107_627_624,  # ONNX model zoo, zfnet512
    "vgg16": 138_357_544,  # keras.applications, torchvision
    "vgg19": 143_667_240,
    "squeezenet1_0": 1_248_424,  # torchvision
    "squeezenet1_1": 1_235_496,
}
TRAINABLE = {"resnet18": 11_689_512, "resnet34": 21_797_672}  # torchvision: batch-norm statistics are buffers
MILLIONS = {"vgg11": 133, "vgg11_lrn": 133, "vgg13": 133, "vgg16c": 134, "vgg16": 138, "vgg19": 144}  # VGG, table 2
GIGA_MACS = {"resnet18": 1.8, "resnet34": 3.6}  # He et al. 2015, table 1


@pytest.mark.parametrize(("name", "parameters"), PARAMETERS.items(), ids=PARAMETERS.keys())
def test_parameters(name: str, parameters: int) -> None:
    assert analyze(name).totals.parameters == parameters


@pytest.mark.parametrize(("name", "parameters"), TRAINABLE.items(), ids=TRAINABLE.keys())
def test_trainable_parameters(name: str, parameters: int) -> None:
    assert analyze(name).totals.trainable_parameters == parameters


@pytest.mark.parametrize(("name", "millions"), MILLIONS.items(), ids=MILLIONS.keys())
def test_millions_of_parameters(name: str, millions: int) -> None:
    assert round(analyze(name).totals.parameters / 1e6) == millions


@pytest.mark.parametrize(("name", "giga"), GIGA_MACS.items(), ids=GIGA_MACS.keys())
def test_giga_macs(name: str, giga: float) -> None:
    macs = analyze(name).totals.macs
    assert macs is not None
    assert macs / 1e9 == pytest.approx(giga, abs=0.07)


def test_resnet110_has_1_7_million_parameters() -> None:
    assert analyze("resnet110").totals.trainable_parameters / 1e6 == pytest.approx(1.7, abs=0.05)


def apply(operation: Operation, *shape: int | None, fit: str = "floor") -> tuple[int | None, ...]:
    graph = Graph(fit="strict" if fit == "strict" else "floor")
    return operation(graph.input(shape)).shape


class TestArithmetic:
    @pytest.mark.parametrize(("strides", "size"), [(1, 5), (2, 3)])
    def test_a_3x3_filter_on_a_7x7_input(self, strides: int, size: int) -> None:
        assert apply(Conv2D(1, 3, strides), 7, 7, 3, fit="strict") == (size, size, 1)

    def test_stride_3_does_not_fit(self) -> None:
        with pytest.raises(GraphError, match=r"\(7 - 3 \+ 2\*0\)/3 \+ 1 = 2\.33"):
            apply(Conv2D(1, 3, 3), 7, 7, 3, fit="strict")

    def test_padding_1_keeps_the_size(self) -> None:
        assert apply(Conv2D(1, 3, 1, padding=1), 7, 7, 3) == (7, 7, 1)

    def test_ten_5x5_filters_on_32x32x3(self) -> None:
        x = Conv2D(10, 5, 1, padding=2)(Graph().input((32, 32, 3)))
        assert (x.shape, x.node.parameters) == ((32, 32, 10), 760)

    def test_two_layers_without_padding(self) -> None:
        x = Conv2D(6, 5)(Graph().input((32, 32, 3)))
        assert (x.shape, Conv2D(10, 5)(x).shape) == ((28, 28, 6), (24, 24, 10))

    def test_a_pool_keeps_the_depth_and_has_no_parameters(self) -> None:
        x = MaxPooling2D(3, 2)(Graph().input((55, 55, 96)))
        assert (x.shape, x.node.parameters, x.node.macs) == ((27, 27, 96), 0, 0)

    def test_256_filters_of_5x5x3_giving_8x8(self) -> None:
        x = Conv2D(256, 5)(Graph().input((12, 12, 3)))
        assert (x.shape, x.node.macs) == ((8, 8, 256), 1_228_800)

    def test_the_same_depthwise_separable(self) -> None:  # a slide prints 52,952
        depthwise = DepthwiseConv2D(5)(Graph().input((12, 12, 3)))
        pointwise = Conv2D(256, 1)(depthwise)
        assert (depthwise.node.macs, pointwise.node.macs) == (4_800, 49_152)
        assert 4_800 + 49_152 == 53_952

    def test_dilation_widens_the_receptive_field(self) -> None:
        body = [{"block": "conv", "filters": 1, "dilation_rate": rate} for rate in (1, 2, 4)]
        analysis = analyze({"name": "dilated", "input": [32, 32, 1], "body": body, "head": None})
        assert [layer.receptive_field for layer in analysis.layers] == [1, 3, 7, 15]


def rows(name: str) -> dict[str, tuple[tuple[int | None, ...], int]]:
    return {layer.name: (layer.output_shape, layer.parameters) for layer in analyze(name).layers}


def test_lenet5_layer_by_layer() -> None:
    shapes = [shape for shape, _ in rows("lenet5").values()]
    assert shapes[1:5] == [(28, 28, 6), (14, 14, 6), (10, 10, 16), (5, 5, 16)]
    assert shapes[6:9] == [(120,), (84,), (10,)]


def test_alexnet_layer_by_layer() -> None:
    expected = {
        "conv1": ((55, 55, 96), 34_944), "pool1": ((27, 27, 96), 0), "norm1": ((27, 27, 96), 0),
        "conv2": ((27, 27, 256), 614_656), "pool2": ((13, 13, 256), 0), "norm2": ((13, 13, 256), 0),
        "conv3": ((13, 13, 384), 885_120), "conv4": ((13, 13, 384), 1_327_488), "conv5": ((13, 13, 256), 884_992),
        "pool3": ((6, 6, 256), 0), "fc1": ((4096,), 37_752_832), "fc2": ((4096,), 16_781_312),
        "predictions": ((1000,), 4_097_000),
    }  # fmt: skip
    found = rows("alexnet")
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(("name", "filters"), [("zfnet", (384, 384, 256)), ("zfnet512", (512, 1024, 512))])
def test_zfnet_layer_by_layer(name: str, filters: tuple[int, int, int]) -> None:
    found = rows(name)
    assert [found[layer][0] for layer in ("conv1", "pool1", "conv2", "pool2")] == [
        (110, 110, 96), (55, 55, 96), (26, 26, 256), (13, 13, 256),
    ]  # fmt: skip
    assert [found[f"conv{number}"][0] for number in (3, 4, 5)] == [(13, 13, count) for count in filters]
    assert found["pool5"][0] == (6, 6, filters[-1])


def test_vgg16_layer_by_layer() -> None:
    weights = {layer.name: layer.parameters - layer.output_shape[-1] for layer in analyze("vgg16").layers
               if layer.parameters and layer.output_shape[-1]}  # fmt: skip
    assert list(weights.values()) == [
        1_728, 36_864, 73_728, 147_456, 294_912, 589_824, 589_824, 1_179_648, 2_359_296, 2_359_296, 2_359_296,
        2_359_296, 2_359_296, 102_760_448, 16_777_216, 4_096_000,
    ]  # fmt: skip


def test_vgg16_in_all() -> None:
    analysis = analyze("vgg16")
    assert analysis.totals.macs == 15_470_264_320
    assert analysis.totals.activation_bytes == 4 * 15_237_608  # a slide prints 24M values and 93 MB
    assert analysis.pattern == "[(CONV-RELU)*2-POOL]*2-[(CONV-RELU)*3-POOL]*3-(FC-RELU)*2-FC-SOFTMAX"


GOOGLENET = {  # module: output, MACs in millions (Szegedy et al. 2014, table 1; the paper prints 54M for 5a)
    "3a": ((28, 28, 256), 128), "3b": ((28, 28, 480), 304), "4a": ((14, 14, 512), 73.6), "4b": ((14, 14, 512), 87.9),
    "4c": ((14, 14, 512), 99.9), "4d": ((14, 14, 528), 118.5), "4e": ((14, 14, 832), 170.0),
    "5a": ((7, 7, 832), 51.1), "5b": ((7, 7, 1024), 70.7),
}  # fmt: skip


@pytest.mark.parametrize(("module", "expected"), GOOGLENET.items(), ids=GOOGLENET.keys())
def test_googlenet_module_by_module(module: str, expected: tuple[tuple[int, ...], float]) -> None:
    layers = [layer for layer in analyze("googlenet").layers if layer.block == f"inception_{module}"]
    shape, millions = expected
    assert layers[-1].output_shape == shape
    assert sum(layer.macs or 0 for layer in layers) / 1e6 == pytest.approx(
        millions, abs=0.6 if millions > 120 else 0.06
    )


def test_googlenet_trains_three_heads() -> None:
    spec = analyze("googlenet").spec
    assert spec is not None
    assert spec.loss_weights == {"predictions": 1.0, "auxiliary1": 0.3, "auxiliary2": 0.3}


@pytest.mark.parametrize(
    ("fields", "channels", "macs"),
    [
        ({"conv1x1": 128, "conv3x3": 192, "conv5x5": 96}, 672, 854_196_224),
        (
            {"conv1x1": 128, "reduce3x3": 64, "conv3x3": 192, "reduce5x5": 64, "conv5x5": 96, "pool_proj": 64},
            480,
            271_351_808,  # slides print 358M
        ),
    ],
    ids=["naive", "with bottlenecks"],
)
def test_the_lectures_inception_module(fields: dict[str, int], channels: int, macs: int) -> None:
    body = [{"block": "inception", **fields}]
    analysis = analyze({"name": "module", "input": [28, 28, 256], "body": body, "head": None})
    assert analysis.graph.outputs[0].shape == (28, 28, channels)
    assert analysis.totals.macs == macs
