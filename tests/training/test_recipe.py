"""The `train:` section by itself, without Keras; then that its table of optimizers is Keras's."""

import inspect
import typing

import pytest
from pydantic import BaseModel, ValidationError

from convspec.language.optimization import OPTIMIZERS, Optimizer
from convspec.language.recipe import Recipe
from convspec.language.schedule import SCHEDULES, Schedule

WORDING = [
    ({"optimizer": {"name": "adagard"}}, "no optimizer is called 'adagard'; did you mean 'adagrad'?"),
    ({"schedule": {"name": "cosin"}}, "no schedule is called 'cosin'; did you mean 'cosine'?"),
    (
        {"optimizer": {"name": "adam", "momentum": 0.9}},
        "the optimizer 'adam' has no 'momentum' (use sgd or rmsprop or muon); 'adam' has beta_1, beta_2, epsilon, "
        "amsgrad",
    ),
    (
        {"schedule": {"name": "cosine", "every": 3}},
        "the schedule 'cosine' has no 'every' (use step); 'cosine' has minimum",
    ),
    (
        {"optimizer": {"clipnorm": 1, "clipvalue": 2}},
        "an optimizer clips in one way; clipnorm and clipvalue are both set; keep one",
    ),
    ({"schedule": {"name": "step", "at": [30, 20]}}, "the epochs in `at` must rise, but are [30, 20]"),
    (
        {"epochs": 2, "schedule": {"warmup": 3}},
        "schedule.warmup is 3 epochs, but training ends after 2; raise epochs or lower the warm-up",
    ),
]


@pytest.mark.parametrize(("document", "message"), WORDING, ids=range(len(WORDING)))
def test_a_mistake_is_named_with_its_remedy(document, message):
    with pytest.raises(ValidationError) as raised:
        Recipe.model_validate(document)
    assert [error["msg"].removeprefix("Value error, ") for error in raised.value.errors()] == [message]


def test_the_empty_recipe_is_the_default_and_survives_writing_and_reading():
    assert Recipe.model_validate({}) == Recipe()
    assert Recipe.model_validate(Recipe().model_dump()) == Recipe()
    assert Recipe.model_validate_json(Recipe().model_dump_json()) == Recipe()


def test_lists_of_a_yaml_document_pass_strict_reading():
    assert Recipe.model_validate({"schedule": {"name": "step", "at": [3, 5]}}, strict=True).schedule.at == (3.0, 5.0)


def test_every_field_is_described():
    def fields(model, prefix=""):
        for name, field in model.model_fields.items():
            yield f"{prefix}{name}", field.description
            for part in (field.annotation, *typing.get_args(field.annotation)):
                if isinstance(part, type) and issubclass(part, BaseModel):
                    yield from fields(part, f"{prefix}{name}.")

    found = dict(fields(Recipe))
    assert len(found) > 50
    assert [name for name, description in found.items() if not description] == []


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_reads(name):
    assert Schedule(name=name).name == name


def kerass_optimizers():
    import keras

    found = {name.lower(): value for name, value in vars(keras.optimizers).items() if inspect.isclass(value)}
    wrappers = {"optimizer", "lossscaleoptimizer", "multioptimizer", "optimizermap"}
    return {name: value for name, value in found.items() if name not in wrappers}


def test_every_optimizer_of_keras_can_be_named():
    assert set(OPTIMIZERS) == set(kerass_optimizers())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_have_kerass_names_arguments_and_defaults(name):
    arguments = inspect.signature(kerass_optimizers()[name].__init__).parameters
    kind = OPTIMIZERS[name]
    assert kind.keras_class == kerass_optimizers()[name].__name__
    assert set(kind.fields) <= arguments.keys()
    special = {field for one in OPTIMIZERS.values() for field in one.fields}
    assert {field for field in special if field in arguments} == set(kind.fields)
    assert {*kind.slot_options, *kind.adjustable} <= set(kind.fields)
    assert Optimizer(name=name).learning_rate == arguments["learning_rate"].default == kind.learning_rate
    assert Optimizer(name=name).weight_decay == (arguments["weight_decay"].default or 0.0)
    assert kind.weight_decay == arguments["weight_decay"].default


def test_every_section_of_a_recipe_can_be_begun_by_one_field():
    from convspec.language import load

    document = {"name": "tiny", "input": [8, 8, 1], "classes": 10, "body": ["conv3-8"]}
    fields = {
        "train.preprocessing.resize": "pad",
        "train.augmentation.rand_augment.operations": 2,
        "train.early_stopping.patience": 3,
        "train.finetune.freeze": "all",
        "train.finetune.weights": "model.keras",
        "train.schedule.name": "cosine",
        "train.optimizer.learning_rate": 0.5,
    }
    found = load(document, overrides=fields).train
    assert (found.preprocessing.resize, found.augmentation.rand_augment.operations) == ("pad", 2)
    assert (found.early_stopping.patience, found.finetune.freeze, found.schedule.name) == (3, "all", "cosine")
