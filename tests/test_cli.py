"""The command line as a person meets it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import keras
import pytest

import convspec
from convspec.analysis.table import human
from convspec.cli import COMMANDS, main
from convspec.language.keras_archive import SPEC_ASSET
from convspec.training.sanity_checks import Line


def test_list_names_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "vgg1*"]) == 0
    assert capsys.readouterr().out.split() == ["vgg11", "vgg11_lrn", "vgg13", "vgg16", "vgg16c", "vgg19"]


def test_the_figures_of_the_catalogue_are_a_table_with_the_units_in_its_heading(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """VGG's parameters, size and depth are those of Keras's own table of its applications."""
    assert main(["list", "vgg1[69]", "--figures"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "network   parameters            MACs     MB      input  depth  weights",
        "-----------------------------------------------------------------------",
        "vgg16    138,357,544  15,470,264,320  553.4  224x224x3     16  imagenet",
        "vgg19    143,667,240  19,632,062,464  574.7  224x224x3     19  imagenet",
    ]


def test_list_says_when_nothing_matches(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "nothing*"]) == 1
    assert "no network matches 'nothing*'" in capsys.readouterr().err


def test_inspect_prints_the_lectures_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "lenet5"]) == 0
    out = capsys.readouterr().out
    assert "(5*5*6 + 1)*16 = 2,416" in out
    assert "parameters   61,706" in out
    assert "pattern      [CONV-RELU-POOL]*2-(FC-RELU)*2-FC-SOFTMAX" in out


def test_inspect_marks_dropped_pixels(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "alexnet", "--input", "228x227x3"]) == 0
    conv1 = next(line for line in capsys.readouterr().out.split("\n") if line.startswith("conv1"))
    assert conv1.endswith("drops 1 row")


def test_inspect_folds_resnet34_onto_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "resnet34", "--blocks"]) == 0
    assert len(capsys.readouterr().out.split("\n")) <= 40


def test_rows_of_blocks_are_not_json(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["inspect", "resnet34", "--blocks", "--json"])
    assert caught.value.code == 2
    assert capsys.readouterr().err.endswith("error: argument --json: not allowed with argument --blocks\n")


def test_inspect_json_is_stable(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "lenet5", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["name", "fingerprint", "pattern", "receptive_field", "totals", "layers"]
    assert {key: found["totals"][key] for key in (
        "parameters", "trainable_parameters", "macs", "activation_bytes", "weight_bytes")} == {
        "parameters": 61_706, "trainable_parameters": 61_706, "macs": 416_520,
        "activation_bytes": 4 * (1024 + 4704 + 1176 + 1600 + 400 + 120 + 84 + 10), "weight_bytes": 4 * 61_706,
    }  # fmt: skip
    assert found["layers"][1] == {
        "name": "block1_conv1", "operation": "Conv2D", "output_shape": [28, 28, 6], "parameters": 156,
        "trainable_parameters": 156, "macs": 117_600, "receptive_field": 5, "receptive_field_hw": [5, 5],
        "kernel_shape": [5, 5, 1, 6], "groups": 1, "drops_pixels": False, "dropped_pixels": [0, 0],
        "inputs": ["input_layer"], "block": "block1",
    }  # fmt: skip


def test_inspect_with_an_open_size(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "resnet18", "--input", "?x?x3", "--json"]) == 0
    totals = json.loads(capsys.readouterr().out)["totals"]
    assert (totals["trainable_parameters"], totals["macs"]) == (11_689_512, None)


def test_settings_reach_the_spec(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "pattern", "--set", "parameters.M=2", "--set", "head.dropout=0.0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pattern"] == "[(CONV-RELU)*2-POOL]*2-FC-RELU-FC-SOFTMAX"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["inspect", "resnet19"], "no network is called 'resnet19'; did you mean 'resnet"),
        (["inspect", "missing.yaml"], "missing.yaml: cannot be read: No such file or directory"),
        (["inspect", "lenet5", "--input", "32"], "--input 32: expected HEIGHTxWIDTHxCHANNELS"),
        (["inspect", "lenet5", "--set", "classes"], "--set classes: expected PATH=VALUE"),
        (["inspect", "lenet5", "--set", "classes=many"], "classes=many: classes: expected a whole number, not 'many'"),
        (
            ["inspect", "lenet5", "--set", "bdoy[0].filters=3"],
            "bdoy[0].filters=3: there is no bdoy; did you mean 'body'?",
        ),
        (["inspect", "lenet5", "--input", "32²x32x1"], "--input 32²x32x1: expected HEIGHTxWIDTHxCHANNELS"),
        (["inspect", "lenet5", "--input", ""], "--input : expected HEIGHTxWIDTHxCHANNELS"),
        (["inspect", "lenet5", "--fit", ""], "--fit : expected a number and a unit"),
        (["check", "lenet5", "--set", "body[0].filters=0"], "body[0].filters=0: body[0].filters: must be above 0"),
        (["check", "lenet5", "--input", "4x4x1"], "a 5x5 filter is larger than its 4x4 input"),
        (
            ["inspect", "lenet5", "--set", "train.optimzer.name=sgd"],
            "there is no train.optimzer; did you mean 'optimizer'?",
        ),
        (["inspect", "lenet5", "--set", "classes=true"], "classes=true: classes: expected a whole number, not true"),
        (["inspect", "lenet5", "--batch", "0"], "--batch 0: a batch has at least one image"),
        (["report", "runs", "--out", "report.pdf"], "--out report.pdf: a report ends in .html"),
        (["build", "lenet5", "--out", "model.h5"], "--out model.h5: Keras's format has the ending .keras"),
        (
            ["inspect", "lenet5", "--input", "4x4x1"],
            "a 5x5 filter is larger than its 4x4 input: (4 - 5 + 2*0)/1 + 1 = 0",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes_are_one_line_and_no_traceback(
    capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    assert main(arguments) == 1
    err = capsys.readouterr().err
    assert expected in err
    assert "Traceback" not in err


def test_a_command_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["trian", "lenet5"])
    assert "no command is called 'trian'; did you mean 'train'?\n  there are bench, " in capsys.readouterr().err


def test_check_looks_at_every_variant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "family.yaml"
    path.write_text(
        "name: family\ninput: [8, 8, 1]\nparameters: {pools: 1}\nvariants: {small: {}, large: {pools: 4}}\n"
        "body: [{block: max_pool, repeat: '${pools}'}]\n"
    )
    assert main(["check", str(path)]) == 1
    assert "a 2x2 window is larger than its 1x1 input" in capsys.readouterr().err


def test_check_names_the_variants_of_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "family.yaml"
    path.write_text(
        "name: family\ninput: [8, 8, 1]\nparameters: {w: 8, d: 1}\n"
        "variants: {small: {w: 4}, neg: {w: -2}, text: {w: a}, also: {w: -2, d: 2}}\n"
        "body: [{block: conv, filters: '${w}', strides: '${d}'}]\nhead: {dropout: 2}\n"
    )
    assert main(["check", str(path)]) == 1
    told = [line for line in capsys.readouterr().err.split("\n") if line.startswith(str(path))]
    assert [line.removeprefix(f"{path}:") for line in told] == [
        "6:17: head.dropout: must be below 1, not 2",
        "5:31: body[0].filters: must be above 0, not -2 (in the variants 'neg', 'also')",
        "5:31: body[0].filters: expected a whole number, not 'a' (in the variant 'text')",
    ]


def test_check_looks_at_the_only_variant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "family.yaml"
    path.write_text(
        "name: family\ninput: [8, 8, 1]\nparameters: {pools: 1}\nvariants: {large: {pools: 4}}\n"
        "body: [{block: max_pool, repeat: '${pools}'}]\n"
    )
    assert main(["check", str(path)]) == 1
    assert "a 2x2 window is larger than its 1x1 input" in capsys.readouterr().err


@pytest.mark.parametrize(("value", "text"), [(999, "999 B"), (999_499, "999 kB"), (999_999, "1 MB"), (10**6, "1 MB")])
def test_three_digits_never_round_to_a_thousand(value: int, text: str) -> None:
    assert human(value, "B") == text


def test_check_with_data_says_what_is_worth_knowing(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["check", "digits", "--data", "digits"])
    lines = capsys.readouterr().out.split("\n")
    names = [line[6:27].strip() for line in lines if line.startswith(("ok", "WARN"))]
    assert status == 1  # its logits begin wide: the first loss is 39 % above ln(10)
    assert [line[6:27].strip() for line in lines if line.startswith("WARN")] == ["first loss"]
    assert names[:3] == ["constant images", "contradictions", "largest class"]
    assert names[names.index("first loss") + 1] == "smallest gradient"


def test_check_shows_each_line_as_soon_as_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Into a file or a pipe, too, where Python keeps what is printed back: the last checks take minutes."""
    written = io.BytesIO()
    stream = io.TextIOWrapper(written)
    seen: list[str] = []

    def slow(*arguments: object, **options: object) -> Iterator[Line]:
        for name in ("first", "second"):
            seen.append(written.getvalue().decode())
            yield Line(name, "1", "of something")

    monkeypatch.setattr("convspec.api.sanity.sanity", slow)
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["check", "digits", "--data", "digits"]) == 0
    assert seen[0] == "digits: ok\n"
    assert "first" in seen[1]


def test_a_built_file_holds_its_spec(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That it loads in a process that starts from nothing: tests/test_saving.py."""
    path = tmp_path / "model.keras"
    assert main(["build", "alexnet", "--out", str(path), "--input", "67x67x3", "--set", "head.fc=[8]"]) == 0
    spec = convspec.load("alexnet", input_shape=(67, 67, 3), overrides={"head.fc": [8]})
    assert spec.fingerprint in capsys.readouterr().out
    assert convspec.load(path).fingerprint == spec.fingerprint
    assert main(["inspect", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fingerprint"] == spec.fingerprint


def test_a_keras_file_of_somebody_elses(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)
    with pytest.raises(convspec.InputError, match="holds no spec"):
        convspec.load(path)


@pytest.mark.parametrize("content", ["[]", "{}", "3", '{"spec": 3}', "no JSON"])
def test_a_keras_file_with_a_broken_spec(tmp_path: Path, content: str) -> None:
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr(f"assets/{SPEC_ASSET}", content)
    with pytest.raises(convspec.InputError, match="holds no spec"):
        convspec.load(tmp_path / "model.keras")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_without_the_letters(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("name: net\nreference: 'Größe 日本'\ninput: [8, 8, 1]\nbody: [conv3-3]\n", "utf-8")
    command = [sys.executable, "-m", "convspec", "inspect", str(path)]
    done = subprocess.run(command, env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u65e5\\u672c" in done.stdout


def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "convspec", "list"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (1, "the output cannot be written: No space left on device\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check", "lenet5", "--data", "digits", "--picture", "none/x.png"], "none/x.png: cannot be written: No such "),
        (["check", "lenet5", "--data", "digits", "--picture", "."], ".: cannot be written: Is a directory"),
        (
            ["check", "lenet5", "--picture", "x.png"],
            "--picture x.png: it shows the learning-rate range test, which needs images\n  name them by --data",
        ),
        (["build", "lenet5", "--out", "none/x.keras"], "none/x.keras: cannot be written: No such file or directory"),
        (["plot", "lenet5", "--out", "net.yaml/x.svg"], "net.yaml/x.svg: cannot be written: Not a directory"),
    ],
)
def test_an_output_that_cannot_be_written_is_told_before_any_work(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text("")
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(told)


def test_a_file_that_the_system_refuses_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from convspec.commands import list as listing

    monkeypatch.setattr(listing, "run", lambda args: Path("/dev/null/x").read_text())
    assert main(["list"]) == 1
    assert capsys.readouterr().err == "/dev/null/x: Not a directory\n"


def test_ctrl_c_is_one_word_while_a_command_is_imported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(name: str, package: str | None = None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("importlib.import_module", interrupted)
    assert main(["inspect", "lenet5"]) == 130
    assert capsys.readouterr() == ("", "\nstopped\n")


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit) as caught:
            main([command, "--help"])
        assert caught.value.code == 0
        assert capsys.readouterr().out.startswith(f"usage: convspec {command}")
