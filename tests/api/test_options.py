"""A call takes the options of its command, with the same defaults and choices."""

import argparse
import importlib
import inspect
from typing import Any, get_args, get_type_hints

import keras
import pytest

import convspec
from convspec.analysis.memory import training_fit
from convspec.cli import COMMANDS

RENAMED = {"files": "network"}
OF_THE_TERMINAL = {"json", "csv", "markdown", "show", "help", "blocks", "figures"}
"""Options that say how a terminal shows the result."""

FOR_TYPES_ALONE = [
    "Dataset",
    "Line",
    "PixelRange",
    "Pixels",
    "Predictor",
    "Result",
    "Results",
    "Scores",
    "SearchResult",
    "Timing",
]
"""Names that are imported for signatures alone."""

ONE_CALL = [name for name in COMMANDS if name in convspec.__all__]
STEPS = {
    "list": [convspec.list_specs],
    "inspect": [convspec.load, convspec.analyze, training_fit],
}
"""Commands that take several calls, which take their options."""

OF_KERAS = {"kernel_regularizer", "name", "input_tensor", "zero_kernels"}
"""What only a program can give `build`."""

ONLY_OF_COMMANDS = {"completion", "schema"}
"""What a shell and an editor read."""


def options_of(name):
    """The options of a command that say what it does, by the names that calls have for them."""
    parser = argparse.ArgumentParser()
    importlib.import_module(f"convspec.commands.{name}").add_arguments(parser)
    actions = [action for action in parser._actions if action.dest not in OF_THE_TERMINAL]
    return {RENAMED.get(action.dest, action.dest): action for action in actions}


def test_every_command_is_a_call():
    assert set(COMMANDS) == {*ONE_CALL, *STEPS, *ONLY_OF_COMMANDS}


@pytest.mark.parametrize("name", ONE_CALL)
def test_a_call_has_the_options_of_its_command(name):
    options, given = options_of(name), inspect.signature(getattr(convspec, name)).parameters
    names = set(options)
    if name == "diff":
        names = names - {"networks"} | {"before", "after"}
    if name == "predict":
        names -= {"overwrite"}  # of --csv
    if name == "build":
        given = {option: one for option, one in given.items() if option not in OF_KERAS}
    assert set(given) - {"verbose", "stream"} == names
    for option, action in options.items():
        parameter = given.get(option)
        if parameter is not None and parameter.default is not parameter.empty and option != "overrides":
            assert parameter.default == action.default, option


@pytest.mark.parametrize("name", STEPS)
def test_the_calls_of_a_command_have_its_options(name):
    elsewhere = {
        "inspect": {"network": "source", "training": "", "fit": "budget"},  # `training_fit` is the option
        "list": {},
    }[name]
    given = {parameter for call in STEPS[name] for parameter in inspect.signature(call).parameters}
    assert {elsewhere.get(option, option) for option in options_of(name)} - {""} <= given


def choices_of(name):
    """The texts that each option of a call may be, by its type."""
    call = getattr(convspec, name)
    hints = get_type_hints(call, vars(inspect.getmodule(call)) | dict.fromkeys(FOR_TYPES_ALONE, Any) | {"keras": keras})
    literals = {option: [hint, *get_args(hint)] for option, hint in hints.items() if option != "return"}
    texts = {option: [one for hint in hints for one in get_args(hint)] for option, hints in literals.items()}
    return {option: chosen for option, all_ in texts.items() if (chosen := {one for one in all_ if type(one) is str})}


@pytest.mark.parametrize("name", ONE_CALL)
def test_choices_are_those_of_the_command(name):
    assert choices_of(name) == {option: set(one.choices) for option, one in options_of(name).items() if one.choices}
