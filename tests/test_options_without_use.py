"""An option that would have no effect beside the others is refused, never dropped."""

import inspect

import numpy as np
import pytest

import convspec
from convspec.cli import main
from convspec.data import Dataset, load_data
from convspec.language.diagnostics import InputError

OF_READING = {"data_dir": "folder", "pixel_range": (0, 1), "resize": "crop"}
CALLS = {
    name: [option for option in OF_READING if option in inspect.signature(getattr(convspec, name)).parameters]
    for name in convspec.__all__
    if inspect.isfunction(getattr(convspec, name)) and "data" in inspect.signature(getattr(convspec, name)).parameters
}
PAIRS = [(name, option) for name, options in CALLS.items() for option in options]


@pytest.fixture(scope="module")
def dataset():
    x, y = np.zeros((6, 8, 8, 1), np.uint8), np.arange(6) % 2
    return Dataset("zeros", x, y, x, y, class_names=("0", "1"))


def test_the_calls_that_read_images_are_all_tried():
    """Each keyword with which `load_data` reads images is an option here, but for what the recipe says."""
    assert set(inspect.signature(load_data).parameters) - {"source", "input_shape", "seed", "validation_split"} == set(
        OF_READING
    )
    assert set(CALLS) == {"check", "train", "tune", "evaluate"}
    assert all({"data_dir", "pixel_range"} <= set(options) for options in CALLS.values())


@pytest.mark.parametrize(("name", "option"), PAIRS)
def test_how_images_are_read_has_no_effect_on_a_dataset(name, option, dataset):
    with pytest.raises(InputError, match=f"^{option}: no effect on a Dataset, whose images are in"):
        getattr(convspec, name)("digits", data=dataset, **{option: OF_READING[option]})


def test_all_such_options_are_reported_at_once(dataset):
    with pytest.raises(InputError) as caught:
        convspec.train("digits", dataset, data_dir="folder", pixel_range=(0, 1))
    assert str(caught.value) == (
        "data_dir and pixel_range: no effect on a Dataset, whose images are in memory\n"
        "  load_data reads images with these options"
    )


@pytest.mark.parametrize("option", ["data_dir", "pixel_range"])
def test_how_images_are_read_has_no_effect_without_images(option, capsys):
    with pytest.raises(InputError) as caught:
        convspec.check("digits", **{option: OF_READING[option]})
    assert str(caught.value) == f"{option}: no effect without images\n  name them by data="
    given = f"--{option.replace('_', '-')}"
    value = ",".join(map(str, OF_READING[option])) if option == "pixel_range" else OF_READING[option]
    assert main(["check", "digits", f"{given}={value}"]) == 1
    assert capsys.readouterr().err == f"{given}: no effect without images\n  name them by --data\n"


def test_only_a_run_in_a_folder_can_be_resumed(dataset):
    with pytest.raises(InputError) as caught:
        convspec.train("digits", dataset, resume=True)
    assert str(caught.value) == "resume=True goes on with a run in a folder\n  name its folder: out=..."
