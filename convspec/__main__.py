"""`convspec` and `python -m convspec`: the command line as a process of its own."""


def main() -> None:
    """Run the command that the process was started with, and end the process."""
    # What runs before a handler stands, Ctrl-C ends with a traceback. So the first one comes before all imports that
    # take time: `_signal` is what the module `signal` wraps, and `os` and `sys` are there already.
    import _signal  # type: ignore[import-not-found]
    import os
    import sys

    def stop(number: int, frame: object) -> None:
        os.write(2, b"\nstopped\n")
        os._exit(128 + number)

    if _signal.getsignal(2) is _signal.default_int_handler:
        _signal.signal(2, stop)
    from . import interrupts

    interrupts.own_process()
    status = _run()
    _flush()
    if sys.gettrace() is None and sys.getprofile() is None:
        import atexit

        atexit._run_exitfuncs()
        # The rest of the interpreter's end has no handlers any more, and TensorFlow's part of it can crash.
        os._exit(interrupts.exit_status() if interrupts.stopped() else status)
    sys.exit(status)


def _run() -> int:
    """The command's exit status; what it changes for the process is this process's own."""
    import gc
    import io
    import os
    import sys

    from . import interrupts
    from .printing import plain_warnings

    # Pydantic, which says what is wrong, would scan every installed distribution for plugins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when it first logs
    gc.set_threshold(100_000)  # imports make many objects that all stay: looking for garbage among them is in vain
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that has no letter for a name shows its number
        sys.stdout.reconfigure(errors="backslashreplace")

    plain_warnings()

    from .cli import main as run

    try:
        return run()
    except SystemExit as end:  # argparse's
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)  # noqa: T201
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        print(f"\n{interrupts.last_words()}", file=sys.stderr)  # noqa: T201
        return interrupts.exit_status()


def _flush() -> None:
    import sys
    from contextlib import suppress

    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # the command has said what its output met
            stream.flush()


if __name__ == "__main__":
    main()
