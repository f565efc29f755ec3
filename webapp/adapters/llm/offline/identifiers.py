"""Finding and taking out what tells who the patient is: names, numbers, dates of birth, addresses.

What must not live here: whether that was asked for (instructions), and the list that scorers check against.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from webapp.adapters.llm.offline.lexicon import conditions, drugs, lines_of
from webapp.adapters.llm.offline.sentences import Sentence
from webapp.adapters.llm.offline.words import word_set

GONE = "[removed]"
MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?"
)
DATE = (
    rf"(?:\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{MONTHS}),? \d{{4}}|"
    rf"(?:{MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
)
NUMBERED = re.compile(
    r"\b(?:mrn|m\.r\.n\.|(?:medical |hospital |clinic |patient |health |case |chart |unit |insurance |policy |account |member|"
    r"file |record |nhs |social security |passport |licen[cs]e |reference ){1,4}(?:record )?(?:numbers?|no\.?|plate|id|#)?|hosp\.? "
    r"no\.?|ref\.?|id|ssn|acct\.?|plate|registration|reg\.?|account|policy|insurance|insurer|licen[cs]e)\s{0,3}(?:is|was|:|#|number|no\.?){0,2}"
    r"\s{0,3}[:#]?\s{0,3}\(?((?=[\w/.-]{0,30}\d)[A-Z0-9][\w/.-]{0,40}(?: (?=[\w-]{0,12}\d)[A-Z0-9][\w-]{0,20}){0,4})",
    re.I,
)
MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{0,64}\w")
WEB = re.compile(
    r"\bhttps?://\S{1,300}|\bwww\.\S{1,300}|(?<![\w-])[\w-]{1,64}\.(?:example|org|com|net)\b(?:/\S{0,300})?"
)
DATED = re.compile(rf"\b{DATE}\b", re.I)
NUMBERS = re.compile(
    r"(?<![\w.])\+?(?:\(?\d{2,4}\)?[ .-]?)?\d{3}[ .-]\d{4}(?!\w|\.\d)|\b\d{3}-\d{2}-\d{4}\b|"
    r"\b(?:\d{4,5}-\d{3,4}|\d{2}-\d{4})(?:-[A-Z0-9]{1,4})?\b|"
    r"\b[A-Z]{1,4}\d{0,2}[-/]\d{2,6}(?:[-/ ][A-Z0-9]{1,4})*\b"
)
PLACE = re.compile(
    r"\b\d{1,4}[A-Za-z]?,? (?:[A-Z][\w'’-]{1,30} ){1,3}(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Close|Drive|Court|Way|Terrace|"
    r"Crescent|Gardens|Place|Hill|Row|Square|Walk|Mews|Boulevard|Blvd|Park|Quay|Green|Rise|View)\b(?:, [A-Z]\w+)?|"
    r"\b(?:Flat|Apartment|Apt|Unit|House) \d+\w?\b"
)
_SMALL_PART = r"(?:de|van|der|den|von|al|el|bin|da|del|la|le|of)"
_NAME = r"[A-ZÀ-Þ][a-zà-ÿ'’][\w'’-]{0,40}"
_NAMES = rf"{_NAME}(?: {{1,2}}(?:{_SMALL_PART} ){{0,2}}[A-ZÀ-Þ][\w'’-]{{0,40}}){{0,5}}"
TITLED = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Master|Señora?|Madame|Sra?)\.? {{1,2}}((?:{_SMALL_PART} ){{0,2}}{_NAMES})"
)
NAMED = re.compile(
    r"\b(?:[Nn]ame|[Pp]atient|[Pp]t|[Rr]e|[Cc]alled|[Nn]amed|[Ii]'m|[Ii] am|[Tt]his is|[Cc]lient|[Mm]other|[Ff]ather|[Ww]ife|"
    r"[Hh]usband|[Dd]aughter|[Ss]on|[Ss]ister|[Bb]rother|[Mm]um|[Dd]ad|[Pp]artner|[Nn]eighbour|[Ff]riend|[Cc]arer)"
    rf"[:,]? {{1,2}}({_NAMES})"
)
PROPER = re.compile(rf"(?<![\w'’]){_NAMES}")
CLINICIAN_BEFORE = re.compile(
    r"(?:\bDrs?\.?|\bProf(?:essor)?\.?|\bDoctor|\bNurse|\bSister|\bConsultant|\bRegistrar|Dr\. [A-Z][\w'’-]{1,40} and) *$"
)
NOT_NAMES = word_set(" ".join(lines_of("not_names.txt")))


OPENING = re.compile(r"(?:^|[.:!?–—][\"”’')]*\s*)[\s\"'“‘(\[*•>-]*$")
# A name before an age, also where the writer uses no capitals.
AGED = re.compile(rf"({_NAMES})(?:, \(?| \()(?:aged? )?\d{{1,3}}(?=[,;)]| ?y| ?[MF]\b| (?:months|weeks))")
SMALL = re.compile(r"\b(?:im|i'm|my name is|my name's|name is) ([a-z][\w'-]{1,40}(?: [a-z][\w'-]{1,40})?)(?=,? \d|,)")
WORDED_DATE = re.compile(
    rf"\b(?:the )?(?:(?:twenty|thirty)[- ])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|\w{{3,6}}teenth|tenth|eleventh|"
    rf"twelfth|twentieth|thirtieth)(?: of)? (?:{MONTHS}),? (?:\d{{4}}|(?:nineteen|twenty|two thousand)[\w -]{{0,20}})",
    re.I,
)
PLATE = re.compile(r"\b(?:plate|registration|reg)\W+(?:is |number )?((?:[A-Z0-9]{1,4}[ -]?){2,3})\b")


ANY_WORD = re.compile(r"(?<![\w'’])[^\W\d_][\w'’]*")
TITLE_LEFT = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Master)\.? +\[removed\]")
AGAIN = re.compile(r"\[removed\](?:[\s,-]{1,3}\[removed\])+")


def names_of(encounter: str, sentences: Sequence[Sentence]) -> frozenset[str]:
    """Words of the encounter that look like names of people or places, without clinicians' names."""
    found: set[str] = set()
    clinicians = {
        word
        for hit in re.finditer(r"\b(?:Drs?\.?|Prof\.?|Doctor|Nurse|DR\.?) +([A-ZÀ-Þ][\w'’-]+)", encounter)
        for word in _parts(hit.group(1))
    }
    for pattern in (TITLED, NAMED, AGED):
        for hit in pattern.finditer(encounter):
            found.update(part for part in _parts(hit.group(1)) if not _is_medical(part))
    found.update(word for hit in SMALL.finditer(encounter) for word in hit.group(1).split())
    for sentence in sentences:
        found.update(_proper_words(sentence.text))
    return frozenset(word for word in found if word not in clinicians and word.lower() not in NOT_NAMES)


def _proper_words(text: str) -> set[str]:
    found: set[str] = set()
    for hit in PROPER.finditer(text):
        if CLINICIAN_BEFORE.search(text[max(0, hit.start() - 24) : hit.start()]):
            continue
        parts = _parts(hit.group())
        strange = [part for part in parts if not _is_medical(part)]
        # A capital at the opening of a sentence says nothing; two strange words in a row do.
        is_opening = OPENING.search(text[: hit.start()]) and bool(parts) and parts[0] in strange
        if not is_opening or len(strange) >= 2:
            found.update(strange)
    return found


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"[\s-]+", re.sub(r"['’]s\b", "", name)) if len(part) > 1 and part[0].isupper()]


def _is_medical(word: str) -> bool:
    lower = word.lower()
    return lower in NOT_NAMES or drugs().has_word(lower) or conditions().has_word(lower) or word.isupper()


def without_identifiers(text: str, names: frozenset[str]) -> str:
    """The text with names, numbers, full dates, addresses and the like taken out."""
    if "@" in text:
        text = MAIL.sub(GONE, text)
    for pattern in (NUMBERED, PLATE):
        text = pattern.sub(lambda hit: hit.group().replace(hit.group(1), GONE), text)
    for pattern in (WORDED_DATE, DATED, PLACE, NUMBERS, WEB):
        text = pattern.sub(GONE, text)
    text = ANY_WORD.sub(lambda hit: _gone(hit.group(), names), text)
    return AGAIN.sub(GONE, TITLE_LEFT.sub(GONE, text))


def _gone(word: str, names: frozenset[str]) -> str:
    owner = word[:-2] if word.endswith(("'s", "’s")) else word
    return GONE + word[len(owner) :] if owner in names else word
