"""The nearest known name for one that is not known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice

LONGEST = 60
"""Letters of a name that gets a suggestion: the time to compare grows with their square."""
# `difflib` compares a name with each known one; a document may declare any number of them.
MOST_KNOWN = 2000
MOST_COMPARED = 200
"""Of those, how many that begin alike are compared letter by letter."""


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """`; did you mean 'x'?` for the known name that was probably meant, or nothing.

    As `nearest` finds it.
    """
    found = nearest(name, known, cutoff)
    return f"; did you mean {found!r}?" if found else ""


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known name that was probably meant; empty where none is like it.

    A slip of the keyboard rarely changes the first letter, and mostly `deconv` does not mean `conv`: a name is offered
    that begins alike and is as alike as `cutoff`, of 1; or the only one that has all its words, or begins with it.
    Other numbers are no slips: `resnet999` does not mean `resnet56`, which is another network.
    """
    import difflib  # only a mistake needs it, and it takes longer to import than a small spec to read

    if not name or len(name) > LONGEST:
        return ""
    names = list(islice(known, MOST_KNOWN))
    likely = [one for one in names if _begin_alike(name, one) and _same_digits(name, one)]
    found = difflib.get_close_matches(name, likely[:MOST_COMPARED], n=1, cutoff=cutoff) or _with_all_words(name, names)
    return found[0] if found else ""


def _same_digits(name: str, known: str) -> bool:
    """Whether two names have the same digits, but for some swapped or one of several, or the first adds some."""
    digits, others = re.findall(r"\d", name), re.findall(r"\d", known)
    slips = sum(map(str.__ne__, digits, others)) if len(digits) == len(others) else len(digits)
    return sorted(digits) == sorted(others) or slips < min(2, len(digits)) or name.startswith(known)


def suggested(hint: str) -> str:
    """The name that `did_you_mean`, or another end of a message, offers; empty where it says something else."""
    found = re.fullmatch(r"; did you mean '([^']+)'\?", hint)
    return found[1] if found else ""


def _begin_alike(one: str, other: str) -> bool:
    return one[0].lower() == other[:1].lower() or (one[:2] == other[1::-1] and len(one) > 1)


def _with_all_words(name: str, known: list[str]) -> list[str]:
    """The name that has all words of another, or begins with it, where there is but one: `pool_size` for `size`."""
    words = set(name.lower().split("_"))
    found = {one for one in known if words < set(one.lower().split("_")) or (len(name) > 2 and one.startswith(name))}
    return list(found) if len(found) == 1 else []


def meant(name: str, known: Iterable[str], aliases: Mapping[str, str]) -> str:
    """The known name that an alias, or another spelling, means; empty where there is none.

    `HardSwish`, `hard-swish` and `hswish` are one where the aliases have `hswish`.
    """
    plain = spelled(name)
    names = {spelled(one): one for one in known} | {spelled(alias): one for alias, one in aliases.items()}
    return names.get(plain, "")


def spelled(name: str) -> str:
    """A name without its capitals and signs."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
