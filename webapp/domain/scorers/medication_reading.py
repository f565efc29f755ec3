"""Reading the medicines of a note: which are named, with what dose, route and frequency, and which are stopped.

Every medicine owns the text from its name to the next name, the end of the sentence or the end of its line; the fields of a
list under its name and of a JSON object belong to it too. What is expected is not known here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from webapp.domain.scorers.doses import Dose, find_doses
from webapp.domain.scorers.medicines import NameMention, find_names, generic_name
from webapp.domain.scorers.schedules import frequencies, routes
from webapp.domain.scorers.sections import heading_groups
from webapp.domain.scorers.words import word_set

MOST_MENTIONS = 3_000
_REGION_CHARACTERS = 240
_LOOK_BACK_CHARACTERS = 90
_NEXT_TO_CHARACTERS = 16


@dataclass(frozen=True)
class Medicine:
    """One mention of a medicine; ``doses`` are the present ones, ``old_doses`` those the text calls past."""

    drug: str
    span: tuple[int, int]
    doses: tuple[Dose, ...]
    old_doses: tuple[Dose, ...]
    words: str
    is_stopped: bool
    is_listed: bool
    is_history: bool

    @property
    def frequencies(self) -> frozenset[str]:
        """How often, in the words of a case."""
        return frequencies(self.words)

    @property
    def routes(self) -> frozenset[str]:
        """By which route, as far as stated."""
        return routes(self.words)


def read_medicines(text: str, also: Iterable[str] = ()) -> tuple[Medicine, ...]:
    """Every mention of a medicine in the text, in order; ``also`` names those the table may lack.

    Reading ends after ``MOST_MENTIONS`` and one more: such a text is no note.
    """
    names = _merged(text, sorted({*find_names(text, also), *_leading_strangers(text)}, key=lambda name: name.start))
    lines, names = _Lines(text), names[: MOST_MENTIONS + 1]
    found: list[Medicine] = []
    own_from = 0
    for index, name in enumerate(names):
        following = names[index + 1].start if index + 1 < len(names) else len(text)
        medicine, own_from = _read(text, name, own_from, following, lines)
        found.append(medicine)
    return tuple(found)


_STRANGER = re.compile(
    r"^[ \t]{0,8}(?:[-*\u2022+|]|\d{1,2}[.)])[ \t]{0,4}\**([A-Za-z][a-z]{4,30}(?:-[a-z]{2,20})?)\**[:,]?[ \t]{1,3}"
    r"(?=\d{1,4}(?:\.\d{1,4})?\s?(?:mg|mcg|µg|g|units|puffs)\b(?!\s?/))",
    re.MULTILINE,
)
_NO_MEDICINE = word_set(
    "about above additional adult after another approximately around before below between blood calcium caffeine carbohydrate "
    "child complete consider continue creatinine currently daily decrease decreased dietary discontinue dosage double drink "
    "eating every exactly fibre fiber first fluid fluids further given glucose haemoglobin hemoglobin increase increased "
    "initial lactate limit loading maintain maximum morning nearly night oral overnight plasma potassium protein reduce reduced "
    "received restrict resume salt second serum single sodium start started stopped sugar switch tablet tablets take taking "
    "third titrate total under until urine usual weekly weighs weight where which while within"
)


def _leading_strangers(text: str) -> Iterator[NameMention]:
    """Names the table lacks that lead a list line and are followed by a dose."""
    for hit in _STRANGER.finditer(text):
        word = hit[1].casefold()
        if word not in _NO_MEDICINE and not any(True for _ in find_names(hit[1])):
            yield NameMention(generic_name(word), hit.start(1), hit.end(1))


def _merged(text: str, names: list[NameMention]) -> list[NameMention]:
    """The names with a brand in brackets taken together with its generic."""
    merged: list[NameMention] = []
    for name in names:
        last = merged[-1] if merged else None
        if last and name.start < last.end:
            continue
        if (
            last
            and name.drug == last.drug
            and not text[last.end : name.start].strip(" (/[*_")
            and name.start - last.end < 6
        ):
            merged[-1] = NameMention(last.drug, last.start, name.end)
        else:
            merged.append(name)
    return merged


def _read(text: str, name: NameMention, own_from: int, following: int, lines: _Lines) -> tuple[Medicine, int]:
    """The medicine at this name, and where the text it does not own begins."""
    end = _region_end(text, name.end, following)
    ahead, after = (
        _doses_ahead(text, name, own_from),
        [_moved(dose, name.end) for dose in find_doses(text[name.end : end])],
    )
    if ahead and after and end == following < len(text) and _next_to(text, after[-1].end, following):
        end = after.pop().start  # "500 mg of metformin and 10 mg of lisinopril"
    doses = [*ahead, *after]
    start = min([name.start, *(dose.start for dose in ahead)])
    words = text[start : end + _shared(text, name, doses, end, following)]
    medicine = Medicine(
        drug=name.drug,
        span=(name.start, name.end),
        doses=tuple(dose for dose in doses if not dose.is_old),
        old_doses=tuple(dose for dose in doses if dose.is_old),
        words=words[: 2 * _REGION_CHARACTERS],
        is_stopped=lines.stops_at(name.start) or _is_stopped(text, name, [dose.end for dose in after], end),
        is_listed=lines.lists_at(name.start),
        is_history=lines.tells_history_at(name.start),
    )
    return medicine, max([name.end, *(dose.end for dose in after)])


def _doses_ahead(text: str, name: NameMention, own_from: int) -> list[Dose]:
    """The dose right before the name, as in "80 mg of furosemide"."""
    before = max(own_from, _clause_start(text, name.start))
    doses = [_moved(dose, before) for dose in find_doses(text[before : name.start])]
    return [dose for dose in doses if _next_to(text, dose.end, name.start)]


def _shared(text: str, name: NameMention, doses: list[Dose], end: int, following: int) -> int:
    """How many more characters tell how it is given: "prednisone 5 mg and omeprazole 20 mg in the morning"."""
    told = max([name.end, *(dose.end for dose in doses)])
    if end != following or not _AND.fullmatch(text, told, following):
        return 0
    return _region_end(text, following, len(text)) - end


_AND = re.compile(r"[\s,]{0,3}(?:and|&|plus)\s{1,3}", re.IGNORECASE)
_END = re.compile(r"[;}]|\.(?=\s+[A-Z(\"*]|\s*$)|\n", re.MULTILINE)
_FIELD_LINE = re.compile(
    r"[\s*\-\u2022+|\"'_]{0,16}(?:dose|dosage|strength|units?|route|frequency|freq|sig|instructions|how often|amount|schedule|"
    r"directions|taken|given)\b",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:[a-z]\.){1,3}[a-z]|\b(?:approx|tab|tabs|cap|caps|dr|no|max|min|inj|susp))$", re.IGNORECASE
)


def _region_end(text: str, start: int, following: int) -> int:
    limit = min(following, start + _REGION_CHARACTERS, len(text))
    for hit in _END.finditer(text, start, limit):
        if hit.group() == "." and _ABBREVIATION.search(text[max(start, hit.start() - 8) : hit.start()]):
            continue
        if hit.group() == "\n" and _FIELD_LINE.match(text, hit.end()):
            continue
        return hit.start()
    return limit


_CLAUSE = re.compile(r"\n|;|\.(?=\s)|[{}|]")


def _clause_start(text: str, end: int) -> int:
    start = max(0, end - _LOOK_BACK_CHARACTERS)
    last = start
    for hit in _CLAUSE.finditer(text, start, end):
        last = hit.end()
    return last


_BRIDGE = re.compile(r"\**\s{0,2}(?:\([^()]{0,8}\)\s)?(?:(?:of|oral|iv|tablets?|the|per|po)\s){0,2}\**", re.IGNORECASE)


def _next_to(text: str, dose_end: int, name_start: int) -> bool:
    between = text[dose_end:name_start]
    return len(between) <= _NEXT_TO_CHARACTERS and _BRIDGE.fullmatch(between) is not None


def _moved(dose: Dose, by: int) -> Dose:
    return Dose(dose.amounts, dose.unit, dose.words, dose.start + by, dose.end + by, dose.is_old)


_CUE = re.compile(
    r"(?P<keep>\b(?:not|never|don['\u2019]t)\s(?:be\s|suddenly\s|abruptly\s){0,2}(?:stop|discontinu|withh|paus)\w*)|"
    r"(?P<stop>\b(?:stop\w*|no longer|not|quit)(?: to)? (?:taking|using|take|use|be on|on)\b|\bstop(?:s|ped|ping)?\b|\bdiscontinu\w*|"
    r"\bceas\w*|\bheld\b|\bhold(?:ing|s)?\b|\bwithh\w*|\bavoid\w*|\ballerg\w*|\bintoleran\w*|\breact(?:s|ion|ions|ed) to\b|"
    r"\banaphyla\w*|\bcontraindicat\w*|\bfinished\b|\bno longer\b|\bnever\b|\brefus\w*|\bdeclin\w*|\binstead of\b|\brather than\b|"
    r"\b(?:switch|chang|convert)\w* from\b|\bpaus(?:e|ed|ing)\b|\bsuspend\w*|"
    r"\bhad been (?:taking|on)\b|\bused to (?:take|be on)\b|\bpreviously\b|"
    r"\bformerly\b|\breceived\b|\bside effects?\b|\boverdos\w*|\brash\b|\bfailed\b|\btried\b|\bcome off\b|\bcame off\b)"
    r"|(?P<start>\b(?:re)?start\w*|\bcontinu\w*|\bincreas\w*|\bdecreas\w*|\breduc\w*|\btak(?:e|es|ing)\b|\bbegin\w*|\bprescrib\w*|"
    r"\bgiv(?:e|en|ing)\b|\badd(?:ed|ing)?\b|\bresum\w*|\bswitch\w* to\b|\bchang\w* to\b|\bto\b(?= \w+ ?\d)|\bnow\b|"
    r"\bcurrent\w*|\bmedications?\b|\bremains? on\b|\btreat\w* with\b|\breplaced (?:by|with)\b|\btitrat\w*)",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:no|not|without|denies|nor)\s(?:(?!stop|discontinu|withh|paus|only)[a-z]{1,12}\s){0,2}$", re.IGNORECASE
)
_STOPPED_AFTER = re.compile(
    r"[\s,(:*_\-\u2013\u2014]{0,5}(?:(?:has|have|had|was|were|is|are|be|been|being|now|therefore|should|will|stays?|remains?|to)\s)"
    r"{0,4}(?:stopped|discontinued|withheld|paused|suspended|held\b|on hold|ceased|avoided|contraindicated|finished|allerg|intoleran|"
    r"not (?:to be )?(?:re)?(?:start|given|recommended|taken|used))",
    re.IGNORECASE,
)
_STOPPED_LATER = re.compile(
    r"[(\-\u2013\u2014:,]\s?(?:now )?(?:stopped|discontinued|withheld|paused|on hold)\b", re.IGNORECASE
)


def _is_stopped(text: str, name: NameMention, dose_ends: list[int], end: int) -> bool:
    """Whether the words round the name say that it is not, or no longer, to be taken; the nearest cue before it decides."""
    before = text[_clause_start(text, name.start) : name.start]
    said_after = any(_STOPPED_AFTER.match(text, place, end) for place in (name.end, *dose_ends[:3]))
    if said_after or _STOPPED_LATER.search(text, name.end, end) or _DENIED.search(before):
        return True
    cues = [cue.lastgroup for cue in _CUE.finditer(before)]
    return cues[-1:] == ["stop"]


_HEADING = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]|\*\*|__)?[ \t]*([A-Za-z][A-Za-z /&,'()-]{1,60}?)(?:\*\*|__)?[ \t]*:?(?:\*\*|__)?[ \t]*$"
)
_STOP_HEADING = re.compile(
    r"allerg|intoleran|stopped|discontinued|past med|previous med|held|withheld|avoid", re.IGNORECASE
)
_LIST_HEADING = re.compile(r"medic|medication|drugs|prescription|treatment|\brx\b|\bmeds\b", re.IGNORECASE)
_LIST_LINE = re.compile(r"[ \t]*(?:[-*\u2022+|]|\d{1,2}[.)])[ \t]*\**$")


class _Lines:
    """The headings of a text by position, for asking under which of them a medicine stands."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] = []
        self._kinds: list[str] = []
        start = 0
        for line in text.splitlines(keepends=True):
            kind = _kind(line)
            if kind:
                self._starts.append(start)
                self._kinds.append(kind)
            start += len(line)

    def stops_at(self, position: int) -> bool:
        """Whether the position stands under a heading for allergies or stopped medicines."""
        return self._kind_at(position) == "stop"

    def tells_history_at(self, position: int) -> bool:
        """Whether the position stands under a heading for what was told or found, not for what is to be done."""
        return self._kind_at(position) == "history"

    def lists_at(self, position: int) -> bool:
        """Whether the position leads a list line under a heading for medicines."""
        if self._kind_at(position) != "list":
            return False
        line_start = self._text.rfind("\n", max(0, position - 40), position) + 1
        return bool(_LIST_LINE.match(self._text[max(line_start, position - 40) : position]))

    def _kind_at(self, position: int) -> str:
        index = bisect_right(self._starts, position) - 1
        return self._kinds[index] if index >= 0 else ""


def _kind(line: str) -> str:
    """What the line's heading opens: stop, list, history or other; empty where it is no heading."""
    groups = heading_groups(line)
    if groups:
        return "history" if set(groups) <= {"subjective", "objective"} else "other"
    heading = _HEADING.match(line[:100].rstrip("\r\n")) if len(line) < 100 else None
    if not heading or not (line.lstrip().startswith(("#", "**", "__")) or line.rstrip("\r\n *_").endswith(":")):
        return ""
    if _STOP_HEADING.search(heading[1]):
        return "stop"
    return "list" if _LIST_HEADING.search(heading[1]) else "other"
