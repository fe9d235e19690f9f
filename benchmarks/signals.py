"""Signals at random moments: does each command stop, and does what was killed go on to the same result?

`python -m benchmarks signals --count 40 --kills 20` sends that many SIGINTs to each command and a quarter as many
SIGTERMs, and kills two searches and a training that many times each. The moments are those of a whole run. The commands
are forked from a process that has imported TensorFlow, as tests/warm.py says; every fifth is started from nothing and
gets its signal in the first tenth of a second.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.warm import Command, command

SPEC = """
name: tiny
input: [8, 8, 1]
classes: 10
body: [conv3-8, maxpool2/2, conv3-8]
head: {flatten: true, fc: [16]}
train: {epochs: 6, batch_size: 32, ema: 0.9, optimizer: {name: sgd, learning_rate: 0.05, momentum: 0.9}}
tune:
  space:
    head.fc: {choice: [[32], [16, 16]]}
    train.optimizer.learning_rate: {log_uniform: [1.0e-3, 1.0e-1]}
  stages: [{trials: 6, epochs: 2}, {trials: 3, epochs: 3, narrow_to: 2}]
"""
FOLDS = "tune.folds=3"
EARLY = 0.1
"""Seconds from the start of a process in which it is mostly Python itself that runs."""

COMMANDS = ("tune", "tune --workers 2", "train", "export", "report", "check --data")
STOPPED = {signal.SIGINT: 130, signal.SIGTERM: 143}


@dataclass
class Told:
    """What a command did when it got a signal."""

    sent: int = 0
    ended_before: int = 0
    exits: Counter[int] = field(default_factory=Counter)
    tracebacks: int = 0
    slowest: float = 0.0
    before_main: int = 0

    def row(self, name: str) -> str:
        """A row of the table."""
        exits = ", ".join(f"{count} x {code}" for code, count in self.exits.most_common())
        return (
            f"| {name} | {self.sent} | {exits or '-'} | {self.ended_before} | {self.before_main} | {self.tracebacks} | "
            f"{self.slowest:.1f} s |"
        )


class Place:
    """A folder with images, a trained network and the specs of the benchmark."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.number = folder, 0
        (folder / "tiny.yaml").write_text(SPEC, encoding="utf-8")
        _write_images(folder / "digits")
        self.run("train", "--out", str(folder / "trained"))

    def command(self, name: str, *arguments: str) -> list[str]:
        """The arguments of one of the commands."""
        spec, data = str(self.folder / "tiny.yaml"), ["--data", str(self.folder / "digits")]
        whole = {
            "train": ["train", spec, *data],
            "tune": ["tune", spec, *data],
            "tune --workers 2": ["tune", spec, *data, "--workers", "2"],
            "export": ["export", str(self.folder / "trained"), "--format", "saved_model"],
            "report": ["report", str(self.folder / "trained")],
            "check --data": ["check", spec, *data],
        }
        return [*whole[name], *arguments]

    def run(self, name: str, *arguments: str) -> float:
        """Run a command to its end; the seconds that it took. Raises where it fails."""
        begun = time.monotonic()
        done = command(self.command(name, *arguments))
        if done.returncode not in ((0, 1) if name == "check --data" else (0,)):
            raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr[-500:]}")
        return time.monotonic() - begun

    def new(self) -> str:
        """Another folder or file that is not there yet."""
        self.number += 1
        return str(self.folder / f"out{self.number}")


def run(count: int = 20, kills: int = 5, only: Collection[str] = (*COMMANDS, "kill")) -> Iterator[str]:
    """The tables of the signals."""
    with tempfile.TemporaryDirectory() as folder:
        place, moments = Place(Path(folder)), random.Random(1)
        yield "| command | signals | exit codes | had ended | before main | tracebacks of convspec | slowest |"
        yield "|---|---|---|---|---|---|---|"
        for name in (name for name in COMMANDS if name in only):
            whole = place.run(name, *_out(name, place))
            for number, times in ((signal.SIGINT, count), (signal.SIGTERM, count // 4)):
                told = Told()
                for attempt in range(times):
                    early = attempt % 5 == 0
                    _signal(place, name, number, moments.uniform(0, EARLY if early else whole), told)
                yield told.row(f"{name}, {number.name}, {whole:.0f} s")
        if "kill" not in only:
            return
        yield ""
        yield "| killed | kills | finished in spite of it | differences from the run that was not killed |"
        yield "|---|---|---|---|"
        for name, more in (("tune", ()), ("tune", ("--set", FOLDS)), ("train", ())):
            yield _kill(place, name, more, kills, moments)


def _out(name: str, place: Place) -> list[str]:
    if name == "check --data":
        return []
    return ["--out", place.new() + (".html" if name == "report" else "")]


def _signal(place: Place, name: str, number: signal.Signals, moment: float, told: Told) -> None:
    out = _out(name, place)
    asked = place.command(name, *out)
    process: Command | subprocess.Popen[str]
    if moment < EARLY:
        asked = [sys.executable, "-m", "convspec", *asked]
        process = subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    else:
        process = Command(asked)
    time.sleep(moment)
    if process.poll() is not None:
        told.ended_before += 1
        process.communicate()
    else:
        process.send_signal(number)
        sent = time.monotonic()
        _, errors = process.communicate(timeout=120)
        told.sent += 1
        told.slowest = max(told.slowest, time.monotonic() - sent)
        if moment < EARLY and process.returncode != STOPPED[number] and "stopped" not in errors:
            told.before_main += 1  # Python has not come to the first line of convspec
        else:
            told.exits[process.wait()] += 1
            told.tracebacks += "Traceback" in errors
    for path in map(Path, out[1:]):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _kill(place: Place, name: str, more: tuple[str, ...], count: int, moments: random.Random) -> str:
    """Kill one run again and again, let it end, and compare it with one that was not killed."""
    whole, killed = place.new(), place.new()
    seconds = place.run(name, *more, "--out", whole)
    kills = ended = 0
    while kills < count and ended < 10:
        resume = ("--resume",) if name == "train" and (Path(killed) / "run.json").exists() else ()
        process = Command(place.command(name, *more, *resume, "--out", killed))
        time.sleep(seconds * moments.uniform(0.4, 0.8))
        if process.poll() is None:
            process.kill()
            process.wait()
            kills += 1
        else:  # there is nothing to kill any more: begin again
            ended += 1
            shutil.rmtree(killed)
    resume = ("--resume",) if name == "train" and (Path(killed) / "run.json").exists() else ()
    place.run(name, *more, *resume, "--out", killed)
    return f"| {' '.join([name, *more[1:]])} | {kills} | {ended} | {differences(Path(whole), Path(killed)) or 'none'} |"


def differences(whole: Path, killed: Path) -> str:
    """What two runs or searches differ in: their tables without the times, their weights, what was left behind."""
    import keras
    import numpy as np

    found = [name for name in ("trials.csv", "history.csv") if _table(whole / name) != _table(killed / name)]
    for name in ("model.keras", "best.keras"):
        if (whole / name).exists():
            models = [keras.models.load_model(folder / name, compile=False) for folder in (whole, killed)]
            pairs = zip(*(model.get_weights() for model in models), strict=True)
            found += [] if all(np.array_equal(one, other) for one, other in pairs) else [f"the weights of {name}"]
    found += [f"left {path.name}" for path in killed.rglob(".convspec-*")]
    return ", ".join(found)


def _table(path: Path) -> str:
    import csv

    if not path.exists():
        return ""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    timed = ("seconds", "finished")
    return json.dumps([{name: value for name, value in row.items() if name not in timed} for row in rows])


def _write_images(folder: Path) -> None:
    """Scikit-learn's digits as a folder of PNG files by class."""
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    for number, (image, label) in enumerate(zip(digits.images[:600], digits.target, strict=False)):
        (folder / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 15.9).astype("uint8")).save(folder / str(label) / f"{number}.png")


def main(arguments: list[str]) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks signals")
    parser.add_argument("--count", type=int, default=20, metavar="N", help="SIGINTs to each command")
    parser.add_argument("--kills", type=int, default=5, metavar="N", help="SIGKILLs to each search and the training")
    parser.add_argument("--only", action="append", choices=[*COMMANDS, "kill"], help="a part of it; may be repeated")
    args = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
    for line in run(args.count, args.kills, args.only or (*COMMANDS, "kill")):
        print(line, flush=True)
    return 0
