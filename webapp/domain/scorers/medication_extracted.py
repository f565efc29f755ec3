"""Medicines: drug, dose, unit, route and frequency of what the patient is to take, compared with what the case expects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from webapp.domain.prompts.suite import Case, Medication
from webapp.domain.scorers.doses import Dose, power_of_ten_apart, stated_dose, totals
from webapp.domain.scorers.interface import Answer, Finding, Lookups, Score, not_applicable, scored, unscored
from webapp.domain.scorers.medication_reading import MOST_MENTIONS, Medicine, read_medicines
from webapp.domain.scorers.medicines import generic_name, same_medicine
from webapp.domain.scorers.schedules import frequency_credit, frequency_named
from webapp.domain.scorers.usable import nothing_to_score

NAME = "medication_extracted"
VERSION = "4"
LIMITS = (
    "Reads medicines by rules and a table of common names: a rare name counts only if the case expects it or a list line "
    "gives its dose. An unstated route is let pass; whether a medicine is stopped is judged from the words beside it."
)
WEIGHTS = {"drug": 0.4, "dose": 0.3, "frequency": 0.2, "route": 0.1}
_DOSES_READ = 2


@dataclass(frozen=True)
class _Match:
    """How well one expected medicine stands in the answer."""

    credit: float
    findings: tuple[Finding, ...]


def score(case: Case, answer: Answer, _lookups: Lookups) -> Score:
    """F1 of expected against found medicines with partial credit by field; a dose wrong by a power of ten is critical."""
    expected = case.expected.medications
    if not expected:
        return not_applicable(NAME)
    unusable = nothing_to_score(NAME, case, answer)
    if unusable:
        return scored(NAME, 0.0, (unusable,))
    drugs = tuple(medication.drug for medication in expected)
    found = read_medicines(answer.text, drugs)
    if len(found) > MOST_MENTIONS:
        return unscored(NAME, "too_many_mentions", "The answer names too many medicines to be checked")
    given = read_medicines("\n".join(case.inputs.values()), drugs)
    matches = [_match(medication, found, given) for medication in expected]
    extra = _extra(found, drugs, given)
    value = (
        2 * sum(match.credit for match in matches) / (len(expected) + sum(m.credit > 0 for m in matches) + len(extra))
    )
    findings = (*_tenfold(expected, found), *(one for match in matches for one in match.findings), *extra)
    return scored(NAME, value, _once(findings))


def _match(medication: Medication, found: tuple[Medicine, ...], given: tuple[Medicine, ...]) -> _Match:
    """The best present mention of the medicine."""
    drug = generic_name(medication.drug)
    mentions = [medicine for medicine in found if same_medicine(medicine.drug, drug)]
    present = [medicine for medicine in mentions if not medicine.is_stopped]
    if not present:
        return _Match(0.0, (_absent(medication, mentions),))
    told = any(medicine.routes for medicine in given if same_medicine(medicine.drug, drug))
    return max((_compare(medication, medicine, told) for medicine in present), key=lambda match: match.credit)


def _compare(medication: Medication, medicine: Medicine, route_told: bool) -> _Match:
    """The credit of one mention: each field the case states, by its weight."""
    fields: dict[str, tuple[float, Finding | None]] = {"drug": (1.0, None)}
    dose = stated_dose(medication.dose, medication.unit)
    if dose:
        fields["dose"] = _dose(medication, dose, medicine)
    if medication.frequency:
        fields["frequency"] = _frequency(medication, medicine)
    if medication.route:
        fields["route"] = _route(medication, medicine, route_told)
    credit = sum(WEIGHTS[name] * share for name, (share, _) in fields.items()) / sum(WEIGHTS[name] for name in fields)
    return _Match(credit, tuple(finding for _, finding in fields.values() if finding))


def _dose(medication: Medication, expected: Dose, medicine: Medicine) -> tuple[float, Finding | None]:
    if not medicine.doses:
        sentence = f"{_title(medication)}: no dose; the case says {expected.words}"
        return 0.0, Finding(NAME, "missing_dose", sentence, span=medicine.span)
    amounts = _amounts(medicine, expected)
    if any((amount, expected.unit) in amounts for amount in expected.amounts) or _same_number(expected, amounts):
        return 1.0, None
    first = medicine.doses[0]
    sentence = f"{_title(medication)}: dose {first.words}; the case says {expected.words}"
    return 0.0, Finding(NAME, "wrong_dose", sentence, span=(first.start, first.end))


def _amounts(medicine: Medicine, expected: Dose) -> frozenset[tuple[Decimal, str]]:
    """What the first doses come to; a strength in percent is none unless the case speaks of percent."""
    doses = [dose for dose in medicine.doses if dose.unit != "%" or expected.unit == "%"]
    return totals(doses[:_DOSES_READ])


def _same_number(expected: Dose, amounts: frozenset[tuple[Decimal, str]]) -> bool:
    """Whether the case states no unit and the number is right."""
    return not expected.unit and any(amount in expected.amounts for amount, _ in amounts)


def _frequency(medication: Medication, medicine: Medicine) -> tuple[float, Finding | None]:
    expected = frequency_named(medication.frequency) or ""
    stated = medicine.frequencies
    share = frequency_credit(expected, stated, medicine.words)
    if share == 1.0:
        return share, None
    said = " and ".join(sorted(stated)) if stated else "no frequency"
    code = "wrong_frequency" if stated else "missing_frequency"
    return share, Finding(NAME, code, f"{_title(medication)}: {said}; the case says {expected}", span=medicine.span)


def _route(medication: Medication, medicine: Medicine, told: bool) -> tuple[float, Finding | None]:
    """An unstated route is right where it is oral or where the encounter does not tell it beside the name either."""
    expected, stated = (medication.route or "").casefold(), medicine.routes
    if expected in stated or (not stated and (expected == "oral" or not told)):
        return 1.0, None
    said = " and ".join(sorted(stated)) if stated else "no route"
    code = "wrong_route" if stated else "missing_route"
    return 0.0, Finding(NAME, code, f"{_title(medication)}: {said}; the case says {expected}", span=medicine.span)


def _absent(medication: Medication, stopped: list[Medicine]) -> Finding:
    if stopped:
        sentence = f"{_title(medication)} is shown as not taken; the case expects it"
        return Finding(NAME, "shown_as_stopped", sentence, span=stopped[0].span)
    return Finding(NAME, "missing_medicine", f"{_title(medication)} is missing")


def _extra(found: tuple[Medicine, ...], drugs: tuple[str, ...], given: tuple[Medicine, ...]) -> tuple[Finding, ...]:
    """One finding for each medicine that the answer gives to be taken and the case does not; history is not counted."""
    expected = [generic_name(drug) for drug in drugs]
    known = {medicine.drug for medicine in given}
    passed_over = {medicine.drug for medicine in found if medicine.is_stopped}
    extra: dict[str, Finding] = {}
    for medicine in found:
        told_only = medicine.drug in passed_over or (medicine.is_history and medicine.drug in known)
        taken = not told_only and (medicine.doses or medicine.is_listed)
        if taken and not any(same_medicine(medicine.drug, drug) for drug in expected):
            extra.setdefault(medicine.drug, _unexpected(medicine, medicine.drug in known))
    return tuple(extra.values())


def _unexpected(medicine: Medicine, in_encounter: bool) -> Finding:
    where = "names it, but not as to be taken" if in_encounter else "does not name it"
    sentence = f"{medicine.drug.capitalize()} is given as a medicine; the encounter {where}"
    return Finding(NAME, "unexpected_medicine", sentence, span=medicine.span)


def _tenfold(expected: tuple[Medication, ...], found: tuple[Medicine, ...]) -> Iterator[Finding]:
    """A critical finding for each present dose a power of ten from the expected one.

    A dose that the encounter names and then takes back is as harmful as an invented one, so it is no excuse that it stands
    there; only what the answer itself calls a past dose is left alone.
    """
    for medication in expected:
        dose, drug = stated_dose(medication.dose, medication.unit), generic_name(medication.drug)
        right = _amounts_in_case(drug, expected)
        for medicine in found if dose else ():
            if medicine.is_stopped or not same_medicine(medicine.drug, drug):
                continue
            for stated in medicine.doses[:_DOSES_READ]:
                if dose and _is_tenfold(stated, dose, medicine) and not _pairs(stated) & right:
                    sentence = f"{_title(medication)}: dose {stated.words}; the encounter says {dose.words}"
                    yield Finding(NAME, "tenfold_dose", sentence, True, (stated.start, stated.end))


def _is_tenfold(stated: Dose, expected: Dose, medicine: Medicine) -> bool:
    together = _amounts(medicine, expected)
    if stated.unit != expected.unit or any((amount, expected.unit) in together for amount in expected.amounts):
        return False
    return all(power_of_ten_apart(one, other) for one in stated.amounts for other in expected.amounts)


def _amounts_in_case(drug: str, expected: tuple[Medication, ...]) -> set[tuple[Decimal, str]]:
    doses = [stated_dose(one.dose, one.unit) for one in expected if same_medicine(generic_name(one.drug), drug)]
    return {pair for dose in doses if dose for pair in _pairs(dose)}


def _pairs(dose: Dose) -> set[tuple[Decimal, str]]:
    return {(amount, dose.unit) for amount in dose.amounts}


def _title(medication: Medication) -> str:
    return medication.drug[:1].upper() + medication.drug[1:]


def _once(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings without a plain wrong dose where the same place is already a critical one."""
    critical = {finding.span for finding in findings if finding.critical}
    kept = [one for one in findings if one.critical or one.code != "wrong_dose" or one.span not in critical]
    return tuple(dict.fromkeys(kept))
