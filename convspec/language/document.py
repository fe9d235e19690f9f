"""The schema of a spec document: every key with its meaning.

Body, head and outputs hold blocks and `train` a recipe; these are checked by their own models, when they are there.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from ..blocks.pydantic_model import Model
from ..graph.arguments import LARGEST, Count
from ..printing import quote

MOST_VARIANTS = 500
NAME = r"^[A-Za-z0-9_.\-]+$"
INPUT_SIZE = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}
BLOCK_LIST = {"type": "array", "items": {"definition": "Item"}}
"""`definition` is turned into a reference by the schema, which alone knows the blocks."""


LONGEST_NAME = 200
"""File systems take 255 bytes, and names of files and folders here add to the network's."""
_DEVICE = re.compile(r"(?:aux|con|nul|prn|(?:com|lpt)[0-9])(?:\..*)?", re.IGNORECASE)
"""What Windows takes for a device in any folder, with any ending."""


def _file_name(value: str) -> str:
    """A network's name, which names its folder, too: `runs/NAME`."""
    if not value.strip("."):
        raise ValueError(f"{quote(value)} is no name: to a file system it is a folder that is there already")
    if value.endswith("."):
        raise ValueError(f"{quote(value)} names a folder, too, and Windows drops the dots at its end")
    if _DEVICE.fullmatch(value):
        raise ValueError(f"{quote(value)} names a folder, too, and is the name of a device on Windows")
    if len(value) > LONGEST_NAME:
        raise ValueError(f"a name of {len(value):,} characters; it names a folder, too, and has at most {LONGEST_NAME}")
    return value


def _input(value: object) -> object:
    sizes = value if isinstance(value, list) else []
    whole = [isinstance(size, int) and not isinstance(size, bool) and 0 < size <= LARGEST for size in sizes]
    if len(sizes) != 3 or not all(
        ok or (size is None and axis < 2) for axis, (ok, size) in enumerate(zip(whole, sizes, strict=True))
    ):
        message = f"expected [height, width, channels], height and width null where open, not {quote(value)}"
        beyond = any(isinstance(size, (int, float)) and size > LARGEST for size in sizes)
        raise ValueError(f"{message}; the largest size is {LARGEST:,}" if beyond else message + _shape_meant(value))
    return tuple(sizes)


def _shape_meant(value: object) -> str:
    """What to write for a size alone, a text such as 32x32x3, or a shape with the batch before it."""
    if isinstance(value, str) and re.fullmatch(r"[\d\sxX,()*]{1,30}", value):
        sizes: list[object] = [int(size) for size in re.findall(r"\d+", value)]
    else:
        sizes = list(value[1:] if len(value) == 4 else value) if isinstance(value, list) else [value]
    if not all(type(size) is int and 0 < size <= LARGEST for size in sizes) or not 0 < len(sizes) < 4:
        return ""
    side = sizes * 2 if len(sizes) == 1 else sizes
    return f"; write [{', '.join(map(str, side[:2]))}, {side[2] if len(side) == 3 else 'channels'}]"


def _output_name(value: str) -> str:
    if not re.fullmatch(NAME, value):
        raise ValueError(f"{quote(value)} is no name: letters, digits, `_`, `-` and `.` make one")
    return value


OutputName = Annotated[str, AfterValidator(_output_name)]


def _printable(value: str) -> str:
    for letter in value:
        if (ord(letter) < 32 and letter not in "\n\t") or 127 <= ord(letter) < 160:
            raise ValueError(f"holds the control character U+{ord(letter):04X}, which no page can show")
    return value


Sentence = Annotated[str, AfterValidator(_printable)]


def _class_name(value: str) -> str:
    if not value.isidentifier():
        raise ValueError(f"{quote(value)} is no name of a class")
    return value


ClassName = Annotated[str, AfterValidator(_class_name)]


def _few(value: dict[str, object]) -> dict[str, object]:
    if len(value) > MOST_VARIANTS:
        raise ValueError(f"a family of {len(value):,} networks; one file has at most {MOST_VARIANTS}")
    return value


class Output(Model):
    """A further output: an auxiliary classifier, or features tapped as they are."""

    source: str = Field(validation_alias="from", description="name of the block that it starts from")
    head: Annotated[object, WithJsonSchema({"anyOf": [{"definition": "head"}, {"definition": "Item"}, BLOCK_LIST]})] = (
        Field(
            default=None, description="a head's fields, a block, or a list of blocks; left out, the features themselves"
        )
    )
    loss_weight: float = Field(default=0.3, ge=0, description="weight of its loss beside the main one's 1.0")


class Document(Model):
    """A network and how to train it."""

    name: Annotated[str, AfterValidator(_file_name)] = Field(pattern=NAME, description="the network's or family's name")
    reference: Sentence = Field(default="", description="where the network was published: paper, table, arXiv id")
    description: Sentence = Field(default="", description="a sentence for the reader")
    extends: str | None = Field(
        default=None, description="a spec, by name or file, whose keys hold where this one has none"
    )
    replace: dict[str, object] = Field(
        default={}, description="fields of the extended spec replaced by their path: {head.dropout: 0.5}"
    )
    input: Annotated[
        tuple[int | None, int | None, int],
        BeforeValidator(_input),
        WithJsonSchema({"type": "array", "minItems": 3, "maxItems": 3, "items": INPUT_SIZE}),
    ] = Field(description="[height, width, channels] of an image; null leaves height or width open")
    classes: Count | None = Field(
        default=None,
        description="number of classes; without it the network ends in features; `${classes}` in expressions",
    )
    fit: Literal["floor", "strict"] = Field(
        default="floor",
        description="a window that does not divide its input drops pixels (floor) or is an error (strict)",
    )
    parameters: dict[str, object] = Field(
        default={}, description="values that `${...}` expressions use and variants change"
    )
    variants: Annotated[dict[str, dict[str, object] | None], AfterValidator(_few)] = Field(
        default={}, description="named sets of parameters, each a network of the family"
    )
    class_names: list[ClassName] = Field(
        default=[], description="how the constructors of a shipped family are spelled: [ResNet18, ResNet34]"
    )
    defaults: dict[str, dict[str, object]] = Field(
        default={}, description="fields that all blocks of a kind share, `head` sections too"
    )
    templates: dict[str, object] = Field(
        default={},
        description="blocks made of blocks: {NAME: {parameters: {...}, body: [...]}}, null for a required parameter",
    )
    body: Annotated[object, WithJsonSchema(BLOCK_LIST)] = Field(description="the blocks, in order")
    head: Annotated[object, WithJsonSchema({"anyOf": [{"definition": "head"}, BLOCK_LIST, {"type": "null"}]})] = Field(
        default={}, description="a head's fields, or a list of blocks; null for none; global average pooling by default"
    )
    outputs: dict[OutputName, Output] = Field(default={}, description="further outputs by their names")
    train: Annotated[object, WithJsonSchema({"definition": "Recipe"})] = Field(
        default={}, description="how the network is trained; see Training"
    )
    tune: Annotated[object, WithJsonSchema({"definition": "Tune"})] = Field(
        default=None, description="which fields are searched, and how; see Tuning"
    )
