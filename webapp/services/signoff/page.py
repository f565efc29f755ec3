"""The sign-off page, made from the display document that the signature names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp.acts.display import counts_said
from webapp.acts.showing import Frame, show_frame
from webapp.acts.signatures_shown import SignatureShown
from webapp.acts.situation import load_change
from webapp.acts.volume import Outlook, plan_outlook
from webapp.acts.worst_cases import WorstCase, worst_cases
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person, Release, Version
from webapp.domain.plan import read_plan
from webapp.domain.plan_words import step_words
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.record.levels import YOUR_LEVEL_WORDS
from webapp.domain.workflow import Actor, Offer, Stage
from webapp.domain.workflow.moves import APPROVALS
from webapp.domain.workflow.stages import PHYSICIANS_NEEDED, RiskClass, Role

MEANING = "approval"


@dataclass(frozen=True)
class SignoffView:
    """The page of the sign-off. ``why`` says why this person may sign, or why not; ``undo`` how it is undone.

    ``plan`` has a line for each step, ``outlook`` its dates at the prompt's present volume, which nobody signs; ``names`` those of
    people by id.
    """

    frame: Frame
    cases: tuple[WorstCase, ...]
    plan: tuple[str, ...]
    names: Mapping[str, str]
    undo: str
    nothing: str
    review: SignatureShown | None
    attestation: str
    meaning: str
    signer: Person
    now: datetime
    why: str
    sign: Offer | None
    may_decide: bool
    mine: SignatureShown | None
    higher_classes: tuple[RiskClass, ...]
    level_words: str
    physicians_needed: int
    counts: str
    outlook: Outlook


def show_signoff(outside: Outside, actor: Actor, change_id: str) -> SignoffView:
    """The sign-off of this change as this person meets it."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        frame = show_frame(outside, session, case, actor)
        live = session.get(Release, case.change.baseline_release_id or "")
        version = None if live is None else session.get_one(Version, live.version_id)
        plan = read_plan(frame.revision.plan)
        return SignoffView(
            frame=frame,
            cases=worst_cases(session, case, actor),
            plan=tuple(step_words(step) for step in plan.steps),
            outlook=plan_outlook(outside, session, case.prompt, plan),
            names={row.id: row.name for row in session.execute(select(Person.id, Person.name))},
            undo=_undo(version),
            nothing=_nothing(frame, version),
            review=_review(frame),
            attestation=ATTESTATIONS[MEANING],
            meaning=MEANING,
            signer=session.scalars(select(Person).where(Person.id == actor.id)).one(),
            now=outside.now(),
            why=_why(frame, actor),
            sign=frame.offer("sign"),
            may_decide=frame.situation.stage is Stage.SIGNOFF and Role.PHYSICIAN in actor.roles,
            mine=_mine(frame, actor),
            counts=counts_said(frame.display),
            physicians_needed=PHYSICIANS_NEEDED[frame.situation.risk_class],
            level_words=YOUR_LEVEL_WORDS[frame.situation.signoff_level],
            higher_classes=tuple(c for c in RiskClass if c.rank > frame.situation.risk_class.rank),
        )


def _undo(live: Version | None) -> str:
    if live is None:
        return (
            "An informaticist or physician rolls it back at any time; then nothing is served, because nothing was live."
        )
    return f"An informaticist or physician rolls it back at any time; then {live.label} is live again for everyone."


def _nothing(frame: Frame, live: Version | None) -> str:
    """What happens when nobody signs."""
    stays = "nothing is served" if live is None else f"{live.label} stays live"
    due = "" if frame.due is None or frame.is_clock_stopped else f" After {frame.due:%-d %B %Y} it is shown as overdue."
    return f"Nothing changes for patients: {stays}.{due}"


def _review(frame: Frame) -> SignatureShown | None:
    found = [s for s in frame.signatures if s.move in APPROVALS and s.valid and s.digest == frame.change.digest]
    return found[-1] if found else None


def _mine(frame: Frame, actor: Actor) -> SignatureShown | None:
    return next((s for s in reversed(frame.signatures) if s.move == "sign" and s.signer_id == actor.id), None)


def _why(frame: Frame, actor: Actor) -> str:
    """Why this person may sign, or every reason why not."""
    if frame.situation.stage is not Stage.SIGNOFF:
        return "The change is not at sign-off, so there is nothing to sign here."
    if Role.PHYSICIAN not in actor.roles:
        return "You may not sign: signing needs the role physician."
    offer = frame.offer("sign")
    if offer is None or not offer.is_open:
        reasons = " ".join(refusal.sentence for refusal in offer.refusals) if offer else ""
        return f"You cannot sign yet. {reasons}".strip()
    place = ""
    if PHYSICIANS_NEEDED[frame.situation.risk_class] > 1:
        place = f" Yours is the {'first' if offer.move.target is Stage.SIGNOFF else 'second'} of two signatures."
    return (
        "You may sign: you are a physician with confirmed credentials, you contributed nothing to this change, "
        f"and somebody else reviewed it.{place}"
    )
