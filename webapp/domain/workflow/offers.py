"""Which moves are open to an actor now, which are closed, and why: the one answer for pages, API and ``perform``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from webapp.domain.workflow import guards
from webapp.domain.workflow.evidence import Evidence
from webapp.domain.workflow.guards import Refusal
from webapp.domain.workflow.moves import Move, moves_from
from webapp.domain.workflow.situation import Actor, Situation
from webapp.domain.workflow.stages import ROLE_WORDS

STOPPING = frozenset({"hold", "roll_back", "narrow"})
"""What only stops or narrows is never held up."""
DECIDE_THE_ROW = (
    guards.class_is_administrative,
    guards.class_needs_a_physician,
    guards.another_physician_is_needed,
    guards.no_further_physician_is_needed,
)


def role_too_new(names: str) -> str:
    """What to do where somebody became ``names`` (words) only after the signature was asked for."""
    return (
        f"You became {names} only after this was asked for, so a second person has to confirm that first; "
        "ask an administrator or auditor, other than the one who gave it to you."
    )


@dataclass(frozen=True)
class Offer:
    """A move as it is offered: open when there is no refusal. ``level``: the least at which its signature is accepted."""

    move: Move
    refusals: tuple[Refusal, ...]
    level: str = "L0"

    @property
    def is_open(self) -> bool:
        """May the actor take this move now, given fitting evidence?"""
        return not self.refusals


def refusals_of(move: Move, s: Situation, evidence: Evidence | None = None) -> tuple[Refusal, ...]:
    """Every reason why this actor may not take ``move`` now; without ``evidence`` only what stands before it."""
    if refusal := _role_refusal(move, s):
        return (refusal,)
    found = [refusal for guard in move.guards if (refusal := guard(s))]
    if refusal := _age_refusal(move, s):
        found.append(refusal)
    if evidence is not None:
        if type(evidence) is not move.evidence:
            found.append(Refusal("evidence", f"{move.label} needs other information ({move.evidence.__name__})."))
        elif refusal := evidence.refusal(s):
            found.append(refusal)
    return tuple(found)


def signing_actor(move: Move, s: Situation) -> Actor:
    """The actor with the roles by which this move may be signed: those held when it was asked for, before any that are newer."""
    held = move.roles & s.actor.roles
    return replace(s.actor, roles=held - s.roles_too_new or held)


def offers(s: Situation, among: Collection[str] | None = None) -> tuple[Offer, ...]:
    """The moves from here that this actor's roles could ever take, open and closed, in the order of the table; of these names if any.

    A move of which class or signatures decide the target is offered once: the row that fits.
    """
    return tuple(
        Offer(move, refusals_of(move, s), dict(s.levels).get(move.name, "L0"))
        for move in moves_from(s.stage)
        if (among is None or move.name in among)
        and not move.is_by_policy
        and move.roles & s.actor.roles
        and not _is_another_row(move, s)
    )


def fitting_row(rows: Sequence[Move], s: Situation) -> Move:
    """Of the rows of one name the one that is open, else the one with the fewest refusals."""
    return min(rows, key=lambda move: (_is_another_row(move, s), len(refusals_of(move, s))))


def _is_another_row(move: Move, s: Situation) -> bool:
    return any(guard in DECIDE_THE_ROW and guard(s) for guard in move.guards)


def _age_refusal(move: Move, s: Situation) -> Refusal | None:
    """A role given after the signature was asked for does not sign it, unless confirmed; whoever stops something is not held up."""
    if not move.meaning or move.name in STOPPING or (move.roles & s.actor.roles) - s.roles_too_new:
        return None
    names = " and ".join(sorted(ROLE_WORDS[role] for role in move.roles & s.actor.roles))
    return Refusal("role_too_new", role_too_new(names))


def _role_refusal(move: Move, s: Situation) -> Refusal | None:
    if move.is_by_policy:
        return (
            None if s.actor.is_system else Refusal("by_policy", f"{move.label}: only the system does this, by policy.")
        )
    if s.actor.is_system or not move.roles & s.actor.roles:
        needed = " or ".join(sorted(ROLE_WORDS[role] for role in move.roles))
        return Refusal("role", f"{move.label}: this needs the role {needed}.")
    return None
