"""The command: its options, the parts one after another in what time is left, their rows."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from . import plan as plans, processes
from .plan import SHARES, Plan
from .processes import OUT_OF_MEMORY, OVER, Job, Message, run
from .table import Row, Table

NO_GPU = "JAX finds no GPU here; `python -m benchmarks gpu --small` runs the same code on a processor."
FACTS = 90.0
"""Seconds that JAX has to find the device."""
ON_CPU, UNKNOWN = "not measured on a CPU", "not measured: the device's allocator says nothing"

SHARE = "XLA_CLIENT_MEM_FRACTION"
"""JAX's variable for the share of the device's memory that its allocator may take."""

WHOLE = 0.9
"""The share of all processes but those that have a budget."""


def main(arguments: list[str]) -> int:
    """Measure, and write the table; 1 if something failed that should not have, 3 if nothing was measured."""
    parser = argparse.ArgumentParser("python -m benchmarks gpu", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(SHARES)}; all unless given")
    parser.add_argument("--small", action="store_true", help="small sizes, on the CPU")
    parser.add_argument("--out", default="runs/gpu", metavar="FOLDER", help="where gpu.md and gpu.log go: runs/gpu")
    parser.add_argument(
        "--seconds", type=float, default=plans.SECONDS, metavar="N", help=f"what all may take; {plans.SECONDS:g}"
    )
    given = parser.parse_intermixed_args(arguments)  # parts may come after options
    if unknown := [part for part in given.parts if part not in SHARES]:
        parser.error(f"no part is called {', '.join(unknown)}; there are {', '.join(SHARES)}")
    if not given.seconds > 0:
        parser.error(f"--seconds {given.seconds:g}: more than 0")
    folder = Path(given.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _keep_earlier(folder)
        (folder / "gpu.log").write_text("", "utf-8")
    except OSError as error:
        parser.error(f"--out: {error}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the processes are ended, too
    try:
        return _measure(folder, given)
    except KeyboardInterrupt:
        print(f"\nstopped; {folder / 'gpu.md'} has the rows until now", file=sys.stderr)
        return 130


def _keep_earlier(folder: Path) -> None:
    """Give what an earlier run left another name."""
    number = 1
    while (folder / f"gpu.{number}.md").exists():
        number += 1
    for ending in ("md", "log"):
        if (folder / f"gpu.{ending}").exists():
            (folder / f"gpu.{ending}").rename(folder / f"gpu.{number}.{ending}")


def _measure(folder: Path, given: argparse.Namespace) -> int:
    deadline, log = time.monotonic() + given.seconds, folder / "gpu.log"
    _environment(given.small)
    found = {"end": ""}
    for _, message in run([Job(f"{__package__}.hardware.facts", seconds=FACTS)], deadline, log):
        found.update(message)
    if found["end"] or (found["platform"] == "cpu" and not given.small):
        why = f" ({found['end']}; {log} says more)" if found["end"] else ""
        print(f"{NO_GPU}{why}" if not given.small else why, file=sys.stderr)
        return 1
    plan = plans.small() if given.small else plans.full()
    table = Table(folder / "gpu.md")
    table.begin(_facts(found, given.small))
    with tempfile.TemporaryDirectory() as scratch:
        processes.scratch = scratch
        total = None if found["limit"] is None else int(found["limit"] / WHOLE)
        bench = Bench(plan, table, log, Path(scratch), total, ON_CPU if found["platform"] == "cpu" else UNKNOWN)
        bench.generate()
        wanted = [part for part in SHARES if not given.parts or part in given.parts]
        while wanted:
            part, *others = wanted
            left = deadline - time.monotonic()
            share = SHARES[part] / sum(SHARES[one] for one in wanted)
            PARTS[part](bench, time.monotonic() + left * share)
            wanted = others
    print(f"{table.measured} of {len(table.written)} rows were measured", file=sys.stderr)
    return 1 if table.failed else 0 if table.measured else 3


def _environment(small: bool) -> None:
    """What the processes inherit: JAX as the backend, and memory that is taken only when it is needed."""
    os.environ |= {"KERAS_BACKEND": "jax", "XLA_PYTHON_CLIENT_PREALLOCATE": "false", "MPLBACKEND": "agg"}
    for name in ("XLA_PYTHON_CLIENT_MEM_FRACTION", SHARE, "XLA_PYTHON_CLIENT_ALLOCATOR", "JAX_COMPILATION_CACHE_DIR"):
        os.environ.pop(name, None)
    os.environ[SHARE] = str(WHOLE)
    if small:
        os.environ["JAX_PLATFORMS"] = "cpu"
        os.environ["XLA_FLAGS"] = "--xla_backend_optimization_level=0"  # compiling is most of the work here
    else:
        os.environ.setdefault("JAX_PLATFORMS", "cuda")  # else JAX takes the processor, and does not say why
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")  # the figures are those of one


def _facts(found: Message, small: bool) -> list[str]:
    size = ["Small sizes: they show that everything runs, not how fast it is."] if small else []
    return [*found["lines"], f"{date.today()}", *size]


@dataclass
class Bench:
    """What all parts need; `memory` is the device's in bytes, or None, and `unmeasured` says why then."""

    plan: Plan
    table: Table
    log: Path
    scratch: Path
    memory: int | None
    unmeasured: str

    def generate(self) -> None:
        """Write images of ten classes that a network can tell apart: a pattern for each class, and noise."""
        for name, (shape, count) in self.plan.images.items():
            random = np.random.default_rng(0)
            labels = np.arange(count) % 10
            patterns = random.integers(0, 128, (10, *shape), dtype=np.uint8)
            x = patterns[labels] + random.integers(0, 128, (count, *shape), dtype=np.uint8)
            np.savez(self.data(name), x=x, y=labels)

    def data(self, name: str) -> str:
        """The file of these images."""
        return str(self.scratch / f"{name}.npz")


def twins(bench: Bench, deadline: float) -> None:
    """Inference and training step beside keras.applications'."""
    plan = bench.plan
    planned = [
        Row(kind, str(case)) for group in plan.twins for case in group for kind in ("inference", "training step")
    ]
    arguments = {"groups": plan.twins, "rounds": plan.rounds, "round_seconds": plan.round_seconds}
    for _, message in run([Job(f"{__package__}.twins.rows", arguments)], deadline, bench.log):
        if "end" in message:
            bench.table.fill(planned, message["end"])
            return
        row = Row(message["kind"], message["case"])
        if "why" in message:
            bench.table.fill([row], message["why"])
            continue
        ours, theirs = message["milliseconds"]
        bench.table.add(
            row._replace(
                ours=f"{ours:.2f} ms", theirs=f"{theirs:.2f} ms", ratio=f"{message['ratio']:.2f}",
                remarks=message["remark"],
            )
        )  # fmt: skip


def searches(bench: Bench, deadline: float) -> None:
    """Trials a minute of the staged search and of RandomSearch: one after the other, each in half of the time."""
    left = list(bench.plan.searches)
    while left:
        one, *others = left
        seconds = (deadline - time.monotonic()) * one.share / sum(search.share for search in left)
        end = time.monotonic() + seconds
        arguments = {
            "network": one.network, "space": one.space, "data": bench.data(one.images), "trials": bench.plan.trials,
        }  # fmt: skip
        rates, remarks = [], []
        for number, tuner in enumerate(("convspec", "keras_tuner")):
            half = time.monotonic() + (end - time.monotonic()) / (2 - number)
            times, why = _trials(Job(f"{__package__}.searches.{tuner}", arguments), half, bench.log)
            bench.table.failed |= why not in ("", OVER, OUT_OF_MEMORY)
            counted = len(times) - 1  # in the first everything is loaded
            rates.append(60 * counted / (times[-1] - times[0]) if counted > 0 else None)
            remarks.append(f"{max(0, counted)}" + (f" ({why})" if why not in ("", OVER) else ""))
        ratio = f"{rates[0] / rates[1]:.2f}" if rates[0] and rates[1] else ""
        cells = ["too few trials in the time" if rate is None else f"{rate:.1f}" for rate in rates]
        bench.table.add(
            Row("trials a minute", one.of, *cells, ratio, f"{' and '.join(remarks)} trials after the first of each")
        )
        left = others


def _trials(job: Job, deadline: float, log: Path) -> tuple[list[float], str]:
    """When the trials ended, and why there were no more."""
    times = []
    for _, message in run([job], deadline, log):
        if "end" in message:
            return times, message["end"]
        times.append(time.monotonic())
    raise AssertionError("a job always ends")


def memory(bench: Bench, deadline: float) -> None:
    """Peak memory beside the estimate at the batch that `--fit` names, and whether that batch fits."""
    from convspec import load
    from convspec.analysis.memory import largest_batch, parse_bytes, training_memory

    plan, total = bench.plan, bench.memory
    budget = parse_bytes(plan.budget) or 0
    cache = str(bench.scratch / "programs")
    peaks, fits, found = {}, {}, dict[Job, Message]()
    for name in reversed(plan.memory):  # those that compile longest first
        spec = load(name)
        batch = largest_batch(spec, budget) or 1
        arguments = {"network": name, "batch": batch, "cache": cache}
        of, predicted = f"{name}, batch {batch:,}", training_memory(spec, batch=batch)
        peaks[Job(f"{__package__}.memory.step", arguments)] = (Row("peak memory of a training step", of), predicted)
        # all of it at once: what is taken piece by piece may be too scattered near the end
        share = {SHARE: f"{budget / total:.6f}", "XLA_PYTHON_CLIENT_PREALLOCATE": "true"} if total else {}
        fits[Job(f"{__package__}.memory.step", arguments, share)] = Row(
            f"`--fit {plan.budget}`", of, f"batch {batch:,}"
        )
    side_by_side = max(1, min(4, (os.cpu_count() or 1) // 2, int((total or 0) / (2.5 * budget))))
    partner = dict(zip([*peaks, *fits], [*fits, *peaks], strict=True))
    jobs = list(peaks)
    if total:  # each limited process comes when the program that it needs has been compiled
        later: list[Job | None] = [None] * side_by_side
        jobs = [job for pair in zip_longest(peaks, [*later, *fits]) for job in pair if job is not None]
    ended = set()
    for job, message in run(jobs, deadline, bench.log, side_by_side):
        found.setdefault(job, {}).update(message)
        if "end" not in message:
            continue
        ended.add(job)
        first, limited = (job, partner[job]) if job in peaks else (partner[job], job)
        hidden = first in ended and _hidden(found[first])
        if hidden and limited in ended:  # it has compiled nothing, and its peak may be that of the steps
            better = not found[limited]["end"] and not _hidden(found[limited])
            _peak(bench.table, *peaks[first], found[limited if better else first], bench.unmeasured)
        elif job is first and not (hidden and total):
            _peak(bench.table, *peaks[first], found[first], bench.unmeasured)
        if job is limited:
            _fit(bench.table, fits[limited], found[limited], budget)
    if not total:
        for row in fits.values():
            bench.table.add(row._replace(remarks=bench.unmeasured))


def _hidden(found: Message) -> bool:
    """Whether compiling took more memory than the steps, so that their own peak is not known."""
    return not found["end"] and found["after"] is not None and found["after"] <= found["before"]


def _peak(table: Table, row: Row, predicted: Any, found: Message, unmeasured: str = ON_CPU) -> None:
    """The row of a measured peak; where the steps did not raise it, XLA's plan is told and nothing compared."""
    row = row._replace(ours=_bytes(predicted.total))
    plan = f"XLA plans {_bytes(found['planned'])}" if found.get("planned") else ""
    if found["end"]:
        table.fill([row], "; ".join(filter(None, (found["end"], plan))))
    elif found["after"] is None:
        table.add(row._replace(theirs=unmeasured, remarks=plan))
    elif found["after"] <= found["before"]:
        most = f"at most {_bytes(found['after'])}, which compiling took"
        table.add(row._replace(theirs=most, remarks=plan))
    else:
        measured = found["after"]
        table.add(
            row._replace(
                theirs=_bytes(measured), ratio=f"{predicted.total / measured:.2f}", remarks=plan
            )
        )  # fmt: skip


def _fit(table: Table, row: Row, found: Message, budget: int) -> None:
    """The row of a batch in a process whose allocator has no more than the budget."""
    if found["end"] == OUT_OF_MEMORY:
        table.add(row._replace(theirs="does not fit", remarks="out of memory"))
    elif found["end"]:
        table.fill([row], found["end"])
    elif not found["limit"] or abs(found["limit"] / budget - 1) > 0.02:
        kept = _bytes(found["limit"]) if found["limit"] else "no limit"
        table.add(row._replace(remarks=f"not measured: JAX kept to {kept} instead"))
    else:
        table.add(row._replace(theirs="fits", remarks=f"peak {_bytes(found['after'])} of {_bytes(found['limit'])}"))


def _bytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"


def training(bench: Bench, deadline: float) -> None:
    """Images a second of `train` beside a plain Keras script."""
    plan = bench.plan
    network = plan.trained["name"]
    planned = [Row("images a second", f"{network}, {setting.of}") for setting in plan.training]
    arguments = {
        "network": plan.trained, "data": bench.data(plan.trained_on), "settings": plan.training,
    }  # fmt: skip
    for _, message in run([Job(f"{__package__}.training.rows", arguments)], deadline, bench.log):
        if "end" in message:
            bench.table.fill(planned, message["end"])
            return
        row = Row("images a second", f"{network}, {message['of']}")
        if "why" in message:
            bench.table.fill([row], message["why"])
            continue
        ours, theirs = message["images_per_second"]
        bench.table.add(
            row._replace(
                ours=f"{ours:,.0f}", theirs=f"{theirs:,.0f}", ratio=f"{message['ratio']:.2f}",
                remarks=f"{message['epochs']} epochs of each, in turn",
            )
        )  # fmt: skip


PARTS: dict[str, Callable[[Bench, float], None]] = {
    "memory": memory, "training": training, "searches": searches, "twins": twins,
}  # fmt: skip
