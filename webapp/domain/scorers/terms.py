"""Reading clinical terms: medicines and their classes, treatments, tests, findings, organisms, whatever their spelling.

The tables stand next door; a word that none of them holds is still a term where its ending says so (-ectomy, -mycin, -itis).
One pass over the words of a text, so that time grows linearly with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from webapp.domain.scorers import care_table, condition_table
from webapp.domain.scorers.medicine_table import BRANDS, MEDICINES
from webapp.domain.scorers.medicines import generic_name
from webapp.domain.scorers.words import word_set

CARE_KINDS = frozenset({"medicine", "class", "treatment", "test", "care"})
_LONGEST_WORD = 40
_TOKEN = re.compile(r"[^\W\d_]+|\d{1,9}(?:,\d{3})*(?:\.\d{1,6})?|[&%+/]")
_TABLES = (
    ("schedule", care_table.SCHEDULES),
    ("care", care_table.CARE),
    ("class", care_table.CLASSES),
    ("treatment", care_table.TREATMENTS),
    ("test", care_table.TESTS),
    ("finding", condition_table.SYMPTOMS),
    ("diagnosis", condition_table.DIAGNOSES),
    ("organism", condition_table.ORGANISMS),
    ("medicine", MEDICINES),
    ("medicine", BRANDS),
)
_ENDINGS = (
    (
        "medicine",
        re.compile(
            r"\w{2,}(?:mycin|micin|cillin|cycline|floxacin|conazole|fungin|nidazole|bendazole|navir|tegravir|buvir|ciclovir|vudine|"
            r"pril|sartan|olol|dipine|vastatin|thiazide|semide|gliptin|gliflozin|glutide|glitazone|triptan|setron|azepam|azolam|"
            r"barbital|caine|asone|isone|solone|onide|terol|tropium|lukast|zosin|steride|oxetine|triptyline|pramine|peridol|"
            r"peridone|piprazole|stigmine|curium|platin|rubicin|taxel|trexate|mustine|[ou]mab|[ixz]umab|tinib|ciclib|parib|zomib|"
            r"parin|xaban|gatran|teplase|grelor|dronate|denafil|vaptan|sentan|relix|relin|kinra|grastim|oprazole|profen|coxib|"
            r"fenac|racetam|gabalin|ytoin|zolamide|prostol|oxaban|fibrate|setmide|cromil|quine)"
        ),
    ),
    (
        "treatment",
        re.compile(r"\w{3,}(?:ectomy|otomy|ostomy|plasty|centesis|pexy|desis|tripsy|rrhaphy|pheresis|plication)"),
    ),
    ("test", re.compile(r"\w{3,}(?:oscopy|ography|[dtrn]ogram|opsy)")),
    (
        "diagnosis",
        re.compile(
            r"\w{3,}(?:itis|[iolrtncd]osis|noma|phoma|loma|stoma|emia|opathy|penia|plegia|paresis|rrhage|trophy|plasia|iasis|"
            r"ectasis|cele|ectasia|malacia)"
        ),
    ),
    ("finding", re.compile(r"\w{3,}(?:uria|algia|rrhea|megaly|phagia|phasia|pnea)")),
    ("organism", re.compile(r"\w{3,}(?:coccus|cocci|bacter|bacterium|virus|bacillus)")),
)
# "Muscarinic antagonist", "enzyme replacement", "stool culture": the second word says what the first is about.
_HEADS = {
    **dict.fromkeys(("agonist", "antagonist", "inhibitor", "blocker"), "class"),
    **dict.fromkeys(
        ("replacement", "supplementation", "transplantation", "transplant", "repair", "graft", "implant"), "treatment"
    ),
    **dict.fromkeys(("vaccine", "immunoglobulin", "antitoxin", "shunt"), "treatment"),
    **dict.fromkeys(("biopsy", "culture", "serology", "titer"), "test"),
}
_NO_KIND = word_set(
    "with from this that after before and the for surgical prior previous repeat further second another under possible "
    "tissue core guided node needle excisional incisional sample diagnostic"
)
_NO_TERM = word_set(
    "diagnosis prognosis hypnosis program programme milligram kilogram microgram nanogram symptom symmetry "
    "photography biography complication application duplication multiplication implication cholesterol sterol "
    "geography autopsy dichotomy sympathy empathy apathy bacterium virus photo topography demography stroma aroma "
    "diploma "
)
_AMERICAN = (
    ("haem", "hem"),
    ("aemi", "emi"),
    ("oedem", "edem"),
    ("oesoph", "esoph"),
    ("oestr", "estr"),
    ("paed", "ped"),
    ("anaes", "anes"),
    ("diarrhoea", "diarrhea"),
    ("rrhoea", "rrhea"),
    ("pnoea", "pnea"),
    ("caesar", "cesar"),
    ("tumour", "tumor"),
    ("labour", "labor"),
    ("foetal", "fetal"),
    ("gynaec", "gynec"),
    ("orthopaed", "orthoped"),
    ("isation", "ization"),
    ("leuc", "leuk"),
    ("sulph", "sulf"),
    ("colour", "color"),
    ("fibre", "fiber"),
    ("litre", "liter"),
    ("metre", "meter"),
    ("centre", "center"),
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or sign, in the form in which it is compared, with offsets."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Term:
    """One clinical term under its canonical name; ``first`` and ``last`` are token positions, last exclusive."""

    name: str
    kind: str
    first: int
    last: int
    start: int
    end: int


def read_tokens(text: str) -> list[Token]:
    """The words, numbers and signs of a text in order."""
    return [Token(word_key(hit.group()), hit.start(), hit.end()) for hit in _TOKEN.finditer(text)]


@lru_cache(maxsize=32768)
def word_key(word: str) -> str:
    """The word as compared: lower case, American spelling, singular; a number without commas and final zeros."""
    if word[0].isdecimal():
        return _number_key(word)
    plain = word[:_LONGEST_WORD].casefold()
    for british, american in _AMERICAN:
        if british in plain:
            plain = plain.replace(british, american)
    return _singular(plain)


def read_terms(tokens: Sequence[Token]) -> list[Term]:
    """The terms of a text in order, the longest name first; none overlaps another."""
    table, found, place = _table(), [], 0
    while place < len(tokens):
        term = _term_at(tokens, place, table)
        if term:
            found.append(term)
        place = term.last if term else place + 1
    return found


def _term_at(tokens: Sequence[Token], place: int, table: _Table) -> Term | None:
    key = tokens[place].key
    for words, name, kind in table.get(key, ()):
        last = place + len(words)
        if last <= len(tokens) and all(tokens[place + step].key == word for step, word in enumerate(words)):
            return Term(name, kind, place, last, tokens[place].start, tokens[last - 1].end)
    after = tokens[place + 1].key if place + 1 < len(tokens) else ""
    beside = bool(after) and tokens[place + 1].start == tokens[place].end + 1
    if beside and after in _HEADS and len(key) > 3 and key.isalpha() and key not in _NO_KIND:
        return Term(f"{key} {after}", _HEADS[after], place, place + 2, tokens[place].start, tokens[place + 1].end)
    kind = kind_by_ending(key)
    return Term(key, kind, place, place + 1, tokens[place].start, tokens[place].end) if kind else None


@lru_cache(maxsize=32768)
def kind_by_ending(key: str) -> str:
    """What the ending of a word in no table says it is; empty where it says nothing."""
    if len(key) < 6 or key in _NO_TERM or not key.isalpha():
        return ""
    return next((kind for kind, pattern in _ENDINGS if pattern.fullmatch(key)), "")


_Table = dict[str, tuple[tuple[tuple[str, ...], str, str], ...]]


@lru_cache(maxsize=1)
def _table() -> _Table:
    """First word -> (all words, canonical name, kind), longest first; a later table wins a name that two of them hold."""
    names: dict[tuple[str, ...], tuple[str, str]] = {}
    for kind, table in _TABLES:
        for canonical, name in _entries(table):
            key = tuple(token.key for token in read_tokens(name))
            names[key] = (generic_name(canonical) if kind == "medicine" else canonical, kind)
    groups: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for key, (canonical, kind) in names.items():
        groups.setdefault(key[0], []).append((key, canonical, kind))
    return {first: tuple(sorted(same, key=lambda one: -len(one[0]))) for first, same in groups.items()}


def _entries(table: str) -> Iterator[tuple[str, str]]:
    for entry in " ".join(table.split()).split(";"):
        canonical, _, others = entry.strip().partition("=")
        for name in (canonical, *others.split(",")):
            if name.strip():
                yield canonical, name.strip()


def _number_key(number: str) -> str:
    plain = number.replace(",", "")
    whole, _, part = plain.partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]
