"""What a form hands in with a signed move, read as the evidence of that move: for asking a passkey before the form is sent.

What must not live here: taking the move (its room).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import request

from webapp.domain.workflow import MOVES, RiskClass
from webapp.domain.workflow.evidence import (
    Approval,
    ClassConfirmed,
    ClassRaised,
    Conclusion,
    Decision,
    Evidence,
    Hold,
    Narrowing,
    Reason,
)
from webapp.errors import InvalidInput, NotFound
from webapp.web import plan_form
from webapp.web.deciding import typed

EVIDENCE = {move.name: move.evidence for move in MOVES if move.meaning}


def read_evidence(name: str) -> Evidence | None:
    """The evidence that the form holds for the move ``name``; None where a class is confirmed. NotFound for an unsigned move."""
    kind = EVIDENCE.get(name)
    if kind is None:
        raise NotFound("There is no signed act of this name.")
    return _READ[kind]()


def read_day(text: str) -> date:
    """A day as forms send it; InvalidInput names the field of the next review."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        sentence = "Write the next review date as year-month-day, like 2027-03-31."
        raise InvalidInput(sentence, details={"field": "next_review_on"}) from error


def _approval() -> Evidence:
    return Approval(typed("sentence").strip(), _exceptions(), typed("changes_confirmed") == "yes")


def _decision() -> Evidence:
    return Decision(typed("sentence").strip(), _exceptions())


def _exceptions() -> tuple[str, ...]:
    return tuple(request.form.getlist("exceptions"))


def _class_raised() -> Evidence:
    wanted = typed("risk_class")
    if wanted not in list(RiskClass):
        raise InvalidInput("Choose a risk class: administrative, clinical or high risk.")
    return ClassRaised(RiskClass(wanted))


def read_narrowing() -> Narrowing:
    """What is left of the plan as the editor sent it; InvalidInput names a field that cannot be read."""
    fields = plan_form.fields_sent(request.form)
    if fields is None:
        raise InvalidInput("The form came without its plan; load the page again.")
    document = plan_form.document_of(fields)
    return Narrowing(typed("reason"), fields.first, tuple(document["steps"]), document["offline_seconds"])


_READ: dict[type[Evidence], Callable[[], Evidence | None]] = {
    Approval: _approval,
    ClassConfirmed: lambda: None,
    ClassRaised: _class_raised,
    Conclusion: lambda: Conclusion(typed("reason"), read_day(typed("next_review_on"))),
    Decision: _decision,
    Hold: lambda: Hold(typed("reason"), typed("mode")),
    Narrowing: read_narrowing,
    Reason: lambda: Reason(typed("reason")),
}
