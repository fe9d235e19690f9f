"""The same call of keras.applications and of ours: the same network, name and file, or an error on both sides."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import convspec
import convspec.architectures as architectures
from convspec.architectures import construction
from convspec.architectures.weight_files import load_weight_file
from convspec.blocks import Conv
from convspec.language import InputError

from .constructors import KERAS, official_weights_of_keras, write_legacy_file
from .reference import assert_twin, calibrated, fresh, random_images, relative_difference

BODY = {"include_top": False, "weights": None}


def half_of(x):
    """An activation that no spec can name."""
    return x / 2


def picture(*shape):
    """A function that makes a tensor, since one belongs to a session."""
    return lambda: keras.Input(shape, name="picture")


CALLS = {
    "no classes without a top": ("ResNet50", {**BODY, "classes": None}),
    "an activation without a top": ("MobileNet", {**BODY, "classifier_activation": "no such", "alpha": 0.25}),
    "NumPy's numbers": ("MobileNet", {**BODY, "input_shape": tuple(np.array([40, 33, 3])), "alpha": np.float32(0.25)}),
    "a TensorShape": ("MobileNetV2", {**BODY, "input_shape": tf.TensorShape([None, None, 3]), "alpha": 0.35}),
    "a list": ("MobileNetV2", {**BODY, "input_shape": [40, 33, 3], "alpha": 0.35}),
    "a number of NumPy as classes": ("MobileNet", {"weights": None, "classes": np.int64(7), "alpha": 0.25}),
    "1 for True": ("MobileNetV3Small", {"weights": None, "minimalistic": 1, "include_top": 1}),
    "0 for False": ("MobileNetV3Small", {"weights": None, "include_preprocessing": 0, "include_top": 0}),
    "a whole number as width": ("MobileNet", {"weights": None, "alpha": 1, "dropout": 0}),
    "a function of one's own": ("MobileNet", {"weights": None, "classifier_activation": half_of, "alpha": 0.25}),
    "TensorFlow's function": ("ResNet50", {"weights": None, "classifier_activation": tf.nn.softmax}),
    "a name that specs lack": ("MobileNetV2", {"weights": None, "classifier_activation": "log_softmax"}),
    "linear": ("ResNet50", {"weights": None, "classifier_activation": "linear"}),
    "an automatic name": ("ResNet50", {**BODY, "name": None}),
    "the tensor's shape counts": ("ResNet50", {**BODY, "input_tensor": picture(64, 64, 3), "input_shape": (32, 32, 3)}),
    "a tensor of other width": (
        "MobileNetV2",
        {**BODY, "input_tensor": picture(64, 64, 3), "input_shape": (64, 32, 3)},
    ),
    "a tensor's size is no name": ("MobileNet", {"weights": None, "input_tensor": picture(128, 128, 3), "alpha": 0.25}),
    "a tensor's size as name": ("MobileNetV2", {"weights": None, "input_tensor": picture(128, 128, 3), "alpha": 0.35}),
    "an open size in the name": ("MobileNet", {**BODY, "alpha": 0.25}),
    "four sizes": ("ResNet50", {**BODY, "input_shape": (1, 64, 64, 3)}),
    "a width in words": ("MobileNetV2", {**BODY, "alpha": "0.5"}),
    "too little": ("VGG16", {**BODY, "input_shape": (16, 16, 3)}),
    "no file": ("VGG16", {"weights": "nowhere.weights.h5"}),
    "all of it dropped": ("MobileNet", {"weights": None, "dropout": 2.0}),
}


def called(constructor, arguments):
    """The model, or the error."""
    made = {
        key: value() if inspect.isfunction(value) and key == "input_tensor" else value
        for key, value in arguments.items()
    }
    try:
        return constructor(**made)
    except Exception as error:  # whatever Keras raises, it has to be an error here, too
        return error


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("name", "arguments"), CALLS.values(), ids=CALLS)
def test_the_same_call(name, arguments):
    theirs = fresh(lambda: called(KERAS[name], arguments))
    ours = fresh(lambda: called(getattr(architectures, name), arguments))
    if isinstance(theirs, Exception):
        assert isinstance(ours, InputError), (ours, theirs)
        assert all(diagnostic.path in arguments and not diagnostic.line for diagnostic in ours.diagnostics), ours
    else:
        assert not isinstance(ours, Exception), ours
        assert ours.name == theirs.name
        assert_twin(ours, theirs)


FILES = {
    "MobileNet, no size": ("MobileNet", {"include_top": False}),
    "MobileNet 160": ("MobileNet", {"input_shape": (160, 160, 3), "alpha": 0.5}),
    "MobileNet upon 128": ("MobileNet", {"input_tensor": picture(128, 128, 3)}),
    "MobileNetV2 upon 128": ("MobileNetV2", {"input_tensor": picture(128, 128, 3)}),
    "MobileNetV2 upon 128 without top": ("MobileNetV2", {"input_tensor": picture(128, 128, 3), "include_top": False}),
    "MobileNetV2 not square": ("MobileNetV2", {"input_shape": (96, 128, 3), "include_top": False}),
    "MobileNetV3 minimalistic": ("MobileNetV3Small", {"minimalistic": 1}),
    "ResNet50 body": ("ResNet50", {"include_top": False, "input_shape": np.array([64, 64, 3])}),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("name", "arguments"), FILES.values(), ids=FILES)
def test_the_same_official_file(name, arguments, monkeypatch):
    files: list[str] = []
    monkeypatch.setattr(construction, "fetch", lambda file: files.append(file.name) or Path(file.name))
    monkeypatch.setattr(construction, "load_weight_file", lambda *args, **kwargs: None)
    plain = {key: tuple(value) if isinstance(value, np.ndarray) else value for key, value in arguments.items()}
    with official_weights_of_keras() as wanted:
        theirs = fresh(lambda: called(KERAS[name], plain))
    ours = fresh(lambda: called(getattr(architectures, name), arguments))
    assert (ours.name, files) == (theirs.name, [name for name, _, _ in wanted])


def test_two_of_one_network_fit_into_one_model():
    inputs = keras.Input((32, 32, 3))
    parts = [architectures.MobileNet(name=None, alpha=0.25, input_shape=(32, 32, 3), **BODY) for _ in range(2)]
    resnets = fresh(lambda: [architectures.ResNet50(name=None, **BODY) for _ in range(2)])
    assert len({model.name for model in resnets}) == 2
    assert len(parts) == len({id(part(inputs)) for part in parts})


def public(module):
    return {name for name, value in vars(module).items() if not name.startswith("_") and callable(value)}


def test_every_module_and_name_of_keras_is_here():
    modules = {name for name, value in vars(keras.applications).items() if inspect.ismodule(value)}
    assert {"resnet50", "imagenet_utils", "vgg16"} <= modules
    everything: dict[str, object] = {}
    exec("from convspec.architectures import *", everything)
    for name in modules:
        theirs, ours = getattr(keras.applications, name), getattr(architectures, name)
        assert ours is importlib.import_module(f"convspec.architectures.{name}")
        assert public(theirs) <= public(ours), name
        assert everything[name] is ours
        starred: dict[str, object] = {}
        exec(f"from convspec.architectures.{name} import *", starred)
        own = {"DenseNet161", "DenseNet264", "ResNet18", "ResNet34"}  # of which Keras has none
        brought = starred.keys() - {"__builtins__"}
        assert public(theirs) <= brought <= public(theirs) | KERAS.keys() | own, name
    assert KERAS.keys() <= everything.keys()
    with pytest.raises(AttributeError, match="has no attribute 'vgg15'"):
        architectures.vgg15  # noqa: B018


def test_a_module_is_an_attribute_at_once(tmp_path):
    import subprocess
    import sys

    code = "import convspec.architectures as A; print(A.vgg16.__name__, A.imagenet_utils.__name__, A.ResNet50.__name__)"
    root = Path(convspec.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.split() == ["convspec.architectures.vgg16", "convspec.architectures.imagenet_utils", "ResNet50"]


def test_preprocessing_by_mode_is_that_of_keras():
    images = np.random.default_rng(0).uniform(0, 255, (2, 4, 4, 3)).astype("float32")
    for mode in ("caffe", "tf", "torch"):
        expected = keras.applications.imagenet_utils.preprocess_input(images.copy(), mode=mode)
        found = architectures.imagenet_utils.preprocess_input(images.copy(), mode=mode)
        np.testing.assert_array_equal(found, expected)


SMALL = {"alpha": 0.25, "input_shape": (32, 32, 3), "weights": None}


@pytest.mark.parametrize("ending", [".weights.h5", ".keras"])
def test_weights_saved_with_the_top_load_without_it(ending, tmp_path):
    whole = architectures.MobileNet(**SMALL)
    file = tmp_path / f"whole{ending}"
    whole.save(file) if ending == ".keras" else whole.save_weights(file)
    body = architectures.MobileNet(**{**SMALL, "weights": file}, include_top=False)
    pairs = list(zip(body.weights, whole.weights, strict=False))
    assert len(pairs) == len(body.weights)
    for found, expected in pairs:
        np.testing.assert_array_equal(found, expected)
    with pytest.raises(InputError, match="does not fit"):
        architectures.MobileNet(**{**SMALL, "weights": file, "alpha": 0.5}, include_top=False)


def test_a_file_of_another_network_does_not_load_without_a_top(tmp_path):
    architectures.MobileNetV2(**{**SMALL, "alpha": 0.35}).save_weights(tmp_path / "x.weights.h5")
    with pytest.raises(InputError, match="does not fit"):
        architectures.MobileNet(**{**SMALL, "weights": tmp_path / "x.weights.h5"}, include_top=False)


def test_official_weights_go_into_the_network_behind_layers_of_ones_own(tmp_path):
    arguments = {"alpha": 0.25, "include_top": False, "pooling": "avg"}
    theirs = fresh(lambda: KERAS["MobileNet"](weights=None, input_shape=(32, 32, 3), **arguments), allocate=True)
    images = random_images(theirs)
    file = write_legacy_file(calibrated(theirs, images), tmp_path / "weights.h5")

    def build():
        colours = keras.Input((32, 32, 3), name="colours")
        to_rgb = keras.layers.Conv2D(3, 1, name="to_rgb")
        network = architectures.MobileNet(weights=file, input_tensor=to_rgb(colours), **arguments)
        to_rgb.set_weights([np.eye(3).reshape(1, 1, 3, 3), np.zeros(3)])
        return keras.Model(colours, network.output)  # the inputs of a network upon a tensor are a list, as in Keras

    ours = fresh(build, allocate=True)
    assert relative_difference(ours, theirs, images) < 1e-6
    write_legacy_file(ours, tmp_path / "whole.h5")
    again = fresh(build, allocate=True)
    again.get_layer("to_rgb").set_weights([np.zeros((1, 1, 3, 3)), np.ones(3)])
    load_weight_file(again, tmp_path / "whole.h5", front=again.layers[:2])  # the file holds theirs, too
    assert relative_difference(again, theirs, images) < 1e-6


@contextmanager
def setting(change, value, current) -> Iterator[None]:
    before = current()
    change(value)
    try:
        yield
    finally:
        change(before)


MESSAGE = "convspec builds networks with channels last, and Keras is set to channels_first"


def test_channels_first_is_refused_everywhere_in_the_same_words():
    spec, image = convspec.load("lenet5"), keras.Input((8, 8, 3))
    ways = {
        "build": lambda: convspec.build(spec),
        "constructor": lambda: architectures.VGG16(weights=None),
        "before a file is looked for": lambda: architectures.VGG16(weights="nowhere.h5"),
        "create": lambda: architectures.create("resnet18", features=True),
        "block": lambda: Conv(filters=2)(image),
    }
    config = keras.config
    with setting(config.set_image_data_format, "channels_first", config.image_data_format):
        for name, way in ways.items():
            with pytest.raises(InputError, match=MESSAGE) as caught:
                way()
            assert "keras.config.set_image_data_format('channels_last')" in str(caught.value), name


@pytest.mark.parametrize("policy", ["float64", "float16", "bfloat16", "float32"])
def test_a_pure_policy_holds_for_every_layer_as_in_keras(policy):
    def under(constructor):
        def make():  # a fresh session has the default policy
            with setting(keras.config.set_dtype_policy, policy, keras.config.dtype_policy):
                return constructor(alpha=0.25, weights=None)

        return fresh(make)

    theirs, ours = under(KERAS["MobileNet"]), under(architectures.MobileNet)
    assert [layer.dtype_policy.name for layer in ours.layers] == [layer.dtype_policy.name for layer in theirs.layers]
    assert ours.layers[-1].dtype_policy.name == policy
    assert ours.output.dtype == theirs.output.dtype == policy
    with setting(keras.config.set_dtype_policy, policy, keras.config.dtype_policy):
        other = convspec.build(convspec.load("lenet5"))
    assert {layer.compute_dtype for layer in other.layers[1:]} == {policy}
    assert {weight.dtype for weight in other.weights} == {policy}


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_a_mixed_policy_leaves_the_outputs_in_float32(policy):
    with setting(keras.config.set_dtype_policy, policy, keras.config.dtype_policy):
        model = convspec.build(convspec.load("lenet5"))
    assert [layer.dtype_policy.name for layer in model.layers[1:-1]] == [policy] * (len(model.layers) - 2)
    assert model.output.dtype == "float32"
    assert {weight.dtype for weight in model.weights} == {"float32"}


@pytest.mark.parametrize("floatx", ["float64", "float16"])
def test_floatx_is_honoured(floatx):
    with setting(keras.config.set_floatx, floatx, keras.config.floatx):
        policy = keras.config.dtype_policy().name
        model = convspec.build(convspec.load("lenet5"))
    assert model.input.dtype == floatx
    assert model.output.dtype == policy
