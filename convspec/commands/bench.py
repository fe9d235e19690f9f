"""`convspec bench NAME...`: milliseconds an inference and a training step, and images a second, on this machine."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from ..spec.faults import Fault, FaultError
from .arguments import given_shape, open_network, parse_settings

if TYPE_CHECKING:
    from ..spec import Spec
    from ..training.timing import Timing

DTYPES = {"float32": "none", "float16": "float16", "bfloat16": "bfloat16"}  # and what a recipe calls them


class Measured(NamedTuple):
    """How long a network takes for a batch; `training` is a training step, None where it was left out."""

    name: str
    inference: Timing
    training: Timing | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("networks", metavar="NAME|FILE", nargs="+", help="networks of the catalogue, or spec files")
    parser.add_argument("--input", metavar="HxWxC", help="another input, such as 32x32x3")
    parser.add_argument(
        "--set", metavar="PATH=VALUE", action="append", default=[], dest="settings", help="set a field of every spec"
    )
    parser.add_argument("--batch", type=int, default=32, metavar="N", help="images in a batch; 32 unless given")
    parser.add_argument("--repeats", type=int, default=10, metavar="N", help="timed batches of each; 10 unless given")
    parser.add_argument("--dtype", choices=tuple(DTYPES), default="float32", help="what is computed in")
    parser.add_argument("--inference", action="store_true", help="leave the training step out")
    parser.add_argument("--json", action="store_true", help="print a JSON object instead of a table")


def run(args: argparse.Namespace) -> int:
    """Print a row a network, as soon as it is measured."""
    specs = _specs(args)
    how = {"batch": args.batch, "dtype": args.dtype, "repeats": args.repeats, **_machine()}
    width = max(7, *(len(spec.name) for spec in specs))
    if not args.json:
        print(_heading(how, width), flush=True)
    rows = {}
    for found in _measure_all(specs, args):
        name, inference, training = found
        rows[name] = {"inference": _numbers(inference), **({"training": _numbers(training)} if training else {})}
        if not args.json:
            print(_row(found, width), flush=True)
    if args.json:
        import json

        print(json.dumps({**how, "networks": rows}, indent=1))
    return 0


def bench(args: argparse.Namespace) -> Iterator[Measured]:
    """Measure one network after the other. All of them are read, and errors raised, before the first is measured."""
    return _measure_all(_specs(args), args)


def _specs(args: argparse.Namespace) -> list[Spec]:
    if args.batch < 1 or args.repeats < 1:
        raise FaultError(Fault(f"--batch {args.batch} --repeats {args.repeats}: both are 1 or more"))
    settings = {**parse_settings(args.settings), "train.mixed_precision": DTYPES[args.dtype]}
    settings["train.deterministic"] = False  # which is slower
    specs = [open_network(network, None, settings, given_shape(args)) for network in args.networks]

    from ..quiet import import_keras

    import_keras()
    return specs


def _measure_all(specs: list[Spec], args: argparse.Namespace) -> Iterator[Measured]:
    for spec in specs:
        gc.collect()  # the network before, whose parts refer to each other
        yield Measured(spec.name, *_measure(spec, args))


def _measure(spec: Spec, args: argparse.Namespace) -> tuple[Timing, Timing | None]:
    from ..builder import build
    from ..training.compiling import setting
    from ..training.timing import time_inference, time_training

    with setting(spec.train):
        model = build(spec)
        inference = time_inference(model, args.batch, args.repeats)
        if args.inference:
            return inference, None
        return inference, time_training(model, spec.train, args.batch, args.repeats, spec.loss_weights)


def _machine() -> dict[str, Any]:
    """What the figures are true for."""
    import os
    import platform

    import keras

    devices = [device.split("/")[-1] for device in _accelerators()]
    return {
        "device": ", ".join(devices) or f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "backend": keras.backend.backend(),
        "keras": keras.__version__,
    }


def _accelerators() -> list[str]:
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        found = tf.config.list_physical_devices("GPU")
        return [tf.config.experimental.get_device_details(device).get("device_name", device.name) for device in found]
    if keras.backend.backend() == "jax":
        import jax

        return [device.device_kind for device in jax.devices() if device.platform != "cpu"]
    return []


def _numbers(timing: Timing) -> dict[str, float]:
    return {
        "milliseconds": round(timing.milliseconds, 3),
        "spread": round(timing.spread, 3),
        "images_per_second": round(timing.images_per_second, 1),
    }


def _heading(how: dict[str, Any], width: int) -> str:
    first = (
        f"batches of {how['batch']}, {how['dtype']}, median of {how['repeats']}, on {how['device']}, "
        f"Keras {how['keras']} with {how['backend']}"
    )
    columns = f"{'network':{width}}  {'inference, ms':>20}  {'images/s':>9}  {'training step, ms':>20}  {'images/s':>9}"
    return f"{first}\n{columns}\n{'-' * len(columns)}"


def _row(found: Measured, width: int) -> str:
    cells = [
        f"{f'{timing.milliseconds:,.1f} ± {timing.spread:,.1f}':>20}  {timing.images_per_second:9,.1f}"
        for timing in (found.inference, found.training)
        if timing is not None
    ]
    return f"{found.name:{width}}  {'  '.join(cells)}"
