"""The pattern of a network as a lecture would write it, and what of the input a value sees."""

from __future__ import annotations

import pytest

from convspec.analysis import analyze

PATTERNS = {
    "lenet5": "[CONV-RELU-POOL]*2-(FC-RELU)*2-FC-SOFTMAX",
    "vgg11": "[CONV-RELU-POOL]*2-[(CONV-RELU)*2-POOL]*3-(FC-RELU)*2-FC-SOFTMAX",
    "alexnet": "[CONV-RELU-POOL-NORM]*2-(CONV-RELU)*3-POOL-(FC-RELU-DROPOUT)*2-FC-SOFTMAX",
    "resnet50": "CONV-BN-RELU-POOL-BOTTLENECK*16-GAP-FC-SOFTMAX",
    "mobilenet_v2": "CONV-BN-RELU-INVERTED_RESIDUAL*17-CONV-BN-RELU-GAP-FC-SOFTMAX",
    "densenet121": "CONV-BN-RELU-POOL-(DENSE_BLOCK-TRANSITION)*3-DENSE_BLOCK-BN-RELU-GAP-FC-SOFTMAX",
}


@pytest.mark.parametrize(("name", "pattern"), PATTERNS.items(), ids=PATTERNS.keys())
def test_pattern(name: str, pattern: str) -> None:
    assert analyze(name).pattern == pattern


def test_a_layer_and_its_activation_stay_together() -> None:
    """CONV-(RELU-FC)*3 has the same words, and no lecture writes it so."""
    document = {"name": "x", "input": [8, 8, 1], "body": ["conv3-4", "flatten", "fc8", "fc8"], "classes": 10}
    head = {"pooling": None}
    assert analyze({**document, "head": head}).pattern == "CONV-RELU-(FC-RELU)*2-FC-SOFTMAX"


def field(name: str, layer: str) -> int | None:
    return next(record.receptive_field for record in analyze(name).layers if record.name == layer)


@pytest.mark.parametrize(
    ("name", "layer", "size"),
    [  # Araujo et al. 2019, "Computing Receptive Fields of Convolutional Neural Networks", table 1
        ("vgg16", "block5_pool", 212),
        ("resnet50", "conv5_block3_3_conv", 483),
        ("resnet101", "conv5_block3_3_conv", 1027),
    ],
)
def test_published_receptive_fields(name: str, layer: str, size: int) -> None:
    assert field(name, layer) == size


def test_a_window_of_two_sizes_has_a_field_of_two_sizes() -> None:
    body = [{"block": "conv", "filters": 1, "kernel_size": [1, 7]}]
    layer = analyze({"name": "x", "input": [9, 9, 1], "head": None, "body": body}).layers[-1]
    assert (layer.receptive_field, layer.receptive_field_hw) == (7, (1, 7))


def test_a_global_pool_sees_everything() -> None:
    assert (field("lenet5", "fc1") or 0) >= 32


def test_depth_counts_kernels_on_the_longest_way() -> None:
    assert {name: analyze(name).totals.depth for name in ("resnet18", "resnet50", "vgg19", "googlenet")} == {
        "resnet18": 18, "resnet50": 50, "vgg19": 19, "googlenet": 22,
    }  # fmt: skip


def test_memory_is_for_the_batch_and_the_dtype() -> None:
    one, many = analyze("lenet5").totals, analyze("lenet5", batch=8, dtype="float16").totals
    assert (many.activation_bytes, many.weight_bytes) == ((one.activation_bytes or 0) * 4, one.weight_bytes / 2)
