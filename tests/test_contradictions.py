"""Arguments that contradict each other are refused with both named; where one is stronger, the other fills in."""

import inspect

import numpy as np
import pytest

import convspec
from convspec.api.bench import spec_in
from convspec.cli import main
from convspec.data import Dataset
from convspec.language.loading import document_of
from convspec.language.merging_overrides import merged
from convspec.language.shipped_recipes import load_recipe

NETWORK = {
    "name": "t",
    "input": [8, 8, 1],
    "classes": 3,
    "body": ["conv3-4", "conv3-4"],
    "head": {"pooling": "avg"},
    "train": {"epochs": 1, "batch_size": 8},
    "tune": {"space": {"train.l2": {"choice": [0.0, 0.1]}}, "stages": [{"trials": 1, "epochs": 1}]},
}

POOL = {"block": "max_pool", "name": "pool", "pool_size": 2}


def arguments(call):
    return inspect.signature(call).parameters


CALLS = {name: getattr(convspec, name) for name in convspec.__all__ if inspect.isfunction(getattr(convspec, name))}
CALLS["document_of"] = document_of
CALLS["Spec.with_overrides"] = lambda network, overrides: convspec.load(network).with_overrides(overrides)
WITH = {
    name: [call for call in CALLS if name in arguments(CALLS[call])] for name in ("overrides", "input_shape", "variant")
}


def message_of(name, *networks, **options):
    """What a call is refused with; `check` lists it."""
    call = CALLS[name]
    if "data" in arguments(call) and name != "check":
        options["data"] = images()
    try:
        found = call(*networks, **options)
    except convspec.InputError as error:
        return str(error)
    assert name == "check", f"{name} took {options}"
    return "\n".join(map(str, found))


def images():
    x = np.arange(12 * 64, dtype=np.uint16).reshape(12, 8, 8, 1).astype(np.uint8)
    return Dataset("images", x, np.arange(12) % 3, x[:6].copy(), np.arange(6) % 3)


TWICE = [
    (
        {"train.epochs": 2, "train": {"epochs": 3}},
        'train.epochs: 3 by overrides["train"], 2 by overrides["train.epochs"]',
    ),
    (
        {"head.pooling": "max", "head": {"pooling": "avg"}},
        "head.pooling: 'avg' by overrides[\"head\"], 'max' by overrides[\"head.pooling\"]",
    ),
    ({"input[0]": 16, "input": (32, 8, 1)}, 'input[0]: 32 by overrides["input"], 16 by overrides["input[0]"]'),
    (
        {"body[1]": "conv3-5", "body[-1]": "conv3-6"},
        "body[-1]: 'conv3-5' by overrides[\"body[1]\"], 'conv3-6' by overrides[\"body[-1]\"]",
    ),
    ({"head": None, "head.dropout": 0.1}, 'head.dropout: null by overrides["head"], 0.1 by overrides["head.dropout"]'),
    (
        {"train": {"optimizer": {"name": "sgd"}}, "train.optimizer.name": "adam"},
        "train.optimizer.name: 'sgd' by overrides[\"train\"], 'adam' by overrides[\"train.optimizer.name\"]",
    ),
]


def test_all_calls_are_tried():
    assert set(WITH["overrides"]) >= {"analyze", "bench", "build", "check", "load", "plot", "train", "tune"}
    assert set(WITH["input_shape"]) >= {
        "analyze",
        "bench",
        "build",
        "check",
        "compare",
        "load",
        "plot",
        "train",
        "tune",
    }
    assert set(WITH["variant"]) >= {"analyze", "build", "diff", "load", "plot", "train", "tune"}


@pytest.mark.parametrize(("overrides", "values"), TWICE)
def test_a_field_has_one_value_whatever_form_its_path_has(overrides, values):
    with pytest.raises(convspec.InputError) as caught:
        convspec.load(NETWORK, overrides=overrides)
    assert str(caught.value) == f"two values for {values}\n  leave one of them out"
    with pytest.raises(convspec.InputError, match=r"^two values for "):
        convspec.load(NETWORK, overrides=dict(reversed(overrides.items())))


@pytest.mark.parametrize("name", WITH["overrides"])
def test_each_call_refuses_two_values(name):
    message = (
        'two values for train.epochs: 3 by overrides["train"], 2 by overrides["train.epochs"]\n  leave one of them out'
    )
    assert message_of(name, NETWORK, overrides={"train": {"epochs": 3}, "train.epochs": 2}) == message


@pytest.mark.parametrize("name", [name for name in WITH["input_shape"] if name in WITH["overrides"]])
def test_each_call_refuses_two_inputs(name):
    for overrides, values in (
        ({"input": [32, 32, 1]}, 'input: [32, 32, 1] by overrides["input"], [16, 16, 1] by input_shape='),
        ({"input[0]": 32}, 'input[0]: 16 by input_shape=, 32 by overrides["input[0]"]'),
    ):
        found = message_of(name, NETWORK, overrides=overrides, input_shape=(16, 16, 1))
        assert found == f"two values for {values}\n  leave one of them out"


def test_equal_values_agree_and_sections_come_before_their_fields():
    spec = convspec.load(NETWORK, input_shape=[16, 16, 1], overrides={"input": (16, 16, 1), "input[-1]": 1})
    assert spec.input == (16, 16, 1)
    for overrides in (
        {"head.dropout": 0.1, "head": {"pooling": "max"}},
        {"head": {"pooling": "max"}, "head.dropout": 0.1},
    ):
        assert convspec.load(NETWORK, overrides=overrides).to_dict()["head"] == {"pooling": "max", "dropout": 0.1}


SHORT = {
    "epochs": ("train.epochs", 2, 3),
    "batch_size": ("train.batch_size", 4, 6),
    "seed": ("train.seed", 4, 6),
    "finetune": ("train.finetune.weights", "a.keras", "b.keras"),
    "freeze": ("train.finetune.freeze", "all", "none"),
}


@pytest.mark.parametrize("option", SHORT)
def test_shorter_ways_to_set_a_field_and_its_path(option):
    path, value, other = SHORT[option]
    section, _, field = path.rpartition(".")
    for overrides in ({path: other}, {section: {field: other}}):
        found = message_of("train", NETWORK, overrides=overrides, **{option: value})
        assert found.startswith(f"two values for {path}: ")
        assert f"{value!r} by {option}=" in found
        assert f'{other!r} by overrides["{next(iter(overrides))}"]' in found


@pytest.mark.parametrize(
    "words",
    [
        ["inspect", "digits", "--input", "16x16x1", "--set", "input=[8, 8, 1]"],
        ["inspect", "digits", "--input", "16x16x1", "--set", "input[0]=8"],
        ["inspect", "digits", "--set", "head.dropout=0.1", "--set", "head.dropout=0.2"],
        ["inspect", "digits", "--set", "head={dropout: 0.1}", "--set", "head.dropout=0.2"],
        ["train", "digits", "--data", "digits", "--epochs", "1", "--set", "train.epochs=3"],
        ["bench", "digits", "--dtype", "bfloat16", "--set", "train.mixed_precision=float16"],
    ],
)
def test_commands_refuse_two_values(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 1
    assert capsys.readouterr().err.startswith("two values for ")
    assert not list(tmp_path.iterdir())


def test_a_benchmark_measures_in_the_numbers_that_were_named():
    found = message_of("bench", NETWORK, overrides={"train.mixed_precision": "float16"}, dtype="float32")
    assert found.startswith("two values for train.mixed_precision: 'float16' by ")


@pytest.mark.parametrize(
    "overrides", [{"train.mixed_precision": "bfloat16"}, {"train": {"mixed_precision": "bfloat16"}}]
)
def test_a_benchmark_computes_in_what_the_overrides_set(overrides):
    found = convspec.bench(NETWORK, overrides=overrides, batch=1, repeats=1, inference=True)
    assert found.to_dict()["dtype"] == "bfloat16"
    assert spec_in(None, NETWORK, None, overrides).train.mixed_precision == "bfloat16"
    assert spec_in(None, NETWORK, None, {"train.epochs": 3}).train.mixed_precision == "none"


@pytest.mark.parametrize("name", WITH["variant"])
def test_a_name_of_one_variant_is_not_another(name):
    networks = ["vgg16"] * sum(
        argument.default is argument.empty and argument.kind is argument.POSITIONAL_OR_KEYWORD and word != "data"
        for word, argument in arguments(CALLS[name]).items()
    )
    found = message_of(name, *networks, variant="vgg19")
    assert found == 'variant="vgg19": vgg16 is a variant of its family already\n  leave one of the two names out'
    assert convspec.load("vgg16", variant="vgg16") == convspec.load("vgg16")


@pytest.mark.parametrize(
    ("option", "value"), [("variant", "a"), ("overrides", {"classes": 9}), ("input_shape", (9, 9, 1))]
)
def test_a_graph_is_one_network_already(option, value):
    graph = convspec.load(NETWORK).graph
    found = message_of("analyze", graph, **{option: value})
    assert (
        found == f"{option}: no effect on a Graph, which is one network already\n  analyze the spec that it comes from"
    )


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text(
        "train: {epochs: 7, batch_size: 16, optimizer: {name: sgd, learning_rate: 0.1, momentum: 0.8}}\n"
        "presets: [{preset: longer, set: {train.epochs: 9, head.dropout: 0.3}}]\n"
    )
    return path


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"train": {"l2": 1e-4}}, {"epochs": 9, "batch_size": 16, "l2": 1e-4, "rate": 0.1, "momentum": 0.8}),
        ({"train.epochs": 2}, {"epochs": 2, "batch_size": 16, "l2": 0, "rate": 0.1, "momentum": 0.8}),
        ({"train": {"optimizer": {"learning_rate": 0.5}}}, {"epochs": 9, "rate": 0.5, "momentum": 0.8}),
        ({"train.optimizer": {"learning_rate": 0.5}}, {"epochs": 9, "rate": 0.5, "momentum": 0.8}),
        ({"train": {"optimizer": {"name": "adam"}}}, {"epochs": 9, "rate": 0.001, "momentum": None}),
        ({"train.optimizer": {"name": "adam"}}, {"epochs": 9, "rate": 0.001, "momentum": None}),
        ({"train.optimizer.name": "adam"}, {"epochs": 9, "rate": 0.001, "momentum": None}),
        ({"train.optimizer.name": "sgd"}, {"epochs": 9, "rate": 0.1, "momentum": 0.8}),
    ],
)
def test_what_is_set_beside_a_recipe_goes_over_it_field_by_field(recipe, overrides, expected):
    spec = convspec.load(NETWORK, overrides=merged(load_recipe(f"{recipe}:longer"), overrides))
    optimizer = spec.train.optimizer
    found = {"rate": optimizer.learning_rate, "momentum": optimizer.momentum}
    found |= {name: getattr(spec.train, name) for name in ("epochs", "batch_size", "l2")}
    assert {name: found[name] for name in expected} == expected
    assert spec.to_dict()["head"]["dropout"] == 0.3


ADAM = {"name": "adam", "learning_rate": 0.3, "beta_1": 0.5}
FORMS = [
    {"train": {"optimizer": ADAM}},
    {"train.optimizer": ADAM},
    {f"train.optimizer.{field}": value for field, value in ADAM.items()},
    {"train.optimizer.beta_1": 0.5, "train.optimizer": {"name": "adam"}, "train.optimizer.learning_rate": 0.3},
]


@pytest.mark.parametrize("overrides", [dict(order(form.items())) for form in FORMS for order in (list, reversed)])
def test_all_forms_and_orders_of_an_optimizer_are_one_beside_a_recipe(recipe, overrides):
    assert merged(load_recipe(recipe), overrides)["train"]["optimizer"] == ADAM


@pytest.mark.parametrize(
    ("weaker", "stronger", "expected"),
    [
        ({"body[1]": POOL}, {"body[-1].name": "last"}, {"body[1]": {**POOL, "name": "last"}}),
        ({"body[1]": POOL}, {"body[-1].pool_size": 3}, {"body[1]": {**POOL, "pool_size": 3}}),
        ({"body[1]": POOL}, {"body[-1].block": "flatten"}, {"body[1]": {"block": "flatten"}}),
        ({"body[1]": POOL}, {"body[-1]": {"block": "flatten"}}, {"body[1]": {"block": "flatten"}}),
        ({"body[-1].filters": 5}, {"body[1].filters": 6}, {"body[-1].filters": 6}),
        ({"body[-1].filters": 5}, {"body[1]": {"filters": 6}}, {"body[1]": {"filters": 6}}),
        ({"body": ["flatten", POOL, POOL]}, {"body[-1].name": "last"}, {"body": ["flatten", POOL, {**POOL, "name": "last"}]}),
    ],
)  # fmt: skip
def test_places_in_lists_are_one_from_either_end(weaker, stronger, expected):
    assert merged(weaker, stronger, root=document_of(NETWORK)) == expected


def test_a_preset_gives_way_to_a_place_from_the_end(recipe):
    """Also among presets, of which a later one counts from the end."""
    recipe.write_text(
        "train: {epochs: 1, batch_size: 8}\n"
        "presets:\n"
        "  - {preset: first, set: {'body[1]': conv3-5}}\n"
        "  - {preset: second, set: {'body[-1]': conv3-6}}\n"
    )
    assert load_recipe(f"{recipe}:second", document_of(NETWORK))["body[1]"] == "conv3-6"
    found = convspec.train(NETWORK, images(), recipe=f"{recipe}:second", overrides={"body[-1]": "conv3-7"})
    assert found.model.layers[-3].output.shape[-1] == 7


def test_a_run_keeps_what_its_recipe_says_beside_a_section(recipe):
    assert len(convspec.train(NETWORK, images(), recipe=recipe, overrides={"train": {"l2": 1e-4}}).history) == 7


@pytest.mark.parametrize("overrides", [{"train.epochs": 2}, {"train": {"epochs": 2, "batch_size": 8}}])
def test_a_number_of_epochs_is_that_in_any_form(overrides, tmp_path):
    """Resuming goes on to what is asked for, not to the three epochs that the run was begun for."""
    convspec.train(NETWORK, images(), out=tmp_path, epochs=3)
    with pytest.raises(convspec.InputError, match="3 epochs are done already, more than the 2 that are asked for"):
        convspec.train(NETWORK, images(), out=tmp_path, resume=True, overrides=overrides)


UNWRITTEN = {
    "build": (("digits",), {"overwrite": True}, "out="),
    "plot": (("digits",), {"overwrite": True}, "out="),
    "compare": (("digits",), {"overwrite": True, "dark": True}, "out="),
    "check": (("digits",), {"overwrite": True}, "picture="),
    "evaluate": (("run", "digits"), {"overwrite": True}, "out="),
}


@pytest.mark.parametrize("name", UNWRITTEN)
def test_how_a_file_is_written_has_no_effect_where_none_is(name):
    given, options, place = UNWRITTEN[name]
    with pytest.raises(convspec.InputError) as caught:
        CALLS[name](*given, **options)
    names = " and ".join(f"{option}=True" for option in options)
    assert str(caught.value) == f"{names}: no effect where no file is written\n  name it by {place}"


def test_all_calls_that_may_write_a_file_are_tried():
    """`explain`, `export` and `report` write one in any case."""
    assert {name for name in CALLS if "overwrite" in arguments(CALLS[name])} == {
        *UNWRITTEN,
        "explain",
        "export",
        "report",
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["compare", "digits", "--dark"], "--dark: no effect where no file is written\n  name it by --out"),
        (["check", "digits", "--overwrite"], "--overwrite: no effect where no file is written\n  name it by --picture"),
        (["predict", "run", "a.png", "--overwrite"], "--overwrite: no effect where no file is written\n  name it by --csv"),
        (
            ["tune", "digits", "--show", "search", "--data", "digits", "--extend"],
            "NAME|FILE and --data and --extend: no effect beside --show, which prints a search that is there\n"
            "  leave one of the two out",
        ),
    ],
)  # fmt: skip
def test_commands_refuse_what_has_no_effect(words, message, capsys):
    assert main(words) == 1
    assert capsys.readouterr().err == f"{message}\n"


def test_only_a_staged_search_has_ranges_to_widen():
    with pytest.raises(convspec.InputError, match=r"^tune.strategy: widen=True: no effect with the strategy random"):
        convspec.tune(NETWORK, images(), widen=True, overrides={"tune.strategy": "random"})


@pytest.mark.parametrize(
    ("stronger", "found"),
    [
        ({"train.finetune.weights": "imagenet"}, {"early_stopping": None, "finetune": {"weights": "imagenet"}}),
        ({"train.early_stopping.patience": 5}, {"early_stopping": {"patience": 5}, "finetune": None}),
        ({"train.early_stopping": {"patience": 5}}, {"early_stopping": {"patience": 5}, "finetune": None}),
    ],
)
def test_a_section_that_a_recipe_leaves_out_may_be_wanted_beside_it(stronger, found):
    recipe = {"train": {"early_stopping": None, "finetune": None}}
    assert merged(recipe, stronger) == {"train": found}
