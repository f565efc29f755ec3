"""Problems that people report with one answer: stored with their call, told at once to those who must know.

What must not live here: who is told and how often (``alerting``).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.masker import mask
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Interaction, ProblemReport
from webapp.domain.prompts.kinds import storable
from webapp.errors import Conflict, InvalidInput, Refused
from webapp.services.interactions.alert_words import PROBLEM
from webapp.services.interactions.alerting import Signal, note_signals
from webapp.services.interactions.reading import Report
from webapp.services.interactions.served import Served
from webapp.services.interactions.storing import NOT_ALLOWED, Call, Texts, believed, row_of

LONGEST_PROBLEM = 500
NOT_FOR_THIS = "This token is not for this prompt; report the problem to your formulary team by telephone."
UNKNOWN_MODEL = "unknown"
"""Stands where a problem came before the report of its call."""


def report_problem(outside: Outside, token_id: str, decision_id: str, what: str, reached_patient: bool) -> bool:
    """A problem is stored with its call and counts at once as possible harm where it reached the patient; False if unknown.

    The same words about the same answer count once. Refused where the token is not for the prompt.
    """
    if not storable(what):
        raise InvalidInput("What you wrote holds a NUL or half a character; remove it.")
    words, _ = mask(what)
    try:
        return _store(outside, token_id, decision_id, words[:LONGEST_PROBLEM], reached_patient)
    except Conflict:  # the same report was stored by another request meanwhile
        return _store(outside, token_id, decision_id, words[:LONGEST_PROBLEM], reached_patient)


def _store(outside: Outside, token_id: str, decision_id: str, words: str, reached_patient: bool) -> bool:
    item = Report(outside.new_id("prb"), decision_id, outside.now(), UNKNOWN_MODEL)
    digest = outside.keyring.mac(f"problem:{decision_id}:{reached_patient}:{words}".encode())
    with outside.database.writing() as session:
        served = Served(outside, session, token_id)
        call = believed(outside, served, item)
        if not isinstance(call, Call):
            if call == NOT_ALLOWED:
                raise Refused(NOT_FOR_THIS, code=NOT_ALLOWED)
            return False
        if _is_known(session, token_id, digest):
            return True
        row = _call_row(outside, session, token_id, call)
        row.harm_reported = row.harm_reported or reached_patient
        row.outcome = row.outcome or "rejected"
        (alert,) = note_signals(outside, served, [Signal(PROBLEM, call.release_id, is_critical=reached_patient)])
        session.add(
            ProblemReport(
                id=outside.new_id("prb"),
                prompt_id=row.prompt_id,
                release_id=call.release_id,
                interaction_id=row.id,
                token_id=token_id,
                alert_id=alert.id,
                words=words,
                words_sha256=digest,
                reached_patient=reached_patient,
                received_at=outside.now(),
            )
        )
    return True


def _is_known(session: Session, token_id: str, digest: str) -> bool:
    query = select(ProblemReport.id).where(ProblemReport.token_id == token_id, ProblemReport.words_sha256 == digest)
    return session.scalar(query) is not None


def _call_row(outside: Outside, session: Session, token_id: str, call: Call) -> Interaction:
    """The call whose answer somebody saw; a row of its own where it was not reported yet."""
    query = select(Interaction).where(Interaction.decision_id == call.item.decision_id, Interaction.is_displayed)
    row = session.scalars(query.order_by(Interaction.id).limit(1)).first()
    if row is None:
        row = Interaction(**row_of(call, token_id, Texts(), outside.now()))
        session.add(row)
        session.flush()
    return row
