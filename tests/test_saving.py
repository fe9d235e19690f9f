"""Models that travel: files that plain Keras loads, our layers in any import order, and the spec in every copy."""

from __future__ import annotations

import copy
import importlib
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

import convspec
from convspec import layers
from convspec.cli import main
from convspec.graph import Sequential
from convspec.keras_model import SpecModel
from convspec.registration import CLASSES

PACKAGE = Path(__file__).parent.parent / "convspec"

STOCK = {
    "convnext": [{"block": "convnext_block", "drop_path_rate": 0.2, "layer_scale": 0.5}],
    "inception_resnet": [{"block": "inception_resnet", "scale": 0.25, "towers": ["conv1-4", "conv1-4 conv3-8"]}],
    "padded_shortcut": [{"block": "basic", "filters": 8, "strides": 2, "downsample": "pad", "drop_path_rate": 0.3}],
    "scaled_shortcut": [{"block": "basic", "filters": 4, "shortcut": "scale"}],
    "gated_shortcut": [{"block": "basic", "filters": 4, "shortcut": "exclusive_gate"}],
    "scale": [{"block": "scale", "scale": 0.3}, {"block": "stochastic_depth", "rate": 0.2}, {"block": "layer_scale"}],
}
"""Blocks that are computed by layers of Keras alone."""

OURS = {
    "lrn": [{"block": "lrn"}],
    "maxout": [{"block": "maxout"}],
    "shuffle": [{"block": "channel_shuffle", "groups": 2}],
}
"""Blocks that Keras has no layer for."""


def document(name: str, body: list[dict[str, object]]) -> dict[str, object]:
    return {"name": name, "input": [8, 8, 4], "classes": 3, "body": [*body, "conv3-4"], "head": {"pooling": "avg"}}


def images() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(2, 8, 8, 4)).astype("float32")


def run(code: str, *arguments: object) -> str:
    """What a fresh Python process prints; the package is found, and imported only if the code does."""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


PLAIN = """
import json, pathlib, sys
import keras, numpy as np
images = np.random.default_rng(0).normal(size=(2, 8, 8, 4)).astype("float32")
found = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    try:
        found[path.stem] = np.asarray(keras.models.load_model(path)(images)).tolist()
    except TypeError as error:
        found[path.stem] = "unknown" if "Could not locate class" in str(error) else str(error)
assert not any(name.startswith("convspec") for name in sys.modules)
print(json.dumps(found))
import convspec
print(len([finder for finder in sys.meta_path if "convspec" in type(finder).__module__]))
print(any("convspec" in type(one).__module__ for one in (keras.__loader__, keras.__spec__.loader)))
for name in sys.argv[2:]:
    print(type(keras.models.load_model(pathlib.Path(sys.argv[1], f"{name}.keras")).layers[1]).__name__)
"""


def test_plain_keras_loads_what_needs_no_layer_of_ours(tmp_path):
    """Those that do need one show that the process really knows none; then it imports convspec, and knows them."""
    expected, ours = {}, []
    for name, body in {**STOCK, **OURS}.items():
        model = convspec.build(convspec.load(document(name, body)))
        model.save(tmp_path / f"{name}.keras")
        expected[name] = np.asarray(model(images())).tolist()
        ours += [type(model.layers[1]).__name__] if name in OURS else []
    plain, *after = run(PLAIN, tmp_path, *OURS).splitlines()
    found = json.loads(plain)
    assert found.keys() == expected.keys()
    for name in STOCK:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-5, err_msg=name)
    for name in OURS:
        assert found[name] == "unknown", name
    assert after == ["0", "False", *ours]


def needs_convspec(name: str) -> bool:
    """Whether a network of the catalogue has a layer that is written here."""
    operations = [node.operation for node in convspec.load(name).graph.nodes]
    operations += [inner for one in operations if isinstance(one, Sequential) for _, inner in one.operations]
    classes = [getattr(layers, one.layer_class) for one in operations if one.from_package]
    return any(one.__module__.startswith("convspec") for one in classes)


def test_only_local_response_normalisation_makes_a_network_of_the_catalogue_need_convspec():
    found = {name for name in convspec.list_specs() if needs_convspec(name)}
    assert found == {"alexnet", "alexnet_two_towers", "googlenet", "vgg11_lrn", "zfnet", "zfnet512"}


LOAD = """
import importlib.util, sys, threading
{imports}
import convspec, keras
waiting = [finder for finder in sys.meta_path if "convspec" in type(finder).__module__]
loaders = {{type(keras.__loader__).__module__, type(keras.__spec__.loader).__module__}}
model = keras.models.load_model(sys.argv[1])
ours = [type(layer).__name__ for layer in model.layers if type(layer).__module__.startswith("convspec")]
print(len(waiting), any("convspec" in name for name in loaders), ours[0], model.count_params())
"""

ORDERS = {
    "convspec, tensorflow": "import convspec, tensorflow",
    "looked for but not imported": (
        "import convspec\n"
        "for _ in range(3): assert importlib.util.find_spec('keras').loader.is_package('keras')\n"
        "assert 'keras' not in sys.modules"
    ),
    "from many threads": (
        "def work(name): importlib.import_module(name)\n"
        "import importlib\n"
        "names = ['convspec', 'keras', 'convspec.layers', 'convspec', 'keras', 'convspec.keras_model']\n"
        "threads = [threading.Thread(target=work, args=(name,)) for name in names]\n"
        "[thread.start() for thread in threads]; [thread.join() for thread in threads]"
    ),
}


"""Keras first: above."""


@pytest.mark.parametrize("imports", ORDERS.values(), ids=ORDERS)
def test_our_layers_are_known_in_every_order_of_imports(imports, tmp_path):
    """Of a file that `convspec build` wrote."""
    path, given = tmp_path / "model.keras", ["--input", "67x67x3", "--set", "head.fc=[8]"]
    assert main(["build", "alexnet", "--out", str(path), *given]) == 0
    spec = convspec.load("alexnet", input_shape=(67, 67, 3), overrides={"head.fc": [8]})
    parameters = str(convspec.analyze(spec).totals.parameters)
    assert run(LOAD.format(imports=imports), path).split() == ["0", "False", "LocalResponseNormalization", parameters]


FAKE_KERAS = {
    "__init__.py": "import gate\ngate.executing()\n",
    "saving.py": "known = {}\ndef get_custom_objects(): return known\n",
}
"""As much of Keras as importing and registering touch: the import takes no time but what a test makes it take."""

GATE = """
import importlib.machinery, sys, threading, time

def until(happened):
    end = time.monotonic() + 10
    while not happened() and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.3)  # the other thread has gone on as far as it can

def executing():
    {executing}

class Loader(importlib.machinery.SourceFileLoader):
    def create_module(self, spec):
        {found}

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "keras":
            found = importlib.machinery.PathFinder.find_spec(name, path)
            found.loader = Loader(name, found.origin)
            return found

def imports_keras():
    global outcome
    try:
        import keras
        outcome = "imported"
    except BaseException as error:
        outcome = repr(error)

outcome, asked = None, threading.Event()
sys.meta_path.insert(0, Finder())
"""

MEETINGS = {
    "Keras has been found": (
        {"found": "asked.set(); until(lambda: any('convspec' in type(one).__module__ for one in sys.meta_path))"},
        "first.start(); gate.asked.wait(10); import convspec",
    ),
    "Keras is half imported": (
        {"executing": "until(lambda: 'convspec' in sys.modules)"},
        "first.start(); gate.until(lambda: 'keras' in sys.modules); import convspec",
    ),
    "our layers wait for Keras": (
        {"executing": "until(lambda: 'convspec.layers' in sys.modules)"},
        "import convspec; first.start(); gate.until(lambda: 'keras' in sys.modules)\n"
        "try: import convspec.layers\n"
        "except (AttributeError, ImportError): pass",  # this Keras has no layers
    ),
}
"""Where the thread that imports Keras waits, for what the other thread does, and what that thread does."""

MEET = """
import sys, threading
sys.path.insert(0, sys.argv[1])
import gate
first = threading.Thread(target=gate.imports_keras)
{code}
first.join()
import keras.saving
waiting = [finder for finder in sys.meta_path if "convspec" in type(finder).__module__]
print(gate.outcome, sorted(keras.saving.known) == sorted(f"convspec>{{name}}" for name in CLASSES), len(waiting))
"""


@pytest.mark.parametrize(("waits", "code"), MEETINGS.values(), ids=MEETINGS)
def test_our_layers_are_known_whatever_two_threads_import_at_once(waits, code, tmp_path):
    (tmp_path / "keras").mkdir()
    for name, text in FAKE_KERAS.items():
        (tmp_path / "keras" / name).write_text(text)
    (tmp_path / "gate.py").write_text(GATE.format(**{"executing": "pass", "found": "pass", **waits}))
    known = MEET.format(code=code).replace("CLASSES", repr(sorted(CLASSES)))
    assert run(known, tmp_path).split() == ["imported", "True", "0"]


def test_every_class_that_is_registered_is_known_as_soon_as_keras_is_imported():
    modules = sorted(set(CLASSES.values()))
    for module in modules:
        importlib.import_module(module, "convspec")
    known = keras.saving.get_custom_objects()
    ours = {name.removeprefix("convspec>"): one for name, one in known.items() if name.startswith("convspec>")}
    assert ours.keys() == CLASSES.keys()
    for name, one in ours.items():
        assert one is getattr(importlib.import_module(CLASSES[name], "convspec"), name)
    for file in PACKAGE.rglob("*.py"):  # what is registered elsewhere would be known once it is imported, not before
        if "register_keras_serializable(" in file.read_text("utf-8"):
            assert "." + ".".join(file.relative_to(PACKAGE).with_suffix("").parts) in modules


@pytest.fixture(scope="module")
def spec() -> convspec.Spec:
    return convspec.load(document("carried", [{"block": "conv", "filters": 4, "kernel_size": 3}]))


def loaded(model: keras.Model, folder: Path) -> keras.Model:
    model.save(folder / "on_the_way.keras")
    return keras.models.load_model(folder / "on_the_way.keras")


def quantized(model: keras.Model, folder: Path) -> keras.Model:
    copied = keras.models.clone_model(model)
    copied.quantize("int8", filters="head")
    return copied


def compiled(model: keras.Model, folder: Path) -> keras.Model:
    model.compile("sgd", "sparse_categorical_crossentropy")
    return loaded(model, folder)


COPIES = {
    "itself": lambda model, folder: model,
    "loaded": loaded,
    "loaded twice": lambda model, folder: loaded(loaded(model, folder), folder),
    "cloned": lambda model, folder: keras.models.clone_model(model),
    "cloned upon a tensor": lambda model, folder: keras.models.clone_model(model, keras.Input((8, 8, 4))),
    "cloned by a function": lambda model, folder: keras.models.clone_model(
        model, clone_function=lambda layer: type(layer).from_config(layer.get_config())
    ),
    "loaded, then cloned": lambda model, folder: keras.models.clone_model(loaded(model, folder)),
    "quantized": quantized,
    "quantized, then loaded": lambda model, folder: loaded(quantized(model, folder), folder),
    "pickled": lambda model, folder: pickle.loads(pickle.dumps(model)),
    "copied": lambda model, folder: copy.deepcopy(model),
    "compiled, then loaded": compiled,
    "inside another model": lambda model, folder: loaded(
        keras.Sequential([keras.Input((8, 8, 4)), model]), folder
    ).layers[0],
}


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
def test_the_spec_is_in_the_file_of_every_copy(make, spec, tmp_path):
    make(convspec.build(spec), tmp_path).save(tmp_path / "copy.keras")
    again = convspec.load(tmp_path / "copy.keras")
    assert (again, again.fingerprint) == (spec, spec.fingerprint)


def test_models_of_other_layers_do_not_pretend_to_be_the_spec(spec, tmp_path):
    def pooled_otherwise(layer: keras.Layer) -> keras.Layer:
        averages = isinstance(layer, keras.layers.GlobalAveragePooling2D)
        return keras.layers.GlobalMaxPooling2D() if averages else type(layer).from_config(layer.get_config())

    model = convspec.build(spec)
    other = keras.models.clone_model(model, clone_function=pooled_otherwise)
    part = keras.Model(model.input, model.layers[-2].output)
    for number, one in enumerate([other, part]):
        one.save(tmp_path / f"{number}.keras")
        with zipfile.ZipFile(tmp_path / f"{number}.keras") as archive:
            assert not [name for name in archive.namelist() if "convspec" in name]


def test_in_files_the_model_is_keras_own_functional_model(spec, tmp_path):
    model = convspec.build(spec)
    plain = keras.Model(model.input, model.output, name=model.name)
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        config = json.loads(archive.read("config.json"))
    own, wanted = json.loads(model.to_json()), json.loads(plain.to_json())
    assert (config["module"], config["class_name"]) == (wanted["module"], wanted["class_name"])
    assert own["config"] == wanted["config"]
    assert isinstance(model, type(plain))
    assert isinstance(model, SpecModel)
    model.save(tmp_path / "model.h5")
    assert keras.models.load_model(tmp_path / "model.h5", compile=False).name == model.name


def test_weights_are_exchanged_with_the_plain_model(spec, tmp_path):
    model = convspec.build(spec)
    plain = keras.Model(model.inputs, model.outputs)
    other = convspec.build(spec)
    plain.save_weights(tmp_path / "x.weights.h5")
    other.load_weights(tmp_path / "x.weights.h5")
    np.testing.assert_array_equal(other(images()), model(images()))
