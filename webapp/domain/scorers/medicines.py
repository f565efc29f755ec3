"""Names of medicines: generic names, other generic names and brands, and how to find them in a text.

The table is ours and is short of complete: a name that is not in it is found only when the case expects it or when it leads
a list line with a dose. It shares nothing with any model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from webapp.domain.scorers.medicine_table import BRANDS, MEDICINES

_SALTS = re.compile(
    r"[ ](?:succinate|tartrate|sodium|hydrochloride|hcl|maleate|besylate|besilate|potassium|calcium|mesylate|acetate|"
    r"sulfate|sulphate|phosphate|citrate|hydrobromide|bromide|propionate|furoate|fumarate|bitartrate|dihydrate|"
    r"xl|xr|er|sr|mr|cr|la|dr|ec|modified release|extended release|slow release)$"
)
_WORD = re.compile(r"[^\W\d_]+(?:[-/][^\W\d_]+)*")


@dataclass(frozen=True)
class NameMention:
    """One medicine named in a text, under its generic name, with offsets."""

    drug: str
    start: int
    end: int


@lru_cache(maxsize=1)
def _generic_names() -> dict[str, str]:
    """Every known name in lower case with its generic name."""
    names: dict[str, str] = {}
    for entry in " ".join((MEDICINES + ";" + BRANDS).split()).split(";"):
        generic, _, others = entry.strip().partition("=")
        names[generic] = generic
        names.update({other.strip(): generic for other in others.split(",") if other.strip()})
    return names


def generic_name(name: str) -> str:
    """The generic name in lower case, without its salt or release form; an unknown name is its own generic."""
    plain = " ".join(name.casefold().replace(" / ", "/").split())
    known = _generic_names()
    while plain not in known and (shorter := _SALTS.sub("", plain)) != plain:
        plain = shorter
    return known.get(plain, plain)


def same_medicine(one: str, other: str) -> bool:
    """Whether two generic names mean the same medicine, or one is a part of the other's combination.

    The bare word insulin stands for any of its kinds.
    """
    if one == other or ("insulin" in (one, other) and one.startswith("insulin") and other.startswith("insulin")):
        return True
    parts, others = parts_of(one), parts_of(other)
    return (len(parts) > 1 or len(others) > 1) and bool(parts & others)


@lru_cache(maxsize=4096)
def parts_of(name: str) -> frozenset[str]:
    """The generic names a combination is made of."""
    return frozenset(generic_name(part) for part in re.split(r"/| with | and | plus |\+", name) if part.strip())


def find_names(text: str, also: Iterable[str] = ()) -> Iterator[NameMention]:
    """Each known medicine in the text, longest name first, in order; ``also`` adds names the table may lack."""
    known, added = _table_by_first_word(), _by_first_word(frozenset(name.casefold() for name in also))
    taken = 0
    for word in _WORD.finditer(text):
        first = _first_part(word.group().casefold())
        if word.start() < taken or (first not in known and first not in added):
            continue
        for name in sorted((*known.get(first, ()), *added.get(first, ())), key=len, reverse=True):
            hit = _name_pattern(name).match(text, word.start())
            if hit:
                taken = hit.end()
                yield NameMention(generic_name(name), hit.start(), hit.end())
                break


def _first_part(word: str) -> str:
    return re.split(r"[-/]", word, maxsplit=1)[0]


@lru_cache(maxsize=1)
def _table_by_first_word() -> dict[str, tuple[str, ...]]:
    return _by_first_word(frozenset(_generic_names()))


@lru_cache(maxsize=512)
def _by_first_word(names: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """First word of each name -> the names that begin with it."""
    groups: dict[str, list[str]] = {}
    for name in sorted(name for name in names if _WORD.match(name)):
        groups.setdefault(_first_part(name.split()[0]), []).append(name)
    return {first: tuple(same) for first, same in groups.items()}


@lru_cache(maxsize=4096)
def _name_pattern(name: str) -> re.Pattern[str]:
    body = r"\s{1,2}".join(
        re.escape(word).replace("/", r"\s?/\s?").replace(r"\-", r"[-/\u2010-\u2013]") for word in name.split()
    )
    return re.compile(body + r"(?![^\W_])", re.IGNORECASE)
