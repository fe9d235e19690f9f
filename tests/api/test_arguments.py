"""An argument of the wrong type is an error that says what it may be, in every public call and before any work."""

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import convspec
from convspec.data import Dataset, load_data
from convspec.language.arguments import checked
from convspec.language.diagnostics import InputError
from convspec.language.located import Text

CALLS = {
    name: call
    for name in convspec.__all__
    if inspect.isfunction(call := getattr(convspec, name)) and call.__module__.startswith("convspec")
}
ANYTHING = {("build", "kernel_regularizer"), ("build", "input_tensor")}
"""Arguments that Keras checks."""


def required(call):
    """Arguments that a call needs, of the right types; nothing is done with them."""
    needed = [one for one in inspect.signature(call).parameters.values() if one.default is one.empty]
    return {
        one.name: "onnx" if one.name == "format" else "nowhere" for one in needed if one.kind is not one.VAR_POSITIONAL
    }


def refused(name, argument, value):
    """The one error of a call with a wrong value for an argument, which must name that argument."""
    call = CALLS[name]
    several = inspect.signature(call).parameters[argument].kind is inspect.Parameter.VAR_POSITIONAL
    with pytest.raises(InputError) as caught:
        call(value) if several else call(**required(call) | {argument: value})
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.path in (argument, f"{argument}[0]")
    return diagnostic


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        (name, argument)
        for name, call in CALLS.items()
        for argument in inspect.signature(call).parameters
        if (name, argument) not in ANYTHING
    ],
)
@pytest.mark.parametrize("wrong", [object(), {1: 2}, [object()]], ids=["object", "mapping", "list"])
def test_a_value_of_another_type_is_refused_by_the_name_of_its_argument(name, argument, wrong):
    diagnostic = refused(name, argument, wrong)
    assert diagnostic.message.startswith(("expected ", f"no {argument} is called "))
    assert diagnostic.message.count("not ") or diagnostic.remedy.startswith("there are ")


PLACES = [
    (name, argument)
    for name, call in CALLS.items()
    for argument, one in inspect.signature(call).parameters.items()
    if {"Path", "Place", "Network"} & set(re.findall(r"\w+", str(one.annotation)))
]


@pytest.mark.parametrize(("name", "argument"), PLACES)
@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("", "is empty"),
        ("a\0b", r"'a\\x00b' holds a NUL character, which no name of a file does"),
        (Path("folder") / ("x" * 256), r"'x+\.\.\. has 256 bytes; a file's name has at most 255"),
        ("é" * 128, r"'é+\.\.\. has 256 bytes; a file's name has at most 255"),
    ],
    ids=["empty", "NUL", "long", "long in bytes"],
)
def test_a_name_that_no_file_can_have_is_refused(name, argument, place, message):
    diagnostic = refused(name, argument, place)
    assert re.fullmatch(message, diagnostic.message)


def test_one_of_several_names_is_refused_too():
    with pytest.raises(InputError, match=r"^images\[1\]: is empty"):
        convspec.predict("nowhere", ["one.png", ""])


def test_a_text_that_was_read_is_no_name_of_a_file():
    text = f"# {'a long comment ' * 30}\nname: net\ninput: [8, 8, 1]\nbody: [conv3-4]\nhead: null\n"
    assert convspec.load(Text("<stdin>", text)).name == "net"
    with pytest.raises(InputError, match=r"^<stdin>: "):
        convspec.load(Text("<stdin>", ""))


def test_numbers_of_numpy_become_pythons(tmp_path):
    found = convspec.analyze("lenet5", batch=np.int64(2), input_shape=np.array([32, 32, 1]))
    assert json.dumps(found.to_dict()) == json.dumps(
        convspec.analyze("lenet5", batch=2, input_shape=(32, 32, 1)).to_dict()
    )
    assert str(found) == str(convspec.analyze("lenet5", batch=2, input_shape=(32, 32, 1)))


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [
        ("analyze", "batch", np.array([1, 2])),
        ("load", "input_shape", np.array(3)),
        ("plot", "depth", np.array(["layers", "blocks"])),
    ],
)
def test_an_array_is_neither_one_number_nor_a_choice(name, argument, value):
    with pytest.raises(InputError, match=f"^{argument}: "):
        getattr(convspec, name)("lenet5", **{argument: value})


def test_the_names_of_files_are_all_tried():
    assert {"out", "data", "network", "model", "images", "folder"} <= {argument for _, argument in PLACES}


def test_all_wrong_arguments_come_at_once_with_what_they_may_be():
    with pytest.raises(InputError) as caught:
        convspec.load(None, input_shape=5, variant=3)
    assert str(caught.value).splitlines() == [
        "source: expected the name of a network, a spec file, a mapping or a Spec, not None",
        '  such as "resnet50" or "network.yaml"',
        "variant: expected a text or None, not 3",
        "input_shape: expected a sequence or None, not 5",
        "  such as (32, 32, 3)",
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: convspec.compare("lenet5", batch="a"), "batch: expected a whole number, not 'a'\n  such as 1"),
        (lambda: convspec.compare("lenet5", batch=True), "batch: expected a whole number, not True\n  such as 1"),
        (lambda: convspec.plot("lenet5", dark="no"), "dark: expected True or False, not 'no'\n  such as True"),
        (
            lambda: convspec.build("lenet5", overrides=[("classes", 3)]),
            "overrides: expected a mapping or None, not [['classes', 3]]\n  such as {\"train.epochs\": 3}",
        ),
        (
            lambda: convspec.train("lenet5", None),
            "data: expected a text, a path or a Dataset, not None\n  such as \"runs/lenet5\"",
        ),
        (lambda: convspec.evaluate("run", "digits", part="tests"), "part: no part is called 'tests'; did you mean 'test'?"),
    ],
)  # fmt: skip
def test_messages(call, message):
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value).startswith(message)


def test_numbers_and_arrays_of_numpy_are_numbers_and_sequences():
    shape = np.array([64, 64, 3])
    assert convspec.analyze("resnet18", batch=np.int64(2), input_shape=shape).graph.inputs[0].shape == (64, 64, 3)
    assert convspec.load(Path("lenet5.yaml").stem).name == "lenet5"


def test_pythons_own_messages_stay():
    with pytest.raises(TypeError, match=r"load\(\) missing 1 required positional argument: 'source'"):
        convspec.load()
    with pytest.raises(TypeError, match=r"train\(\) got an unexpected keyword argument 'epoch'"):
        convspec.train("lenet5", "digits", epoch=3)


def test_a_class_that_only_type_checkers_import_is_known_by_its_name():
    class Absent:
        pass

    class Extended(Absent):
        pass

    def call(one: "Absent | None", *others: "int") -> None: ...

    call.__globals__.pop("Absent", None)
    for one in (None, Absent(), Extended()):
        checked(call)(one, 1, 2)
    with pytest.raises(InputError, match=r"others\[1\]: expected a whole number, not 'a'"):
        checked(call)(None, 1, "a")
    with pytest.raises(InputError, match=r"one: expected a Absent or None, not 3"):
        checked(call)(3)


def test_arguments_are_refused_before_keras_is_imported():
    code = """
import sys, convspec
for call in (lambda: convspec.train("lenet5", 3), lambda: convspec.explain(1, 2), lambda: convspec.train("lenet", "x")):
    try:
        call()
    except convspec.InputError:
        pass
print({"keras", "numpy"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


class Elsewhere:
    """A path of another library, such as pathlib's in the standard library or those of cloud storages."""

    def __init__(self, place):
        self.place = place

    def __fspath__(self):
        return self.place


@pytest.mark.parametrize(("name", "argument"), PLACES)
def test_what_os_fspath_takes_is_a_place(name, argument):
    """A wrong name is refused as one, so the value was taken for a place."""
    assert "holds a NUL character" in refused(name, argument, Elsewhere("a\0b")).message
    assert refused(name, argument, Elsewhere(b"bytes")).message.startswith("expected ")


def test_a_path_of_another_library_is_read(tmp_path):
    (tmp_path / "net.yaml").write_text("name: net\ninput: [8, 8, 1]\nbody: [conv3-4]\nhead: null\n")
    assert convspec.load(Elsewhere(str(tmp_path / "net.yaml"))).name == "net"
    assert convspec.plot("lenet5", Elsewhere(str(tmp_path / "net.svg"))).file == tmp_path / "net.svg"


def test_an_iterator_of_places_is_a_sequence(tmp_path):
    with pytest.raises(InputError) as caught:
        convspec.predict(tmp_path, (place for place in ("a.png", 3, "")))
    assert [one.path for one in caught.value.diagnostics] == ["images[1]", "images[2]"]
    assert convspec.load("lenet5", input_shape=iter((32, 32, 1))).input == (32, 32, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: convspec.load("lenet5", input_shape=(64.0, 64, 3)),
            "input_shape[0]: expected a whole number or None, not 64.0\n  such as 1",
        ),
        (
            lambda: convspec.load("lenet5", input_shape=np.array([[1, 2, 3]])),
            "input_shape[0]: expected a whole number or None, not <ndarray of shape (3,)>\n  such as 1",
        ),
        (
            lambda: convspec.train("lenet5", "digits", pixel_range=(0, "white")),
            "pixel_range[1]: expected a number, not 'white'\n  such as 0.5",
        ),
        (lambda: convspec.load("lenet5", overrides={1: 1}), "overrides: expected a text as each key, not 1"),
        (lambda: convspec.load("lenet5").with_overrides({1: 1}), "overrides: expected a text as each key, not 1"),
        (lambda: convspec.load("lenet5").with_overrides(None), "overrides: expected a mapping, not None"),
        (lambda: load_data(3), "source: expected a text or a path, not 3"),
        (lambda: load_data("digits", seed=1.5), "seed: expected a whole number, not 1.5"),
    ],
)
def test_the_wrong_element_is_named(call, message):
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value).startswith(message)


def test_an_array_of_wrong_elements_gives_few_errors():
    with pytest.raises(InputError) as caught:
        convspec.load("lenet5", input_shape=np.full(100_000, 0.5))
    assert len(caught.value.diagnostics) == 10


def test_every_public_method_has_checked_arguments(tmp_path):
    """All that takes an argument, of the classes that calls return, refuses one of another type."""
    x, y = np.zeros((4, 8, 8, 1), np.uint8), np.arange(4) % 2
    values = [convspec.load("lenet5"), convspec.analyze("lenet5"), Dataset("zeros", x, y, x, y)]
    tried = set()
    for value in values:
        for name, method in inspect.getmembers(value, inspect.ismethod):
            for argument in () if name.startswith("_") else inspect.signature(method).parameters:
                tried.add(f"{type(value).__name__}.{name}")
                with pytest.raises(InputError, match=f"^{argument}: expected "):
                    method(**{argument: object()})
    assert tried == {"Spec.with_overrides", "Dataset.in_order_of"}
