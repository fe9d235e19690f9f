"""Data and a search that the tests of this folder share."""

import pytest

from convspec.data import load_data

from ..warm import succeed
from .specs import tune_command


@pytest.fixture(scope="session")
def digits():
    return load_data("digits", validation_split=0.2)


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    """The folder of the search of `tune_command` in one process that nobody disturbed."""
    folder = tmp_path_factory.mktemp("alone") / "search"
    succeed(tune_command(folder))
    return folder
