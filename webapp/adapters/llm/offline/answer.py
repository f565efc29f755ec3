"""The offline model from messages to answer: read the instructions, read the encounter, write, err at the stated rates.

What must not live here: litellm, rates, word lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from webapp.adapters.llm.offline import rates, writing
from webapp.adapters.llm.offline.faults import Faults
from webapp.adapters.llm.offline.identifiers import names_of, without_identifiers
from webapp.adapters.llm.offline.injections import Injection, find_injection
from webapp.adapters.llm.offline.instructions import Instructions, read_instructions, split_messages
from webapp.adapters.llm.offline.medicines import Medicine, medicines_of
from webapp.adapters.llm.offline.problems import Problem, problems_of
from webapp.adapters.llm.offline.selection import Candidate, candidates_of, choose
from webapp.adapters.llm.offline.sentences import Sentence, sentences_of

CHARACTERS_PER_TOKEN = 4
LONGEST_ENCOUNTER_CHARACTERS = 200_000
SHARE_USUAL, SHARE_BRIEF, SHARE_THOROUGH = 0.42, 0.20, 0.62
LEAST_WEIGHT_OF_A_DIAGNOSIS = 2.0
MOST_DIAGNOSES = 3


@dataclass(frozen=True)
class Written:
    """One answer with tokens estimated from characters."""

    text: str = field(repr=False)
    finish_reason: str
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True)
class _Reading:
    """Everything read from one conversation, and the errors that belong to it."""

    asked: Instructions
    faults: Faults
    encounter: str
    sentences: Sequence[Sentence]
    injection: Injection | None


def answer_messages(
    messages: Sequence[tuple[str, str]], *, temperature: float = 0.0, repeat: int = 0, max_tokens: int | None = None
) -> Written:
    """The answer to (role, text) messages; at temperature 0 every repeat is the same."""
    prompt, encounter = split_messages(messages)
    encounter = encounter[:LONGEST_ENCOUNTER_CHARACTERS]
    sentences = sentences_of(encounter)
    faults = Faults(messages, repeat if temperature > 0 else 0)
    reading = _Reading(read_instructions(prompt), faults, encounter, sentences, find_injection(sentences))
    return _limited(_text(reading), messages, max_tokens)


def _text(reading: _Reading) -> str:
    asked, faults, injection = reading.asked, reading.faults, reading.injection
    follows = injection is not None and faults.happens(rates.FOLLOW_INJECTION, asked.ignore_instructions, "injection")
    body = _body(reading)
    if not faults.happens(rates.KEEP_IDENTIFIERS, asked.leave_out_identifiers, "identifiers"):
        body = without_identifiers(body, names_of(reading.encounter, reading.sentences))
    if faults.happens(rates.CUT_SHORT, True, "cut"):
        body = body[: len(body) * 4 // 5].rsplit(" ", 1)[0]
    return f"{injection.wanted}\n\n{body}" if follows and injection else body


def _body(reading: _Reading) -> str:
    asked = reading.asked
    medicines = medicines_of(_clean(reading))
    taken, stopped = _medicines(reading, medicines)
    coded = _conditions(reading)
    if asked.json:
        return writing.json_answer(taken, stopped, coded)
    chosen = _chosen(reading)
    if asked.medicines and not asked.soap:
        allergies = [one.sentence.text for one in chosen if one.has_allergy and asked.keep_allergies]
        warnings = [one.sentence.text for one in chosen if one.has_warning and asked.keep_warnings]
        return writing.medicine_answer(taken, stopped, list(dict.fromkeys(allergies + warnings)))
    if not asked.soap:
        return " ".join([one.sentence.text for one in chosen] + [writing.condition_phrase(one) + "." for one in coded])
    return _sections(reading, chosen, taken, stopped, coded)


def _sections(
    reading: _Reading, chosen: list[Candidate], taken: list[Medicine], stopped: list[str], coded: list[writing.Coded]
) -> str:
    asked = reading.asked
    parts: dict[str, list[str]] = {letter: [] for letter in writing.HEADINGS}
    for letter in parts:
        text = " ".join(_ended(one.sentence.text) for one in chosen if one.section == letter)
        parts[letter].append(text)
    parts["A"] = [writing.condition_phrase(one) + "." for one in coded] + parts["A"]
    if asked.medicines:
        parts["P"].append("Medicines:")
        parts["P"].append(writing.medicine_answer(taken, stopped, ()))
    kept = [letter for letter in parts if not reading.faults.happens(rates.LOSE_SECTION, asked.headings_named, letter)]
    return writing.section_answer([(letter, parts[letter]) for letter in kept])


def _clean(reading: _Reading) -> list[Sentence]:
    """The sentences without those that give orders to a machine, numbered anew."""
    places = reading.injection.places if reading.injection else frozenset()
    kept = [sentence for sentence in reading.sentences if sentence.place not in places]
    return [replace(sentence, place=place) for place, sentence in enumerate(kept)]


def _chosen(reading: _Reading) -> list[Candidate]:
    asked, faults = reading.asked, reading.faults
    places = reading.injection.places if reading.injection else frozenset()
    candidates = candidates_of(reading.sentences, places)
    share = SHARE_BRIEF if asked.brief else SHARE_THOROUGH if asked.thorough else SHARE_USUAL
    always = [one for one in candidates if _is_to_keep(one, asked)]
    if asked.medicines and asked.soap:
        # The list says it in full; a sentence about medicines alone would say it twice.
        candidates = [one if not _is_only_medicine(one) else replace(one, worth=one.worth - 1.5) for one in candidates]
    return [one for one in choose(candidates, share, always) if not _drops(faults, asked, one)]


def _is_to_keep(one: Candidate, asked: Instructions) -> bool:
    return (one.has_allergy and asked.keep_allergies) or (one.has_warning and asked.keep_warnings)


def _is_only_medicine(one: Candidate) -> bool:
    return one.has_medicine and not (one.has_allergy or one.has_warning) and one.section == "P"


def _drops(faults: Faults, asked: Instructions, one: Candidate) -> bool:
    if one.has_allergy:
        return faults.happens(rates.DROP_ALLERGY, asked.keep_allergies, "allergy", one.sentence.place)
    if one.has_warning:
        return faults.happens(rates.DROP_WARNING, asked.keep_warnings, "warning", one.sentence.place)
    return faults.happens(rates.DROP_SENTENCE, True, "sentence", one.sentence.place)


def _medicines(reading: _Reading, medicines: Sequence[Medicine]) -> tuple[list[Medicine], list[str]]:
    """(medicines to list as taken, names to list as stopped), with the errors of both."""
    asked, faults = reading.asked, reading.faults
    taken, stopped = [], []
    for one in medicines:
        if one.standing == "stopped":
            goes_on = faults.happens(rates.KEEP_STOPPED_MEDICINE, asked.stopped_apart, "stopped", one.name)
            if goes_on:
                taken.append(_blurred(one, reading))
            elif asked.stopped_apart:
                stopped.append(one.name)
        elif _is_listed(one) and not faults.happens(rates.DROP_MEDICINE, asked.dose, "medicine", one.name):
            taken.append(_blurred(one, reading))
    return taken, stopped


def _is_listed(one: Medicine) -> bool:
    return one.standing in ("taken", "mentioned")


def _blurred(one: Medicine, reading: _Reading) -> Medicine:
    """The medicine with what gets lost or mistaken on the way."""
    asked, faults = reading.asked, reading.faults
    if one.dose and faults.happens(rates.LOSE_DOSE, asked.dose, "dose", one.name):
        one = replace(one, dose="", unit="")
    if one.dose and faults.happens(rates.WRONG_DOSE, asked.keep_corrections, "wrong", one.name):
        one = replace(one, dose=_doubled(one.dose))
    if faults.happens(rates.LOSE_FREQUENCY, asked.frequency, "frequency", one.name):
        one = replace(one, frequency="")
    if faults.happens(rates.LOSE_ROUTE, asked.route, "route", one.name):
        one = replace(one, route="")
    return one


def _doubled(dose: str) -> str:
    return f"{float(dose) * 2:g}"


def _conditions(reading: _Reading) -> list[writing.Coded]:
    found = [one for one in problems_of(_clean(reading)) if one.weight >= LEAST_WEIGHT_OF_A_DIAGNOSIS]
    return [_coded(reading, one) for one in found[:MOST_DIAGNOSES]]


def _coded(reading: _Reading, problem: Problem) -> writing.Coded:
    asked, faults, code = reading.asked, reading.faults, problem.code
    if not asked.codes or faults.happens(rates.MISS_CODE, asked.every_diagnosis, "code", code):
        code = ""
    if code and faults.happens(rates.UNSPECIFIC_CODE, asked.specific_codes, "category", code):
        code = code[:3]
    if code and faults.happens(rates.INVENTED_CODE, asked.no_guessed_codes, "invented", code):
        code = f"{problem.code}{'' if '.' in problem.code else '.'}9"
    certain = problem.is_uncertain and faults.happens(
        rates.FALSE_CERTAINTY, asked.state_uncertainty, "sure", problem.code
    )
    return writing.Coded(problem.name, code, problem.is_uncertain and not certain)


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", ":", ";")) else text + "."


def _limited(text: str, messages: Sequence[tuple[str, str]], max_tokens: int | None) -> Written:
    asked = sum(len(part) for _, part in messages)
    limit = max_tokens * CHARACTERS_PER_TOKEN if max_tokens else len(text)
    kept = text[:limit]
    reason = "length" if len(kept) < len(text) else "stop"
    return Written(kept, reason, -(-asked // CHARACTERS_PER_TOKEN), -(-len(kept) // CHARACTERS_PER_TOKEN))
