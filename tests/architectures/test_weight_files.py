"""Weights from files: the three formats, every mismatch an error, and what official weights do beyond Keras."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

import convspec.architectures as architectures
from convspec import build, load
from convspec.architectures import construction
from convspec.architectures.weight_files import load_weight_file
from convspec.language import InputError

from .constructors import KERAS, official_weights_of_keras, write_legacy_file
from .reference import calibrated, fresh, random_images, relative_difference

SMALL = {"alpha": 0.25, "input_shape": (128, 128, 3)}


def resnet20(**arguments) -> keras.Model:
    return fresh(lambda: architectures.ResNet20(**arguments), allocate=True)


@pytest.fixture(scope="module")
def trained() -> keras.Model:
    """A ResNet-20 with weights that are not those of a new one."""
    return calibrated(resnet20())


def save(model: keras.Model, path):
    if path.name.endswith(".weights.h5"):
        model.save_weights(path)
    elif path.suffix == ".keras":
        model.save(path)
    else:
        write_legacy_file(model, path)
    return path


@pytest.mark.parametrize("file", ["a.h5", "a.hdf5", "a.weights.h5", "a.keras"])
@pytest.mark.parametrize("as_text", [True, False], ids=["str", "Path"])
def test_each_format_gives_the_same_weights(trained, tmp_path, file, as_text):
    path = save(trained, tmp_path / file)
    ours = resnet20(weights=str(path) if as_text else path)
    assert all(np.array_equal(a, b) for a, b in zip(ours.get_weights(), trained.get_weights(), strict=True))


@pytest.fixture
def sampled(monkeypatch) -> list[tuple[int, ...]]:
    """The shapes of all kernels whose first values are drawn."""
    shapes: list[tuple[int, ...]] = []
    draw = keras.initializers.VarianceScaling.__call__

    def counted(self, shape, dtype=None):
        shapes.append(tuple(shape))
        return draw(self, shape, dtype=dtype)

    monkeypatch.setattr(keras.initializers.VarianceScaling, "__call__", counted)
    return shapes


@pytest.mark.parametrize("file", ["a.h5", "a.weights.h5", "a.keras"])
def test_no_value_is_drawn_that_the_file_replaces(trained, tmp_path, sampled, file):
    ours = resnet20(weights=save(trained, tmp_path / file))
    assert sampled == []
    plain = resnet20()
    assert len(sampled) == sum(len(weight.shape) > 1 for weight in plain.weights) == 20
    assert ours.get_config() == plain.get_config()


def test_zeros_for_a_layer_that_is_not_there_are_refused():
    with pytest.raises(ValueError, match="that the network has not: conv_99"):
        build(load("resnet20"), zero_kernels=["conv_99", "conv1_conv"])


def test_a_whole_model_in_the_old_format_is_read(trained, tmp_path):
    with h5py.File(tmp_path / "model.h5", "w") as file:
        from keras.src.legacy.saving import legacy_h5_format

        legacy_h5_format.save_weights_to_hdf5_group(file.create_group("model_weights"), trained)
    assert np.array_equal(resnet20(weights=tmp_path / "model.h5").get_weights()[0], trained.get_weights()[0])


@pytest.mark.parametrize(
    ("file", "arguments"),
    [
        ("a.h5", {"include_top": False}),  # files of Keras 3 load, since they name the layers that are not wanted
        ("a.h5", {"classes": 7}),
        ("a.weights.h5", {"classes": 7}),
        ("a.keras", {"classes": 7}),
    ],
    ids=["h5 without the top", "h5", "weights.h5", "keras"],
)
def test_weights_of_another_network_are_a_diagnostic(trained, tmp_path, file, arguments):
    path = save(trained, tmp_path / file)
    with pytest.raises(InputError, match=re.escape("with or without its top as here?")) as caught:
        resnet20(weights=path, **arguments)
    assert caught.value.diagnostics[0].file == str(path)


def test_the_first_difference_is_named(trained, tmp_path):
    path = save(trained, tmp_path / "a.h5")
    with pytest.raises(InputError, match=re.escape("the file's 'predictions' holds 64x10, 10, the network's 'predi")):
        resnet20(weights=path, classes=7)
    with pytest.raises(InputError, match=r"holds 39 layers with weights, the network has 38; .* 'predictions'"):
        resnet20(weights=path, include_top=False)
    with pytest.raises(InputError, match=re.escape("layer 1 of those with weights differs: the file's 'conv1_conv'")):
        fresh(lambda: architectures.ResNet18(weights=path), allocate=True)


BROKEN = {
    "a.h5": (b"not HDF5", "is no HDF5 file"),
    "a.weights.h5": (
        b"not HDF5",
        "does not fit resnet20: Unable to synchronously open file (file signature not found)\n",
    ),
    "a.keras": (b"not a zip", "does not fit resnet20: File is not a zip file\n"),
    "a.npz": (
        b"",
        ".npz tells no format\n  a file of weights ends in .weights.h5, .keras, or .h5 for the legacy format",
    ),
    "a": (b"", "no suffix tells no format"),
}


@pytest.mark.parametrize(("name", "content", "message"), [(name, *rest) for name, rest in BROKEN.items()])
def test_a_broken_file_is_a_diagnostic(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=re.escape(message)):
        resnet20(weights=tmp_path / name)


def test_a_new_file_under_an_old_name_is_a_diagnostic(trained, tmp_path):
    save(trained, tmp_path / "a.weights.h5").rename(tmp_path / "a.h5")
    with pytest.raises(InputError, match="holds no weights in the legacy format\n  a Keras 3 file of weights ends in"):
        resnet20(weights=tmp_path / "a.h5")


@pytest.fixture
def official(monkeypatch, tmp_path):
    """Stand-ins for official files: written from Keras's models, with weights under which every layer matters."""
    models = {}

    def build(name: str, include_top: bool, **arguments) -> keras.Model:
        with official_weights_of_keras() as wanted:
            model = fresh(lambda: KERAS[name](weights="imagenet", include_top=include_top, **arguments), allocate=True)
        models[wanted[0][0]] = write_legacy_file(calibrated(model), tmp_path / wanted[0][0])
        return model

    monkeypatch.setattr(construction, "fetch", lambda file: models[file.name])
    return build


def test_official_weights_give_the_outputs_of_keras(official):
    theirs = official("MobileNet", True, **SMALL)
    ours = fresh(lambda: architectures.MobileNet(**SMALL), allocate=True)
    assert relative_difference(ours, theirs, random_images(theirs)) == 0.0


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("MobileNet", SMALL),
        ("ConvNeXtTiny", {"input_shape": (32, 32, 3)}),
    ],
    ids=["MobileNet", "ConvNeXtTiny"],
)
def test_other_classes_get_the_body_and_a_fresh_head(official, capsys, sampled, name, arguments):
    theirs = official(name, False, **arguments)
    sampled.clear()
    ours = fresh(lambda: getattr(architectures, name)(classes=7, **arguments), allocate=True)
    kernel = next(weight for weight in reversed(ours.weights) if len(weight.shape) > 1)
    assert sampled == [tuple(kernel.shape)]
    assert np.any(kernel)
    pairs = list(zip(ours.get_weights(), theirs.get_weights(), strict=False))
    assert len(pairs) == len(theirs.get_weights())
    assert all(np.array_equal(a, b) for a, b in pairs)
    assert ours.output_shape == (None, 7)
    assert "official weights in the body; the head for 7 classes starts afresh\n" in capsys.readouterr().err


def test_gray_images_get_averaged_kernels(official, capsys):
    theirs = official("MobileNet", True, **SMALL)
    ours = fresh(lambda: architectures.MobileNet(**{**SMALL, "input_shape": (128, 128, 1)}), allocate=True)
    kernel = theirs.get_weights()[0]
    assert np.array_equal(ours.get_weights()[0], kernel.mean(axis=2, keepdims=True))
    assert all(np.array_equal(a, b) for a, b in zip(ours.get_weights()[1:], theirs.get_weights()[1:], strict=True))
    assert "the kernels of the first layer are averaged over the channels" in capsys.readouterr().err


def test_gray_images_get_averaged_statistics(official):
    theirs = official("EfficientNetB0", False, pooling="avg", input_shape=(32, 32, 3))
    ours = fresh(
        lambda: architectures.EfficientNetB0(include_top=False, pooling="avg", input_shape=(64, 64, 1)), allocate=True
    )
    for index in (0, 1):
        assert np.array_equal(ours.get_weights()[index], theirs.get_weights()[index].mean(keepdims=True))
    assert np.array_equal(
        ours.get_layer("stem_conv").kernel, np.mean(theirs.get_layer("stem_conv").kernel, 2, keepdims=True)
    )
    assert np.isfinite(ours(random_images(ours))).all()


def test_a_path_does_not_average(official, tmp_path):
    path = write_legacy_file(calibrated(resnet20()), tmp_path / "a.h5")
    with pytest.raises(InputError, match=re.escape("holds 3x3x3x16, the network's 'conv1_conv' 3x3x1x16")):
        resnet20(weights=path, input_shape=(32, 32, 1))


def test_nasnet_large_without_its_top_loads_and_runs():
    model = fresh(lambda: architectures.NASNetLarge(include_top=False, weights=None))
    assert (model.input_shape, model.output_shape) == ((None, 331, 331, 3), (None, 11, 11, 4032))
    assert sum(1 for layer in model.layers if layer.weights) == 532


@pytest.mark.parametrize("name", ["EfficientNetV2B0", "EfficientNetB0", "ConvNeXtTiny", "ResNet50"])
def test_a_name_of_ones_own_does_not_change_the_official_file(monkeypatch, name):
    wanted = []
    monkeypatch.setattr(construction, "fetch", lambda file: wanted.append(file) or Path(file.name))
    monkeypatch.setattr(construction, "load_weight_file", lambda *args, **kwargs: None)
    models = [fresh(lambda given=given: getattr(architectures, name)(**given)) for given in ({"name": "mine"}, {})]
    assert wanted[0] == wanted[1]
    assert models[0].name == "mine"


@pytest.mark.parametrize("name", ["MobileNetV3Small", "MobileNet", "ConvNeXtTiny", "ResNet20"])
@pytest.mark.parametrize("include_top", [True, False], ids=["top", "body"])
def test_mixed_precision_ends_in_float32(name, include_top):
    def build() -> keras.Model:
        keras.config.set_dtype_policy("mixed_float16")
        return getattr(architectures, name)(weights=None, include_top=include_top)

    try:
        model = fresh(build)
    finally:
        keras.config.set_dtype_policy("float32")
    assert model.output.dtype == "float32"
    assert "float16" in {layer.compute_dtype for layer in model.layers}


def test_dropout_does_not_count_as_a_weight(tmp_path):
    arguments = {"weights": None, "alpha": 0.25, "input_shape": (32, 32, 3)}
    model = fresh(lambda: architectures.MobileNet(**arguments), allocate=True)
    model.save(tmp_path / "a.keras")
    again = fresh(lambda: architectures.MobileNet(**{**arguments, "weights": tmp_path / "a.keras"}), allocate=True)
    assert np.array_equal(again.get_weights()[0], model.get_weights()[0])


@keras.saving.register_keras_serializable("convspec_tests")
class Speaking(keras.layers.Dense):
    """A layer that warns of something else while it is loaded."""

    def load_own_variables(self, store):
        warnings.warn("this layer is going to be renamed", FutureWarning, stacklevel=1)
        super().load_own_variables(store)


@keras.saving.register_keras_serializable("convspec_tests")
class Nested(keras.layers.Layer):
    """A layer that holds others in lists of lists."""

    def __init__(self, **more):
        super().__init__(**more)
        self.groups = [[keras.layers.Dense(2)], [keras.layers.Dense(2)]]

    def call(self, x):
        for (layer,) in self.groups:
            x = layer(x)
        return x


def one_layer(kind, **more) -> keras.Model:
    return keras.Sequential([keras.Input((2,)), kind(**more)])


def test_a_warning_of_another_thing_is_passed_on_and_the_weights_are_loaded(tmp_path):
    model, again = one_layer(Speaking, units=2), one_layer(Speaking, units=2)
    model.save_weights(tmp_path / "a.weights.h5")
    with pytest.warns(FutureWarning, match="this layer is going to be renamed"):
        load_weight_file(again, tmp_path / "a.weights.h5")
    assert all(np.array_equal(a, b) for a, b in zip(again.get_weights(), model.get_weights(), strict=True))


def test_what_keras_passes_over_with_a_warning_does_not_fit(tmp_path):
    model = one_layer(Nested)
    model.save_weights(tmp_path / "a.weights.h5")
    with h5py.File(tmp_path / "a.weights.h5", "a") as file:
        names = []
        file.visit(lambda name: names.append(name) if name.endswith("groups") else None)
        for name in names:
            del file[name]
    with pytest.raises(InputError, match="does not fit"):
        load_weight_file(model, tmp_path / "a.weights.h5", beyond=0)
