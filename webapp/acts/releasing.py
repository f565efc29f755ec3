"""A release: the service's attestation that a manifest carries the signatures its class needs, and the check of it.

What must not live here: the live pointer (``live``) and the people's signatures themselves (``signing``).
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.genuine import verified_body
from webapp.acts.record_keys import service_key
from webapp.acts.recording import enter, store_envelope
from webapp.acts.signing import SIGNATURE_TYPE
from webapp.acts.situation import APPROVALS, Case
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Envelope, Manifest, Prompt, Release, Signature, Version
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.record.dsse import envelope, statement
from webapp.domain.record.leaf import timestamp
from webapp.domain.workflow import Actor, RiskClass
from webapp.domain.workflow.stages import PHYSICIANS_NEEDED
from webapp.errors import Refused

RELEASE_TYPE = "https://prompt-formulary.example/release/v1"


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
        {
            "change": case.change.id,
            "prompt_sha256": version.sha256,
            "risk_class": case.change.risk_class,
            "released_by_policy": by_policy,
            "signatures": _approval_digests(session, case.change.id, manifest.sha256),
            "made_at": timestamp(outside.now()),
        },
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


def verify_release(outside: Outside, session: Session, release: Release) -> dict[str, Any]:
    """The release is what was signed, byte for byte, and carries the signatures its class needs; returns its manifest.

    Refused says which link is broken. Everything is recomputed from stored bytes; no column is trusted.
    """
    manifest = session.get(Manifest, release.manifest_sha256)
    version = session.get(Version, release.version_id)
    sealed = session.get(Envelope, release.envelope_sha256)
    if manifest is None or version is None or sealed is None or release.state == "void":
        raise Refused("This release is void or incomplete; it cannot be served.", code="release_void")
    claims = _verified_statement(outside, session, sealed, RELEASE_TYPE)
    if sha256_hex(manifest.content) != release.manifest_sha256 or claims["subject"] != release.manifest_sha256:
        raise Refused("The release does not match its signed contents; it cannot be served.", code="release_tampered")
    document = dict(json.loads(manifest.content))
    if sha256_hex(version.content) != document["prompt"]["sha256"]:
        raise Refused("The prompt's bytes are not the signed ones; it cannot be served.", code="release_tampered")
    prompt = session.get_one(Prompt, release.prompt_id)
    if (prompt.name, release.change_id) != (document["prompt"]["name"], document["change"]["id"]):
        raise Refused("The release belongs to another prompt or change; it cannot be served.", code="release_tampered")
    if not (claims["released_by_policy"] and document["risk_class"] == RiskClass.ADMINISTRATIVE):
        _require_signatures(outside, session, release, document)
    return document


def _verified_statement(outside: Outside, session: Session, sealed: Envelope, kind: str) -> dict[str, Any]:
    """Subject and claims of an envelope of this kind that the service key or a passkey really signed."""
    body = verified_body(outside, session, sealed)
    if body is None:
        raise _not_ours()
    if body["predicateType"] != kind:
        raise _not_ours()
    return {"subject": body["subject"][0]["digest"]["sha256"], **body["predicate"]}


def _not_ours() -> Refused:
    return Refused("The release's signature is not ours; it cannot be served.", code="release_tampered")


def _require_signatures(outside: Outside, session: Session, release: Release, manifest: dict[str, Any]) -> None:
    """A reviewer and as many other physicians as the class needs signed this manifest; none of them contributed."""
    query = select(Signature).where(
        Signature.change_id == release.change_id,
        Signature.subject_sha256 == release.manifest_sha256,
        Signature.voided_at.is_(None),
    )
    reviewers: set[str] = set()
    physicians: set[str] = set()
    for row in session.scalars(query):
        claims = _verified_statement(outside, session, session.get_one(Envelope, row.envelope_sha256), SIGNATURE_TYPE)
        signer, move = claims["signer"]["id"], claims["workflow"]["move"]
        if claims["subject"] == release.manifest_sha256 and signer not in manifest["contributors"]:
            (physicians if move == "sign" else reviewers if move in APPROVALS else set()).add(signer)
    if not reviewers or len(physicians - reviewers) < PHYSICIANS_NEEDED[RiskClass(manifest["risk_class"])]:
        raise Refused("The signatures this release needs are missing; it cannot be served.", code="release_unsigned")


def _approval_digests(session: Session, change_id: str, manifest_sha256: str) -> list[str]:
    query = select(Signature.envelope_sha256).where(
        Signature.change_id == change_id,
        Signature.subject_sha256 == manifest_sha256,
        Signature.voided_at.is_(None),
        Signature.move.in_((*APPROVALS, "sign")),
    )
    return sorted(session.scalars(query))
