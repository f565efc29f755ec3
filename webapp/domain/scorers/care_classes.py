"""How names of care belong together: the members of a class of medicines, the parts of a combination, wider and narrower."""

from __future__ import annotations

from functools import lru_cache

from webapp.domain.scorers.care_table import MEMBERS
from webapp.domain.scorers.medicines import generic_name, parts_of

_SHORTEST_PART = 5


@lru_cache(maxsize=8192)
def ingredients(drug: str) -> frozenset[str]:
    """The medicine itself and, of a combination, the medicines that it is made of."""
    return (
        frozenset({drug})
        | parts_of(drug)
        | {generic_name(part) for part in drug.split("-") if len(part) >= _SHORTEST_PART}
    )


@lru_cache(maxsize=8192)
def is_member(drug: str, name: str) -> bool:
    """Whether the medicine belongs to the class."""
    marks = _members().get(name, ())
    return any(_fits(part, mark) for part in ingredients(drug) for mark in marks)


@lru_cache(maxsize=8192)
def is_wider(name: str, other: str) -> bool:
    """Whether all words of the name stand in the other: "x-ray" for "chest x-ray", "insulin" for "insulin glargine"."""
    return set(name.replace("-", " ").split()) <= set(other.replace("-", " ").split())


def _fits(drug: str, mark: str) -> bool:
    if mark.startswith("-"):
        return drug.endswith(mark[1:])
    return drug.startswith(mark[:-1]) if mark.endswith("-") else drug.replace(" ", "-") == mark


@lru_cache(maxsize=1)
def _members() -> dict[str, tuple[str, ...]]:
    entries = (entry.partition(":") for entry in " ".join(MEMBERS.split()).split(";"))
    return {name.strip(): tuple(_mark(one) for one in marks.split()) for name, _, marks in entries}


def _mark(mark: str) -> str:
    return mark if "-" in (mark[0], mark[-1]) else generic_name(mark.replace("-", " ")).replace(" ", "-")
