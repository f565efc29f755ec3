"""What people decide in an evaluation: exceptions asked for, critical findings confirmed or dismissed, cases opened."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.case_text import enter_reading
from webapp.acts.manifests import build_manifest
from webapp.acts.perform import Act, perform
from webapp.acts.recording import enter
from webapp.acts.situation import Case, load_change, read_situation
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import CaseOpening, ExceptionRow, FindingRow, Person, Run, SuiteRow
from webapp.domain.workflow import Actor, Stage
from webapp.domain.workflow.evidence import LONGEST_REASON, ExceptionAsked, ExceptionRequest
from webapp.domain.workflow.grants import Right, may
from webapp.domain.workflow.guards import acts_in_a_session, not_a_contributor
from webapp.errors import AlreadyDone, Conflict, InvalidInput, NotFound, Refused, Stale
from webapp.services.evaluation.case_view import CaseView, show_case

DECISIONS = ("confirmed", "dismissed")


def ask_exception(
    outside: Outside, actor: Actor, change_id: str, expected_digest: str, exceptions: Sequence[ExceptionAsked]
) -> Act:
    """The exceptions are asked for and the change is in review; reviewer and physician grant them by naming them."""

    def store(act: Act) -> None:
        change = act.case.change
        for asked in exceptions:
            act.session.add(
                ExceptionRow(
                    id=outside.new_id("exc"),
                    change_id=change.id,
                    revision=change.revision,
                    measure=asked.measure,
                    reason=asked.reason.strip(),
                    ends_on=asked.ends_on,
                    asked_by=actor.id,
                    asked_at=outside.now(),
                )
            )
        build_manifest(outside, act.session, act.case)

    evidence = ExceptionRequest(tuple(exceptions))
    return perform(outside, actor, change_id, "ask_exception", expected_digest, evidence, effect=store)


def decide_finding(
    outside: Outside, actor: Actor, change_id: str, finding_id: str, decision: str, reason: str, expected_digest: str
) -> None:
    """The finding is confirmed or dismissed by this person, with a reason, in the audit log.

    A dismissed finding may still be confirmed by somebody; a confirmed one stays confirmed.
    """
    _require_reason(decision, reason)
    with outside.database.writing() as session:
        case = load_change(session, change_id, locked=True)
        finding = _finding(session, case, finding_id)
        _require_decider(outside, session, case, actor, expected_digest)
        _require_open(session, finding, actor, decision)
        before = finding.decision or "undecided"
        finding.decision, finding.decision_reason = decision, reason.strip()
        finding.decided_by, finding.decided_at = actor.id, outside.now()
        enter(
            outside,
            session,
            actor,
            "finding.decided",
            ("finding", finding.id, None),
            before=(before, case.change.digest),
            after=(decision, case.change.digest),
            payload={"reason": reason.strip(), "case": finding.case_id, "measure": finding.metric},
        )


def open_case(outside: Outside, actor: Actor, change_id: str, case_id: str, *, repeat: int = 0) -> CaseView:
    """The case as this person sees it. That they opened it is kept for those who decide; every look at patient data is entered."""
    view = show_case(outside, actor, change_id, case_id, repeat=repeat)
    if view.run_id is None or view.withheld:
        return view
    is_first = not view.is_opened and (may(actor.roles, Right.REVIEW_CASES) or view.contains_phi)
    if not is_first and not view.is_guarded:
        return view
    with outside.database.writing() as session:
        if is_first:
            _keep_opening(outside, session, actor, view.run_id, case_id)
        if view.is_guarded:
            run = session.get_one(Run, view.run_id)
            enter_reading(outside, session, actor, session.get_one(SuiteRow, run.suite_sha256), case_id)
    return show_case(outside, actor, change_id, case_id, repeat=repeat) if is_first else view


def show_opened(outside: Outside, actor: Actor, change_id: str, case_ids: Sequence[str]) -> dict[str, CaseView]:
    """Cases that this person opened before, shown again on one page; one entry says so for all that are patient data or held out."""
    views = {case_id: show_case(outside, actor, change_id, case_id) for case_id in case_ids}
    read = sorted(case_id for case_id, view in views.items() if view.is_guarded and not view.withheld)
    if read:
        with outside.database.writing() as session:
            run = session.get_one(Run, views[read[0]].run_id)
            enter_reading(outside, session, actor, session.get_one(SuiteRow, run.suite_sha256), " ".join(read))
    return views


def _keep_opening(outside: Outside, session: Session, actor: Actor, run_id: str, case_id: str) -> None:
    run = session.get_one(Run, run_id, with_for_update=True)
    query = select(CaseOpening).where(
        CaseOpening.run_id == run_id, CaseOpening.person_id == actor.id, CaseOpening.case_id == case_id
    )
    if session.scalar(query) is not None:
        return
    session.add(
        CaseOpening(
            id=outside.new_id("opn"), run_id=run_id, person_id=actor.id, case_id=case_id, opened_at=outside.now()
        )
    )
    if session.get_one(SuiteRow, run.suite_sha256).contains_phi:
        enter(outside, session, actor, "case.opened", ("run", run.id, run.number), payload={"case": case_id})


def _require_reason(decision: str, reason: str) -> None:
    if decision not in DECISIONS:
        raise InvalidInput("Choose whether to confirm or to dismiss the finding.")
    if not reason.strip():
        raise InvalidInput("Write why you confirm or dismiss the finding.")
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(f"At most {LONGEST_REASON} characters, please; this has {len(reason)}.")


def _finding(session: Session, case: Case, finding_id: str) -> FindingRow:
    finding = session.get(FindingRow, finding_id)
    if finding is None or case.run is None or finding.run_id != case.run.id:
        raise NotFound("This finding does not belong to the present evaluation of the change; load the page again.")
    return finding


def _require_decider(outside: Outside, session: Session, case: Case, actor: Actor, expected_digest: str) -> None:
    if not may(actor.roles, Right.DECIDE_FINDING):
        raise Refused("Deciding a critical finding needs the role clinical informaticist.", code="role")
    situation = read_situation(outside, session, case, actor)
    for guard in (acts_in_a_session, not_a_contributor):
        if refusal := guard(situation):
            raise Refused(refusal.sentence, code=refusal.code)
    state = {"stage": case.change.stage, "digest": case.change.digest, "revision": case.change.revision}
    if case.change.digest != expected_digest:
        raise Stale("This page is older than the change; look at what is new before you decide.", details=state)
    if case.change.stage != Stage.REVIEW.value:
        raise Conflict("Critical findings are decided while the change is in review.", details=state)


def _require_open(session: Session, finding: FindingRow, actor: Actor, decision: str) -> None:
    if finding.decision == decision and finding.decided_by == actor.id:
        raise AlreadyDone("You already did this; it is recorded once.")
    if finding.decision == decision or finding.decision == "confirmed":
        person = session.get(Person, finding.decided_by or "")
        raise Conflict(
            f"{person.name if person else 'Somebody'} already {finding.decision} this finding.", code="decided"
        )
