"""Messages name an option as their reader does: `--pixel-range` for a command, `pixel_range=` for a call in Python."""

import argparse
import ast
import importlib
import re
from pathlib import Path
from typing import get_args

import pytest

import convspec
from convspec.api.export import Format
from convspec.cli import COMMANDS, main
from convspec.option_names import FLAGS, RENAMED, VALUED, in_command, spoken

PACKAGE = Path(convspec.__file__).parent
OF_THE_TERMINAL = {"json", "csv", "markdown", "show", "help", "blocks", "figures", "training", "fit", "version"}
OPTION = re.compile(r"(?<![\w-])--[a-z]")
SHELL = re.compile(r"`(?:convspec|ray) [^`]*`")


def messages():
    """Every text of the package that names an option, but docstrings and the commands' own; `7` where a value goes."""
    for file in sorted(PACKAGE.rglob("*.py")):
        if file.parent.name == "commands" or file.name in ("cli.py", "option_names.py"):
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        inner |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            if id(node) in inner or not all(isinstance(part, (ast.Constant, ast.FormattedValue)) for part in parts):
                continue
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)
            if OPTION.search(text):
                yield f"{file.name}:{node.lineno}", text


@pytest.mark.parametrize(("place", "text"), list(messages()))
def test_every_message_has_a_form_for_python(place, text):
    found = spoken(text)
    assert not OPTION.search(SHELL.sub("", found)), found
    assert not re.search(r"= [\d\"{]|==", found), f"a value beside its argument: {found}"
    with in_command():
        assert spoken(text) == text


def test_the_messages_are_found():
    assert len(list(messages())) > 60


def test_every_option_of_a_command_has_its_argument():
    flags, valued = set(), set()
    for command in COMMANDS:
        parser = argparse.ArgumentParser()
        importlib.import_module(f"convspec.commands.{command}").add_arguments(parser)
        for action in parser._actions:
            for option in action.option_strings:
                name = option.removeprefix("--")
                if option.startswith("--") and name not in OF_THE_TERMINAL:
                    (flags if action.nargs == 0 else valued).add(name)
                    assert action.dest == RENAMED.get(name, name.replace("-", "_"))
    assert (flags, valued) == (set(FLAGS), set(VALUED))


@pytest.mark.parametrize(
    ("command", "python"),
    [
        ("name another --out; --resume goes on", "name another out=; resume=True goes on"),
        ("--overwrite and --dark: no effect", "overwrite=True and dark=True: no effect"),
        ("--data-dir and --pixel-range: no effect", "data_dir and pixel_range: no effect"),
        ("--batch 0 --repeats 10: both are 1 or more", "batch=0 repeats=10: both are 1 or more"),
        ("--out a b.txt: a picture ends in .svg", 'out="a b.txt": a picture ends in .svg'),
        ("--out C:\\a.txt: a picture", 'out="C:\\\\a.txt": a picture'),
        ("such as --batch-size 32 or 34", "such as batch_size=32 or 34"),
        ("--input 224x224x3 names one", "input_shape=(224, 224, 3) names one"),
        ("--input HxWxC gives it", "input_shape=(height, width, channels) gives it"),
        ("or --pixel-range=-3,3", "or pixel_range=(-3, 3)"),
        ("or --set train.preprocessing.resize=pad (or", 'or overrides={"train.preprocessing.resize": "pad"} (or'),
        ("train without it: --set outputs={}", 'train without it: overrides={"outputs": {}}'),
        ("2 by --set body[-1].filters, 3 by --set body", '2 by overrides["body[-1].filters"], 3 by overrides["body"]'),
        ("'a' by --dtype float16, none by --epochs", "'a' by dtype=\"float16\", none by epochs="),
        ("weights: --finetune my run --freeze none", 'weights: finetune="my run" freeze="none"'),
        ("did you mean --data a/b?", 'did you mean data="a/b"?'),
        ("--class", "class_name"),
        *((f"--format {kind}", f'format="{kind}"') for kind in get_args(Format)),
        ("`convspec train --out` writes it", "`convspec train --out` writes it"),
        ("`--resume` writes it", "`resume=True` writes it"),
        ("no class is called '--out'", "no class is called '--out'"),
        ("a---out b--raw", "a---out b--raw"),
    ],
)
def test_forms(command, python):
    assert spoken(command) == python
    with in_command():
        assert spoken(command) == command


WRONG = {
    "build": (lambda: convspec.build("lenet5", out="a.txt"), 'out="a.txt": Keras', ["build", "lenet5", "--out", "a.txt"]),
    "tune": (lambda: convspec.tune("lenet5", "digits", time_limit=3), "time_limit= needs workers= or address=",
             ["tune", "lenet5", "--data", "digits", "--time-limit", "3"]),
    "tune in no time": (lambda: convspec.tune("lenet5", "digits", workers=1, time_limit=0.0),
                        "time_limit=0: a number of seconds above 0",
                        ["tune", "lenet5", "--data", "digits", "--workers", "1", "--time-limit", "0"]),
    "tune by fewer than none": (lambda: convspec.tune("lenet5", "digits", workers=-1),
                                "workers=-1: a number of processes, or 0 for this one alone",
                                ["tune", "lenet5", "--data", "digits", "--workers", "-1"]),
    "explain": (lambda: convspec.explain("run", "a.png", method="occlusion", layer="x"),
                'layer= goes with method="grad_cam"', ["explain", "run", "a.png", "--method", "occlusion", "--layer", "x"]),
    "predict": (lambda: convspec.predict("run", "a.png", top=0), "top=0: 1 or", ["predict", "run", "a.png", "--top", "0"]),
    "train": (lambda: convspec.train("lenet5", "digits", ensemble=1), "ensemble=1: an ensemble has",
              ["train", "lenet5", "--data", "digits", "--ensemble", "1"]),
    "compare": (lambda: convspec.compare("lenet5", batch=0), "batch=0: a batch", ["compare", "lenet5", "--batch", "0"]),
    "bench": (lambda: convspec.bench("lenet5", repeats=0), "batch=32 repeats=0: both", ["bench", "lenet5", "--repeats", "0"]),
    "export": (lambda: convspec.export("run", "onnx", raw=True, pixel_range=(0, 1)), "pixel_range= goes without raw=True",
               ["export", "run", "--format", "onnx", "--raw", "--pixel-range", "0,1"]),
    "report": (lambda: convspec.report("run", "a.txt"), 'out="a.txt": a report', ["report", "run", "--out", "a.txt"]),
    "plot": (lambda: convspec.plot("lenet5", "a.txt"), 'out="a.txt": a picture', ["plot", "lenet5", "--out", "a.txt"]),
    "check": (lambda: convspec.check("lenet5", picture="a.png"), 'picture="a.png": it shows',
              ["check", "lenet5", "--picture", "a.png"]),
    "load": (lambda: convspec.load("vgg16", variant="vgg19"), 'variant="vgg19": vgg16', ["inspect", "vgg16", "--variant", "vgg19"]),
    "diff": (lambda: convspec.diff("vgg16", "vgg19", variant="vgg11"), 'variant="vgg11": vgg16',
             ["diff", "vgg16", "vgg19", "--variant", "vgg11"]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_each_call_and_its_command(name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, python, words = WRONG[name]
    with pytest.raises(convspec.InputError) as caught:
        call()
    assert str(caught.value).startswith(python)
    assert not OPTION.search(SHELL.sub("", str(caught.value)))
    assert main(words) in (1, 2)
    error = capsys.readouterr().err
    assert error.startswith("--")
    assert spoken(error) == f"{caught.value}\n"


def test_errors_that_are_results_and_notes_speak_python_too():
    network = {"name": "open", "input": [None, None, 3], "classes": 2, "body": ["conv3-4"], "head": {"pooling": "avg"}}
    short = {**network, "input": [8, 8, 1], "train": {"ema": 0.9999}}
    assert "data= counts those at hand" in str(convspec.check(short))
    for found in (convspec.analyze(network), convspec.compare(network), convspec.check(short)):
        assert not OPTION.search(SHELL.sub("", str(found))), str(found)
    assert "input_shape=(height, width, channels) gives" in str(convspec.analyze(network))
