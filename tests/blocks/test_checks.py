"""Checks of several fields run as soon as their own fields are valid, all of them, in nested models too."""

from __future__ import annotations

from typing import Any, Self

import pytest
from pydantic import Field, ValidationError, model_validator

from convspec.blocks import ConvReluPool, Head, Inception
from convspec.blocks.pydantic_model import Model
from convspec.language.recipe import Recipe
from convspec.language.tune import Distribution


class Span(Model):
    low: int = Field(default=0, ge=0)
    high: int = 9
    sizes: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        return self.high - self.low

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.length < 0:
            raise ValueError("low is above high")
        return self

    @model_validator(mode="after")
    def _sized(self) -> Self:
        if len(self.sizes) > self.high:
            raise ValueError("more sizes than high")
        return self


class Spans(Model):
    most: int = 5
    main: Span = Span()
    further: list[Span] = Field(default=[])
    named: dict[str, Span] = Field(default={})

    @model_validator(mode="after")
    def _short(self) -> Self:
        for span in (self.main, *self.further, *self.named.values()):
            if span.high > self.most + 10:
                raise ValueError(f"{span.high} is above {self.most + 10}")
        return self


def found(model: type[Model], data: object) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data)
    return [(".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, ")) for one in caught.value.errors()]


def test_all_checks_run_where_all_fields_are_valid() -> None:
    data = {"low": 3, "high": 1, "sizes": (1, 2)}
    assert found(Span, data) == [("", "low is above high"), ("", "more sizes than high")]
    with pytest.raises(ValidationError, match="low is above high"):
        Span(low=3, high=1)
    assert Span(low=1, high=1).length == 0


def test_a_check_runs_beside_an_invalid_field_that_it_does_not_read() -> None:
    assert found(Span, {"high": 1, "low": 3, "sizes": ("x",)})[1:] == [("", "low is above high")]
    assert found(Span, {"high": 1, "low": -1, "sizes": (1, 2)})[1:] == [("", "more sizes than high")]
    assert found(Span, {"high": 1, "low": 3, "size": 2})[1:] == [("", "low is above high")]


def test_a_check_of_an_invalid_field_does_not_run() -> None:
    assert [path for path, _ in found(Span, {"high": -1, "low": -2})] == ["low", ""]  # more than -1 sizes
    assert [path for path, _ in found(Span, {"high": "x", "low": 3})] == ["high"]


def test_a_field_that_is_left_out_may_be_meant_by_one_that_does_not_exist() -> None:
    assert [path for path, _ in found(Span, {"low": 12, "hihg": 20})] == ["hihg"]
    assert found(Span, {"low": 12, "hihg": 20, "high": 3})[1:] == [("", "low is above high")]


@pytest.mark.parametrize("inner", [{"main": "SPAN"}, {"further": [{}, "SPAN"]}, {"named": {"a": {}, "b": "SPAN"}}])
def test_checks_of_nested_models_do_not_hide_those_around_them(inner: dict[str, Any]) -> None:
    def filled(value: object, span: object) -> object:
        if isinstance(value, dict):
            return {key: filled(one, span) for key, one in value.items()}
        return [filled(one, span) for one in value] if isinstance(value, list) else span

    (place, _), *more = found(Spans, filled(inner, {"low": 30, "high": 20}))
    assert (place != "", more) == (True, [("", "20 is above 15")])
    assert [message for _, message in found(Spans, filled(inner, {"low": "x", "high": 20}))][1:] == ["20 is above 15"]
    assert len(found(Spans, filled(inner, {"high": "x"}))) == 1
    assert len(found(Spans, filled(inner, 3))) == 1
    assert len(found(Spans, {**inner, "most": "x", "main": {"low": 3, "high": 1}})) >= 2


SEVERAL = {
    "head": (Head, {"flatten": True, "pooling": "avg", "dropout": 2}, 2),
    "conv_relu_pool": (ConvReluPool, {"convs": 2, "kernel_sizes": [3]}, 2),
    "inception": (Inception, {"pool": False, "reduce3x3": 1, "reduce5x5": 1, "activation": "no"}, 4),
    "schedule": (Recipe, {"schedule": {"name": "step", "warmup_factor": 0.5, "at": [2, 1], "every": 1, "factor": 2}}, 4),
    "recipe": (Recipe, {"l2": -1, "jit_compile": True, "balanced": True, "class_weights": "balanced"}, 3),
    "warm-up": (Recipe, {"epochs": 2, "schedule": {"name": "no", "warmup": 3}}, 2),
    "unfreezing": (Recipe, {"epochs": 2, "finetune": {"weights": "", "unfreeze": [{"after": 3, "freeze": "none"}] * 2}}, 3),
    "clips": (Recipe, {"optimizer": {"name": "sgd", "clipnorm": 1, "clipvalue": 1, "beta_1": 5, "rho": None}}, 3),
    "range": (Distribution, {"log_uniform": [2, 1], "choice": [1, 1], "when": 3}, 4),
}  # fmt: skip


@pytest.mark.parametrize(("model", "data", "count"), SEVERAL.values(), ids=SEVERAL.keys())
def test_the_checks_of_a_document_run_all(model: type[Model], data: dict[str, object], count: int) -> None:
    assert len(found(model, data)) == count
