"""What is said of specs that extend others, and of networks and variants that do not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from convspec import InputError, load

from .wrong_specs import diagnostics, places

DOCUMENTS = {
    "a replaced base": ("name: x\nextends: lenet5\nreplace: {extends: vgg16}\n", "3:11: replace: 'extends' acts before fields are replaced"),
    "no name to extend": ("name: x\nextends: [lenet5]\n", "2:10: extends: expected the name of a network or file, not ['lenet5']"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_mistake_in_the_document(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert diagnostics(tmp_path, text).split("\n")[0] == f"toy.yaml:{expected}"


def test_a_mistake_in_the_extended_file_is_reported_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("name: base\nbody: [\n")
    text = diagnostics(tmp_path, "name: toy\nextends: base.yaml\n")
    assert text.startswith("toy.yaml:2:10: extends: base.yaml:2:7: is not YAML")


def test_an_unknown_network() -> None:
    with pytest.raises(InputError) as caught:
        load("resnet81")
    assert str(caught.value).split("\n")[0] == "no network is called 'resnet81'; did you mean 'resnet18'?"


def test_an_unknown_variant(tmp_path: Path) -> None:
    path = tmp_path / "family.yaml"
    path.write_text("name: x\ninput: [8, 8, 3]\nparameters: {n: 3}\nbody: ['conv3-${n}']\nvariants: {big: {n: 9}}\n")
    with pytest.raises(InputError, match=r"no variant is called 'bgi'; did you mean 'big'\?"):
        load(path, variant="bgi")


def test_all_wrong_paths_of_replace_are_reported(tmp_path: Path) -> None:
    replace = '{hed.classes: 3, "body[40].filters": 3, "body[[": 2, extends: x, head.dropout: 0.1}'
    found = places(diagnostics(tmp_path, f"name: x\nextends: lenet5\nreplace: {replace}\n"))
    assert [line.partition(": ")[2].removeprefix("replace: ") for line in found] == [
        "hed.classes: there is no hed; did you mean 'head'?",
        "body[40].filters: there is no body[40]: body has 1 element",
        "'body[[' is no path",
        "'extends' acts before fields are replaced",
    ]
