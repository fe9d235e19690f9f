"""Samples come from a counter."""

from itertools import islice

from convspec.language.tune import Tune
from convspec.tuning.sampling import BLOCK, position, samples, uniform
from convspec.tuning.space import dimensions

SPACE = {
    "a": {"log_uniform": [1.0e-6, 1.0]},
    "kind": {"choice": ["x", "y"]},
    "b": {"uniform": [0.0, 1.0], "when": {"kind": "x"}},
}


def drawn(space, count=40, seed=1, stage=1):
    return list(islice(samples(seed, stage, dimensions(Tune.model_validate({"space": space})), {}), count))


def test_the_same_seed_gives_the_same_samples():
    assert drawn(SPACE) == drawn(SPACE)
    assert drawn(SPACE, seed=2) != drawn(SPACE)
    assert drawn(SPACE, stage=2) != drawn(SPACE)


def test_seeds_that_differ_by_a_few_share_no_sample():
    values = [{sample["a"] for sample in drawn(SPACE, seed=seed)} for seed in range(5)]
    assert len(set.union(*values)) == sum(map(len, values))


def test_a_further_field_changes_no_other_sample():
    more = drawn({"new": {"int": [1, 9]}, **SPACE})
    assert [{path: sample[path] for path in sample if path != "new"} for sample in more] == drawn(SPACE)


def test_the_first_samples_of_a_longer_search_are_those_of_the_shorter():
    assert drawn(SPACE, count=50)[:40] == drawn(SPACE, count=40)


def test_each_block_meets_every_part_of_a_range_once():
    for block in range(3):
        places = [position(7, 1, "a", block * BLOCK + index) for index in range(BLOCK)]
        assert sorted(int(place * BLOCK) for place in places) == list(range(BLOCK))


def test_a_field_is_sampled_only_where_its_condition_holds():
    found = drawn(SPACE)
    assert {sample["kind"] for sample in found} == {"x", "y"}
    assert all(("b" in sample) == (sample["kind"] == "x") for sample in found)


def test_each_sixteenth_of_a_range_is_met_once_in_an_order_that_its_name_and_the_seed_decide():
    """A search that goes on draws what one of an earlier version drew: the rule is written out a second time here."""
    assert BLOCK == 16
    order = sorted(range(16), key=lambda place: uniform(7, 2, "a", 1, "order", place))
    for index in range(16, 32):
        expected = (order[index - 16] + uniform(7, 2, "a", index)) / 16
        assert position(7, 2, "a", index) == expected
