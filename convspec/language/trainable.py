"""Whether the outputs of a network can be trained on labels; those of a spec, with the places in its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..graph import Shape, Tensor, format_shape
from ..graph.output_kind import End, end_of
from .diagnostics import Diagnostic, InputError
from .fine_tuning import fine_tuning_diagnostics
from .located import LocatedList, Mark
from .spec import Spec

FEATURES = "features have no labels: give it a `head`, such as {pooling: avg}, or train without it: --set outputs={}"


class TrainedOutput(NamedTuple):
    """An output that is to be trained: the name of its layer, its shape without the batch, what its values are."""

    name: str
    shape: Shape
    end: End


def check_outputs(outputs: Iterable[TrainedOutput], classes: int) -> None:
    """Raise for each output that cannot be trained on labels: another shape than (classes,), or no probabilities."""
    if diagnostics := [diagnostic for output in outputs for diagnostic in output_diagnostics(output, classes)]:
        raise InputError(diagnostics)


def output_diagnostics(output: TrainedOutput, classes: int) -> Iterator[Diagnostic]:
    """Why an output cannot be trained on so many classes, if it cannot."""
    if tuple(output.shape) != (classes,):
        yield Diagnostic(
            f"the output {output.name!r} is {format_shape(output.shape)}, and cannot be trained on {classes} classes",
            remedy=f"end it in a layer of {classes} values, as `head: {{pooling: avg}}` does, or leave the output out",
        )
    elif classes == 1:
        yield Diagnostic(
            f"the output {output.name!r} has one class, whose probability is always 1: there is nothing to learn",
            remedy="write `classes: 2` to tell two classes apart, yes and no, say",
        )
    elif output.end.kind == "other":
        yield end_diagnostic(output.name, output.end, classes)


def end_diagnostic(name: str, end: End, classes: int) -> Diagnostic:
    """An output whose values are neither probabilities nor logits."""
    return Diagnostic(
        f"the output {name!r} ends in {end.described}: neither a softmax, whose values are probabilities, nor a linear "
        f"layer, whose values are logits",
        remedy=f"end it in a layer of {classes} values with a softmax, or with no activation; labels are one class an "
        "image, so no sigmoid will do",
    )


def training_classes(spec: Spec) -> int:
    """The classes that a spec's network is trained on. Raises `InputError` where it names none."""
    if spec.classes is None:
        shape = spec.graph.outputs[0].shape
        wanted = shape[0] if len(shape) == 1 else None
        number = wanted or "N"
        ends = f", though it ends in {wanted} values" if wanted else ""
        message = f"the network has no `classes`{ends}, so there is nothing to train it for"
        remedy = f"write `classes: {number}` beside `name` and `input`, or --set classes={number}"
        raise InputError(spec.source.mark.diagnostic(message, path="classes", remedy=remedy))
    return spec.classes


def check_recipe(spec: Spec) -> None:
    """Raise for a spec with a `train:` or `tune:` section whose network cannot be trained as they say.

    A spec without them may end in anything: it is built, not trained.
    """
    if spec.recipe is None and spec.tune is None:
        return
    diagnostics = [*_destroying(spec), *fine_tuning_diagnostics(spec)]
    try:
        diagnostics += _diagnostics(spec, training_classes(spec))
    except InputError as error:
        diagnostics += error.diagnostics
    if diagnostics:
        raise InputError(diagnostics)


def _destroying(spec: Spec) -> Iterator[Diagnostic]:
    """Augmentation that leaves little of an image, or has no meaning for its channels."""
    (height, width, channels), augmentation = spec.input, spec.train.augmentation
    section = spec.source.section("train").section("augmentation")
    found = list(augmentation.without_meaning(channels))
    if height is not None and width is not None:
        found += augmentation.too_large(height, width)
    for one in found:
        yield section.value_marks.get(one.path.rpartition(".")[2], section.mark).place(one, one.path)


def check_trainable(spec: Spec, classes: int) -> None:
    """Raise for each output of a spec that cannot be trained on so many classes."""
    if diagnostics := list(_diagnostics(spec, classes)):
        raise InputError(diagnostics)


def _diagnostics(spec: Spec, classes: int) -> Iterator[Diagnostic]:
    main, *further = spec.graph.outputs
    path, mark = _end(spec)
    for diagnostic in output_diagnostics(_output(main.node.name, main), classes):
        yield mark.place(diagnostic, path)
    marks = spec.source.section("outputs").key_marks
    for (name, output), tensor in zip(spec.document.outputs.items(), further, strict=True):
        for diagnostic in output_diagnostics(_output(name, tensor), classes):
            remedy = diagnostic.remedy if output.head is not None else FEATURES
            mark = marks.get(name, spec.source.mark)
            yield mark.diagnostic(diagnostic.message, path=f"outputs.{name}", remedy=remedy)


def _output(name: str, tensor: Tensor) -> TrainedOutput:
    return TrainedOutput(name, tensor.shape, end_of(tensor))


def _end(spec: Spec) -> tuple[str, Mark]:
    """Where the main output ends in the document."""
    source = spec.source
    path = "head" if source.get("head") else "body"
    blocks = source.get(path)
    last = blocks.marks[-1] if isinstance(blocks, LocatedList) and blocks else None
    return path, last or source.value_marks.get(path, source.mark)
