"""The loggers of the package, named after its modules. A program's own handlers get what they log; a command prints it.

`logging.getLogger("convspec").setLevel(logging.ERROR)` silences them.
"""

from __future__ import annotations

import logging
import sys

from .printing import printable_output


class _WhileCommandsRun(logging.Handler):
    """Prints messages on standard error while a command runs; otherwise does nothing, as a `NullHandler`."""

    def emit(self, record: logging.LogRecord) -> None:
        if printable_output.users:
            print(record.getMessage(), file=sys.stderr)  # noqa: T201


logging.getLogger("convspec").addHandler(_WhileCommandsRun())


def get_logger(name: str) -> logging.Logger:
    """The logger of a module, whose name is that of the module."""
    return logging.getLogger(name)
