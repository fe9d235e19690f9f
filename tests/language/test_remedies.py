"""What a message says to write is right: written in its place, it leaves no error behind."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from convspec import InputError, load
from convspec.blocks import BLOCKS, find_block_class
from convspec.blocks.pydantic_model import written_fields
from convspec.language.diagnostics import Diagnostic, Diagnostics
from convspec.language.located import Text
from convspec.language.pydantic_errors import _TITLES, _title
from convspec.language.writing import plain
from convspec.language.yaml_loader import parse

from .habits_of_networks import BODY, TRAIN
from .habits_of_searches import DOCUMENT, MORE, RANGES, TUNE
from .test_habits import in_body, in_document, in_space, in_train, in_tune, models

Document = dict[str, Any]

NUMBERS = {
    "{epochs: '10'}": "train.epochs: expected a whole number, not '10'; write 10",
    "{epochs: 10.0}": "train.epochs: expected a whole number, not 10.0; write 10",
    "{epochs: 08}": "train.epochs: expected a whole number, not '08'; write 8",
    "{epochs: 1,000}": "train.000: `train` has no field '000'; write `epochs: 1000`",
    "{batch_size: 1,024, epochs: 3}": "train.024: `train` has no field '024'; write `batch_size: 1024`",
    "{epochs: '1,000'}": "train.epochs: expected a whole number, not '1,000'; write 1000",
    "{epochs: ten}": "train.epochs: expected a whole number, not 'ten'",
    "{epochs: 10.5}": "train.epochs: expected a whole number, not 10.5",
    "{l2: 0,5}": "train.5: `train` has no field '5'; write `l2: 0.5`",
    "{l2: '0,5'}": "train.l2: expected a number, not '0,5'; write 0.5",
    "{mixup: '1,000'}": "train.mixup: expected a number, not '1,000'",
    "{validation_split: 10%}": "train.validation_split: expected a number, not '10%'; write 0.1",
    "{validation_split: 200%}": "train.validation_split: expected a number, not '200%'",
    "{balanced: 'yes'}": "train.balanced: expected true or false, not 'yes'; write true",
    "{epochs:10}": "train.epochs:10: `train` has no field 'epochs:10'; a colon needs a space after it: write `epochs: 10`",
    "{precise_batch_norm: maybe}": "train.precise_batch_norm: expected 'auto' or a whole number (or null), not 'maybe'",
    "{class_weights: heavy}": "train.class_weights: expected 'none', 'balanced' or a mapping of keys to values, not 'heavy'",
}  # fmt: skip
BLOCK = {
    "{block: conv, filters: 8, when: 1 > 0}": "body[0].when: expected true or false, not '1 > 0'; write \"${1 > 0}\"",
    "{block: conv, filters: 8, repeat: '2'}": "body[0].repeat: expected a whole number, not '2'; write 2",
    "{block: conv, filters: 8, repeat: '-2'}": "body[0].repeat: expected a whole number, not '-2'",
    "{block: conv, filters: 8, kernel_size: 3x3}": "body[0].kernel_size: expected a whole number above 0, or two as "
    "[height, width], not '3x3'; write [3, 3]",
    "{block: conv, filters: 8, kernel_size: 3,3}": "body[0].3: conv has no field '3'; write `kernel_size: [3, 3]`",
    "{block: conv, filters:8}": "body[0].filters:8: conv has no field 'filters:8'; a colon needs a space after it: "
    "write `filters: 8`",
    "-conv3-8": "body[0]: '-conv3-8' has a dash of its own; write conv3-8",
    "{block: conv, filters: '${8.5}'}": "body[0].filters: expected a whole number, not 8.5; `round`, `floor` or `ceil` in an expression makes a whole number",
    "{block: conv, filters: '${16 * 0.5}'}": "body[0].filters: expected a whole number, not 8.0; `round`, `floor` or `ceil` in an expression makes a whole number",
}


def diagnostics_of(source: Text) -> list[Diagnostic]:
    try:
        load(source)
    except InputError as error:
        return list(error.diagnostics)
    return []


def lines(text: str) -> list[str]:
    return [
        f"{one.path}: {one.message}{f' || {one.remedy}' * bool(one.remedy)}"
        for one in diagnostics_of(Text("x.yaml", text))
    ]


@pytest.mark.parametrize(("snippet", "line"), NUMBERS.items())
def test_a_number_in_another_form(snippet: str, line: str) -> None:
    assert lines(in_train(snippet)) == [line]


@pytest.mark.parametrize(("snippet", "line"), BLOCK.items())
def test_a_field_of_a_block_in_another_form(snippet: str, line: str) -> None:
    assert lines(in_body(snippet)) == [line]


def faults() -> Iterator[str]:
    """Documents that each have a mistake with a remedy."""
    yield from map(in_train, TRAIN | NUMBERS)
    yield from map(in_body, BODY | MORE | BLOCK)
    yield from map(in_document, DOCUMENT)
    yield from map(in_space, RANGES)
    yield from map(in_tune, TUNE)


def at(value: Any, path: str) -> Iterator[tuple[Any, Any]]:
    """The container and the key or index of what a path leads to; a key may hold points."""
    if isinstance(value, list) and (match := re.match(r"\[(\d+)\]\.?", path)):
        rest, index = path[match.end() :], int(match[1])
        yield from at(value[index], rest) if rest else [(value, index)]
    for key in list(value) if isinstance(value, dict) else ():
        if path == str(key):
            yield value, key
        elif path.startswith((f"{key}.", f"{key}[")):
            yield from at(value[key], path[len(str(key)) :].removeprefix("."))


WRITE = re.compile(r"(?:write|or) (`[^`]*`|\{.*?\}(?=$| or )|\[[^\]]*\]|[\w.-]+)(?=$| or |; )")
PLACEHOLDERS = ("...", "height", "channels", "NAME")


def what_to_write(error: Diagnostic) -> list[str]:
    """What an error says to write, where that is complete."""
    text = re.sub(r".*(?:[;:] |^)(?=write )", "", error.message if "; write " in error.message else error.remedy)
    found = [match[1] for match in WRITE.finditer(text)] if text.startswith("write ") else []
    return [one for one in found if one[0] == found[0][0] and not any(word in one for word in PLACEHOLDERS)]


def with_written(document: Document, path: str, written: str) -> Iterator[Document]:
    """The document with what a message says to write: as the value, in its section, as the section, at the top."""
    text = written.strip("`")
    value = yaml.safe_load(f"{{{text}}}" if written[0] == "`" and ": " in text and text[0] != "{" else text)
    yield changed(document, path, lambda section, key: section.__setitem__(key, value))
    if isinstance(value, dict) and isinstance(next(at(document, path))[0], dict):
        yield changed(document, path, lambda section, key: (section.pop(key), merge(section, value)))
        yield changed(document, path, lambda section, key: (section.clear(), section.update(value)))
        top = changed(document, path, lambda section, key: section.pop(key))
        merge(top, value)
        yield top


def changed(document: Document, path: str, change: Callable[[Any, Any], object]) -> Document:
    copied = copy.deepcopy(document)
    change(*next(at(copied, path)))
    return copied


def merge(section: Document, written: Document) -> None:
    for key, value in written.items():
        if isinstance(value, dict) and isinstance(section.get(key), dict):
            merge(section[key], value)
        else:
            section[key] = value


def new_errors(document: Document, before: list[Diagnostic]) -> list[Diagnostic]:
    """The errors of a document that are not those of another, whose first is to be gone; of fields that are there."""
    known = {(one.path, one.message) for one in before[1:]}
    found = diagnostics_of(Text("x.yaml", yaml.safe_dump(document, sort_keys=False)))
    found = [one for one in found if not re.search(r" needs `\w+`: |^no earlier block is called", one.message)]
    return [one for one in found if (one.path, one.message) not in known]


def as_written(text: str) -> Document:
    """The document of a text, whose keys are the texts that they are written as."""
    found = plain(parse(Text("x.yaml", text), Diagnostics()))
    assert isinstance(found, dict)
    return found


FAULTS = [
    (text, error)
    for text in faults()
    for error in diagnostics_of(Text("x.yaml", text))
    # What is under a misspelt key is reported under the right one, which the document does not have.
    if what_to_write(error) and any(at(as_written(text), error.path))
]


@pytest.mark.parametrize(("text", "error"), FAULTS, ids=[error.message[-60:] for _, error in FAULTS])
def test_what_a_message_says_to_write_leaves_no_error(text: str, error: Diagnostic) -> None:
    document = as_written(text)
    before = [error, *[one for one in diagnostics_of(Text("x.yaml", text)) if one != error]]
    for written in what_to_write(error):
        assert any(not new_errors(one, before) for one in with_written(document, error.path, written)), written


def test_most_remedies_are_tried() -> None:
    assert len(FAULTS) > 100


CLASSES = [block for kind in BLOCKS if (block := find_block_class(kind)) is not None]
REQUIRED = [
    (str(block.model_fields["block"].default), name)
    for block in CLASSES
    for name, field in written_fields(block).items()
    if field.is_required()
]


@pytest.mark.parametrize(("kind", "name"), REQUIRED)
def test_a_misspelt_required_field_is_one_error(kind: str, name: str) -> None:
    slip = name[:-1] + 2 * name[-1]
    found = lines(in_body(f"{{block: {kind}, {slip}: 3}}"))
    assert f"body[0].{slip}: {kind} has no field {slip!r}; did you mean {name!r}?" in found
    assert [line for line in found if f" needs `{name}`" in line] == []


MISSPELT = {
    "the document": ("nam: x\ninput: [8, 8, 3]\nbody: [conv3-8]\n", "nam: a spec has no field 'nam'; did you mean 'name'?"),
    "another tool's word": ("name: x\ninput_shape: [8, 8, 3]\nbody: [conv3-8]\n", "input_shape: a spec has no field 'input_shape'; did you mean 'input'?"),
    "an output": (in_document("outputs: {a: {form: body_0}}"), "outputs.a.form: an output has no field 'form'; did you mean 'from'?"),
    "a stage": (in_tune("stages: [{trial: 3, epochs: 2}]"), "tune.stages[0].trial: a stage has no field 'trial'; did you mean 'trials'?"),
    "a section of the recipe": (in_train("{finetune: {weight: imagenet}}"), "train.finetune.weight: `finetune` has no field 'weight'; did you mean 'weights'?"),
    "a template's parameter": (
        in_document("templates: {t: {parameters: {n: null}, body: ['conv3-${n}']}}\noutputs: {a: {from: body_0, head: [{block: t, nn: 3}]}}"),
        "outputs.a.head[0].nn: the template 't' has no parameter 'nn'; did you mean 'n'?",
    ),
}  # fmt: skip


MISSPELT |= {
    "a parameter where it is used": (in_document("parameters: {width: 3}\nreference: 'a${widht}'"), "reference: no parameter is called 'widht'; did you mean 'width'?"),
    "a template's parameter where it is used": (
        in_document("templates: {t: {parameters: {number: 3}, body: ['conv3-${numbre}']}}\noutputs: {a: {from: body_0, head: [{block: t}]}}"),
        "templates.t.body[0]: no parameter is called 'numbre'; did you mean 'number'?",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line"), MISSPELT.values(), ids=MISSPELT)
def test_a_misspelt_required_field_of_a_section_is_one_error(text: str, line: str) -> None:
    assert lines(text) == [line]


def test_a_parameter_of_the_document_that_is_extended_is_named(tmp_path: Path) -> None:
    base = "name: b\ninput: [8, 8, 3]\nparameters: {width: 8}\nbody: ['conv3-${width}']\n"
    (tmp_path / "base.yaml").write_text(base)
    (tmp_path / "x.yaml").write_text("name: x\nextends: base.yaml\nparameters: {widht: 9}\n")
    unused = "no expression uses the parameter 'widht'; did you mean 'width'?"
    with pytest.raises(InputError, match=r"x\.yaml:3:14: parameters\.widht: " + re.escape(unused)):
        load(tmp_path / "x.yaml")
    with pytest.raises(InputError, match=re.escape(unused)):
        load(tmp_path / "base.yaml", overrides={"parameters.widht": 9})


def test_messages_name_sections_as_a_document_does() -> None:
    known = {name for model in models() for name in written_fields(model)} | set(BLOCKS)
    titles = {_title(model) for model in models()} - set(_TITLES.values())
    assert {title for title in titles if title.strip("`") not in known} == set()


PLACES = {
    "a warm-up": ("train:\n  epochs: 3\n  schedule:\n    name: cosine\n    warmup: 5\n", "8:13"),
    "no stages": ("tune:\n  space: {train.l2: {uniform: [0.1, 0.2]}}\n  stages: []\n", "6:11"),
    "a stage's epochs": ("train: {schedule: {warmup: 2}}\ntune:\n  space: {train.l2: {uniform: [0.1, 0.2]}}\n  stages: [{trials: 3, epochs: 1}]\n", "7:32"),
    "steps that fall": ("train:\n  schedule: {name: step, at: [3, 2]}\n", "5:30"),
    "two ways to clip": ("train:\n  optimizer: {name: sgd, clipnorm: 1, clipvalue: 1}\n", "5:50"),
    "layers that are freed too late": ("train:\n  epochs: 3\n  finetune: {weights: a.keras, unfreeze: [{after: 5, freeze: none}]}\n", "6:42"),
    "a range that falls": ("tune: {space: {train.l2: {uniform: [0.2, 0.1]}}}\n", "4:36"),
    "a direction": ("tune: {objective: {name: loss, direction: max}, space: {train.l2: {uniform: [0.1, 0.2]}}}\n", "4:43"),
    "a column": ("outputs:\n  a: {from: body_0, head: [{block: table, columns: [filters, stride], rows: [[8, 1], [8, 1]], of: conv}]}\n", "5:62"),
}  # fmt: skip


@pytest.mark.parametrize(("snippet", "place"), PLACES.values(), ids=PLACES)
def test_the_place_of_an_error_is_that_of_the_field(snippet: str, place: str) -> None:
    (found,) = diagnostics_of(Text("x.yaml", f"name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\n{snippet}"))
    assert f"{found.line}:{found.column}" == place, found
