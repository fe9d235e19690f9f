"""Declarations: the quick look takes only what pydantic takes, and pydantic says what is wrong."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

import convspec
from convspec.blocks import BLOCKS, Block, Conv, Gate, Limits, Norm, Rule, Sequence, field, fields_of, find_block_class
from convspec.blocks.accepting import Doubt, accept
from convspec.blocks.declaring import MISSING, Declared
from convspec.blocks.judging import judge
from convspec.spec.document import Document, Output

KINDS = [*BLOCKS, "Gate", "Norm", "Document", "Output"]
OTHERS: dict[str, type[Declared]] = {"Gate": Gate, "Norm": Norm, "Document": Document, "Output": Output}


def declaration(kind: str) -> type[Declared]:
    found = OTHERS.get(kind) or find_block_class(kind)
    assert found is not None
    return found


scalars = st.sampled_from(
    [None, True, False, 0, 1, 2, 3, 64, -1, 2**24, 2**24 + 1, 2**53 + 1, 0.0, 0.5, 1.0, 1e-6, -0.5, float("inf"), "",
     "1e-6", "1", "same", "valid", "relu", "RELU", "prelu", "he_normal", "avg", "batch", "channels", "identity", "a b",
     "a\n", "é", "x1", "conv3-8", "conv3-8 maxpool3/2", "conv1-2 (conv1x3-2 | conv3x1-2)", "conv3-", "first", "concat",
     b"same", (3, 3), (0, 1)]
)  # fmt: skip
items = st.sampled_from(
    ["conv3-4", "relu", "no block", {"block": "conv", "filters": 3}, {"block": "conv", "filters": 3.0},
     {"block": "conv"}, {"block": "botleneck"}, {"filters": 3}, 7, {"block": "sequence", "body": ["relu", "relu"]},
     {"block": "sequence", "body": [{"block": "conv", "filters": True}]}]
)  # fmt: skip
mappings = st.sampled_from(
    [{}, {"kind": "layer"}, {"kind": "layer", "epsilon": 1}, {"momentum": 2}, {"ratio": 4}, {"ratio": True},
     {"ratio": 4.5, "divisor": 8.0}, {"block": "conv"}, {1: 2}, {"a": {"b": 1}}, {"a": None}, {"x": {"from": "a"}}]
)  # fmt: skip
anything = st.one_of(scalars, items, mappings, st.lists(scalars, max_size=3), st.lists(items, max_size=3),
                     st.lists(st.lists(st.one_of(scalars, items), max_size=3), max_size=3))  # fmt: skip

LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["x", "x_1", "", "a b", "x\n", None]),
    "from": st.sampled_from(["input", ["a", "b"], ["a", 1], None]),
    "body": st.lists(items, max_size=2),
    "filters": st.sampled_from([1, 64, [8, 8], [8.0], 0, "8", True, 2**24, 2**24 + 1]),
    "towers": st.lists(st.sampled_from(["conv1-2", "conv1-2 avgpool3/1", "conv"]), max_size=3),
    "layers": st.sampled_from([3, "conv3-4", "conv3", 3.0]),
    "branches": st.lists(st.one_of(items, st.lists(items, max_size=2)), max_size=3),
    "input": st.sampled_from([[8, 8, 3], [None, None, 3], [8, 8, None], [8, True, 3], (8, 8, 3), [8, 8]]),
}
"""Values for which a field is often right, so that whole declarations are."""


def fields(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Fields of a declaration, right and nearly right; one in a few has another name, too."""
    declared = declaration(kind)
    needed, optional = {}, {}
    for name, one in fields_of(declared).items():
        written = one.written or name
        likely = LIKELY.get(written, st.sampled_from([1, 2, 0.5, [3, 3], "relu", "same", "valid", True, None]))
        if one.default is MISSING:
            needed[written] = st.one_of(likely, likely, anything)
        else:
            optional[written] = st.one_of(st.just(one.default), likely, anything)
    optional["source"] = st.sampled_from(["input", 3])
    chosen = st.lists(st.sampled_from(sorted(optional)), max_size=3, unique=True)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({**needed, **{name: optional[name] for name in names}}))


def at_a_glance(kind: str, values: dict[str, Any]) -> Declared | None:
    try:
        return accept(declaration(kind), values)
    except Doubt:
        return None


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), fields(kind))))
def test_what_is_accepted_at_once_pydantic_accepts_with_equal_values(case: tuple[str, dict[str, Any]]) -> None:
    kind, values = case
    accepted = at_a_glance(kind, values)
    if accepted is not None:
        judged = judge(declaration(kind), values)
        assert (judged, repr(judged)) == (accepted, repr(accepted))  # equal, and of equal types: 1 is not 1.0


PLAIN: dict[str, Any] = {
    "body": ["conv3-4"], "branches": [["relu"], []], "layers": 3, "towers": ["conv1-2", "conv3-4"], "name": "x",
    "input": [8, 8, 3], "from": "input", "target_shape": [4, -1], "filters": 8, "rate": 0.5, "scale": 2,
    "columns": ["filters"], "rows": [[8]], "of": {"block": "conv"},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_plain_values_leave_no_doubt(kind: str) -> None:
    """Else the test above could not fail."""
    values = {}
    for name, one in fields_of(declaration(kind)).items():
        if one.default is MISSING:
            written = one.written or name
            values[written] = {"chain": "conv3-4", "xception_module": [8]}.get(kind, PLAIN.get(written, 4))
    accepted = at_a_glance(kind, values)
    assert accepted is not None
    assert judge(declaration(kind), values) == accepted


@pytest.mark.parametrize(
    "values",
    [{"filters": True}, {"filters": 1.0}, {"filters": 2**24 + 1}, {"filters": "8"}, {"filters": 8, "kernel_size": True},
     {"filters": 8, "name": "a\n"}, {"filters": 8, "activation": "Relu"}, {"filters": 8, "width": 3}, {},
     {"filters": 8, "source": "a", "from": "b"}, {"filters": 8, "squeeze_excite": {"ratio": True}}],
    ids=str,
)  # fmt: skip
def test_near_misses_are_left_to_pydantic(values: dict[str, Any]) -> None:
    assert at_a_glance("conv", values) is None
    with pytest.raises(ValidationError):
        Conv.read(values)


class Trailing(Block):
    """A block with an annotation that only pydantic knows. The shape stays."""

    block: Literal["trailing"] = "trailing"
    even: Annotated[int, Field(multiple_of=2)] = field(default=2, description="an even number")
    odd: Annotated[int, Rule(lambda value: value | 1)] = field(default=1, lt=9, description="made odd")
    some: Annotated[float, Limits(ge=0)] | list[int] = field(default=[], description="a number or a list")


def test_an_annotation_that_only_pydantic_knows_is_left_to_it() -> None:
    assert Trailing(even=4, odd=4, some=1) == Trailing(even=4, odd=5, some=1.0)
    with pytest.raises(ValidationError, match="multiple of 2"):
        Trailing(even=3)
    with pytest.raises(ValidationError, match="less than 9"):
        Trailing(odd=9)


def test_defaults_are_not_shared() -> None:
    one = Trailing()
    one.some.append(1)  # type: ignore[union-attr]
    assert Trailing().some == []


def test_a_field_cannot_be_set_afterwards() -> None:
    with pytest.raises(AttributeError, match=r"Conv\.filters cannot be set"):
        Conv(filters=1).filters = 2  # type: ignore[misc]


def test_equal_fields_make_equal_blocks() -> None:
    assert Conv(filters=1) == Conv(filters=1, kernel_size=(3, 3))
    assert hash(Conv(filters=1)) == hash(Conv(filters=1, strides=1))
    assert Conv(filters=1) != Conv(filters=2)
    assert repr(Norm(kind="layer")) == "Norm(kind='layer', momentum=0.99, epsilon=0.001, scale=True, center=True)"


def test_pydantics_own_field_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"Wrong\.width: declare it with convspec\.blocks\.field"):

        class Wrong(Block):
            width: int = Field(description="channels")


def test_a_field_cannot_hide_what_every_block_has() -> None:
    with pytest.raises(TypeError, match=r"Wrong\.path: a field cannot be called that"):

        class Wrong(Block):
            path: str = ""


def test_a_declaration_is_a_type_for_pydantic() -> None:
    class Plan(BaseModel):
        norm: Norm
        first: Conv

    plan = Plan.model_validate({"norm": {"kind": "layer"}, "first": Conv(filters=3)})
    assert (plan.norm, plan.first) == (Norm(kind="layer"), Conv(filters=3))
    assert Plan.model_json_schema()["properties"]["norm"] == {"$ref": "#/$defs/Norm"}


def test_nesting_costs_no_more_than_its_depth() -> None:
    """A fault deep inside is looked for once a level, not twice."""
    document: Any = {"block": "conv", "filters": "wrong"}
    for _ in range(30):
        document = {"block": "sequence", "body": [document]}
    with pytest.raises(ValidationError) as caught:
        Sequence.read(document)
    assert caught.value.error_count() == 1


def test_the_same_choices_stand_in_the_same_order_everywhere() -> None:
    """`typing` keeps one of two unions of equal choices, the one that came first; messages would depend on that."""
    orders: dict[frozenset[object], set[tuple[object, ...]]] = {}
    for path in Path(convspec.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "Literal":
                words = ast.literal_eval(node.slice)
                words = words if isinstance(words, tuple) else (words,)
                orders.setdefault(frozenset(words), set()).add(words)
    assert len(orders) > 20
    assert [found for found in orders.values() if len(found) > 1] == []
