"""Delivery: which signed release an application runs for this unit now. Nothing unsigned, void or tampered ever leaves here.

Texts are read from the signed bytes, never from columns beside them.
What must not live here: sessions, forms, and what applications report back (``interactions``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.releasing import verify_release
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import first_checkpoint_over
from webapp.adapters.store.schema import Envelope, Interaction, Leaf, Prompt, Release, Revision, Rollout, Version
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.assignment import gets_new_version, salt_of
from webapp.domain.decision import Decision, unit_hash
from webapp.domain.plan import read_plan
from webapp.domain.prompts.prompt_file import read_prompt
from webapp.domain.record.canonical import sha256_hex
from webapp.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable

LONGEST_UNIT = 200


@dataclass(frozen=True)
class Served:
    """A decision for one unit: the document for the application, and the digest that stays the same while nothing changes."""

    document: dict[str, Any]
    etag: str


@dataclass(frozen=True)
class _Choice:
    release: Release
    arm: str
    step: int
    reason: str
    salt: str


def serve(outside: Outside, name: str, unit_id: str | None) -> Served:
    """The release for this unit, verified from its stored bytes; Conflict with the downtime text where nothing is served."""
    unit = unit_id or ""
    if len(unit) > LONGEST_UNIT:
        raise InvalidInput(f"A unit id has at most {LONGEST_UNIT} characters.")
    with outside.database.reading() as session:
        prompt = session.scalar(select(Prompt).where(Prompt.name == name))
        if prompt is None:
            raise NotFound(f"The formulary has no prompt called {name[:60]}.")
        choice = _choose(session, prompt, unit)
        if choice.release.prompt_id != prompt.id:
            raise Refused("The release belongs to another prompt; it cannot be served.", code="release_tampered")
        manifest = verify_release(outside, session, choice.release)
        _require_sealed(session, choice.release)
        return _served(outside, session, prompt, choice, manifest, unit)


def _require_sealed(session: Session, release: Release) -> None:
    """The notary signed a checkpoint over the release's own entry; Unavailable while it is only recorded."""
    query = select(Leaf.seq).where(Leaf.entity_id == release.id, Leaf.type == "release.made")
    seq = session.scalars(query).first()
    if seq is None or first_checkpoint_over(session, seq) is None:
        raise Unavailable(
            "This release is recorded, not sealed yet; it is served when the notary has signed its entry.",
            code="release_not_sealed",
        )


def _choose(session: Session, prompt: Prompt, unit: str) -> _Choice:
    live = session.get(Release, prompt.live_release_id or "")
    rollout = session.scalar(
        select(Rollout).where(Rollout.prompt_id == prompt.id, Rollout.state.in_(("running", "paused", "held")))
    )
    if rollout is not None:
        step = rollout.step_index
        if rollout.release_id != prompt.live_release_id and _is_candidate(session, rollout, unit):
            return _Choice(session.get_one(Release, rollout.release_id), "candidate", step, "SPLIT", rollout.salt)
        if live is not None:
            arm = "candidate" if rollout.release_id == live.id else "live"
            return _Choice(live, arm, step, "SPLIT" if unit else "STATIC", rollout.salt)
    if live is None:
        raise _nothing_served(session, prompt)
    return _Choice(live, "live", -1, "STATIC", salt_of(live.manifest_sha256))


def _is_candidate(session: Session, rollout: Rollout, unit: str) -> bool:
    """A unit without id is never in; a frozen rollout keeps those who are in and lets nobody new in."""
    step = read_plan(rollout.plan).steps[rollout.step_index]
    if not unit or rollout.serves == "live" or not gets_new_version(unit, rollout.salt, step.share_basis_points):
        return False
    if rollout.serves == "plan":
        return True
    seen = select(Interaction.id).where(
        Interaction.rollout_id == rollout.id,
        Interaction.arm == "candidate",
        Interaction.unit_hash == unit_hash(unit, rollout.salt),
    )
    return session.scalar(seen.limit(1)) is not None


def _nothing_served(session: Session, prompt: Prompt) -> Conflict:
    newest = session.scalars(
        select(Release).where(Release.prompt_id == prompt.id).order_by(Release.made_at.desc())
    ).first()
    text = ""
    if newest is not None:
        query = select(Revision.downtime_text).where(Revision.change_id == newest.change_id)
        text = session.scalars(query.order_by(Revision.number.desc())).first() or ""
    return Conflict(
        "No signed release of this prompt is live; use the fallback workflow.",
        code="nothing_live",
        details={"downtime_text": text},
    )


def _served(
    outside: Outside, session: Session, prompt: Prompt, choice: _Choice, manifest: dict[str, Any], unit: str
) -> Served:
    release = choice.release
    version = session.get_one(Version, release.version_id)
    file = read_prompt(read_yaml(version.content, prompt.name), prompt.name)
    envelope = session.get_one(Envelope, release.envelope_sha256)
    at_epoch = int(outside.now().timestamp())
    decision = Decision(release.id, choice.arm, choice.step, unit_hash(unit, choice.salt), at_epoch)
    content = {
        "prompt": prompt.name,
        "version": {"number": version.number, "label": version.label, "sha256": version.sha256},
        "arm": choice.arm,
        "reason": choice.reason,
        "model": manifest["model"],
        "fallbacks": manifest["fallbacks"],
        "parameters": dict(file.parameters),
        "messages": [
            {"role": "system", "content": file.system_prompt},
            {"role": "user", "content": file.user_template},
        ],
        "downtime_text": manifest["texts"]["downtime"],
        "release": {
            "id": release.id,
            "manifest_sha256": release.manifest_sha256,
            "released_by_policy": release.released_by_policy,
            "envelope": json.loads(envelope.content),
        },
    }
    # The step is part of it: a report carries the step of its decision, so an application must fetch a new one.
    etag = sha256_hex(json.dumps([content, unit, choice.step], sort_keys=True).encode())[:32]
    return Served({**content, "decision_id": decision.to_id(outside.keyring.mac)}, etag)
