"""What a block is as a pydantic model: strict fields, equality, symbolic numbers, types of one's own."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pytest
from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

import convspec
from convspec import blocks
from convspec.blocks import BLOCKS, Block, Conv, Dropout, Gate, Layer, Norm, Sequence, class_name, find_block_class
from convspec.blocks.pydantic_model import Model
from convspec.graph import Graph, Operation
from convspec.graph.symbolic import Decisions
from convspec.language.document import Document, Output


@pytest.mark.parametrize(
    ("values", "kind"),
    [({"filters": True}, "int_type"), ({"filters": 1.0}, "int_type"), ({"filters": 2**24 + 1}, "less_than_equal"),
     ({"filters": "8"}, "int_type"), ({"filters": 8, "kernel_size": True}, "value_error"),
     ({"filters": 8, "name": "a\n"}, "string_pattern_mismatch"), ({"filters": 8, "activation": "Relu"}, "value_error"),
     ({"filters": 8, "width": 3}, "extra_forbidden"), ({}, "missing"),
     ({"filters": 8, "source": "a", "from": "b"}, "extra_forbidden"),
     ({"filters": 8, "squeeze_excite": {"ratio": True}}, "float_type"),
     ({"filters": 8, "squeeze_excite": {"ratio": float("nan")}}, "finite_number")],
    ids=str,
)  # fmt: skip
def test_near_misses_are_invalid(values: dict[str, Any], kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Conv(**values)
    assert [error["type"] for error in caught.value.errors()] == [kind]


class Trailing(Block):
    """A block of one's own, with pydantic's own means. The shape stays."""

    block: Literal["trailing"] = "trailing"
    even: int = Field(default=2, multiple_of=2, description="an even number")
    odd: Annotated[int, AfterValidator(lambda value: value | 1)] = Field(default=1, lt=9, description="made odd")
    some: Annotated[float, Field(ge=0)] | list[int] = Field(default=[], description="a number or a list")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.even == 6:
            raise ValueError("six is too many")
        return self


def test_a_block_of_ones_own_uses_pydantic() -> None:
    block = Trailing(even=4, odd=4, some=1)
    assert (block.even, block.odd, block.some) == (4, 5, 1.0)
    for values, words in (({"even": 3}, "multiple of 2"), ({"odd": 9}, "less than 9"), ({"even": 6}, "six is too")):
        with pytest.raises(ValidationError, match=words):
            Trailing(**values)  # type: ignore[arg-type]


def test_defaults_are_not_shared() -> None:
    with pytest.raises(TypeError, match="this is read-only"):
        Trailing().some.append(1)  # type: ignore[union-attr]
    assert Trailing().some == []


def test_a_field_cannot_be_set_afterwards() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Conv(filters=1).filters = 2  # type: ignore[misc]


def test_equal_fields_make_equal_blocks_wherever_they_are_written() -> None:
    assert Conv(filters=1) == Conv(filters=1, kernel_size=(3, 3))
    assert hash(Conv(filters=1)) == hash(Conv(filters=1, strides=(1, 1)))
    assert Conv(filters=1) != Conv(filters=2)
    assert Dropout(rate=0.5) != Norm()
    items = [{"block": "conv", "filters": 1}] * 2
    one, two = Sequence.model_validate({"block": "sequence", "body": items}).body
    assert one == two
    assert repr(Norm(kind="layer")) == "Norm(kind='layer', momentum=0.99, epsilon=0.001, scale=True, center=True)"


def test_a_block_is_a_type_for_pydantic() -> None:
    class Plan(BaseModel):
        norm: Norm
        first: Conv

    plan = Plan.model_validate({"norm": {"kind": "layer"}, "first": Conv(filters=3)})
    assert (plan.norm, plan.first) == (Norm(kind="layer"), Conv(filters=3))
    assert Plan.model_json_schema()["properties"]["norm"] == {"$ref": "#/$defs/Norm"}


@pytest.mark.parametrize("number", [1e-50, 1e39])
def test_a_number_that_32_bits_do_not_hold_is_told_what_they_do(number: float) -> None:
    """The smallest normal and the largest finite number of IEEE 754's binary32."""
    with pytest.raises(ValidationError, match=re.escape(f"float32 holds 0 and 1.18e-38 to 3.4e+38, not {number:.3g}")):
        Norm(epsilon=number)


@pytest.mark.parametrize(
    ("value", "words"),
    [(3, "expected a block, not 3; a block is a mapping such as {block: conv, filters: 8}, or a text such as conv3-8"),
     ({"filters": 8}, "needs `block`, the name of a block"),
     ({"class_name": "Conv2D", "config": {"filters": 8}},
      "needs `block`, the name of a block; write {block: conv, filters: 8}"),
     ({"activation": "relu"}, "needs `block`, the name of a block; write {block: activation, activation: relu}"),
     ({"stride2_padding": 3}, "needs `block`, the name of a block; write {block: stride2_padding, kernel_size: 3}"),
     ({"convnext_block": 7}, "needs `block`, the name of a block; write {block: convnext_block, kernel_size: 7}"),
     ({"block": "cnov"}, "no block is called 'cnov'; did you mean 'conv'?")],
    ids=str,
)  # fmt: skip
def test_what_is_no_block_says_why_and_what_is(value: object, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Sequence(body=[value])  # type: ignore[list-item]
    assert [error["msg"] for error in caught.value.errors()] == [words]


def test_nesting_costs_no_more_than_its_depth() -> None:
    """A mistake deep inside is looked for once at each level, not twice."""
    document: Any = {"block": "conv", "filters": "wrong"}
    for _ in range(30):
        document = {"block": "sequence", "body": [document]}
    with pytest.raises(ValidationError) as caught:
        Sequence.model_validate(document)
    assert caught.value.error_count() == 1


def test_symbolic_numbers_pass_and_their_limits_are_decisions() -> None:
    decisions = Decisions()
    filters, rate = decisions.input(8), decisions.input(1)
    block = Trailing(some=rate, name="x")
    assert type(block.some).__name__ == "SymbolicNumber"
    conv = Conv(filters=filters, kernel_size=[filters, 3])  # type: ignore[arg-type]
    recording = decisions.recording([conv.filters, conv.kernel_size[0], block.some])
    assert recording.replay([16, 2]) == [16, 16, 2.0]
    assert recording.replay([0, 2]) is None  # filters > 0
    assert recording.replay([2**24 + 1, 2]) is None
    assert recording.replay([16, -1]) is None  # some >= 0
    assert recording.replay([16, float("nan")]) is None
    assert recording.replay([16, float("inf")]) is None
    with pytest.raises(ValidationError, match="greater than 0"):
        Conv(filters=decisions.input(0))
    with pytest.raises(ValidationError, match="valid integer"):
        Conv(filters=decisions.input(1.5))  # type: ignore[arg-type]


MODELS: dict[str, type[BaseModel] | None] = {
    **{kind: find_block_class(kind) for kind in BLOCKS},
    "Gate": Gate, "Norm": Norm, "Document": Document, "Output": Output,
}  # fmt: skip


LAYERS = {kind: model for kind, model in MODELS.items() if isinstance(model, type) and issubclass(model, Layer)}


@pytest.mark.parametrize("kind", LAYERS)
def test_a_block_of_one_operation_is_that_operation(kind: str) -> None:
    layer = LAYERS[kind]
    shared = {"block", *Block.model_fields}
    assert issubclass(layer, layer.operation)
    assert set(layer.model_fields) - shared == set(layer.operation.argument_names())
    assert (layer.__doc__ or "").strip()
    own = {name for name in vars(layer) if not name.startswith(("_", "model_"))} - {"operation", "merges"}
    assert own <= {"block"}, "what it does is what its operation does"


def test_most_blocks_of_one_layer_are_operations() -> None:
    assert len(LAYERS) == 29


def test_an_operation_of_ones_own_becomes_a_block() -> None:
    @dataclass(eq=False, repr=False)
    class Shift(Operation):
        """Moves values: the shape stays."""

        by: Annotated[int, Field(gt=0, description="how far")]

    class ShiftBlock(Layer, Shift):
        block: Literal["shift"] = "shift"

    assert ShiftBlock.__doc__ == Shift.__doc__
    with pytest.raises(ValidationError, match="greater than 0"):
        ShiftBlock(by=0)
    output = ShiftBlock(by=2)(Graph().input((4, 4, 1)), "moved")
    assert (output.node.name, repr(output.node.operation)) == ("moved", "Shift(by=2)")


@pytest.mark.parametrize("name", MODELS)
def test_every_field_says_what_it_means(name: str) -> None:
    model = MODELS[name]
    assert model is not None
    assert issubclass(model, Model)
    assert [key for key, field in model.model_fields.items() if key != "block" and not field.description] == []


def test_the_same_choices_stand_in_the_same_order_everywhere() -> None:
    """`typing` keeps one of two unions of equal choices, the one that came first; messages would depend on that."""
    orders: dict[frozenset[object], set[tuple[object, ...]]] = {}
    for path in Path(convspec.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "Literal":
                try:
                    words = ast.literal_eval(node.slice)
                except ValueError:  # made from the one list of such words
                    continue
                words = words if isinstance(words, tuple) else (words,)
                orders.setdefault(frozenset(words), set()).add(words)
    assert len(orders) > 20
    assert [found for found in orders.values() if len(found) > 1] == []


def test_every_block_is_public() -> None:
    """By the stub, which type checkers and editors read, and by which classes are imported when first asked for."""
    assert {class_name(kind) for kind in BLOCKS} <= set(blocks.__all__)
    assert all(getattr(blocks, class_name(kind)) is find_block_class(kind) for kind in BLOCKS)
    assert all(hasattr(blocks, name) for name in blocks.__all__)
