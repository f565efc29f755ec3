"""People who sign at the console: an administrator beside the server types mail address, password and code for this one act.

The console has no browser, so no passkey can sign here; who has an authenticator app gives its code (L1). What must not live here:
asking on a terminal (``webapp.cli``), and what is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import actor_of
from webapp.acts.reauthentication import Given, Proof
from webapp.acts.second_factors import TOTP, factors_of
from webapp.acts.signed_deeds import Deed, entering_refusals, prove_deed, sign_deed
from webapp.adapters.outside import Outside
from webapp.adapters.passwords import is_password
from webapp.adapters.store.schema import Person
from webapp.domain.workflow import Actor, Role
from webapp.errors import NotSignedIn, Refused

VIA = "at_console"
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Present:
    """Somebody at the console: mail address, and what was typed for this act."""

    email: str
    given: Given


Ask = Callable[[int], Present]
"""Asks the first, second, ... person (0, 1, ...); called only when a signature is needed."""


@dataclass(frozen=True)
class Proven:
    """A person whose password was right for this deed just now."""

    actor: Actor
    deed: Deed
    proof: Proof | None


def prove_all(outside: Outside, deed: Deed, ask: Ask, count: int) -> list[Proven]:
    """``count`` different administrators gave password and code for this deed. Refused for the same person twice."""
    proven = list[Proven]()
    for turn in range(count):
        present = ask(turn)
        actor, reach = _who(outside, present)
        if any(actor.id == other.actor.id for other in proven):
            raise Refused("This takes two different administrators; the second is the same person.", code="same_person")
        needed = replace(deed, level=reach)
        with entering_refusals(outside, actor, needed):
            proven.append(Proven(actor, needed, prove_deed(outside, actor, needed, present.given)))
    return proven


def sign_all(
    outside: Outside, session: Session, proven: Sequence[Proven], display: Mapping[str, Any], sentence: str
) -> tuple[str, ...]:
    """Everybody's signature stands in this transaction; returns the digests of the envelopes, for the entry that cites them."""
    return tuple(
        sign_deed(outside, session, one.actor, one.deed, one.proof, display, sentence).envelope_sha256 for one in proven
    )


def _who(outside: Outside, present: Present) -> tuple[Actor, str]:
    """The person with this mail address, and the level that is asked of them; NotSignedIn for an unknown address."""
    with outside.database.reading() as session:
        person = session.scalar(select(Person).where(Person.email == present.email.strip().lower()))
        if person is None:
            is_password(None, present.given.password)
            raise NotSignedIn("Mail address or password is wrong.")
        return actor_of(person, VIA), "L1" if factors_of(session, person.id, TOTP) else "L0"
