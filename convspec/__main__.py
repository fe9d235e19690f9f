"""`convspec` and `python -m convspec`: the command line as a process of its own."""

# Ctrl-C before a handler is set ends with a traceback. So the first handler comes before all imports that take time:
# `os` and `sys` are there already, and `_signal`, which has no stub, is what the module `signal` wraps.
import os
import sys

_signal = sys.modules["_signal"]


def main() -> None:
    """Run the command that the process was started with, and end the process."""

    def stop(number: int, frame: object) -> None:
        os.write(2, b"\nstopped\n")
        os._exit(128 + number)

    if _signal.getsignal(2) is _signal.default_int_handler:
        _signal.signal(2, stop)
    from .cli import run_process

    run_process()


if __name__ == "__main__":
    main()
