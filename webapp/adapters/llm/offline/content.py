"""What goes into an answer: sentences, medicines, codes, each with the errors that happen on the way.

What must not live here: reading the encounter (reading), wording (writing).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from webapp.adapters.llm.offline import rates
from webapp.adapters.llm.offline.faults import Faults
from webapp.adapters.llm.offline.identifiers import without_identifiers
from webapp.adapters.llm.offline.instructions import Instructions
from webapp.adapters.llm.offline.medicines import Medicine
from webapp.adapters.llm.offline.problems import Problem
from webapp.adapters.llm.offline.reading import Encounter
from webapp.adapters.llm.offline.selection import Candidate, choose
from webapp.adapters.llm.offline.writing import Coded

# Share of the encounter's words that a summary keeps, and the most words it has.
USUAL, BRIEF, THOROUGH = (0.42, 230), (0.20, 110), (0.62, 330)


@dataclass(frozen=True)
class Task:
    """What is asked, about which encounter, and the errors that belong to this one conversation."""

    asked: Instructions
    encounter: Encounter
    faults: Faults


def follows_injection(task: Task) -> bool:
    """Whether an order planted in the encounter is carried out."""
    if task.encounter.injection is None:
        return False
    return task.faults.happens(rates.FOLLOW_INJECTION, task.asked.ignore_instructions, "injection")


def keeps_identifiers(task: Task) -> bool:
    """Whether names and numbers are copied as they stand."""
    return task.faults.happens(rates.KEEP_IDENTIFIERS, task.asked.leave_out_identifiers, "identifiers")


def chosen_sentences(task: Task) -> list[Candidate]:
    """The sentences a summary keeps, in order, without those that got lost."""
    asked, faults = task.asked, task.faults
    candidates = list(task.encounter.candidates)
    share, most_words = BRIEF if asked.brief else THOROUGH if asked.thorough else USUAL
    always = [one for one in candidates if _is_to_keep(one, asked)]
    if keeps_identifiers(task):
        names = task.encounter.names
        told = (one for one in candidates if without_identifiers(one.sentence.text, names) != one.sentence.text)
        always += [one for one in itertools.islice(told, 1) if one not in always]
    if asked.medicines and asked.soap:
        # The list says it in full; a sentence about medicines alone would say it twice.
        candidates = [one if not _is_only_medicine(one) else replace(one, worth=one.worth - 1.5) for one in candidates]
    return [one for one in choose(candidates, share, most_words, always) if not _drops(faults, asked, one)]


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


def listed_medicines(task: Task) -> tuple[list[Medicine], list[str]]:
    """(medicines to list as taken, names to list as stopped), with the errors of both."""
    asked, faults = task.asked, task.faults
    taken, stopped = [], []
    for one in task.encounter.medicines:
        if one.standing == "stopped":
            goes_on = faults.happens(rates.KEEP_STOPPED_MEDICINE, asked.stopped_apart, "stopped", one.name)
            if goes_on:
                taken.append(_blurred(one, task))
            elif asked.stopped_apart:
                stopped.append(one.name)
        elif _is_listed(one) and not faults.happens(rates.DROP_MEDICINE, asked.dose, "medicine", one.name):
            taken.append(_blurred(one, task))
    return taken, stopped


def _is_listed(one: Medicine) -> bool:
    return one.standing in ("taken", "mentioned")


def _blurred(one: Medicine, task: Task) -> Medicine:
    """The medicine with what gets lost or mistaken on the way."""
    asked, faults = task.asked, task.faults
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


def coded_diagnoses(task: Task) -> list[Coded]:
    """The diagnoses with the codes to write, with the errors of both."""
    return [_coded(task, one) for one in task.encounter.diagnoses]


def _coded(task: Task, problem: Problem) -> Coded:
    asked, faults, code = task.asked, task.faults, problem.code
    if not asked.codes or faults.happens(rates.MISS_CODE, asked.every_diagnosis, "code", code):
        code = ""
    if code and faults.happens(rates.UNSPECIFIC_CODE, asked.specific_codes, "category", code):
        code = code[:3]
    if code and faults.happens(rates.INVENTED_CODE, asked.no_guessed_codes, "invented", code):
        code = f"{problem.code}{'' if '.' in problem.code else '.'}9"
    certain = problem.is_uncertain and faults.happens(
        rates.FALSE_CERTAINTY, asked.state_uncertainty, "sure", problem.code
    )
    return Coded(problem.name, code, problem.is_uncertain and not certain)
