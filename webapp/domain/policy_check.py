"""Reading a policy that somebody proposes: every fault at once by its field, and nothing in it that would be ignored.

A stored policy is read by ``policy`` alone, which overlooks words that it does not know; a proposed one may hold none, because a
misspelt rule would be a rule that nobody keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any

from webapp.domain.measures import gateable
from webapp.domain.policy import JUDGE, Policy, read_class, read_number, read_policy, read_text
from webapp.domain.prompts.faults import Fault, Faults
from webapp.domain.workflow.stages import RiskClass
from webapp.errors import InvalidInput

SOURCE = "the policy"
DAYS = ("signature_lapse_days", "review_due_days", "signoff_due_days")
TOP = ("name", *DAYS, "classes")
OF_A_MEASURE = ("margin_ppm", "practical_ppm", "threshold_ppm", "only_where_asked")
OF_A_JUDGE = ("model", "questions", *OF_A_MEASURE)
OF_A_CLASS = (
    "measures",
    "least_cases",
    "repeats",
    "worst_cases",
    "passes_unreviewed",
    "review_level",
    "signoff_level",
    "rollout_level",
    "after_rollout",
    "audit_sample",
    "checklist",
    "plan",
    JUDGE,
)
OF_A_STEP = ("kind", "share_basis_points")
IN_ORDER = (*TOP, *OF_A_CLASS, *OF_A_JUDGE, *OF_A_STEP)


def check_policy(document: object) -> Policy:
    """The policy that ``document`` proposes; InvalidInput lists every fault with its field."""
    faults = Faults()
    if not isinstance(document, Mapping):
        raise InvalidInput("The policy is not a mapping; write its fields as `name: value`.")
    for field, sentence in _faults(document):
        faults.add(Fault(SOURCE, field, sentence))
    faults.raise_if_any()
    return read_policy(document)


def in_reading_order(document: Any) -> Any:
    """The same policy with its words in the order in which people read it; canonical JSON keeps none."""
    if isinstance(document, Mapping):
        rank = {word: number for number, word in enumerate(IN_ORDER)}
        names = sorted(document, key=lambda name: (rank.get(name, len(rank)), name))
        return {name: in_reading_order(document[name]) for name in names}
    return [in_reading_order(item) for item in document] if isinstance(document, list) else document


def _faults(document: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    yield from _unknown("", document, TOP)
    yield from _tried("name", lambda: read_text(document, "name"))
    for name in DAYS:
        yield from _tried(name, partial(read_number, document, name, 1, 365))
    classes = document.get("classes")
    if not isinstance(classes, Mapping):
        yield "classes", "The policy's classes is not a mapping."
        return
    yield from _unknown("classes", classes, tuple(risk_class.value for risk_class in RiskClass))
    for risk_class in RiskClass:
        place = f"classes.{risk_class.value}"
        if risk_class.value not in classes:
            yield place, f"The policy has no rules for {risk_class.value}; no class can be left out."
        else:
            yield from _class_faults(place, risk_class.value, classes[risk_class.value])


def _class_faults(place: str, name: str, rules: object) -> Iterator[tuple[str, str]]:
    if isinstance(rules, Mapping):
        yield from _unknown(place, rules, OF_A_CLASS)
        yield from _flag(f"{place}.passes_unreviewed", rules.get("passes_unreviewed"))
        yield from _measure_faults(f"{place}.measures", rules.get("measures"))
        if isinstance(rules.get(JUDGE), Mapping):
            yield from _unknown(f"{place}.{JUDGE}", rules[JUDGE], OF_A_JUDGE)
        yield from _checklist_faults(f"{place}.checklist", rules.get("checklist"))
    yield from _tried(place, lambda: read_class(name, rules))


def _measure_faults(place: str, measures: object) -> Iterator[tuple[str, str]]:
    if not isinstance(measures, Mapping):
        return  # said by the reader of the class
    known = {measure.name for measure in gateable()} | {JUDGE}
    for name, rule in measures.items():
        if name not in known:
            yield f"{place}.{name}", f"There is no such measure to decide on; choose from {', '.join(sorted(known - {JUDGE}))}."  # fmt: skip
        if isinstance(rule, Mapping):
            yield from _unknown(f"{place}.{name}", rule, OF_A_MEASURE)
            yield from _flag(f"{place}.{name}.only_where_asked", rule.get("only_where_asked"))


def _checklist_faults(place: str, items: object) -> Iterator[tuple[str, str]]:
    if isinstance(items, Mapping):
        for name, text in items.items():
            if not isinstance(text, str) or not text.strip():
                yield f"{place}.{name}", "An item of the checklist is a sentence that the reviewer ticks."


def _unknown(place: str, document: Mapping[Any, Any], known: Collection[str]) -> Iterator[tuple[str, str]]:
    for name in document:
        if name not in known:
            where = f"{place}.{name}" if place else str(name)
            yield where, f"This is no word of a policy here; the words are {', '.join(known)}."


def _flag(place: str, value: object) -> Iterator[tuple[str, str]]:
    if value is not None and not isinstance(value, bool):
        yield place, "This is true or false."


def _tried(place: str, read: Callable[[], object]) -> Iterator[tuple[str, str]]:
    try:
        read()
    except InvalidInput as error:
        yield place, error.sentence
