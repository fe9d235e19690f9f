"""A network needs its spec alone: its constructor is made from what the file says."""

from __future__ import annotations

import inspect
import pickle
import shutil
from pathlib import Path

import pytest
import yaml

import convspec
import convspec.architectures as architectures
from convspec.architectures import registry
from convspec.language import InputError, catalogue

from .reference import fresh

NEW = """\
name: tiny_net
input: [8, 8, 3]
classes: 7
class_names: [TINYNet_2]
parameters: {width: 4}
body: [{block: conv, filters: "${width}"}]
variants: {tiny_net_2: {}, tiny_net_3: {width: 6}}
"""
EXTENDING = "name: tiny_se\nextends: tiny_net_3\nhead: {dropout: 0.5}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the catalogue, in which a test may write; what was read of the other one is forgotten."""
    kept = [
        value for module in (catalogue, registry) for value in vars(module).values() if hasattr(value, "cache_clear")
    ]
    shutil.copytree(catalogue.FOLDER, tmp_path / "specs")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path / "specs")
    for function in kept:
        function.cache_clear()
    yield tmp_path / "specs"
    for function in kept:
        function.cache_clear()


def add_row(path: Path, row: str) -> None:
    text = path.read_text("utf-8")
    assert "\nvariants:\n" in text
    path.write_text(text.replace("\nvariants:\n", f"\nvariants:\n  {row}\n"), "utf-8")


def test_a_new_file_has_constructors(folder):
    (folder / "tiny.yaml").write_text(NEW, "utf-8")
    (folder / "tiny_se.yaml").write_text(EXTENDING, "utf-8")
    added = {"TINYNet_2": "tiny_net_2", "TinyNet3": "tiny_net_3", "TinySe": "tiny_se"}
    everything: dict[str, object] = {}
    exec("from convspec.architectures import *", everything)
    for name, spec in added.items():
        build = getattr(architectures, name)
        assert build is everything[name] is pickle.loads(pickle.dumps(build))
        assert (build.__name__, build.__module__) == (name, "convspec.architectures")
        assert inspect.signature(build).parameters["classes"].default == 7
        assert name in dir(architectures)
        assert registry.find_constructor(name) is registry.find_constructor(spec) is build
    model = fresh(lambda: architectures.create("tiny_net_3", input_shape=(8, 8, 1)))
    assert (model.name, model.output_shape, model.count_params()) == ("tiny_net_3", (None, 7), 60 + 49)
    assert architectures.feature_info("TINYNet_2")[0].channels == 4


def test_a_new_row_is_made_as_the_others_of_its_file(folder):
    add_row(folder / "densenet.yaml", "densenet99: {blocks: [6, 12, 17, 12]}")
    add_row(folder / "convnext.yaml", "convnext_pico: {dims: [64, 128, 256, 512]}")
    with pytest.raises(InputError, match="densenet99 needs at least 32x32, not 31x32"):
        architectures.Densenet99(input_shape=(31, 32, 3), include_top=False)
    arguments = list(inspect.signature(architectures.ConvnextPico).parameters)
    assert arguments == list(inspect.signature(architectures.ConvNeXtTiny).parameters)


def test_a_spec_of_ones_own_may_build_on_a_family_with_names(folder, tmp_path):
    """The names of constructors are the family's own: nothing that extends it has them, nor what is written of it."""
    assert "class_names" not in convspec.load("lenet5").to_dict()
    file = shutil.copy(folder / "lenet.yaml", tmp_path / "mine.yaml")
    (tmp_path / "other.yaml").write_text("name: other\nextends: mine.yaml\nhead: {dropout: 0.5}\n", "utf-8")
    for source in (file, tmp_path / "other.yaml"):
        assert "class_names" not in convspec.load(source).to_dict()


@pytest.mark.parametrize("path", sorted(catalogue.FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_class_name_is_that_of_a_network_of_its_file(path):
    document = yaml.safe_load(path.read_text("utf-8"))
    names = {build.__name__: spec for spec, build in registry.constructors().items()}
    for name in document.get("class_names", ()):
        assert names[name] in catalogue.names_of(document)
