"""The medicines and conditions that the offline model knows, read from its own two lists.

What must not live here: finding them in context (see medicines, problems).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from webapp.adapters.llm.offline.words import Phrases, word_set

FOLDER = Path(__file__).parent
# Names whose other name is not theirs but the one to write: what was called by brand is written by generic name,
# while two generic names of one substance are each written as the encounter writes them.
TWIN_NAMES = word_set(
    "torasemide frusemide chlortalidone glibenclamide alendronic_acid colecalciferol indometacin phenobarbitone "
    "mesalazine ciclosporin cefalexin co-trimoxazole cotrimoxazole co-amoxiclav rifampicin aciclovir valaciclovir "
    "hydroxycarbamide chlorphenamine beclomethasone noradrenaline adrenaline lignocaine clomifene thyroxine "
    "co-careldopa co-beneldopa ursodeoxycholic_acid phenoxymethylpenicillin macrogol glyceryl_trinitrate "
    "sodium_valproate valproic_acid lithium_carbonate mycophenolate_mofetil hyoscine_butylbromide"
)
# Short names that are also common words or units; they count only when written in capitals.
CAPITALS_ONLY = word_set("asa nac inh ors mst")


@dataclass(frozen=True, slots=True)
class Drug:
    """A medicine under the name to write, with the route it usually takes and the substance that it is."""

    name: str
    usual_route: str
    substance: str
    capitals_only: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition under the name to write, with its ICD-10-CM code."""

    code: str
    name: str
    capitals_only: bool = False


def lines_of(file: str) -> Iterator[str]:
    """The lines of a word list without remarks and empty ones."""
    text = (FOLDER / file).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


@functools.cache
def drugs() -> Phrases[Drug]:
    """All medicine names, generic and brand."""
    return Phrases(_drug_names())


def _drug_names() -> Iterator[tuple[str, Drug]]:
    route = "oral"
    for line in lines_of("drugs.txt"):
        if line.startswith("["):
            route = line.strip("[]")
            continue
        generic, _, others = line.partition(":")
        yield generic, Drug(generic, route, generic)
        for other in _split(others):
            written = other if other.replace(" ", "_") in TWIN_NAMES else generic
            yield other, Drug(written, route, generic, other in CAPITALS_ONLY)


@functools.cache
def conditions() -> Phrases[Condition]:
    """All condition names with their codes."""
    return Phrases(_condition_names())


def _condition_names() -> Iterator[tuple[str, Condition]]:
    for line in lines_of("conditions.txt"):
        code, _, names = line.partition(": ")
        name, _, others = names.partition(";")
        yield name, Condition(code, name)
        for other in _split(others):
            # Two or three letters are abbreviations; in small letters they are mostly something else.
            yield other, Condition(code, name, len(other) <= 3)
