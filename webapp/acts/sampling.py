"""Drawing the sample of a follow-up audit from what applications reported during the rollout, with a stored seed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import AuditDraw, AuditSample, Interaction, Rollout
from webapp.domain.post_audit import draw_sample
from webapp.domain.record.canonical import digest_of
from webapp.domain.workflow import Actor


def draw_audit_sample(outside: Outside, session: Session, actor: Actor, rollout: Rollout, size: int) -> int:
    """The sample is stored under labels that tell nothing of version or order; returns how many answers it holds.

    Answers of both versions, displayed, with readable content or a reference into the record; one per unit. Nothing is drawn twice.
    """
    if session.get(AuditDraw, rollout.change_id) is not None:
        return 0
    strata = _eligible(session, rollout)
    seed = outside.chance(16).hex()
    drawn = draw_sample(seed, strata, size)
    for position, (stratum, interaction_id) in enumerate(drawn, 1):
        session.add(
            AuditSample(
                id=outside.new_id("smp"),
                change_id=rollout.change_id,
                label=f"A{position:03d}",
                interaction_id=int(interaction_id),
                arm=stratum.split("/")[0],
                stratum=stratum,
                position=position,
                drawn_at=outside.now(),
            )
        )
    eligible = sorted((stratum, item) for stratum, ids in strata.items() for item in ids)
    digest = digest_of([list(pair) for pair in eligible])
    session.add(
        AuditDraw(
            change_id=rollout.change_id,
            seed=seed,
            size=len(drawn),
            eligible=len(eligible),
            eligible_sha256=digest,
            drawn_at=outside.now(),
        )
    )
    session.flush()
    payload = {"seed": seed, "size": len(drawn), "eligible": len(eligible)}
    enter(
        outside,
        session,
        actor,
        "audit.sampled",
        ("change", rollout.change_id, None),
        after=("drawn", digest),
        payload=payload,
    )
    return len(drawn)


def _eligible(session: Session, rollout: Rollout) -> dict[str, list[str]]:
    """Ids of answers by stratum (version and site); the first readable answer of each unit."""
    query = (
        select(Interaction)
        .where(
            Interaction.rollout_id == rollout.id,
            Interaction.is_displayed,
            Interaction.error.is_(None),
            Interaction.response_text.is_not(None) | Interaction.source_ref.is_not(None),
        )
        .order_by(Interaction.id)
    )
    strata: dict[str, list[str]] = {}
    seen: set[str] = set()
    for row in session.scalars(query):
        if row.unit_hash not in seen:
            seen.add(row.unit_hash)
            strata.setdefault(f"{row.arm}/{row.subgroup.get('site', '')}", []).append(str(row.id))
    return strata
