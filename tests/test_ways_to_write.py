"""Nothing in the package writes a file in any other way than whole or not at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from convspec import files

PACKAGE = Path(files.__file__).parent


def test_nothing_in_the_package_writes_a_file_in_any_other_way() -> None:
    """What writes opens the name that `whole_file` yields, or memory."""
    found = [
        f"{path.relative_to(PACKAGE).as_posix()}: {call}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "files.py"
        for call in writing(path.read_text("utf-8"))
    ]
    assert set(found) - INSIDE == set()
    assert INSIDE - set(found) == set(), "no longer there"


INSIDE = {
    "tuning/store.py: path.replace",  # puts a damaged file aside
    "keras_model.py: (Path(directory) / SPEC_ASSET).write_text",  # the folder that Keras packs
    "diagram/comparison.py: _figure(rows).savefig(content)",  # memory
    # functions that are given the name which whole_file yields, or write to a temporary folder
    "training/exporting.py: network.save(file)",
    "training/exporting.py: (folder / name).write_text",
    "training/exporting.py: zipfile.ZipFile(path, 'a')",
    "training/exporting.py: onnx.save(model, path)",
    "reports/network_sections.py: small.resize((width * factor, height * factor), Image.Resampling.NEAREST)"
    ".save(content)",  # memory
}


WRITERS = {"savez", "savez_compressed", "savetxt", "savefig", "save", "save_weights", "to_csv", "dump", "tofile",
           "imsave", "save_img"}  # fmt: skip


MOVERS = {"write_text", "write_bytes", "touch", "rename", "renames", "replace", "copy", "copyfile", "copytree", "move",
          "symlink", "link"}  # fmt: skip


MODULES = {"os", "shutil"}


def writing(source: str) -> Iterator[str]:
    """Calls that write a file, but to a name of `whole_file` or what was opened from one."""
    tree = ast.parse(source)
    own = {"beside", *opened(tree)}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and (shown := _written(call)) and not _names(call) & own:
            yield shown


def opened(tree: ast.AST) -> set[str]:
    """What `with ... beside ... as file` names."""
    return {
        item.optional_vars.id
        for node in ast.walk(tree)
        if isinstance(node, ast.With)
        for item in node.items
        if isinstance(item.optional_vars, ast.Name) and "beside" in _names(item.context_expr)
    }


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _written(call: ast.Call) -> str:
    """A call that writes to a file, as text; empty for another."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    owner = ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""
    whole = ast.unparse(function)
    texts = [one.value for one in [*call.args, *(word.value for word in call.keywords)]
             if isinstance(one, ast.Constant) and isinstance(one.value, str)]  # fmt: skip
    if name in ("open", "ZipFile", "File", "TarFile") and any(set(text) <= set("rwaxbt+") and set(text) & set("wax+")
                                                             for text in texts):  # fmt: skip
        return ast.unparse(call)
    if name in ("write_text", "write_bytes") and owner:
        return whole
    if (name in MOVERS and owner in MODULES) or (name in ("touch", "rename") and owner):
        return whole
    if name == "replace" and owner and len(call.args) == 1 and not call.keywords:  # a path's; a text's has two
        return whole
    if name in WRITERS and owner and len(call.args) > (name == "dump"):
        shown = ", ".join(map(ast.unparse, call.args[:2] if owner == "onnx" else call.args[:1]))
        return f"{whole}({shown})"
    return ""


@pytest.mark.parametrize(
    "line",
    [
        "path.open('w')", "path.open(mode='wb')", "open(path, 'a')", "np.savez(path, x=x)", "figure.savefig(path)",
        "model.save(path)", "model.save_weights(path)", "ZipFile(path, 'w')", "h5py.File(path, 'r+')",
        "path.write_text(text)", "path.replace(other)", "os.replace(a, b)", "shutil.copy(a, b)", "json.dump(a, file)",
        "with path.open('w') as file: json.dump(a, file)",
    ],
)  # fmt: skip
def test_any_other_way_would_be_found(line: str) -> None:
    assert list(writing(line))
    assert not list(writing("with whole_file(path) as beside, beside.open('wb') as file: np.savez(file, x=x)"))
    assert not list(writing("path.open('rb'); path.open(); ZipFile(path); text.replace('a', 'b'); h5py.File(path)"))
