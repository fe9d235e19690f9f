"""Which trials a search has: decided by analysis, around the best of the stages before."""

import pytest

from convspec import InputError, analyze, load
from convspec.tuning.constraints import ConstraintCheck, measure
from convspec.tuning.planning import Planner, structure
from convspec.tuning.store import Record, Store

from .specs import document


def planner(tune=None, **network):
    spec = load(document(tune, **network))
    return Planner(spec, spec.tune)


def test_trial_0_is_the_spec_as_it_is_written():
    own = planner().own()
    assert own.values == {"train.optimizer.learning_rate": 0.05, "train.l2": 1e-4, "head.dropout": 0.2}
    assert own.spec.graph.layers()[-1].output.shape == (10,)
    assert own.spec.train.epochs == 1


DEFAULTS = {
    "of a block, one number for both": ({"body[0].kernel_size": {"choice": [3, 5]}}, 3),
    "of a block, as the space writes it": ({"body[0].kernel_size": {"choice": [[3, 3], [5, 5]]}}, [3, 3]),
    "of a block, in a range": ({"body[0].kernel_size": {"int": [1, 5]}}, 3),
    "of a block, true or false": ({"body[0].use_bias": {"boolean": True}}, False),
    "of the section": ({"body[0].activation": {"choice": ["relu", "elu"]}}, "elu"),
    "of a template": ({"body[1].size": {"choice": [4, 6]}}, 6),
    "of the head": ({"head.dropout": {"uniform": [0, 0.5]}}, 0.0),
    "of the recipe": ({"train.l2": {"uniform": [0, 0.5]}}, 0.0),
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_trial_0_has_defaults_where_the_spec_leaves_a_field_out(name):
    space, value = DEFAULTS[name]
    template = {"parameters": {"size": 6}, "body": [{"block": "conv", "filters": "${size}", "kernel_size": 1}]}
    spec = document(body=[{"block": "conv_norm_act", "filters": 8}, {"block": "narrow"}], train={}, head={"fc": [8]})
    spec |= {"templates": {"narrow": template}, "defaults": {"conv_norm_act": {"activation": "elu"}}}
    read = load(spec | {"tune": {"space": space}})
    own = Planner(read, read.tune).own()
    assert own.values == dict.fromkeys(space, value)
    assert ConstraintCheck(read, read.tune).spec(own.values, epochs=own.epochs).fingerprint == own.key


def test_trial_0_says_nothing_of_a_range_whose_field_follows_from_others():
    assert planner({"space": {"body[1].strides": {"int": [1, 2]}}}, body=NO_STRIDES).own().values == {}


ALIKE = {
    "a default that follows from another field": ("body[1].strides", [1, 2], 2),
    "an expression": ("body[0].filters", [4, 8], 8),
    "an expression of no choice": ("body[0].filters", [4, 16], None),
    "a section": ("train.schedule", [{"name": "cosine"}, {"name": "constant"}], {"name": "constant"}),
    "a section that is written otherwise": ("train.optimizer", [{"name": "adam"}, {"name": "sgd"}], {"name": "adam"}),
    "a section that is left out": ("train.early_stopping", [{"patience": 2}, None], None),
    "null": ("train.ema", [0.9, None], None),
}


@pytest.mark.parametrize("name", ALIKE)
def test_trial_0_has_the_choice_that_is_what_the_spec_says(name):
    """Whatever stands there: the network and its recipe are the same with that choice."""
    path, choices, value = ALIKE[name]
    body = [{"block": "conv_norm_act", "filters": "${width}"}, NO_STRIDES[1]]
    spec = document(body=body, train={"optimizer": {"name": "adam", "learning_rate": 0.001}}, head={"fc": [8]})
    read = load(spec | {"parameters": {"width": 8}, "tune": {"space": {path: {"choice": choices}}}})
    own = Planner(read, read.tune).own()
    assert own.values == ({} if value not in choices else {path: value})
    assert ConstraintCheck(read, read.tune).spec(own.values, epochs=own.epochs).fingerprint == own.key


NO_STRIDES = [{"block": "conv_norm_act", "filters": 8}, {"block": "max_pool", "pool_size": 2}]


def test_no_candidate_breaks_a_constraint_or_a_shape():
    space = {"body[0].filters": {"log_int": [2, 512]}, "body[0].kernel_size": {"int": [1, 12]}}
    limits = {"parameters": "< 20k", "macs": "<= 200k", "memory": "< 64 KiB", "receptive_field": ">= 4"}
    body = [{"block": "conv", "filters": 8, "kernel_size": 3, "padding": "valid"}]
    search = planner({"space": space, "constraints": limits, "stages": [{"trials": 20, "epochs": 1}]}, body=body)
    plan = search.stage(1, [])
    assert len(plan.candidates) == 20
    for candidate in plan.candidates:
        found = analyze(candidate.spec)
        assert found.totals.parameters < 20_000
        assert found.totals.macs <= 200_000
        assert found.totals.weight_bytes + found.totals.activation_bytes < 64 * 1024
        assert max(record.receptive_field for record in found.layers) >= 4
    assert any("does not fit" in reason or "larger than" in reason for reason in plan.refused)
    assert any("parameters" in reason for reason in plan.refused)


def test_a_verdict_says_what_was_found_and_what_was_asked():
    spec = load(document({"constraints": {"parameters": "< 100"}}))
    assert (
        ConstraintCheck(spec, spec.tune).verdict({}) == f"parameters {measure(spec.graph, 'parameters'):,} is not < 100"
    )


def test_the_spec_itself_is_no_trial_where_it_breaks_a_constraint():
    assert planner({"constraints": {"parameters": "< 100"}}).own() is None


def finished_with(values, score):
    return Record(str(values), 1, 1, values, score=score)


def test_the_next_stage_looks_around_the_best_in_log_space():
    search = planner()
    finished = [
        finished_with({"train.optimizer.learning_rate": rate, "train.l2": 1e-4, "head.dropout": 0.3}, score)
        for rate, score in ((1e-3, 0.2), (0.02, 0.9), (0.04, 0.8), (0.5, 0.1))
    ]
    plan = search.stage(2, finished, search.stage(1, []))
    low, high = plan.regions["train.optimizer.learning_rate"].describe(search.space[0])
    width = (0.5 / 1e-4) ** (1 / 5)  # one neighbour's distance of a stage of 5 trials
    assert (low, high) == pytest.approx((0.02 / width, 0.04 * width))
    assert all(low <= one.values["train.optimizer.learning_rate"] <= high for one in plan.candidates)
    assert all(one.epochs == 2 for one in plan.candidates)


def test_an_aborted_trial_draws_no_stage_toward_it():
    search = planner()
    values = {"train.l2": 1e-4, "head.dropout": 0.3}
    finished = [
        finished_with({"train.optimizer.learning_rate": 0.5, **values}, None),
        finished_with({"train.optimizer.learning_rate": 1e-3, **values}, 0.1),
    ]
    low, high = search.regions(2, finished)["train.optimizer.learning_rate"].describe(search.space[0])
    assert high < 0.5
    assert low < 1e-3 < high


def test_a_small_space_gives_each_of_its_values_once():
    search = planner({"space": {"head.fc[0]": {"choice": [8, 16, 32]}}, "stages": [{"trials": 9, "epochs": 1}]})
    plan = search.stage(1, [])
    assert sorted(one.values["head.fc[0]"] for one in plan.candidates) == [8, 16, 32]


def test_only_the_recipe_and_dropout_differ_between_networks_of_one_structure():
    search = planner()
    keys = {structure(candidate.spec) for candidate in search.stage(1, []).candidates}
    assert len(keys) == 1
    assert structure(search.constraint_check.spec({"head.fc[0]": 17})) not in keys
    assert structure(search.constraint_check.spec({"train.optimizer.nesterov": True})) not in keys


def test_a_space_without_any_network_is_a_diagnostic():
    body = [{"block": "conv", "filters": 8, "kernel_size": 3, "padding": "valid"}]
    space = {"body[0].kernel_size": {"choice": [9, 11]}}
    with pytest.raises(InputError, match=r"tune\.space\.body\[0\]\.kernel_size: no value of the range gives a network"):
        load(document({"space": space}, body=body))


def test_a_choice_that_its_field_never_takes_is_a_diagnostic():
    body = [{"block": "conv", "filters": 8, "kernel_size": 3, "padding": "valid", "activation": "relu"}]
    space = {
        "body[0].activation": {"choice": ["relu", "rleu"]},
        "body[0].kernel_size": {"choice": [3, 9]},  # 9 fits a larger input
        "train.schedule.warmup": {"choice": [0, 100]},  # 100 fits more epochs
        "body[0].filters": {"choice": [8, 0]},
    }
    with pytest.raises(InputError) as error:
        load(document({"space": space}, body=body))
    assert [diagnostic.path for diagnostic in error.value.diagnostics] == [
        "tune.space.body[0].activation",
        "tune.space.body[0].filters",
    ]
    assert error.value.diagnostics[0].message == (
        "'rleu' is no choice for it: no activation is called 'rleu'; did you mean 'relu'?"
    )


LEARNING_RATE = {"train.optimizer.learning_rate": {"log_uniform": [1e-4, 1e-1]}}


def test_a_stage_that_is_shorter_than_the_warm_up_is_a_diagnostic():
    """The first stage trains the recipe as it is written; in later ones the warm-up may be searched."""
    train = {"epochs": 20, "schedule": {"name": "cosine", "warmup": 5}}
    short = "the trials of stage 1 have 2 epochs: schedule.warmup is 5 epochs, but training ends after 2"
    stages = [{"trials": 4, "epochs": 2}, {"trials": 2, "epochs": 4}]
    with pytest.raises(InputError) as error:
        load(document({"space": LEARNING_RATE, "stages": stages}, train=train))
    assert [diagnostic.path for diagnostic in error.value.diagnostics] == [
        "tune.stages[0].epochs",
        "tune.stages[1].epochs",
    ]
    assert error.value.diagnostics[0].message.startswith(short)
    later = [{"trials": 4, "epochs": 6}, {"trials": 2, "epochs": 4}]
    with pytest.raises(InputError, match=r"tune\.stages\[1\]\.epochs: the trials of stage 2 have 4 epochs"):
        load(document({"space": LEARNING_RATE, "stages": later}, train=train))
    warmup = {"train.schedule.warmup": {"choice": [1, 5]}}
    assert load(document({"space": warmup, "stages": later}, train=train)).tune is not None


def told(tune, **network):
    with pytest.raises(InputError) as error:
        load(document({"space": tune}, **network))
    return [
        (diagnostic.path.removeprefix("tune.space."), diagnostic.message.split(": ")[0])
        for diagnostic in error.value.diagnostics
    ]


OPTIMIZER_NAMES = {"train.optimizer.name": {"choice": ["sgd", "adam", "rmsprop"]}}
NO_ADAM = [("train.optimizer.name", "'adam' is no choice for it")]


def test_an_optimizer_without_a_field_that_stands_beside_it_is_a_diagnostic():
    """Keras's Adam has no momentum; the network's own recipe has one."""
    assert told(OPTIMIZER_NAMES) == NO_ADAM
    with pytest.raises(InputError, match=r"search train\.optimizer\.momentum as well, with this: `when: "
                       r"\{train\.optimizer\.name: \[sgd, rmsprop\]\}`; or leave the choice out"):  # fmt: skip
        load(document({"space": OPTIMIZER_NAMES}))


@pytest.mark.parametrize("own", [{"name": "sgd", "momentum": 0.9}, {"name": "adam"}])
def test_an_optimizer_without_a_field_that_is_always_searched_is_a_diagnostic(own):
    momentum = {"train.optimizer.momentum": {"uniform": [0.5, 0.9]}}
    assert told({**OPTIMIZER_NAMES, **momentum}, train={"optimizer": own}) == NO_ADAM
    with pytest.raises(InputError, match=r"give train\.optimizer\.momentum this: `when: "):
        load(document({"space": {**OPTIMIZER_NAMES, **momentum}}, train={"optimizer": own}))


MAY_HOLD = {
    "under a condition": {
        **OPTIMIZER_NAMES,
        "train.optimizer.momentum": {"uniform": [0.5, 0.9], "when": {"train.optimizer.name": ["sgd", "rmsprop"]}},
    },
    "without the other field": {**OPTIMIZER_NAMES, "train.optimizer.momentum": {"choice": [0.9, None]}},
    "under the second of two": {
        "train.optimizer.name": {"choice": ["rmsprop", "sgd"]},
        "train.optimizer.nesterov": {"choice": [None, True], "when": {"train.optimizer.name": ["rmsprop", "sgd"]}},
    },
    "under conditions that hang together": {
        "train.optimizer.name": {"choice": ["sgd", "adam"]},
        "train.optimizer.momentum": {"choice": [None, 0.5], "when": {"train.optimizer.name": "sgd"}},
        "train.optimizer.nesterov": {"boolean": True, "when": {"train.optimizer.momentum": [0.5]}},
    },
}


@pytest.mark.parametrize("space", MAY_HOLD.values(), ids=MAY_HOLD.keys())
def test_choices_that_hold_beside_some_values_of_the_others_are_right(space):
    assert load(document({"space": space})).tune.space.keys() == space.keys()


def test_ends_of_ranges_that_are_never_allowed_are_diagnostics():
    """A learning rate is above 0, a momentum below 1, and a layer has a filter at least."""
    space = {
        "train.optimizer.learning_rate": {"uniform": [-1, 1]},
        "train.optimizer.momentum": {"uniform": [0, 5]},
        "parameters.width": {"int": [0, 8]},
        "head.dropout": {"uniform": [0.0, 0.5]},
    }
    body = [{"block": "conv", "filters": "${width}"}]
    assert told(space, body=body, parameters={"width": 4}) == [
        ("train.optimizer.learning_rate", "-1.0 is no end of a range for it"),
        ("train.optimizer.momentum", "5.0 is no end of a range for it"),
        ("parameters.width", "0 is no end of a range for it"),
    ]


def test_a_choice_that_the_recipe_as_a_whole_forbids_is_a_diagnostic():
    """XLA's steps are not the same each time; only `deterministic: false` allows them."""
    jit = {"train.jit_compile": {"boolean": True}}
    assert told(jit) == [("train.jit_compile", "true is no choice for it")]
    assert load(document({"space": {**jit, "train.deterministic": {"boolean": True}}}))


def test_a_latency_is_measured_once_and_kept(tmp_path):
    from convspec.tuning.latency import Latencies

    spec = load(document({"constraints": {"latency": "< 0.0001 ms"}}))
    constraint_check, store = ConstraintCheck(spec, spec.tune), Store(tmp_path)
    store.open()
    constraint_check.latency = Latencies(constraint_check, store)
    verdict = constraint_check.verdict({})
    assert verdict.startswith("latency ")
    assert verdict.endswith(" is not < 0.0001")
    again = ConstraintCheck(spec, spec.tune)
    again.latency = Latencies(again, store)
    assert again.verdict({}) == verdict
    (tmp_path / "latency.json").write_text('{"a": ')
    with pytest.raises(InputError, match=r"latency\.json: is no table of latencies"):
        Latencies(again, store)


def test_a_field_whose_condition_does_not_hold_is_left_out_of_the_spec():
    space = {
        "train.optimizer.name": {"choice": ["sgd", "adam"]},
        "train.optimizer.momentum": {"uniform": [0.5, 0.9], "when": {"train.optimizer.name": "sgd"}},
    }
    found = planner({"space": space, "stages": [{"trials": 8, "epochs": 1}]}).stage(1, [])
    optimizers = {one.spec.train.optimizer.name: one.spec.train.optimizer.momentum for one in found.candidates}
    assert optimizers.keys() == {"sgd", "adam"}
    assert optimizers["adam"] is None
    assert 0.5 <= optimizers["sgd"] <= 0.9


def test_a_searched_field_may_take_the_place_of_an_expression():
    body = [{"block": "conv", "filters": "${width}", "kernel_size": 3}]
    space = {"body[0].filters": {"choice": [4, 8]}}
    search = planner({"space": space, "stages": [{"trials": 2, "epochs": 1}]}, body=body, parameters={"width": 16})
    widths = {candidate.spec.graph.layers()[1].output.shape[-1] for candidate in search.stage(1, []).candidates}
    assert widths == {4, 8}


def test_two_values_that_give_one_network_are_one_trial():
    body = [{"block": "conv", "filters": "${round_to(width, 8)}", "kernel_size": 3}]
    tune = {"space": {"parameters.width": {"int": [8, 40]}}, "stages": [{"trials": 20, "epochs": 1}]}
    plan = planner(tune, body=body, parameters={"width": 8}).stage(1, [])
    filters = [candidate.spec.graph.layers()[1].output.shape[-1] for candidate in plan.candidates]
    assert sorted(filters) == [8, 16, 24, 32, 40]
    assert "is the network and the recipe of another" in plan.refused


def test_where_nothing_traced_can_be_adjusted_the_learning_rate_alone_may_differ():
    constraint_check = planner().constraint_check
    own = structure(constraint_check.spec({}), adjusts=False)
    assert (
        structure(constraint_check.spec({"train.optimizer.learning_rate": 0.01, "train.epochs": 9}), adjusts=False)
        == own
    )
    for values in ({"head.dropout": 0.3}, {"train.l2": 0.1}, {"train.optimizer.momentum": 0.5}):
        assert structure(constraint_check.spec(values), adjusts=False) != own


@pytest.mark.parametrize("path", ["parameters.n", "head.dropout"])
def test_the_recipe_alone_may_use_a_parameter(path):
    space = {path: {"choice": [0.1, 0.2]}}
    tune = {"space": space, "stages": [{"trials": 2, "epochs": 1}], "constraints": {"parameters": "< 1e6"}}
    plan = planner(tune, parameters={"n": 0.01}, train={"l2": "${n}"})
    assert plan.own().spec.train.l2 == 0.01
    chosen = plan.stage(1, []).candidates
    assert [candidate.values for candidate in chosen] == [{path: 0.1}, {path: 0.2}]
    assert [one.spec.train.l2 for one in chosen] == ([0.1, 0.2] if path == "parameters.n" else [0.01, 0.01])


HAND_WRITTEN = {
    "a mapping, a text": ("body[0]", {"block": "conv", "filters": 5}, "conv3-4"),
    "the text first": ("body[1]", "conv3-4", {"block": "conv", "filters": 3, "name": "own"}),
    "a template": ("body[0]", {"block": "twice", "n": 3}, "conv3-4"),
    "whole bodies": ("body", [{"block": "conv", "filters": "${2 * i + 1}", "repeat": 2}], ["conv3-4", {"block": "twice"}]),
    "bodies within": ("body[0].body", ["conv3-2", {"block": "conv", "filters": 2}], [{"block": "twice", "n": 2}]),
    "of an expression": ("body[1]", {"block": "conv", "filters": "${2 * width}"}, "conv3-5"),
}  # fmt: skip


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_a_block_of_a_choice_is_the_one_that_is_written_by_hand(name):
    """It keeps its form, and its layers have the names that its place gives them."""
    path, *choice = HAND_WRITTEN[name]
    network = {
        "input": [8, 8, 2],
        "parameters": {"width": 2},
        "templates": {"twice": {"parameters": {"n": 1}, "body": ["conv3-${n}", "conv3-${n}"]}},
        "body": [{"block": "residual", "body": [{"block": "conv", "filters": "${width}"}, {"block": "twice", "n": 2}]}],
    }
    network["body"] += [] if path == "body" else ["conv3-${width}"]
    if name == "whole bodies":
        network["body"] = ["conv3-${width}", {"block": "twice"}]
    plan = planner({"space": {path: {"choice": choice}}, "stages": [{"trials": 2, "epochs": 1}]}, **network)
    found = plan.stage(1, []).candidates
    for value in choice:
        (candidate,) = (one for one in found if one.values == {path: value})
        by_hand = load(document(**network), overrides={path: value, "train.epochs": 1}).graph.layers()
        assert [node.name for node in candidate.spec.graph.layers()] == [node.name for node in by_hand]
        assert load(candidate.spec.to_dict()).fingerprint == candidate.key


def test_a_stage_says_why_candidates_were_refused():
    """A warm-up that is longer than the stage's trials is found when the recipe is read."""
    train = {"epochs": 20, "schedule": {"name": "cosine", "warmup": 1}, "optimizer": {"name": "sgd"}}
    space = {"train.schedule.warmup": {"choice": [1, 5]}, "head.dropout": {"uniform": [0.1, 0.5]}}
    tune = {"space": space, "stages": [{"trials": 6, "epochs": 4}]}
    spec = load(document(tune, train=train))
    plan = Planner(spec, spec.tune).stage(1, [])
    assert [one.values["train.schedule.warmup"] for one in plan.candidates] == [1] * 6
    assert any(reason.startswith("schedule.warmup is 5 epochs, but training ends after 4") for reason in plan.refused)
