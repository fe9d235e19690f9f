"""Small files that once broke the reader, and places in files whose lines end in other ways than by a line feed."""

from __future__ import annotations

from pathlib import Path

import pytest

from convspec import InputError, load

HEAD = "name: x\ninput: [8, 8, 1]\nclasses: 2\n"
BODY = "body: [conv3-8]\n"

SMALL = {
    "cut off between brackets": ("head: {pooling", "1:7: is not YAML: the { that opens here is not closed"),
    "cut off in quotes": ('name: "x', "1:7: is not YAML: the quote that opens here is not closed"),
    "cut off in a later line": ("name: x\nbody: [a,", "2:7: is not YAML: the [ that opens here is not closed"),
    "a space that is a number": (HEAD + BODY + "tune: {space: 5}\n", "5:15: tune.space: expected a mapping of keys to values, not 5"),
    "a space of a number": (HEAD + BODY + "tune: {space: {1: {choice: [2, 3]}}}\n", "5:16: tune.space.1: no value of the range gives a network"),
    "stages that are a number": (HEAD + BODY + "tune: {space: {train.l2: {choice: [0.1, 0.2]}}, stages: 5}\n", "5:57: tune.stages: expected a list, not 5"),
    "a stage that is a list": (HEAD + BODY + "tune: {space: {train.l2: {choice: [0.1, 0.2]}}, stages: [[1]]}\n", "5:58: tune.stages[0]: expected a mapping of keys to values, not [1]"),
    "a space that is a list": (HEAD + BODY + "tune: {space: [1, {a: b}]}\n", "5:15: tune.space: expected a mapping of keys to values, not [1, {'a': 'b'}]"),
    "an optimizer that is a list": (HEAD + BODY + "train: {optimizer: {name: [adam]}}\n", "5:27: train.optimizer.name: expected 'sgd', 'rmsprop'"),
    "an optimizer that is a mapping": (HEAD + BODY + "train: {optimizer: {name: {a: b}}}\n", "5:27: train.optimizer.name: expected 'sgd', 'rmsprop'"),
    "a hexadecimal number": (HEAD + BODY + "train: {seed: 0x" + "f" * 5000 + "}\n", "5:15: train.seed: a number of 5,002 digits; a whole number has at most 400"),
    "a number of over 4300 digits in the end": (HEAD + BODY + "train: {seed: 0x" + "f" * 390 + "}\n", "5:15: train.seed: must be below 2,147,483,648, not a number of 469 digits"),
    "a character that YAML does not allow": ("name: x\ndescription: a\x00b\n", "2:15: is not YAML: "),
    "a section from an expression": (HEAD + "body: ['conv3-${n}']\nparameters: {n: 3, t: {space: {a: {boolean: true}}}}\ntune: '${t}'\n", "5:32: tune.space.a: "),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SMALL.values(), ids=SMALL.keys())
def test_a_small_file_that_broke_the_reader(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load(path)
    assert str(caught.value.diagnostics[0]).removeprefix(f"{path}:").startswith(expected)


@pytest.mark.parametrize(("left", "right"), ["[]", ("{a: ", "}")])
def test_a_document_nests_forty_levels_deep_and_no_deeper(tmp_path: Path, left: str, right: str) -> None:
    """The document is level 0, and `parameters.p` level 2."""
    path = tmp_path / "x.yaml"
    for more, expected in ((38, "no expression uses the parameter 'p'"), (39, "nests deeper than 40 levels")):
        path.write_text(f"{HEAD}{BODY}parameters: {{p: {left * more}1{right * more}}}\n")
        with pytest.raises(InputError) as caught:
            load(path)
        assert [diagnostic.message for diagnostic in caught.value.diagnostics] == [expected]


LONG = {
    "a key": ("k" * 201 + ": 3", "parameters", "a key of 201 characters; the longest has 200", ""),
    "a path": (
        "".join(f"{letter * 180}: {{" for letter in "abcdef") + "g: 3" + "}" * 6,
        "parameters." + "a" * 180 + "." + "b" * 8 + "...",
        "has a path of more than 1,000 characters",
        "use shorter keys",
    ),
}


@pytest.mark.parametrize(("text", "where", "message", "remedy"), LONG.values(), ids=LONG.keys())
def test_a_key_or_a_path_that_is_too_long(tmp_path: Path, text: str, where: str, message: str, remedy: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"{HEAD}{BODY}parameters: {{{text}}}\n")
    with pytest.raises(InputError) as caught:
        load(path)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.path, diagnostic.message, diagnostic.remedy) == (where, message, remedy)


@pytest.mark.parametrize(("written", "number"), [("0x1F", 31), ("0b11", 3), ("!!int 0o17", 15), ("1_000", 1000)])
def test_a_whole_number_in_each_form_that_yaml_has(tmp_path: Path, written: str, number: int) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"{HEAD}body: [{{block: conv, filters: {written}}}]\n")
    assert load(path).layers[1].output.channels == number


def test_a_folder_is_no_spec(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").mkdir()
    with pytest.raises(InputError, match=r"x\.yaml: is a folder, not a spec\n  name a network, or a file that ends in"):
        load(tmp_path / "x.yaml")
    (tmp_path / "x.yaml" / "model.keras").touch()
    for run in (tmp_path / "x.yaml", str(tmp_path / "x.yaml")):
        with pytest.raises(InputError, match=r"is a folder, not a spec\n  name .*x\.yaml.model\.keras$"):
            load(run)


def test_a_folder_or_file_here_that_is_called_as_no_network_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("deep.txt").touch()
    Path("photos").mkdir()
    Path("lenet5").mkdir()
    with pytest.raises(InputError, match=r"^deep\.txt: is no spec by its name\n  a spec ends in \.yaml or \.yml$"):
        load("deep.txt")
    with pytest.raises(InputError, match=r"^photos: is a folder, not a spec"):
        load("photos")
    assert load("lenet5").name == "lenet5"
    with pytest.raises(InputError, match=r"^lenet5: is a folder, not a spec"):
        load(Path("lenet5"))


def test_a_file_that_is_too_large_is_no_spec(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("#" * 300_000)
    with pytest.raises(InputError, match=r"x\.yaml: is 300,000 bytes; a spec has at most 262,144$"):
        load(tmp_path / "x.yaml")


BREAKS = {"LF": "\n", "CR LF": "\r\n", "CR": "\r", "NEL": "\x85", "LS": "\u2028", "PS": "\u2029"}


@pytest.mark.parametrize("sign", BREAKS.values(), ids=BREAKS.keys())
def test_places_where_lines_end_in_another_way(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "x.yaml"
    text = HEAD + "body: [conv3-8]  # né\nhead: {pooling: avg, flaten: true}\n"
    path.write_bytes(text.replace("\n", sign).encode())
    with pytest.raises(InputError) as caught:
        load(path)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.line, diagnostic.column, diagnostic.source) == (5, 22, "head: {pooling: avg, flaten: true}")
    path.write_bytes(text.replace("\n", sign).replace("flaten: true}", "").encode())
    with pytest.raises(InputError) as caught:
        load(path)
    assert (caught.value.diagnostics[0].line, caught.value.diagnostics[0].source) in (
        (5, "head: {pooling: avg, "),
        (6, ""),
    )


def test_the_place_of_a_byte_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("name: x\r# é\rname: \u00e9".encode() + b"\xff\r")
    with pytest.raises(InputError) as caught:
        load(path)
    assert str(caught.value) == f"{path}:3:8: is not UTF-8: byte 0xff\n  save it as UTF-8"


def test_two_files_of_one_name_may_extend_each_other(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "net.yaml").write_text("extends: inner/net.yaml\nname: outer\n")
    (tmp_path / "inner/net.yaml").write_text("extends: base/../../inner/base.yaml\nname: middle\n")
    (tmp_path / "inner/base").mkdir()
    (tmp_path / "inner/base.yaml").write_text(HEAD + BODY)
    assert load(tmp_path / "net.yaml").name == "outer"


def test_data_from_python_that_contain_themselves() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(InputError, match=r"body.*: nests deeper than 40 levels"):
        load({"name": "x", "input": [8, 8, 1], "body": endless})
    with pytest.raises(InputError, match="classes: must be at most 16,777,216, not a number of 1,505 digits"):
        load({"name": "x", "input": [8, 8, 1], "body": ["conv3-8"], "classes": 2**5000})
