"""Random specs, derived from the JSON Schema: a block or a field that is added is drawn without a line here.

`covering(kind)` gives documents that together reach every field of a block, each value of a short list of words, both
booleans, null, single numbers and unequal pairs, as far as `convspec.load` accepts them. What it cannot reach it
returns, so that a test can fail.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

import convspec
from convspec.blocks.registry import BLOCKS
from convspec.language.schema import json_schema

Token = tuple[str, str]
"""What was varied, `conv.strides`, and how: `true`, `null`, `number`, `unequal pair`, or the word itself."""

CONTROL = frozenset({"block", "repeat", "counter", "when"})
"""Keys that the document takes away before a block sees its fields; tests/spec has them."""

SHARED = frozenset({"name", "from", "squeeze_excite"})
"""Fields of every block, the same code for each."""

INPUTS = ([8, 8, 2], [9, 7, 4], [12, 12, 1], [16, 16, 3])

SHORT_LIST = 8
"""Of a longer list of words (activations, initializers) each block needs one; all blocks together need all."""

OWN_LAYERS = ("prelu", "maxout")
"""Activations that become a layer of their own, which every block has to know how to place."""

TEXTS: dict[str, list[Any]] = {
    "name": ["named", "a.b-c"],
    "classifier_name": ["predictions", "scores"],
    "chain.layers": ["conv3-4", "conv3-4/2 avgpool3/1", "conv1x3-2V (conv1-3 | maxpool3/1) conv1-4"],
    "mixed.towers": ["conv1-2", "avgpool3/1 conv3-4", "conv1-1 (conv1x3-2 | conv3x1-1)"],
    "inception_resnet.towers": ["conv1-2", "conv1-2 conv3-4"],
    "split_names": ["joined", "merged"],
    "sequence.template": ["unit"],
}
"""What the schema calls a text, though not every text will do."""

WHOLE: dict[str, list[Any]] = {
    "reshape.target_shape": [[-1], [-1, 2], [4, -1, 2]],
    "normalization.mean": [[0.1, 0.2, 0.3, 0.4]],
    "normalization.variance": [[0.5, 1.0, 2.0, 0.1]],
    "rescaling.scale": [[0.1, 0.2, 0.5, 2.0]],
    "table.columns": [["filters", "kernel_size"]],
    "table.rows": [[[4, 3]], [[4, 3], [6, 1]]],
    "table.of": [{"block": "conv"}, {"block": "conv_norm_act", "use_bias": True}],
    "kernel_initializer": [{"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_out"}}],
    "depthwise_initializer": [{"class_name": "RandomNormal", "config": {"stddev": 0.05}}],
    "pointwise_initializer": [{"class_name": "RandomNormal", "config": {"stddev": 0.05}}],
    "gamma_initializer": [{"class_name": "Constant", "config": {"value": 0.9}}],
    "bias_initializer": [{"class_name": "Constant", "config": {"value": 0.1}}],
}
"""Values for lists and mappings of which the schema says only that they are lists and mappings."""

TOGETHER = {("normalization", "mean"): "variance", ("normalization", "variance"): "mean"}
"""Fields that need another one."""

NUMBERS: dict[str, list[Any]] = {
    "epsilon": [1e-5, 1e-3], "momentum": [0.9, 0.99], "ratio": [1, 2, 4.0], "expansion": [1, 2, 4],
    "variance": [0.5, 1.0, 2.0], "alpha": [1e-4, 0.1], "compression": [0.5, 1.0], "first_share": [0.5, 1.0],
    "num_blocks": [1], "cropping": [0, 1], "padding": [0, 1, 2], "width_per_group": [32, 64],
    "crop": [1, 2], "cutout": [1, 2], "at": [0.5], "operations": [1, 2], "l2": [1e-4, 0.1], "seed": [0, 7],
    "magnitude": [0, 5, 10], "rotation": [5, 90], "warmup": [0, 0.5, 1], "learning_rate": [0.001, 0.1],
    "patience": [1, 2], "growth": [1, 2], "growth_rate": [2, 3], "depth_multiplier": [1, 2], "divisor": [1, 2, 8], "size": [1, 2, 3],
}  # fmt: skip
COUNTS = [1, 2, 3, 4, 6, 8]
REALS = [0.1, 0.25, 0.5, 0.9, 2.0]
MERGES = ("add", "average", "concat", "maximum", "multiply")


@cache
def definitions() -> dict[str, Any]:
    """The schema's definitions, without the alternative of an expression for each field."""
    return _without_expressions(json_schema()["$defs"])  # type: ignore[no-any-return]


def _without_expressions(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_expressions(one) for one in value if one != {"$ref": "#/$defs/Expression"}]
    if not isinstance(value, dict):
        return value
    inner = {key: _without_expressions(one) for key, one in value.items()}
    options = inner.get("anyOf")
    return (
        {**{key: one for key, one in inner.items() if key != "anyOf"}, **options[0]}
        if options and len(options) == 1 and isinstance(options[0], dict)
        else inner
    )


def fields(kind: str) -> dict[str, Any]:
    """The fields of a block or of a model inside blocks, each with its schema."""
    return {name: schema for name, schema in definitions()[kind]["properties"].items() if name not in CONTROL}


def _options(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The alternatives of a field, nested ones included."""
    if "anyOf" in schema:
        for option in schema["anyOf"]:
            yield from _options(option)
    else:
        yield schema


def universe(kind: str) -> set[Token]:
    """Everything that `covering` has to reach in a block, or in `Gate` and `Norm` through any block."""
    found: set[Token] = set()
    for name, schema in fields(kind).items():
        if name in SHARED:
            found.add((f"{kind}.{name}", "given"))
            continue
        for option in _options(schema):
            found |= {(f"{kind}.{name}", how) for how in _ways(option)}
    return found


def _ways(option: dict[str, Any]) -> set[str]:
    if "const" in option:
        return {str(option["const"])}
    if "enum" in option:
        words = set(map(str, option["enum"]))
        return words if len(words) <= SHORT_LIST else {"word", *words.intersection(OWN_LAYERS)}
    if "$ref" in option:
        return {"mapping"}
    match option.get("type"):
        case "boolean":
            return {"true", "false"}
        case "array" if option.get("maxItems") == 2:
            return {"unequal pair"}
        case "array":
            return {"list"}
        case "object":
            return {"mapping"}
        case "integer" | "number":
            return {"number"}
        case "null":
            return {"null"}
        case "string":
            return {"text"}
    raise TypeError(f"the schema has a form that random specs do not know: {option}")


def way(schema: dict[str, Any], value: Any) -> str:
    """How a value uses its field, in the words of `universe`."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, dict):
        return "mapping"
    options = list(_options(schema))
    if isinstance(value, str):
        words = [set(map(str, option.get("enum", [option.get("const")]))) for option in options]
        known = next((found for found in words if value in found), None)
        if known is None:
            return "text"
        return value if len(known) <= SHORT_LIST or value in OWN_LAYERS else "word"
    if any(option.get("maxItems") == 2 for option in options):
        return "unequal pair" if value[0] != value[1] else "equal pair"
    return "list"


def tokens(document: Any, kind: str | None = None) -> Iterator[Token]:
    """What a document, or a block of it, uses."""
    if isinstance(document, list):
        for one in document:
            yield from tokens(one)
        return
    if not isinstance(document, dict):
        return
    kind = kind or document.get("block")
    for name, value in document.items():
        schema = fields(kind).get(name) if kind in definitions() else None
        if kind is None or schema is None:
            yield from tokens(value)
            continue
        yield (f"{kind}.{name}", "given")
        yield (f"{kind}.{name}", way(schema, value))
        inner = [option["$ref"].rpartition("/")[2] for option in _options(schema) if "$ref" in option]
        yield from tokens(value, inner[0] if inner and isinstance(value, dict) else None)


class Drawing:
    """Random blocks and documents from one seed."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed)

    def value(self, kind: str, name: str, schema: dict[str, Any], how: str | None = None, depth: int = 0) -> Any:
        """A value of a field; with `how`, one that uses it so."""
        options = [one for one in _options(schema) if how in (None, "given") or how in _ways(one)]
        option = self.random.choice(options)
        if "const" in option:
            return option["const"]
        if "enum" in option:
            if how in option["enum"]:
                return how
            return self.random.choice(option["enum"])
        if "$ref" in option:
            target = option["$ref"].rpartition("/")[2]
            return self.item(depth + 1) if target == "Item" else self.model(target, depth + 1)
        return self._plain(kind, name, option, how, depth)

    def _plain(self, kind: str, name: str, option: dict[str, Any], how: str | None, depth: int) -> Any:
        pick = self.random.choice
        if name == "from":
            return ["first", "second"] if kind in MERGES else "first"
        match option.get("type"):
            case "boolean":
                return how == "true" if how in ("true", "false") else pick([True, False])
            case "null":
                return None
            case "integer" | "number":
                numbers = NUMBERS.get(name, COUNTS if option["type"] == "integer" else REALS)
                return pick([number for number in numbers if _within(number, option)])
            case "string":
                return pick(TEXTS.get(f"{kind}.{name}") or TEXTS[name])
            case "object":
                return pick(WHOLE.get(f"{kind}.{name}") or WHOLE[name])
            case "array":
                if whole := WHOLE.get(f"{kind}.{name}"):
                    return pick(whole)
                low = option.get("minItems", 0)
                count = self.random.randint(low, min(option.get("maxItems", 3), low + 2))
                values = [self.value(kind, name, option["items"], depth=depth) for _ in range(count)]
                if how == "unequal pair" and values[0] == values[1]:
                    values[1] = values[0] + 1 if isinstance(values[0], int) else values[1]
                return values
        raise TypeError(f"the schema has a form that random specs do not know: {option}")

    def model(
        self,
        kind: str,
        depth: int = 0,
        given: dict[str, Any] | None = None,
        share: float = 0.3,
        without: Collection[str] = SHARED,
    ) -> Any:
        """The fields of a block or of another model: all needed ones, and some of the others."""
        needed = definitions()[kind].get("required", ())
        drawn: dict[str, Any] = {"block": kind} if kind in BLOCKS else {}
        optional = [name for name in fields(kind) if name not in needed and name not in without]
        some = [name for name in optional if self.random.random() < min(share, 3 / (len(optional) + 1))]
        for name in [*needed, *some]:
            drawn[name] = self.value(kind, name, fields(kind)[name], depth=depth)
        drawn |= given or {}
        for name in [name for name in drawn if drawn[name] is not None]:
            if (other := TOGETHER.get((kind, name))) and drawn.get(other) is None:
                drawn[other] = self.random.choice(WHOLE[f"{kind}.{other}"])
        if kind in MERGES:
            drawn["from"] = ["first", "second"]
        return drawn

    def item(self, depth: int = 0) -> Any:
        """A body item: a block, or a text in VGG's notation; blocks of blocks no deeper than two."""
        kinds = [kind for kind in BLOCKS if kind not in (*MERGES, "head", "auxiliary_classifier", "nasnet_cells")]
        if depth >= 2:
            kinds = [kind for kind in kinds if kind not in ("sequence", "parallel", "residual", "nested", "table")]
        if self.random.random() < 0.4:
            return self.random.choice(["conv3-4", "conv1-2", "batchnorm", "relu", "dropout0.3", "lrn"])
        return self.model(self.random.choice(kinds), depth)

    def document(self, *blocks: Any, **sections: Any) -> dict[str, Any]:
        """A whole spec around some blocks, with two named ones before them to take inputs from."""
        named = [{"block": "conv", "filters": 4, "name": name} for name in ("first", "second")]
        merges = any("'second'" in str(one) for one in blocks)
        collapses = any(isinstance(one, dict) and one["block"] in ("head", "auxiliary_classifier") for one in blocks)
        head = None if collapses else self.random.choice([{}, {"flatten": True}, {"fc": [5]}, {"pooling": "max"}])
        return {
            "name": "random",
            "input": self.random.choice(INPUTS),
            "classes": 3,
            "body": [*(named if merges else named[:1]), *blocks],
            "head": head,
            **sections,
        }

    def anything(self) -> dict[str, Any]:
        """A spec of one to four random items, and a random head."""
        items = [self.item() for _ in range(self.random.randint(1, 4))]
        head = {name: value for name, value in self.model("head").items() if name not in ("block", "classes")}
        return self.document(*items, head=self.random.choice([head, {}, None]))


def _within(number: float, option: dict[str, Any]) -> bool:
    return (
        option.get("minimum", number) <= number <= option.get("maximum", number)
        and option.get("exclusiveMinimum", number - 1) < number < option.get("exclusiveMaximum", number + 1)
        and (option["type"] != "integer" or isinstance(number, int))
    )


def accepted(document: dict[str, Any]) -> convspec.Spec | None:
    """The spec, if it is valid."""
    try:
        return convspec.load(document)
    except convspec.InputError:
        return None


def covering(
    kind: str, tries: int = 60, impossible: frozenset[Token] | set[Token] = frozenset()
) -> tuple[list[convspec.Spec], set[Token]]:
    """Specs that reach everything of `universe(kind)`, each something new; and what no try could reach."""
    drawing, specs, missing = Drawing(kind), [], universe(kind) - impossible
    host = "conv_norm_act" if kind == "Norm" else "conv"
    for place, how in sorted(missing):
        name = place.partition(".")[2]
        for attempt in range(tries):
            if (place, how) not in missing:
                break
            value = drawing.value(kind, name, fields(kind)[name], how)
            share = 0.3 if attempt < tries // 2 else 0.1  # the other fields may be what stands in the way
            block = drawing.model(kind, given={name: value}, share=share)
            if kind in ("Gate", "Norm"):
                inner = {"squeeze_excite": block} if kind == "Gate" else {"norm": block}
                block = drawing.model(host, given=inner, share=0.0)
            document = drawing.document(block)
            if (spec := accepted(document)) is not None:
                specs.append(spec)
                missing -= set(tokens(document))
    return specs, missing
