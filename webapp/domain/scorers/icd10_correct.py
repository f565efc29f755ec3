"""ICD-10-CM codes: each code given exists, is billable, and is the expected one or at least of its category."""

from __future__ import annotations

from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.icd10_codes import CodeMention, dotted, find_codes
from webapp.domain.scorers.interface import Answer, Finding, Lookups, Score, not_applicable, scored
from webapp.domain.scorers.usable import nothing_to_score

NAME = "icd10_correct"
VERSION = "1"
LIMITS = (
    "Compares codes with those expected for the case; a further correct diagnosis that the case does not list counts as "
    "wrong. It does not read whether the words beside a code fit it."
)
SAME_CATEGORY_CREDIT = 0.5
NOT_BILLABLE_FACTOR = 0.5


def score(case: Case, answer: Answer, lookups: Lookups) -> Score:
    """F1 of the codes: exact 1, same category one half, not billable half of that; an invented code is critical."""
    expected = tuple(dict.fromkeys(dotted(code) for code in case.expected.icd10))
    found = find_codes(answer.text, expected, lookups.code_exists)
    invented = _invented(found, expected, lookups)
    if not expected:
        return not_applicable(NAME, invented)
    unusable = nothing_to_score(NAME, case, answer)
    if unusable:
        return scored(NAME, 0.0, (unusable, *invented))
    credits, unmatched = _match(found, expected, lookups)
    findings = (*invented, *_wrong(found, credits, lookups), *_absent(unmatched))
    return scored(NAME, 2 * sum(credits.values()) / (len(found) + len(expected)), findings)


def _match(
    found: tuple[CodeMention, ...], expected: tuple[str, ...], lookups: Lookups
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Credit per code found, and the expected codes nobody matched, exact matches first."""
    credits = {mention.code: 1.0 for mention in found if mention.code in expected}
    left = [code for code in expected if code not in credits]
    for mention in found:
        partner = next((code for code in left if _related(mention.code, code, lookups)), None)
        if mention.code not in credits and partner:
            credits[mention.code] = SAME_CATEGORY_CREDIT * (
                1 if lookups.is_billable(mention.code) else NOT_BILLABLE_FACTOR
            )
            left.remove(partner)
    return credits, tuple(left)


def _related(code: str, expected: str, lookups: Lookups) -> bool:
    category = lookups.category_of(code) if lookups.code_exists(code) else None
    return category is not None and category == lookups.category_of(expected)


def _invented(found: tuple[CodeMention, ...], expected: tuple[str, ...], lookups: Lookups) -> tuple[Finding, ...]:
    return tuple(
        _mistyped(mention) if _digits_for_letters(mention.code) in expected else _not_a_code(mention)
        for mention in found
        if not lookups.code_exists(mention.code)
    )


def _digits_for_letters(code: str) -> str:
    return code[:1] + code[1:].replace("O", "0").replace("I", "1")


def _mistyped(mention: CodeMention) -> Finding:
    sentence = f"Code {mention.code} is mistyped; the case says {_digits_for_letters(mention.code)}"
    return Finding(NAME, "mistyped_code", sentence, span=mention.span)


def _not_a_code(mention: CodeMention) -> Finding:
    return Finding(NAME, "invented_code", f"Code {mention.code} does not exist in ICD-10-CM", True, mention.span)


def _wrong(found: tuple[CodeMention, ...], credits: dict[str, float], lookups: Lookups) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    for mention in found:
        if not lookups.code_exists(mention.code) or credits.get(mention.code) == 1.0:
            continue
        if not lookups.is_billable(mention.code):
            sentence = f"Code {mention.code} is not billable; a more specific code is needed"
            findings.append(Finding(NAME, "not_billable", sentence, span=mention.span))
        elif mention.code in credits:
            sentence = f"Code {mention.code} is of the right category but not the expected code"
            findings.append(Finding(NAME, "same_category", sentence, span=mention.span))
        else:
            findings.append(Finding(NAME, "wrong_code", f"Code {mention.code} is not expected", span=mention.span))
    return tuple(findings)


def _absent(unmatched: tuple[str, ...]) -> tuple[Finding, ...]:
    return tuple(Finding(NAME, "missing_code", f"Code {code} is missing") for code in unmatched)
