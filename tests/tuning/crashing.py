"""A Python start-up hook for the workers of a test: some trials end their worker, others wait.

`CONVSPEC_TEST_CRASHES` maps a batch size to what its attempts do one after the other, `{"64": ["segfault", "exit"]}`;
later attempts train. `CONVSPEC_TEST_WAIT` is a file: from their second trial on, workers wait until it exists.
"""

import json
import os

HOOK = """
import importlib.abc, importlib.machinery, json, os, sys, time

CRASHES = json.loads(os.environ.get("CONVSPEC_TEST_CRASHES", "{}"))
WAIT = os.environ.get("CONVSPEC_TEST_WAIT")
TRIALS = []


def crash(how):
    import ctypes, signal

    if how == "segfault":
        ctypes.string_at(0)
    elif how == "exit":
        os._exit(7)
    elif how == "hang":
        time.sleep(1000)
    else:
        os.kill(os.getpid(), getattr(signal, how))


def crash_in_this_attempt(batch_size):
    ways = CRASHES.get(batch_size, [])
    if ways:
        with open(os.path.join(os.path.dirname(__file__), f"attempts-{batch_size}"), "a") as file:
            file.write(".")
            attempt = file.tell()
        if attempt <= len(ways):
            crash(ways[attempt - 1])


def changed(module):
    run = module.Trainer.run

    def changed_run(self, spec, **options):
        crash_in_this_attempt(str(spec.train.batch_size))
        while WAIT and TRIALS and not os.path.exists(WAIT):
            time.sleep(0.05)
        TRIALS.append(spec)
        return run(self, spec, **options)

    module.Trainer.run = changed_run


class Hook(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != "convspec.tuning.trial":
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path)
        execute = found.loader.exec_module

        def exec_module(module):
            execute(module)
            changed(module)

        found.loader.exec_module = exec_module
        return found


if CRASHES or WAIT:
    sys.meta_path.insert(0, Hook())
"""


def environment(folder, *, crashes=None, wait=""):
    """The variables with which workers run the hook, which is written into `folder`."""
    (folder / "sitecustomize.py").write_text(HOOK)
    return {
        "PYTHONPATH": str(folder),
        "CONVSPEC_TEST_CRASHES": json.dumps(crashes or {}),
        "CONVSPEC_TEST_WAIT": str(wait),
    }


def command_environment(folder, **how):
    """The environment of a command whose workers run the hook."""
    return {**os.environ, **environment(folder, **how)}
