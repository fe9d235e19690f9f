"""The peak memory of a training step by JAX's allocator, beside what `inspect --training` predicts."""

from __future__ import annotations

from typing import Any

import jax

from convspec import load
from convspec.builder import build
from convspec.training.compiling import make_losses, make_optimizer

from . import programs
from .processes import Send


def step(send: Send, network: str, batch: int, cache: str) -> None:
    """Send bytes of two training steps in this process: the allocator's peak before and after, and XLA's own plan.

    The allocator never forgets a peak, and compiling tries kernels out in the device's memory: only a peak that the
    steps raised is theirs. Programs are kept in the folder `cache`, so that a second process need not compile.
    """
    jax.config.update("jax_compilation_cache_dir", cache)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)  # small networks, too
    spec = load(network)
    model = programs.outline(lambda: build(spec))
    losses = make_losses(model, spec.train)
    programs.compiled_with(model, make_optimizer(spec.train), losses[0])
    x, y = programs.images((batch, *spec.input), spec.classes)
    program = programs.trace_training(model, (x, y)).compile()
    plan = program.memory_analysis()
    planned = None
    if plan is not None:
        held = plan.argument_size_in_bytes + plan.output_size_in_bytes - plan.alias_size_in_bytes
        planned = held + plan.temp_size_in_bytes
    send({"planned": planned})
    before = _statistics()
    state, given = programs.on_device(tuple(programs.numbers(model))), programs.on_device((x, y))
    for _ in range(2):
        _, state = program(tuple(map(list, state)), given)
    jax.block_until_ready(state)
    after = _statistics()
    peaks = [None if one is None else one["peak_bytes_in_use"] for one in (before, after)]
    send({"before": peaks[0], "after": peaks[1], "limit": None if after is None else after.get("bytes_limit")})


def _statistics() -> dict[str, Any] | None:
    """What the allocator of the first device says; nothing on a processor."""
    found: dict[str, Any] | None = jax.devices()[0].memory_stats()
    return found if found and "peak_bytes_in_use" in found else None
