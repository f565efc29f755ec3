"""Second persons confirm what an administrator did: new second factors after a reset, and a role."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from webapp.domain.workflow.grants import Right
from webapp.errors import FormularyError, NotFound, NotSignedIn, Refused, Stale, TooMany
from webapp.services import people
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.deciding import WRONG_PASSWORD, password, typed
from webapp.web.errors import as_json

room = Blueprint("confirming", __name__)


@room.get("/people/<person_id>/second-factors/confirm")
@needs(Right.CONFIRM_ACCESS)
def ask_confirm_reset(person_id: str) -> Any:
    """A reset that waits, with what is confirmed."""
    return _confirm_page(person_id, ())


@room.post("/people/<person_id>/second-factors/confirm")
@needs(Right.CONFIRM_ACCESS)
def confirm_reset(person_id: str) -> Any:
    """A second person signs that the new second factors are the person's."""
    try:
        people.confirm_reset(outside(), actor(), person_id, typed("expected_digest"), password())
    except (NotSignedIn, Stale, TooMany, Refused) as error:
        return _confirm_page(person_id, _again(error)), 422
    return _done(person_id, "Confirmed and signed: the person may sign again.")


@room.post("/people/<person_id>/second-factors/confirm/passkey")
@needs(Right.CONFIRM_ACCESS)
def ask_passkey_to_confirm(person_id: str) -> Any:
    """What the second person's passkey is to sign, as JSON for our script."""
    return as_json(lambda: people.ask_to_confirm_reset(outside(), actor(), person_id, typed("expected_digest")))


@room.get("/people/<person_id>/roles/<role>/confirm")
@needs(Right.CONFIRM_ACCESS)
def ask_confirm_role(person_id: str, role: str) -> Any:
    """A role that waits for a second person."""
    return _role_page(person_id, role, ())


@room.post("/people/<person_id>/roles/<role>/confirm")
@needs(Right.CONFIRM_ACCESS)
def confirm_role(person_id: str, role: str) -> Any:
    """A second person signs that the role is meant to be held."""
    try:
        people.confirm_role(outside(), actor(), person_id, role, typed("expected_digest"), password())
    except (NotSignedIn, Stale, TooMany, Refused) as error:
        return _role_page(person_id, role, _again(error)), 422
    return _done(
        person_id, "Confirmed and signed: the role signs from now on also what was asked for before it was given."
    )


@room.post("/people/<person_id>/roles/<role>/confirm/passkey")
@needs(Right.CONFIRM_ACCESS)
def ask_passkey_for_role(person_id: str, role: str) -> Any:
    """What the second person's passkey is to sign, as JSON for our script."""
    digest = typed("expected_digest")
    return as_json(lambda: people.ask_to_confirm_role(outside(), actor(), person_id, role, digest))


def _again(error: FormularyError) -> tuple[str, ...]:
    """The sentence at the form; what is about the person and not about what was typed goes on to the error page."""
    if isinstance(error, Refused) and error.code not in ("reauthenticate", "second_factor"):
        raise error
    is_password = isinstance(error, NotSignedIn) and error.code == "not_signed_in"
    return (WRONG_PASSWORD if is_password else error.sentence,)


def _role_page(person_id: str, role: str, errors: tuple[str, ...]) -> str:
    grant = people.show_grant(outside(), actor(), person_id, role)
    return render_template("people/confirm_role.html", grant=grant, errors=errors)


def _confirm_page(person_id: str, errors: tuple[str, ...]) -> Any:
    waits = people.show_reset(outside(), actor(), person_id)
    if waits is None:
        raise NotFound("No reset of this person's second factors waits for confirmation.")
    return render_template("people/confirm_reset.html", waits=waits, errors=errors, advice=people.NOBODY_CONFIRMS)


def _done(person_id: str, sentence: str) -> Any:
    flash(sentence, "good")
    return redirect(url_for("people.show", person_id=person_id), 303)
