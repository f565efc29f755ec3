"""Whether a person can sign a release here, for each class, and what is missing, in words: for the person and for others.

What must not live here: whether one change may be signed now (the guards of its moves).
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.acts.policies import policy_in_force
from webapp.acts.resets import waiting_resets
from webapp.acts.second_factors import level_within_reach
from webapp.acts.second_persons import late_roles
from webapp.adapters.outside import Outside
from webapp.domain.record.levels import NEEDED_WORDS, YOUR_LEVEL_WORDS, is_enough
from webapp.domain.workflow import Actor, Role
from webapp.domain.workflow.stages import CLASS_WORDS, DECIDING_ROLES, ROLE_WORDS, RiskClass

RESET = "the second factors were taken away, and a second person has to confirm the new ones"
RESET_OWN = "your second factors were taken away, and a second person has to confirm the new ones"
HAS_TO_ADD = {"L1": "an authenticator app", "L2": "a passkey"}


def signing_lines(outside: Outside, session: Session, person: Actor, *, is_own: bool) -> tuple[tuple[bool, str], ...]:
    """For each class whether this person can sign a release of it, with a sentence; ``is_own``: the person reads it."""
    if Role.PHYSICIAN not in person.roles:
        return (_no_physician(session, person, is_own=is_own), *_late(session, person))
    _, policy = policy_in_force(outside, session)
    lines = []
    for risk_class in (RiskClass.CLINICAL, RiskClass.HIGH_RISK):
        needed = policy.of(risk_class).signoff_level
        missing = _missing(session, person, needed, is_own=is_own)
        yes = f"yes, {YOUR_LEVEL_WORDS[needed]}" if is_own else "yes"
        words = yes if not missing else f"not yet: {'; also, '.join(missing)}"
        lines.append((not missing, f"{CLASS_WORDS[risk_class].capitalize()}: {words}."))
    return (*lines, *_late(session, person))


def _late(session: Session, person: Actor) -> tuple[tuple[bool, str], ...]:
    """A sentence for each role that is younger than something that waits to be signed."""
    return tuple(
        (
            False,
            f"What was asked for before {held.since.at:%-d %B %Y, %H:%M} UTC is signed as {ROLE_WORDS[held.role]} once a second "
            "person has confirmed that role, which was given only then.",
        )
        for held in late_roles(session, person.id)
    )


def _no_physician(session: Session, person: Actor, *, is_own: bool) -> tuple[bool, str]:
    if waiting_resets(session, person.id):
        reset = RESET_OWN if is_own else RESET
        return False, f"Nothing is signed for now: {reset}."
    if is_own:
        return False, "Releases are signed by physicians, and you are none here; what you decide is signed as well."
    decides = " What this person decides is signed as well." if person.roles & DECIDING_ROLES else ""
    return False, f"Releases are signed by physicians.{decides}"


def _missing(session: Session, person: Actor, needed: str, *, is_own: bool) -> list[str]:
    missing = []
    if waiting_resets(session, person.id):
        missing.append(RESET_OWN if is_own else RESET)
    if not person.credentials_confirmed:
        missing.append(f"an administrator has to confirm {'your' if is_own else 'the'} credentials")
    if not is_enough(level_within_reach(session, person.id), needed):
        own = f"it is signed with {NEEDED_WORDS[needed]}, which you have not added below"
        missing.append(own if is_own else f"the person has to add {HAS_TO_ADD[needed]}")
    return missing
