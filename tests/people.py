"""People for tests, stored directly: how they are invited is tested with the people themselves."""

from __future__ import annotations

from argon2 import PasswordHasher

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person, RoleGrant

PASSWORD = "correct horse battery staple"
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def join(outside: Outside, name: str, roles: tuple[str, ...]) -> str:
    """A person with these roles, confirmed credentials and PASSWORD; returns the id."""
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
    return person.id
