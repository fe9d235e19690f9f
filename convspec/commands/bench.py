"""`convspec bench NAME...`: milliseconds an inference and a training step, and images a second, on this machine."""

from __future__ import annotations

import argparse
import json
import os
import platform
from typing import TYPE_CHECKING, Any, get_args

from ..api.bench import Dtype, measure_all, specs_to_measure
from ..api.results import Measured
from .arguments import add_input, add_set, keywords

if TYPE_CHECKING:
    from ..training.timing import Timing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("networks", metavar="NAME|FILE", nargs="+", help="networks of the catalogue, or spec files")
    add_input(parser, "another input, such as 32x32x3")
    add_set(parser, "set a field of every spec")
    parser.add_argument("--batch", type=int, default=32, metavar="N", help="images in a batch; 32 unless given")
    parser.add_argument("--repeats", type=int, default=10, metavar="N", help="timed batches of each; 10 unless given")
    parser.add_argument("--dtype", choices=get_args(Dtype), default="float32", help="what is computed in")
    parser.add_argument("--inference", action="store_true", help="leave the training step out")
    parser.add_argument("--json", action="store_true", help="print a JSON object instead of a table")


def run(args: argparse.Namespace) -> int:
    """Print one row per network, as soon as it is measured."""
    options = keywords(args, "json", "inference")
    specs = specs_to_measure(**options)
    rows, width = {}, max(7, *(len(spec.name) for spec in specs))
    from ..keras_import import import_keras

    import_keras()
    how = {"batch": args.batch, "dtype": args.dtype, "repeats": args.repeats, **_machine()}
    if not args.json:
        print(_heading(how, width), flush=True)
    for found in measure_all(specs, args.batch, args.repeats, args.inference):
        name, inference, training = found
        rows[name] = {"inference": _numbers(inference), **({"training": _numbers(training)} if training else {})}
        if not args.json:
            print(_row(found, width), flush=True)
    if args.json:
        print(json.dumps({**how, "networks": rows}, indent=1))
    return 0


def _machine() -> dict[str, Any]:
    """What the figures are true for."""
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
