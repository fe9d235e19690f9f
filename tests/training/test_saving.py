"""What is saved beside a model."""

from __future__ import annotations

import numpy as np
import pytest

from convspec import InputError
from convspec.data.preprocessing import Normalizer
from convspec.training.saving import Inputs, check_model, is_saved, read_inputs, save_trained


def inputs_of(channels: int, classes: int) -> Inputs:
    normalizer = Normalizer(255.0, np.zeros(channels, np.float32), np.ones(channels, np.float32))
    return Inputs(tuple("abcdef"[:classes]), normalizer, "crop", 0.25, 7, 3)


def test_what_is_saved_beside_a_model_reads_back_equal(network, tmp_path) -> None:
    path, inputs = tmp_path / "model.keras", inputs_of(1, 2)
    save_trained(network(), path, inputs)
    assert read_inputs(path).as_dict() == inputs.as_dict()
    assert [is_saved(path, epochs) for epochs in (2, 3, 4)] == [False, True, False]


def test_a_file_whose_classes_or_channels_are_not_its_networks_says_both_numbers(network, tmp_path) -> None:
    path = tmp_path / "model.keras"
    check_model(network(), inputs_of(1, 2), path)
    with pytest.raises(InputError, match=r"keras: names 3 classes, but its network ends in 2 values$"):
        check_model(network(), inputs_of(1, 3), path)
    with pytest.raises(InputError, match=r"keras: prepares images of 3 channels, but its network reads 1$"):
        check_model(network(), inputs_of(3, 2), path)
