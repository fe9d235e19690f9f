"""The fingerprint inside a `.keras` file, of whole files alone."""

import json
import zipfile

import pytest

import convspec
from convspec.language.keras_archive import SPEC_ASSET, saved_fingerprint


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"assets/{SPEC_ASSET}", json.dumps({"spec": "name: a", "fingerprint": "0123"}))
        archive.writestr("model.weights.h5", b"weights" * 100)
    return path


def test_the_fingerprint_of_a_whole_file(file, tmp_path):
    assert saved_fingerprint(file) == "0123"
    assert saved_fingerprint(tmp_path / "none.keras") is None


def test_the_spec_of_a_file_is_read_without_its_weights_and_has_no_variants(tmp_path):
    spec = "name: a\ninput: [8, 8, 3]\nbody: [conv3-8]\n"
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        archive.writestr(f"assets/{SPEC_ASSET}", json.dumps({"spec": spec}))
    assert convspec.check(tmp_path / "a.keras") == []


def test_a_file_with_damaged_weights_has_none(file):
    file.write_bytes(file.read_bytes().replace(b"weightsweights", b"weightsWEIGHTS", 1))
    assert saved_fingerprint(file) is None


@pytest.mark.parametrize("content", ["[]", "{}", '{"fingerprint": 5}', "null", "{"])
def test_an_asset_that_says_none(tmp_path, content):
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        archive.writestr(f"assets/{SPEC_ASSET}", content)
    assert saved_fingerprint(tmp_path / "a.keras") is None
