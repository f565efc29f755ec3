"""Delivery: which signed release an application runs for this unit now. Nothing unsigned, void or tampered ever leaves here.

Texts are read from the signed bytes, never from columns beside them.
What must not live here: sessions, forms, and what applications report back (``interactions``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.releasing import verify_release
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import first_checkpoint_over
from webapp.adapters.store.schema import Envelope, Interaction, Leaf, Prompt, Release, Revision, Rollout, Version
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.assignment import OUTSIDE, Assigned, assign, salt_of
from webapp.domain.cohorts import Place
from webapp.domain.decision import Decision, unit_hash
from webapp.domain.plan import read_plan
from webapp.domain.prompts.prompt_file import read_prompt
from webapp.domain.record.canonical import sha256_hex
from webapp.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable

LONGEST_UNIT = 200
LONGEST_UNWATCHED_SECONDS = 300
"""Without a look of the watch younger than this, everyone is served the live version: a dead scheduler is a return to live."""


@dataclass(frozen=True)
class Served:
    """A decision for one unit: the document for the application, and the digest that stays the same while nothing changes."""

    document: dict[str, Any]
    etag: str


@dataclass(frozen=True)
class _Choice:
    """What is served. ``silent``: the release that runs beside it and that nobody sees."""

    release: Release
    arm: str
    step: int
    reason: str
    salt: str
    silent: Release | None = None


def serve(outside: Outside, name: str, place: Place) -> Served:
    """The release for this request, verified from its stored bytes; Conflict with the downtime text where nothing is served."""
    if any(len(word) > LONGEST_UNIT for word in (place.unit, place.site, place.department)):
        raise InvalidInput(f"A unit id, a site and a department have at most {LONGEST_UNIT} characters each.")
    with outside.database.reading() as session:
        prompt = session.scalar(select(Prompt).where(Prompt.name == name))
        if prompt is None:
            raise NotFound(f"The formulary has no prompt called {name[:60]}.")
        return _served(outside, session, prompt, _choose(outside, session, prompt, place), place)


def _verified(outside: Outside, session: Session, prompt: Prompt, release: Release) -> dict[str, Any]:
    """The release contents, of a release of this prompt that verifies and whose entry is sealed; else Refused or Unavailable."""
    if release.prompt_id != prompt.id:
        raise Refused("The release belongs to another prompt; it cannot be served.", code="release_tampered")
    manifest = verify_release(outside, session, release)
    _require_sealed(session, release)
    return manifest


def _require_sealed(session: Session, release: Release) -> None:
    """The notary signed a checkpoint over the release's own entry; Unavailable while it is only recorded."""
    query = select(Leaf.seq).where(Leaf.entity_id == release.id, Leaf.type == "release.made")
    seq = session.scalars(query).first()
    if seq is None or first_checkpoint_over(session, seq) is None:
        raise Unavailable(
            "This release is recorded, not sealed yet; it is served when the notary has signed its entry.",
            code="release_not_sealed",
        )


def _choose(outside: Outside, session: Session, prompt: Prompt, place: Place) -> _Choice:
    live = session.get(Release, prompt.live_release_id or "")
    rollout = session.scalar(
        select(Rollout).where(Rollout.prompt_id == prompt.id, Rollout.state.in_(("running", "paused", "held")))
    )
    if rollout is not None and rollout.release_id == prompt.live_release_id and live is not None:
        step = rollout.step_index if place.unit else OUTSIDE
        return _Choice(live, "candidate", step, "STATIC", rollout.salt)
    if rollout is not None:
        new = session.get_one(Release, rollout.release_id)
        assigned = _assigned(outside, session, rollout, place)
        if assigned.gets_new:
            return _Choice(new, "candidate", assigned.step, _reason(rollout), rollout.salt)
        if live is not None:
            silent = new if assigned.runs_silently else None
            arm = "live" if silent is None else "shadowed"
            return _Choice(live, arm, assigned.step, "SPLIT" if place.unit else "STATIC", rollout.salt, silent)
    if live is None:
        raise _nothing_served(session, prompt)
    return _Choice(live, "live", OUTSIDE, "STATIC", salt_of(live.manifest_sha256))


def _reason(rollout: Rollout) -> str:
    """The OpenFeature reason: meant by name, or by chance."""
    return "SPLIT" if read_plan(rollout.plan).steps[rollout.step_index].cohort is None else "TARGETING_MATCH"


def _assigned(outside: Outside, session: Session, rollout: Rollout, place: Place) -> Assigned:
    """What the plan says, unless the rollout stands still or nobody watches it: then nobody new, or nobody at all, is in."""
    assigned = assign(read_plan(rollout.plan), rollout.step_index, place, rollout.salt)
    watched_at = rollout.watched_at
    is_watched = watched_at is not None and outside.now() - watched_at < timedelta(seconds=LONGEST_UNWATCHED_SECONDS)
    if rollout.serves == "live" or not is_watched:
        return replace(assigned, gets_new=False, runs_silently=False)
    if rollout.serves == "freeze":
        return replace(assigned, gets_new=assigned.gets_new and _was_in(session, rollout, place), runs_silently=False)
    return assigned


def _was_in(session: Session, rollout: Rollout, place: Place) -> bool:
    seen = select(Interaction.id).where(
        Interaction.rollout_id == rollout.id,
        Interaction.arm == "candidate",
        Interaction.unit_hash == unit_hash(place.unit, rollout.salt),
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


def _served(outside: Outside, session: Session, prompt: Prompt, choice: _Choice, place: Place) -> Served:
    content = {
        "prompt": prompt.name,
        "arm": "live" if choice.arm == "shadowed" else choice.arm,
        "reason": choice.reason,
        **_content_of(outside, session, prompt, choice.release),
        "shadow": None if choice.silent is None else _content_of(outside, session, prompt, choice.silent),
    }
    # The step is part of it: a report carries the step of its decision, so an application must fetch a new one.
    etag = sha256_hex(json.dumps([content, place.unit, choice.step], sort_keys=True).encode())[:32]
    at_epoch = int(outside.now().timestamp())
    decision = Decision(choice.release.id, choice.arm, choice.step, unit_hash(place.unit, choice.salt), at_epoch)
    return Served({**content, "decision_id": decision.to_id(outside.keyring.mac)}, etag)


def _content_of(outside: Outside, session: Session, prompt: Prompt, release: Release) -> dict[str, Any]:
    """What an application runs of this release, read from its signed bytes."""
    manifest = _verified(outside, session, prompt, release)
    version = session.get_one(Version, release.version_id)
    file = read_prompt(read_yaml(version.content, prompt.name), prompt.name)
    return {
        "version": {"number": version.number, "label": version.label, "sha256": version.sha256},
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
            "envelope": json.loads(session.get_one(Envelope, release.envelope_sha256).content),
        },
    }
