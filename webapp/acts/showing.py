"""What every page of a change shows: where it stands, who acts next, what is open to me, what would be signed.

What must not live here: what only one page shows (its service), and how it looks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.clock import Stopped, stopped_clock
from webapp.acts.comments_shown import FIELD_WORDS, CommentShown, comments_of
from webapp.acts.comparing import Compared, compare_with_live, version_words
from webapp.acts.display import display_document
from webapp.acts.policies import policy_words
from webapp.acts.resets import waiting_resets
from webapp.acts.signatures_shown import SignatureShown, signatures_of
from webapp.acts.situation import Case, read_situation, signoffs_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.ledger import head
from webapp.adapters.store.schema import Change, Leaf, Person, Prompt, Release, Revision
from webapp.domain.record.canonical import digest_of
from webapp.domain.workflow import ENDED, Actor, Offer, RiskClass, Situation, Stage, offers
from webapp.domain.workflow.asks import Ask, is_asked, may_be_asked, who_acts_next
from webapp.domain.workflow.grants import Right, may
from webapp.domain.workflow.stages import STAGE_WORDS, WAY, Role
from webapp.errors import Conflict


@dataclass(frozen=True)
class NextAct:
    """What has to happen next, and who could do it; ``is_mine``: the person who looks is among them."""

    words: str
    people: tuple[str, ...]
    is_mine: bool


@dataclass(frozen=True)
class Frame:
    """The common part of all pages of a change. ``display`` is what a signature would name, ``seen`` its digest.

    ``read_to``: the newest entry of the audit log when the page was made; ``signed_so_far``: the first of two signatures, in words;
    ``policy``: which version of the policy counts here, in words.
    """

    change: Change
    prompt: Prompt
    revision: Revision
    situation: Situation
    live: str | None
    new: str
    steps: tuple[tuple[str, str], ...]
    reached: str
    ended: str | None
    next: NextAct | None
    due: datetime | None
    is_overdue: bool
    stopped: Stopped | None
    offers: tuple[Offer, ...]
    display: dict[str, Any]
    seen: str
    read_to: int
    compared: Compared
    signatures: tuple[SignatureShown, ...]
    comments: tuple[CommentShown, ...]
    released_by_policy: bool
    signed_so_far: str | None = None
    policy: str = ""

    def offer(self, name: str) -> Offer | None:
        """The offer of this move to the person who looks, if there is one."""
        return next((offer for offer in self.offers if offer.move.name == name), None)

    @property
    def is_clock_stopped(self) -> bool:
        """Does no time pass here, because a question of somebody who decides is open?"""
        return self.stopped is not None

    @property
    def may_comment(self) -> bool:
        """May the person who looks write comments here?"""
        return may(self.situation.actor.roles, Right.COMMENT) and self.situation.stage not in ENDED

    @property
    def comment_places(self) -> tuple[tuple[str, str], ...]:
        """What a comment may belong to, as (anchor, words); a line of a text needs its number as well."""
        cases = ((f"case:{row['case']}", f"Case {row['case']}") for row in self.display["worst_cases"])
        lines = ((f"line:{name}", f"Line of the {words}") for name, words in FIELD_WORDS.items())
        return (("", "The whole change"), *lines, *cases)

    @property
    def missing(self) -> tuple[str, ...]:
        """What still stands before the move that is asked of the person who looks."""
        onward = ("approve", "approve_for_rollout", "sign", "start", "advance", "complete", "conclude")
        found = next((offer for name in onward if (offer := self.offer(name))), None)
        return () if found is None else tuple(refusal.sentence for refusal in found.refusals)


def show_frame(outside: Outside, session: Session, case: Case, actor: Actor) -> Frame:
    """The frame as this person meets it now; Conflict where nothing was ever submitted."""
    if case.revision is None:
        raise Conflict("Nothing was submitted for this change yet.")
    situation = read_situation(outside, session, case, actor)
    display, compared = display_document(session, case), compare_with_live(session, case)
    stage = Stage(case.change.stage)
    stopped, due = stopped_clock(session, case.change.id), case.change.due_at
    return Frame(
        change=case.change,
        prompt=case.prompt,
        revision=case.revision,
        situation=situation,
        live=version_words(compared.old),
        new=version_words(compared.new) or "",
        steps=_steps(situation.risk_class),
        reached=_reached(session, case.change),
        ended=STAGE_WORDS[stage] if stage in ENDED and stage is not Stage.CLOSED else None,
        next=next_act(session, situation),
        due=due,
        is_overdue=due is not None and due < outside.now() and stopped is None,
        stopped=stopped,
        offers=offers(situation),
        display=display,
        seen=digest_of(display),
        read_to=head(session)[0] - 1,
        compared=compared,
        signatures=signatures_of(outside, session, case.change.id),
        comments=comments_of(session, case, situation),
        released_by_policy=_is_released_by_policy(session, case.change.id),
        signed_so_far=signed_so_far(session, case.change),
        policy=policy_words(outside, session, case.revision.policy_sha256, is_over=stage in ENDED),
    )


def next_act(session: Session, situation: Situation) -> NextAct | None:
    """What comes next, with the names of active people who could do it."""
    ask = who_acts_next(situation)
    if ask is None:
        return None
    return NextAct(ask.words, _people_asked(session, ask, situation), is_asked(situation))


def _people_asked(session: Session, ask: Ask, situation: Situation) -> tuple[str, ...]:
    people = session.scalars(select(Person).where(Person.is_active).order_by(Person.name)).all()
    asked = [person for person in people if may_be_asked(ask, person.id, _roles(person), situation)]
    return tuple(person.name for person in asked if not waiting_resets(session, person.id))


def _roles(person: Person) -> frozenset[Role]:
    return frozenset(Role(grant.role) for grant in person.roles if grant.revoked_at is None)


def signed_so_far(session: Session, change: Change) -> str | None:
    """The first of two signatures in words, while the second is missing; None otherwise."""
    if change.stage != Stage.SIGNOFF or not (rows := signoffs_of(session, change)):
        return None
    who = ", ".join(filter(None, (rows[0].signer_name, rows[0].signer_title)))
    return f"First of two signatures: {who}; one more physician is needed."


def _steps(risk_class: RiskClass) -> tuple[tuple[str, str], ...]:
    skipped = {Stage.SIGNOFF} if risk_class is RiskClass.ADMINISTRATIVE else set()
    return tuple((stage.value, STAGE_WORDS[stage]) for stage in WAY if stage not in skipped)


def _reached(session: Session, change: Change) -> str:
    """The stage now, or for a change that ended early the last one it was in, as the audit log tells."""
    stage = Stage(change.stage)
    if stage not in ENDED or stage is Stage.CLOSED:
        return stage.value
    query = select(Leaf.content).where(Leaf.entity_type == "change", Leaf.entity_id == change.id)
    for content in session.scalars(query.order_by(Leaf.seq.desc())):
        before, after = (json.loads(content).get(side) or {} for side in ("before", "after"))
        if after.get("state") == stage.value and before.get("state") in [step.value for step in WAY]:
            return str(before["state"])
    return Stage.DRAFT.value


def _is_released_by_policy(session: Session, change_id: str) -> bool:
    query = select(Release.id).where(Release.change_id == change_id, Release.released_by_policy)
    return session.scalar(query.limit(1)) is not None
