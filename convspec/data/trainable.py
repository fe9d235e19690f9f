"""Whether a spec's network can be trained on labels, told with the places in its file."""

from __future__ import annotations

from collections.abc import Iterator

from ..graph.ending import end_of
from ..spec.faults import Fault, FaultError
from ..spec.reading import LocatedList, LocatedMap, Mark
from ..spec.spec import Spec
from .checks import Output, output_faults


def check_trainable(spec: Spec, classes: int) -> None:
    """Raise for each output of a spec that cannot be trained on so many classes."""
    if faults := list(_faults(spec, classes)):
        raise FaultError(faults)


def _faults(spec: Spec, classes: int) -> Iterator[Fault]:
    for (path, mark), tensor in zip(_places(spec), spec.graph.outputs, strict=True):
        for fault in output_faults(Output(tensor.node.name, tensor.shape, end_of(tensor)), classes):
            yield mark.fault(fault.message, path=path, remedy=fault.remedy)


def _places(spec: Spec) -> Iterator[tuple[str, Mark]]:
    """Where each output ends in the document, the main one first."""
    source = spec.source
    main = "head" if source.get("head") else "body"
    blocks = source.get(main)
    last = blocks.marks[-1] if isinstance(blocks, LocatedList) and blocks else None
    yield main, last or source.value_marks.get(main, source.mark)
    written = source.get("outputs")
    marks = written.key_marks if isinstance(written, LocatedMap) else {}
    for name in spec.document.outputs:
        yield f"outputs.{name}", marks.get(name, source.mark)
