"""What goes along with the log: envelopes, and every document that a digest of the scope is of, or why it is left out.

Case text comes along only where it was asked for and the person may read it. Documents that may quote a case of a test set with
patient data or of a hold-out count as case text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.audit_facts import audit_facts
from webapp.acts.case_text import withheld_from
from webapp.adapters.store.schema import (
    Envelope,
    Erased,
    Erasure,
    ExportRow,
    Leaf,
    Manifest,
    Payload,
    PolicyRow,
    Release,
    Result,
    Revision,
    Run,
    Signature,
    SuiteRow,
    Version,
)
from webapp.domain.record.audit_pack import Period
from webapp.domain.workflow import Actor

OF_THE_LOG = ("log.opened", "log.restored", "key.rotated", "key.revoked")
NOT_ASKED, WITHHELD, ERASED, BLIND = "case_text", "withheld", "erased", "open_audit"
ROWS_AT_ONCE = 1000
TABLES: dict[str, Any] = {
    "payload": Payload,
    "manifest": Manifest,
    "version": Version,
    "result": Result,
    "policy": PolicyRow,
    "suite": SuiteRow,
}


@dataclass
class Evidence:
    """Where each document is kept, by its digest; those left out with the reason; envelopes; entries whose proofs come along."""

    documents: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    envelopes: set[str] = field(default_factory=set)
    proven: set[int] = field(default_factory=set)

    def take(self, digest: str | None, table: str, reason: str | None = None) -> None:
        """The document comes along, or is left out for this reason; what was left out once stays so."""
        if not digest:
            return
        if reason is not None:
            self.left_out[digest] = reason
            self.documents.pop(digest, None)
        elif digest not in self.left_out:
            self.documents.setdefault(digest, table)


def gather(
    session: Session,
    row: ExportRow,
    reader: Actor,
    changes: Sequence[str],
    size: int,
    period: Period | None = None,
    *,
    beat: Callable[[], None],
) -> Evidence:
    """All evidence of these changes in the log of ``size`` entries, and every document of each entry of the ``period``.

    With scope ``all`` that of every entry. ``beat`` is called from time to time, so that the lease of the work does not end meanwhile.
    """
    found = Evidence()
    reason_of = _reasons(session, row, reader)
    for change_id in changes:
        _take_change(session, found, change_id, reason_of)
        beat()
    for policy in session.scalars(select(PolicyRow)):
        found.take(policy.sha256, "policy")
    whole = range(size) if row.scope == "all" else range(0)
    if period is not None and period.first is not None and period.last is not None:
        whole = range(period.first, period.last + 1)
    _take_entries(session, found, whole, changes, size, reason_of, beat)
    _leave_erased_out(session, found)
    _take_deeds(session, found)
    return found


def _leave_erased_out(session: Session, found: Evidence) -> None:
    """What was erased is listed as such, whatever else would keep it out; the two signatures that erased it come along."""
    wanted = {*found.documents, *found.left_out}
    erasures = set()
    for digest, erasure_id in session.execute(select(Erased.sha256, Erased.erasure_id)).tuples():
        if digest in wanted and not _is_stored(session, digest):
            found.take(digest, "payload", ERASED)
            erasures.add(erasure_id)
    for row in session.scalars(select(Erasure).where(Erasure.id.in_(erasures))):
        found.envelopes.update(digest for digest in (row.request_envelope, row.confirm_envelope) if digest)


def _is_stored(session: Session, digest: str) -> bool:
    """Do the bytes stand here again, because the same document was stored anew after it was erased?"""
    return session.scalar(select(Payload.sha256).where(Payload.sha256 == digest)) is not None


def read_document(session: Session, digest: str, table: str) -> bytes:
    """The bytes of a document that ``gather`` found."""
    kept = TABLES[table]
    content: bytes = session.scalars(select(kept.content).where(kept.sha256 == digest).limit(1)).one()
    return content


def _reasons(session: Session, row: ExportRow, reader: Actor) -> Callable[[str, bool], str | None]:
    """Why a document of a test set stays out; None where it comes along. ``is_text``: the cases themselves, not words that may quote."""

    def reason(suite_sha256: str, is_text: bool) -> str | None:
        suite = session.get_one(SuiteRow, suite_sha256)
        is_guarded = suite.contains_phi or suite.is_held_out
        if not row.with_case_text:
            return NOT_ASKED if is_text or is_guarded else None
        return WITHHELD if is_guarded and withheld_from(reader, suite) is not None else None

    return reason


def _take_change(
    session: Session, found: Evidence, change_id: str, reason_of: Callable[[str, bool], str | None]
) -> None:
    for digest in session.scalars(select(Manifest.sha256).where(Manifest.change_id == change_id)):
        found.take(digest, "manifest")
    versions = select(Version.sha256).join(Revision, Revision.version_id == Version.id)
    for digest in session.scalars(versions.where(Revision.change_id == change_id)):
        found.take(digest, "version")
    runs = session.scalars(select(Run).where(Run.change_id == change_id)).all()
    for run in runs:
        found.take(run.suite_sha256, "suite", reason_of(run.suite_sha256, True))
        found.take(run.result_sha256, "result", reason_of(run.suite_sha256, False))
    quotes = next((reason for run in runs if (reason := reason_of(run.suite_sha256, False))), None)
    for signature in session.scalars(select(Signature).where(Signature.change_id == change_id)):
        found.take(signature.display_sha256, "payload", quotes)
        found.envelopes.add(signature.envelope_sha256)
        if signature.entry_seq is not None:
            found.proven.add(signature.entry_seq)
    found.envelopes.update(session.scalars(select(Release.envelope_sha256).where(Release.change_id == change_id)))


def _take_entries(
    session: Session,
    found: Evidence,
    whole: range,
    changes: Sequence[str],
    size: int,
    reason_of: Callable[[str, bool], str | None],
    beat: Callable[[], None],
) -> None:
    """The payloads of entries: those of the changes, of the log's own keys, and of each entry in ``whole`` with its envelopes."""
    wanted = set(changes)
    blind = {change for change in wanted if _is_blind(session, change)}
    for leaf in _entries(session, size, beat):
        is_own = leaf.type in OF_THE_LOG
        in_scope = leaf.entity_type == "change" and leaf.entity_id in wanted
        if not (leaf.seq in whole or is_own or in_scope):
            continue
        document = json.loads(leaf.content)
        if leaf.seq in whole or is_own:
            found.envelopes.update(document["attest"])
        digest = document["payload"]["sha256"] if document["payload"] else None
        if digest is None:
            continue
        reason = reason_of(leaf.entity_id, False) if leaf.entity_type == "suite" else None
        if leaf.type == "audit.graded" and leaf.entity_id in blind:
            reason = BLIND
        if reason is None and session.scalar(select(Payload.sha256).where(Payload.sha256 == digest)) is None:
            reason = ERASED
        found.take(digest, "payload", reason)


def _take_deeds(session: Session, found: Evidence) -> None:
    """Of signed acts that are no moves of a change, where their envelopes come along: what was displayed, and the proof of the entry."""
    for signature in session.scalars(select(Signature).where(Signature.change_id.is_(None))):
        if signature.envelope_sha256 not in found.envelopes:
            continue
        found.take(signature.display_sha256, "payload")
        if signature.entry_seq is not None:
            found.proven.add(signature.entry_seq)


def _entries(session: Session, size: int, beat: Callable[[], None]) -> Iterator[Leaf]:
    for start in range(0, size, ROWS_AT_ONCE):
        end = min(start + ROWS_AT_ONCE, size)
        yield from session.scalars(select(Leaf).where(Leaf.seq >= start, Leaf.seq < end).order_by(Leaf.seq)).all()
        beat()
        session.expunge_all()  # what was read is not kept, however long the log is


def _is_blind(session: Session, change_id: str) -> bool:
    """Does the follow-up audit still wait for grades? Graders must not read each other's."""
    facts = audit_facts(session, change_id)
    return bool(facts.ungraded or facts.open_disagreements)


def read_envelope(session: Session, digest: str) -> bytes:
    """The bytes of an envelope."""
    return session.get_one(Envelope, digest).content
