"""People for tests, stored directly: how they are invited is tested with the people themselves."""

from __future__ import annotations

from datetime import timedelta

from argon2 import PasswordHasher
from sqlalchemy import select

from webapp.acts.reauthentication import Given
from webapp.adapters import one_time_codes
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Factor, Person, RoleGrant

PASSWORD = "correct horse battery staple"
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def join(outside: Outside, name: str, roles: tuple[str, ...]) -> str:
    """A person with these roles, confirmed credentials and PASSWORD, a physician with an app; returns the id."""
    at = outside.now()
    with outside.database.writing() as session:
        person = Person(
            id=outside.new_id("per"),
            name=name.title(),
            email=f"{name}@example.org",
            title="Dr." if "physician" in roles else "",
            credentials="MD" if "physician" in roles else "",
            password_hash=_QUICK,
            created_at=at,
            credentials_confirmed_at=at if "physician" in roles else None,
        )
        session.add(person)
        session.flush()
        for role in roles:
            session.add(RoleGrant(id=outside.new_id("rol"), person_id=person.id, role=role, granted_at=at))
    if "physician" in roles:
        add_app(outside, person.id)
    return person.id


def add_app(outside: Outside, person_id: str) -> None:
    """The person has an authenticator app; how it is enrolled is tested with the factors themselves."""
    factor_id, secret = outside.new_id("fac"), outside.chance(20)
    with outside.database.writing() as session:
        session.add(
            Factor(
                id=factor_id, person_id=person_id, kind="totp", name="My phone", created_at=outside.now(),
                confirmed_at=outside.now(), secret=outside.keyring.seal(secret, factor_id, outside.chance),
            )
        )  # fmt: skip


def next_code(outside: Outside, person_id: str) -> str | None:
    """A code of the person's app that was not used yet; the clock goes on where all are. None without an app."""
    with outside.database.reading() as session:
        query = select(Factor).where(
            Factor.person_id == person_id,
            Factor.kind == "totp",
            Factor.revoked_at.is_(None),
            Factor.confirmed_at.is_not(None),
        )
        app = session.scalars(query).first()
    if app is None:
        return None
    now = one_time_codes.step_at(outside.now())
    step = max(now - 1, app.last_step + 1)
    if step > now + 1:
        outside.now.at += timedelta(seconds=30 * (step - now - 1))  # type: ignore[attr-defined]
    return one_time_codes.code_of(outside.keyring.unseal(app.secret or b"", app.id), step)


def again(outside: Outside, person_id: str) -> Given:
    """What this person gives again to sign: the password, and an unused code where there is an app."""
    return Given(PASSWORD, next_code(outside, person_id) or "")
