"""The medicines of an encounter: what is taken, what was stopped, what is not tolerated, what belongs to somebody else.

What must not live here: the medicines' names (lexicon), reading doses (doses), errors made on purpose (faults).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from webapp.adapters.llm.offline import cues
from webapp.adapters.llm.offline.doses import DOSE, find_dose, find_frequency, find_route
from webapp.adapters.llm.offline.lexicon import Drug
from webapp.adapters.llm.offline.sentences import Sentence

Standing = Literal["taken", "stopped", "not_tolerated", "other_person", "not_given", "mentioned"]
REACH_CHARACTERS = 170
JOINS = re.compile(r"^\s*(?:,|and|or|/|&|\+|plus|with|,\s*and|,\s*or|the)*\s*$", re.I)
STOPS_BEFORE = re.compile(
    r"\b(?:stop(?:ping)?|stopped|discontinue[ds]?|hold(?:ing)?|withhold|held|no more|come off|came off|off|no longer|cease|"
    r"finished|ended|bin|drop|do not restart|not to restart|don't restart|never restarted since[^,]{0,30}|exchanged|swapped?|"
    r"replaces|replacing|in place of|instead of|crossed out|withdraw(?:n)?|avoid|no|and no|gave up)\s+"
    r"(?:the |her |his |your |my |all |taking |any |both )*$",
    re.I,
)
STOPS_AFTER = re.compile(
    r"^(?:[^.;]|\.\d){0,70}?\b(?:it stops|cancelled|canceled|stopped|"
    r"discontinued|withheld|on hold|held|finished|came to an end|ended|binned|given up|gave up|"
    r"crossed out|no longer|is off|are off|off|goes, completely|completely|not to restart|not to be restarted|taken out|"
    r"suspended|paused|was switched to|left off|replaced by|for \w+ (?:days|weeks) until|exchanged for|swapped for|"
    r"no more|stays off|stays withheld|stop(?:s)?(?: today| now)?$|ceased|gives way|until (?:19|20)\d\d|in (?:19|20)\d\d)\b",
    re.I,
)
STARTS = re.compile(
    r"\b(?:start(?:ed|ing)?|begin|began|begun|add(?:ed)?|continue[ds]?|carry on|carries on|goes on|go on|stays?|remains?|"
    r"increase[ds]?|goes up|up to|reduce[ds]?|comes? down|goes down|unchanged|as before|new|prescribe[ds]?|takes?|taking|"
    r"keep|on|give|given|cont|regular|current|home with|tto|same|restart(?:ed)?)\b",
    re.I,
)
NOT_RESTARTED = re.compile(r"\b(?:not|don't|never)\s+(?:to\s+)?(?:be\s+)?restart", re.I)
SOMEONE_ELSES = re.compile(
    r"\b(?:(?:his|her|my|the|their)\s+(?:\w+\s+)?(?:wife|husband|brother|sister|mother|father|mum|dad|son|daughter|friend|"
    r"neighbour|partner|mate|flatmate|grand\w+|brother-in-law|sister-in-law)(?:'s|’s)?\s+(?:is on|are|takes?|has|was on|"
    r"offered|gave))|\b(?:wife|husband|brother|sister|mother|father|mum|dad|friend|neighbour|brother-in-law)(?:'s|’s)\b",
    re.I,
)
LATER_NEWS = re.compile(r"^(?:it|that|this|both|these|so it|which|the dose|now|intended|should be|correct)\b", re.I)
MISQUOTES = re.compile(r"\b(?:reads?|lists?|says?|written|charted|transcribed|shows?)\b[^.;]{0,20}[\"“]\s*$", re.I)


@dataclass(frozen=True)
class Medicine:
    """One medicine as the encounter leaves it; empty strings where nothing is said."""

    name: str
    substance: str
    standing: Standing
    dose: str = ""
    unit: str = ""
    route: str = ""
    frequency: str = ""
    place: int = 0

    @property
    def is_taken(self) -> bool:
        """Whether the patient is to take it after the encounter."""
        return self.standing == "taken"


@dataclass(frozen=True)
class _Mention:
    drug: Drug
    before: str
    after: str
    place: int
    joined: bool


def medicines_of(sentences: Sequence[Sentence]) -> list[Medicine]:
    """The medicines in the order of their first mention, each with the last thing said of it."""
    known: dict[str, Medicine] = {}
    for sentence in (one for one in sentences if one.drugs):
        for medicine in _of_sentence(sentence, sentences):
            known[medicine.substance] = _merged(known.get(medicine.substance), medicine)
    return [medicine for medicine in known.values() if medicine.standing != "mentioned" or medicine.dose]


def _of_sentence(sentence: Sentence, sentences: Sequence[Sentence]) -> list[Medicine]:
    mentions = _mentions(sentence, sentences)
    found = [_read(mention, sentence) for mention in mentions]
    for place in range(1, len(found)):
        if mentions[place].joined:
            found[place - 1], found[place] = _share(found[place - 1], found[place])
    return found


def _mentions(sentence: Sentence, sentences: Sequence[Sentence]) -> list[_Mention]:
    hits, text = sentence.drugs, sentence.text
    mentions = []
    for number, hit in enumerate(hits):
        start = hits[number - 1].end if number else 0
        end = hits[number + 1].start if number + 1 < len(hits) else len(text)
        after = text[hit.end : min(end, hit.end + REACH_CHARACTERS)]
        if number + 1 == len(hits):
            after += _continued(sentence, sentences)
        before = text[start : hit.start]
        mentions.append(_Mention(hit.entry, before, after, sentence.place, bool(number) and bool(JOINS.match(before))))
    return mentions


def _continued(sentence: Sentence, sentences: Sequence[Sentence]) -> str:
    """The next sentences where they go on about the same medicine without naming it."""
    said = ""
    for next_one in sentences[sentence.place + 1 : sentence.place + 3]:
        if next_one.drugs:
            break
        if _goes_on(next_one):
            said += " " + next_one.text
    return said


def _goes_on(next_one: Sentence) -> bool:
    if LATER_NEWS.match(next_one.text) or DOSE.match(next_one.text):
        return True
    return len(next_one.words) <= 7 and cues.CORRECTION.search(next_one.text) is not None


def _read(mention: _Mention, sentence: Sentence) -> Medicine:
    after = mention.after
    if MISQUOTES.search(mention.before):
        after = after[max(after.find('"'), after.find("”")) + 1 :]
    dose, unit = find_dose(after, guesses_unit=True)
    standing = _standing(mention, sentence, bool(dose))
    route = find_route(mention.after) or find_route(mention.before[-20:]) or mention.drug.usual_route
    return Medicine(
        name=mention.drug.name,
        substance=mention.drug.substance,
        standing=standing,
        dose=dose,
        unit=unit,
        route=route,
        frequency=find_frequency(mention.after),
        place=sentence.place,
    )


def _standing(mention: _Mention, sentence: Sentence, has_dose: bool) -> Standing:
    before = re.split(r"[;:]|\bbut\b", mention.before)[-1]
    last_part = before.split(",")[-1]
    after = re.split(r";|\bbut\b", mention.after)[0]
    if SOMEONE_ELSES.search(before[-60:]) or re.match(
        r"^[^.,;]{0,30}\b(?:is|are|was)\s+(?:his|her|my)\s+\w+(?:'s|’s)", after
    ):
        return "other_person"
    if cues.ALLERGY.search(mention.before) and not STARTS.search(last_part):
        return "not_tolerated"
    if STOPS_BEFORE.search(last_part) or STOPS_AFTER.match(after) or NOT_RESTARTED.search(after[:60]):
        return "stopped"
    if cues.ALLERGY_TO.search(after[:60]) and not has_dose:
        return "not_tolerated"
    if cues.NOT_GIVEN_YET.search(last_part[-30:]) or cues.NOT_GIVEN_YET.match(after.strip(" ,:-")):
        return "not_given"
    if has_dose or find_frequency(after[:60]):
        return "taken"
    return "taken" if STARTS.search(last_part) or STARTS.search(after[:40]) or sentence.section == "P" else "mentioned"


def _share(first: Medicine, second: Medicine) -> tuple[Medicine, Medicine]:
    """Two medicines joined by "and" or a comma stand alike where one of them has nothing of its own."""
    if first.standing in ("stopped", "not_tolerated", "not_given", "other_person") and second.standing == "mentioned":
        return first, replace(second, standing=first.standing)
    if second.standing in ("stopped", "not_tolerated", "taken") and first.standing == "mentioned":
        return replace(first, standing=second.standing), second
    return first, second


def _merged(known: Medicine | None, later: Medicine) -> Medicine:
    """What holds after a later mention; what it leaves open stays as it was."""
    if known is None:
        return later
    if later.standing == "mentioned":
        return known
    if later.standing in ("other_person", "not_given") and known.is_taken:
        return known
    if later.standing == "taken" and known.standing in ("not_tolerated", "stopped") and not later.dose:
        return known
    return replace(
        later,
        name=known.name,
        dose=later.dose or known.dose,
        unit=later.unit or known.unit,
        route=later.route or known.route,
        frequency=later.frequency or known.frequency,
        place=known.place,
    )
