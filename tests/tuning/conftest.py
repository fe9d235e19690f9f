"""Data that the tests of this folder share."""

import pytest

from convspec.data import load_data


@pytest.fixture(scope="session")
def digits():
    return load_data("digits", validation_split=0.2)
