"""A Python start-up hook for the workers of a test: some trials take their worker along.

`CONVSPEC_TEST_CRASHES` is what happens in trials of which batch size, `{"64": "segfault"}`; `CONVSPEC_TEST_QUICK` has
the driver wait for a silent worker for fewer seconds.
"""

HOOK = """
import importlib.abc, importlib.machinery, json, os, sys

CRASHES = json.loads(os.environ.get("CONVSPEC_TEST_CRASHES", "{}"))
QUICK = os.environ.get("CONVSPEC_TEST_QUICK")


def crash(how):
    import ctypes, signal, time

    if how == "segfault":
        ctypes.string_at(0)
    elif how == "exit":
        os._exit(7)
    elif how == "hang":
        time.sleep(1000)
    else:
        os.kill(os.getpid(), getattr(signal, how))


def changed(module):
    if module.__name__.endswith(".workers"):
        module.SILENCE = float(QUICK or module.SILENCE)
        return
    run = module.Trainer.run

    def crashing(self, spec, **options):
        if how := CRASHES.get(str(spec.train.batch_size)):
            crash(how)
        return run(self, spec, **options)

    module.Trainer.run = crashing


class Hook(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name not in ("convspec.tuning.trial", "convspec.tuning.workers"):
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path)
        execute = found.loader.exec_module

        def exec_module(module):
            execute(module)
            changed(module)

        found.loader.exec_module = exec_module
        return found


if CRASHES or QUICK:
    sys.meta_path.insert(0, Hook())
"""


def environment(folder, crashes, quick=8):
    """The environment of a driver and its workers in which trials crash; the hook is written into `folder`."""
    import json
    import os

    (folder / "sitecustomize.py").write_text(HOOK)
    return {
        **os.environ,
        "PYTHONPATH": str(folder),
        "CONVSPEC_TEST_CRASHES": json.dumps(crashes),
        "CONVSPEC_TEST_QUICK": str(quick),
    }
