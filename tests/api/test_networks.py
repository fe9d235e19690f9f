"""What a call may be given as a network: a name, a file, a mapping or a `Spec`, with variants and other fields."""

from pathlib import Path

import pytest
import yaml

import convspec
from convspec.cli import main
from convspec.language.diagnostics import InputError

SPEC = """
name: tiny
input: [8, 8, 1]
classes: 3
body: [conv3-4, {block: dropout, rate: 0.2}]
head: {pooling: avg}
"""


def test_a_network_without_classes_says_that_it_ends_in_features():
    spec = {"name": "trunk", "input": [28, 28, 1], "body": ["conv3-8", "maxpool2/2"]}
    assert repr(convspec.load(spec)) == "Spec('trunk', 28x28x1 -> features 8)"
    assert str(convspec.analyze(spec)).startswith("trunk  28x28x1 -> features 8 (no `classes`)\n")


CALLS = {
    "load": lambda network: convspec.load(network).fingerprint,
    "analyze": lambda network: convspec.analyze(network).fingerprint,
    "check": lambda network: list(convspec.check(network)),
    "compare": lambda network: [row._replace(top1=None) for row in convspec.compare(network)],
    "diff": lambda network: dict(convspec.diff(network, network)),
    "plot": lambda network: convspec.plot(network).svg,
    "build": lambda network: convspec.build(network).count_params(),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_network_is_a_name_a_file_a_mapping_or_a_spec(name, tmp_path):
    spec, file = convspec.load("digits"), tmp_path / "network.yaml"
    file.write_text(spec.to_yaml())
    expected, *found = (CALLS[name](network) for network in ("digits", file, str(file), spec.to_dict(), spec))
    assert found == [expected] * 4


def test_a_variant_of_a_file_and_other_fields(tmp_path):
    (tmp_path / "family.yaml").write_text(
        SPEC.replace("classes: 3", "classes: ${count}\nparameters: {count: 3}\nvariants: {wide: {count: 5}}")
    )
    options = {"variant": "wide", "input_shape": (16, 16, 1), "overrides": {"train.epochs": 1}}
    spec = convspec.load(tmp_path / "family.yaml", **options)
    assert (spec.classes, spec.input, spec.train.epochs) == (5, (16, 16, 1), 1)
    assert convspec.analyze(tmp_path / "family.yaml", **options).fingerprint == spec.fingerprint
    model = convspec.build(tmp_path / "family.yaml", **options, out=tmp_path / "model.keras")
    assert model.input_shape == (None, 16, 16, 1)
    assert convspec.load(tmp_path / "model.keras").graph_fingerprint == spec.graph_fingerprint
    with pytest.raises(InputError, match="is there already"):
        convspec.build("lenet5", out=tmp_path / "model.keras")
    with pytest.raises(InputError, match="a Spec is one network already"):
        convspec.build(spec, variant="wide")


FAMILY = {
    "name": "family",
    "input": [8, 8, 1],
    "classes": 3,
    "parameters": {"width": 4},
    "variants": {"a": {"width": 8}, "b": {"width": 16}},
    "body": [{"block": "conv", "filters": "${width}"}],
    "head": {},
}


def test_variants_that_only_one_of_two_families_has(tmp_path, capsys):
    """A mapping is read as the same content in a file is, and the call finds what the command prints."""
    more = {**FAMILY, "variants": {"b": {"width": 16}, "c": {"width": 32}}}
    files = []
    for name, document in (("old.yaml", FAMILY), ("new.yaml", more)):
        files.append(str(tmp_path / name))
        Path(files[-1]).write_text(yaml.safe_dump(document), "utf-8")
    for before, after in (files, (FAMILY, more)):
        found = convspec.diff(before, after)
        assert (dict(found), found.gone, found.added, bool(found)) == ({}, ("a",), ("c",), True)
        assert "- variant a\n+ variant c" in found._repr_html_()
    assert main(["diff", *files]) == 1
    assert capsys.readouterr().out == "- variant a\n+ variant c\n"
    assert not convspec.diff(FAMILY, FAMILY)


def test_all_variants_of_a_mapping_are_checked():
    wrong = {**FAMILY, "variants": {"a": {"width": 8}, "b": {"width": 0}}}
    assert [error.path for error in convspec.check(wrong)] == ["body[0].filters"]
