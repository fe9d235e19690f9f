"""Arguments that several commands take, and how they become the keywords of the command's call."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, get_args

from ..analysis.analysis import BYTES
from ..api.sources import Resize
from ..language import Diagnostic, InputError
from ..language.overriding import combined
from ..language.yaml_loader import parse_value

RESIZES = get_args(Resize)


def add_network(
    parser: argparse.ArgumentParser,
    *,
    what: str = "a network of the catalogue, or a spec file (.yaml)",
    example: str = "head.dropout=0.5",
    required: bool = True,
) -> None:
    """`NAME|FILE`, `--variant`, `--input`, `--set`; `what` and `example` are for the help."""
    parser.add_argument("network", metavar="NAME|FILE", nargs=None if required else "?", help=what)
    parser.add_argument("--variant", help="the network of a family that a spec file describes")
    add_input(parser, "another input, such as 32x32x3; ? leaves a size open")
    add_set(parser, f"set a field of the spec, such as {example} (may be repeated)")


def add_input(parser: argparse.ArgumentParser, meaning: str) -> None:
    """`--input`, the call's `input_shape`."""
    parser.add_argument("--input", metavar="HxWxC", dest="input_shape", help=meaning)


def add_set(parser: argparse.ArgumentParser, meaning: str) -> None:
    """`--set`, the call's `overrides`."""
    parser.add_argument("--set", metavar="PATH=VALUE", action="append", default=[], dest="overrides", help=meaning)


def add_memory(parser: argparse.ArgumentParser) -> None:
    """`--batch` and `--dtype`, for which memory is counted."""
    parser.add_argument("--batch", type=int, default=1, help="images at a time, for the memory (default 1)")
    dtype = "the numbers whose memory is counted (default float32)"
    parser.add_argument("--dtype", default="float32", choices=tuple(BYTES), help=dtype)


def add_data(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """`--data` and `--data-dir`."""
    parser.add_argument(
        "--data",
        required=required,
        metavar="DATA",
        help="digits, mnist, fashion_mnist, cifar10, cifar100, a folder of images by class or of IDX files, "
        "FILE.npz (x_train, y_train, ...), FILE.csv (path, label), tfds:NAME, or huggingface:NAME",
    )
    add_pixel_range(parser, "the values of black and white, such as --pixel-range=0,4095, if nothing else tells them")
    parser.add_argument("--data-dir", metavar="DIR", help="where the files of named data sets are (or CONVSPEC_DATA)")


def add_pixel_range(parser: argparse.ArgumentParser, meaning: str) -> None:
    """`--pixel-range`."""
    parser.add_argument("--pixel-range", metavar="BLACK,WHITE", help=meaning)


def keywords(args: argparse.Namespace, *others: str) -> dict[str, Any]:
    """The arguments of a command as the keywords of its call, but for `others`. Raises `InputError`."""
    given = {name: value for name, value in vars(args).items() if name not in ("run", *others)}
    for name, parse in PARSERS.items():
        if given.get(name) is not None:
            given[name] = parse(given[name])
    return given


def parse_settings(settings: list[str]) -> dict[str, Any]:
    """`["train.epochs=3"]` -> `{"train.epochs": 3}`, values by YAML's rules. Raises `InputError`."""
    overrides: dict[str, Any] = {}
    errors: list[Diagnostic] = []
    for setting in settings:
        path, equals, value = (part.strip() for part in setting.partition("="))
        try:
            if not equals:
                raise InputError(f"--set {setting}: expected PATH=VALUE", remedy="such as --set train.epochs=20")
            found = parse_value(value, f"--set {path}")
            combined(overrides, {path: (f"--set {path}", found)})
            overrides[path] = found
        except InputError as error:
            errors += error.diagnostics
    if errors:
        raise InputError(errors)
    return overrides


def parse_shape(text: str) -> tuple[int | None, ...]:
    """`32x32x3` -> (32, 32, 3); `?` is an open size. Raises `InputError`."""
    parts = text.lower().replace(",", "x").split("x")
    if len(parts) != 3 or not all(_is_whole(part) or part in ("?", "none") for part in parts):
        raise InputError(f"--input {text}: expected HEIGHTxWIDTHxCHANNELS", remedy="such as --input 32x32x3")
    return tuple(int(part) if _is_whole(part) else None for part in parts)


def parse_range(text: str) -> tuple[float, float]:
    """`0,4095` -> (0.0, 4095.0). Raises `InputError`."""
    try:
        black, white = (float(number) for number in text.split(","))
    except ValueError:
        message = f"--pixel-range {text}: expected the values of black and white"
        raise InputError(message, remedy="such as --pixel-range=0,4095") from None
    return black, white


PARSERS: dict[str, Callable[[Any], Any]] = {
    "input_shape": parse_shape,
    "overrides": parse_settings,
    "pixel_range": parse_range,
}
"""How the text of an argument becomes what the call takes."""


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20  # "²" is a digit, too, but no number
