"""An encounter cut into sentences, each with its speaker and the heading it stands under.

What must not live here: what a sentence means; it only knows which medicines and conditions it names.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from webapp.adapters.llm.offline.lexicon import Condition, Drug, conditions, drugs
from webapp.adapters.llm.offline.words import Match, Word, word_set, words_of

LABEL = re.compile(r"\s*(?:[-*•>]\s*)*(?:\[([a-z_ ]{2,20})\]|([A-Za-z][\w.'’/() -]{0,34}?)\s?:(?=\s|$))\s*")
BARE_HEADING = re.compile(r"\s*#*\s*\**([A-Za-z][A-Za-z/& ]{1,30})\**\s*:?\s*$")
BULLET = re.compile(r"^\s*(?:[-*•>]+|\d{1,2}[.)])\s+")
END = re.compile(r"[.!?]+[\"”'’)\]]*\s+|\s+[.?!]\s+|;\s+(?=[A-Z])|\s+//\s+")
NO_END = word_set("dr mr mrs ms mx prof st e.g eg i.e ie approx vs no nr fig hosp pt wt incl")
# Headings that say what the rest means: without "Allergies:" a list of medicines would read as prescribed.
TELLING_HEADING = re.compile(r"allerg|family|\bFH\b|intoleran|safety|red flag", re.I)
SPEAKER = re.compile(
    r"\b(?:patient|pt|mum|mother|dad|father|wife|husband|son|daughter|caller|carer|me|dr|doctor|nurse|midwife)\b"
)
LEAST_TURNS = 4
LONGEST_CHARACTERS = 600
LONGEST_HEADING_CHARACTERS = 40
LONGEST_LABEL_CHARACTERS = 48

SECTION_OF_HEADING = {
    "S": "s subjective pc hpc hpi hx history pmh background situation b complaint triage presenting sh fh pshx cc "
    "allergies allergy current past family social story reason meds medications medicines drugs dh",
    "O": "o objective oe exam examination obs observations vitals findings investigations ix bloods labs results "
    "imaging tests data measured",
    "A": "a assessment imp impression dx diagnosis diagnoses opinion problem problems conclusion summary",
    "P": "p plan recommendation r recommendations rec management tto actions action advice follow disposition "
    "discharge treatment rx home therapy safety outcome",
}
SECTION_OF_WORD = {word: section for section, words in SECTION_OF_HEADING.items() for word in words.split()}
CLINICIAN = re.compile(
    r"\b(dr|doctor|doc|nurse|midwife|prof|consultant|registrar|pharmacist|physio\w*|clinician|provider|gp|np|pa|rn|"
    r"paramedic|therapist|psychiatrist|surgeon|sister|matron|ward|hv|health visitor|dietitian|practitioner)\b",
    re.I,
)


@dataclass(frozen=True)
class Sentence:
    """One sentence as it was written; ``section`` is the letter of the heading it stands under, or empty."""

    text: str
    place: int
    section: str
    spoken_by: str
    words: list[Word] = field(repr=False, compare=False)

    @functools.cached_property
    def vocabulary(self) -> frozenset[str]:
        """Its words without order."""
        return frozenset(word.text for word in self.words)

    @functools.cached_property
    def drugs(self) -> list[Match[Drug]]:
        """Places of medicine names; abbreviations count only in capitals."""
        found = drugs().find(self.words)
        return [hit for hit in found if not hit.entry.capitals_only or self.text[hit.start : hit.end].isupper()]

    @functools.cached_property
    def conditions(self) -> list[Match[Condition]]:
        """Places of condition names; abbreviations count only in capitals."""
        found = conditions().find(self.words)
        return [hit for hit in found if not hit.entry.capitals_only or self.text[hit.start : hit.end].isupper()]

    @property
    def is_by_clinician(self) -> bool:
        """Whether a clinician speaks, as far as a label says."""
        return self.spoken_by == "clinician"

    @property
    def is_by_patient(self) -> bool:
        """Whether the patient or somebody with the patient speaks."""
        return self.spoken_by == "patient"


def sentences_of(encounter: str) -> list[Sentence]:
    """The sentences in order; speakers' labels, plain headings and bullets are taken off, their meaning kept."""
    found: list[Sentence] = []
    # Runs of blanks mean nothing here and cost time in every pattern below.
    lines = [" ".join(line.split()) for line in encounter.splitlines()]
    section, speakers = "", _speakers(lines)
    for line in lines:
        label, body, speaker = *_parted(line, speakers), ""
        if label and speakers:
            speaker = "clinician" if CLINICIAN.search(label) else "patient"
        elif label:
            section = _section_of(label)
        for text in _pieces(BULLET.sub("", body)):
            found.append(Sentence(text, len(found), section, speaker, words_of(text)))
    return found


def _parted(line: str, speakers: frozenset[str]) -> tuple[str, str]:
    """(label, rest) of a line; in a dialogue labels are speakers, elsewhere headings, and any other stays in the rest."""
    bare = BARE_HEADING.match(line) if len(line) < LONGEST_HEADING_CHARACTERS and not speakers else None
    if bare and _section_of(bare.group(1)):
        return bare.group(1), ""
    found = _label(line)
    name = (found.group(1) or found.group(2)) if found else ""
    if not found or not (name.lower() in speakers if speakers else _section_of(name)):
        return "", line
    return name, line if TELLING_HEADING.search(name) else line[found.end() :]


def _label(line: str) -> re.Match[str] | None:
    """The label that opens a line; only a colon or bracket near its beginning can end one."""
    opening = line[:LONGEST_LABEL_CHARACTERS]
    return LABEL.match(line) if ":" in opening or "]" in opening else None


def _section_of(heading: str) -> str:
    for word in re.findall(r"[a-z]+", heading.lower().replace("o/e", "oe")):
        if word in SECTION_OF_WORD:
            return SECTION_OF_WORD[word]
    return ""


def _speakers(lines: Sequence[str]) -> frozenset[str]:
    """The labels that come again and again; empty where the text is no dialogue."""
    labels: dict[str, int] = {}
    for line in lines:
        label = _label(line)
        if label:
            name = (label.group(1) or label.group(2)).lower()
            labels[name] = labels.get(name, 0) + 1
    coming_again = frozenset(name for name, count in labels.items() if count > 1)
    if sum(labels[name] for name in coming_again) < LEAST_TURNS:
        return frozenset()
    return coming_again | {name for name in labels if SPEAKER.search(name)}


def _pieces(line: str) -> Iterator[str]:
    start = 0
    for end in END.finditer(line):
        if _is_abbreviation(line, start, end):
            continue
        yield from _trimmed(line[start : end.end()])
        start = end.end()
    yield from _trimmed(line[start:])


def _is_abbreviation(line: str, start: int, end: re.Match[str]) -> bool:
    before = line[max(start, end.start() - 8) : end.start()].split()
    follows = line[end.end() : end.end() + 1]
    is_short = bool(before) and before[-1].lower().strip("(") in NO_END
    is_initial = bool(before) and len(before[-1]) == 1 and before[-1].isupper() and follows.isupper()
    return line[end.start()] == "." and (is_short or is_initial)


def _trimmed(piece: str) -> Iterator[str]:
    text = " ".join(piece.split())
    if any(letter.isalnum() for letter in text):
        yield text[:LONGEST_CHARACTERS]
