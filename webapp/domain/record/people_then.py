"""What a person was and held at a moment, folded from the entries of the audit log about that person, and from nothing else.

What must not live here: reading the entries, and what a role lets somebody do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

TOTP, PASSKEY = "totp", "passkey"
ABOUT_PEOPLE = (
    "person.invited", "person.joined", "person.changed", "person.credentials_confirmed", "person.deactivated",
    "person.reactivated", "role.granted", "role.revoked", "role.confirmed", "factor.enrolled", "factor.revoked",
    "factor.reset", "factor.reset_confirmed", "factor.recovery_codes_made", "factor.recovered",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One entry about a person: what, when, by whom, with which code."""

    type: str
    seq: int
    at: datetime
    by: str
    code: str | None = None


@dataclass(frozen=True)
class RoleThen:
    """A role: since when, by whom, at which entry; until when and by whom; and the second person who confirmed it."""

    role: str
    since: Told
    confirmed: Told | None = None
    until: Told | None = None


@dataclass(frozen=True)
class PersonThen:
    """What the entries up to a moment make of a person. ``roles`` are held then, ``past`` those that were taken.

    ``reset``: second factors were taken away and nobody had confirmed the new ones. ``credentials``: the confirmation that stood.
    """

    is_known: bool = False
    has_joined: bool = False
    is_active: bool = True
    roles: tuple[RoleThen, ...] = ()
    past: tuple[RoleThen, ...] = ()
    credentials: Told | None = None
    factors: dict[str, int] = field(default_factory=dict)
    reset: Told | None = None

    @property
    def held(self) -> frozenset[str]:
        """The names of the roles held."""
        return frozenset(one.role for one in self.roles)

    @property
    def level(self) -> str:
        """The highest level at which this person could sign with what was enrolled."""
        return "L2" if self.factors.get(PASSKEY) else "L1" if self.factors.get(TOTP) else "L0"


def person_then(entries: Iterable[Told]) -> PersonThen:
    """The person after these entries, which stand in the log's order."""
    person = PersonThen()
    for entry in entries:
        person = _after(replace(person, is_known=True), entry)
    return person


def _after(person: PersonThen, entry: Told) -> PersonThen:
    kind = entry.type
    if kind.startswith("role."):
        return _role(person, entry)
    if kind.startswith("factor."):
        return _factor(person, entry)
    if kind == "person.joined":
        return replace(person, has_joined=True)
    if kind in ("person.deactivated", "person.reactivated"):
        return replace(person, is_active=kind == "person.reactivated")
    if kind == "person.credentials_confirmed":
        return replace(person, credentials=entry)
    if kind == "person.changed" and entry.code == "credentials":
        return replace(person, credentials=None)
    return person


def _role(person: PersonThen, entry: Told) -> PersonThen:
    code = entry.code or ""
    others = tuple(one for one in person.roles if one.role != code)
    mine = next((one for one in person.roles if one.role == code), None)
    if entry.type == "role.granted":
        return replace(person, roles=(*others, mine or RoleThen(code, entry)))
    if mine is None:
        return person
    if entry.type == "role.confirmed":
        return replace(person, roles=(*others, replace(mine, confirmed=entry)))
    return replace(person, roles=others, past=(*person.past, replace(mine, until=entry)))


def _factor(person: PersonThen, entry: Told) -> PersonThen:
    kind, code = entry.type, entry.code or ""
    if kind == "factor.reset":
        return replace(person, factors={}, reset=entry)
    if kind == "factor.reset_confirmed":
        return replace(person, reset=None)
    if kind == "factor.enrolled":
        return replace(person, factors={**person.factors, code: person.factors.get(code, 0) + 1})
    if kind == "factor.revoked":
        return replace(person, factors={**person.factors, code: max(0, person.factors.get(code, 0) - 1)})
    return person
