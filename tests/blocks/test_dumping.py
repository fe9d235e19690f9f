"""Blocks as values: what is dumped, pickled or copied is the block again, nested ones and those of others included."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from convspec.blocks import Block, Bottleneck, Conv, Parallel, Residual, Sequence, find_block_class
from convspec.blocks.base import Item
from convspec.blocks.registry import BLOCKS
from convspec.language.recipe import Recipe
from convspec.language.schema import json_schema


class Wrapped(Block):
    """A block of another package, with blocks in its fields."""

    block: Literal["wrapped"] = "wrapped"
    of: Item
    others: dict[str, list[Item]] = Field(default={})


class WiderBottleneck(Bottleneck):
    """A block of another package that builds on one of ours."""

    extra: int = 3


def examples(kind: str) -> Iterator[Block]:
    """A block with its required fields alone, and one with each of its others that the schema's example fits."""
    found = find_block_class(kind)
    assert found is not None
    properties = json_schema()["$defs"][kind]["properties"]
    shown = {name: field["examples"][0] for name, field in properties.items() if field.get("examples")}
    required = {
        alias: shown[alias]
        for name, field in found.model_fields.items()
        if field.is_required() and (alias := str(field.validation_alias or name))
    }
    yield found.model_validate(required)
    for name in shown.keys() - {"block"}:
        try:
            yield found.model_validate({**required, name: shown[name]})
        except ValidationError:  # of a field that is written alone, or of the document: repeat, when
            continue


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_block_is_the_same_after_every_way_out_and_back(kind: str) -> None:
    block, *others = examples(kind)
    for one in (block, *others):
        check_same(one)
    around = Sequence(body=[block, Conv(filters=2, source=["a", "b"])])
    beside = Parallel(branches=[[around], [block, around]], squeeze_excite={"ratio": 8})
    check_same(Wrapped(of=Residual(body=[beside, block], norm=None), others={"a": [block]}))


def check_same(one: Block) -> None:
    kind = type(one)
    for by_alias in (False, True):
        ways = [
            kind.model_validate(one.model_dump(by_alias=by_alias)),
            kind.model_validate(one.model_dump(mode="json", by_alias=by_alias)),
            kind.model_validate_json(one.model_dump_json(by_alias=by_alias)),
        ]
        assert ways == [one] * 3
    ways += [one.model_copy(deep=True), copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))]
    assert ways == [one] * 7
    assert {hash(way) for way in ways} == {hash(one)}
    assert len({one, *ways}) == 1


def test_a_dump_has_the_fields_that_a_subclass_adds() -> None:
    class Holder(Block):
        block: Literal["holder"] = "holder"
        of: Block
        one: Bottleneck

    class Plain(BaseModel):
        of: Block

    inner = Sequence(body=[WiderBottleneck(filters=2, extra=5)])
    for dumped in (
        Holder(of=inner, one=WiderBottleneck(filters=2, extra=5)).model_dump(),
        Plain(of=inner).model_dump(),
    ):
        assert dumped["of"]["body"][0]["extra"] == dumped.get("one", {"extra": 5})["extra"] == 5


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"class_weights": {"a": 1.0, "b": 2.0}},
        {"finetune": {"weights": "imagenet", "unfreeze": [{"after": 1, "freeze": "none"}]}},
        {"schedule": {"name": "cosine", "warmup": 1}, "augmentation": {"rand_augment": {}}},
    ],
)
def test_so_is_a_recipe(fields: dict[str, Any]) -> None:
    recipe = Recipe.model_validate(fields)
    again = [
        Recipe.model_validate(recipe.model_dump()),
        Recipe.model_validate_json(recipe.model_dump_json()),
        pickle.loads(pickle.dumps(recipe)),
        copy.deepcopy(recipe),
    ]
    assert again == [recipe] * 4
    assert {hash(one) for one in again} == {hash(recipe)}


def test_equal_mappings_have_equal_hashes_whatever_their_order() -> None:
    one, other = (Recipe.model_validate({"class_weights": dict(pairs)}) for pairs in ([("a", 1.0), ("b", 2.0)], [("b", 2.0), ("a", 1.0)]))  # fmt: skip
    assert (one, hash(one)) == (other, hash(other))
