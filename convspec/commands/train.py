"""`convspec train NAME|FILE --data DATA --out DIR`: train a spec on images."""

from __future__ import annotations

import argparse

from ..api.train import train
from .arguments import add_data, add_network, keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    add_data(parser)
    parser.add_argument("--out", metavar="DIR", help="where the results go; runs/NAME unless given")
    parser.add_argument(
        "--recipe",
        metavar="NAME|FILE",
        help="train by another recipe than the spec's: alexnet, vgg, resnet, resnet_cifar, resnet_rs, or "
        "resnet_rs:PRESET, one of its presets",
    )
    parser.add_argument("--epochs", type=int, metavar="N", help="passes over the training images")
    parser.add_argument("--batch-size", type=int, metavar="N", help="images in an update")
    parser.add_argument("--seed", type=int, metavar="N", help="start of every random number")
    parser.add_argument("--finetune", metavar="MODEL", help="start from a .keras file, a run's folder, or imagenet")
    parser.add_argument("--freeze", metavar="WHAT", help="with --finetune: all, none, or a stage by its name")
    parser.add_argument("--ensemble", type=int, metavar="N", help="train N networks, each of another seed")
    parser.add_argument(
        "--devices", type=int, default=1, metavar="N", help="GPUs that share each batch; 1 unless given"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out after its last epoch")


def run(args: argparse.Namespace) -> int:
    options = keywords(args)
    train(**options | {"out": args.out or "runs/{name}", "verbose": True})
    return 0
