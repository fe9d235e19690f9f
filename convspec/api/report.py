"""The report of a folder: a training run, or a search."""

from __future__ import annotations

from pathlib import Path

from ..analysis import analyze
from ..files import shown
from ..language import InputError, load
from ..language.arguments import checked
from ..output_paths import check_file
from ..printing import counted
from ..reports.network_sections import network_sections
from ..reports.page import Section, write_page
from ..reports.run_sections import picture_section, run_sections
from ..reports.search import is_search, read_search
from ..reports.search_sections import search_sections

SPECS = ("best.yaml", "best.keras", "model.keras")
"""Where a folder's network is looked for."""


@checked
def report(folder: str | Path, out: str | Path | None = None, *, overwrite: bool = False) -> Path:
    """Write one HTML file about a run or a search, and return its path.

    By default it is `report.html` in the folder, which is replaced; another file only with `overwrite`. Raises
    `InputError` for a folder that holds neither a run nor a search, and for a file that cannot be written.
    """
    folder, out = Path(folder), _target(Path(folder), out, overwrite)
    if is_search(folder):
        search = read_search(folder)
        name = str(search.info.get("name") or folder.name)
        subtitle = (
            f"a search over {counted(len(search.distributions), 'field')}, {counted(len(search.trials), 'trial')}"
        )
        sections = search_sections(search)
    elif any((folder / file).is_file() for file in ("history.csv", "model.keras")):
        name, subtitle, sections = folder.name, "a training run", run_sections(folder)
    elif members := sorted(folder.glob("member_*")):
        remedy = f"report on its members one by one, such as {shown(members[0])}"
        raise InputError("is an ensemble", file=shown(folder), remedy=remedy)
    else:
        raise InputError(
            "holds neither a training run (history.csv, model.keras) nor a search (search.json, trials.csv)",
            file=str(folder),
            remedy="convspec train and convspec tune write such folders",
        )
    write_page(out, name, subtitle, [*sections, *_network(folder), *picture_section(folder)])
    return out


def _target(folder: Path, out: str | Path | None, overwrite: bool) -> Path:
    """The file to write. Raises `InputError` for one with another ending, or that is there already."""
    if out is None:
        return folder / "report.html"
    if (file := Path(out)).suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--out {file}: a report ends in .html", remedy=f"such as {file.stem}.html")
    check_file(file, overwrite=overwrite)
    return file


def _network(folder: Path) -> list[Section]:
    for file in SPECS:
        if (folder / file).is_file():
            return network_sections(analyze(load(folder / file)))
    return []
