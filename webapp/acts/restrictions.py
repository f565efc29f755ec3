"""Restrictions of releases: whom the newest one leaves a release to, held against the audit log.

What must not live here: who may restrict (``webapp.services.restricting``), and serving (``webapp.domain.serving``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Leaf, Release, Restriction
from webapp.domain.cohorts import Cohort, read_cohort
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.errors import Refused

RESTRICTED = "release.restricted"


def restriction_document(release: Release, only: Mapping[str, Any]) -> dict[str, Any]:
    """What is signed: the release by its contents, and whom it is left to."""
    return {
        "kind": "prompt-formulary/restriction/v1",
        "release": release.id,
        "manifest_sha256": release.manifest_sha256,
        "only": dict(only),
    }


def restriction_sha256(release: Release, only: Mapping[str, Any]) -> str:
    """The digest that the signature and the entry name."""
    return sha256_hex(canonical(restriction_document(release, only)))


def newest_restriction(session: Session, release: Release) -> Restriction | None:
    """The restriction that counts; None where the release is for everybody."""
    query = select(Restriction).where(Restriction.release_id == release.id)
    return session.scalars(query.order_by(Restriction.number.desc()).limit(1)).first()


def restriction_of(session: Session, release: Release) -> Cohort | None:
    """Whom the release is left to; None: everybody. Refused where the newest entry says something else than the row."""
    row = newest_restriction(session, release)
    query = select(Leaf.content).where(
        Leaf.entity_type == "release", Leaf.entity_id == release.id, Leaf.type == RESTRICTED
    )
    newest = session.scalars(query.order_by(Leaf.seq.desc()).limit(1)).first()
    entered = None if newest is None else json.loads(newest)["after"]["sha256"]
    if entered != (None if row is None else restriction_sha256(release, row.only)):
        raise Refused(
            "The audit log says that this release is restricted to others than the database does; nothing of it is served.",
            code="release_tampered",
        )
    return None if row is None else read_cohort("The restriction", row.only)
