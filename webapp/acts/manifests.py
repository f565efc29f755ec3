"""Building the release manifest of a change from what is stored: from then on it is the expected digest."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.fallbacks import fallback_evaluations
from webapp.acts.live_answers import recorded_day
from webapp.acts.revisions import revision_facts
from webapp.acts.situation import Case
from webapp.acts.version_texts import fields_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Contributor, ExceptionRow, Manifest, Release, Run, Version
from webapp.domain.manifest import ManifestFacts, manifest_document
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.errors import Conflict


def build_manifest(outside: Outside, session: Session, case: Case) -> Manifest:
    """The manifest of the present revision and its complete run is stored, and the change's digest is the manifest's."""
    if case.revision is None or case.run is None or case.run.result_sha256 is None:
        raise Conflict("There is no complete evaluation to build the release contents from.")
    session.flush()
    facts = _facts(session, case, case.run)
    revision = revision_facts(session, case.prompt, case.change, case.revision)
    content = canonical(manifest_document(revision, facts))
    sha256 = sha256_hex(content)
    row = session.get(Manifest, sha256)
    if row is None:
        row = Manifest(
            sha256=sha256,
            change_id=case.change.id,
            revision=case.change.revision,
            content=content,
            made_at=outside.now(),
        )
        session.add(row)
        session.flush()
    case.change.manifest_sha256 = case.change.digest = sha256
    return row


def _facts(session: Session, case: Case, run: Run) -> ManifestFacts:
    assert case.revision is not None
    baseline = session.get(Release, case.revision.baseline_release_id or "")
    version = session.get_one(Version, case.revision.version_id)
    exceptions = session.scalars(
        select(ExceptionRow)
        .where(ExceptionRow.change_id == case.change.id, ExceptionRow.revision == case.change.revision)
        .order_by(ExceptionRow.measure)
    )
    recorded_on = recorded_day(session, run)
    return ManifestFacts(
        change_id=case.change.id,
        revision_number=case.change.revision,
        parameters=dict(fields_of(version).get("parameters", {})),
        run_id=run.id,
        result_sha256=run.result_sha256 or "",
        verdict=run.verdict or "unmeasured",
        policy_sha256=case.revision.policy_sha256,
        baseline_manifest_sha256=baseline.manifest_sha256 if baseline else None,
        contributors=_contributors(session, case.change.id),
        exceptions=[{"measure": e.measure, "reason": e.reason, "ends_on": e.ends_on.isoformat()} for e in exceptions],
        changes=case.changes_text,
        intended_use=case.revision.intended_use,
        not_for=case.revision.not_for,
        downtime_text=case.revision.downtime_text,
        live_answers_recorded_on=recorded_on.isoformat() if recorded_on else None,
        fallback_evaluations=fallback_evaluations(session, case.revision),
    )


def _contributors(session: Session, change_id: str) -> list[str]:
    """Ids of people; every external one counts as ``external``."""
    query = select(Contributor.person_id).where(Contributor.change_id == change_id)
    return sorted({person or "external" for person in session.scalars(query)})
