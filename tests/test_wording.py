"""What calls pass on and refuse, and what is put back behind them, in cases that no command comes to."""

import random
import signal
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.framework import config

import convspec
from convspec import InputError, load
from convspec.analysis.comparison import Row, told_apart
from convspec.api.bench import spec_in
from convspec.builder import build
from convspec.former_layers import PadChannels
from convspec.interrupts import _state, own_process
from convspec.layers import HalvingPadding2D
from convspec.output_paths import check_file
from convspec.printing import printable
from convspec.private_names import without_rewrites
from convspec.process import deterministic_operations, random_states_kept, warning_filters

from .api.test_options import ONE_CALL, choices_of, inspect
from .process_state import random_state


@pytest.mark.parametrize("name", ONE_CALL)
def test_a_wrong_choice_is_refused_by_the_name_of_its_option_with_all_that_there_are(name):
    call = getattr(convspec, name)
    needed = {
        option: "onnx" if option == "format" else "nowhere"
        for option, one in inspect.signature(call).parameters.items()
        if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD
    }
    for option, texts in choices_of(name).items():
        with pytest.raises(InputError) as caught:
            call(**needed | {option: "qqq"})
        (diagnostic,) = caught.value.diagnostics
        assert str(diagnostic).startswith(f"{option}: no {option} is called 'qqq'\n")
        assert set(diagnostic.remedy.removeprefix("there are ").split(", ")) == texts


@pytest.mark.parametrize(("dtype", "policy"), [("float32", "none"), ("float16", "float16"), ("bfloat16", "bfloat16")])
def test_a_network_is_measured_in_the_numbers_that_are_asked_for(dtype, policy):
    spec = spec_in(dtype, "lenet5", None, None)
    assert (spec.train.mixed_precision, spec.train.deterministic) == (policy, False)


def test_networks_of_one_name_without_a_file_are_told_apart_by_their_place():
    row = Row("net", (8, 8, 1), 1, 1, 1, 1, 1, 1, None)
    names = [one.name for one in told_apart([row, row._replace(name="other"), row, row], ["", "", "b.yaml", ""])]
    assert names == ["net (network 1)", "other", "net (b.yaml)", "net (network 4)"]


def test_a_file_that_may_not_be_changed_is_an_error_though_its_folder_may(tmp_path, monkeypatch):
    """The tests may run as root, whom the system refuses nothing."""
    path = tmp_path / "out.svg"
    path.write_text("")
    monkeypatch.setattr("convspec.output_paths.os.access", lambda asked, mode: asked != path)
    with pytest.raises(InputError, match=r"out\.svg: cannot be written: Permission denied"):
        check_file(path)
    check_file(tmp_path / "other.svg")
    monkeypatch.setattr("convspec.output_paths.os.access", lambda asked, mode: asked == path)
    check_file(path)
    with pytest.raises(InputError, match=r"other\.svg: cannot be written: Permission denied"):
        check_file(tmp_path / "other.svg")


def drawn():
    return [
        random.random(),
        float(np.random.rand()),
        float(tf.random.uniform(())),
        float(keras.random.uniform(())),
    ]


def test_random_numbers_go_on_as_if_nothing_had_been_drawn_or_seeded():
    keras.utils.set_random_seed(7)
    expected = [drawn(), drawn()]
    keras.utils.set_random_seed(7)
    found = [drawn()]
    with random_states_kept():
        keras.utils.set_random_seed(9)
        assert drawn() != expected[1]
    assert [*found, drawn()] == expected
    keras.utils.set_random_seed(7)
    with random_states_kept():
        keras.utils.set_random_seed(9)
    assert random_state()["Keras's seed"] == 7
    assert drawn() == expected[0]


def test_random_numbers_go_on_behind_a_block_inside_another_one():
    with random_states_kept():
        keras.utils.set_random_seed(7)
        expected = drawn()
        keras.utils.set_random_seed(7)
        with random_states_kept():
            keras.utils.set_random_seed(9)
            drawn()
        assert drawn() == expected


def test_operations_that_were_deterministic_before_stay_so():
    assert not config.is_op_determinism_enabled()
    config.enable_op_determinism()
    try:
        with deterministic_operations():
            assert config.is_op_determinism_enabled()
        assert config.is_op_determinism_enabled()
    finally:
        config.disable_op_determinism()
    with deterministic_operations():
        assert config.is_op_determinism_enabled()
    assert not config.is_op_determinism_enabled()


def test_the_options_of_graphs_are_those_of_before():
    before = context.context().function_call_options
    with without_rewrites():
        assert context.context().function_call_options is not before
    assert context.context().function_call_options is before


def test_warnings_are_recorded_only_where_that_is_asked_for():
    with warning_filters("record") as found:
        warnings.warn("a word", stacklevel=1)
    assert [str(one.message) for one in found] == ["a word"]
    with warning_filters() as found:
        warnings.warn("a word", stacklevel=1)
    assert found is None


@pytest.mark.parametrize("ignored", [True, False])
def test_a_command_in_the_background_goes_on_ignoring_ctrl_c(ignored):
    """A shell starts it with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.default_int_handler)
    own_process()
    try:
        assert (signal.getsignal(signal.SIGINT) is signal.SIG_IGN) == ignored
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        assert signal.getsignal(signal.SIGTERM) not in (signal.SIG_DFL, signal.SIG_IGN)
    finally:
        _state.watch.restore()
        _state.watch = None
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("size", [7, 8])
@pytest.mark.parametrize("kernel", [3, 5])
def test_halving_padding_has_the_shape_that_it_says_and_zeros_at_the_edges_alone(size, kernel):
    layer, x = HalvingPadding2D(kernel_size=kernel), np.ones((2, size, 7, 3), np.float32)
    found = keras.ops.convert_to_numpy(layer(x))
    assert found.shape == layer.compute_output_shape(x.shape)
    assert found.sum() == x.sum()


def test_former_channels_have_the_shape_that_they_say():
    layer, x = PadChannels(filters=5), np.ones((2, 4, 4, 3), np.float32)
    found = keras.ops.convert_to_numpy(layer(x))
    assert found.shape == layer.compute_output_shape(x.shape) == (2, 4, 4, 5)
    assert not found[..., 3:].any()


def test_a_tensor_of_another_rank_or_of_unknown_channels_has_no_remedy():
    spec = load("lenet5")
    for shape in ((64,), (32, 1), (32, 32, None)):
        with pytest.raises(ValueError, match="input_tensor is ") as caught:
            build(spec, input_tensor=keras.Input(shape))
        assert "load(" not in str(caught.value)
    with pytest.raises(ValueError, match=r"; load\(\.\.\., input_shape=\(28, 28, 1\)\) gives the network"):
        build(spec, input_tensor=keras.Input((28, 28, 1)))


def test_a_sign_of_each_category_that_hides_or_moves_text_is_escaped():
    assert printable("\x07 \u202e \ud800 \ue000 \u2028 \u2029") == "\\x07 \\u202e \\ud800 \\ue000 \\u2028 \\u2029"
