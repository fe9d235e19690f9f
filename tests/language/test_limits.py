"""The range of each number of a recipe, of a search and of a normalisation: its ends are accepted, and nothing beyond."""

from __future__ import annotations

import math

import pytest
from pydantic import BaseModel, ValidationError

from convspec import InputError, load
from convspec.blocks.common import Norm
from convspec.language import augmentation, optimization, recipe, tune

RANGES = {  # as mathematics writes them: [ and ] include the end, ( and ) do not
    "Augmentation": "crop [0,) rotation [0,180] translation [0,1] zoom [0,1) brightness [0,1] contrast [0,1] "
    "saturation [0,1] hue [0,180] pca [0,1] cutout [0,)",
    "RandAugment": "operations [0,12] magnitude [0,30]",
    "EarlyStopping": "patience [1,) minimum_change [0,)",
    "FineTuning": "learning_rate_factor (0,)",
    "Unfreezing": "after [1,)",
    "Recipe": "l2 [0,) batch_size [1,) epochs [1,) label_smoothing [0,1) ema (0,1) mixup [0,) cutmix [0,) "
    f"seed [0,{2**31}) validation_split (0,1)",
    "Optimizer": "learning_rate (0,) weight_decay [0,) momentum [0,1) rho [0,1) beta_1 [0,1) beta_2 [0,1) epsilon (0,) "
    "initial_accumulator_value [0,) clipnorm (0,) clipvalue (0,) global_clipnorm (0,)",
    "Schedule": "warmup [0,) warmup_factor (0,1] factor (0,1] every [0.001,) patience [1,) minimum [0,1] "
    "period [0.001,) growth [1,1000]",
    "Stage": "trials [1,100000] epochs [1,) narrow_to [1,)",
    "Pruning": "after [1,) startup [1,)",
    "Tune": f"seed [0,{2**31}) abort (1,) folds [2,100] runs [1,100]",
    "Norm": "momentum [0,1] epsilon (0,)",
}
MODELS: dict[str, type[BaseModel]] = {
    name: one
    for module in (recipe, augmentation, optimization, tune)
    for name, one in vars(module).items()
    if isinstance(one, type) and issubclass(one, BaseModel)
} | {"Norm": Norm}
BOUNDS = ("gt", "ge", "lt", "le")


@pytest.mark.parametrize("name", RANGES)
def test_the_ends_of_a_range_are_where_they_are_said_to_be(name: str) -> None:
    words = RANGES[name].split()
    ranges = dict(zip(words[::2], words[1::2], strict=True))
    fields = MODELS[name].model_fields
    assert ranges.keys() == {
        field for field, info in fields.items() if any(hasattr(bound, one) for bound in info.metadata for one in BOUNDS)
    }
    for field, written in ranges.items():
        step = 0.001 if "float" in str(fields[field].annotation) else 1
        low, high = written[1:-1].split(",")
        inside, outside = [float(low) + step * (written[0] == "(")], [float(low) - step * (written[0] == "[")]
        if high:
            inside.append(float(high) - step * (written[-1] == ")"))
            outside.append(float(high) + step * (written[-1] == "]"))
        assert [accepted(name, field, value, step) for value in inside] == [True] * len(inside), field
        assert [accepted(name, field, value, step) for value in outside] == [False] * len(outside), field


def accepted(name: str, field: str, value: float, step: float) -> bool:
    """Whether a field takes a value, whatever else is missing or contradicts it."""
    try:
        MODELS[name].model_validate({field: int(value) if step == 1 else value})
    except ValidationError as error:
        return not any(one["loc"][:1] == (field,) and one["type"] != "foreign_field" for one in error.errors())
    return math.isfinite(value)


@pytest.mark.parametrize("name", sorted(set(MODELS) - set(RANGES)))
def test_the_other_parts_have_no_numbers_with_limits(name: str) -> None:
    for info in MODELS[name].model_fields.values():
        assert not any(hasattr(bound, one) for bound in info.metadata for one in BOUNDS)


@pytest.mark.parametrize(
    ("field", "words"),
    [("weight_decay", "at least 0"), ("clipnorm", "above 0"), ("clipvalue", "above 0"), ("global_clipnorm", "above 0")],
)
def test_bounds_of_an_optimizer(field: str, words: str) -> None:
    optimizer = {"name": "sgd", field: -1}
    with pytest.raises(InputError, match=rf"train\.optimizer\.{field}: must be {words}, not -1"):
        load({"name": "x", "input": [8, 8, 3], "classes": 2, "body": ["conv3-8"], "train": {"optimizer": optimizer}})


def test_an_optimizer_clips_in_one_way() -> None:
    optimizer = {"name": "sgd", "clipnorm": 1, "clipvalue": 1, "global_clipnorm": 1}
    with pytest.raises(InputError, match="; clipnorm and clipvalue and global_clipnorm are both set; keep one"):
        load({"name": "x", "input": [8, 8, 3], "classes": 2, "body": ["conv3-8"], "train": {"optimizer": optimizer}})


@pytest.mark.parametrize("kind", ["batch_norm", "layer_norm"])
@pytest.mark.parametrize("field", ["epsilon", "norm"])
def test_a_normalisation_divides_by_more_than_0(kind: str, field: str) -> None:
    block = {"block": kind, "epsilon": 0} if field == "epsilon" else {
        "block": "conv_norm_act", "filters": 4, "norm": {"kind": kind.split("_")[0], "epsilon": 0}
    }  # fmt: skip
    with pytest.raises(InputError, match=r"epsilon: must be above 0, not 0"):
        load({"name": "x", "input": [8, 8, 3], "body": [block], "head": None})
