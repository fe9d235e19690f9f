"""The API's page: public names with their signatures and docstrings."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any, ForwardRef, Literal, get_args, get_origin

import convspec
from convspec import architectures, blocks, tuning
from convspec.architectures.registry import constructors
from convspec.blocks import BLOCKS, class_name, find_block_class
from convspec.cli import COMMANDS
from convspec.keras_import import import_keras

INTRODUCTION = """\
# The API

The public names, with their docstrings; `make docs` writes this page. `import convspec`, reading a spec and analysing
it import neither Keras nor TensorFlow: those come with `build`, a constructor's call, training and tuning.
"""
TRAINING = {
    "train": ("train",),
    "result": ("Result",),
    "sanity_checks": ("sanity_checks", "Line"),
    "range_test": ("range_test", "RangeTest"),
    "finetuning": ("transfer", "freeze"),
    "predictor": ("load_predictor", "Predictor"),
    "exporting": ("export",),
    "timing": ("time_inference", "time_training", "Timing"),
    "schedules": ("learning_rate",),
}
"""What the commands use of `convspec.training`, by module."""
DECLARING = ("Block", "Model")
"""What a block of one's own is made of."""
WIDTH = 110


def page() -> str:
    """The page as Markdown."""
    import_keras()
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    yield "## convspec\n"
    for name in ("load", "analyze", "list_specs", "Spec", "Analysis", "ConvspecError", "InputError", "Diagnostic"):
        yield from _entry(f"convspec.{name}", getattr(convspec, name))
    yield "The commands as calls: their options are keywords, and nothing is printed without `verbose`.\n"
    for name in sorted({*COMMANDS} & {*convspec.__all__}):
        yield from _entry(f"convspec.{name}", getattr(convspec, name))
    yield from _blocks()
    yield from _architectures()
    yield "## convspec.training\n"
    yield "Names are imported from their modules: `from convspec.training.train import train`.\n"
    for module, names in TRAINING.items():
        found = importlib.import_module(f"convspec.training.{module}")
        for name in names:
            yield from _entry(f"convspec.training.{module}.{name}", getattr(found, name))
    yield "## convspec.tuning\n"
    for name in ("search", "SearchResult", "Record", "BoundaryWarning", "HyperSpec", "StagedOracle", "ReuseTuner"):
        yield from _entry(f"convspec.tuning.{name}", getattr(tuning, name))


def _blocks() -> Iterator[str]:
    yield "## convspec.blocks\n"
    yield "A block's class takes the fields of the spec as arguments, and works on any Keras tensor:"
    yield "`Bottleneck(filters=64)(x)`. [The spec format](spec.md#blocks) has their fields and shapes.\n"
    yield "| class | in a spec | what it is |\n|---|---|---|"
    for kind in BLOCKS:
        yield f"| `{class_name(kind)}` | [`{kind}`](spec.md#{kind}) | {_sentence(find_block_class(kind))} |"
    yield ""
    for name in DECLARING:
        yield from _entry(f"convspec.blocks.{name}", getattr(blocks, name))


def _architectures() -> Iterator[str]:
    yield "## convspec.architectures\n"
    for name in ("create", "list_models", "feature_info", "Feature"):
        yield from _entry(f"convspec.architectures.{name}", getattr(architectures, name))
    yield from _entry("convspec.architectures.ResNet50", architectures.ResNet50)
    yield "All constructors are here. Those of `keras.applications` are in modules of its names, too, with"
    yield "`preprocess_input` and `decode_predictions`; the others take the arguments that most have.\n"
    yield "| module | constructors |\n|---|---|"
    modules: dict[str, list[str]] = {}
    for build in constructors().values():
        modules.setdefault(build.__module__, []).append(f"`{build.__name__}`")
    yield from (f"| `{module}` | {', '.join(names)} |" for module, names in sorted(modules.items()))
    yield ""


def _entry(path: str, thing: Any) -> Iterator[str]:
    yield f"### {path}\n"
    yield f"```text\n{_signature(path.rpartition('.')[2], thing)}\n```\n"
    yield _prose(thing) + "\n"
    if inspect.isclass(thing):
        yield from _members(thing)


def _members(kind: type) -> Iterator[str]:
    """Public methods and properties with docstrings of their own; `model_` is pydantic's."""
    for name, member in vars(kind).items():
        if name.startswith(("_", "model_")) or not _prose(member) or not hasattr(type(member), "__get__"):
            continue
        if name in getattr(kind, "_fields", ()):  # of a named tuple, which Python describes by their numbers
            continue
        yield f"- `{_signature(name, member) if inspect.isfunction(member) else name}`: {_sentence(member)}"
    yield ""


def _signature(name: str, thing: Any) -> str:
    """The call with its types, an argument a line where it is long; the name alone where the caller never calls."""
    if inspect.isclass(thing) and (issubclass(thing, BaseException) or thing in (convspec.Spec, convspec.Analysis)):
        return name
    signature = inspect.signature(thing)
    arguments = list(_arguments(signature, vars(inspect.getmodule(thing))))
    result = "" if inspect.isclass(thing) else f" -> {_type(signature.return_annotation)}"
    whole = f"{name}({', '.join(arguments)}){result}"
    if len(whole) <= WIDTH or not inspect.isroutine(thing) or "self" in signature.parameters:
        return whole
    return f"{name}(\n" + "".join(f"    {argument},\n" for argument in arguments) + f"){result}"


def _arguments(signature: inspect.Signature, names: dict[str, Any]) -> Iterator[str]:
    starred = False
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        starred |= parameter.kind is parameter.VAR_POSITIONAL
        stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        known = isinstance(parameter.default, (str, int, float, tuple, list, type(None)))
        default = f" = {parameter.default!r}" if known else "" if parameter.default is parameter.empty else " = ..."
        yield f"{stars}{parameter.name}: {_written_out(_type(parameter.annotation), names)}{default}"


def _type(annotation: Any) -> str:
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, ForwardRef):
        return annotation.__forward_arg__
    return annotation.__name__ if inspect.isclass(annotation) else re.sub(r"\b[a-z_.]+\.(?=[A-Z])", "", str(annotation))


def _written_out(annotation: str, names: dict[str, Any]) -> str:
    """A type with the choices of a `Literal` in place of its name."""
    name, bar, rest = annotation.partition(" | ")
    choices = get_args(names.get(name)) if get_origin(names.get(name)) is Literal else ()
    return f"Literal[{', '.join(map(repr, choices))}]{bar}{rest}" if choices else annotation


def _prose(thing: Any) -> str:
    """The docstring; the sections of its parameters and errors become lists."""
    text = inspect.cleandoc(thing.__doc__ or "")
    text = re.sub(
        r"^(\w+)\n    (.+(?:\n    .+)*)", lambda found: f"- `{found[1]}`: {_joined(found[2])}", text, flags=re.M
    )
    text = re.sub(r"^(\w+)\n-+$\n", r"**\1**\n\n", text, flags=re.M)
    return re.sub(r"^(\w+): ", r"- `\1`: ", text, flags=re.M)


def _joined(lines: str) -> str:
    """A description of several lines, as the continuation of an item of a list."""
    return re.sub(r"\n +", "\n  ", lines)


def _sentence(thing: Any) -> str:
    """The first line of a docstring, fit for a cell of a table."""
    return _prose(thing).partition("\n")[0].replace("|", "\\|")
