"""A new password for a person, hashed before any transaction that writes."""

from __future__ import annotations

from webapp.adapters.passwords import hash_password
from webapp.adapters.store.schema import Person


def new_password_hash(person: Person, password: str) -> str:
    """The hash to store; InvalidInput says what is wrong, also when it is like the person's name or mail address."""
    return hash_password(password, not_like=(*person.name.split(), person.email.partition("@")[0]))
