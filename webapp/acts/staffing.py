"""Who can still act: for each risk class and step the people who could do it today, and how many it takes.

What must not live here: whether one change may be decided now (guards), and who is asked next (``showing``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.policies import policy_in_force
from webapp.acts.resets import waiting_resets
from webapp.acts.second_factors import level_within_reach
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person
from webapp.domain.policy import Policy
from webapp.domain.record.levels import is_enough
from webapp.domain.workflow.stages import RiskClass, Role

PHYSICIANS_NEEDED = {RiskClass.CLINICAL: 1, RiskClass.HIGH_RISK: 2}
GRADERS_NEEDED = 3  # two who are blind to each other, and a third who settles


@dataclass(frozen=True)
class StaffLine:
    """One step of one class: who could do it, how many people it takes, and who only lacks something, with what.

    ``state``: enough (somebody may be away), scarce (nobody may be away), none (too few to do it at all).
    """

    risk_class: str
    step: str
    people: tuple[str, ...]
    needed: int
    nearly: tuple[tuple[str, str], ...]

    @property
    def state(self) -> str:
        """How urgent it is to find somebody."""
        if len(self.people) < self.needed:
            return "none"
        return "scarce" if len(self.people) == self.needed else "enough"


@dataclass(frozen=True)
class _Able:
    """A person with roles, level in reach, whether credentials are confirmed, and whether a reset of second factors waits."""

    name: str
    roles: frozenset[Role]
    level: str
    has_credentials: bool
    waits: bool = False


def staffing(outside: Outside, session: Session, without: Collection[str] = ()) -> tuple[StaffLine, ...]:
    """Every step of every class; ``without``: people who contributed and decide nothing."""
    _, policy = policy_in_force(outside, session)
    able = [_able(session, person) for person in _present(session) if person.id not in without]
    return tuple(line for risk_class in RiskClass for line in _lines(policy, risk_class, able))


def _present(session: Session) -> list[Person]:
    """Active people who have joined."""
    query = select(Person).where(Person.is_active, Person.password_hash.is_not(None)).order_by(Person.name, Person.id)
    return list(session.scalars(query))


def _able(session: Session, person: Person) -> _Able:
    roles = frozenset(Role(grant.role) for grant in person.roles if grant.revoked_at is None)
    has_credentials, waits = person.credentials_confirmed_at is not None, bool(waiting_resets(session, person.id))
    return _Able(person.name, roles, level_within_reach(session, person.id), has_credentials, waits)


def _lines(policy: Policy, risk_class: RiskClass, able: list[_Able]) -> list[StaffLine]:
    rules = policy.of(risk_class)
    clinical = frozenset({Role.INFORMATICIST, Role.PHYSICIAN})
    steps: list[tuple[str, frozenset[Role], int, str, bool]] = [
        ("Review", frozenset({Role.INFORMATICIST}), 1, rules.review_level, False),
    ]
    if risk_class in PHYSICIANS_NEEDED:
        needed = PHYSICIANS_NEEDED[risk_class]
        steps.append(("Sign-off", frozenset({Role.PHYSICIAN}), needed, rules.signoff_level, True))
    steps += [
        ("Rollout: advance and resume", frozenset({Role.INFORMATICIST}), 1, rules.rollout_level, False),
        ("Rollout: hold and roll back", clinical, 1, "L0", False),
        ("Follow-up audit: graders", clinical, GRADERS_NEEDED, "L0", False),
        ("Follow-up audit: conclusion", clinical, 1, "L0", False),
    ]
    return [_line(risk_class, *step, able) for step in steps]


def _line(
    risk_class: RiskClass,
    step: str,
    roles: frozenset[Role],
    needed: int,
    level: str,
    credentials: bool,
    able: list[_Able],
) -> StaffLine:
    asked = [one for one in able if one.roles & roles]
    lacks: Callable[[_Able], str] = lambda one: _lacking(one, level, credentials)  # noqa: E731
    return StaffLine(
        risk_class=risk_class.value,
        step=step,
        people=tuple(one.name for one in asked if not lacks(one)),
        needed=needed,
        nearly=tuple((one.name, lacks(one)) for one in asked if lacks(one)),
    )


def _lacking(one: _Able, level: str, credentials: bool) -> str:
    """What keeps somebody with the role from doing it; empty where nothing does."""
    missing = ["second factors taken away, and nobody has confirmed new ones yet"] if one.waits else []
    if credentials and not one.has_credentials:
        missing.append("credentials not confirmed")
    if not is_enough(one.level, level):
        missing.append("no passkey" if level == "L2" else "no authenticator app or passkey")
    return " and ".join(missing)
