"""What the commands do, as calls: the options of a command are the keywords of its call, with equal results.

A network is a name of the catalogue, a spec file, a mapping or a `Spec`; data are what `--data` takes, or a `Dataset`;
a model is a `.keras` file or the folder of a run. Nothing is printed unless `verbose`. All raise `FaultError`.
"""

from __future__ import annotations

import importlib
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .commands.arguments import RESIZES
from .spec.faults import Fault, FaultError, did_you_mean
from .spec.spec import Spec

if TYPE_CHECKING:
    from .analysis.comparison import Row
    from .analysis.difference import Difference
    from .commands.bench import Measured
    from .commands.explain import Explained
    from .commands.export import Exported
    from .data import Dataset
    from .training.checks import Line
    from .training.result import Result
    from .training.scores import Scores
    from .tuning.searching import SearchResult

__all__ = [
    "bench",
    "check",
    "compare",
    "diff",
    "evaluate",
    "explain",
    "export",
    "plot",
    "predict",
    "report",
    "train",
    "tune",
]

Network = str | Path | Mapping[str, Any] | Spec
Place = str | Path
Shape = Sequence[int | None]


def train(
    network: Network,
    data: Place | Dataset,
    *,
    out: Place | None = None,
    variant: str | None = None,
    input_shape: Shape | None = None,
    overrides: Mapping[str, Any] | None = None,
    recipe: str | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    finetune: Place | None = None,
    freeze: str | None = None,
    ensemble: int | None = None,
    devices: int = 1,
    resume: bool = False,
    data_dir: Place | None = None,
    pixel_range: Sequence[float] | None = None,
    verbose: bool = False,
) -> Result | tuple[Result, ...]:
    """Train a network by its recipe: history, accuracies and `model`; of an ensemble, one result per member.

    Without `out` nothing is written.
    """
    command = _command("train")
    finetune = None if finetune is None else str(finetune)
    args = Namespace(
        network=network, data=_data(data), out=out, variant=variant, input=input_shape, settings=overrides or {},
        recipe=recipe, epochs=epochs, batch_size=batch_size, seed=seed, finetune=finetune, freeze=freeze,
        ensemble=ensemble, devices=devices, resume=resume, data_dir=data_dir, pixel_range=pixel_range,
    )  # fmt: skip
    found: Result | tuple[Result, ...] = command.train(args, _say(verbose))
    return found


def tune(
    network: Network,
    data: Place | Dataset,
    *,
    out: Place | None = None,
    variant: str | None = None,
    input_shape: Shape | None = None,
    overrides: Mapping[str, Any] | None = None,
    extend: bool = False,
    widen: bool = False,
    workers: int = 0,
    address: str | None = None,
    time_limit: float | None = None,
    tensorboard: bool = False,
    data_dir: Place | None = None,
    pixel_range: Sequence[float] | None = None,
    verbose: bool = False,
) -> SearchResult | None:
    """Search the fields of the `tune:` section, or go on with the search in `out`; None in a worker of a chief.

    A search always has a folder: `runs/NAME-search` unless `out` names one.
    """
    args = Namespace(
        network=network, data=_data(data), out=out, variant=variant, input=input_shape, settings=overrides or {},
        extend=extend, widen=widen, workers=workers, address=address, time_limit=time_limit,
        tensorboard=tensorboard, data_dir=data_dir,
        pixel_range=pixel_range,
    )  # fmt: skip
    found: SearchResult | None = _command("tune").tune(args, _say(verbose))[1]
    return found


def evaluate(
    model: Place,
    data: Place | Dataset,
    *,
    part: Literal["training", "validation", "test"] | None = None,
    resize: Literal["stretch", "crop", "pad"] | None = None,
    out: Place | None = None,
    overwrite: bool = False,
    data_dir: Place | None = None,
    pixel_range: Sequence[float] | None = None,
) -> Scores:
    """How good a trained network is on the test images, else on those that training kept for validation."""
    _check_choice("part", part, ("training", "validation", "test"))
    _check_choice("resize", resize, RESIZES)
    args = Namespace(
        model=model, data=_data(data), part=part, resize=resize, out=out, overwrite=overwrite, data_dir=data_dir,
        pixel_range=pixel_range,
    )  # fmt: skip
    scores: Scores = _command("evaluate").evaluate(args)[1]
    return scores


def predict(
    model: Place,
    images: Place | Sequence[Place],
    *,
    top: int = 3,
    resize: Literal["stretch", "crop", "pad"] | None = None,
) -> Iterator[tuple[Path, dict[str, float] | Fault]]:
    """The likeliest classes of each image file with their probabilities, or why it cannot be read."""
    _check_choice("resize", resize, RESIZES)
    args = Namespace(model=model, images=_several(images), top=top, resize=resize)
    found: Iterator[tuple[Path, dict[str, float] | Fault]] = _command("predict").predict(args)[1]
    return found


def explain(
    model: Place,
    images: Place | Sequence[Place],
    *,
    method: Literal["grad_cam", "occlusion"] = "grad_cam",
    class_name: str | None = None,
    layer: str = "",
    resize: Literal["stretch", "crop", "pad"] | None = None,
    out: Place | None = None,
    overwrite: bool = False,
) -> list[tuple[Path, Explained | Fault]]:
    """Draw where in images a network sees a class: for each file what the picture shows, or why it is unreadable."""
    _check_choice("method", method, ("grad_cam", "occlusion"))
    _check_choice("resize", resize, RESIZES)
    args = Namespace(
        model=model, images=_several(images), method=method, class_name=class_name, layer=layer, resize=resize, out=out,
        overwrite=overwrite,
    )  # fmt: skip
    return list(_command("explain").explain(args))


def export(
    model: Place,
    format: Literal["saved_model", "tflite", "onnx"],
    out: Place | None = None,
    *,
    raw: bool = False,
    overwrite: bool = False,
    pixel_range: Sequence[float] | None = None,
) -> Exported:
    """Write a trained network for other programs, and check it; beside the model unless `out` is given."""
    _check_choice("format", format, ("saved_model", "tflite", "onnx"))
    args = Namespace(model=model, format=format, out=out, raw=raw, overwrite=overwrite, pixel_range=pixel_range)
    found: Exported = _command("export").export(args)
    return found


def check(
    network: Network,
    *,
    data: Place | Dataset | None = None,
    input_shape: Shape | None = None,
    overrides: Mapping[str, Any] | None = None,
    picture: Place | None = None,
    overwrite: bool = False,
    data_dir: Place | None = None,
    pixel_range: Sequence[float] | None = None,
) -> list[Fault] | list[Line]:
    """The errors of a network, all variants of a file included; with `data`, if there are none, the sanity checks."""
    command = _command("check")
    changes = {"overrides": dict(overrides or {}), "input_shape": input_shape}
    args = Namespace(data=None if data is None else _data(data), picture=picture, overwrite=overwrite,
                     data_dir=data_dir, pixel_range=pixel_range)  # fmt: skip
    if picture is not None:
        command.check_picture(Path(picture), args)
    faults: list[Fault] = command.check(network, changes)
    return faults if faults or data is None else list(command.sanity(args, network, changes))


def compare(
    *networks: Network,
    input_shape: Shape | None = None,
    batch: int = 1,
    dtype: Literal["float16", "bfloat16", "float32", "float64"] = "float32",
    out: Place | None = None,
    overwrite: bool = False,
    dark: bool = False,
) -> list[Row]:
    """Networks side by side, a row each; a name may be a pattern such as `resnet*`. `out` is a picture."""
    _check_choice("dtype", dtype, ("float16", "bfloat16", "float32", "float64"))
    args = Namespace(networks=networks, input=input_shape, batch=batch, dtype=dtype, out=out, overwrite=overwrite,
                     dark=dark)  # fmt: skip
    rows: list[Row] = _command("compare").compare(args)[0]
    return rows


def bench(
    *networks: Network,
    input_shape: Shape | None = None,
    overrides: Mapping[str, Any] | None = None,
    batch: int = 32,
    repeats: int = 10,
    dtype: Literal["float32", "float16", "bfloat16"] = "float32",
    inference: bool = False,
) -> list[Measured]:
    """Measure on this machine how long batches take in inference and, unless `inference`, in a training step."""
    _check_choice("dtype", dtype, ("float32", "float16", "bfloat16"))
    args = Namespace(networks=networks, input=input_shape, settings=overrides or {}, batch=batch, repeats=repeats,
                     dtype=dtype, inference=inference)  # fmt: skip
    return list(_command("bench").bench(args))


def diff(before: Network, after: Network, *, variant: str | None = None) -> dict[str | None, Difference]:
    """What differs in meaning between two networks: empty if nothing; of families, by the variants that both have."""
    return dict(_command("diff").diff(before, after, variant))


def plot(
    network: Network,
    out: Place,
    *,
    variant: str | None = None,
    input_shape: Shape | None = None,
    overrides: Mapping[str, Any] | None = None,
    depth: Literal["layers", "blocks", "stages"] | None = None,
    scale: Literal["macs", "parameters"] | None = None,
    overwrite: bool = False,
    dark: bool = False,
) -> Path:
    """Draw a network into a .svg, .html, .png or .pdf file; the file."""
    _check_choice("depth", depth, ("layers", "blocks", "stages"))
    _check_choice("scale", scale, ("macs", "parameters"))
    args = Namespace(network=network, out=out, variant=variant, input=input_shape, settings=overrides or {},
                     depth=depth, scale=scale, overwrite=overwrite, dark=dark)  # fmt: skip
    path: Path = _command("plot").plot(args)[1]
    return path


def report(folder: Place, out: Place | None = None, *, overwrite: bool = False) -> Path:
    """Write one HTML file about a training run or a search; the file, `report.html` in the folder unless given."""
    path: Path = _command("report").report(Namespace(folder=folder, out=out, overwrite=overwrite))
    return path


def _command(name: str) -> Any:
    return importlib.import_module(f".commands.{name}", __package__)


def _data(data: Any) -> Any:
    return str(data) if isinstance(data, Path) else data


def _several(images: Place | Sequence[Place]) -> list[Place]:
    return [images] if isinstance(images, (str, Path)) else list(images)


def _say(verbose: bool) -> Any:
    return (lambda line: sys.stdout.write(f"{line}\n")) if verbose else None


def _check_choice(name: str, value: str | None, choices: tuple[str, ...]) -> None:
    if value is not None and value not in choices:
        remedy = f"there are {', '.join(choices)}"
        raise FaultError(Fault(f"{name}: no {name} is called {value!r}{did_you_mean(value, choices)}", remedy=remedy))
