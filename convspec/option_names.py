"""Options in messages: what is `--pixel-range` to who types a command is `pixel_range=` to who calls Python.

Messages are written for the command line. What a Python call raises, warns of or returns goes through `spoken`.
"""

from __future__ import annotations

import json
import re
from functools import partial

from .process import Shared

in_command = Shared(lambda: None, lambda: None, lambda before: None)
"""Inside, whoever reads the messages has typed a command."""

RENAMED = {"input": "input_shape", "class": "class_name", "set": "overrides"}
FLAGS = ("dark", "extend", "inference", "overwrite", "raw", "resume", "tensorboard", "widen")
VALUED = (
    "address", "batch", "batch-size", "class", "data", "data-dir", "depth", "devices", "dtype", "ensemble", "epochs",
    "finetune", "format", "freeze", "input", "layer", "method", "out", "part", "picture", "pixel-range", "recipe",
    "repeats", "resize", "scale", "seed", "set", "time-limit", "top", "variant", "workers",
)  # fmt: skip
"""All but what only says how a terminal shows a result."""

NAMES = rf"(?:{'|'.join(VALUED)})(?![\w-])"
_OPTION = re.compile(
    r"`[^-`][^`]*`"  # a command for a shell stays one
    r"|--set (?P<path>[^\s=]+)=(?P<new>\{\}|-?[\w.]*\w)|--set (?P<field>[^\s,;:]+)"
    rf"|^--(?P<first>{NAMES}) (?P<given>(?:(?! --).)+?)(?=: )"
    rf"|(?<![\w'\"-])--(?:(?P<flag>{'|'.join(FLAGS)})(?![\w-])|(?P<name>{NAMES})"
    # The value is what cannot be the sentence's next word.
    r"(?:[= ](?P<value>-?\d[\d.,x]*(?<![.,])|HxWxC"
    r"|(?:crop|none|saved_model|tflite|onnx|validation|grad_cam|b?float\d+)\b"
    r"|(?<=--finetune ).+(?= --)|(?<=--data ).+(?=\?$)))?)"
)


def spoken(text: str) -> str:
    """A message as its reader names options: unchanged in a command, with the keywords of a call in Python.

    `--resume` becomes `resume=True`, `--batch 0` `batch=0`, and `--set train.epochs=3` `overrides={"train.epochs": 3}`.
    """
    return text if in_command.users or "--" not in text else _OPTION.sub(_keyword, text)


_text = partial(json.dumps, ensure_ascii=False)
"""A text as Python writes it, in double quotes."""


def _keyword(match: re.Match[str]) -> str:
    if path := match["path"]:
        return f"overrides={{{_text(path)}: {_literal(match['new'])}}}"
    if match["field"]:
        return f"overrides[{_text(match['field'])}]"
    if match["flag"]:
        return f"{match['flag']}=True"
    if not (option := match["first"] or match["name"]):
        return match[0]
    name = RENAMED.get(option, option.replace("-", "_"))
    if value := match["given"] or match["value"]:
        return f"{name}={_literal(value)}"
    alone = re.match(r"(?: and --[\w-]+)*:", match.string[match.end() :]) or match[0] == match.string
    return name if alone else f"{name}="


def _literal(value: str) -> str:
    """A value of an option as Python writes it."""
    if value == "HxWxC":
        return "(height, width, channels)"
    sizes = re.split("[x,]", value)
    if not all(re.fullmatch(r"-?\d+(\.\d+)?", size) for size in sizes):
        return value if value == "{}" else _text(value)
    return value if len(sizes) == 1 else f"({', '.join(sizes)})"
