"""Who reads what people typed with an entry: it may quote a case, name a person's address, or be a grade that others must not see yet.

What must not live here: the entry itself, which everybody reads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.audit_facts import audit_facts
from webapp.acts.case_text import UNOPENED, reader_of, withheld_from
from webapp.acts.things import change_behind
from webapp.adapters.store.schema import Leaf, Run, SuiteRow
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may

QUOTE_A_CASE = frozenset({"comment.written", "finding.decided", "suite.case_made"})
QUOTE_AN_ANSWER = frozenset({"audit.graded", "audit.adjudicated"})
NAME_SOMEBODY = frozenset({"person", "token"})
BLIND = "A grade is shown when every grade of its audit is in, because graders are blind to each other."
ANSWERS = "Withheld: this may quote an answer about a patient, and your roles do not let you read those."
PERSONAL = "Withheld: this names somebody's address or device. Administrators, auditors and the person read it."


def why_withheld(session: Session, actor: Actor, leaf: Leaf, payload: bytes) -> str | None:
    """Why this person is not shown what was typed; None where it may be read."""
    if leaf.type == "audit.graded" and _is_blind(session, leaf.entity_id):
        return BLIND
    if leaf.type in QUOTE_AN_ANSWER and not may(actor.roles, Right.READ_PHI_CASES):
        return ANSWERS
    if leaf.entity_type in NAME_SOMEBODY or leaf.type == "contributor.mapped":
        is_own = actor.id in (leaf.actor_id, leaf.entity_id)
        return None if is_own or may(actor.roles, Right.READ_PEOPLE) else PERSONAL
    if leaf.type in QUOTE_A_CASE:
        return _case_withheld(session, actor, leaf, _case_of(payload))
    return None


def _is_blind(session: Session, change_id: str) -> bool:
    """Does the audit still wait for grades?"""
    facts = audit_facts(session, change_id)
    return bool(facts.ungraded or facts.open_disagreements)


def _case_of(payload: bytes) -> str | None:
    """The case that the payload is about; None where it names none."""
    document: Mapping[str, Any] = json.loads(payload)
    anchor = document.get("anchor")
    named = document.get("case") or (anchor.get("case") if isinstance(anchor, dict) else None)
    return None if named is None else str(named)


def _case_withheld(session: Session, actor: Actor, leaf: Leaf, case_id: str | None) -> str | None:
    """Why words about this case are not for this person: the strictest rule of the test sets that it may come from."""
    if case_id is None:
        return None
    if leaf.entity_type == "suite":
        suite = session.get(SuiteRow, leaf.entity_id)
        return None if suite is None else withheld_from(actor, suite) or (UNOPENED if suite.contains_phi else None)
    change_id = change_behind(session, leaf.entity_type, leaf.entity_id)
    runs = session.scalars(select(Run).where(Run.change_id == change_id)).all()
    readers = [reader_of(session, actor, run) for run in runs]
    withheld = next((reader.withheld for reader in readers if reader.withheld), None)
    is_closed = any(reader.contains_phi for reader in readers) and not any(case_id in one.opened for one in readers)
    return withheld or (UNOPENED if is_closed else None)
