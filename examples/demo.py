"""From a spec to a searched and trained network on the digits that come with scikit-learn; all lies in runs/demo/."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from convspec.cli import main

OUT = Path("runs/demo")
SEARCH, BEST = OUT / "search", OUT / "best"
COMMANDS = (
    ["inspect", "digits"],
    ["tune", "digits", "--data", "digits", "--out", str(SEARCH)],
    ["train", str(SEARCH / "best.yaml"), "--data", "digits", "--epochs", "15", "--out", str(BEST)],
    ["report", str(SEARCH)],
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
