"""The plan of a rollout as it was signed and as it is now, with who changed it and why. Reading only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.acts.rollout_facts import step_seen
from webapp.acts.situation import load_change, read_situation
from webapp.acts.volume import Outlook, outlook, read_volume
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Rollout, Signature
from webapp.domain.plan import Plan, read_plan
from webapp.domain.plan_narrowing import faults_of_narrowing
from webapp.domain.plan_words import step_words
from webapp.domain.rollout import units_counted
from webapp.domain.workflow import Actor, Offer, offers
from webapp.errors import Conflict, InvalidInput


@dataclass(frozen=True)
class Narrowed:
    """One signed act that made the plan slower or narrower."""

    name: str
    at: datetime
    reason: str
    signature_id: str


@dataclass(frozen=True)
class PlanView:
    """The page. ``left``: the present step and those after it, as documents; ``offer`` is None for roles that never may."""

    change: Change
    prompt_name: str
    present: int
    signed: tuple[str, ...]
    now: tuple[str, ...]
    is_changed: bool
    left: tuple[Mapping[str, Any], ...]
    offline_seconds: int
    acts: tuple[Narrowed, ...]
    offer: Offer | None


@dataclass(frozen=True)
class LeftLook:
    """What is left of a plan as it stands in the editor: its dates, and why it would be refused."""

    volume: str
    outlook: Outlook | None = None
    faults: tuple[str, ...] = ()


def show_plan(outside: Outside, actor: Actor, change_id: str) -> PlanView:
    """The signed and the present plan of this rollout; Conflict before it started."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        rollout = session.scalar(select(Rollout).where(Rollout.change_id == change_id))
        if rollout is None or case.revision is None:
            raise Conflict("The rollout has not started; until then the author revises its plan.")
        signed, now = read_plan(case.revision.plan), read_plan(rollout.plan)
        query = select(Signature).where(Signature.change_id == change_id, Signature.move == "narrow")
        acts = session.scalars(query.order_by(Signature.signed_at, Signature.id))
        open_moves = offers(read_situation(outside, session, case, actor))
        return PlanView(
            change=case.change,
            prompt_name=case.prompt.name,
            present=rollout.step_index,
            signed=_words(signed),
            now=_words(now),
            is_changed=signed != now,
            left=tuple(now.document()["steps"][rollout.step_index :]),
            offline_seconds=now.offline_seconds,
            acts=tuple(Narrowed(row.signer_name, row.signed_at, row.sentence, row.id) for row in acts),
            offer=next((offer for offer in open_moves if offer.move.name == "narrow"), None),
        )


def look_at_rest(outside: Outside, change_id: str, left: Mapping[str, Any]) -> LeftLook:
    """What becomes of the rollout with these steps from the present one on; nothing is stored."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        rollout = session.scalars(select(Rollout).where(Rollout.change_id == change_id)).one()
        volume, before = read_volume(outside, session, case.prompt), read_plan(rollout.plan)
        present = rollout.step_index
        try:
            plan = read_plan({**left, "steps": [*rollout.plan["steps"][:present], *left["steps"]]})
        except InvalidInput as error:
            return LeftLook("", faults=(error.sentence,))
        found = outlook(
            plan,
            volume,
            outside.now(),
            has_live=rollout.baseline_release_id is not None,
            first=present,
            entered=rollout.step_entered_at,
            seen=units_counted(plan.steps[present], step_seen(session, rollout)),
        )
    faults = () if plan == before else faults_of_narrowing(before, plan, present)
    return LeftLook(found.volume, found, faults)


def _words(plan: Plan) -> tuple[str, ...]:
    return tuple(step_words(step) for step in plan.steps)
