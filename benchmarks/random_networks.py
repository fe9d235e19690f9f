"""Random specs against what Keras makes of them: `python -m benchmarks reliability networks`."""

from __future__ import annotations

import time

from .attempts import Outcome

NETWORKS = 10_000
"""Specs that `networks` builds at most."""


def networks(minutes: float = 1.0, seed: int = 1) -> Outcome:
    """Random specs of every block against what Keras makes of them: each layer, its shape and weights, in order.

    A difference counts as a foreign exception, and so does an accepted spec that cannot be built.
    """
    import convspec
    from convspec.keras_import import import_keras

    import_keras()
    import keras

    from tests.agreement import assert_agreement
    from tests.random_specs import Drawing, accepted

    drawing, refused, foreign, slowest, built = Drawing(seed), 0, list[tuple[str, str]](), 0.0, 0
    end = time.process_time() + 60 * minutes
    while time.process_time() < end and built < NETWORKS:
        document = drawing.anything()
        start = time.process_time()
        try:
            spec = accepted(document)
        except Exception as error:
            foreign.append((f"{type(error).__name__}: {error}"[:200], repr(document)))
            continue
        slowest = max(slowest, time.process_time() - start)
        if spec is None:
            refused += 1
            continue
        built += 1
        keras.backend.clear_session(free_memory=False)  # automatic names count from the start
        try:
            # drawing first values takes most of a build, and is not compared
            model = convspec.build(spec, zero_kernels=[node.name for node in spec.layers])
            assert_agreement(convspec.analyze(spec), model)
        except Exception as error:
            foreign.append((f"{type(error).__name__}: {error}"[:200], repr(document)))
    return Outcome("random specs built in Keras, layer by layer", built + refused, built, refused, foreign, slowest)
