"""What an erasure takes and what it leaves: the plan that two people sign, by digest.

Never taken: entries, envelopes, release contents (manifests), prompt bytes, policies, signatures with name, meaning and time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.retention import SUITE, Calendar
from webapp.adapters.store.schema import FindingRow, Leaf, Payload, Result, Signature, SuiteRow
from webapp.domain.record.canonical import digest_of
from webapp.services.retention.texts import ROW_WORDS, changes_of, runs_of, texts_of

KIND = "prompt-formulary/erasure/v1"
DOCUMENTS = ("payload", "result", "suite")
DOCUMENT_WORDS = {
    "payload": "texts typed with entries, and what was displayed at signatures",
    "result": "result documents of runs",
    "suite": "case text of the test set",
}
STAYS = (
    "every entry of the audit log, with its digest",
    "every signature: name, role, meaning, date and time, and the envelope that proves it",
    "release contents and prompt versions, byte for byte",
    "figures of runs: verdicts, numbers of cases, tokens, cost and time",
)


def plan_of(session: Session, calendar: Calendar, kind: str, subject: str) -> dict[str, Any]:
    """The plan as it is signed: every document by digest, and how many rows of each kind lose their text."""
    changes = changes_of(calendar, kind, subject)
    documents = {
        "payload": sorted(_payloads(session, kind, subject, changes)),
        "result": sorted(_results(session, kind, subject)),
        "suite": [subject] if kind == SUITE and _has_cases(session, subject) else [],
    }
    rows = {}
    for texts in texts_of(calendar, kind, subject):
        count = session.scalar(select(func.count()).select_from(texts.left.order_by(None).subquery())) or 0
        if count:
            rows[texts.name] = count
    return {"v": 1, "kind": KIND, "erase": kind, "subject": subject, "documents": documents, "rows": rows}


def plan_digest(plan: Mapping[str, Any]) -> str:
    """What both people sign."""
    return digest_of(plan)


def is_empty(plan: Mapping[str, Any]) -> bool:
    """Is there nothing left to erase?"""
    return not plan["rows"] and not any(plan["documents"].values())


def size_of(plan: Mapping[str, Any]) -> int:
    """How many documents and rows go."""
    return int(sum(plan["rows"].values()) + sum(len(digests) for digests in plan["documents"].values()))


def plan_words(plan: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """What goes, in words, with how many of each."""
    documents = [(DOCUMENT_WORDS[name], len(plan["documents"][name])) for name in DOCUMENTS]
    rows = [(ROW_WORDS[name], count) for name, count in plan["rows"].items()]
    return tuple((words, count) for words, count in (*documents, *rows) if count)


def _payloads(session: Session, kind: str, subject: str, changes: Sequence[str]) -> set[str]:
    """Typed texts of the entries about the change or test set, and what was displayed at the changes' signatures, as far as stored."""
    runs = runs_of(kind, subject)
    findings = select(FindingRow.id).where(FindingRow.run_id.in_(runs))
    about: list[tuple[str, Any]] = [("run", runs), ("finding", findings)]
    about.append((kind, select(Leaf.entity_id).where(Leaf.entity_type == kind, Leaf.entity_id == subject)))
    wanted = set()
    for entity, ids in about:
        leaves = select(Leaf.content).where(Leaf.entity_type == entity, Leaf.entity_id.in_(ids))
        wanted |= {payload["sha256"] for row in session.scalars(leaves) if (payload := json.loads(row)["payload"])}
    wanted |= set(session.scalars(select(Signature.display_sha256).where(Signature.change_id.in_(changes))))
    kept_for_others = select(Signature.display_sha256).where(
        Signature.change_id.is_(None) | Signature.change_id.not_in(changes)
    )
    wanted -= set(session.scalars(kept_for_others))
    return set(session.scalars(select(Payload.sha256).where(Payload.sha256.in_(wanted)))) if wanted else set()


def _results(session: Session, kind: str, subject: str) -> list[str]:
    runs = runs_of(kind, subject)
    return list(session.scalars(select(Result.sha256).where(Result.run_id.in_(runs), func.length(Result.content) > 0)))


def _has_cases(session: Session, sha256: str) -> bool:
    return session.scalar(select(func.length(SuiteRow.content)).where(SuiteRow.sha256 == sha256)) not in (None, 0)
