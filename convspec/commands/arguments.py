"""Arguments that several commands take, and what they mean to `load`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..spec import Fault, FaultError, Spec, load
from ..spec.reading import parse_value

if TYPE_CHECKING:
    from ..data import Dataset
    from ..data.pixels import PixelRange


RESIZES = ("stretch", "crop", "pad")
"""How images of another size can come to a trained network's."""


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
    parser.add_argument("--input", metavar="HxWxC", help="another input, such as 32x32x3; ? leaves a size open")
    parser.add_argument(
        "--set",
        metavar="PATH=VALUE",
        action="append",
        default=[],
        dest="settings",
        help=f"set a field of the spec, such as {example} (may be repeated)",
    )


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


def load_dataset(args: argparse.Namespace, spec: Spec) -> Dataset:
    """The images that the arguments name, split and sized as the spec asks. Raises `FaultError`."""
    from ..data import Dataset, load_data
    from ..data.checks import check_fits
    from ..spec.trainable import check_trainable, classes_of

    classes = classes_of(spec)
    if isinstance(args.data, Dataset):
        check_fits(args.data, spec.input, classes)
        check_trainable(spec, classes)
        return args.data
    if args.data.startswith("tfds:"):  # it imports TensorFlow, and not quietly
        from ..quiet import import_keras

        import_keras()
    dataset = load_data(
        args.data,
        validation_split=spec.train.validation_split,
        seed=spec.train.seed,
        data_dir=args.data_dir,
        input_shape=spec.input,
        resize=spec.train.preprocessing.resize,
        pixel_range=given_range(args),
    )
    check_fits(dataset, spec.input, classes)
    check_trainable(spec, classes)
    tell_range(dataset)
    return dataset


def given_range(args: argparse.Namespace) -> PixelRange | None:
    """What `--pixel-range` says; None without it. Raises `FaultError`."""
    from ..data.pixels import PixelRange

    if args.pixel_range is None:
        return None
    if not isinstance(args.pixel_range, str):
        return PixelRange(*args.pixel_range)
    try:
        black, white = (float(number) for number in args.pixel_range.split(","))
    except ValueError:
        message = f"--pixel-range {args.pixel_range}: expected the values of black and white"
        raise FaultError(Fault(message, remedy="such as --pixel-range=0,4095")) from None
    return PixelRange(black, white)


def tell_range(dataset: Dataset, trained: PixelRange | None = None) -> None:
    """Say on stderr which values are black and white, where nobody declared them or a network knows others."""
    given = dataset.pixel_range
    if given.origin:
        print(f"{dataset.name}: pixels {given}, {given.origin}; --pixel-range declares another range", file=sys.stderr)
    if trained is not None and given != trained:
        print(f"{dataset.name}: pixels {given} are brought to the network's {trained}", file=sys.stderr)


def load_network(args: argparse.Namespace) -> Spec:
    """The spec that the arguments ask for. Raises `FaultError`."""
    return open_network(args.network, args.variant, parse_settings(args.settings), given_shape(args))


def open_network(
    network: Any, variant: str | None, overrides: Mapping[str, Any], shape: tuple[int | None, ...] | None
) -> Spec:
    """The spec of a name, a file or a mapping, or a `Spec`, with these changes. Raises `FaultError`."""
    if not isinstance(network, Spec):
        return load(network, variant=variant, overrides=overrides, input_shape=shape)
    if variant is not None:
        message = f"variant {variant!r}: a Spec is one network already"
        raise FaultError(Fault(message, remedy="name the variant to `load`"))
    changes = {**overrides, **({"input": list(shape)} if shape is not None else {})}
    return network.with_overrides(changes) if changes else network


def given_shape(args: argparse.Namespace) -> tuple[int | None, ...] | None:
    """What `--input` asks for; None without it. Raises `FaultError`."""
    if args.input is None or not isinstance(args.input, str):
        return None if args.input is None else tuple(args.input)
    return parse_shape(args.input)


def parse_settings(settings: list[str] | Mapping[str, Any]) -> dict[str, Any]:
    """`["train.epochs=3"]` -> `{"train.epochs": 3}`, values by YAML's rules. Raises `FaultError`."""
    if isinstance(settings, Mapping):
        return dict(settings)
    overrides = {}
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals:
            raise FaultError(Fault(f"--set {setting}: expected PATH=VALUE", remedy="such as --set train.epochs=20"))
        overrides[path.strip()] = parse_value(value)
    return overrides


def parse_shape(text: str) -> tuple[int | None, ...]:
    """`32x32x3` -> (32, 32, 3); `?` is an open size. Raises `FaultError`."""
    parts = text.lower().replace(",", "x").split("x")
    if len(parts) != 3 or not all(_is_whole(part) or part in ("?", "none") for part in parts):
        raise FaultError(Fault(f"--input {text}: expected HEIGHTxWIDTHxCHANNELS", remedy="such as --input 32x32x3"))
    return tuple(int(part) if _is_whole(part) else None for part in parts)


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20  # "²" is a digit, too, but no number
