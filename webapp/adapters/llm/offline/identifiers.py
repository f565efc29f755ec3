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
    r"file |record |nhs |social security |passport |licen[cs]e |reference )+(?:record )?(?:numbers?|no\.?|plate|id|#)?|hosp\.? "
    r"no\.?|ref\.?|id|ssn|acct\.?|plate|registration|reg\.?|account|policy|insurance|insurer|licen[cs]e)\s*(?:is|was|:|#|number|no\.?)*"
    r"\s*[:#]?\s*\(?((?=[\w/.-]*\d)[A-Z0-9][\w/.-]*(?: (?=[\w-]*\d)[A-Z0-9][\w-]*)*)",
    re.I,
)
PLAIN = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]*\w|https?://\S+|www\.\S+|\b[\w-]+\.(?:example|org|com|net)\b(?:/\S*)?|"
    rf"\b(?i:{DATE})\b|"
    r"(?<![\w.])\+?(?:\(?\d{2,4}\)?[ .-]?)?\d{3}[ .-]\d{4}(?![\w.])|\b\d{3}-\d{2}-\d{4}\b|"
    r"\b\d{1,4}[A-Za-z]?,? (?:[A-Z][\w'’-]+ ){1,3}(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Close|Drive|Court|Way|Terrace|"
    r"Crescent|Gardens|Place|Hill|Row|Square|Walk|Mews|Boulevard|Blvd|Park|Quay|Green|Rise|View)\b(?:, [A-Z]\w+)?|"
    r"\b(?:Flat|Apartment|Apt|Unit|House) \d+\w?\b|\b[A-Z]{1,4}\d{0,2}[-/]\d{2,6}(?:[-/ ][A-Z0-9]{1,4})*\b|"
    r"\b(?:\d{4,5}-\d{3,4}|\d{2}-\d{4})(?:-[A-Z0-9]{1,4})?\b"
)
TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Master|Señora?|Madame|Sra?)\.? +((?:[A-Z][\w'’-]+|de|van|der|von|al|el|bin|da|del|la|le|O['’][A-Z]\w+)"
    r"(?: +(?:[A-Z][\w'’-]+|de|van|der|von|al|bin|da|del|la))*)"
)
NAMED = re.compile(
    r"\b(?:[Nn]ame|[Pp]atient|[Pp]t|[Rr]e|[Cc]alled|[Nn]amed|[Ii]'m|[Ii] am|[Tt]his is|[Cc]lient|[Mm]other|[Ff]ather|[Ww]ife|[Hh]usband|"
    r"[Dd]aughter|[Ss]on|[Ss]ister|[Bb]rother|[Mm]um|[Dd]ad|[Pp]artner|[Nn]eighbour|[Ff]riend|[Cc]arer)"
    r"[:,]? +([A-Z][a-zà-ÿ][\w'’-]*(?: +[A-Z][\w'’-]+)*)"
)
PROPER = re.compile(
    r"(?<![\w'’])[A-ZÀ-Þ][a-zà-ÿ][\w'’-]*(?: +(?:(?:de|van|der|von|al|bin|da|del|la|of) +)*[A-ZÀ-Þ][\w'’-]*[a-zà-ÿ][\w'’-]*)*"
)
CLINICIAN_BEFORE = re.compile(
    r"(?:\bDrs?\.?|\bProf(?:essor)?\.?|\bDoctor|\bNurse|\bSister|\bConsultant|\bRegistrar|Dr\. [A-Z][\w'’-]+ and) *$"
)
NOT_NAMES = word_set(" ".join(lines_of("not_names.txt")))


OPENING = re.compile(r"(?:^|[.:!?\"“–—]\s*)[\s\"'“‘(\[*•>-]*$")


def names_of(encounter: str, sentences: Sequence[Sentence]) -> frozenset[str]:
    """Words of the encounter that look like names of people or places, without clinicians' names."""
    found: set[str] = set()
    clinicians = {
        word
        for hit in re.finditer(r"\b(?:Drs?\.?|Prof\.?|Doctor|Nurse|DR\.?) +([A-ZÀ-Þ][\w'’-]+)", encounter)
        for word in _parts(hit.group(1))
    }
    for pattern in (TITLED, NAMED):
        for hit in pattern.finditer(encounter):
            found.update(_parts(hit.group(1)))
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
    text = NUMBERED.sub(lambda hit: hit.group().replace(hit.group(1), GONE), text)
    text = PLAIN.sub(GONE, text)
    if names:
        text = re.sub(rf"\b(?:(?:Mr|Mrs|Ms|Miss|Mx|Master)\.? +)?(?:{_either(names)})(?:['’]s)?\b", _gone, text)
    return re.sub(rf"{re.escape(GONE)}(?:[\s,-]+{re.escape(GONE)})+", GONE, text)


def _either(names: frozenset[str]) -> str:
    return "|".join(sorted((re.escape(name) for name in names), key=len, reverse=True))


def _gone(hit: re.Match[str]) -> str:
    return GONE + ("'s" if hit.group().endswith(("'s", "’s")) else "")
