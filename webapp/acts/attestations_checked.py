"""The links of a release's attestation, each checked from stored bytes, each refused with its own code.

What must not live here: which links a release needs (``releasing``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.genuine import verified_body
from webapp.acts.signing import SIGNATURE_TYPE
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Envelope, Leaf, LogState, Release, Result, Signature
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.served import served_sha256
from webapp.domain.workflow import RiskClass
from webapp.domain.workflow.moves import APPROVALS
from webapp.domain.workflow.stages import PHYSICIANS_NEEDED
from webapp.errors import Refused

RELEASE_TYPE = "https://prompt-formulary.example/release/v1"
POINTED = ("run", "result_sha256", "verdict")


def attested(outside: Outside, session: Session, sealed: Envelope) -> dict[str, Any]:
    """Subject and claims of a release's attestation; Refused where its bytes were changed or our service key did not sign it."""
    if sha256_hex(sealed.content) != sealed.sha256:
        raise Refused("The release's attestation was changed; it cannot be served.", code="release_tampered")
    claims = _claims(outside, session, sealed, RELEASE_TYPE)
    origin = session.get_one(LogState, 1).origin
    if claims is None or claims.get("log_origin", origin) != origin:
        raise Refused("The release's attestation is not ours; it cannot be served.", code="release_foreign")
    return claims


def require_same_claims(claims: Mapping[str, Any], manifest: Mapping[str, Any]) -> None:
    """What the attestation says of evaluation, policy and class is what was signed; older ones name class and prompt alone."""
    evaluation = {name: manifest["evaluation"][name] for name in POINTED}
    said = (claims["change"], claims["prompt_sha256"], claims["risk_class"])
    meant = (manifest["change"]["id"], manifest["prompt"]["sha256"], manifest["risk_class"])
    if said != meant or claims.get("policy_sha256", manifest["policy_sha256"]) != manifest["policy_sha256"]:
        raise Refused(
            "The release's attestation is of other contents than were signed; it cannot be served.",
            code="release_tampered",
        )
    if claims.get("evaluation", evaluation) != evaluation:
        raise Refused(
            "The release's attestation points at another evaluation; it cannot be served.", code="release_unevaluated"
        )


def require_served(claims: Mapping[str, Any], contents: Mapping[str, Any]) -> None:
    """What an application would run is what the attestation names; attestations before 0.4.0 name the prompt's bytes alone."""
    digest = served_sha256(contents)
    if claims.get("served_sha256", digest) != digest:
        raise Refused(
            "What this release would serve is not what was released; it cannot be served.", code="release_tampered"
        )


def require_not_withdrawn(session: Session, release: Release) -> None:
    """No entry of the log withdraws the release, whatever its row says."""
    if _entered(session, "release.withdrawn", [release.id]):
        raise Refused("This release was withdrawn; it cannot be served.", code="release_void")


def require_evaluation(session: Session, manifest: Mapping[str, Any]) -> None:
    """The result that was signed is stored, byte for byte, and is of the run that it names."""
    pointed = manifest["evaluation"]
    row = session.get(Result, pointed["result_sha256"])
    if row is None or row.run_id != pointed["run"] or sha256_hex(row.content) != row.sha256:
        raise Refused(
            "The release's evaluation is missing or was changed; it cannot be served.", code="release_unevaluated"
        )


def require_signatures(
    outside: Outside, session: Session, release: Release, claims: Mapping[str, Any], manifest: Mapping[str, Any]
) -> None:
    """The signatures that the attestation names hold: a reviewer and as many other physicians as the class needs, none contributed."""
    named = list(claims["signatures"])
    query = select(Signature).where(Signature.envelope_sha256.in_(named), Signature.change_id == release.change_id)
    rows = list(session.scalars(query))
    if any(row.voided_at for row in rows) or _entered(session, "signature.voided", [row.id for row in rows]):
        raise Refused("A signature of this release was voided; it cannot be served.", code="release_signature_void")
    reviewers: set[str] = set()
    physicians: set[str] = set()
    for row in rows:
        signed = _claims(outside, session, session.get_one(Envelope, row.envelope_sha256), SIGNATURE_TYPE)
        if signed is None:
            raise Refused("A signature of this release is not genuine; it cannot be served.", code="release_foreign")
        signer, move = signed["signer"]["id"], signed["workflow"]["move"]
        if signed["subject"] == release.manifest_sha256 and signer not in manifest["contributors"]:
            if move == "sign" and _is_high_enough(signed, manifest):
                physicians.add(signer)
            elif move in APPROVALS:
                reviewers.add(signer)
    needed = PHYSICIANS_NEEDED[RiskClass(manifest["risk_class"])]
    if len(rows) < len(named) or not reviewers or len(physicians - reviewers) < needed:
        raise Refused("The signatures this release needs are missing; it cannot be served.", code="release_unsigned")


def _is_high_enough(signed: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
    """High risk was never signed with less than a passkey; what older clinical releases were signed with stays good."""
    return bool(manifest["risk_class"] != RiskClass.HIGH_RISK or signed["level"] == "L2")


def _claims(outside: Outside, session: Session, sealed: Envelope, kind: str) -> dict[str, Any] | None:
    """Subject and claims of an envelope of this kind that the service key or a passkey really signed; None otherwise."""
    body = verified_body(outside, session, sealed)
    if body is None or body["predicateType"] != kind:
        return None
    return {"subject": body["subject"][0]["digest"]["sha256"], **body["predicate"]}


def _entered(session: Session, kind: str, ids: list[str]) -> bool:
    """Does an entry of this kind stand in the log for one of these things?"""
    query = select(Leaf.seq).where(Leaf.entity_id.in_(ids), Leaf.type == kind)
    return session.scalars(query.limit(1)).first() is not None
