"""The signed-in person as flask-login knows them: the random id of a session row, and the roles held at this request."""

from __future__ import annotations

from flask import request
from flask_login import UserMixin

from webapp.adapters.store.schema import Person
from webapp.domain.workflow import Actor
from webapp.domain.workflow.stages import ROLE_WORDS
from webapp.services.sessions import find_person
from webapp.web.context import outside


class SignedIn(UserMixin):  # type: ignore[misc]
    """A person behind a valid session."""

    def __init__(self, raw: str, person: Person, actor: Actor) -> None:
        self.raw, self.actor = raw, actor
        self.name, self.email = person.name, person.email
        self.roles = [ROLE_WORDS[role] for role in sorted(actor.roles)]

    def get_id(self) -> str:
        """The random id of the session row; never a person's id."""
        return self.raw


def load_signed_in(raw: str) -> SignedIn | None:
    """Who is signed in by this id; asking for news (polling) is no activity."""
    is_polling = request.headers.get("X-Polling") == "1" or request.args.get("poll") == "1"
    found = find_person(outside(), raw, is_activity=not is_polling)
    return None if found is None else SignedIn(raw, *found)
