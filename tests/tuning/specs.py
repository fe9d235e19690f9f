"""A small network and the search that the tests of this folder run."""

import copy
import os

import yaml

from convspec.tuning.store import COLUMNS

KILLS = int(os.environ.get("CONVSPEC_KILLS", "3"))
"""How often a search is killed."""

NETWORK = {
    "name": "tiny",
    "input": [8, 8, 1],
    "classes": 10,
    "body": [
        {"block": "conv_norm_act", "filters": 8, "kernel_size": 3},
        {"block": "max_pool", "pool_size": 2, "strides": 2},
    ],
    "head": {"flatten": True, "fc": [16], "dropout": 0.2},
    "train": {"optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9}, "l2": 1.0e-4, "batch_size": 128},
}

TUNE = {
    "space": {
        "train.optimizer.learning_rate": {"log_uniform": [1.0e-4, 0.5]},
        "train.l2": {"log_uniform": [1.0e-6, 1.0]},
        "head.dropout": {"uniform": [0.05, 0.6]},
    },
    "stages": [{"trials": 5, "epochs": 1}, {"trials": 3, "epochs": 2, "narrow_to": 2}],
}


def document(tune=None, **network):
    """The network with a search, some of its fields replaced."""
    return copy.deepcopy({**NETWORK, **network, "tune": {**TUNE, **(tune or {})}})


INTERRUPTED = {"stages": [{"trials": 4 * KILLS, "epochs": 2}, {"trials": 2 * KILLS, "epochs": 3, "narrow_to": 3}]}
"""The search that tests stop, kill, and run on several machines: whatever happens, its table is that of one process."""


def tune_command(folder, *more, tune=INTERRUPTED):
    """The arguments of `convspec tune` for a search into `folder`, whose spec is written beside it."""
    spec = folder.parent / "tiny.yaml"
    spec.write_text(yaml.safe_dump(document(tune), sort_keys=False))
    return ["tune", str(spec), "--data", "digits", "--out", str(folder), *more]


def row(epoch, run=0, **values):
    """An epoch of a trial's history."""
    return dict.fromkeys(COLUMNS, 0.5) | {"run": run, "epoch": epoch} | values
