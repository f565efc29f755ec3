"""Erasing what two people confirmed: by workers, in small steps that each stand alone, so that a killed one goes on where it ended.

Each document gets its entry ``payload.erased`` in the step that takes its bytes away; texts in columns are counted into the last
entry. A hold placed meanwhile stops the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.acts import jobs
from webapp.acts.actors import SYSTEM, actor_of
from webapp.acts.recording import enter, number_entries
from webapp.acts.retention import Calendar, hold_over, hold_sentence, load_calendar
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Erased, Erasure, Job, Payload, Person, Result, SuiteRow
from webapp.adapters.store.scrubbing import scrub, without_traces
from webapp.domain.workflow import Actor
from webapp.errors import Conflict
from webapp.services.retention.asking import ERASURE_JOB
from webapp.services.retention.planning import DOCUMENTS
from webapp.services.retention.rules import take_turn
from webapp.services.retention.texts import texts_of

__all__ = ["ERASURE_JOB", "execute_erasure", "fail_erasure"]

DOCUMENTS_AT_ONCE = 25
ROWS_AT_ONCE = 200
LONGEST_FAILURE = 500
TAKEN_OVER = "fenced"


def execute_erasure(outside: Outside, job: Job, *, is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Everything of the plan is gone and the erasure is complete; or stopped by a hold; or given back for another worker."""
    try:
        while _step(outside, job):
            if is_stopping():
                jobs.give_back(outside, job.id, job.fence)
                return
    except Conflict as error:
        if error.code != TAKEN_OVER:
            raise
        return
    scrub(outside.database)


def fail_erasure(outside: Outside, job: Job, sentence: str) -> None:
    """The erasure has stopped visibly, with its job; what is erased is entered, and the rest can be asked for again."""
    with outside.database.writing() as session:
        jobs.fail(outside, session, job.id, job.fence, sentence)
        _stop(outside, session, session.get_one(Erasure, job.subject_id), sentence, "failed")


def _step(outside: Outside, job: Job) -> bool:
    """One step in one transaction; False when it was the last."""
    with outside.database.writing() as session:
        jobs.renew(outside, session, job.id, job.fence, made_progress=True)
        without_traces(session)
        take_turn(session)
        row = session.get_one(Erasure, job.subject_id, with_for_update=True)
        calendar = load_calendar(session)
        hold = hold_over(session, calendar, row.kind, row.subject)
        if hold is not None:
            _stop(outside, session, row, hold_sentence(session, hold), "held")
        else:
            done = _erase_documents(outside, session, row) or _erase_texts(session, calendar, row)
            row.done += done
            if done:
                return True
            _conclude(outside, session, row)
        jobs.finish(outside, session, job.id, job.fence)
        return False


def _erase_documents(outside: Outside, session: Session, row: Erasure) -> int:
    """The next documents of the plan are gone, each with its entry; returns how many."""
    pairs = [(name, digest) for name in DOCUMENTS for digest in row.plan["documents"][name]]
    gone = set(session.scalars(select(Erased.sha256).where(Erased.sha256.in_([digest for _, digest in pairs]))))
    left = [pair for pair in pairs if pair[1] not in gone][:DOCUMENTS_AT_ONCE]
    by = _by_whom(session, row)
    rows = [_enter_erased(outside, session, by, row, digest) for _, digest in left]
    number_entries(session)  # texts of what has ended: nobody who waits for the log holds a row of these
    session.add_all(rows)
    session.flush()
    for name, digest in left:
        _take_away(session, name, digest)
    return len(left)


def _enter_erased(outside: Outside, session: Session, by: Actor, row: Erasure, digest: str) -> Erased:
    """What stands in the store of this document's entry; not stored yet, because the entry has no number yet."""
    erased = Erased(sha256=digest, erasure_id=row.id, entry_seq=0, erased_at=outside.now())
    enter(
        outside,
        session,
        by,
        "payload.erased",
        ("payload", digest, None),
        before=("stored", digest),
        after=("erased", None),
        reason="retention_over",
        attest=(row.request_envelope, row.confirm_envelope or ""),
        numbered=erased,
    )
    return erased


def _take_away(session: Session, name: str, digest: str) -> None:
    if name == "payload":
        session.execute(delete(Payload).where(Payload.sha256 == digest))
    else:
        table: Any = Result if name == "result" else SuiteRow
        session.execute(
            update(table).where(table.sha256 == digest).values(content=b"").execution_options(synchronize_session=False)
        )


def _erase_texts(session: Session, calendar: Calendar, row: Erasure) -> int:
    """The next rows of one table have no text any more; returns how many."""
    for texts in texts_of(calendar, row.kind, row.subject):
        ids: Sequence[Any] = session.scalars(texts.left.limit(ROWS_AT_ONCE)).all()
        if ids:
            emptied = update(texts.table).where(texts.table.id.in_(ids)).values(**texts.emptied)
            session.execute(emptied.execution_options(synchronize_session=False))
            return len(ids)
    return 0


def _conclude(outside: Outside, session: Session, row: Erasure) -> None:
    row.state, row.concluded_at, row.planned = "complete", outside.now(), row.done
    payload = {"documents": {name: len(row.plan["documents"][name]) for name in DOCUMENTS}, "rows": row.plan["rows"]}
    _enter_end(outside, session, row, "erasure.completed", row.kind, payload)


def _stop(outside: Outside, session: Session, row: Erasure, sentence: str, reason: str) -> None:
    row.state, row.failure, row.concluded_at = "stopped", sentence[:LONGEST_FAILURE], outside.now()
    _enter_end(outside, session, row, "erasure.stopped", reason, {"done": row.done, "planned": row.planned})


def _enter_end(
    outside: Outside, session: Session, row: Erasure, kind: str, reason: str, payload: dict[str, Any]
) -> None:
    after = (row.state, row.plan_sha256)
    enter(outside, session, SYSTEM, kind, ("erasure", row.id, None), after=after, reason=reason, payload=payload)


def _by_whom(session: Session, row: Erasure) -> Actor:
    """Whoever confirmed it, by way of a worker; both signatures are named by the entry."""
    return actor_of(session.get_one(Person, row.confirmed_by or ""), "worker")
