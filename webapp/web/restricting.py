"""Restricting what is live of a prompt: whom it is left to, and the form that leaves it to fewer."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from webapp.domain.workflow.grants import Right
from webapp.errors import Conflict, InvalidInput, NotSignedIn, Refused, Stale, TooMany
from webapp.services import restricting
from webapp.services.restricting import Restricting
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.deciding import FIELDS, WRONG_PASSWORD, password, typed
from webapp.web.errors import as_json, status_of

HERE = "reauthenticate", "second_factor"
room = Blueprint("restricting", __name__)


@room.get("/prompts/<name>/restrict")
@needs(Right.READ_PROMPTS)
def show(name: str) -> str:
    """Whom the live release is left to, by whom and why."""
    return _page(name, {})


@room.post("/prompts/<name>/restrict")
@needs(Right.RESTRICT_RELEASE)
def restrict(name: str) -> Any:
    """A clinician signs that the live release is left to these alone."""
    try:
        restricting.restrict(outside(), actor(), name, _given(), password())
    except (InvalidInput, NotSignedIn, TooMany, Stale, Conflict) as error:
        is_password = isinstance(error, NotSignedIn) and error.code not in ("wrong_code", "wrong_passkey")
        field = str(error.details.get("field") or ("password" if is_password else FIELDS.get(error.code, "")))
        sentence = WRONG_PASSWORD if is_password else error.sentence
        return _page(name, {field: (sentence,)}, sentence), status_of(error)
    except Refused as error:
        if error.code not in HERE:
            raise
        return _page(name, {FIELDS[error.code]: (error.sentence,)}, error.sentence), 422
    flash("Restricted. Everybody else gets the downtime text from the next request on.", "good")
    return redirect(url_for("restricting.show", name=name), 303)


@room.post("/prompts/<name>/restrict/passkey")
@needs(Right.RESTRICT_RELEASE)
def ask_passkey(name: str) -> Any:
    """What the person's passkey is to sign, as JSON for our script."""
    return as_json(lambda: restricting.ask_passkey_to_restrict(outside(), actor(), name, _given()))


def _given() -> Restricting:
    return Restricting(typed("expected_digest"), {part: _names(part) for part in restricting.PARTS}, typed("reason"))


def _names(part: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in re.split(r"[,\n]", typed(part)[:20_000]) if name.strip())


def _page(name: str, errors: dict[str, tuple[str, ...]], sentence: str = "") -> str:
    return render_template(
        "prompts/restrict.html",
        view=restricting.show_restricting(outside(), actor(), name),
        errors=errors,
        sentence=sentence,
        values={part: typed(part) for part in (*restricting.PARTS, "reason")},
    )
