"""Documents that are meant to take a reader's time and memory, and to break it. `{}` is a folder of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from string import ascii_lowercase

HEAD = "name: x\ninput: [8, 8, 1]\n"
BODY = "body: [conv3-8]\n"
WORDS = ["".join(letters) for letters in islice(product(ascii_lowercase, repeat=3), 9_000)]


def chain(first: str, following: str, count: int) -> str:
    """A first line, and then one for each number, which may name the one before it."""
    return first + "".join(following.format(here=number, before=number - 1) for number in range(1, count))


def nested(opening: str, inside: str, closing: str, depth: int) -> str:
    return opening * depth + inside + closing * depth


TEXTS: dict[str, str] = {
    "an alias bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "body: [*i]\nname: x\ninput: [8, 8, 1]\n",
    "an alias bomb where nothing is computed": "name: x\ninput: [8, 8, 1]\nbody: [conv3-8]\ntemplates:\n  a: &a0 [x,x]\n"
    + chain("", "  a{here}: &a{here} [*a{before}, *a{before}]\n", 60),
    "aliases of a long text": HEAD + BODY + 'description: &a "' + "x" * 100_000 + '"\nvariants: {v: {a: ['
    + ", ".join(["*a"] * 20_000) + "]}}\n",
    "merges of merges": "name: x\nparameters:\n  m0: &m0 {" + ", ".join(f"k{number}: 1" for number in range(2_000)) + "}\n"
    + chain("", "  m{here}: &m{here} {{<<: *m{before}, l{here}: 1}}\n", 2_000),
    "one merge of many": "name: x\nparameters:\n  m: &m {" + ", ".join(f"k{number}: 1" for number in range(5_000))
    + "}\n  n: {<<: [" + ", ".join(["*m"] * 30_000) + "]}\n",
    "doubling texts": HEAD + "parameters:\n  s0: " + "x" * 40 + "\n" + chain("", "  s{here}: '${{s{before}}}${{s{before}}}'\n", 27)
    + "body: ['conv3-${s26}']\n",
    "doubling texts by addition": HEAD + "parameters:\n  s0: " + "x" * 40 + "\n"
    + chain("", "  s{here}: '${{s{before} + s{before}}}'\n", 27) + "body: ['conv3-${s26}']\n",
    "doubling lists": HEAD + "parameters:\n  s0: [1, 2]\n" + chain("", "  s{here}: ['${{s{before}}}', '${{s{before}}}']\n", 60)
    + "body: '${s59}'\n",
    "a text of many holes": HEAD + "parameters: {s: " + "x" * 5_000 + "}\nbody: ['" + "${s}" * 50_000 + "']\n",
    "a text wider than memory": HEAD + "body: [\"conv3-${'%999999999s' % 'x'}\"]\n",
    "a text of lists": HEAD + "parameters: {s: " + "x" * 9_000 + "}\nbody: ['x${[s] * 9000}']\n",
    "rounding to a billion digits": HEAD + "body: ['conv3-${round(5, -1000000000)}']\n",
    "powers of powers": HEAD + "body: ['conv3-${" + "9 ** 64 ** " * 40 + "64}']\n",
    "a large power": HEAD + "body: ['conv3-${9 ** (9 ** 9)}']\n",
    "large constants": HEAD + "body: ['conv3-${" + "9" * 490 + "}']\n",
    "repeats that sum lists": HEAD + "parameters: {many: '${[1] * 10000}'}\nbody: [{block: conv, repeat: 10000, "
    "filters: '${sum(many) + i}', strides: '${max(many)}', groups: '${min(many)}'}]\n",
    "repeats that search lists": HEAD + "parameters: {many: '${[1] * 10000}'}\nbody: [{block: conv, repeat: 10000, "
    "when: '${i in many}', filters: 3}]\n",
    "repeats of long expressions": HEAD + "body: [{block: conv, repeat: 10000, filters: '${" + "i+" * 240 + "1}', "
    "strides: '${" + "i+" * 240 + "1}'}]\n",
    "repeats beside many parameters": HEAD + "parameters: {" + ", ".join(f"p{number}: 1" for number in range(18_000))
    + "}\nbody: [{block: conv, repeat: 10000, when: '${i < 0}', filters: 3}]\n",
    "templates with many parameters": HEAD + "templates: {t: {body: [conv3-8], parameters: {"
    + ", ".join(f"p{number}: 1" for number in range(5_000)) + "}}}\nbody: [{block: t, repeat: 10000}]\n",
    "repeats in repeats": HEAD + "body: [{block: sequence, repeat: 10000, body: "
    "[{block: sequence, repeat: 10000, body: [conv3-8]}]}]\n",
    "a chain of templates": HEAD + "templates:\n" + chain("  t0: {body: [conv3-8]}\n", "  t{here}: {{body: [{{block: t{before}}}]}}\n", 500)
    + "body: [{block: t499}]\n",
    "doubling templates": HEAD + "templates:\n"
    + chain("  t0: {body: [conv3-8]}\n", "  t{here}: {{body: [{{block: t{before}}}, {{block: t{before}}}]}}\n", 30)
    + "body: [{block: t29}]\n",
    "templates around deep blocks": HEAD + "templates:\n"
    + chain("  t0: {body: [conv3-8]}\n", "  t{here}: {{body: [" + nested("{{block: sequence, body: [", "{{block: t{before}}}", "]}}", 17) + "]}}\n", 30)
    + "body: [{block: t29}]\n",
    "ten million convolutions": HEAD + "body: [{block: conv_relu_pool, filters: 8, convs: 10000000}]\n",
    "a table of many columns": HEAD + "body: [{block: table, of: conv, columns: ["
    + ", ".join(f"c{number}" for number in range(20_000)) + "], rows: [[1]]}]\n",
    "deep nesting": "name: x\nbody: " + "[" * 100_000,
    "deep nesting of mappings": "name: x\nbody: " + "{a: " * 50_000,
    "deep nesting of blocks": "name: x\nbody:\n" + "- " * 60_000,
    "deep nesting of keys": "? " * 60_000,
    "a large file": "name: x\n#" + "x" * 2_000_000,
    "a long key": "? " + "x" * 200_000 + "\n: 1\n",
    "a long key above many mappings": HEAD + "body: [conv3-8]\n" + "? " + "x" * 100_000 + "\n: {" + ", ".join(f"k{number}: {{}}" for number in range(10_000)) + "}\n",
    "long paths": HEAD + BODY + "parameters: " + nested("{" + "k" * 190 + ": ", "[" + "[]," * 40_000 + "]", "}", 30) + "\n",
    "a long name": "name: " + "x" * 200_000 + "\ninput: [8, 8, 1]\nbody: [" + "{block: " + "y" * 50_000 + "}]\n",
    "a long list": HEAD + "body: [" + "conv3-8," * 32_000 + "]\n",
    "a list of numbers": HEAD + "body: [" + "1," * 120_000 + "]\n",
    "a large expression": HEAD + "body: [{block: conv, filters: '${" + "(" * 400 + "'}]\n",
    "a large input": "name: x\ninput: [100000000, 100000000, 1]\nbody: [conv3-8]\n",
    "a number of many digits": HEAD + "classes: 0x" + "f" * 200_000 + "\n" + BODY,
    "a decimal number of many digits": HEAD + "classes: " + "9" * 200_000 + "\n" + BODY,
    "a fraction of many digits": HEAD + "classes: 0." + "9" * 200_000 + "\n" + BODY,
    "many numbers that are text": HEAD + "body: [" + "1e-3," * 50_000 + "]\n",
    "many wrong blocks": HEAD + "body: [" + "conv3_8," * 30_000 + "]\n",
    "many wrong fields": HEAD + "body: [" + "{block: conv, filters: x}," * 10_000 + "]\n",
    "many unknown keys": "".join(f"k{number}: 1\n" for number in range(26_000)),
    "many unknown names": HEAD + "parameters: {" + ", ".join(f"parameter{number}: 1" for number in range(9_000))
    + "}\nbody: [" + ", ".join(f"'conv3-${{paramter{number}}}'" for number in range(45)) + "]\n",
    "many unknown words": HEAD + "parameters: {" + ", ".join(f"param{word}eter: 1" for word in WORDS)
    + "}\nbody: [" + ", ".join(f"'conv3-${{param{word}ter}}'" for word in WORDS[:45]) + "]\n",
    "thousands of variants": HEAD + BODY + "variants: {" + ", ".join(f"v{number}: {{}}" for number in range(10_000)) + "}\n",
    "many groups": "name: x\ninput: [8, 8, 16000000]\nbody: [{block: conv, filters: 15999999, groups: 16000000}]\n",
    "a space of many fields": HEAD + BODY + "train: {}\ntune: {space: {" + ", ".join(f"train.l{number}: {{log_uniform: [1.0, 2.0]}}" for number in range(2_000)) + "}}\n",
    "a space of wrong fields": HEAD + BODY + "train: {}\ntune: {space: {" + ", ".join(f"train.l{number}: {{log_uniform: [1.0, 2.0]}}" for number in range(200)) + "}}\n",
    "a choice of many values": HEAD + BODY + "train: {}\ntune: {space: {train.batch_size: {choice: [" + ", ".join(str(number) for number in range(1, 20_000)) + "]}}}\n",
    "conditions on conditions": HEAD + BODY + "train: {}\ntune: {space: {a0: {boolean: true}, "
    + ", ".join(f"a{number}: {{boolean: true, when: {{{', '.join(f'a{other}: true' for other in range(number))}}}}}" for number in range(1, 25)) + "}}\n",
}  # fmt: skip
"""What is refused."""


def _endless(folder: Path) -> Iterator[tuple[str, str]]:
    yield "a device", "/dev/zero"
    yield "another device", "/dev/tty"
    fifo = folder / "fifo.yaml"
    os.mkfifo(fifo)
    yield "a pipe without a writer", str(fifo)
    yield "a folder", str(folder)


def _write(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    return str(path)


def sources(folder: Path) -> Iterator[tuple[str, str]]:
    """Each text as a file, files without a size, and files that extend these or each other; with their names."""
    for number, (name, text) in enumerate(TEXTS.items()):
        yield name, _write(folder / f"hostile{number}.yaml", text)
    for number, (name, path) in enumerate(_endless(folder)):
        yield name, path
        yield f"{name} that is extended", _write(folder / f"extending{number}.yaml", f"extends: {path}\nname: y\n")
    for number in range(500):
        _write(folder / f"chain{number}.yaml", f"extends: chain{number + 1}.yaml\n")
    yield "a chain of files", str(folder / "chain0.yaml")
    yield "a file that extends itself", _write(folder / "self.yaml", "extends: ./././self.yaml\nname: y\n")
    (folder / "zero.keras").symlink_to("/dev/zero")
    yield "a saved model without an end", str(folder / "zero.keras")
