"""`convspec schema`: the JSON Schema or the reference of the spec format."""

from __future__ import annotations

import argparse
import json

from ..language.reference import reference
from ..language.schema import json_schema


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--markdown", action="store_true", help="the reference as Markdown, instead of JSON Schema")


def run(args: argparse.Namespace) -> int:
    if args.markdown:
        print(reference(), end="")
        return 0
    print(json.dumps(json_schema(), indent=2))
    return 0
