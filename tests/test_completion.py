"""`convspec completion`: what the shell reads completes commands, options, choices and networks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from convspec.cli import COMMANDS, main

ASK = """
source ./script
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMPREPLY=()
_shtab_convspec convspec "${{COMP_WORDS[$COMP_CWORD]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.skipif(shutil.which("bash") is None, reason="the machine has no bash to complete in")
@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("convspec insp", {"inspect"}),
        ("convspec inspect lenet", {"lenet5"}),
        ("convspec plot lenet5 --depth st", {"stages"}),
        ("convspec train lenet5 --res", {"--resume"}),
    ],
)
def test_bash_completes(words: str, completed: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "script").write_text(script("bash", capsys), "utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    asked = subprocess.run(
        ["bash", "-c", ASK.format(words=words)],
        cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert set(asked.stdout.split()) == completed


def test_zsh_knows_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    written = script("zsh", capsys)
    assert written.startswith("#compdef convspec\n")
    assert all(f"_convspec_{command}" in written for command in COMMANDS)


def test_commands_do_not_wait_for_the_library_of_completion() -> None:
    code = "import sys; from convspec.cli import main; main(['list', 'lenet5']); assert 'shtab' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
