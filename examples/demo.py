"""From a spec to a trained network on the digits that come with scikit-learn; results lie in runs/demo/."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from convspec.cli import main

OUT = Path("runs/demo")
COMMANDS = (
    ["inspect", "digits"],
    ["train", "digits", "--data", "digits", "--out", str(OUT)],
)


def demo() -> int:
    """Run the commands as a user would type them; the exit status of the first that fails."""
    shutil.rmtree(OUT, ignore_errors=True)
    for command in COMMANDS:
        print(f"\n$ convspec {' '.join(command)}", flush=True)
        status = main(command)
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(demo())
