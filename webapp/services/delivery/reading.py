"""Reading a prompt's shelf from the database: each release verified from its stored bytes, never from columns beside them.

What must not live here: who gets which release (``webapp.domain.serving``).
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.live import live_before
from webapp.acts.releasing import served_of, verify_release
from webapp.acts.restrictions import restriction_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import first_checkpoint_over
from webapp.adapters.store.schema import (
    Envelope,
    Interaction,
    Leaf,
    Manifest,
    Prompt,
    Release,
    Revision,
    Rollout,
    Version,
)
from webapp.domain.plan import DAY_SECONDS, read_plan
from webapp.domain.plan_narrowing import faults_of_narrowing
from webapp.domain.serving import Offered, Rule, Shelf
from webapp.domain.workflow import Stage
from webapp.errors import FormularyError, InvalidInput, Refused, Unavailable

NOT_LIVE = "The audit log says that something else is live or rolling out than the database; nothing is served until an administrator looks."
UNDER_WAY = ("running", "paused", "held")


def read_shelf(outside: Outside, session: Session, prompt: Prompt) -> Shelf:
    """What stands on this prompt's shelf now. A release that does not verify stands there with its fault and is served to nobody."""
    live = session.get(Release, prompt.live_release_id or "")
    rollout = session.scalar(select(Rollout).where(Rollout.prompt_id == prompt.id, Rollout.state.in_(UNDER_WAY)))
    new = None if rollout is None else session.get_one(Release, rollout.release_id)
    return Shelf(
        name=prompt.name,
        live=None if live is None else _offer_live(outside, session, prompt, live),
        new=None if rollout is None or new is None else _offer_new(outside, session, prompt, rollout, new),
        rule=None if rollout is None else _rule(session, rollout),
        downtime_text=_downtime_text(session, prompt),
        offline_seconds=_offline_seconds(session, live or new),
        before=None if rollout is None or live is None else _offer_before(outside, session, prompt, rollout, live),
    )


def _offer_live(outside: Outside, session: Session, prompt: Prompt, live: Release) -> Offered:
    """What everyone gets, where the newest entry about it says so too: a pointer bent back brings no rolled-back release back."""
    offered = offer_release(outside, session, prompt, live)
    query = select(Leaf.content).where(
        Leaf.entity_type == "prompt", Leaf.entity_id == prompt.id, Leaf.type == "release.live"
    )
    newest = session.scalars(query.order_by(Leaf.seq.desc()).limit(1)).first()
    is_entered = newest is not None and json.loads(newest)["after"]["sha256"] == live.manifest_sha256
    if offered.fault is not None or is_entered:
        return offered
    return Offered(live.id, live.manifest_sha256, fault=("release_not_live", NOT_LIVE))


def _offer_new(outside: Outside, session: Session, prompt: Prompt, rollout: Rollout, new: Release) -> Offered:
    """What a rollout brings, where the newest move of its change left that in rollout: one that ended is not begun anew by a row."""
    offered = offer_release(outside, session, prompt, new)
    query = select(Leaf.content).where(
        Leaf.entity_type == "change", Leaf.entity_id == rollout.change_id, Leaf.type.startswith("change.")
    )
    newest = session.scalars(query.order_by(Leaf.seq.desc()).limit(1)).first()
    is_under_way = newest is not None and json.loads(newest)["after"]["state"] == Stage.ROLLOUT.value
    is_its_own = is_under_way and new.change_id == rollout.change_id
    if offered.fault is not None or (is_its_own and _is_as_signed(session, rollout, new)):
        return offered
    return Offered(new.id, new.manifest_sha256, fault=("release_not_live", NOT_LIVE))


def _is_as_signed(session: Session, rollout: Rollout, new: Release) -> bool:
    """Is the rollout in the step to which entries brought it, by the signed plan or a slower or narrower one? A row alone widens nothing."""
    advances = select(func.count()).select_from(Leaf).where(
        Leaf.entity_type == "change", Leaf.entity_id == rollout.change_id, Leaf.type == "change.advance"
    )  # fmt: skip
    signed = read_plan(json.loads(session.get_one(Manifest, new.manifest_sha256).content)["plan"])
    plan = read_plan(rollout.plan)
    return session.scalar(advances) == rollout.step_index and (
        plan == signed or not faults_of_narrowing(signed, plan, 0)
    )


def _offer_before(
    outside: Outside, session: Session, prompt: Prompt, rollout: Rollout, live: Release
) -> Offered | None:
    """What a hold makes live again where this rollout's release serves everyone; None where it does not, or nothing was live before."""
    try:
        before = live_before(outside, session, prompt, live) if live.id == rollout.release_id else None
    except FormularyError:
        return None  # damaged: a hold then serves nothing, and what is live is not held up by it
    return None if before is None else offer_release(outside, session, prompt, before)


def offer_release(outside: Outside, session: Session, prompt: Prompt, release: Release) -> Offered:
    """The release as it may be served, or with the fault for which nobody gets it."""
    try:
        content, only = _content_of(outside, session, prompt, release), restriction_of(session, release)
    except FormularyError as error:
        return Offered(release.id, release.manifest_sha256, fault=(error.code, error.sentence))
    return Offered(release.id, release.manifest_sha256, content, only=only)


def _rule(session: Session, rollout: Rollout) -> Rule:
    return Rule(
        release_id=rollout.release_id,
        plan=read_plan(rollout.plan),
        step_index=rollout.step_index,
        salt=rollout.salt,
        serves=rollout.serves,
        watched_at=rollout.watched_at,
        units_in=_units_in(session, rollout) if rollout.serves == "freeze" else frozenset(),
    )


def _units_in(session: Session, rollout: Rollout) -> frozenset[str]:
    """Units that were seen with the new version in any step."""
    query = select(Interaction.unit_hash).where(Interaction.rollout_id == rollout.id, Interaction.arm == "candidate")
    return frozenset(session.scalars(query.distinct()))


def _content_of(outside: Outside, session: Session, prompt: Prompt, release: Release) -> dict[str, Any]:
    """What an application runs of this release, read from its signed bytes; Refused or Unavailable where it may not be served."""
    if release.prompt_id != prompt.id:
        raise Refused("The release belongs to another prompt; it cannot be served.", code="release_tampered")
    manifest = verify_release(outside, session, release)
    _require_sealed(session, release)
    version = session.get_one(Version, release.version_id)
    return {
        **served_of(version, manifest),
        "release": {
            "id": release.id,
            "manifest_sha256": release.manifest_sha256,
            "released_by_policy": release.released_by_policy,
            "envelope": json.loads(session.get_one(Envelope, release.envelope_sha256).content),
        },
    }


def _require_sealed(session: Session, release: Release) -> None:
    """The notary signed a checkpoint over the release's own entry; Unavailable while it is only recorded."""
    query = select(Leaf.seq).where(Leaf.entity_id == release.id, Leaf.type == "release.made")
    seq = session.scalars(query).first()
    if seq is None or first_checkpoint_over(session, seq) is None:
        raise Unavailable(
            "This release is recorded, not sealed yet; it is served when the notary has signed its entry.",
            code="release_not_sealed",
        )


def _offline_seconds(session: Session, release: Release | None) -> int:
    """How long a cut-off application may serve this release, by its signed plan."""
    manifest = None if release is None else session.get(Manifest, release.manifest_sha256)
    try:
        return DAY_SECONDS if manifest is None else read_plan(json.loads(manifest.content)["plan"]).offline_seconds
    except (ValueError, KeyError, InvalidInput):
        return 0  # changed contents: the release lies there with its fault


def _downtime_text(session: Session, prompt: Prompt) -> str:
    """What staff do where nothing is served: the text of the newest release that was ever made."""
    newest = session.scalars(
        select(Release).where(Release.prompt_id == prompt.id).order_by(Release.made_at.desc())
    ).first()
    if newest is None:
        return ""
    query = select(Revision.downtime_text).where(Revision.change_id == newest.change_id)
    return session.scalars(query.order_by(Revision.number.desc())).first() or ""
