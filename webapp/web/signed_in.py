"""The signed-in person as flask-login knows them: the random id of a session row, and the roles held at this request.

What must not live here: when a session is good (``webapp.services.sessions``).
"""

from __future__ import annotations

from typing import Any

from flask import Response, g, request, session
from flask_login import UserMixin, current_user, login_user

from webapp.adapters.store.schema import Person
from webapp.domain.workflow import Actor
from webapp.domain.workflow.stages import ROLE_WORDS, Role
from webapp.errors import NotSignedIn, Unavailable
from webapp.services import sessions
from webapp.services.sessions import close_session, find_person, finish_session, open_session, rotate_session
from webapp.web.context import outside
from webapp.web.refusals import caller_address

AWAITING = "awaits_factor"


class SignedIn(UserMixin):  # type: ignore[misc]
    """A person behind a valid session."""

    def __init__(self, raw: str, person: Person, actor: Actor) -> None:
        self.raw, self.actor = raw, actor
        self.name, self.email = person.name, person.email
        self.roles = [ROLE_WORDS[role] for role in Role if role in actor.roles]

    @property
    def role_words(self) -> str:
        """The roles in one phrase, in the order of the way."""
        return ", ".join(self.roles)

    def get_id(self) -> str:
        """The random id of the session row; never a person's id."""
        return self.raw


def load_signed_in(raw: str) -> SignedIn | None:
    """Who is signed in by this id; asking for news (polling) is no activity."""
    if g.get("sessions_do_not_answer"):
        return None  # the page that says so is being drawn
    try:
        found = find_person(outside(), raw, is_activity=not is_polling())
    except Exception:
        g.sessions_do_not_answer = True
        raise
    return None if found is None else SignedIn(raw, *found)


def is_polling() -> bool:
    """Does the page ask by itself, so that the request is no activity of the person?"""
    headers = request.headers
    return "1" in (headers.get("X-Polling"), headers.get("X-Formulary-Polling"), request.args.get("poll"))


def sign_in(email: str, password: str) -> None:
    """This browser is signed in under a fresh id, and nothing is left of the session before; errors as ``open_session``."""
    raw = open_session(outside(), email, password, place=caller_address())
    _leave()
    if sessions.awaits_factor(outside(), raw):
        session[AWAITING] = raw
    else:
        _enter(raw)


def awaits_factor() -> bool:
    """Was the password of this browser right, and is the second factor still to come?"""
    return AWAITING in session and sessions.awaits_factor(outside(), session[AWAITING])


def ask_passkey() -> dict[str, Any]:
    """What the browser is told to have the waiting person's passkey finish the sign-in."""
    return sessions.ask_passkey_to_finish(outside(), session.get(AWAITING, ""))


def who_awaits() -> str:
    """The person who gave the right password in this browser and is not signed in yet."""
    return sessions.who_awaits(outside(), session.get(AWAITING, ""))


def finish_sign_in(code: str, passkey: str) -> None:
    """The second factor was right as well: signed in under a fresh id; errors as ``finish_session``."""
    waiting = session[AWAITING]
    if passkey:
        raw = sessions.finish_with_passkey(outside(), waiting, passkey, place=caller_address())
        session.clear()
        _enter(raw)
        return
    raw = finish_session(outside(), waiting, code, place=caller_address())
    session.clear()
    _enter(raw)


def sign_out() -> None:
    """Nobody is signed in by this browser any more."""
    _leave()
    g.pop("_login_user", None)


def rotate() -> None:
    """The session goes on under a new id; forms that stand open stay good."""
    _enter(rotate_session(outside(), current_user.get_id()))


def rotate_after_password(response: Response) -> Response:
    """After an act for which the password was asked again, the session goes on under a new id."""
    is_done = response.status_code == 303  # asked first: a body that was too large cannot be read again
    gave_password = (
        is_done and request.method == "POST" and bool(request.form.get("password") or request.form.get("passkey"))
    )
    if gave_password and not g.get("is_fresh") and current_user.is_authenticated:
        try:
            rotate()
        except (NotSignedIn, Unavailable):
            return response  # the act stands; that the session is over is met at the next request
    return response


def _enter(raw: str) -> None:
    g.pop("_login_user", None)
    g.is_fresh = True
    login_user(load_signed_in(raw))


def _leave() -> None:
    raw = session.get("_user_id")
    session.clear()
    if raw:
        close_session(outside(), raw)
