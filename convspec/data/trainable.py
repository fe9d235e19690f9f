"""Whether a spec's network can be trained on labels, told with the places in its file."""

from __future__ import annotations

from collections.abc import Iterator

from ..graph import Tensor
from ..graph.ending import end_of
from ..spec.faults import Fault, FaultError
from ..spec.reading import LocatedList, LocatedMap, Mark
from ..spec.spec import Spec
from .checks import Output, output_faults

FEATURES = "features have no labels: give it a `head`, such as {pooling: avg}, or train without it: --set outputs={}"


def classes_of(spec: Spec) -> int:
    """The classes that a spec's network is trained on. Raises `FaultError` where it names none."""
    if spec.classes is None:
        shape = spec.graph.outputs[0].shape
        wanted = shape[0] if len(shape) == 1 else None
        number = wanted or "N"
        ends = f", though it ends in {wanted} values" if wanted else ""
        message = f"the network has no `classes`{ends}, so there is nothing to train it for"
        remedy = f"write `classes: {number}` beside `name` and `input`, or --set classes={number}"
        raise FaultError(spec.source.mark.fault(message, path="classes", remedy=remedy))
    return spec.classes


def check_trainable(spec: Spec, classes: int) -> None:
    """Raise for each output of a spec that cannot be trained on so many classes."""
    if faults := list(_faults(spec, classes)):
        raise FaultError(faults)


def _faults(spec: Spec, classes: int) -> Iterator[Fault]:
    main, *further = spec.graph.outputs
    path, mark = _end(spec)
    for fault in output_faults(_output(main.node.name, main), classes):
        yield mark.fault(fault.message, path=path, remedy=fault.remedy)
    written = spec.source.get("outputs")
    marks = written.key_marks if isinstance(written, LocatedMap) else {}
    for (name, output), tensor in zip(spec.document.outputs.items(), further, strict=True):
        for fault in output_faults(_output(name, tensor), classes):
            remedy = fault.remedy if output.head is not None else FEATURES
            mark = marks.get(name, spec.source.mark)
            yield mark.fault(fault.message, path=f"outputs.{name}", remedy=remedy)


def _output(name: str, tensor: Tensor) -> Output:
    return Output(name, tensor.shape, end_of(tensor))


def _end(spec: Spec) -> tuple[str, Mark]:
    """Where the main output ends in the document."""
    source = spec.source
    path = "head" if source.get("head") else "body"
    blocks = source.get(path)
    last = blocks.marks[-1] if isinstance(blocks, LocatedList) and blocks else None
    return path, last or source.value_marks.get(path, source.mark)
