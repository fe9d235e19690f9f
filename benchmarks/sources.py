"""Every kind of data source through every command, each in a process of its own as users run them, timed.

There is no peer: other programs have no such commands. The table says of each command whether it ended well.
"""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

SPEC = """
name: tiny
input: [8, 8, 1]
classes: {classes}
body: [conv3-4, maxpool2/2]
head: {{flatten: true, fc: [8]}}
train: {{epochs: 1, batch_size: 32, validation_split: 0.2, optimizer: {{learning_rate: 0.01}}}}
tune:
  space: {{head.fc: {{choice: [[8], [4, 4]]}}, train.optimizer.learning_rate: {{log_uniform: [0.001, 0.1]}}}}
  stages: [{{trials: 2, epochs: 1}}]
"""
COUNT, CLASSES = 60, 3


def images() -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """60 of scikit-learn's digits 0, 1 and 2 as bytes, and their labels."""
    from sklearn.datasets import load_digits

    found = load_digits(n_class=CLASSES)
    return (found.images[:COUNT] * 15).astype(np.uint8), found.target[:COUNT].astype(np.int64)


def _png(path: Path, image: np.ndarray) -> None:  # type: ignore[type-arg]
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)


def _folder(place: Callable[[int, int], str]) -> Callable[[Path], str]:
    def write(folder: Path) -> str:
        for number, (image, label) in enumerate(zip(*images(), strict=True)):
            _png(folder / place(number, label), image)
        (folder / ".DS_Store").write_bytes(b"\0")
        return str(folder)

    return write


def _csv(folder: Path) -> str:
    rows = ["path,label,split"]
    for number, (image, label) in enumerate(zip(*images(), strict=True)):
        _png(folder / "images" / f"{number}.png", image)
        rows.append(f"images/{number}.png,digit {label},{'test' if number % 5 == 0 else 'train'}")
    (folder / "all.csv").write_text("\n".join(rows) + "\n")
    return str(folder / "all.csv")


def _npz(folder: Path) -> str:
    x, y = images()
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "all.npz", x=x, y=y, class_names=["zero", "one", "two"])
    return str(folder / "all.npz")


def _idx(folder: Path) -> str:
    x, y = images()
    folder.mkdir(parents=True, exist_ok=True)
    for kind, array in (("images-idx3", x), ("labels-idx1", y.astype(np.uint8))):
        header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
        (folder / f"train-{kind}-ubyte").write_bytes(header + array.tobytes())
    return str(folder)


def _tfds(folder: Path) -> str:
    import tensorflow_datasets as tfds

    class SmallDigits(tfds.core.GeneratorBasedBuilder):  # type: ignore[misc, name-defined]
        """The same digits, prepared as a data set of TensorFlow Datasets."""

        VERSION = tfds.core.Version("1.0.0")

        def _info(self) -> object:
            image = tfds.features.Image(shape=(8, 8, 1))
            features = {"image": image, "label": tfds.features.ClassLabel(num_classes=CLASSES)}
            return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(features))

        def _split_generators(self, dl_manager: object) -> object:
            return {"train": self._generate_examples()}

        def _generate_examples(self) -> Iterator[tuple[int, dict[str, object]]]:
            for number, (image, label) in enumerate(zip(*images(), strict=True)):
                yield number, {"image": image[..., None], "label": int(label)}

    SmallDigits(data_dir=folder).download_and_prepare()
    return f"tfds:{folder / 'small_digits' / '1.0.0'}"


def _huggingface(folder: Path) -> str:
    import datasets
    from PIL import Image

    x, y = images()
    features = {"image": datasets.Image(), "label": datasets.ClassLabel(names=["zero", "one", "two"])}
    columns = {"image": [Image.fromarray(image) for image in x], "label": y.tolist()}
    found = datasets.Dataset.from_dict(columns, features=datasets.Features(features))
    datasets.DatasetDict({"train": found}).save_to_disk(folder)
    return f"huggingface:{folder}"


def _part(number: int) -> str:
    return "val" if number % 5 == 0 else "test" if number % 5 == 1 else "train"


SOURCES: dict[str, Callable[[Path], str]] = {
    "folder": _folder(lambda number, label: f"{label}/{number}.png"),
    "folder, nested": _folder(lambda number, label: f"{label}/{2020 + number % 2}/{number}.png"),
    "folder, train val test": _folder(lambda number, label: f"{_part(number)}/{label}/{number}.png"),
    "CSV": _csv,
    "npz": _npz,
    "IDX": _idx,
    "digits": lambda folder: "digits",
    "tfds": _tfds,
    "huggingface": _huggingface,
}
"""Each writes its files into a folder and gives what `--data` takes."""


def commands(folder: Path, data: str) -> dict[str, list[str]]:
    """The arguments of every command that reads images, in the order in which a user comes to them."""
    spec, run, search = str(folder / "tiny.yaml"), str(folder / "run"), str(folder / "search")
    (folder / "tiny.yaml").write_text(SPEC.format(classes=10 if data == "digits" else CLASSES))
    for number, image in enumerate(images()[0][:3]):
        _png(folder / "new" / f"{number}.png", image)
    train, tune = ["train", spec, "--data", data, "--out", run], ["tune", spec, "--data", data, "--out", search]
    return {
        "check": ["check", spec, "--data", data],
        "train": train,
        "train --resume": [*train, "--resume"],
        "tune": tune,
        "tune again": tune,
        "evaluate": ["evaluate", run, "--data", data],
        "evaluate best": ["evaluate", search, "--data", data],
        "predict": ["predict", run, str(folder / "new")],
        "explain": ["explain", run, str(folder / "new" / "0.png"), "--out", str(folder / "seen")],
    }


def run() -> Iterator[str]:
    """Rows: a source, and of each command the seconds that it took, or its exit status and last line."""
    with tempfile.TemporaryDirectory() as place:
        for row, name in enumerate(SOURCES):
            folder = Path(place) / str(row)
            folder.mkdir()
            steps = commands(folder, SOURCES[name](folder / "data"))
            if not row:
                yield f"| source | {' | '.join(steps)} |"
                yield "|---|" + "---|" * len(steps)
            yield f"| {name} | {' | '.join(_done(arguments) for arguments in steps.values())} |"


def _done(arguments: list[str]) -> str:
    start = time.perf_counter()
    command = [sys.executable, "-m", "convspec", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0 or (arguments[0] == "check" and "WARN" in done.stdout and not done.stderr):
        return f"{time.perf_counter() - start:.1f} s"
    return f"**{done.returncode}**: {(done.stderr.strip().splitlines() or ['?'])[-1]}"
