"""What a document declares for its expressions and blocks: parameters, templates, defaults; whether any could be used.

Each check is given `note`, which takes an error's message, its place, its path and a remedy.
"""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping

from ..blocks.aliases import block_meant
from ..blocks.pydantic_model import written_fields
from ..blocks.registry import BLOCKS, find_block_class
from ..printing import quote
from ..suggestions import did_you_mean
from .expressions import CONSTANTS, has_expression, names_in
from .fields_meant import field_meant
from .located import LocatedList, LocatedMap

TEMPLATE = ("parameters", "body", "description")
"""Keys of a template."""

Note = Callable[..., None]


def is_name(value: object) -> bool:
    """Whether an expression can use a value's name."""
    return (
        isinstance(value, str)
        and value.isidentifier()
        and not keyword.iskeyword(value)
        and unicodedata.is_normalized("NFKC", value)  # Python's parser normalises names
    )


def unused_names(root: LocatedMap, declared: Mapping[str, object]) -> list[str]:
    """Parameters that no expression of the document uses."""
    used: set[str] = set()
    for text in expressions(root):
        used |= names_in(text)
    return [name for name in declared if name not in used]


def expressions(root: LocatedMap | LocatedList) -> set[str]:
    """All texts of a document, or a part of it, that hold an expression."""
    found: set[str] = set()
    for part in parts(root):
        values = part.values() if isinstance(part, LocatedMap) else part
        found.update([value for value in values if isinstance(value, str) and has_expression(value)])
    return found


def parts(root: LocatedMap | LocatedList) -> Iterator[LocatedMap | LocatedList]:
    """Every mapping and list of a document, once: aliases can put one part in many places."""
    waiting: list[LocatedMap | LocatedList] = [root]
    seen = {id(root)}
    while waiting:
        part = waiting.pop()
        yield part
        for value in part.values() if isinstance(part, LocatedMap) else part:
            if isinstance(value, (LocatedMap, LocatedList)) and id(value) not in seen:
                seen.add(id(value))
                waiting.append(value)


def _counters(root: LocatedMap) -> set[object]:
    """The names of the counters of all repeats."""
    blocks = (part for part in parts(root) if isinstance(part, LocatedMap) and "block" in part)
    return {block.get("counter", "i") for block in blocks if "repeat" in block and is_name(block.get("counter", "i"))}


def check_templates(note: Note, root: LocatedMap, meant: Collection[str]) -> None:
    """Note what is wrong with the `templates:` section itself; `meant` as for `check_parameters`."""
    templates = root.section("templates")
    for name, template in templates.items():
        mark, path = templates.key_marks[name], f"templates.{name}"
        if name in BLOCKS:
            note(f"{name!r} is a block already; call the template otherwise", mark, path)
        elif not isinstance(template, LocatedMap) or not isinstance(template.get("body"), LocatedList):
            note("a template needs `body`, a list of blocks, and may have `parameters`", mark, path)
        else:
            for key in template.keys() - set(TEMPLATE):
                note(f"a template has no key {key!r}{did_you_mean(key, TEMPLATE)}", template.key_marks[key], path)
            _check_template_parameters(note, template, path, meant)


def _check_template_parameters(note: Note, template: LocatedMap, path: str, meant: Collection[str]) -> None:
    """Note what is wrong with the parameters of one template."""
    declared, path = template.section("parameters"), f"{path}.parameters"
    if declared is not (written := template.get("parameters", declared)):
        message = f"expected a mapping of names to defaults, not {quote(written)}"
        note(message, template.value_marks["parameters"], path, "null makes a parameter required")
    check_parameters(note, template, declared, path, meant)


def check_parameters(
    note: Note, root: LocatedMap, declared: LocatedMap, path: str, meant: Collection[str] = ()
) -> None:
    """Note parameters that no expression could use, or that none in `root` uses or has `meant` by another name."""
    unused = dict.fromkeys(unused_names(root, declared))
    used = [key for key in declared if key not in unused]
    for key in unused:
        if key in meant and is_name(key):
            continue
        file = declared.key_marks[key].text
        others = [one for one in used if declared.key_marks[one].text != file]
        hint = did_you_mean(key, others)  # one that another document declares, which this one was to set
        message = f"no expression uses the parameter {key!r}{hint}"
        remedy = "" if hint else f"write ${{{key}}} where it belongs, or take it away"
        if not is_name(key):
            other = unicodedata.normalize("NFKC", key) if isinstance(key, str) else ""
            message = f"no expression can use a parameter called {key!r}"
            remedy = f"call it {other if is_name(other) else 'a word such as width'}"
        note(message, declared.key_marks[key], f"{path}.{key}", remedy)
    for key in declared.keys() & CONSTANTS.keys():
        note(f"{key!r} means something else in expressions", declared.key_marks[key], f"{path}.{key}")
    for key in declared.keys() & _counters(root):
        message, remedy = f"{key!r} counts repeats here, which hides the parameter", "call one of them otherwise"
        note(message, declared.key_marks[key], f"{path}.{key}", remedy)
    if "classes" in declared and isinstance(classes := root.get("classes"), int):
        message, remedy = f"`classes` is {classes}, which the parameter hides", "call the parameter otherwise"
        note(message, declared.key_marks["classes"], f"{path}.classes", remedy)


def check_defaults(note: Note, root: LocatedMap) -> None:
    """Note the `defaults:` that no block could take."""
    defaults = root.section("defaults")
    for kind, shared in defaults.items():
        mark, path = defaults.key_marks[kind], f"defaults.{kind}"
        if kind in root.section("templates"):
            remedy = "give its parameters their defaults in `templates`"
            note(f"{kind!r} is a template, and `defaults` are for blocks", mark, path, remedy)
        elif (block := find_block_class(kind)) is None:
            note(f"no block is called {kind!r}{block_meant(kind, BLOCKS)}", mark, path)
        elif isinstance(shared, LocatedMap):
            known = list(written_fields(block))
            for key in shared.keys() - set(known):
                message = f"{kind} has no field {key!r}{field_meant(key, block, shared, path, by_path=False)}"
                note(message, shared.key_marks[key], f"{path}.{key}")
