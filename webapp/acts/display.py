"""What a person is shown before deciding, as one canonical document: pages render it, signatures carry its digest.

What must not live here: how it looks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.results import open_result
from webapp.acts.situation import Case, signoffs_of
from webapp.acts.version_texts import fields_of
from webapp.adapters.store.schema import (
    Comment,
    ExceptionRow,
    FindingRow,
    Manifest,
    Person,
    Release,
    Signature,
    Version,
)
from webapp.domain.record.canonical import normalised
from webapp.domain.workflow import Move
from webapp.domain.workflow.moves import APPROVALS
from webapp.domain.workflow.offers import STOPPING


def shown_for(session: Session, case: Case, move: Move) -> dict[str, Any]:
    """What is shown to whoever takes this move. Stopping shows what is stopped and reads no text or evidence, damaged or not."""
    return _stopping_document(case) if move.name in STOPPING else display_document(session, case)


def _stopping_document(case: Case) -> dict[str, Any]:
    return dict(
        normalised(
            {
                "kind": "prompt-formulary/stop/v1",
                "change": {"id": case.change.id, "title": case.change.title, "revision": case.change.revision},
                "prompt": {"name": case.prompt.name},
                "risk_class": case.change.risk_class,
                "digest": case.change.digest,
            }
        )
    )


def display_document(session: Session, case: Case) -> dict[str, Any]:
    """Everything that the decision pages state, in the order of the signature dialog; the same for the same stored state.

    Conflict where a text's bytes are no longer those of its digest.
    """
    revision = case.revision
    assert revision is not None
    version = session.get_one(Version, revision.version_id)
    result = open_result(session, case.run) if case.run else {}
    return dict(
        normalised(
            {
                "kind": "prompt-formulary/display/v1",
                "change": {
                    "id": case.change.id,
                    "title": case.change.title,
                    "revision": case.change.revision,
                    "stage": case.change.stage,
                    "digest": case.change.digest,
                },
                "prompt": {"name": case.prompt.name, "version": version.number, "label": version.label},
                "risk_class": case.change.risk_class,
                "changes": case.changes_text,
                "intended_use": revision.intended_use,
                "not_for": revision.not_for,
                "worst_cases": result.get("worst_cases", []),
                "measures": result.get("measures", []),
                "counts": result.get("counts", {}),
                "exceptions": _exceptions(session, case),
                "findings": _findings(session, case),
                "reviewer": _reviewer(session, case),
                "signed": _signed(session, case),
                "open_comments": _open_comments(session, case),
                "checklist": [item.text for item in case.rules.checklist] if case.rules else [],
                "new": _text_of(version),
                "live": _live_text(session, case),
                "model": revision.model,
                "plan": revision.plan,
                "downtime": revision.downtime_text,
                "manifest": _manifest(session, case),
            }
        )
    )


def counts_said(display: Mapping[str, Any]) -> str:
    """The result in counts: how many cases, and what became of them; empty while there is no result."""
    counts = display["counts"]
    if not counts:
        return ""
    words = {
        "critical": "with a new dangerous answer",
        "worse": "worse",
        "better": "better",
        "same": "the same",
        "unscored": "not scored",
    }
    return f"{counts['cases']} cases: {', '.join(f'{counts[name]} {word}' for name, word in words.items() if name in counts)}."


def _exceptions(session: Session, case: Case) -> list[dict[str, str]]:
    query = select(ExceptionRow).where(
        ExceptionRow.change_id == case.change.id, ExceptionRow.revision == case.change.revision
    )
    rows = session.scalars(query.order_by(ExceptionRow.measure))
    return [{"measure": row.measure, "reason": row.reason, "ends_on": row.ends_on.isoformat()} for row in rows]


def _findings(session: Session, case: Case) -> list[dict[str, Any]]:
    if case.run is None:
        return []
    query = select(FindingRow).where(FindingRow.run_id == case.run.id)
    return [
        {
            "case": row.case_id,
            "measure": row.metric,
            "sentence": row.sentence,
            "new_count": row.candidate_count,
            "live_count": row.baseline_count,
            "live_repeats": row.live_repeats or row.repeats,
            "repeats": row.repeats,
            "decision": row.decision,
            "decided_by": row.decided_by,
            "reason": row.decision_reason,
        }
        for row in session.scalars(query.order_by(FindingRow.case_id, FindingRow.metric, FindingRow.code))
    ]


def _reviewer(session: Session, case: Case) -> dict[str, str] | None:
    query = select(Signature).where(
        Signature.change_id == case.change.id,
        Signature.subject_sha256 == case.change.digest,
        Signature.voided_at.is_(None),
        Signature.move.in_(APPROVALS),
    )
    row = session.scalars(query.order_by(Signature.signed_at.desc())).first()
    return None if row is None else {"name": row.signer_name, "title": row.signer_title, "sentence": row.sentence}


def _signed(session: Session, case: Case) -> list[dict[str, str]]:
    """The physicians' signatures that stand already: the second of two reads the first."""
    rows = signoffs_of(session, case.change)
    return [{"name": row.signer_name, "title": row.signer_title, "sentence": row.sentence} for row in rows]


def _open_comments(session: Session, case: Case) -> list[dict[str, str]]:
    query = (
        select(Comment, Person.name)
        .join(Person, Person.id == Comment.author_id)
        .where(Comment.change_id == case.change.id, Comment.resolved_at.is_(None), Comment.kind != "note")
    )
    rows = session.execute(query.order_by(Comment.written_at, Comment.id))
    return [{"id": row.id, "writer": name, "kind": row.kind, "text": row.body} for row, name in rows]


def _text_of(version: Version) -> dict[str, Any]:
    """What the difference is made of; numbers with a fraction as text, because the record has no floats."""
    fields = fields_of(version)
    parameters = fields.get("parameters", {})
    return {
        "sha256": version.sha256,
        "label": version.label,
        "system_prompt": fields.get("system_prompt", ""),
        "user_template": fields.get("user_template", ""),
        "parameters": {name: repr(v) if isinstance(v, float) else v for name, v in parameters.items()},
    }


def _live_text(session: Session, case: Case) -> dict[str, Any] | None:
    release = session.get(Release, case.change.baseline_release_id or "")
    return None if release is None else _text_of(session.get_one(Version, release.version_id))


def _manifest(session: Session, case: Case) -> dict[str, Any] | None:
    row = session.get(Manifest, case.change.manifest_sha256 or "")
    return None if row is None else dict(json.loads(row.content))
