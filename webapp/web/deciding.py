"""What the decision forms share: trying an act, and keeping what was typed when it is refused.

What must not live here: which act a form stands for (its room).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import redirect, request, url_for

from webapp.acts.reauthentication import Again, Given
from webapp.errors import (
    AlreadyDone,
    Conflict,
    FormularyError,
    InvalidInput,
    NotSignedIn,
    Refused,
    Stale,
    TooMany,
)
from webapp.services.change import Event, show_news
from webapp.services.signoff import find_signature
from webapp.web.context import actor, outside
from webapp.web.errors import status_of

WRONG_PASSWORD = "This is not your password; nothing was signed. Enter it again."  # noqa: S105
FIELDS = {
    "text_missing": "reason",
    "text_too_long": "reason",
    "sentence": "sentence",
    "changes": "changes_confirmed",
    "exceptions": "exceptions",
    "not_higher": "risk_class",
    "lowers_class": "risk_class",
    "reauthenticate": "password",
    "wrong_password": "password",
    "too_many": "password",
    "second_factor": "code",
    "wrong_code": "code",
    "wrong_passkey": "password",
}


@dataclass(frozen=True)
class Tried:
    """A refused try: the form's name, what was typed (never a password), the sentence at its field, what is new since."""

    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sentence: str | None = None
    is_stale: bool = False
    news: tuple[Event, ...] = ()
    status: int = 200

    def values_of(self, form: str) -> Mapping[str, str]:
        """What was typed into this form."""
        return self.values if form == self.form else {}

    def errors_of(self, form: str) -> Mapping[str, tuple[str, ...]]:
        """The sentences at the fields of this form."""
        return self.errors if form == self.form else {}


FRESH = Tried()


def typed(name: str) -> str:
    """A field of the form, with plain line ends: browsers send each as two characters."""
    return request.form.get(name, "").replace("\r\n", "\n")


def password() -> Again:
    """A passkey's answer, or password and code as typed; None where the password was left empty, which is no failed attempt."""
    if request.form.get("passkey"):
        return Given("", passkey=request.form["passkey"])
    typed_password = request.form.get("password")
    return Given(typed_password, request.form.get("code", "")) if typed_password else None


def attempt(form: str, change_id: str, act: Callable[[], object], renamed: Mapping[str, str] | None = None) -> Tried:
    """``act`` is done (the fresh value comes back), or the refusal with what was typed.

    What is about the person (Refused), unknown (NotFound) or done already goes on to the error page. ``renamed`` names
    fields of this form that differ from the usual ones.
    """
    try:
        act()
    except AlreadyDone:
        raise
    except (InvalidInput, Conflict, Stale, NotSignedIn, TooMany) as error:
        return _tried(form, change_id, error, renamed or {})
    except Refused as error:
        if error.code not in ("reauthenticate", "second_factor"):
            raise
        return _tried(form, change_id, error, renamed or {})
    return FRESH


def sign_move(
    move: str,
    change_id: str,
    act: Callable[[], object],
    page: Callable[[str, Tried], Any],
    renamed: Mapping[str, str] | None = None,
) -> Any:
    """``act`` signed the move, and its receipt follows, after a second click that of the first; or ``page`` with what was typed."""
    try:
        tried = attempt(move, change_id, act, renamed)
    except AlreadyDone:
        tried = FRESH
    if tried is not FRESH:
        return page(change_id, tried)
    signature_id = find_signature(outside(), actor(), change_id, move)
    return redirect(url_for("signoff.receipt", signature_id=signature_id), 303)


def _tried(form: str, change_id: str, error: FormularyError, renamed: Mapping[str, str]) -> Tried:
    is_wrong_password = isinstance(error, NotSignedIn) and error.code not in ("wrong_code", "wrong_passkey")
    sentence = WRONG_PASSWORD if is_wrong_password else error.sentence
    name = FIELDS.get("wrong_password" if is_wrong_password else error.code) or error.details.get("field", "")
    name = renamed.get(name, name)
    is_stale = isinstance(error, Stale)
    return Tried(
        form=form,
        values={key: typed(key) for key in request.form if key not in ("password", "code", "passkey", "csrf_token")},
        errors={name: (sentence,)} if name else {},
        sentence=sentence,
        is_stale=is_stale,
        news=show_news(outside(), actor(), change_id, _read_to()) if is_stale else (),
        status=422 if name and not is_stale and status_of(error) != 429 else status_of(error),
    )


def _read_to() -> int:
    """The newest entry that the page knew; everything, where it does not say."""
    text = request.form.get("read_to", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1
