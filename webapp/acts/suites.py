"""Storing a test set by its digest; a stored one is never edited."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import SuiteRow
from webapp.domain.prompts.suite import Suite
from webapp.domain.workflow import Actor


def store_suite(
    outside: Outside, session: Session, actor: Actor, suite: Suite, *, contains_phi: bool = False
) -> SuiteRow:
    """The test set is stored and entered; one that is already there is left as it is."""
    known = session.get(SuiteRow, suite.digest)
    if known is not None:
        return known
    row = SuiteRow(
        sha256=suite.digest,
        name=suite.name,
        content=suite.to_jsonl(),
        case_count=len(suite.cases),
        contains_phi=contains_phi,
        is_held_out=False,
        stored_by=actor.id,
        stored_at=outside.now(),
    )
    session.add(row)
    session.flush()
    enter(outside, session, actor, "suite.stored", ("suite", suite.digest, None), after=("stored", suite.digest))
    return row
