"""A graded failure becomes a case: the test set of the change has one more version, with one more regression case.

Who makes a case does not become a contributor of the change. What must not live here: judging whether it was a failure;
the person who makes the case says what was wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from webapp.acts.audit_facts import grades_by_sample
from webapp.acts.case_text import require_reader
from webapp.acts.cases_shown import find_case
from webapp.acts.recording import enter
from webapp.acts.situation import load_change
from webapp.acts.suites import grown_version, store_suite
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import AuditSample, Interaction, SuiteRow
from webapp.domain.post_audit import is_failure
from webapp.domain.prompts.suite import Case, Suite, case_document, read_suite, suite_digest
from webapp.domain.workflow import Actor
from webapp.domain.workflow.evidence import LONGEST_REASON
from webapp.domain.workflow.grants import Right, may
from webapp.errors import Conflict, InvalidInput, NotFound, Refused

SOURCE = "the new case"
CATEGORY = "regression"


@dataclass(frozen=True)
class Failure:
    """What failed: a case of the present run, or an answer of the follow-up audit. One of both is named."""

    change_id: str
    case_id: str | None = None
    sample_id: str | None = None


@dataclass(frozen=True)
class CaseGiven:
    """What the person says of it. ``must_say`` and ``must_not_say`` are added to what the failed case expects already."""

    id: str
    why: str
    must_say: tuple[str, ...] = ()
    must_not_say: tuple[str, ...] = ()
    holds_phi: bool = False


@dataclass(frozen=True)
class MakingView:
    """What the form starts from. ``is_real``: the text comes from a hospital's application, not from a test set."""

    change_id: str
    title: str
    words: str
    suite_name: str
    contains_phi: bool
    suggested_id: str
    is_real: bool


def show_making(outside: Outside, actor: Actor, failure: Failure) -> MakingView:
    """The form to make a case of this failure; Refused or NotFound where there is none to make."""
    _require_right(actor)
    with outside.database.reading() as session:
        change = load_change(session, failure.change_id).change
        base, case = _failed(session, actor, failure)
        ids = {row["id"] for row in map(json.loads, base.content.splitlines())}
    words = f"case {failure.case_id}" if failure.case_id else "an answer of the follow-up audit"
    is_real = failure.sample_id is not None
    return MakingView(
        change.id, change.title, words, base.name, base.contains_phi, _free(case.id, ids), is_real
    )  # fmt: skip


def make_case(outside: Outside, actor: Actor, failure: Failure, given: CaseGiven) -> str:
    """The next version of the test set holds the case too; returns its digest. New changes of the prompt run on it."""
    _require_right(actor)
    if not given.why.strip():
        raise InvalidInput("Write what was wrong with the answer.", details={"field": "why"})
    if len(given.why) > LONGEST_REASON:
        raise InvalidInput(f"At most {LONGEST_REASON} characters, please.", details={"field": "why"})
    with outside.database.writing() as session:
        base, failed = _failed(session, actor, failure)
        case = _checked(_made(failed, given))
        cases = read_suite(base.content, base.name).cases
        if case.id in {one.id for one in cases}:
            raise InvalidInput(
                f"The test set has a case {case.id} already; choose another id.", details={"field": "id"}
            )
        suite = Suite(base.name, (*cases, case), suite_digest((*cases, case)))
        row = store_suite(
            outside, session, actor, suite, contains_phi=given.holds_phi, grown_from=base.sha256, source=SOURCE
        )  # fmt: skip
        payload: dict[str, Any] = {"case": case.id, "why": given.why.strip(), "from": dict(case.provenance)}
        enter(outside, session, actor, "suite.case_made", ("suite", row.sha256, row.number), payload=payload)
    return row.sha256


def _require_right(actor: Actor) -> None:
    if not may(actor.roles, Right.MAKE_CASE):
        raise Refused("Cases are made by authors, informaticists and physicians.", code="role")


def _failed(session: Session, actor: Actor, failure: Failure) -> tuple[SuiteRow, Case]:
    """The newest version with the cases made so far, and the failure as a case of it with its provenance."""
    found = load_change(session, failure.change_id)
    digest = found.revision.suite_sha256 if found.revision else None
    if failure.case_id is not None:
        if found.run is None:
            raise NotFound("This change has no evaluation yet.")
        digest = found.run.suite_sha256
    suite = session.get(SuiteRow, digest or "")
    if suite is None:
        raise NotFound("This change has no test set yet.")
    require_reader(actor, suite)
    base = grown_version(session, suite)
    if failure.case_id is not None and found.run is not None:
        made_from = {"change": failure.change_id, "run": found.run.id, "case": failure.case_id}
        return base, replace(find_case(suite, failure.case_id), provenance=made_from)
    return base, _of_audit(session, base, failure)


def _of_audit(session: Session, base: SuiteRow, failure: Failure) -> Case:
    sample = session.get(AuditSample, failure.sample_id or "")
    if sample is None or sample.change_id != failure.change_id:
        raise NotFound("This answer is not part of the sample.")
    if not is_failure(grades_by_sample(session, failure.change_id).get(sample.id, [])):
        raise Conflict("Only an answer that was graded twice and found wrong or harmful becomes a case.")
    text = session.get_one(Interaction, sample.interaction_id).request_text
    if not text:
        raise Conflict("The application sent no text; write the case from the record and import it with the test set.")
    made_from = {"change": failure.change_id, "audit": sample.label}
    return Case(f"audit-{sample.label}", CATEGORY, {_variable(base): text}, provenance=made_from)


def _variable(base: SuiteRow) -> str:
    """The one template variable that the test set gives a value; Conflict where it gives several."""
    first: Mapping[str, Any] = json.loads(base.content.split(b"\n", 1)[0])
    names = list(first["inputs"])
    if len(names) != 1:
        raise Conflict(
            f"The template takes {', '.join(names)}, and applications report one text; write the case yourself and import it."
        )
    return str(names[0])


def _made(failed: Case, given: CaseGiven) -> Case:
    expected = replace(
        failed.expected,
        must_include=tuple(dict.fromkeys((*failed.expected.must_include, *given.must_say))),
        must_not_include=tuple(dict.fromkeys((*failed.expected.must_not_include, *given.must_not_say))),
    )
    return replace(failed, id=given.id.strip(), category=CATEGORY, expected=expected, supersedes=None)


def _checked(case: Case) -> Case:
    """The case as the reader of test sets takes it; InvalidInput with what is wrong."""
    try:
        return read_suite(json.dumps(case_document(case)).encode(), SOURCE).cases[0]
    except InvalidInput as error:
        rows = error.details.get("faults", [])
        details = {**error.details, "field": "id"} if rows and rows[0]["field"] == "id" else error.details
        raise InvalidInput(rows[0]["sentence"] if rows else error.sentence, details=details) from None


def _free(wanted: str, taken: set[str]) -> str:
    """An id like ``case-001-r1`` that no case has."""
    stem = re.sub(r"-r[0-9]+$", "", wanted)[:90]
    return next(id for number in range(1, len(taken) + 2) if (id := f"{stem}-r{number}") not in taken)
