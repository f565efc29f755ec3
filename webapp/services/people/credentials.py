"""Confirming what a person wrote as title, credentials and specialty: these words stand on every signature."""

from __future__ import annotations

from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person
from webapp.domain.record.canonical import digest_of
from webapp.domain.workflow import Actor
from webapp.errors import AlreadyDone, InvalidInput, Refused, Stale
from webapp.services.people.rules import find_locked, granted_by, require_administrator


def credentials_digest(person: Person) -> str:
    """The digest of what is to be confirmed, so that nobody confirms words they did not see."""
    return digest_of({"title": person.title, "credentials": person.credentials, "specialty": person.specialty})


def confirm_credentials(outside: Outside, actor: Actor, person_id: str, expected_digest: str) -> None:
    """Another person than the owner vouches for these words; Stale when they changed since the page was read."""
    require_administrator(actor)
    if actor.id == person_id:
        raise Refused("Nobody confirms their own credentials; ask another administrator.", code="oneself")
    with outside.database.writing() as session:
        person = find_locked(session, person_id)
        if credentials_digest(person) != expected_digest:
            raise Stale("These credentials changed since you read them; load the page again.")
        if not person.credentials:
            raise InvalidInput(f"{person.name} has written no credentials yet; they stand on the person's profile.")
        if person.credentials_confirmed_at is not None:
            raise AlreadyDone("These credentials are confirmed already.")
        person.credentials_confirmed_at, person.credentials_confirmed_by = outside.now(), granted_by(actor)
        subject = ("shown", expected_digest)
        enter(outside, session, actor, "person.credentials_confirmed", ("person", person.id, None), after=subject)
