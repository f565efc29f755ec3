"""What people say of themselves: title, credentials and specialty, and their password.

What must not live here: name, mail address and roles, which administrators keep (``people``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.acts.leaving import end_sessions
from webapp.acts.new_passwords import new_password_hash
from webapp.acts.reauthentication import check_password
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person
from webapp.domain.workflow import Actor, Role
from webapp.errors import AlreadyDone, InvalidInput, NotSignedIn, Refused

LONGEST = 120


@dataclass(frozen=True)
class ProfileView:
    """The person's own page."""

    name: str
    email: str
    roles: tuple[str, ...]
    title: str
    credentials: str
    specialty: str
    confirmed_at: datetime | None
    confirmed_by: str | None


def show_profile(outside: Outside, actor: Actor) -> ProfileView:
    """What is stored of the person who asks."""
    with outside.database.reading() as session:
        person = session.get_one(Person, actor.id)
        confirmer = session.get(Person, person.credentials_confirmed_by or "")
        return ProfileView(
            name=person.name,
            email=person.email,
            roles=tuple(role.value for role in Role if role in actor.roles),
            title=person.title,
            credentials=person.credentials,
            specialty=person.specialty,
            confirmed_at=person.credentials_confirmed_at,
            confirmed_by=confirmer.name if confirmer else None,
        )


def change_credentials(outside: Outside, actor: Actor, title: str, credentials: str, specialty: str) -> None:
    """The three words are these from now on, and an administrator has to confirm them again."""
    _require_session(actor)
    wanted = (_read(title, "title"), _read(credentials, "credentials"), _read(specialty, "specialty"))
    with outside.database.writing() as session:
        person = session.get_one(Person, actor.id, with_for_update=True)
        if wanted == (person.title, person.credentials, person.specialty):
            raise AlreadyDone("This is what stands there already; nothing was changed.")
        person.title, person.credentials, person.specialty = wanted
        person.credentials_confirmed_at, person.credentials_confirmed_by = None, None
        payload = {"title": wanted[0], "credentials": wanted[1], "specialty": wanted[2]}
        enter(
            outside,
            session,
            actor,
            "person.changed",
            ("person", person.id, None),
            reason="credentials",
            payload=payload,
        )


def change_password(outside: Outside, actor: Actor, present: str, new: str) -> None:
    """The password is ``new``, and every other session of the person is over. Refused when ``present`` is wrong."""
    _require_session(actor)
    try:
        check_password(outside, actor.id, present)
    except NotSignedIn as error:
        raise Refused("This is not your present password; nothing was changed.", code="wrong_password") from error
    if new == present:
        raise InvalidInput("The new password is the present one; choose another.")
    with outside.database.reading() as session:
        person = session.get_one(Person, actor.id)
    hashed = new_password_hash(person, new)
    with outside.database.writing() as session:
        session.get_one(Person, actor.id, with_for_update=True).password_hash = hashed
        end_sessions(outside, session, actor.id, but=actor.session_id)
        enter(outside, session, actor, "person.changed", ("person", actor.id, None), reason="password")


def _require_session(actor: Actor) -> None:
    if not actor.is_in_person:
        raise Refused("Only the person, signed in, changes this.", code="session")


def _read(text: str, what: str) -> str:
    text = " ".join(text.split())
    if len(text) > LONGEST or not text.isprintable():
        raise InvalidInput(f"Write the {what} in at most {LONGEST} plain characters.")
    return text
