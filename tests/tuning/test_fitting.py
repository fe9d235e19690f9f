"""What the tuners of KerasTuner itself are given."""

import keras
import numpy as np
import pytest

from convspec import InputError, load
from convspec.tuning.fitting import OF_THE_RECIPE, check_arguments, dataset_of

from .specs import document


def test_arrays_are_taken_with_their_labels_and_images_to_validate_on():
    spec = load(document())
    random = np.random.default_rng(0)
    x, y = random.integers(0, 255, (30, 8, 8)).astype(np.uint8), np.arange(30) % 10
    found = dataset_of(spec, x[:20], y[:20], (x[20:], keras.utils.to_categorical(y[20:], 10)))
    assert np.array_equal(found.x_train[..., 0], x[:20])
    assert np.array_equal(found.x_val[..., 0], x[20:])
    assert np.array_equal(found.y_train, y[:20])
    assert np.array_equal(found.y_val, y[20:])
    for wrong, words in (
        ((x, y[:5]), "x has 30 images and y 5 labels"),
        ((x, None), "x is a ndarray without labels"),
        ((x, y, x), "validation_data is (images, labels)"),
        ((x, y, (x[:3], y[:2])), "validation_data[0] has 3 images and validation_data[1] 2 labels"),
        ((x, y + 0.5), "y is float64 and holds 0.5"),
        ((found, y), "a Dataset has its labels and its validation images itself"),
    ):
        with pytest.raises(InputError) as caught:
            dataset_of(spec, *wrong)
        assert words in str(caught.value)
        assert str(caught.value).startswith("tuner.search: ")


@pytest.mark.parametrize("name", OF_THE_RECIPE)
def test_an_argument_that_the_recipe_decides_is_refused_with_the_field_that_does(name):
    with pytest.raises(InputError) as caught:
        check_arguments({name: 1})
    assert str(caught.value) == (
        f"tuner.search: {name}: the recipe decides this, by {OF_THE_RECIPE[name]}\n  leave it out"
    )


def test_an_argument_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(InputError) as caught:
        check_arguments({"epoch": 1, "batch_size": 2})
    first, second = caught.value.diagnostics
    assert first.message == "epoch: no such argument"
    assert first.remedy == "there are x, y, validation_data, epochs, initial_epoch, verbose, callbacks"
    assert second.message.startswith("batch_size: ")
