"""Analysis equals Keras: layers, their records and weights, for shipped specs and for random ones of every block.

The random specs come from the schema (`random_specs.py`), so a new block or field is covered without a line here, and
the test fails for what no accepted spec reaches.
"""

from __future__ import annotations

import keras
import pytest

import convspec
from convspec.blocks.registry import BLOCKS

from .agreement import assert_agreement
from .random_specs import SHORT_LIST, Drawing, Token, accepted, covering, definitions, fields, universe

CORE = [
    "pattern", "digits", "lenet5", "alexnet", "alexnet_two_towers", "zfnet", "zfnet512", "vgg11", "vgg11_lrn", "vgg13",
    "vgg16", "vgg16c", "vgg19", "googlenet", "resnet18", "resnet34", "squeezenet1_0",
    "squeezenet1_1",
]  # fmt: skip
"""Networks without a twin in Keras, or whose twin is VGG; the catalogue's own tests cover the others."""

REJECTED: dict[Token, str] = {
    ("depthwise_conv.strides", "unequal pair"): "TensorFlow's depthwise convolution has one stride for both axes",
    ("separable_conv.strides", "unequal pair"): "as above",
    ("depthwise_separable.strides", "unequal pair"): "as above",
    ("squeeze_excite.gate_activation", "maxout"): "the gate would have half the channels of the map",
    ("auxiliary_classifier.classes", "null"): "it does not know the classes of the spec",
}
"""What the schema allows and `load` always rejects, with the reason."""


def build(spec: convspec.Spec) -> keras.Model:
    """The model, its kernels zeros: drawing first values takes most of a build, and is not compared."""
    return convspec.build(spec, zero_kernels=[node.name for node in spec.layers])


KINDS = [*BLOCKS, "Gate", "Norm"]


@pytest.mark.parametrize("name", CORE)
def test_a_shipped_spec_agrees_with_keras(name: str) -> None:
    keras.backend.clear_session(free_memory=False)
    spec = convspec.load(name)
    assert_agreement(convspec.analyze(spec), build(spec))


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_block_agrees_with_keras(kind: str) -> None:
    specs, missing = covering(kind, impossible=REJECTED.keys())
    assert not missing, "no accepted spec uses these"
    for spec in specs:
        keras.backend.clear_session(free_memory=False)
        assert_agreement(convspec.analyze(spec), build(spec))


@pytest.mark.parametrize("token", REJECTED, ids=lambda token: " ".join(token))
def test_what_is_rejected_is_rejected_however_it_is_written(token: Token) -> None:
    place, how = token
    kind, _, name = place.partition(".")
    drawing = Drawing("rejected")
    blocks = [drawing.model(kind, given={name: drawing.value(kind, name, fields(kind)[name], how)}) for _ in range(50)]
    assert not [block for block in blocks if accepted(drawing.document(block))]


def test_every_word_of_the_long_lists_agrees_with_keras() -> None:
    """Activations and initializers: each once, wherever it may stand."""
    lists = {
        name: option["enum"]
        for name, option in [("activation", fields("conv")["activation"]["anyOf"][0]),
                             ("kernel_initializer", fields("conv")["kernel_initializer"]["anyOf"][0])]
    }  # fmt: skip
    assert all(len(words) > SHORT_LIST for words in lists.values())
    for name, words in lists.items():
        body = [{"block": "conv", "filters": 4, name: word} for word in words]
        spec = convspec.load({"name": "words", "input": [8, 8, 3], "body": body, "head": None})
        keras.backend.clear_session(free_memory=False)
        assert_agreement(convspec.analyze(spec), build(spec))


def test_random_specs_agree_with_keras() -> None:
    """Blocks in any order, inside one another, under random heads."""
    drawing, compared = Drawing("random"), 0
    while compared < 60:
        if (spec := accepted(drawing.anything())) is not None:
            keras.backend.clear_session(free_memory=False)
            assert_agreement(convspec.analyze(spec), build(spec))
            compared += 1


def test_a_field_that_nothing_reaches_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    conv = definitions()["conv"]
    monkeypatch.setitem(conv["properties"], "unheard_of", {"type": "boolean"})
    assert covering("conv", tries=3)[1] == {("conv.unheard_of", "true"), ("conv.unheard_of", "false")}


def test_every_block_of_the_registry_has_a_universe() -> None:
    assert all(universe(kind) for kind in KINDS)
