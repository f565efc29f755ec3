"""A release: the service's attestation that a manifest was evaluated and carries the signatures its class needs, and the check of it.

What must not live here: the single checks (``attestations_checked``), the live pointer (``live``), the signatures themselves (``signing``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.attestations_checked import (
    POINTED,
    RELEASE_TYPE,
    attested,
    require_evaluation,
    require_not_withdrawn,
    require_same_claims,
    require_served,
    require_signatures,
)
from webapp.acts.record_keys import service_key
from webapp.acts.recording import enter, store_envelope
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Envelope, LogState, Manifest, Prompt, Release, Signature, Version
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.prompts.prompt_file import read_prompt
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.record.dsse import envelope, statement
from webapp.domain.record.leaf import timestamp
from webapp.domain.served import served_contents, served_sha256
from webapp.domain.workflow import Actor, RiskClass
from webapp.domain.workflow.moves import APPROVALS
from webapp.errors import Refused

if TYPE_CHECKING:  # delivery verifies releases with this, and has no use for what a case needs
    from webapp.acts.situation import Case


def make_release(outside: Outside, session: Session, actor: Actor, case: Case, *, by_policy: bool = False) -> Release:
    """The signed manifest may be served: an attestation that names its signatures is stored and entered."""
    session.flush()
    manifest = session.get_one(Manifest, case.change.manifest_sha256 or "")
    assert case.revision is not None
    version = session.get_one(Version, case.revision.version_id)
    payload = statement(
        f"prompt/{case.prompt.name}@{version.number}",
        manifest.sha256,
        RELEASE_TYPE,
        attestation_claims(outside, session, case, by_policy=by_policy),
    )
    key = service_key(outside, session)
    release = Release(
        id=outside.new_id("rel"),
        prompt_id=case.prompt.id,
        change_id=case.change.id,
        version_id=version.id,
        manifest_sha256=manifest.sha256,
        envelope_sha256=store_envelope(session, envelope(payload, key.keyid, key.sign)),
        label=version.label,
        released_by_policy=by_policy,
        state="approved",
        made_at=outside.now(),
    )
    session.add(release)
    session.flush()
    entity = ("release", release.id, version.number)
    enter(
        outside,
        session,
        actor,
        "release.made",
        entity,
        after=("approved", manifest.sha256),
        attest=(release.envelope_sha256,),
    )
    return release


def void_release(outside: Outside, session: Session, actor: Actor, change_id: str, reason: str) -> None:
    """An approved release that was never started is void: it can never be served."""
    query = select(Release).where(Release.change_id == change_id, Release.state == "approved")
    for release in session.scalars(query):
        release.state = "void"
        enter(
            outside, session, actor, "release.withdrawn", ("release", release.id, None), after=("void", release.manifest_sha256),
            reason=reason,
        )  # fmt: skip


def attestation_claims(outside: Outside, session: Session, case: Case, *, by_policy: bool) -> dict[str, Any]:
    """What the service attests of the change's present contents: evaluation, policy, and who signed what, by digests."""
    manifest = dict(json.loads(session.get_one(Manifest, case.change.manifest_sha256 or "").content))
    approvals = _approvals(session, case.change.id, case.change.manifest_sha256 or "")
    assert case.revision is not None
    version = session.get_one(Version, case.revision.version_id)
    return {
        "change": case.change.id,
        "prompt_sha256": manifest["prompt"]["sha256"],
        "served_sha256": served_sha256(served_of(version, manifest)),
        "risk_class": case.change.risk_class,
        "evaluation": {name: manifest["evaluation"][name] for name in POINTED},
        "policy_sha256": manifest["policy_sha256"],
        "released_by_policy": by_policy,
        "signatures": sorted(row.envelope_sha256 for row in approvals),
        "approvals": [
            {"envelope": row.envelope_sha256, "move": row.move, "signer": row.signer_id, "level": row.level}
            for row in approvals
        ],
        "log_origin": session.get_one(LogState, 1).origin,
        "made_at": timestamp(outside.now()),
    }


def verify_release(outside: Outside, session: Session, release: Release) -> dict[str, Any]:
    """The release is what was signed, byte for byte, and its attestation's evaluation and signatures hold; returns its manifest.

    Refused says which link is broken, each by its own code. Everything is recomputed from stored bytes; no column is trusted.
    """
    manifest, version = session.get(Manifest, release.manifest_sha256), session.get(Version, release.version_id)
    sealed = session.get(Envelope, release.envelope_sha256)
    if manifest is None or version is None or sealed is None or release.state == "void":
        raise Refused("This release is void or incomplete; it cannot be served.", code="release_void")
    claims = attested(outside, session, sealed)
    if sha256_hex(manifest.content) != release.manifest_sha256 or claims["subject"] != release.manifest_sha256:
        raise Refused("The release does not match its signed contents; it cannot be served.", code="release_tampered")
    document = dict(json.loads(manifest.content))
    if sha256_hex(version.content) != document["prompt"]["sha256"]:
        raise Refused("The prompt's bytes are not the signed ones; it cannot be served.", code="release_tampered")
    prompt = session.get_one(Prompt, release.prompt_id)
    if (prompt.name, release.change_id) != (document["prompt"]["name"], document["change"]["id"]):
        raise Refused("The release belongs to another prompt or change; it cannot be served.", code="release_tampered")
    require_same_claims(claims, document)
    require_served(claims, served_of(version, document))
    require_not_withdrawn(session, release)
    require_evaluation(session, document)
    if not (claims["released_by_policy"] and document["risk_class"] == RiskClass.ADMINISTRATIVE):
        require_signatures(outside, session, release, claims, document)
    return document


def served_of(version: Version, manifest: dict[str, Any]) -> dict[str, Any]:
    """What an application runs of these signed bytes."""
    name = manifest["prompt"]["name"]
    return served_contents(
        version.number, version.sha256, read_prompt(read_yaml(version.content, name), name), manifest
    )


def _approvals(session: Session, change_id: str, manifest_sha256: str) -> list[Signature]:
    query = select(Signature).where(
        Signature.change_id == change_id,
        Signature.subject_sha256 == manifest_sha256,
        Signature.voided_at.is_(None),
        Signature.move.in_((*APPROVALS, "sign")),
    )
    return list(session.scalars(query.order_by(Signature.signed_at, Signature.id)))
