"""What a person hands in with a move checks itself, and becomes a document for the payload."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.domain.workflow.situations import FITTING, NOW, SHORT, fitting, ready
from webapp.domain.record.canonical import canonical
from webapp.domain.workflow import MOVES, Move, RiskClass, Situation, refusals_of
from webapp.domain.workflow.evidence import (
    Approval,
    ClassConfirmed,
    ClassDecision,
    ClassRaised,
    Conclusion,
    Decision,
    Evidence,
    ExceptionAsked,
    ExceptionRequest,
    Hold,
    Reason,
    Rewording,
)

TODAY = NOW.date()
SITUATION = replace(ready(next(move for move in MOVES if move.name == "approve")), run=SHORT)
LONG = "x" * 2_001


def code(evidence: Evidence, **facts: Any) -> str | None:
    """The code of the evidence's own refusal."""
    situation: Situation = replace(SITUATION, **facts)
    refusal = evidence.refusal(situation)
    assert refusal is None or refusal.sentence.endswith(".")
    return None if refusal is None else refusal.code


def asked(measure: str = "accuracy", reason: str = "Two labels are wrong.", ends_on: date = date(2026, 5, 1)) -> ExceptionAsked:  # fmt: skip
    """An exception asked for, good unless told otherwise."""
    return ExceptionAsked(measure, reason, ends_on)


@pytest.mark.parametrize("move", MOVES, ids=lambda m: f"{m.source}-{m.name}-{m.target}")
def test_a_move_takes_its_own_kind_of_evidence_and_no_other(move: Move) -> None:
    for kind, evidence in FITTING.items():
        codes = [refusal.code for refusal in refusals_of(move, ready(move), evidence)]
        assert codes == ([] if kind is move.evidence else ["evidence"])


def test_a_subclass_does_not_pass_for_its_parent() -> None:
    """An approval is no signature, a hold no plain reason: the types are compared exactly."""
    sign = next(move for move in MOVES if move.name == "sign")
    assert [r.code for r in refusals_of(sign, ready(sign), Approval("Good.", changes_confirmed=True))] == ["evidence"]


def test_every_kind_of_evidence_belongs_to_a_move() -> None:
    assert {move.evidence for move in MOVES} == set(FITTING)


@pytest.mark.parametrize("evidence", FITTING.values(), ids=lambda e: type(e).__name__)
def test_typed_content_becomes_a_canonical_document_with_every_field(evidence: Evidence) -> None:
    document = evidence.document()
    assert set(document) == set(type(evidence).__dataclass_fields__)
    assert canonical(document)


def test_dates_and_lists_stand_in_the_document_as_texts_and_lists() -> None:
    assert ExceptionRequest((asked(),)).document() == {
        "exceptions": [{"measure": "accuracy", "reason": "Two labels are wrong.", "ends_on": "2026-05-01"}]
    }
    assert ClassRaised(RiskClass.HIGH_RISK).document() == {"risk_class": "high_risk"}
    assert Evidence().document() == {}


@pytest.mark.parametrize(
    ("reason", "expected"), [("", "text_missing"), (" \n\t", "text_missing"), (LONG, "text_too_long"), (LONG[1:], None)]
)
def test_a_reason_is_written_and_short_enough_to_be_read(reason: str, expected: str | None) -> None:
    assert code(Reason(reason)) == code(Hold(reason)) == expected


@pytest.mark.parametrize(("mode", "expected"), [("freeze", None), ("live", None), ("", "mode"), ("stop", "mode")])
def test_a_hold_says_which_of_its_two_kinds_it_is(mode: str, expected: str | None) -> None:
    assert code(Hold("A nurse called.", mode=mode)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [("", "text_missing"), ("  ", "text_missing"), ("x" * 300, None), ("x" * 301, "text_too_long")],
)
def test_what_changes_fits_in_three_hundred_characters(changes: str, expected: str | None) -> None:
    assert code(Rewording(changes)) == expected


@pytest.mark.parametrize(
    ("exceptions", "expected"),
    [
        ((asked(),), None),
        ((), "not_all"),
        ((asked(), asked(ends_on=date(2026, 4, 1))), "not_all"),
        ((asked("cost"),), "not_short"),
        ((asked(), asked("cost")), "not_short"),
        ((asked(reason=""),), "text_missing"),
        ((asked(reason=LONG),), "text_too_long"),
        ((asked(ends_on=TODAY),), "end_date"),
        ((asked(ends_on=date(2026, 3, 11)),), None),
        ((asked(ends_on=date(2026, 6, 8)),), None),
        ((asked(ends_on=date(2026, 6, 9)),), "end_date"),
    ],
)
def test_an_exception_names_measure_reason_and_an_end_within_ninety_days(
    exceptions: tuple[ExceptionAsked, ...], expected: str | None
) -> None:
    assert code(ExceptionRequest(exceptions)) == expected


def test_every_measure_that_fell_short_is_named() -> None:
    both = replace(SHORT, short_measures=("accuracy", "cost"))
    assert code(ExceptionRequest((asked(),)), run=both) == "not_all"
    assert code(ExceptionRequest((asked("cost"), asked())), run=both) is None


def test_where_no_measure_is_known_to_have_fallen_short_there_is_nothing_to_except() -> None:
    unknown = replace(SHORT, short_measures=())
    assert code(ExceptionRequest(()), run=unknown) == "not_all"
    assert code(ExceptionRequest((asked(),)), run=unknown) == "not_short"


CLASSES = list(RiskClass)


@pytest.mark.parametrize("named", CLASSES)
@pytest.mark.parametrize("present", CLASSES)
def test_a_class_is_confirmed_as_it_is_or_raised_and_never_lowered(present: RiskClass, named: RiskClass) -> None:
    difference = CLASSES.index(named) - CLASSES.index(present)
    assert code(ClassConfirmed(named), risk_class=present) == (None if difference == 0 else "other_class")
    assert code(ClassRaised(named), risk_class=present) == (None if difference > 0 else "not_higher")
    assert code(ClassDecision(named), risk_class=present) == (None if difference >= 0 else "lowers_class")


@pytest.mark.parametrize(
    ("asked_for", "granted", "expected"),
    [
        ((), (), None),
        (("accuracy",), ("accuracy",), None),
        (("accuracy", "cost"), ("cost", "accuracy"), None),
        (("accuracy",), (), "exceptions"),
        (("accuracy", "cost"), ("accuracy",), "exceptions"),
        ((), ("accuracy",), "exceptions"),
        (("accuracy",), ("cost",), "exceptions"),
    ],
)
def test_an_exception_is_granted_by_naming_exactly_those_asked_for(
    asked_for: tuple[str, ...], granted: tuple[str, ...], expected: str | None
) -> None:
    approval = Approval("Good.", granted, changes_confirmed=True)
    assert code(Decision("", granted), exceptions_asked=asked_for) == expected
    assert code(approval, exceptions_asked=asked_for) == expected


def test_a_signature_needs_no_sentence_but_a_sentence_has_an_end() -> None:
    assert code(Decision()) is None
    assert code(Decision(LONG)) == "text_too_long"


def test_a_reviewer_writes_a_sentence_and_confirms_what_changes() -> None:
    assert code(Approval(" ", changes_confirmed=True)) == "sentence"
    assert code(Approval("Good.")) == "changes"
    assert code(Approval("Good.", changes_confirmed=True)) is None
    assert code(Approval(LONG, changes_confirmed=True)) == "text_too_long"


@pytest.mark.parametrize(
    ("conclusion", "expected"),
    [
        (Conclusion("Kept.", date(2026, 3, 11)), None),
        (Conclusion("Kept.", date(2027, 3, 11)), None),
        (Conclusion("Kept.", date(2027, 3, 12)), "next_review"),
        (Conclusion("Kept.", TODAY), "next_review"),
        (Conclusion("", date(2026, 9, 1)), "text_missing"),
        (Conclusion(LONG, date(2026, 9, 1)), "text_too_long"),
        (Conclusion("Not kept.", date(2026, 9, 1), conclusion="roll_back"), "conclusion"),
    ],
)
def test_a_conclusion_keeps_the_release_and_sets_the_next_review_within_a_year(
    conclusion: Conclusion, expected: str | None
) -> None:
    assert code(conclusion) == expected


def test_bad_evidence_and_a_failed_guard_are_told_together() -> None:
    reject = next(move for move in MOVES if move.name == "reject")
    situation = ready(reject)
    situation = replace(situation, contributors=situation.contributors | {situation.actor.id})
    assert [r.code for r in refusals_of(reject, situation, Reason(""))] == ["contributor", "text_missing"]
    assert [r.code for r in refusals_of(reject, situation, fitting(reject))] == ["contributor"]
