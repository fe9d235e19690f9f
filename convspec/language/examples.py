"""An example for each field of the JSON Schema, for editors to show: a named one, the default, or one from the type."""

from __future__ import annotations

from pydantic.json_schema import JsonSchemaValue

EXAMPLES: dict[str, object] = {
    "name": "my_net",
    "reference": "He et al. 2015, table 1, arXiv:1512.03385",
    "description": "a small network for digits",
    "extends": "resnet18",
    "replace": {"head.dropout": 0.5},
    "input": [224, 224, 3],
    "classes": 10,
    "parameters": {"depths": [2, 2, 2], "width": 64},
    "variants": {"small": {}, "wide": {"width": 128}},
    "class_names": ["ResNet18", "ResNet34"],
    "defaults": {"conv": {"use_bias": False}},
    "templates": {"pair": {"parameters": {"filters": None}, "body": ["conv3-32", "conv3-32"]}},
    "body": ["conv3-32", "maxpool2/2"],
    "branches": [["conv1-16"], ["conv1-16", "conv3-32"]],
    "head": {"pooling": "avg", "dropout": 0.3},
    "outputs": {"early": {"from": "stage2", "loss_weight": 0.3}},
    "train": {"optimizer": {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9}, "epochs": 30},
    "tune": {"space": {"train.l2": {"log_uniform": [1e-6, 1e-2]}}, "stages": [{"trials": 20, "epochs": 3}]},
    "from": "stage2",
    "filters": 64,
    "units": 256,
    "kernel_size": 3,
    "kernel_sizes": [3, 5],
    "strides": 2,
    "dilation_rate": 2,
    "pool_size": 2,
    "pool_strides": 2,
    "channels": 8,
    "squeeze_excite": {"ratio": 16},
    "norm": {"epsilon": 1e-5},
    "momentum": 0.9,
    "dropout": 0.5,
    "repeat": 3,
    "counter": "stage",
    "when": "${i > 0}",
    "fc": [4096, 4096],
    "target_shape": [7, 7, 64],
    "max_value": 6,
    "mean": [0.485, 0.456, 0.406],
    "variance": [0.052, 0.05, 0.051],
    "conv1x1": 64,
    "reduce3x3": 96,
    "conv3x3": 128,
    "reduce5x5": 16,
    "conv5x5": 32,
    "pool_proj": 32,
    "chain.layers": "conv3-32/2V conv3-32V conv3-64",
    "dense_block.layers": 6,
    "towers": ["conv1-64", "conv1-48 conv5-64"],
    "squeeze": 16,
    "expand": 64,
    "num_blocks": 4,
    "columns": ["filters", "strides"],
    "rows": [[16, 1], [24, 2]],
    "of": {"block": "inverted_residual", "expansion": 6},
    "template": "pair",
    "split_names": ["conv2d_1", "conv2d_2"],
    "optimizer": {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    "nesterov": True,
    "rho": 0.9,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "Optimizer.epsilon": 1e-7,
    "initial_accumulator_value": 0.1,
    "clipnorm": 1.0,
    "clipvalue": 0.5,
    "global_clipnorm": 1.0,
    "schedule": {"name": "cosine", "warmup": 5},
    "warmup": 5,
    "factor": 0.1,
    "every": 30,
    "at": [30, 60, 80],
    "patience": 5,
    "minimum": 0.01,
    "period": 10,
    "growth": 2,
    "l2": 5e-4,
    "batch_size": 128,
    "label_smoothing": 0.1,
    "ema": 0.9999,
    "mixup": 0.2,
    "cutmix": 1.0,
    "class_weights": "balanced",
    "early_stopping": {"patience": 10},
    "mixed_precision": "bfloat16",
    "preprocessing": {"resize": "pad"},
    "augmentation": {"flip": "horizontal", "translation": 0.1},
    "rand_augment": {"operations": 2, "magnitude": 10},
    "finetune": {"weights": "imagenet", "freeze": "all"},
    "weights": "imagenet",
    "freeze": "all",
    "unfreeze": [{"after": 5, "freeze": "none"}],
    "space": {"train.optimizer.learning_rate": {"log_uniform": [1e-4, 1e-1]}},
    "log_uniform": [1e-5, 1e-1],
    "uniform": [0.1, 0.6],
    "log_int": [16, 256],
    "int": [1, 4],
    "choice": [32, 64, 128],
    "constraints": {"parameters": "< 1e6", "macs": "< 50M"},
    "objective": {"name": "val_accuracy"},
    "stages": [{"trials": 30, "epochs": 3}, {"trials": 15, "epochs": 10, "narrow_to": 5}],
    "trials": 30,
    "narrow_to": 5,
    "folds": 5,
    "runs": 3,
    "pruning": {"after": 2},
}
"""By the name of a field, or of a definition and its field, where a default would say too little."""


JSON_TYPES = {str: "string", list: "array", dict: "object", int: "integer", float: "number", bool: "boolean"}
"""Python's types by their names in JSON Schema."""


def add_examples(title: str, properties: JsonSchemaValue, definitions: JsonSchemaValue) -> None:
    """Give each field of one definition an example."""
    for name, schema in properties.items():
        exact = f"{title}.{name}"
        schema["examples"] = [EXAMPLES[exact] if exact in EXAMPLES else _example(name, schema, definitions)]


def _example(name: str, schema: JsonSchemaValue, definitions: JsonSchemaValue) -> object:
    if name in EXAMPLES and not _excludes(schema, EXAMPLES[name]):
        return EXAMPLES[name]
    default = schema.get("default")
    return _of_type(schema, definitions) if default in (None, "", [], {}) else default


def _excludes(schema: JsonSchemaValue, value: object) -> bool:
    """Whether a field of this name is of another type here."""
    kinds = set(_types(schema))
    kind = "expression" if isinstance(value, str) and "${" in value else JSON_TYPES[type(value)]
    return bool(kinds) and kind not in kinds and not (kind == "integer" and "number" in kinds)


def _types(schema: JsonSchemaValue) -> list[str]:
    """The types that a schema names; none where a reference may be anything."""
    if "anyOf" in schema:
        inner = [_types(option) for option in schema["anyOf"]]
        return [] if [] in inner else [kind for kinds in inner for kind in kinds]
    if "$ref" in schema:
        return ["expression"] if schema["$ref"].endswith("/Expression") else ["object"]
    if "enum" in schema or "const" in schema:
        return ["enum"]
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def _of_type(schema: JsonSchemaValue, definitions: JsonSchemaValue) -> object:
    """The simplest value but null that a schema allows."""
    for key in ("const", "default"):
        if schema.get(key) is not None and schema[key] not in ("", [], {}):
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _of_type(next(option for option in schema["anyOf"] if option.get("type") != "null"), definitions)
    if "$ref" in schema:
        return _of_reference(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return _plain(schema, definitions)


def _of_reference(definition: JsonSchemaValue, definitions: JsonSchemaValue) -> object:
    """A mapping of its required fields, or an item of a body."""
    if "examples" in definition:
        return definition["examples"][0]
    fields = definition.get("properties", {})
    return {name: _example(name, fields[name], definitions) for name in definition.get("required", ())}


def _plain(schema: JsonSchemaValue, definitions: JsonSchemaValue) -> object:
    kind = schema.get("type", "string")
    if kind == "array":
        inner = schema.get("prefixItems") or [schema.get("items", {})] * max(schema.get("minItems", 1), 1)
        return [_of_type(item, definitions) for item in inner]
    if kind in ("integer", "number"):
        return _number(schema, whole=kind == "integer")
    return {"boolean": True, "object": {}}.get(kind, "text")


def _number(schema: JsonSchemaValue, *, whole: bool) -> float:
    """1 where the limits allow it, else half of the way between them."""
    low: float = schema["minimum"] if "minimum" in schema else schema.get("exclusiveMinimum", 0)
    high: float = schema["maximum"] if "maximum" in schema else schema.get("exclusiveMaximum", max(2 * low, 2))
    if low <= 1 < high or (low <= 1 <= high and "maximum" in schema and whole):
        return max(1, low + ("exclusiveMinimum" in schema and low == 1))
    middle = (low + high) / 2
    return int(middle) if whole else middle
